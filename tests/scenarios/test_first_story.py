"""The first story: a marketing assistant wins back parents who stopped buying baby food, and sees what came of it.

Segment with a count at once, a win-back flow with an A/B split, publish, the clock moves, conversions and arms on the canvas, and one
customer's steps with their reasons.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pytest
from town import Town, block, draw_and_publish, graph, member, ok, order, shop

BABY = "婴幼儿辅食"
LAPSED, ACTIVE, OTHERS, BACK = 30, 10, 10, 8
EXPRESSION = f"count(purchases in last 90 days where category = '{BABY}') >= 2 and not exists(purchases in last 30 days where category = '{BABY}')"

pytestmark = [pytest.mark.slow]


def tell_history(town: Town) -> None:
    """Parents who stopped, parents who did not, people without children; all of it history."""
    records = shop(BABY, "牛奶")
    for number in range(LAPSED + ACTIVE + OTHERS):
        records.append(member(number, f"王{number}"))
        if number < LAPSED:
            days = (70 + number % 15, 40 + number % 8)
        elif number < LAPSED + ACTIVE:
            days = (60, 10)
        else:
            days = (50, 20)
        category = BABY if number < LAPSED + ACTIVE else "牛奶"
        records += [order(f"{number}-{day}", f"M{number}", town.ago(days=day), category) for day in days]
    town.tell(*records, mode="backfill")


def win_back(segment: str, coupon: str, templates: dict[str, str]) -> dict[str, Any]:
    return graph(
        [
            block("start", "start.segment", segment_id=segment),
            block(
                "ab",
                "decide.split",
                arms=[
                    {"name": "coupon", "label": "发券", "share": "50"},
                    {"name": "points", "label": "送积分", "share": "50"},
                ],
            ),
            block("coupon", "marketing.issue_coupon", coupon_template=coupon),
            block("points", "marketing.add_points", points=200, reason="母婴回归", valid_days=90),
            block("tell_coupon", "messaging.send", template=templates["coupon"]),
            block("tell_points", "messaging.send", template=templates["points"]),
            block("wait", "wait.event", event_type="order.paid", timeout={"amount": "7", "unit": "days"}),
            block("goal", "flow.goal"),
            block("remind", "messaging.send", template=templates["reminder"]),
            block("exit", "flow.exit"),
        ],
        [
            "start.entered>ab",
            "ab.coupon>coupon",
            "ab.points>points",
            "coupon.issued>tell_coupon",
            "coupon.sold_out>points",
            "coupon.limit_reached>points",
            "points.done>tell_points",
            *(f"{name}.{port}>wait" for name in ("tell_coupon", "tell_points") for port in ("sent", "held", "skipped")),
            "wait.happened>goal",
            "wait.timeout>remind",
            *(f"remind.{port}>exit" for port in ("sent", "held", "skipped")),
        ],
    )


def make_offers(town: Town) -> tuple[str, dict[str, str]]:
    who = town.person("marketing")
    coupon = ok(
        who.post(
            "/v1/coupon-templates",
            {"name": "满 100 减 20", "value": "20", "threshold": "100", "valid_days": 14, "quota": 500},
        )
    )
    bodies = {
        "coupon": "{{customer.name|亲}}，送您{{coupon.name}}，券码 {{coupon.code}}",
        "points": "{{customer.name|亲}}，积分已到账，共 {{customer.points_balance}} 分",
        "reminder": "{{customer.name|亲}}，优惠还在等您",
    }
    templates = {
        name: ok(who.post("/v1/message-templates", {"name": name, "body": body}))["id"] for name, body in bodies.items()
    }
    return coupon["id"], templates


def stats(town: Town, flow: str) -> dict[str, Any]:
    """What stands on the canvas; a block nobody has come to yet has no counts."""
    found: dict[str, Any] = ok(town.person("marketing").get(f"/v1/flows/{flow}/stats"))
    found["blocks"] = defaultdict(lambda: {"entered": 0, "inside": 0, "failed": 0, "ports": {}}, found["blocks"])
    return found


def test_a_marketing_assistant_wins_parents_back(town: Town) -> None:
    who = town.person("marketing")
    tell_history(town)
    town.until(
        lambda: ok(who.post("/v1/segments/preview", {"text": EXPRESSION}))["count"] == LAPSED, "history is applied"
    )

    # She sees the count at once, and that the segment agrees with it.
    segment = ok(who.post("/v1/segments", {"name": "辅食流失", "text": EXPRESSION}))
    where = f"/v1/segments/{segment['id']}"
    town.until(lambda: ok(who.get(where))["status"] == "ready", "everybody is judged")
    assert ok(who.get(where))["count"] == LAPSED

    # She draws the flow and publishes it: those inside enter at once, divided between coupon and points.
    coupon, templates = make_offers(town)
    flow = draw_and_publish(who, "母婴挽回", win_back(segment["id"], coupon, templates))
    town.until(lambda: stats(town, flow)["blocks"]["wait"]["inside"] == LAPSED, "everybody waits for an order")
    seen = stats(town, flow)
    assert seen["goal"] == {"entered": LAPSED, "converted": 0, "rate": 0.0}
    by_arm = seen["blocks"]["ab"]["ports"]
    assert by_arm["coupon"] + by_arm["points"] == LAPSED
    assert min(by_arm.values()) > 0
    assert ok(who.get("/v1/coupon-templates"))["items"][0]["issued"] == by_arm["coupon"]
    sent = town.until(lambda: _sent(town, LAPSED), "every message is sent")
    assert len({one["customer_id"] for one in sent}) == LAPSED
    phone = ok(who.get("/v1/simulated-inbox", limit=200))["items"]
    assert sum("券码" in one["text"] for one in phone) == by_arm["coupon"]
    assert sum("共 200 分" in one["text"] for one in phone) == by_arm["points"]

    assert len(ok(who.get(f"/v1/flows/{flow}/people", block="wait", limit=200))["items"]) == LAPSED

    # The clock moves; some come back.
    town.move(days=3)
    town.tell(
        *(order(f"back-{number}", f"M{number}", town.now.isoformat(), BABY, total="120.00") for number in range(BACK))
    )
    town.until(lambda: stats(town, flow)["goal"]["converted"] == BACK, "orders are conversions")
    town.move(days=5)
    town.until(
        lambda: stats(town, flow)["blocks"]["exit"]["entered"] == LAPSED - BACK, "the others are reminded and leave"
    )
    seen = stats(town, flow)
    assert seen["blocks"]["wait"]["ports"] == {"happened": BACK, "timeout": LAPSED - BACK}
    assert seen["blocks"]["goal"]["entered"] == BACK
    arms = seen["arms"].values()
    assert sum(one["entered"] for one in arms) == LAPSED
    assert sum(one["converted"] for one in arms) == BACK
    assert all(one["interval"] is None or one["interval"][0] <= one["rate"] <= one["interval"][1] for one in arms)

    # She opens one customer and sees every step and why.
    (back,) = ok(who.get("/v1/orders", q="Oback-0"))["items"]
    (line,) = ok(who.get(f"/v1/customers/{back['customer_id']}/runs"))["items"]
    assert (line["state"], line["goal_at"] is not None) == ("done", True)
    run = ok(who.get(f"/v1/runs/{line['id']}"))
    path = [(one["block"], one["port"]) for one in run["steps"]]
    assert path[0] == ("start", "entered")
    assert path[1][0] == "ab"
    assert path[-1][0] == "goal"
    assert ("wait", "happened") in path
    message = next(one for one in run["steps"] if one["block"].startswith("tell_"))
    assert message["facts"]["ruling"] == "send"
    why = ok(who.get(f"{where}/explain/{back['customer_id']}"))
    assert why["is_member"] is False


def _sent(town: Town, count: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = ok(town.person("marketing").get("/v1/messages", state="sent", limit=200))["items"]
    return found if len(found) == count else []
