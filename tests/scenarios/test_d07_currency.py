"""D07, its currency part: orders in several currencies count at the rate of their day; a corrected rate corrects what follows."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from people import known, profile
from town import Town, member, ok, order, shop


def test_d07_amounts_count_at_the_rate_of_their_day(commons: Town) -> None:
    town, admin = commons, commons.person("admin")
    town.tell(*shop("茶叶"), member("d07", "Anna"))
    her = known(town, "Md07")
    day = (town.now - timedelta(days=10)).date()

    def rate(currency: str, value: str, on: Any) -> None:
        ok(admin.put("/v1/exchange-rates", {"rates": [{"currency": currency, "day": on.isoformat(), "rate": value}]}))

    rate("THB", "0.2", day)
    rate("THB", "0.25", day + timedelta(days=5))
    town.tell(
        order("d07-1", "Md07", town.ago(days=9), "茶叶", total="1000.00", currency="THB"),
        order("d07-2", "Md07", town.ago(days=3), "茶叶", total="1000.00", currency="THB"),
        order("d07-3", "Md07", town.ago(days=2), "茶叶", total="70.00"),
        order("d07-4", "Md07", town.ago(days=2), "茶叶", total="500.00", currency="MYR"),
        mode="backfill",
    )
    # 200 + 250 + 70; nobody knows yet what a ringgit is worth, so that order is in no total, and is named.
    town.until(lambda: profile(town, her)["spend_total"]["amount"] == "520.00", "each counts at its own day's rate")
    missing = {one["currency"]: one["orders"] for one in ok(admin.get("/v1/exchange-rates/findings"))["missing"]}
    assert missing["MYR"] == 1
    # Her page, the list and the board of sources say that something waits.
    assert profile(town, her)["orders_waiting"] == 1
    assert [one["orders_waiting"] for one in ok(admin.get("/v1/customers", q="Md07"))["items"]] == [1]
    board = ok(admin.get("/v1/conversion", credit="any"))
    assert sum(one["waiting"] for one in board["sources"]) == 1
    rate("MYR", "1.6", day)
    town.until(lambda: profile(town, her)["spend_total"]["amount"] == "1320.00", "a rate that comes late is heard")
    assert profile(town, her)["orders_waiting"] == 0
    rate("THB", "0.3", day + timedelta(days=5))
    town.until(lambda: profile(town, her)["spend_total"]["amount"] == "1370.00", "a corrected rate corrects the total")
    rich = "customer.spend_total >= 1370 and customer.spend_total < 1371"
    assert ok(town.person("marketing").post("/v1/segments/preview", {"text": rich}))["count"] == 1
