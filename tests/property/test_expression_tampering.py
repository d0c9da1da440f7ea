"""Can a tree that was tampered with after checking make the SQL printer emit anything but its own words?

Every literal, field, relation, function, operator and alias slot is filled with nasty text in turn. The printer must refuse or
bind it: what it prints holds no quote-delimited text beyond a closed vocabulary, no number and no word of its own invention.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tandem.catalog import Checked, ExpressionError, check, compile_sql, next_change_sql, to_text
from tandem.catalog import typed as t
from tandem.catalog.functions import FUNCTIONS
from unit.catalog.generate import expressions
from unit.catalog.sample import CATALOG, event_scope

SCOPE: Final = event_scope()
ALIAS: Final = {"customer": "c", "event": "e.payload"}
NASTY: Final = (
    "'; drop table customer; --",
    '"; drop table customer; --',
    "x' or '1'='1",
    "%(now)s",
    "%s",
    "{alias}",
    "{0}",
    "$1",
    "city or true",
    "\\'; select 1; --",
    "sales_order",
    "customer.city",
    "/* */",
    "ａｄｍｉｎ",
)

_PLACEHOLDER: Final = re.compile(r"%\((now|buckets|tenant|e0_[0-9]+|d0_[0-9]+)\)s")
_QUOTED: Final = re.compile(r'"([A-Za-z_][A-Za-z0-9_]*)"')
_OWN: Final = re.compile(r"(?:e0_|d0_)[a-z]+[0-9]+")
_TOKEN: Final = re.compile(
    r"'[^']*'|[A-Za-z_][A-Za-z0-9_]*|[0-9]+(?:\.[0-9]+)?|::|:|->>|->|#>>|<=|>=|<>|\|\||@>|[-+*/=<>~(),.\[\]]|\s+"
)

WORDS: Final = frozenset(
    [
        "select",
        "from",
        "where",
        "and",
        "or",
        "not",
        "as",
        "on",
        "is",
        "null",
        "in",
        "any",
        "all",
        "exists",
        "left",
        "join",
        "group",
        "by",
        "order",
        "desc",
        "asc",
        "limit",
        "offset",
        "values",
        "filter",
        "within",
        "case",
        "when",
        "then",
        "else",
        "end",
        "between",
        "like",
        "coalesce",
        "nullif",
        "least",
        "greatest",
        "num_nulls",
        "array",
        "array_agg",
        "unnest",
        "true",
        "false",
        "at",
        "time",
        "zone",
        "collate",
        "lateral",
        "having",
        "distinct",
        "sum",
        "count",
        "min",
        "max",
        "avg",
        "mode",
        "round",
        "sign",
        "div",
        "abs",
        "scale",
        "length",
        "trunc",
        "floor",
        "ceil",
        "lower",
        "upper",
        "right",
        "strpos",
        "starts_with",
        "extract",
        "epoch",
        "year",
        "month",
        "day",
        "hour",
        "isodow",
        "interval",
        "make_interval",
        "secs",
        "months",
        "date_trunc",
        "cardinality",
        "jsonb_typeof",
        "jsonb_array_elements",
        "pg_input_is_valid",
        "numeric",
        "text",
        "boolean",
        "date",
        "timestamptz",
        "timestamp",
        "integer",
        "bigint",
        "smallint",
        "double",
        "precision",
        "uuid",
        "w",
        "x",
        "y",
        "z",
        "n",
        "d",
        "k",
        "v",
        "q",
        "t",
        "item",
        "low",
        "high",
        "rate",
        # Areas, lookups, calendars, texts.
        "bool_or",
        "mod",
        "p",
        "e",
        "x1",
        "y1",
        "x2",
        "y2",
        "m",
        "r",
        "g",
        "a",
        "b",
        "place",
        "this",
        "next",
        "make_date",
        "quarter",
        "width_bucket",
        "array_position",
        "generate_series",
        "translate",
        "btrim",
        "left",
        # What the sample catalog's own templates say.
        "longitude",
        "latitude",
        "market_price",
        "protected_region",
        "price",
        "region",
        "regions",
        "tenant_id",
        "customer_id",
        "id",
    ]
)
_COLUMNS: Final = re.compile(r"(a|k)[0-9]+[sc]?")
LITERALS: Final = frozenset({"'1e'", "'1e-'", "'{}'", "'week'", "'month'", "'year'", "'hour'", "'1 hour'"})
NUMBERS: Final = frozenset({"0", "1", "2", "4", "5", "6", "7", "7.0", "12", "20", "28", "29", "100", "86400"})
IDENTIFIERS: Final = frozenset(
    {"c", "e", "payload", "C", "bucket", "id", "tenant_id", "customer_id", "city"}
    | {of.table for of in (*CATALOG.entities.values(), *CATALOG.relations.values(), *CATALOG.memberships.values())}
    | {f.name for of in (*CATALOG.entities.values(), *CATALOG.relations.values()) for f in of.fields}
    | {of.column for of in CATALOG.memberships.values()}
    | {part for of in CATALOG.areas.values() for part in (of.table, of.key_column, of.xs, of.ys)}
)


def assert_only_own_words(sql: str) -> None:
    """Take the statement apart; every piece must belong to the printer's closed vocabulary."""
    assert all(_OWN.fullmatch(name) or name in IDENTIFIERS for name in _QUOTED.findall(sql)), sql
    left = _QUOTED.sub(" ", _PLACEHOLDER.sub(" ", sql))
    assert "%" not in left.replace("%%", ""), sql
    position = 0
    while position < len(left):
        match = _TOKEN.match(left, position)
        assert match, f"unknown piece {left[position : position + 20]!r} in {sql}"
        token = match.group(0)
        position = match.end()
        if token.startswith("'"):
            assert token in LITERALS, f"{token} in {sql}"
        elif token[0].isdigit():
            assert token in NUMBERS, f"{token} in {sql}"
        elif token[0].isalpha() or token[0] == "_":
            assert token.lower() in WORDS or _COLUMNS.fullmatch(token) or token in {"alias", "at", "city"}, (
                f"{token} in {sql}"
            )


