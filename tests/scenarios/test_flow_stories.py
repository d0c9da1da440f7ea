"""Stories of flows and of the data behind them: J07, F02, F15, M03, D02."""

from __future__ import annotations

from typing import Any

from town import Town, block, draw_and_publish, graph, member, ok, order, shop


def template(town: Town, name: str, body: str) -> str:
    return str(ok(town.person("marketing").post("/v1/message-templates", {"name": name, "body": body}))["id"])


def customer_of(town: Town, order_id: str) -> str:
    admin = town.person("admin")
    (found,) = town.until(lambda: ok(admin.get("/v1/orders", q=order_id))["items"], f"order {order_id} is there")
    return str(found["customer_id"])


def phones(town: Town, **wanted: Any) -> list[str]:
    return [one["text"] for one in ok(town.person("admin").get("/v1/simulated-inbox", limit=200, **wanted))["items"]]


STRAWBERRIES = "count(order_lines in last 1 days where category = '草莓') >= 1"


def test_j07_three_days_after_the_strawberries(town: Town) -> None:
    """A keeping tip three days later, for whom bought strawberries and for nobody else; F15: and why."""
    who = town.person("marketing")
    tip = template(town, "保鲜贴士", "草莓请冷藏，芒果当季上市")
    drawn = graph(
        [
            block("start", "start.event", event_type="order.paid"),
            block(
                "fruit", "decide.condition", ways=[{"name": "berry", "label": "买了草莓", "condition": STRAWBERRIES}]
            ),
            block("wait", "wait.duration", span={"amount": "3", "unit": "days"}),
            block("tip", "messaging.send", template=tip),
            block("exit", "flow.exit"),
        ],
        [
            "start.entered>fruit",
            "fruit.berry>wait",
            "fruit.else>exit",
            "wait.done>tip",
            "tip.sent>exit",
            "tip.held>exit",
            "tip.skipped>exit",
        ],
    )
    flow = draw_and_publish(who, "草莓保鲜", drawn)
    town.tell(*shop("草莓", "牛奶"), member(1), member(2))
    town.tell(order("A1", "M1", town.ago(minutes=5), "草莓", "牛奶"), order("A2", "M2", town.ago(minutes=5), "牛奶"))
    town.until(lambda: ok(who.get(f"/v1/flows/{flow}/stats"))["goal"]["entered"] == 2, "both enter")
    berry, milk = customer_of(town, "OA1"), customer_of(town, "OA2")
    town.move(days=2, hours=23)
    assert phones(town) == []
    town.move(hours=2)
    town.until(lambda: phones(town, customer_id=berry) == ["草莓请冷藏，芒果当季上市"], "the tip arrives")
    assert phones(town, customer_id=milk) == []
    for customer, port in ((berry, "berry"), (milk, "else")):
        (line,) = ok(who.get(f"/v1/customers/{customer}/runs"))["items"]
        steps = ok(who.get(f"/v1/runs/{line['id']}"))["steps"]
        decided = next(one for one in steps if one["block"] == "fruit")
        assert decided["port"] == port
        assert decided["facts"]


