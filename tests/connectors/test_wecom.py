"""WeCom's customer side, end to end against its simulator: who knows whom, what callbacks tell, and through whatever goes wrong."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from harness.connectors import Story, simulated
from harness.database import Database
from tandem.connectors.kit import rounds
from tandem.connectors.kit.doorway import Doorway
from tandem.connectors.kit.platform import Seen
from tandem.connectors.simulator.server import Simulation
from tandem.connectors.wecom import conversations
from tandem.connectors.wecom.connector import fields
from tandem.connectors.wecom.mapping import fingerprint, read_event, read_people
from tandem.connectors.wecom.simulator.platform import SIMULATOR, corp_of
from tandem.kernel.errors import TandemError
from tandem.stream.sources.accounts import opened_account
from tandem.stream.sources.connector import Account, Delivery, connector_of
from tandem.stream.sources.mapping import Mapped

CORP = "ww4asffe99e54c0f4c"
SEEN = Seen("wecom", {"corp_id": CORP})
STAFF = "linxiaotong"


@pytest.fixture(scope="module")
def story(module_database: Database) -> Iterator[Story]:
    with simulated(
        "wecom", module_database, Simulation(epoch=datetime.now(UTC) - timedelta(seconds=30), orders_before=1)
    ) as made:
        yield made


def names(story: Story, kind: str) -> set[str]:
    rows = story.door.rows(f"select value from identifier where kind = '{kind}' and tenant_id = '{story.door.tenant}'")
    return {row[0] for row in rows}


def told(story: Story) -> list[Delivery]:
    """The callbacks that wait."""
    return [Delivery(one.headers, one.query, one.body) for one in SIMULATOR.callbacks(story.shop)]


def happened(story: Story) -> list[dict[str, Any]]:
    rows = story.door.rows(
        f"select payload from inbox where type = 'friend.reported' and tenant_id = '{story.door.tenant}' order by event_id"
    )
    return [row[0] for row in rows]


def door_of(story: Story) -> tuple[Doorway, Account]:
    connector = connector_of("wecom")
    assert isinstance(connector, Doorway)
    with story.door.tx("worker") as tx:
        account = opened_account(tx, account_id=story.account)
    assert account is not None
    return connector, account


def test_everybody_comes_once_through_trouble(story: Story) -> None:
    """Tokens end, the platform throttles, answers 502 and hangs up; a customer of two members is one person."""
    story.start()
    for trouble in ("throttle", "fail", "drop"):
        setattr(story.shop.trouble, trouble, 1)
        for _ in range(6):
            story.due("backfill", "live")
            story.unblock()
            story.worker.task(story.door.tenant)
    story.shop.trouble.tokens_before = story.shop.now()
    story.due("backfill", "live")
    story.unblock()
    story.work()
    corp = corp_of(story.shop)
    assert story.door.rows("select problems::text, count(*) from quarantine group by 1") == []
    assert story.problems() == []
    customers = story.door.value(f"select count(*) from customer where tenant_id = '{story.door.tenant}'")
    assert customers == len(corp.contacts)
    assert any(len(one.follows) > 1 for one in corp.contacts.values())
    kinds = story.door.rows(
        f"select kind, count(*) from identifier where tenant_id = '{story.door.tenant}' group by 1 order by 1"
    )
    assert kinds == [("open_id", customers), ("union_id", customers)]


def test_a_new_friend_is_told_at_once_and_once(story: Story) -> None:
    before = len(happened(story))
    customers = story.door.value("select count(*) from customer")
    made = SIMULATOR.act(story.shop, "friend", {"member": STAFF, "state": "douyin-1", "name": "新朋友"})
    sent = told(story)
    story.post(*sent)
    story.work()
    fresh = happened(story)[before:]
    # Told, and found by reading her page: the projection makes one friendship of the two.
    assert [(one["change"], one["read"]) for one in fresh] == [("added", False), ("added", True)]
    assert (fresh[0]["member"], fresh[0]["state"]) == (STAFF, "douyin-1")
    assert fresh[0]["friendship_id"] == fresh[1]["friendship_id"]
    assert story.door.value("select count(*) from customer") == customers + 1
    # Three tries are usual, and a callback may come late: nothing changes.
    story.post(*sent, *sent)
    story.work()
    assert len(happened(story)) == before + 2
    corp = corp_of(story.shop)
    corp.lose(corp.contacts[made["customer"]], STAFF, story.shop.now())
    story.post(*told(story))
    story.work()
    assert [one["change"] for one in happened(story)[before:]] == ["added", "added", "lost"]
    assert story.problems() == []


def test_more_than_a_page_of_people_is_read_once(story: Story) -> None:
    """A clock that goes on between two pages must not begin the reading anew, for ever."""
    corp = corp_of(story.shop)
    for number in range(60):
        corp.add_friend(corp.new_contact(f"客{number}"), STAFF, story.shop.now())
    corp.events.clear()
    assert sum(len(one.follows) for one in corp.contacts.values()) > 100
    story.due("live")
    story.unblock()
    story.shop.calls.clear()
    story.worker.task(story.door.tenant)
    assert story.shop.calls.count("externalcontact/batch/get_by_user") == 2


def test_whoever_is_gone_before_she_is_asked_for_is_no_problem(story: Story) -> None:
    corp = corp_of(story.shop)
    made = SIMULATOR.act(story.shop, "friend", {"member": STAFF})
    corp.lose(corp.contacts[made["customer"]], STAFF, story.shop.now())
    story.post(*told(story))
    story.work()
    assert story.problems() == []
    assert story.door.rows("select problem from connector_want where problem is not null") == []


def test_a_callback_that_is_not_for_us_is_refused(story: Story) -> None:
    SIMULATOR.act(story.shop, "friend", {"member": "zhaomin"})
    (one,) = told(story)
    half = len(one.body) // 2
    assert story.refuses(
        Delivery(one.headers, one.query, one.body[:half] + bytes([one.body[half] ^ 1]) + one.body[half + 1 :])
    )
    assert story.refuses(Delivery(one.headers, {**one.query, "nonce": "1"}, one.body))
    assert story.refuses(Delivery(one.headers, one.query, b"<xml></xml>"))
    assert story.refuses(Delivery({}, {}, b""))
    connector, account = door_of(story)
    assert not story.refuses(one)
    # Opened by the right key, but meant for another corporation.
    other = Account(
        **{name: getattr(account, name) for name in account.__dataclass_fields__}
        | {"config": {**account.config, "corp_id": "wwother"}}
    )
    with pytest.raises(TandemError):
        connector.verify(other, one)


def test_the_address_check_answers_the_bare_echo(story: Story) -> None:
    connector, account = door_of(story)
    asked = SIMULATOR.check(story.shop, "1616140317555161061")
    assert connector.challenge(account, asked.query).body == "1616140317555161061"
    with pytest.raises(TandemError):
        connector.challenge(account, {**asked.query, "msg_signature": "0" * 40})


def test_no_secret_is_readable_anywhere(story: Story) -> None:
    from tandem.connectors.kit import grants

    with story.door.tx("worker") as tx:
        held = grants.held(tx, story.account)
    assert held is not None
    text = story.everything_kept()
    assert [one for one in (*story.shop.secrets.values(), held.grant.access) if one in text] == []


# ------------------------------------------------------------------------------------------------------------ mapping


def test_a_customer_of_the_documents_is_read() -> None:
    body = json.loads((Path(__file__).parent / "data" / "wecom_externalcontact_get_response.json").read_text())["data"]
    one, *friends = read_people(
        {"people": [{"person": body["external_contact"], "follows": body["follow_user"]}]}, SEEN
    )
    assert isinstance(one, Mapped)
    assert [(f.kind, f.payload["member"], f.payload["read"]) for f in friends if isinstance(f, Mapped)] == [
        ("friend", "rocky", True),
        ("friend", "tommy", True),
    ]
    assert one.payload["name"] == "李四"
    # Of another corporation: her union id, were there one, is not a person's of WeChat.
    assert one.payload["identifiers"] == [
        {"kind": "open_id", "value": body["external_contact"]["external_userid"], "scope": CORP}
    ]
    assert one.payload["attrs"] == {
        "wecom_members": "rocky, tommy",
        "wecom_way": "video_account",
        "wecom_tags": "标签名称",
    }


def test_customer_service_is_read_on_from_where_it_was_read(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each message is read once, however many pages there are."""
    monkeypatch.setattr(conversations, "PAGE_SIZE", 2)
    monkeypatch.setattr(rounds, "FEED_PAGES_MAX", 2)
    corp = corp_of(story.shop)
    corp.events.clear()
    who = next(iter(corp.contacts))

    def heard(*texts: str) -> tuple[list[str], int]:
        """What all said so far, and how many pages were asked for."""
        for text in texts:
            SIMULATOR.act(story.shop, "say", {"customer": who, "text": text})
        calls = told(story)[-1:]
        corp.events.clear()
        story.shop.calls.clear()
        story.post(*calls)
        story.unblock()
        story.work()
        rows = story.door.rows("select payload->>'text' from inbox where type = 'chat.reported' order by 1")
        return [row[0] for row in rows], story.shop.calls.count("kf/sync_msg")

    first = [f"a{number}" for number in range(9)]
    assert heard(*first) == (first, 5)
    assert heard("b") == ([*first, "b"], 1)
    assert story.door.value("select count(*) from connector_want where resource = 'messages'") == 0


