"""Does an error name the exact place, what stands there, what should, and the nearest valid name?"""

from __future__ import annotations

from typing import Any

import pytest

from tandem.catalog import ExpressionError, check, parse, path_at, to_json
from unit.catalog.sample import CATALOG, event_scope

CASES = [
    # text, code, the piece of text it points at, suggestion
    ("customer.citty = 'x'", "unknown_field", "customer.citty", "customer.city"),
    ("customer.城市 = 'x'", "unknown_field", "customer.城市", "customer.city"),
    ("custmer.city = 'x'", "unknown_name", "custmer.city", "customer.city"),
    ("city = 'x'", "unknown_name", "city", "customer.city"),
    ("customer.phone = '1'", "encrypted_field", "customer.phone", None),
    ("customer.level = '金卡'", "unknown_option", "'金卡'", "'gold'"),
    ("customer.level in ['gold', 'sliver']", "unknown_option", "['gold', 'sliver']", "'silver'"),
    ("customer.birthday > '2026-01-31'", "type_mismatch", "'2026-01-31'", "date('2026-01-31')"),
    (
        "customer.joined_at > '2026-01-31T08:00:00+08:00'",
        "type_mismatch",
        "'2026-01-31T08:00:00+08:00'",
        "timestamp('2026-01-31T08:00:00+08:00')",
    ),
    ("customer.spend > '5'", "type_mismatch", "'5'", "5"),
    ("customer.city = 5", "type_mismatch", "5", "'5'"),
    ("customer.city = null", "compare_null", "customer.city = null", "customer.city is missing"),
    ("customer.city != null", "compare_null", "customer.city != null", "customer.city is not missing"),
    ("customer.spend", "wrong_result_type", "customer.spend", None),
    ("customer.spend and customer.subscribed", "not_a_condition", "customer.spend", None),
    ("not customer.city", "not_a_condition", "customer.city", None),
    ("customer.subscribed > true", "wrong_operator", "customer.subscribed > true", None),
    ("customer.city in 'x'", "not_a_list", "'x'", "['x']"),
    ("customer.spend in ['x']", "type_mismatch", "['x']", None),
    ("customer.city in ['a', 1]", "mixed_list", "1", None),
    ("customer.city in ['a', customer.name]", "not_constant", "customer.name", None),
    ("customer.spend contains 'x'", "type_mismatch", "customer.spend", None),
    ("customer.channels contains 5", "type_mismatch", "5", "'5'"),
    ("customer.city + 1 > 2", "type_mismatch", "customer.city", None),
    ("customer.spend + 'x' > 2", "type_mismatch", "'x'", None),
    ("customer.birthday + 3 hours > today()", "not_whole_days", "3 hours", None),
    ("-customer.city = 'x'", "wrong_type", "customer.city", None),
    ("dayssince(customer.birthday) > 1", "unknown_function", "dayssince", "days_since"),
    (
        "birthday_after(customer.birthday, 1) > today()",
        "unknown_function",
        "birthday_after",
        "birthday_within",
    ),
    ("days_since(customer.city) > 1", "wrong_argument", "customer.city", None),
    ("days_since() > 1", "wrong_argument_count", "days_since()", None),
    ("round(customer.spend, customer.points) > 1", "not_constant", "customer.points", None),
    ("coalesce(customer.city, 1) = 'x'", "wrong_argument", "1", None),
    ("date('2026-02-30') = today()", "bad_date", "'2026-02-30'", None),
    ("timestamp('2026-02-03') > now()", "bad_timestamp", "'2026-02-03'", None),
    ("has_tag(5)", "wrong_argument", "has_tag(5)", None),
    ("in_segment('x')", "not_an_id", "'x'", None),
    ("count(order) > 1", "unknown_relation", "order", "orders"),
    ("count(订单) > 1", "unknown_relation", "订单", "orders"),
    ("sum(orders) > 1", "field_needed", "orders", None),
    ("sum(orders.category) > 1", "wrong_argument", "orders.category", None),
    ("sum(orders.amont) > 1", "unknown_field", "orders.amont", "amount"),
    ("count(orders where categry = 'x') > 1", "unknown_field", "categry", "category"),
    ("exists(orders where exists(visits))", "nested_related", "exists(visits)", None),
    ("now() + 99999 weeks > now()", "duration_too_long", "99999 weeks", None),
    ("graduated(customer.spend, [5: 1%, 3: 2%]) > 1", "tiers_order", "3: 2%", None),
    ("graduated(customer.spend, [0 to 5: 1%, 7: 2%]) > 1", "tiers_gap", "7: 2%", "5"),
    ("graduated(customer.spend, [0 to 5: 1%, 3: 2%]) > 1", "tiers_overlap", "3: 2%", "5"),
    ("graduated(customer.spend, [5 to 5: 1%]) > 1", "tiers_order", "5 to 5: 1%", None),
    ("in_region(customer.division, '上海')", "unknown_division", "'上海'", "'310000'"),
    ("in_region(customer.division, '310009')", "unknown_division", "'310009'", "'810009'"),
    ("in_region(customer.division, customer.city)", "unknown_division", "customer.city", None),
    ("is_working_day(date('2031-05-04'))", "unknown_year", "date('2031-05-04')", None),
    ("within(customer.location, 'geofense:x')", "unknown_area", "'geofense:x'", "'geofence:x'"),
    ("within(customer.location, 'x')", "unknown_area", "'x'", None),
    ("within(customer.city, 'geofence:x')", "wrong_argument", "customer.city", None),
    ("within(customer.location)", "wrong_argument_count", "within(customer.location)", None),
    ("within(customer.location, customer.city)", "not_constant", "customer.city", None),
    (
        "withing(customer.location, 'geofence:x')",
        "unknown_function",
        "withing",
        "within",
    ),
    ("market_price(customer, 5) > 1", "wrong_argument", "5", None),
    ("market_price(event, 'x') > 1", "wrong_argument", "event", "customer"),
    ("market_price('x', 'x') > 1", "wrong_argument", "'x'", "customer"),
    ("market_price(customer, customer) > 1", "wrong_argument", "customer", None),
    ("market_price(customer) > 1", "wrong_argument_count", "market_price(customer)", None),
    ("customer > 1", "unknown_name", "customer", "customer.name"),
    ("left(customer.city, customer.points) = 'x'", "not_constant", "customer.points", None),
    ("birthday_within(customer.birthday, 2.5)", "not_constant", "2.5", None),
    ("customer.location = customer.location", "wrong_operator", "customer.location = customer.location", None),
    ("customer.spend == 3", "unexpected", "==", "="),
    ("customer.spend <> 3", "unexpected", "<>", "!="),
    ("customer.spend > 3 && customer.subscribed", "unexpected", "&", "and"),
    ("customer.city is null", "unexpected", "null", "missing"),
    ("(customer.spend > 3", "unfinished", "", None),
    ("customer.city = 'abc", "unclosed_text", "'abc", None),
    ("customer.city = “上海”", "unexpected", "“", "'"),
]


