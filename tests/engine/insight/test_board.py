"""The home board counts what happened, in the tenant's days, beside the period before, and only what one may see."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from harness.house import House
from harness.rows import loosen, make_row, tables
from tandem.kernel.ids import bucket_of, new_id

NOW = datetime.now(UTC)


class Past:
    """Writes what happened so many days ago straight into the tables: the board only reads them."""

    def __init__(self, house: House) -> None:
        self.house = house
        with house.database.connect() as owner:
            loosen(owner)
            self.tables = {table.name: table for table in tables(owner)}

    def add(self, table: str, tenant: UUID, customer: UUID | None = None, /, **given: Any) -> UUID:
        row_id = given.pop("id", None) or new_id()
        known: dict[str, Any] = {"id": row_id, "bucket": bucket_of(customer or row_id)}
        if customer is not None:
            known |= {"customer_id": customer, "origin_id": customer}
        columns = self.tables[table].columns
        with self.house.database.connect() as owner:
            make_row(
                owner,
                self.tables[table],
                tenant,
                **{key: one for key, one in (known | given).items() if key in columns},
            )
        return row_id

    def order(self, tenant: UUID, customer: UUID | None, days_ago: float, total: str, **given: Any) -> None:
        at = NOW - timedelta(days=days_ago)
        facts = {"placed_at": at, "paid_at": at, "total": total, "refunded_total": "0", "status": "paid", **given}
        self.add("sales_order", tenant, customer, **facts)


@pytest.fixture(scope="module")
def told(house: House) -> dict[str, UUID]:
    past = Past(house)
    a, b = house.a.id, house.b.id
    s1, s2 = house.a.units["s1"], house.a.units["s2"]
    one, two = new_id(), new_id()
    for customer, store in ((one, s1), (two, s2)):
        past.add(
            "customer",
            a,
            customer,
            id=customer,
            store_id=store,
            first_seen_at=NOW - timedelta(days=1),
        )
    past.order(a, one, 1, "100.10", store_id=s1)
    past.order(a, one, 1, "50.00", store_id=s1, refunded_total="20.00")
    past.order(a, two, 2, "7.00", store_id=s2)
    past.order(a, None, 2, "3.00", store_id=s2)
    past.order(a, one, 1, "999.00", store_id=s1, status="cancelled")
    past.order(a, one, 9, "10.00", store_id=s1)
    past.order(a, one, 40, "1000.00", store_id=s1)
    past.order(b, new_id(), 1, "5000.00")
    past.add(
        "outbox_message", a, one, status="sent", planned_at=NOW - timedelta(days=1), finished_at=NOW - timedelta(days=1)
    )
    past.add("outbox_message", a, two, status="held", planned_at=NOW - timedelta(days=1))
    past.add("flow_run", a, one, entered_at=NOW - timedelta(days=3), goal_at=NOW - timedelta(days=1))
    past.add("coupon", a, one, issued_at=NOW - timedelta(days=3), status="redeemed")
    past.add("redemption", a, one, redeemed_at=NOW - timedelta(days=1))
    return {"one": one, "two": two}


def _totals(house: House, login: str, days: int = 7) -> dict[str, tuple[str, str]]:
    board = house.person(login).get("/v1/board/home", days=days).json()
    return {metric["key"]: (metric["total"], metric["before"]) for metric in board["metrics"]}


def test_totals_stand_beside_those_of_the_period_before(house: House, told: dict[str, UUID]) -> None:
    assert _totals(house, "admin") == {
        "revenue": ("140.10", "10.00"),
        "orders": ("4", "1"),
        "active_customers": ("2", "1"),
        "new_customers": ("2", "0"),
        "messages_sent": ("1", "0"),
        "messages_held": ("1", "0"),
        "flow_entered": ("1", "0"),
        "flow_converted": ("1", "0"),
        "coupons_issued": ("1", "0"),
        "coupons_redeemed": ("1", "0"),
    }


def test_every_day_has_a_point_and_the_points_add_up(house: House, told: dict[str, UUID]) -> None:
    board = house.person("admin").get("/v1/board/home", days=30).json()
    assert len(board["days"]) == len(board["days_before"]) == 30
    assert board["currency"] == "CNY"
    for metric in board["metrics"]:
        assert len(metric["points"]) == len(metric["points_before"]) == 30
        if metric["key"] != "active_customers":
            assert sum(map(float, metric["points"])) == pytest.approx(float(metric["total"]))


def test_a_shop_counts_its_own_orders_and_customers(house: House, told: dict[str, UUID]) -> None:
    totals = _totals(house, "shop1")
    assert totals["orders"] == ("2", "1")
    assert totals["revenue"] == ("130.10", "10.00")
    assert totals["new_customers"] == ("1", "0")
    assert totals["messages_sent"] == totals["coupons_redeemed"] == ("1", "0")
    assert totals["messages_held"] == ("0", "0")
    assert _totals(house, "shop2")["messages_held"] == ("1", "0")


def test_who_may_not_see_the_board_does_not(house: House, told: dict[str, UUID]) -> None:
    assert house.stranger().get("/v1/board/home").status_code == 401
    assert house.person("admin").get("/v1/board/home", days=0).status_code == 422
    assert house.person("admin").get("/v1/board/home", days=100_000).status_code == 422


def test_another_tenants_board_counts_its_own_only(house: House, told: dict[str, UUID]) -> None:
    totals = _totals(house, "b.marketing")
    assert totals.pop("revenue") == ("5000.00", "0.00")
    assert totals.pop("orders") == totals.pop("active_customers") == ("1", "0")
    assert set(totals.values()) == {("0", "0")}


def test_an_order_is_found_by_its_number_within_ones_scope(house: House, told: dict[str, UUID]) -> None:
    Past(house).order(house.a.id, told["two"], 1, "12.00", external_id="PO-20261-7", store_id=house.a.units["s2"])
    found = house.person("admin").get("/v1/search", q="PO-20261-7").json()["items"]
    assert [(one["kind"], one["title"]) for one in found] == [("order", "PO-20261-7")]
    assert "12.00" in found[0]["subtitle"]
    assert house.person("shop2").get("/v1/search", q="PO-20261-7").json()["items"] != []
    assert house.person("shop1").get("/v1/search", q="PO-20261-7").json()["items"] == []
    assert house.person("b.admin").get("/v1/search", q="PO-20261-7").json()["items"] == []


def test_flows_are_found_by_part_of_their_name_by_whom_they_concern(house: House, told: dict[str, UUID]) -> None:
    past = Past(house)
    past.add("flow", house.a.id, name="母婴挽回 Win-back", status="running")
    past.add("flow", house.a.id, name="母婴旧流程", status="archived")
    found = house.person("marketing").get("/v1/search", q="母婴").json()["items"]
    assert [one["title"] for one in found] == ["母婴挽回 Win-back"]
    assert house.person("marketing").get("/v1/search", q="win-BACK").json()["items"] != []
    assert house.person("finance").get("/v1/search", q="母婴").json()["items"] == []
    for odd in ("%%", "__", "' or 1=1", "\\\\", "🍼🍼"):
        assert house.person("marketing").get("/v1/search", q=odd).json()["items"] == []
