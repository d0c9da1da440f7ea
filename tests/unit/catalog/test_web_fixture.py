"""Does the server still read the expressions that the browser's builder is tested with as it did when they were written down?

`TANDEM_WRITE_FIXTURE=1` writes the file anew from the generator; without it the file is held against the parser. The browser's own
test then shows that its builder gives every one of them back with every sign in its place.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, Final

from hypothesis import HealthCheck, Phase, given, seed, settings

from tandem.catalog import catalog_json, check, parse, to_json, to_text
from unit.catalog.generate import expressions
from unit.catalog.sample import CATALOG, event_scope

FIXTURE: Final = Path(__file__).parents[3] / "web/src/shared/expression/generated.json"
COUNT: Final = 300
BY_HAND: Final = (
    "((customer.spend)) > 12.500",
    "(customer.spend > 1) and (customer.city) = 'x'",
    "customer.city = \"it's\" or customer.city = 'it''s' or customer.city in ['a', \"b\"]",
    "not (customer.spend > 1 and customer.city = 'x') or (not (customer.subscribed))",
    "not not has_tag('x') and not (has_tag('y'))",
    "((customer.spend > 1 or customer.spend < 5) and ((customer.subscribed)))",
    "(not (customer.spend > 1 or (customer.city is missing)))",
    "count(orders in last 90 days where category = '奶粉' or gift) >= 2",
    "count(orders in last 1 week where (gift)) between 1 and 5",
    "sum(orders.amount where category in ['a'] and not gift) > -5.50",
    "days_since(last(orders.paid_at where gift)) > 30 and days_until(customer.birthday) <= 007",
    "age_weeks(customer.birthday) between 28 and 40 and age_years(customer.birthday) >= 18",
    "birthday_within(customer.birthday, 30) or not lunar_birthday_within(customer.birthday, 7)",
    "in_region(customer.division, '310000') and not in_region(customer.division, '310101')",
    "within(customer.location, 'geofence:east') and not within((customer.location), 'geofence:east')",
    "graduated(customer.spend, [0 to 100: 3%, 100: 5.0%]) > 3",
    "customer.joined_at > now() - 1 day and customer.birthday = date('2000-02-29')",
    "true and (false or customer.subscribed = true)",
)


def _generated() -> list[str]:
    found: dict[str, None] = {}

    @seed(20261122)
    @settings(
        max_examples=COUNT * 2,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        database=None,
        phases=[Phase.generate],
    )
    @given(expressions(5))
    def draw(drawn: Any) -> None:
        type_, node = drawn
        if type_ == "bool" and len(found) < COUNT:
            found[to_text(node)] = None

    draw()
    return list(found)


def _write() -> None:
    texts = [*BY_HAND, *_generated()]
    told = {
        "catalog": catalog_json(CATALOG) | {"functions": []},
        "expressions": [{"text": text, "tree": to_json(parse(text))} for text in texts],
    }
    FIXTURE.write_text(json.dumps(told, ensure_ascii=False, separators=(",", ":")) + "\n", "utf-8")


def test_the_browsers_expressions_are_read_as_they_were() -> None:
    if os.environ.get("TANDEM_WRITE_FIXTURE"):
        _write()
    told = json.loads(FIXTURE.read_text("utf-8"))
    assert len(told["expressions"]) >= COUNT // 2
    for one in told["expressions"]:
        assert to_json(parse(one["text"])) == one["tree"], one["text"]
        assert check(one["tree"], event_scope()).text == one["text"]
    catalog = catalog_json(CATALOG) | {"functions": []}
    assert json.loads(json.dumps(catalog)) == told["catalog"]