def test_f02_a_block_slipped_into_a_running_flow_serves_nobody_twice(town: Town) -> None:
    """People wait; a new version gets a points block before the message; nobody is lost, nobody gets anything twice."""
    who = town.person("marketing")
    hello = template(town, "问候", "您好")
    blocks = [
        block("start", "start.event", event_type="order.paid"),
        block("first", "marketing.add_points", points=5, reason="首段"),
        block("wait", "wait.duration", span={"amount": "1", "unit": "days"}),
        block("hello", "messaging.send", template=hello),
        block("exit", "flow.exit"),
    ]
    arrows = [
        "start.entered>first",
        "first.done>wait",
        "wait.done>hello",
        "hello.sent>exit",
        "hello.held>exit",
        "hello.skipped>exit",
    ]
    flow = draw_and_publish(who, "试听", graph(blocks, arrows))
    town.tell(*shop("课程"), *(member(n) for n in range(6)))
    town.tell(*(order(f"A{n}", f"M{n}", town.ago(minutes=9 - n), "课程") for n in range(3)))
    stats = f"/v1/flows/{flow}/stats"
    town.until(lambda: ok(who.get(stats))["blocks"].get("wait", {}).get("inside") == 3, "three wait on the old version")
    slipped = [*blocks[:3], block("gift", "marketing.add_points", points=7, reason="新增"), *blocks[3:]]
    redrawn = [arrow for arrow in arrows if not arrow.startswith("wait.")] + ["wait.done>gift", "gift.done>hello"]
    now = ok(who.get(f"/v1/flows/{flow}"))
    ok(who.put(f"/v1/flows/{flow}/draft", {"graph": graph(slipped, redrawn), "etag": now["etag"]}))
    ok(who.post(f"/v1/flows/{flow}/publish", {"running": "move"}))
    town.tell(*(order(f"A{n}", f"M{n}", town.ago(minutes=9 - n), "课程") for n in range(3, 6)))
    town.until(lambda: ok(who.get(stats))["goal"]["entered"] == 6, "three more enter the new version")
    town.until(lambda: ok(who.get(stats))["blocks"]["wait"]["inside"] == 6, "all wait")
    town.move(days=1, hours=1)
    town.until(lambda: len(phones(town)) == 6, "everybody is greeted once")
    for number in range(6):
        points = ok(who.get(f"/v1/customers/{customer_of(town, f'OA{number}')}/points"))
        assert (points["balance"], sorted(one["reason"] for one in points["entries"])) == (12, ["新增", "首段"])


def test_m03_points_expire_and_the_liability_is_known(town: Town) -> None:
    who = town.person("admin")
    drawn = graph(
        [
            block("start", "start.event", event_type="order.paid"),
            block("p", "marketing.add_points", points=100, reason="消费", valid_days=10),
            block("exit", "flow.exit"),
        ],
        ["start.entered>p", "p.done>exit"],
        reentry={"rule": "always"},
    )
    draw_and_publish(town.person("marketing"), "消费积分", drawn)
    town.tell(*shop("牛奶"), member(1))
    town.tell(order("A1", "M1", town.ago(minutes=5), "牛奶"))
    points = f"/v1/customers/{customer_of(town, 'OA1')}/points"
    town.until(lambda: ok(who.get(points))["balance"] == 100, "points are booked")
    town.move(days=4)
    town.tell(order("A2", "M1", town.ago(minutes=1), "牛奶"))
    town.until(lambda: ok(who.get(points))["balance"] == 200, "a second lot")
    assert ok(who.post(points, {"delta": -150, "reason": "兑换"}))["balance"] == 50
    town.move(days=7)
    assert ok(who.get(points))["balance"] == 50
    town.move(days=4)
    town.until(lambda: ok(who.get(points))["balance"] == 0, "the rest expires")
    after = ok(who.get(points))
    moved = [(one["from_account"], one["to_account"], one["amount"]) for one in after["entries"]]
    assert ("balance", "expired", 50) in moved
    into = sum(amount for _, target, amount in moved if target == "balance")
    assert into - sum(amount for source, _, amount in moved if source == "balance") == 0


def test_d02_one_person_at_the_till_and_in_the_mall(town: Town) -> None:
    """Known by card at the till and by account in the mall; the phone joins them, with both orders, and the merge can be undone."""
    admin = town.person("admin")
    town.tell(
        *shop("牛奶"),
        member(1, identifiers=[{"kind": "member_no", "value": "M1"}, {"kind": "phone", "value": "13800001234"}]),
    )
    account = [{"kind": "online_account", "value": "mall_7"}]
    town.tell(
        order("A1", "M1", town.ago(hours=3), "牛奶"), order("A2", "-", town.ago(hours=2), "牛奶", identifiers=account)
    )
    till, mall = customer_of(town, "OA1"), customer_of(town, "OA2")
    assert till != mall
    known = [*account, {"kind": "phone", "value": "138 0000 1234"}]
    town.tell(("customer", {"identifiers": known}), source="mall")
    town.until(lambda: customer_of(town, "OA1") == customer_of(town, "OA2"), "they are one")
    both = customer_of(town, "OA1")
    town.until(lambda: ok(admin.get(f"/v1/customers/{both}"))["profile"]["order_count"] == 2, "facts are recomputed")
    (merge,) = ok(admin.get("/v1/merges"))["items"]
    ok(admin.post(f"/v1/merges/{merge['id']}/undo"))
    town.until(lambda: customer_of(town, "OA1") != customer_of(town, "OA2"), "the merge is taken back")
