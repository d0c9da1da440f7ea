"""J05: the tag "28 weeks pregnant" appears by itself on its day, sends the hospital-bag guide, and leaves on its day."""

from __future__ import annotations

from datetime import timedelta

from town import Town, block, draw_and_publish, graph, member, ok, shop

LAST_PERIOD = "末次月经"
WEEK_28 = f"age_weeks(last(behaviours.at where name = '{LAST_PERIOD}')) = 28"


def tags(town: Town, customer: str) -> list[str]:
    return [one["tag"] for one in ok(town.person("marketing").get(f"/v1/customers/{customer}"))["tags"]]


def test_j05_the_tag_comes_and_goes_on_its_days(town: Town) -> None:
    who = town.person("marketing")
    town.tell(*shop("奶粉"), member(1, "王芳"))
    at = (town.now - timedelta(days=28 * 7 - 2)).isoformat()
    told = {"name": LAST_PERIOD, "identifiers": [{"kind": "member_no", "value": "M1"}], "at": at}
    town.tell(("behaviour", told), mode="backfill")
    ok(who.post("/v1/tags", {"name": "孕28周", "text": WEEK_28}))
    guide = ok(
        who.post(
            "/v1/message-templates",
            {
                "name": "待产包",
                "body": "{{customer.name|准妈妈}}，待产包清单与孕晚期课程请查收",
                "message_class": "marketing",
            },
        )
    )
    drawn = graph(
        [
            block("start", "start.event", event_type="tag.added", condition="event.tag = '孕28周'"),
            block("m", "messaging.send", template=guide["id"]),
            block("exit", "flow.exit"),
        ],
        ["start.entered>m", *(f"m.{port}>exit" for port in ("sent", "held", "skipped"))],
    )
    draw_and_publish(who, "孕28周关怀", drawn)
    customer = town.until(lambda: ok(who.get("/v1/customers", q="M1"))["items"], "she is known")[0]["id"]
    assert tags(town, customer) == []
    town.move(days=1)
    assert tags(town, customer) == []
    town.move(days=1, hours=1)
    town.until(lambda: tags(town, customer) == ["孕28周"], "the tag comes on its day")
    (sent,) = town.until(lambda: ok(who.get("/v1/messages", state="sent"))["items"], "the guide is sent")
    assert sent["customer_id"] == customer
    town.move(days=6)
    assert tags(town, customer) == ["孕28周"]
    town.move(days=1)
    town.until(lambda: tags(town, customer) == [], "the tag leaves on its day")
