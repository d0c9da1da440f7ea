"""W04 and its neighbours: nobody is pestered, everything held back is counted with its reason, and the till's truth holds."""

from __future__ import annotations

from typing import Any

from town import Town, block, draw_and_publish, graph, member, ok, order, shop


def template(town: Town, name: str, body: str, kind: str = "marketing") -> str:
    made = ok(
        town.person("marketing").post("/v1/message-templates", {"name": name, "body": body, "message_class": kind})
    )
    return str(made["id"])


def on_paid(town: Town, name: str, *blocks: dict[str, Any], arrows: list[str]) -> str:
    drawn = graph(
        [block("start", "start.event", event_type="order.paid"), *blocks, block("exit", "flow.exit")],
        arrows,
        reentry={"rule": "always"},
    )
    return draw_and_publish(town.person("marketing"), name, drawn)


def states(town: Town) -> dict[tuple[str, str | None], int]:
    found = ok(town.person("marketing").get("/v1/messages/states"))["items"]
    return {(one["status"], one["reason"]): one["n"] for one in found}


def test_w04_a_customer_gets_no_more_than_the_cap(town: Town) -> None:
    """Two flows compete for one customer: the cap counts both, the second message is held, the receipt passes."""
    who = town.person("marketing")
    ok(who.put("/v1/frequency-cap", {"per_day": 1}))
    promo, care = template(town, "促销", "新品上市"), template(town, "关怀", "{{customer.name|亲}}，感谢支持")
    receipt = template(town, "小票", "已付款 {{customer.order_count}} 单", "transactional")
    for name, which in (("促销流程", promo), ("关怀流程", care)):
        on_paid(
            town,
            name,
            block("m", "messaging.send", template=which),
            arrows=["start.entered>m", "m.sent>exit", "m.held>exit", "m.skipped>exit"],
        )
    on_paid(
        town,
        "小票流程",
        block("m", "messaging.send", template=receipt, message_class="transactional"),
        arrows=["start.entered>m", "m.sent>exit"],
    )
    town.tell(*shop("牛奶"), member(1))
    town.tell(order("A1", "M1", town.ago(minutes=1), "牛奶"))
    town.until(lambda: sum(states(town).values()) == 3, "three messages are written")
    town.until(lambda: states(town).get(("sent", None)) == 2, "what may go goes")
    assert states(town) == {("sent", None): 2, ("held", "capped"): 1}
    (held,) = ok(who.get("/v1/messages", state="held"))["items"]
    assert held["reason"] == "capped"
    assert held["release_at"] > held["planned_at"]


def test_a_failing_channel_gives_the_cap_back(town: Town) -> None:
    who = town.person("marketing")
    ok(who.put("/v1/frequency-cap", {"per_week": 1}))
    flow = on_paid(
        town,
        "促销流程",
        block("m", "messaging.send", template=template(town, "促销", "新品上市"), when_capped="skip"),
        arrows=["start.entered>m", "m.sent>exit", "m.skipped>exit"],
    )
    town.tell(*shop("牛奶"), member(1))
    ok(town.person("admin").put("/v1/simulated-channel", {"mode": "fail"}))
    town.tell(order("A1", "M1", town.ago(minutes=9), "牛奶"))
    town.until(lambda: states(town) == {("failed", "refused_by_channel"): 1}, "the channel refuses")
    ok(town.person("admin").put("/v1/simulated-channel", {"mode": "deliver"}))
    for number in (2, 3):
        town.tell(order(f"A{number}", "M1", town.ago(minutes=9 - number), "牛奶"))
        town.until(lambda n=number: sum(states(town).values()) == n, "the next message is decided")
        town.until(lambda: not {"released", "sending"} & {state for state, _ in states(town)}, "nothing is on its way")
    assert states(town) == {("failed", "refused_by_channel"): 1, ("sent", None): 1, ("cancelled", "capped"): 1}
    stats = ok(who.get(f"/v1/flows/{flow}/stats"))["blocks"]["m"]
    assert (stats["ports"]["sent"], stats["ports"]["skipped"], stats["failed"]) == (1, 1, 1)


