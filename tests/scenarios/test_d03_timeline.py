"""D03: a customer's page is one timeline: asked, promised, promotions joined, ordered, returned, complained, served."""

from __future__ import annotations

from typing import Any

from people import known, timeline
from town import Town, member, ok, order, shop

WHO = [{"kind": "member_no", "value": "Md03"}]


def did(name: str, at: str, **properties: Any) -> tuple[str, dict[str, Any]]:
    return "behaviour", {"name": name, "identifiers": WHO, "at": at, "properties": properties}


def test_d03_one_timeline_from_every_source(commons: Town) -> None:
    town = commons
    town.tell(*shop("净水器"), member("d03", "陈静"))
    her = known(town, "Md03")
    coupon = ok(
        town.person("marketing").post(
            "/v1/coupon-templates", {"name": "d03 滤芯券", "kind": "amount", "value": "20", "valid_days": 30}
        )
    )
    told = [
        ("im", did("咨询", town.ago(days=9), 问题="什么时候发货")),
        ("desk", did("承诺", town.ago(days=8, hours=20), 内容="48 小时内发货")),
        ("ads", ("campaign_reach", {"campaign": "双十一会场", "identifiers": WHO, "at": town.ago(days=8)})),
        ("tmall", order("d03-1", "Md03", town.ago(days=7), "净水器", total="899.00")),
        ("tmall", ("refund", {"refund_id": "d03-r", "order_id": "Od03-1", "amount": "100.00", "at": town.ago(days=4)})),
        ("im", did("投诉", town.ago(days=3), 原因="漏水")),
        ("field", ("visit", {"store": "s1", "identifiers": WHO, "at": town.ago(days=2)})),
        ("desk", did("回访", town.ago(days=1), 满意度=5)),
    ]
    # They arrive in any order, each from a system of its own.
    for source, record in (*told[1::2], *told[0::2]):
        town.tell(record, mode="backfill", source=source)

    wanted = ["回访", "visit.recorded", "投诉", "refund.created", "order.paid", "campaign.reached", "承诺", "咨询"]

    def story() -> list[str]:
        shown = [one for one in timeline(town, her) if not one["type"].startswith(("customer.", "tag.", "segment."))]
        return [
            one["payload"].get("name", one["type"]) if one["type"] == "behaviour.recorded" else one["type"]
            for one in shown
        ]

    town.until(lambda: story() == wanted, "the story is told in order")
    events = timeline(town, her)
    assert all(one["label"]["zh"] and one["label"]["en"] for one in events)
    assert all(
        one["summary"] for one in events if one["type"] in {"order.paid", "refund.created", "behaviour.recorded"}
    )
    assert [one["type"] for one in timeline(town, her, kind="order")] == ["refund.created", "order.paid"]
    assert coupon["id"]
    pages = ok(town.person("marketing").get(f"/v1/customers/{her}/timeline", limit=3))
    following = ok(town.person("marketing").get(f"/v1/customers/{her}/timeline", limit=3, cursor=pages["next"]))
    assert not {one["event_id"] for one in pages["items"]} & {one["event_id"] for one in following["items"]}
