"""The domains' routes: what a person in each role may do, what is refused, and that a refusal changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from harness.database import Database
from harness.flows import block, graph
from harness.house import House, Person, open_house
from tandem.assembly import system
from tandem.domains.messaging import sender
from tandem.flow.runs import Lane
from tandem.flow.runtime import Engine
from tandem.kernel.db import connect
from tandem.kernel.ids import new_id
from tandem.kernel.turn import lease, release_leases
from tandem.stream.identity import commands


@pytest.fixture
def house(database: Database) -> Iterator[House]:
    with open_house(database) as opened:
        yield opened


@pytest.fixture
def admin(house: House) -> Person:
    return house.person("admin")


def work(house: House) -> None:
    """Let a worker do what is there to do."""
    with connect(house.db.url("worker")) as connection:
        engine = Engine(system(), new_id())
        # A lease that ran out on a busy machine would look like work that is done.
        lease(connection, engine.worker, seconds=3600)
        connection.commit()
        for _ in range(6):
            for lane in (Lane.LIVE, Lane.NORMAL, Lane.BULK):
                engine.turn(connection, house.a.id, list(range(256)), lane)
            engine.steps(connection, house.a.id, list(range(256)), live_only=False)
        release_leases(connection, engine.worker)


def order(number: int, store: str, member: str) -> dict[str, Any]:
    at = (datetime.now(UTC) - timedelta(hours=number)).isoformat()
    payload = {
        "order_id": f"B{number}",
        "identifiers": [{"kind": "member_no", "value": member}],
        "store": store,
        "status": "paid",
        "placed_at": at,
        "paid_at": at,
        "total": "35.50",
        "lines": [{"line_no": 1, "product_id": "p1", "quantity": 2, "amount": "28.00"}],
    }
    return {"source": "pos", "external_id": f"o{number}", "kind": "order", "time": at, "payload": payload}


def record(kind: str, payload: dict[str, Any]) -> dict[str, Any]:
    return {
        "source": "erp",
        "external_id": f"{kind}{payload}"[:150],
        "kind": kind,
        "time": datetime.now(UTC).isoformat(),
        "payload": payload,
    }


def fill(house: House, admin: Person) -> None:
    reference = [
        record("store", {"code": code, "name": f"{code} 店", "region": region})
        for code, region in (("s1", "north"), ("s2", "north"), ("s3", "south"))
    ]
    reference.append(
        record("product", {"product_id": "p1", "name": "南瓜泥", "category": "辅食", "department": "食品"})
    )
    people = [
        record("customer", {"identifiers": [{"kind": "member_no", "value": member}], "name": "王芳", "store": store})
        for member, store in (("M1", "s1"), ("M2", "s3"))
    ]
    answer = admin.post("/v1/events", {"events": [*reference, *people]})
    assert answer.status_code == 200, answer.text
    answer = admin.post("/v1/events", {"events": [order(1, "s1", "M1"), order(2, "s3", "M2"), order(3, "s1", "M1")]})
    assert answer.status_code == 200, answer.text
    work(house)


def test_orders_are_listed_within_scope_and_page_by_page(house: House, admin: Person) -> None:
    fill(house, admin)
    page = admin.get("/v1/orders", limit=2).json()
    assert [one["external_id"] for one in page["items"]] == ["B1", "B2"]
    assert page["items"][0]["total"] == {"amount": "35.50", "currency": "CNY"}
    rest = admin.get("/v1/orders", limit=2, cursor=page["next"]).json()
    assert ([one["external_id"] for one in rest["items"]], rest["next"]) == (["B3"], None)
    shop = house.person("shop1")
    assert [one["external_id"] for one in shop.get("/v1/orders").json()["items"]] == ["B1", "B3"]
    assert [one["code"] for one in shop.get("/v1/stores").json()["items"]] == ["s1"]
    detail = shop.get(f"/v1/orders/{page['items'][0]['id']}").json()
    assert detail["lines"][0]["product"] == "南瓜泥"
    assert [detail[one]["amount"] for one in ("goods", "beside", "total")] == ["28.00", "7.50", "35.50"], (
        "freight is told"
    )
    assert shop.get(f"/v1/orders/{page['items'][1]['id']}").status_code == 404
    assert admin.get("/v1/categories").json()["items"][0]["products"] == 1
    assert admin.get("/v1/products", q="南瓜").json()["items"][0]["product_id"] == "p1"
    assert admin.get("/v1/orders", cursor="nonsense").status_code == 422


def test_templates_are_checked_against_the_catalog(admin: Person) -> None:
    refused = admin.post("/v1/message-templates", {"name": "问候", "body": "{{custmer.name}} 您好"})
    assert refused.status_code == 422
    assert "customer.name" in refused.json()["error"]["details"][0]["what"]["en"]
    made = admin.post("/v1/message-templates", {"name": "问候", "body": "{{customer.name|亲}} 您好，{{customer.city}}"})
    assert made.status_code == 201, made.text
    assert made.json()["placeholders"] == ["customer.name", "customer.city"]
    assert admin.post("/v1/message-templates", {"name": "问候", "body": "x"}).status_code == 409
    changed = admin.patch(f"/v1/message-templates/{made.json()['id']}", {"archived": True})
    assert changed.json()["archived"] is True
    assert admin.get("/v1/message-templates").json()["items"] == []
    names = {one["name"] for one in admin.get("/v1/message-templates/placeholders").json()["items"]}
    assert {"customer.name", "customer.points_balance", "coupon.code"} <= names
    assert "customer.phone" not in names


def test_a_preview_shows_no_personal_value(house: House, admin: Person) -> None:
    fill(house, admin)
    customer = admin.get("/v1/orders").json()["items"][0]["customer_id"]
    body = {
        "body": "{{customer.name}}，{{customer.order_count}} 单，{{customer.city|本地}}，{{coupon.code}}",
        "customer_id": customer,
    }
    shown = admin.post("/v1/message-templates/preview", body).json()
    assert shown == {"text": "＊＊，2 单，本地，〔coupon.code〕", "missing": ["coupon.code"]}


def test_caps_and_the_simulated_channel_are_settings(house: House, admin: Person) -> None:
    assert admin.put("/v1/frequency-cap", {"per_day": 0}).status_code == 422
    put = admin.put(
        "/v1/frequency-cap", {"per_day": 1, "per_week": 3, "quiet_from": "21:00:00", "quiet_until": "09:00:00"}
    )
    assert put.json()["per_week"] == 3
    assert admin.get("/v1/frequency-cap").json()["quiet_from"] == "21:00:00"
    assert admin.put("/v1/simulated-channel", {"mode": "fail"}).json()["mode"] == "fail"
    assert admin.put("/v1/simulated-channel", {"mode": "explode"}).status_code == 422
    assert house.person("finance").put("/v1/frequency-cap", {}).status_code == 403
    trail = admin.get("/v1/audit", entity="frequency_cap").json()["items"]
    assert trail[0]["action"] == "frequency_cap.changed"


def test_messages_say_whose_they_are_to_those_who_may_see_them(house: House, admin: Person) -> None:
    text = admin.post("/v1/message-templates", {"name": "感谢", "body": "感谢惠顾", "message_class": "transactional"})
    send = {"template": text.json()["id"], "message_class": "transactional"}
    drawn = graph(
        [
            block("s", "start.event", event_type="order.paid"),
            block("m", "messaging.send", **send),
            block("e", "flow.exit"),
        ],
        ["s.entered>m", "m.sent>e"],
    )
    made = admin.post("/v1/flows", {"name": "感谢", "graph": drawn}).json()
    assert admin.post(f"/v1/flows/{made['id']}/publish", {}).status_code == 200
    fill(house, admin)
    while sender.send_waiting(house.db, system().catalog, house.a.id):
        pass
    for where in ("/v1/messages", "/v1/simulated-inbox"):
        assert [one["customer_name"] for one in admin.get(where).json()["items"]] == ["王芳"] * 3
        assert [one["customer_name"] for one in house.person("shop1").get(where).json()["items"]] == ["王芳"] * 2


def coupon(person: Person, **more: Any) -> dict[str, Any]:
    answer = person.post(
        "/v1/coupon-templates", {"name": "满减券", "value": "10", "threshold": "50", "valid_days": 7, **more}
    )
    assert answer.status_code == 201, answer.text
    return answer.json()


def test_a_coupon_is_issued_redeemed_once_and_traced(house: House, admin: Person) -> None:
    fill(house, admin)
    template = coupon(admin, quota=5)
    customer = admin.get("/v1/orders").json()["items"][0]["customer_id"]
    asked = admin.post("/v1/coupons/issue", {"template_id": template["id"], "customer_id": customer})
    assert asked.status_code == 202
    work(house)
    from tandem.domains.marketing import lending

    lending.refill(house.db, house.a.id)
    work(house)
    (issued,) = admin.get("/v1/coupons", customer_id=customer).json()["items"]
    till = house.person("shop2")
    assert till.get("/v1/coupons").json()["items"] == []
    redeemed = till.post("/v1/coupons/redeem", {"code": issued["code"].lower(), "store_id": str(house.a.units["s2"])})
    assert redeemed.json()["status"] == "redeemed"
    again = till.post("/v1/coupons/redeem", {"code": issued["code"]})
    assert (again.status_code, again.json()["error"]["code"]) == (409, "coupon_redeemed")
    assert till.post("/v1/coupons/redeem", {"code": "NOSUCH"}).status_code == 404
    work(house)
    (row,) = admin.get("/v1/coupon-templates").json()["items"]
    assert (row["quota"], row["issued"], row["redeemed"]) == (5, 1, 1)
    with house.database.connect() as owner:
        assert owner.execute("select count(*) from redemption").fetchone() == (1,)


def test_a_coupon_is_read_alone_and_an_imported_one_claims_no_value(house: House, admin: Person) -> None:
    mine = coupon(admin, quota=5)
    assert admin.get(f"/v1/coupon-templates/{mine['id']}").json() == mine
    assert admin.patch(f"/v1/coupon-templates/{mine['id']}", {"archived": True}).json()["archived"]
    assert admin.get(f"/v1/coupon-templates/{mine['id']}").json()["archived"]
    assert admin.get(f"/v1/coupon-templates/{new_id()}").status_code == 404
    outside = {"code": "CAMP8", "name": "8 号活动券（外部）"}
    sent = admin.post("/v1/events", {"events": [record("coupon_template", outside)]})
    assert sent.status_code < 300, sent.text
    (imported,) = admin.get("/v1/coupon-templates").json()["items"]
    assert (imported["external_code"], imported["value"]) == ("CAMP8", None)
    told = admin.post("/v1/events", {"events": [record("coupon_template", outside | {"value": "15.00"})]})
    assert told.status_code < 300, told.text
    assert admin.get(f"/v1/coupon-templates/{imported['id']}").json()["value"] == "15.00"


@pytest.mark.parametrize(
    "wrong",
    [
        {"value": None},
        {"valid_days": None},
        {"kind": "percent", "value": "120"},
        {"kind": "gift", "value": "0"},
        {"value": "-1"},
        {"quota": 0},
        {"per_customer_limit": 0},
        {"value": "1.234"},
        {"name": ""},
        {"surprise": 1},
    ],
)
def test_impossible_coupons_are_refused(admin: Person, wrong: dict[str, Any]) -> None:
    body = {"name": "券", "value": "10", "valid_days": 7} | wrong
    assert admin.post("/v1/coupon-templates", body).status_code == 422
    assert admin.get("/v1/coupon-templates").json()["items"] == []


def test_points_are_corrected_by_hand_within_what_is_there(house: House, admin: Person) -> None:
    fill(house, admin)
    customer = admin.get("/v1/orders").json()["items"][0]["customer_id"]
    where = f"/v1/customers/{customer}/points"
    assert admin.post(where, {"delta": 120, "reason": "补偿"}).json()["balance"] == 120
    short = admin.post(where, {"delta": -200, "reason": "误加"})
    assert (short.status_code, short.json()["error"]["code"]) == (409, "insufficient_points")
    after = admin.post(where, {"delta": -20, "reason": "误加"}).json()
    assert after["balance"] == 100
    assert [(one["from_account"], one["to_account"], one["amount"]) for one in after["entries"]] == [
        ("balance", "adjusted", 20),
        ("adjusted", "balance", 120),
    ]
    assert admin.post(where, {"delta": 0, "reason": "x"}).status_code == 422
    assert house.person("finance").post(where, {"delta": 1, "reason": "x"}).status_code == 403
    assert house.person("shop1").get(where).json()["balance"] == 100
    assert house.person("shop2").get(where).status_code == 404
    assert house.person("shop2").post(where, {"delta": 5, "reason": "x"}).status_code == 404
    assert admin.get(where).json()["balance"] == 100
    assert admin.get(f"/v1/customers/{new_id()}/points").status_code == 404


def test_what_a_merged_customer_held_is_the_survivors(house: House, admin: Person) -> None:
    """Points add up, the coupon is redeemed by its code, messages and orders follow (ENGINE_RULES 10)."""
    fill(house, admin)
    template = coupon(admin)
    by_store = {one["store"]: one["customer_id"] for one in admin.get("/v1/orders").json()["items"]}
    survivor, loser = by_store["s1 店"], by_store["s3 店"]
    for customer, delta in ((survivor, 30), (loser, 70)):
        assert admin.post(f"/v1/customers/{customer}/points", {"delta": delta, "reason": "补偿"}).status_code == 200
    assert admin.post("/v1/coupons/issue", {"template_id": template["id"], "customer_id": loser}).status_code == 202
    work(house)
    (issued,) = admin.get("/v1/coupons", customer_id=loser).json()["items"]
    filed = admin.post("/v1/merges", {"survivor": survivor, "loser": loser})
    assert filed.status_code < 300, filed.text
    while commands.run(house.db, system()):
        work(house)
    work(house)
    assert admin.get(f"/v1/customers/{survivor}/points").json()["balance"] == 100
    assert [one["id"] for one in admin.get("/v1/coupons", customer_id=survivor).json()["items"]] == [issued["id"]]
    assert admin.post("/v1/coupons/redeem", {"code": issued["code"]}).json()["customer_id"] == survivor
    assert len(admin.get("/v1/orders", customer_id=survivor).json()["items"]) == 3
    assert admin.post(f"/v1/customers/{survivor}/points", {"delta": -100, "reason": "兑换"}).json()["balance"] == 0


def test_stock_is_the_latest_count_of_each_place(house: House, admin: Person) -> None:
    def count(place: str, quantity: str, minutes: int) -> dict[str, Any]:
        at = datetime.now(UTC) - timedelta(minutes=minutes)
        told = record("stock", {"product_id": "p1", "quantity": quantity, "place": place})
        return told | {"time": at.isoformat(), "external_id": f"stock:p1:{place}"}

    for told in (count("east", "7", 10), count("east", "5", 5), count("east", "9", 30), count("", "-1", 5)):
        assert admin.post("/v1/events", {"events": [told]}).status_code == 200
    first = admin.get("/v1/stock-levels", product_id="p1", limit=1).json()
    rest = admin.get("/v1/stock-levels", product_id="p1", cursor=first["next"]).json()
    shown = [(one["source"], one["place"], float(one["quantity"])) for one in [*first["items"], *rest["items"]]]
    assert shown == [("erp", "", -1.0), ("erp", "east", 5.0)]
    odd = admin.post("/v1/events", {"events": [count("west", "1e13", 1)]})
    assert odd.status_code == 422