def test_f09_newcomers_and_regulars_take_their_own_ways(town: Town) -> None:
    """A branch by expression: the first order earns a welcome coupon, a regular's order earns points."""
    who = town.person("marketing")
    coupon = ok(
        who.post(
            "/v1/coupon-templates",
            {"name": "新客礼", "kind": "gift", "gift": "布袋", "valid_days": 30, "per_customer_limit": 1},
        )
    )
    on_paid(
        town,
        "新老客分流",
        block(
            "who", "decide.condition", ways=[{"name": "new", "label": "首单", "condition": "customer.order_count <= 1"}]
        ),
        block("gift", "marketing.issue_coupon", coupon_template=coupon["id"]),
        block("points", "marketing.add_points", points=10, reason="复购"),
        arrows=[
            "start.entered>who",
            "who.new>gift",
            "who.else>points",
            "gift.issued>exit",
            "gift.limit_reached>exit",
            "points.done>exit",
        ],
    )
    town.tell(*shop("牛奶"), member(1), member(2))
    town.tell(*(order(f"old-{n}", "M2", town.ago(days=20 + n), "牛奶") for n in range(3)), mode="backfill")
    town.until(lambda: len(ok(who.get("/v1/orders"))["items"]) == 3, "history is there")
    town.tell(order("A1", "M1", town.ago(minutes=2), "牛奶"), order("A2", "M2", town.ago(minutes=1), "牛奶"))
    (issued,) = town.until(lambda: ok(who.get("/v1/coupons"))["items"], "the newcomer has her gift")
    orders = {one["external_id"]: one["customer_id"] for one in ok(who.get("/v1/orders"))["items"]}
    assert issued["customer_id"] == orders["OA1"]
    points = f"/v1/customers/{orders['OA2']}/points"
    town.until(lambda: ok(who.get(points))["balance"] == 10, "the regular has points")
    assert ok(who.get(f"/v1/customers/{orders['OA1']}/points"))["balance"] == 0


def test_m11_a_coupon_is_redeemed_once_wherever_it_is_shown(town: Town) -> None:
    """Issued by a flow, redeemed at another shop's till; the redemption is an event that a flow may follow."""
    who = town.person("marketing")
    coupon = ok(who.post("/v1/coupon-templates", {"name": "满减", "value": "20", "valid_days": 7, "quota": 3}))
    on_paid(
        town,
        "发券",
        block("c", "marketing.issue_coupon", coupon_template=coupon["id"]),
        arrows=["start.entered>c", "c.issued>exit", "c.sold_out>exit", "c.limit_reached>exit"],
    )
    thanks = graph(
        [
            block("start", "start.event", event_type="coupon.redeemed", condition="event.template = '满减'"),
            block("p", "marketing.add_points", points=20, reason="核销奖励"),
            block("exit", "flow.exit"),
        ],
        ["start.entered>p", "p.done>exit"],
    )
    draw_and_publish(who, "核销奖励", thanks)
    town.tell(*shop("牛奶"), *(member(n) for n in range(5)))
    town.tell(*(order(f"A{n}", f"M{n}", town.ago(minutes=5 - n), "牛奶") for n in range(5)))
    issued: list[dict[str, Any]] = town.until(
        lambda: [one for got in [ok(who.get("/v1/coupons"))["items"]] if len(got) == 3 for one in got],
        "three coupons are out",
    )
    till = town.person("shop2")
    first = issued[0]
    assert (
        ok(till.post("/v1/coupons/redeem", {"code": first["code"], "store_id": str(town.house.a.units["s2"])}))[
            "status"
        ]
        == "redeemed"
    )
    assert till.post("/v1/coupons/redeem", {"code": first["code"]}).status_code == 409
    town.until(
        lambda: ok(who.get(f"/v1/customers/{first['customer_id']}/points"))["balance"] == 20, "the reward is booked"
    )
    (row,) = ok(who.get("/v1/coupon-templates"))["items"]
    assert (row["issued"], row["redeemed"], row["quota"]) == (3, 1, 3)
