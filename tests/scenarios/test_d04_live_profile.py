"""D04: profiles are live: tags, favourites, lifetime value. Scores and what is foretold need many customers: see D14's trial."""

from __future__ import annotations

from datetime import datetime, timedelta

from people import card, known, profile
from town import Town, member, ok, order, shop


def test_d04_every_figure_follows_the_facts(commons: Town) -> None:
    town, who = commons, commons.person("marketing")
    town.tell(*shop("燕麦", "酸奶"), member("d04", "孙丽"))
    her = known(town, "Md04")
    ok(
        who.post(
            "/v1/tags", {"name": "d04-常客", "text": "count(purchases in last 60 days) >= 3 and customer.city = '上海'"}
        )
    )
    town.tell(
        *(order(f"d04-{n}", "Md04", town.ago(days=days), "燕麦", total="50.00") for n, days in enumerate((40, 30, 20))),
        mode="backfill",
    )
    town.until(lambda: profile(town, her)["order_count"] == 3, "three orders are counted")
    town.until(lambda: "d04-常客" in {one["tag"] for one in card(town, her)["tags"]}, "the tag has come by itself")
    shown = profile(town, her)
    assert (shown["favourite_category"], shown["lifetime_value"]["amount"]) == ("燕麦", "150.00")
    # A late fact corrects the past; a refund lowers what she is worth.
    town.tell(order("d04-late", "Md04", town.ago(days=35), "酸奶", "燕麦", total="30.00"), mode="backfill")
    town.tell(("refund", {"refund_id": "d04-r", "order_id": "Od04-0", "amount": "10.00", "at": town.ago(days=1)}))
    town.tell(order("d04-new", "Md04", town.ago(hours=1), "酸奶", total="20.00"))
    town.until(lambda: profile(town, her)["lifetime_value"]["amount"] == "190.00", "the figures follow")
    shown = profile(town, her)
    assert (shown["order_count"], shown["refund_total"]["amount"], shown["average_order_value"]["amount"]) == (
        5,
        "10.00",
        "40.00",
    )
    assert datetime.fromisoformat(shown["last_order_at"]) > town.now - timedelta(hours=2)
