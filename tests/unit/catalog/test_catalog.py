"""Does the catalog refuse what does not fit, and tell the web app everything it needs?"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from tandem.catalog import (
    Catalog,
    CatalogError,
    Contribution,
    Entity,
    EventType,
    ExpressionError,
    Field,
    Label,
    Relation,
    catalog_json,
    check,
    compile_sql,
    cost,
    dependencies,
    describe,
    trace,
)
from tandem.catalog.builder_models import json_schema
from tandem.catalog.value_types import NUMBER, TEXT
from unit.catalog.sample import CATALOG, COMMERCE, PROFILE, event_scope

SOME = Label("某", "some")
THING = Entity("thing", SOME, "thing", (Field("name", TEXT, SOME),))
ALIAS = {"customer": "c", "event": "e.payload"}


@pytest.mark.parametrize(
    ("contributions", "named"),
    [
        ([PROFILE, Contribution("other", entities=PROFILE.entities)], ("profile", "other", "customer")),
        (
            [PROFILE, COMMERCE, Contribution("other", event_types=COMMERCE.event_types)],
            ("commerce", "other", "order.paid"),
        ),
        ([Contribution("a", fields={"nothing": (Field("x", TEXT, SOME),)})], ("nothing",)),
        (
            [Contribution("a", entities=(THING,)), Contribution("b", fields={"thing": (Field("name", TEXT, SOME),)})],
            ("name", "twice"),
        ),
        ([Contribution("a", relations=(Relation("r", SOME, "nobody", "t", ()),))], ("nobody",)),
        ([Contribution("a", entities=(THING,), relations=(Relation("r", SOME, "thing", "t", (), "at"),))], ("at",)),
        ([Contribution("a", entities=(Entity("thing", SOME, "thing; drop", ()),))], ("thing; drop",)),
        ([Contribution("a", event_types=(EventType("paid", SOME, ()),))], ("paid",)),
    ],
)
def test_what_does_not_fit_is_refused_by_name(contributions: list[Contribution], named: tuple[str, ...]) -> None:
    with pytest.raises(CatalogError) as refused:
        Catalog.assemble(contributions)
    assert all(name in refused.value.en for name in named)


def test_the_export_says_which_events_are_only_history() -> None:
    told = catalog_json(
        Catalog.assemble(
            [Contribution("a", event_types=(EventType("a.told", SOME, ()), EventType("a.was", SOME, (), history=True)))]
        )
    )
    assert [(one["name"], one.get("history")) for one in told["event_types"]] == [("a.told", None), ("a.was", True)]


def test_a_domain_adds_fields_to_anothers_entity() -> None:
    catalog = Catalog.assemble(
        [PROFILE, Contribution("points", fields={"customer": (Field("balance", NUMBER, SOME),)})]
    )
    assert check("customer.balance > 5", catalog.scope(customer="customer"))


def test_the_catalog_serialises() -> None:
    told: dict[str, Any] = json.loads(json.dumps(catalog_json(CATALOG)))
    customer = next(e for e in told["entities"] if e["name"] == "customer")
    assert {"name": "phone", "usable": False}.items() <= next(
        f for f in customer["fields"] if f["name"] == "phone"
    ).items()
    assert {f["name"] for f in told["functions"]} >= {"days_since", "has_tag", "date", "if"} - {"has_tag"}
    assert not any(f["name"] == "birthday_after" for f in told["functions"])
    assert all(f["help"]["zh"] and f["help"]["en"] for f in told["functions"])
    assert [r["time_field"] for r in told["relations"]] == ["paid_at", "at"]
    assert "$defs" in json_schema()


def test_dependencies_name_what_can_change_the_value() -> None:
    text = "count(orders where category = 'a' and paid_at >= now() - 90 days) > 1 and has_tag('x') and customer.city = 'y' or event.amount > 3"
    found = dependencies(check(text, event_scope()))
    assert found.fields == {"orders.category", "orders.paid_at", "customer.city", "event.amount"}
    assert (found.relations, found.event_types, found.tags) == ({"orders"}, {"order.paid"}, {"x"})
    assert found.clock
    assert dependencies(check("has_tag(customer.city)", event_scope())).tags == {"*"}
    assert not dependencies(check("customer.city = 'y'", event_scope())).clock


@pytest.mark.parametrize(
    ("text", "zh", "en"),
    [
        (
            "count(orders where category = '奶粉' and paid_at >= now() - 90 days) >= 2 and days_since(last(orders.paid_at)) > 30",
            "品类是“奶粉”且支付时间在近 90 天内的订单次数至少为 2，并且最近一次订单距今超过 30 天",
            "the number of orders where category is “奶粉” and paid at is in the last 90 days is at least 2 and the latest of orders was more than 30 days ago",
        ),
        (
            "customer.level in ['gold', 'silver'] or not customer.subscribed",
            "客户的会员等级是“金卡”、“银卡”之一，或者客户的已订阅不为真",
            "customer's level is one of “Gold”, “Silver” or customer's subscribed is not true",
        ),
        (
            "has_tag('奶粉偏好') and customer.birthday < date('2000-01-01')",
            "客户带有标签“奶粉偏好”，并且客户的生日早于 2000-01-01",
            "customer has the tag “奶粉偏好” and customer's birthday is before 2000-01-01",
        ),
        (
            "sum(orders.amount in last 2 hours) between 1 and 2",
            "近 2 小时内订单的金额合计介于 1 与 2 之间",
            "the total amount of orders in the last 2 hours is between 1 and 2",
        ),
        (
            "not exists(orders in last 30 days where gift) and weekday(today()) in [6, 7]",
            "近 30 天内没有赠品为真的订单，并且今天是周六或周日",
            "there are no orders in the last 30 days where gift is true and today is a Saturday or Sunday",
        ),
        (
            "lunar_birthday_within(customer.birthday, 30) or days_to_birthday(customer.birthday) = 1",
            "客户的生日（农历）在今后 30 天内，或者距下一次客户的生日还有正好 1 天",
            "customer's birthday (lunar calendar) is within the next 30 days or the next customer's birthday is exactly 1 day ahead",
        ),
        (
            "in_region(customer.division, '310101') and not within(customer.location, 'geofence:华东')",
            "客户的行政区划在“上海市黄浦区”，并且客户的位置不在“华东”范围内",
            "customer's division is in “上海市黄浦区” and customer's location is not within “华东”",
        ),
        (
            "graduated(customer.spend, [0: 3%, 100000: 5.5%]) >= market_price(customer, '华东')",
            "客户的累计消费按档位累进（0 至不满 100000 为 3%；100000 起 5.5%）至少为市场价（客户、“华东”）",
            "customer's spend charged by brackets (0 to below 100000: 3%; from 100000: 5.5%) is at least market price (customer, “华东”)",
        ),
        (
            "sum(orders.amount where paid_at >= start_of_month(today())) > coalesce(customer.spend, 0)",
            "支付时间不早于本月 1 号的订单的金额合计大于客户的累计消费（没有则取 0）",
            "the total amount of orders where paid at is not before the first of this month is more than customer's spend (or 0 where missing)",
        ),
    ],
)
def test_plain_words(text: str, zh: str, en: str) -> None:
    assert describe(check(text, event_scope())) == Label(zh, en)


def test_a_trace_shows_each_part_with_its_value() -> None:
    now = datetime(2026, 6, 15, tzinfo=UTC)
    record = {
        "customer": {"spend": 5},
        "relations": {"orders": [{"category": "a", "paid_at": now}, {"category": "b", "paid_at": now}]},
    }
    told = trace(
        check("count(orders where category = 'a') >= 2 or customer.spend > 3", event_scope()), record, now, zone="UTC"
    ).json()
    assert told["value"] is True
    first, second = told["parts"]
    assert (first["value"], first["parts"][0]["value"], first["parts"][0]["rows"]) == (False, "1", 1)
    assert first["parts"][0]["looked_at"] == 2
    assert (second["text"], second["value"], second["parts"][0]["value"]) == ("customer.spend > 3", True, "5")


def test_cost_tells_a_row_from_a_stretch_from_everything() -> None:
    texts = ("customer.spend > 1", "exists(orders in last 7 days)", "exists(orders where category = 'a')")
    assert [cost(check(text, event_scope())).level for text in texts] == ["cheap", "moderate", "heavy"]


def test_an_expression_that_costs_too_much_is_refused() -> None:
    one = "count(orders where category = '%d' and amount > customer.spend) > 1"
    fine = check(" or ".join(one % n for n in range(20)), event_scope())
    assert cost(fine).points <= 20_000
    with pytest.raises(ExpressionError) as refused:
        check(" or ".join(one % n for n in range(90)), event_scope())
    assert refused.value.problems[0].code == "too_costly"


def test_reference_data_is_told_among_the_dependencies() -> None:
    found = dependencies(
        check("within(customer.location, 'geofence:east') and market_price(customer, 'x') > 1", event_scope())
    )
    assert (found.areas, found.lookups) == ({"geofence:east"}, {"market_price"})
    assert found.event_types == {"geofence.changed", "price.changed"}


def joined(text: str) -> tuple[str, str]:
    compiled = compile_sql(check(text, event_scope()), alias=ALIAS, mode="joined", zone="UTC")
    return compiled.sql, " ".join(compiled.joins)


def test_aggregates_over_the_same_stretch_share_a_scan() -> None:
    _, joins = joined(
        "sum(orders.amount in last 30 days) > 5 or avg(orders.amount in last 30 days where gift) > 2 or max(orders.quantity in last 7 days) > 1"
    )
    assert joins.count("left join") == 2
    assert joins.count("filter (where") == 2


def test_a_comparison_that_needs_rows_stays_bare() -> None:
    """Bare, the left join becomes an inner one; where none would do, it must not."""
    assert "coalesce" not in joined("count(orders where quantity > 1) >= 2 or customer.points > 1")[0]
    assert "coalesce" in joined("count(orders where quantity > 1) < 2 or customer.points > 1")[0]


def test_asking_for_any_row_becomes_a_semi_join() -> None:
    for text in ("exists(orders)", "count(orders) > 0", "count(orders) >= 1"):
        assert joined(text)[0].startswith("(exists (select 1")
    for text in ("not exists(orders)", "count(orders) = 0"):
        assert joined(text)[0].startswith("(not exists (select 1")


def test_a_driver_leaves_the_others_to_be_looked_up() -> None:
    sql, joins = joined(
        "count(orders where category = 'a' and paid_at > now() - 90 days) >= 2 and max(visits.minutes) > 3"
    )
    assert joins.count("left join") == 1
    assert '"store_visit"' in sql


def test_conditions_on_the_customer_narrow_the_scans() -> None:
    _, joins = joined("customer.city = 'x' and sum(orders.amount) > 500")
    assert 'in (select "e0_d' in joins


@pytest.mark.parametrize("mode", ["correlated", "joined"])
def test_every_subselect_names_bucket_and_tenant(mode: Any) -> None:
    text = "customer.city = 'x' and has_tag('a') and sum(orders.amount) > 5 and count(visits where store = 'a' and at > today() - 5 days) >= 2 and exists(orders)"
    compiled = compile_sql(check(text, event_scope()), alias=ALIAS, mode=mode, zone="UTC")
    for part in " ".join((compiled.sql, *compiled.joins)).split(" from ")[1:]:
        if part.startswith('"'):
            assert part.split('"')[3] in part
            assert '"bucket" = any(%(buckets)s' in part
            assert '"tenant_id" = %(tenant)s' in part


def test_indexes_serve_bare_comparisons() -> None:
    sql = compile_sql(
        check("customer.points >= 5 and customer.city = 'x' and customer.joined_at > now() - 7 days", event_scope()),
        alias=ALIAS,
        zone="UTC",
    ).sql
    assert sql.startswith(
        '(("c"."points" >= %(e0_1)s::bigint) and ("c"."city" = %(e0_2)s::text) and ("c"."joined_at" > (%(now)s'
    )


def test_prefixes_keep_expressions_apart() -> None:
    one, two = (
        compile_sql(check("sum(orders.amount) > 5", event_scope()), alias=ALIAS, mode="joined", prefix=p, zone="UTC")
        for p in ("a_", "b_")
    )
    assert not set(one.params) & set(two.params)
    assert '"a_j1"' in one.joins[0]
    assert '"b_j1"' in two.joins[0]