@pytest.mark.parametrize(("text", "code", "place", "suggestion"), CASES, ids=[case[0] for case in CASES])
def test_one_mistake(text: str, code: str, place: str, suggestion: str | None) -> None:
    with pytest.raises(ExpressionError) as refused:
        check(text, event_scope())
    problem = refused.value.problems[0]
    assert (problem.code, text[problem.span.start : problem.span.end], problem.suggestion) == (code, place, suggestion)
    assert len(refused.value.problems) == 1
    assert refused.value.code == f"expression_{code}"
    assert problem.message.zh.startswith(f"第 1 行第 {problem.span.start + 1} 列")


def test_what_is_suggested_for_a_function_leaves_its_arguments() -> None:
    text = "dayssince(customer.birthday) > 1"
    with pytest.raises(ExpressionError) as refused:
        check(text, event_scope())
    (problem,) = refused.value.problems
    mended = text[: problem.span.start] + str(problem.suggestion) + text[problem.span.end :]
    assert check(mended, event_scope())


def test_every_mistake_is_listed_in_the_order_of_the_text() -> None:
    text = "customer.citty = 'x'\n  and customer.spend = 'y'\n  and foo(3)"
    with pytest.raises(ExpressionError) as refused:
        check(text, event_scope())
    places = [(p.code, p.span.line, p.span.column) for p in refused.value.problems]
    assert places == [("unknown_field", 1, 1), ("type_mismatch", 2, 24), ("unknown_function", 3, 7)]
    assert [detail.where for detail in refused.value.details] == ["0-14", "44-47", "54-57"]


def test_a_field_beyond_the_persons_rights_cannot_be_used() -> None:
    scope = CATALOG.scope(privacy=frozenset({"plain"}), customer="customer")
    with pytest.raises(ExpressionError) as refused:
        check("customer.birthday = today()", scope)
    assert refused.value.problems[0].code == "forbidden_field"
    assert check("customer.city = 'x'", scope)


def test_an_encrypted_field_is_never_suggested() -> None:
    with pytest.raises(ExpressionError) as refused:
        check("customer.phon = '1'", event_scope())
    assert refused.value.problems[0].suggestion != "customer.phone"


def test_the_expected_type_may_be_another() -> None:
    assert str(check("customer.spend * 2", event_scope(), "number").type) == "number"
    assert str(check("today()", event_scope(), "timestamp").type) == "timestamp"
    assert str(check("customer.channels", event_scope(), "list[text]").type) == "list[text]"
    with pytest.raises(ExpressionError):
        check("customer.channels", event_scope(), "text")


@pytest.mark.parametrize(
    "text",
    [
        "9" * 41 + " > 1",
        "'a' = '\x00'",
        "(" * 70 + "1" + ")" * 70 + " > 1",
        "1 > 1" + " and 1 > 1" * 1_000,
        "x" * 20_001,
    ],
)
def test_limits_hold(text: str) -> None:
    with pytest.raises(ExpressionError):
        check(text, event_scope())


def test_a_computation_that_could_outgrow_the_database_is_refused() -> None:
    fine = " * ".join(["customer.spend"] * 20)
    assert check(f"{fine} > 1", event_scope())
    with pytest.raises(ExpressionError) as refused:
        check(f"({fine}) * ({fine}) * ({fine}) > 1", event_scope())
    assert refused.value.problems[0].code == "too_many_digits"


def test_a_problem_is_found_again_in_the_builders_json() -> None:
    text = "customer.spend > 3 and (count(orders where categry = 'x' or gift) > 1 or customer.city in [1])"
    with pytest.raises(ExpressionError) as refused:
        check(text, event_scope())
    tree = parse(text)
    found: Any = to_json(tree)
    for key in path_at(tree, refused.value.problems[0].span):
        found = found[key]
    assert found == {"kind": "field", "path": ["categry"]}
