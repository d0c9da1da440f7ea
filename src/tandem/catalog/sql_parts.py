"""The small parts of every printed statement: quoted identifiers, bound values, exact division, values out of events."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final, cast

from tandem.catalog.constant_tables import TABLE_NAMES, constant_table
from tandem.catalog.label import Label
from tandem.catalog.literals import DATE_PATTERN, TIMESTAMP_PATTERN
from tandem.catalog.magnitude import FIELD_DIGITS_MAX
from tandem.catalog.problems import NOWHERE, ExpressionError, Problem
from tandem.catalog.typed import TierRows, Value
from tandem.catalog.value_types import BOOL, DATE, NUMBER, TEXT, TIMESTAMP, Type

BUCKETS: Final = "%(buckets)s::smallint[]"
TENANT: Final = "%(tenant)s::uuid"
NOW: Final = "%(now)s::timestamptz"

_IDENTIFIER: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,62}\Z")
_PREFIX: Final = re.compile(r"[a-z][a-z0-9_]{0,40}\Z")
_TRIVIAL: Final = re.compile(r'("[A-Za-z0-9_]+"(\."[A-Za-z0-9_]+")*|%\([a-z0-9_]+\)s::[a-z]+(\[\])?)\Z')

SQL_TYPES: Final = {
    "number": "numeric",
    "text": "text",
    "bool": "boolean",
    "date": "date",
    "timestamp": "timestamptz",
    "duration": "numeric",
    "point": "numeric[]",
}


def refuse_to_print(found: str, expected: Label) -> ExpressionError:
    """Return the error for a tree that the checker did not make."""
    return ExpressionError([Problem("not_printable", NOWHERE, Label(found[:80], found[:80]), expected)])


def quote_identifier(name: str) -> str:
    """Quote one identifier, or a dotted pair of them; anything else is refused."""
    parts = name.split(".")
    if not all(_IDENTIFIER.match(part) for part in parts):
        raise refuse_to_print(name, Label("SQL 标识符", "an SQL identifier"))
    return ".".join(f'"{part}"' for part in parts)


def is_trivial(sql: str) -> bool:
    """Tell whether repeating this piece of SQL costs nothing: a column or a bound value."""
    return bool(_TRIVIAL.match(sql))


def expand(template: str, alias: str) -> str:
    """Fill a catalog's own SQL template; a percent sign in it is text to the driver, not a placeholder."""
    return template.replace("%", "%%").replace("{alias}", alias)


@dataclass
class Binder:
    """Collects the values of one expression under names with its prefix; the same value is bound once."""

    prefix: str
    params: dict[str, object] = field(default_factory=dict[str, object])
    _names: dict[tuple[str, str], str] = field(default_factory=dict[tuple[str, str], str])

    def __post_init__(self) -> None:
        if not _PREFIX.match(self.prefix):
            raise refuse_to_print(
                self.prefix,
                Label("小写字母、数字和下划线组成的前缀", "a prefix of lower-case letters, digits and underscores"),
            )

    def bind(self, value: object, sql_type: str) -> str:
        key = (sql_type, repr(value))
        if key not in self._names:
            self._names[key] = f"{self.prefix}{len(self._names) + 1}"
            self.params[self._names[key]] = value
        return f"%({self._names[key]})s::{sql_type}"

    def table(self, name: str) -> str:
        """Bind a table of `constant_tables` by its name."""
        if name not in TABLE_NAMES:
            raise refuse_to_print(name, Label("已有的数据表", "a table that exists"))
        value, sql_type = constant_table(name)
        key = (sql_type, f"@{name}")
        if key not in self._names:
            self._names[key] = f"{self.prefix}{len(self._names) + 1}"
            self.params[self._names[key]] = value
        return f"%({self._names[key]})s::{sql_type}"

    def constant(self, value: Value, type_: Type) -> str:
        """Bind a constant of the expression."""
        if isinstance(value, tuple):
            return self._many(value, type_)
        return self.bind(_plain(value), SQL_TYPES.get(type_.name, "text"))

    def _many(self, value: tuple[object, ...], type_: Type) -> str:
        if type_.item is not None:
            return self.bind(list(value), SQL_TYPES.get(type_.item.name, "text") + "[]")
        rows = cast("TierRows", value)
        arrays = (
            self.bind([low for low, _, _ in rows], "numeric[]"),
            self.bind([high for _, high, _ in rows], "numeric[]"),
            self.bind([rate for _, _, rate in rows], "numeric[]"),
        )
        return f"unnest({', '.join(arrays)})"


