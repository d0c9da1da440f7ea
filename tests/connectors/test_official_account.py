"""An official account end to end against its simulator: who follows, what people do and write, what became of our messages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from harness.connectors import Story, simulated
from harness.database import Database
from tandem.connectors.kit.envelopes import signature
from tandem.connectors.kit.platform import Seen
from tandem.connectors.kit.wire import Credentials
from tandem.connectors.simulator.server import SimulatedTransport, Simulation
from tandem.connectors.wechat_oa.carrier import SIMULATED, send_template
from tandem.connectors.wechat_oa.connector import challenge, verify
from tandem.connectors.wechat_oa.mapping import read_event
from tandem.connectors.wechat_oa.simulator import SECRETS, SETTINGS, SIMULATOR, people_of
from tandem.domains.messaging.channel import ChannelDown
from tandem.domains.messaging.providers import Addressed, Keys
from tandem.kernel.errors import TandemError
from tandem.kernel.ids import new_id
from tandem.kernel.settings import settings
from tandem.stream.sources.connector import Delivery

SCOPE = f"wechat:{SETTINGS['app_id']}"


@pytest.fixture(scope="module")
def story(module_database: Database) -> Iterator[Story]:
    with simulated("wechat_oa", module_database, Simulation(epoch=datetime.now(UTC), orders_before=1)) as made:
        yield made


def act(story: Story, what: str, **more: str) -> list[Delivery]:
    """Somebody does something; what the platform pushes of it, delivered."""
    SIMULATOR.act(story.shop, what, more)
    sent = [Delivery(one.headers, one.query, one.body) for one in SIMULATOR.callbacks(story.shop)]
    story.post(*sent)
    story.work()
    return sent


def events(story: Story, kind: str) -> list[dict[str, Any]]:
    rows = story.door.rows(
        f"select payload from inbox where type = '{kind}' and tenant_id = '{story.door.tenant}' order by event_id"
    )
    return [row[0] for row in rows]


def behaviours(story: Story) -> list[str]:
    rows = story.door.rows(
        f"select type, payload from inbox where type not like 'customer.%' and tenant_id = '{story.door.tenant}' order by received_at, event_id"
    )
    return [str(payload.get("name") or kind) for kind, payload in rows]


def test_everybody_who_follows_comes_once_through_trouble(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tandem.connectors.wechat_oa.connector.PAGE_SIZE", 25)
    story.start()
    for trouble in ("throttle", "fail", "drop"):
        setattr(story.shop.trouble, trouble, 1)
        for _ in range(4):
            story.due("backfill", "live")
            story.unblock()
            story.worker.task(story.door.tenant)
    story.shop.trouble.tokens_before = story.shop.now()
    story.due("backfill", "live")
    story.unblock()
    story.work()
    assert (story.problems(), story.door.rows("select problems::text from quarantine")) == ([], [])
    kinds = story.door.rows(
        f"select kind, scope, count(*) from identifier where tenant_id = '{story.door.tenant}' group by 1, 2 order by 1"
    )
    # Open ids under the name by which senders of template messages look for them.
    assert kinds == [("open_id", SCOPE, len(people_of(story.shop))), ("union_id", "", len(people_of(story.shop)))]
    assert story.door.value("select count(*) from customer") == len(people_of(story.shop))


def test_what_people_do_is_told_once(story: Story) -> None:
    before, customers = len(behaviours(story)), story.door.value("select count(*) from customer")
    sent = [*act(story, "follow", key="shop-7"), *act(story, "scan", key="shop-8"), *act(story, "leave")]
    fresh = behaviours(story)[before:]
    assert sorted(fresh) == ["official_account_followed", "official_account_left", "official_account_scanned"]
    assert story.door.value("select count(*) from customer") == customers + 1
    # Her union id came with her details, which the push does not hold.
    assert story.door.value("select count(*) from identifier where kind = 'union_id'") == customers + 1
    story.post(*sent, *sent)
    story.work()
    assert (len(behaviours(story)) - before, story.problems()) == (3, [])


def test_a_push_of_somebody_else_is_refused(story: Story) -> None:
    SIMULATOR.act(story.shop, "press", {"key": "menu-1"})
    (sent,) = SIMULATOR.callbacks(story.shop)
    given = Delivery(sent.headers, sent.query, sent.body)
    assert not story.refuses(given)
    assert story.refuses(Delivery(given.headers, {**given.query, "msg_signature": "0" * 40}, given.body))
    # With a sealing key a plain push is nobody's, however well it is signed: the plain signature covers no word of it.
    plain = b"<xml><FromUserName>o1</FromUserName><CreateTime>1700000000</CreateTime><MsgType>text</MsgType><MsgId>1</MsgId></xml>"
    assert story.refuses(Delivery(given.headers, given.query, plain))


def test_without_a_sealing_key_plain_pushes_are_taken_and_the_address_is_proved() -> None:
    secrets = {"app_secret": "x", "token": SECRETS["token"]}
    given = Credentials(SETTINGS, secrets, datetime.now(UTC))
    query = {"timestamp": "1700000000", "nonce": "n", "echostr": "5836"}
    query["signature"] = signature(SECRETS["token"], query["timestamp"], query["nonce"])
    assert challenge(given, query) == ("5836", "text/plain")
    verify(given, Delivery({}, query, b"<xml><FromUserName>o1</FromUserName></xml>"))
    for wrong in ({**query, "signature": "0" * 40}, {**query, "nonce": "m"}):
        with pytest.raises(TandemError):
            challenge(given, wrong)
    with pytest.raises(TandemError):
        verify(given, Delivery({}, query, b"<!DOCTYPE x><xml></xml>"))


def test_words_and_reports_are_read_as_what_they_are() -> None:
    seen = Seen("oa", SETTINGS)
    at = {"FromUserName": "o1", "CreateTime": "1700000000"}
    (said,) = read_event({**at, "MsgType": "voice", "MsgId": "7", "Recognition": "这款有什么功效"}, seen)
    assert (said.kind, said.external_id, said.payload["text"]) == ("chat_message", "chat:7", "这款有什么功效")
    (picture,) = read_event({**at, "MsgType": "image", "MsgId": "8"}, seen)
    assert picture.payload["text"] == "[图片]"
    event = {**at, "MsgType": "event", "Event": "TEMPLATESENDJOBFINISH", "MsgID": "200163836"}
    (sent,) = read_event({**event, "Status": "success"}, seen)
    (blocked,) = read_event({**event, "Status": "failed:user block"}, seen)
    assert (sent.kind, sent.payload["ref"], sent.payload["state"]) == ("message_report", "200163836", "delivered")
    assert (blocked.payload["state"], blocked.payload["reason"]) == ("undelivered", "user block")
    assert list(read_event({**at, "MsgType": "event", "Event": "LOCATION"}, seen)) == []


def test_a_template_message_goes_to_a_simulated_account_and_its_end_is_told(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = {**SETTINGS, SIMULATED: True}
    keys = Keys(story.door.tenant, given, {"app_secret": SECRETS["app_secret"]})
    monkeypatch.setattr("tandem.connectors.kit.wire.route", [SimulatedTransport(story.simulation)])
    openid = next(one for one, told in people_of(story.shop).items() if told["subscribe"])
    message = Addressed(new_id(), openid, "", "OPENTM-1", [("thing1", "您好")])
    sent = send_template(keys, message)
    assert (sent.result, story.shop.memory["sent"][-1]["template_id"]) == ("sent", "OPENTM-1")
    (told,) = SIMULATOR.callbacks(story.shop)
    assert not story.refuses(Delivery(told.headers, told.query, told.body))
    gone = send_template(keys, replace(message, key=new_id(), address="o-nobody"))
    assert (gone.result, gone.reason) == ("failed", "bad_address")
    # No form has the word, and without a simulator nothing leaves for the real platform.
    monkeypatch.delenv("TANDEM_SIMULATOR_URL")
    settings.cache_clear()
    with pytest.raises(ChannelDown, match="no_simulator"):
        send_template(keys, message)