def mutations(node: Any) -> Iterator[Any]:
    """Yield the tree with one slot replaced by something nasty, for every slot."""
    for spec in fields(node):
        if spec.name in {"span", "type", "signature", "negated"}:
            continue
        value = getattr(node, spec.name)
        for changed in _changed(value):
            yield replace(node, **{spec.name: changed})


def _changed(value: Any) -> Iterator[Any]:
    match value:
        case t.Node():
            yield from mutations(value)
        case str():
            yield from NASTY
        case tuple() if value and all(isinstance(item, t.Node) for item in value):
            for position, item in enumerate(value):
                for changed in mutations(item):
                    yield (*value[:position], changed, *value[position + 1 :])
        case tuple():
            yield (*value, NASTY[0])
        case Decimal() | timedelta():
            yield from NASTY[:4]
        case _:
            return


def print_every_way(tree: t.Node, text: str) -> list[str]:
    """Print a tree in both modes; refused ones print nothing."""
    checked = Checked(text, None, tree, SCOPE)  # type: ignore[arg-type]
    printed: list[str] = []
    for mode in ("correlated", "joined"):
        try:
            compiled = compile_sql(checked, alias=ALIAS, mode=mode, zone="'; drop table customer; --")  # type: ignore[arg-type]
        except (ExpressionError, LookupError, TypeError, ValueError, AttributeError):
            continue
        printed += [compiled.sql, *compiled.joins]
    return printed


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(expressions(4), st.randoms(use_true_random=False))
def test_no_slot_reaches_the_statement(drawn: Any, rng: Any) -> None:
    checked = check(to_text(drawn[1]), SCOPE, drawn[0])
    for sql in print_every_way(checked.typed, checked.text):
        assert_only_own_words(sql)
    changed = list(mutations(checked.typed))
    for tree in rng.sample(changed, min(len(changed), 60)):
        for sql in print_every_way(tree, checked.text):
            assert_only_own_words(sql)


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(expressions(3))
def test_next_change_prints_its_own_words_only(drawn: Any) -> None:
    checked = check(to_text(drawn[1]), SCOPE, drawn[0])
    assert_only_own_words(next_change_sql(checked, alias=ALIAS, zone="'; --").sql)


@pytest.mark.parametrize("alias", ['c"; drop table x; --', "c d", "c.b.", "", "c--", "%(x)s", "客户"])
def test_an_alias_is_an_identifier(alias: str) -> None:
    checked = check("customer.city = 'x'", SCOPE)
    with pytest.raises(ExpressionError):
        compile_sql(checked, alias={"customer": alias}, zone="UTC")


@pytest.mark.parametrize("text", NASTY)
def test_nasty_text_is_only_ever_a_value(text: str) -> None:
    literal = "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
    checked = check(
        f"customer.city = {literal} or customer.city contains {literal} or has_tag({literal}) or customer.city in [{literal}]",
        SCOPE,
    )
    compiled = compile_sql(checked, alias=ALIAS, zone="UTC")
    assert text not in compiled.sql or text == "sales_order"
    assert text in compiled.params.values()
    assert_only_own_words(compiled.sql)


TAMPERED: Final = (
    "within(customer.location, 'geofence:east')",
    "market_price(customer, customer.city) > 1",
    "customer.city in protected_regions(customer)",
    "in_region(customer.division, '310000')",
    "lunar_birthday_within(customer.birthday, 30)",
    "volume(customer.spend, [0 to 5: 1%, 5: 2%]) > 1",
    "mentions(customer.city, 'x') and left(customer.city, 2) = 'x'",
    "count(orders in last 3 days where within(customer.location, 'geofence:east')) > 1",
)


@pytest.mark.parametrize("text", TAMPERED)
def test_every_slot_of_the_newer_forms(text: str) -> None:
    """All mutations of each, not a sample: an area's kind and name, a lookup's name and root, a table of constants."""
    checked = check(text, SCOPE)
    printed = print_every_way(checked.typed, text)
    assert len(printed) >= 2
    for sql in printed:
        assert_only_own_words(sql)
    for tree in mutations(checked.typed):
        for sql in print_every_way(tree, text):
            assert_only_own_words(sql)


def test_the_tampering_is_noticed_by_this_test() -> None:
    """The guard itself can fail: a printer that lets a name through would be seen."""
    for sql in ("select 1; drop table customer", "('x' = 'x')", '"; drop"', "pg_sleep(5)", "customer.city"):
        with pytest.raises(AssertionError):
            assert_only_own_words(sql)


def test_every_functions_template_is_known_to_the_vocabulary() -> None:
    """A new function whose SQL uses a new word makes this test fail, so that somebody looks at the word."""
    for overloads in FUNCTIONS.values():
        for function in overloads:
            sql = re.sub(r"\{@?[a-z0-9_?|]+\}", " ", function.sql).replace('"C"', " ")
            assert_only_own_words(sql)


def test_placeholders_are_psycopgs() -> None:
    checked = check("customer.city contains '100%' and customer.spend > 5%", SCOPE)
    compiled = compile_sql(checked, alias=ALIAS, zone="UTC")
    query = psycopg._queries.PostgresQuery(psycopg.adapt.Transformer())
    query.convert(compiled.sql.encode(), {**compiled.params})
    assert query.query.count(b"$") >= 2
