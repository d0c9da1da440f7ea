"""Messages by real providers: addressed, signed, judged; what is not known is not repeated, and no key is readable."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import httpx
import pytest

from harness.carriers import ALIYUN, DINGTALK, FEISHU, TENCENT, WECHAT, Carriers
from harness.flows import FlowHouse, block, graph
from tandem.connectors.dingtalk import carrier as dingtalk
from tandem.connectors.feishu import carrier as feishu
from tandem.connectors.kit import wire
from tandem.connectors.wechat_oa import carrier as wechat
from tandem.domains.messaging import connected, service
from tandem.domains.messaging.sender import send_waiting
from tandem.kernel.errors import InvalidInput


@pytest.fixture
def carriers(monkeypatch: pytest.MonkeyPatch) -> Iterator[Carriers]:
    made = Carriers()
    monkeypatch.setattr(wire, "route", [made])
    yield made
    for one in (dingtalk, feishu, wechat):
        one.tokens.clear()


def connect(
    house: FlowHouse, channel: str, provider: str, given: dict[str, str], params: list[tuple[str, str]]
) -> UUID:
    """A connected channel and a template with its approved text."""
    with house.tx() as tx:
        connected.connect(tx, channel, provider, given)
        template = service.create_template(
            tx, house.rooms.catalog, name=channel, body="{{customer.city}}新店开业", message_class="marketing"
        )
        connected.set_code(tx, template, channel, "SMS_1", params)
    return template


def reach(house: FlowHouse, send: Any, kind: str, template: UUID, *identifiers: dict[str, str]) -> None:
    """People with an address each go through a flow that writes to them."""
    house.publish(
        graph(
            [
                block("s", "start.event", event_type="campaign.reached"),
                block("m", kind, template=str(template)),
                block("e", "flow.exit"),
            ],
            ["s.entered>m", "m.sent>e"],
        )
    )
    send(*(("customer", {"identifiers": [one], "name": "王", "city": "上海"}) for one in identifiers))
    house.settle()
    people = [row[0] for row in house.owner("select id from customer order by id")]
    house.events([("campaign.reached", one, {}) for one in people])
    house.settle()


def states(house: FlowHouse) -> list[tuple[str, str | None]]:
    return house.owner("select status, reason from outbox_message order by id")


def deliver(house: FlowHouse) -> None:
    send_waiting(house.db, house.rooms.catalog, house.tenant)


PHONE = {"kind": "phone", "value": "13710000001"}
CITY = [("city", "customer.city")]


@pytest.mark.parametrize(
    ("provider", "given", "wanted"),
    [
        ("aliyun", ALIYUN, ("aliyun", "13710000001", "SMS_1", {"city": "上海"})),
        ("tencent", TENCENT, ("tencent", "+8613710000001", "SMS_1", ["上海"])),
    ],
)
def test_an_sms_goes_out_signed_with_its_variables(
    house: FlowHouse, send: Any, carriers: Carriers, provider: str, given: dict[str, str], wanted: Any
) -> None:
    template = connect(house, "sms", provider, given, CITY)
    reach(house, send, "messaging.sms", template, PHONE)
    deliver(house)
    assert (carriers.taken, states(house)) == ([wanted], [("sent", None)])
    secret = given.get("access_key_secret") or given["secret_key"]
    kept = "".join(str(house.owner(f"select t::text from {one} t")) for one in ("channel_account", "audit_entry"))
    assert secret not in kept
    assert secret.encode().hex() not in kept


def test_what_went_wrong_decides_what_becomes_of_a_message(house: FlowHouse, send: Any, carriers: Carriers) -> None:
    template = connect(house, "sms", "aliyun", ALIYUN, CITY)
    numbers = [{"kind": "phone", "value": f"1371000010{number}"} for number in range(4)]
    reach(house, send, "messaging.sms", template, *numbers)
    carriers.next = [
        {"Code": "isv.BUSINESS_LIMIT_CONTROL"},
        httpx.ReadTimeout("too late"),
    ]
    deliver(house)
    # The limit of a number ends its message; a lost answer is unknown and never repeated; the others wait for a better moment.
    assert sorted(states(house), key=str) == [
        ("failed", "number_limit"),
        ("released", "timed_out"),
        ("released", "timed_out"),
        ("unknown", "timed_out"),
    ]
    carriers.next = [{"Code": "isv.AMOUNT_NOT_ENOUGH"}]
    deliver(house)
    assert house.owner("select channel, reason from channel_rest") == [("sms", "isv.AMOUNT_NOT_ENOUGH")]
    assert len(carriers.taken) == 0


def test_without_an_approved_text_nothing_is_sent(house: FlowHouse, send: Any, carriers: Carriers) -> None:
    with house.tx() as tx:
        connected.connect(tx, "sms", "aliyun", ALIYUN)
        template = service.create_template(tx, house.rooms.catalog, name="x", body="你好", message_class="marketing")
        with pytest.raises(InvalidInput):
            connected.set_code(tx, template, "sms", "SMS_1", CITY)
        with pytest.raises(InvalidInput):
            connected.connect(tx, "sms", "aliyun", {"sign_name": "双擎", "surprise": "1"})
    reach(house, send, "messaging.sms", template, PHONE)
    deliver(house)
    assert (carriers.taken, states(house)) == ([], [("failed", "no_approved_text")])


def test_an_official_account_writes_to_its_own_followers_and_renews_its_token(
    house: FlowHouse, send: Any, carriers: Carriers
) -> None:
    template = connect(house, "official_account", "wechat", WECHAT, [("thing1", "customer.city")])
    own = {"kind": "open_id", "value": "oFollower1", "scope": "wechat:wx1234567890abcdef"}
    foreign = {"kind": "open_id", "value": "oStranger1", "scope": "taobao"}
    carriers.next = [{"errcode": 42001}]
    reach(house, send, "messaging.official_account", template, own, foreign)
    deliver(house)
    assert carriers.taken == [("template", "oFollower1", "SMS_1", {"thing1": {"value": "上海"}})]
    assert sorted(states(house), key=str) == [("failed", "no_address"), ("sent", None)]
    assert carriers.tokens_asked == 2


@pytest.mark.parametrize(
    ("channel", "given", "scope", "expired"),
    [
        ("dingtalk", DINGTALK, "dingtalk:dingsimulated01", {"code": "InvalidAuthentication"}),
        ("feishu", FEISHU, "feishu:cli_simulated01", {"code": 99991663}),
    ],
)
def test_office_messengers_write_to_people_of_their_own_application(
    house: FlowHouse, send: Any, carriers: Carriers, channel: str, given: dict[str, str], scope: str, expired: Any
) -> None:
    template = connect(house, channel, channel, given, [])
    own = {"kind": "open_id", "value": "ou_manager", "scope": scope}
    other = {"kind": "open_id", "value": "ou_manager", "scope": f"{channel}:another-application"}
    carriers.next = [expired]
    reach(house, send, f"messaging.{channel}", template, own, other)
    deliver(house)
    assert carriers.taken == [(channel, "ou_manager", "", "上海新店开业")]
    assert sorted(states(house), key=str) == [("failed", "no_address"), ("sent", None)]
    assert carriers.tokens_asked == 2


def test_a_channel_nobody_carries_lands_on_the_simulated_phone(house: FlowHouse, send: Any, carriers: Carriers) -> None:
    template = connect(house, "sms", "aliyun", ALIYUN, CITY)
    with house.tx() as tx:
        connected.disconnect(tx, "sms")
    reach(house, send, "messaging.sms", template, PHONE)
    deliver(house)
    assert (carriers.taken, states(house)) == ([], [("sent", None)])
    assert house.count("simulated_inbox") == 1