def test_events_of_one_second_stay_apart() -> None:
    base = {
        "Event": "change_external_contact",
        "ChangeType": "add_external_contact",
        "FromUserName": "sys",
        "CreateTime": "1403610513",
    }
    first, second = base | {"UserID": "a", "ExternalUserID": "wm1"}, base | {"UserID": "a", "ExternalUserID": "wm2"}
    assert fingerprint(first) != fingerprint(second)
    assert [one.kind for one in read_event(first, SEEN)] == ["friend", "friend_call", "connector.want"]
    assert list(read_event({"Event": "living_status_change", "ChangeType": "create"}, SEEN)) == []
    # A tag that was changed in the console names nobody: the list is to be read.
    (tag,) = read_event({"Event": "change_external_tag", "ChangeType": "create", "CreateTime": "1403610513"}, SEEN)
    assert (tag.kind, tag.payload) == ("platform_tags", {"source": SEEN.source})


def test_a_message_with_a_dtd_or_endless_nesting_is_refused() -> None:
    assert fields("<xml><A><![CDATA[一 & 二]]></A><B>3</B><C><Item>x</Item></C></xml>") == {"A": "一 & 二", "B": "3"}
    for bad in ('<!DOCTYPE x [<!ENTITY a "b">]><xml><A>&a;</A></xml>', "<a>" * 20, "not xml"):
        with pytest.raises(ValueError, match=r"DTD|nested|XML"):
            fields(bad)
