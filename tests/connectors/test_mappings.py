"""What the platforms' own published payloads become: amounts and statuses exactly, ids as text, nobody named by a masked value."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tandem.assembly import system
from tandem.connectors.douyin.connector import read_push
from tandem.connectors.douyin.mapping import read_aftersales
from tandem.connectors.douyin.mapping import read_orders as douyin_orders
from tandem.connectors.kit.doorway import on_clock
from tandem.connectors.kit.platform import Push, Seen
from tandem.connectors.kit.records import share
from tandem.connectors.kit.values import epoch, gmt8, ident, yuan
from tandem.connectors.kit.wire import Credentials
from tandem.connectors.shopify.mapping import read_customers, read_refund
from tandem.connectors.shopify.mapping import read_orders as shopify_orders
from tandem.connectors.simulator.server import Simulation
from tandem.connectors.taobao.mapping import read_messages, read_refunds, read_trades
from tandem.stream.door.kinds import Envelope, Refused
from tandem.stream.sources.mapping import Mapped

PAYLOADS = Path(__file__).parent / "data" / "payloads"
SEEN = Seen("shop", {"shop": "tandem-demo"})
NOW = datetime(2026, 11, 22, tzinfo=UTC)
GIVEN = Credentials({}, {}, NOW)


def recorded(name: str) -> Any:
    return json.loads((PAYLOADS / f"{name}.json").read_text(encoding="utf-8"))["data"]


def sound(found: Any) -> dict[str, list[Mapped]]:
    """The records by kind, each of which the door itself must understand."""
    kinds, by = system().door_kinds, {}
    for one in found:
        assert isinstance(one, Mapped), one
        kind = kinds.get(one.kind)
        assert kind is not None
        payload = kind.decoder.decode(json.dumps(one.payload).encode())
        kind.normalise(Envelope(SEEN_TENANT, "shop", one.external_id or "", one.kind, one.time or NOW), payload)
        by.setdefault(one.kind, []).append(one)
    return by


SEEN_TENANT: Any = __import__("uuid").UUID(int=7)


def test_a_douyin_order_of_the_documents() -> None:
    order = recorded("douyin_order_detail_response")["data"]["shop_order_detail"]
    (one,) = sound(douyin_orders({"shop_order_list": [order]}, SEEN))["order"]
    assert one.payload["order_id"] == "4781320682406083640"
    assert (one.payload["status"], one.payload["total"], one.payload["discount"]) == ("paid", "5", "10")
    assert one.payload["lines"][0] | {"line_no": 1} == {
        "line_no": 1, "product_id": "3254535", "quantity": "2", "amount": "4.9", "discount": "10",
    }  # fmt: skip
    assert one.payload["placed_at"] == "2021-04-02T09:23:33+00:00"
    assert one.payload["channel"] == "douyin.live"
    kinds = {identifier["kind"] for identifier in one.payload["identifiers"]}
    assert kinds == {"open_id"}, "the sealed name and number of the receiver name nobody"


def test_a_douyin_case_gives_back_only_what_was_given_back() -> None:
    listed = recorded("douyin_aftersale_list_response")["data"]["items"]
    assert list(read_aftersales({"items": listed}, SEEN)) == [], "refund_status 1 is not 3"
    listed[0]["aftersale_info"]["refund_status"] = "3"
    (one,) = sound(read_aftersales({"items": listed}, SEEN))["refund"]
    assert one.payload["order_id"] == "4821780700279174718", "the documents' sample quotes its ids twice"
    assert (one.payload["refund_id"], one.payload["amount"]) == ("6986853269519810849", "0.2")


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("douyin_event_trade_paid", [("orders", "xxxxxxx")]),
        ("douyin_event_refund_success", [("orders", "4705288465508532862"), ("refunds", "xxxxxx")]),
    ],
)
def test_a_douyin_push_names_what_to_fetch(name: str, wanted: list[tuple[str, str]]) -> None:
    message = recorded(name)
    for body in ([message], [message | {"data": json.dumps(message["data"])}]):
        found = sound(read_push(Push(body, {}, NOW), GIVEN, SEEN))["connector.want"]
        assert [(one.payload["resource"], one.payload["id"]) for one in found] == wanted


def test_a_shopify_order_of_the_documents() -> None:
    found = sound(shopify_orders(recorded("shopify_orders"), SEEN))
    (one,) = found["order"]
    assert (one.payload["order_id"], one.payload["status"], one.payload["total"]) == ("450789469", "paid", "598.94")
    assert one.payload["currency"] == "USD"
    assert one.payload["placed_at"] == "2008-01-10T16:00:00+00:00"
    assert {"kind": "online_account", "value": "207119551", "scope": "shopify:tandem-demo"} in one.payload[
        "identifiers"
    ]


def test_a_shopify_refund_is_what_was_paid_back_not_what_the_lines_cost() -> None:
    (one,) = sound(read_refund(recorded("shopify_refund"), SEEN))["refund"]
    assert (one.payload["order_id"], one.payload["amount"]) == ("450789469", "209.00")


@pytest.mark.parametrize(
    ("given", "family", "name"),
    [("丽", "赵", "赵丽"), ("John", "Norman", "John Norman"), ("", "赵", "赵"), ("丽", "Zhao", "丽 Zhao")],
)
def test_a_shopify_name_is_written_as_its_bearer_writes_it(given: str, family: str, name: str) -> None:
    told = {**recorded("shopify_customer")["customer"], "first_name": given, "last_name": family}
    (one,) = sound(read_customers({"customers": [told]}, SEEN))["customer"]
    assert one.payload["name"] == name


def test_a_shopify_customer_of_the_documents() -> None:
    (one,) = sound(read_customers({"customers": [recorded("shopify_customer")["customer"]]}, SEEN))["customer"]
    assert (one.payload["name"], one.payload["city"]) == ("Bob Norman", "Louisville")


def trade(**changed: Any) -> dict[str, Any]:
    lines = [{"oid_str": "1", "num_iid": 9, "sku_id": "8", "title": "面霜", "num": 2, "payment": "25.00"}]
    return {
        "tid": 123456789012345678, "tid_str": "123456789012345678", "status": "WAIT_SELLER_SEND_GOODS", "created": "2026-11-11 00:00:01",
        "pay_time": "2026-11-11 00:00:03", "modified": "2026-11-11 00:00:03", "payment": "25.00", "post_fee": "5.00",
        "buyer_open_uid": "AAF", "buyer_nick": "t**", "orders": {"order": lines},
    } | changed  # fmt: skip


def test_a_lone_lines_payment_holds_the_freight() -> None:
    (one,) = sound(read_trades({"trades": [trade()]}, SEEN))["order"]
    assert (one.payload["total"], one.payload["lines"][0]["amount"]) == ("25.00", "20.00")
    assert one.payload["paid_at"] == "2026-11-10T16:00:03+00:00"
    assert one.payload["identifiers"] == [{"kind": "open_id", "value": "AAF", "scope": "taobao"}]


def test_a_status_that_nobody_listed_is_refused_and_spoils_no_other() -> None:
    first, second = read_trades({"trades": [trade(status="NEW_WORD"), trade()]}, SEEN), None
    del second
    found = list(first)
    assert isinstance(found[0], Refused)
    assert found[0].where == "trades[0].status"
    assert [one.kind for one in found[1:] if isinstance(one, Mapped)] == ["product", "order"]


def test_a_taobao_refund_that_is_only_asked_for_moves_no_money() -> None:
    row = {"refund_id": "9", "tid": 1, "refund_fee": "3.00", "modified": "2026-11-11 00:00:01"}
    body = {"refunds": [row | {"status": one} for one in ("WAIT_SELLER_AGREE", "CLOSED", "SUCCESS")]}
    assert [one.payload["amount"] for one in sound(read_refunds(body, SEEN))["refund"]] == ["3.00"]


def test_a_taobao_message_names_its_trade_and_its_refund() -> None:
    content = json.dumps({"tid": 5, "refund_id": 6})
    body = {"messages": [{"id": 1, "topic": "taobao_refund_RefundSuccess", "content": content}]}
    found = sound(read_messages(body, SEEN))["connector.want"]
    assert [(one.payload["resource"], one.payload["id"]) for one in found] == [("orders", "5"), ("refunds", "6")]


def test_values_are_read_exactly() -> None:
    assert ident({"a": 4705288465508532862}, "a") == "4705288465508532862"
    assert yuan({"a": 0.1}, "a") + yuan({"a": 0.2}, "a") == Decimal("0.3")
    assert gmt8({"a": "0001-01-01 00:00:00"}, "a") is None
    assert epoch({"a": 1700000000123}, "a", 1000) == datetime(2023, 11, 14, 22, 13, 20, 123000, tzinfo=UTC)
    for wrong in ({"a": True}, {"a": ""}, {}):
        with pytest.raises(Refused):
            ident(wrong, "a")
    with pytest.raises(Refused):
        yuan({"a": "NaN"}, "a")
    assert share(Decimal("0.10"), [Decimal(1)] * 3) == [Decimal("0.04"), Decimal("0.03"), Decimal("0.03")]


def test_a_thing_costs_about_the_same_wherever_it_is_sold() -> None:
    shops = Simulation().shops
    means = {
        name: sum(one.price for one in shops[name].world.products) / len(shops[name].world.products) for name in shops
    }
    assert 3 < means["taobao"] / means["shopify"] < 14  # their goods are drawn by lot
    assert {name for name, shop in shops.items() if shop.world.worth != 1} == {"amazon", "ebay", "shopify"}


def test_a_simulated_shop_lives_by_the_demos_clock() -> None:
    """Before a leap of that clock things stay where they were, after it they follow, however often they are read."""
    steps = [["2026-11-01T00:00:00+00:00", -86_400], ["2026-11-10T16:00:02+00:00", 0]]
    one = sound(on_clock(read_trades({"trades": [trade()]}, SEEN), steps[:1]))["order"][0]
    assert (one.payload["paid_at"], one.payload["total"]) == ("2026-11-09T16:00:03+00:00", "25.00")
    assert one.time == datetime(2026, 11, 9, 16, 0, 3, tzinfo=UTC)
    later = sound(on_clock(read_trades({"trades": [trade()]}, SEEN), steps))["order"][0]
    assert later.payload["paid_at"] == "2026-11-10T16:00:03+00:00"
    assert later.payload["placed_at"] == "2026-11-09T16:00:01+00:00"