def _plain(value: object) -> object:
    if isinstance(value, timedelta):
        return seconds(value)
    if value is None or isinstance(value, Decimal | str | bool | date | datetime):
        return value
    raise refuse_to_print(repr(value), Label("可绑定的值", "a value that can be bound"))


def seconds(length: timedelta) -> Decimal:
    """Return a duration in seconds, exactly."""
    return Decimal(length // timedelta(microseconds=1)).scaleb(-6)


def divide(numerator: str, denominator: str) -> str:
    """Return a quotient with 28 significant digits, rounded half up; missing when the divisor is zero."""
    return divide_row(f"select ({numerator})::numeric as n, ({denominator})::numeric as d")


def divide_row(select: str) -> str:
    """Divide column n by column d of a one-row select.

    PostgreSQL's own division chooses its scale by the operands. Here the quotient is first cut to an integer of at least
    29 digits, then rounded to 28: rounding half up after a cut is exact, rounding twice would not be.
    """
    return (
        "(select sign(z.n) * sign(z.d) * round(z.v, 28 - length(z.v::text)) * ('1e-' || z.k::text)::numeric from (select y.n, y.d, y.k,"
        " div(abs(y.n) * ('1e' || y.k::text)::numeric, abs(y.d)) as v from (select x.n, x.d,"
        " 29 + scale(x.n) + length(trunc(abs(x.d))::text) as k from (select w.n, nullif(w.d, 0) as d from"
        f" ({select} offset 0) as w offset 0) as x offset 0) as y offset 0) as z)"
    )


def from_event(binder: Binder, payload: str, name: str, type_: Type) -> str:
    """Return the typed value of one key of a JSON payload; what has another shape is missing, never an error."""
    key = binder.bind(name, "text")
    inner, text = f"({payload} -> {key})", f"({payload} ->> {key})"
    if type_.item is not None:
        return _list_from_event(binder, inner, type_.item)
    kind = {NUMBER: "number", BOOL: "boolean"}.get(type_, "string")
    shaped = f"jsonb_typeof({inner}) = {binder.bind(kind, 'text')}"
    if type_ in {DATE, TIMESTAMP}:
        pattern = DATE_PATTERN if type_ == DATE else TIMESTAMP_PATTERN
        sql_type = SQL_TYPES[type_.name]
        # The cast stands in its own branch: PostgreSQL evaluates it only for text that the pattern and the parser accept.
        shaped += f" and {text} ~ {binder.bind(pattern, 'text')} and pg_input_is_valid({text}, {binder.bind(sql_type, 'text')})"
        return f"(case when {shaped} then {text}::{sql_type} end)"
    if type_ == NUMBER:
        shaped += f" and length({text}) <= {binder.bind(FIELD_DIGITS_MAX, 'integer')}"
    cast = "" if type_ == TEXT else f"::{SQL_TYPES[type_.name]}"
    return f"(case when {shaped} then {text}{cast} end)"


def _list_from_event(binder: Binder, inner: str, item: Type) -> str:
    kind = binder.bind({NUMBER: "number", BOOL: "boolean"}.get(item, "string"), "text")
    cast = SQL_TYPES[item.name]
    array = binder.bind("array", "text")
    short = f" and length(v.item #>> '{{}}') <= {binder.bind(FIELD_DIGITS_MAX, 'integer')}" if item == NUMBER else ""
    items = f"select array_agg((v.item #>> '{{}}')::{cast}) from jsonb_array_elements({inner}) as v(item) where jsonb_typeof(v.item) = {kind}{short}"
    return f"(case when jsonb_typeof({inner}) = {array} then coalesce(({items}), '{{}}'::{cast}[]) end)"
