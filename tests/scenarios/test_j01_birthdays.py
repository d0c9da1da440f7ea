"""J01: members with a birthday within 30 days, lunar birthdays too, each greeted with her favourite and a gift coupon."""

from __future__ import annotations

from datetime import date, timedelta

from town import Town, block, draw_and_publish, graph, member, ok, order, shop

from tandem.catalog.chinese_calendar import next_lunar_birthday

SOON = "birthday_within(customer.birthday, 30) or lunar_birthday_within(customer.birthday, 30)"
LATTE = f"({SOON}) and most_frequent(purchases.category in last 90 days) = '拿铁'"


def born(on: date) -> str:
    """The birthday of somebody who has one on that day and was born thirty years before."""
    return date(on.year - 30, on.month, min(on.day, 28)).isoformat()


def born_by_the_moon(today: date) -> date:
    """A birthday whose lunar day comes within 20 days."""
    for days in range(-40, 60):
        for years in (30, 31, 32, 33):
            day = date(today.year - years, today.month, 15) + timedelta(days=days)
            lunar = next_lunar_birthday(day, today)
            if lunar is not None and 2 <= (lunar - today).days <= 20:
                return day
    raise AssertionError("no such birthday")


def test_j01_birthdays_of_the_next_thirty_days_get_their_gift(town: Town) -> None:
    who = town.person("marketing")
    today = town.today
    town.tell(*shop("拿铁", "果茶"))
    town.tell(
        member(1, "王芳", birthday=born(today + timedelta(days=12))),
        member(2, "李梅", birthday=born(today + timedelta(days=12))),
        member(3, "赵敏", birthday=born(today + timedelta(days=120))),
    )
    paid = [("M1", "拿铁", 5), ("M1", "拿铁", 20), ("M1", "果茶", 30), ("M2", "果茶", 3), ("M3", "拿铁", 4)]
    # What she liked before the last three months is no longer her favourite.
    paid += [("M2", "拿铁", 120), ("M2", "拿铁", 130)]
    town.tell(*(order(n, one, town.ago(days=days), what) for n, (one, what, days) in enumerate(paid)), mode="backfill")
    town.until(lambda: ok(who.post("/v1/segments/preview", {"text": SOON}))["count"] == 2, "the birthdays are known")
    town.until(lambda: ok(who.post("/v1/segments/preview", {"text": LATTE}))["count"] == 1, "favourites are known")
    # What the letter will call her favourite is that of the last three months too.
    ((second,),) = [[one["id"] for one in ok(who.get("/v1/customers", q="M2"))["items"]]]
    assert ok(who.get(f"/v1/customers/{second}"))["profile"]["favourite_category"] == "果茶"
    asked = {"body": "您最爱的{{customer.favourite_product}}", "customer_id": second}
    assert ok(who.post("/v1/message-templates/preview", asked))["text"] == "您最爱的果茶一号"
    segment = ok(who.post("/v1/segments", {"name": "30 天内生日", "text": SOON}))
    coupon = ok(
        who.post(
            "/v1/coupon-templates",
            {"name": "生日买一送一", "kind": "gift", "value": "15", "gift": "同款一杯", "valid_days": 30},
        )
    )
    letter = ok(
        who.post(
            "/v1/message-templates",
            {
                "name": "生日祝福",
                "body": "{{customer.name}}，生日快乐！您最爱的{{customer.favourite_product|饮品}}买一送一，券码 {{coupon.code}}",
                "message_class": "marketing",
            },
        )
    )
    drawn = graph(
        [
            block("start", "start.segment", segment_id=segment["id"]),
            block("gift", "marketing.issue_coupon", coupon_template=coupon["id"]),
            block("m", "messaging.send", template=letter["id"]),
            block("exit", "flow.exit"),
        ],
        ["start.entered>gift", "gift.issued>m", "gift.sold_out>exit", "gift.limit_reached>exit"]
        + [f"m.{port}>exit" for port in ("sent", "held", "skipped")],
    )
    draw_and_publish(who, "生日礼", drawn)
    # She comes into the thirty days by herself, as the days go by.
    town.tell(member(4, "孙丽", birthday=born(today + timedelta(days=33))), order(90, "M4", town.ago(days=2), "果茶"))
    town.move(days=5)
    sent = town.until(lambda: ok(who.get("/v1/messages", state="sent"))["items"], "the birthday letter is sent")
    assert len(sent) == 1
    ((customer,),) = [[one["id"] for one in ok(who.get("/v1/customers", q="M4"))["items"]]]
    assert sent[0]["customer_id"] == customer
    coupons = ok(who.get("/v1/coupons", customer_id=customer))["items"]
    assert len(coupons) == 1


def test_j01_a_lunar_birthday_counts_by_its_own_calendar(town: Town) -> None:
    who = town.person("marketing")
    today = town.today
    day = born_by_the_moon(today)
    town.tell(*shop("拿铁"), member(1, "王芳", birthday=day.isoformat()))
    text = "lunar_birthday_within(customer.birthday, 30)"
    town.until(
        lambda: ok(who.post("/v1/segments/preview", {"text": text}))["count"] == 1, "the lunar birthday is known"
    )
    lunar = next_lunar_birthday(day, today)
    assert lunar is not None
    segment = ok(who.post("/v1/segments", {"name": "农历生日", "text": text}))["id"]
    town.until(lambda: ok(who.get(f"/v1/segments/{segment}"))["count"] == 1, "she is in the segment")
    town.move(days=(lunar - today).days + 1)
    town.until(lambda: ok(who.get(f"/v1/segments/{segment}"))["count"] == 0, "her lunar birthday is over")
