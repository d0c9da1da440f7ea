"""The Python back end: a checked expression to a closure over one record, with the same answer as SQL.

A record is a plain dict: one dict per root (`customer`, `event`: its JSON payload), `relations` with a list of row dicts for
each relation, one set of texts per membership (`tags`, `segments`), `areas` (kind -> name -> rings of
(longitude, latitude)) and `lookups` (name -> function). A key that is absent is a missing value.
"""

# ruff: noqa: PLR0911 (one return for each form of node reads best)

from __future__ import annotations

import operator
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from tandem.catalog import exact
from tandem.catalog import typed as t
from tandem.catalog.calendar_math import Moment
from tandem.catalog.checker import Checked
from tandem.catalog.event_values import read_event
from tandem.catalog.functions import FUNCTIONS
from tandem.catalog.geometry import is_within
from tandem.catalog.model import EventType, Scope
from tandem.catalog.related_sets import conditions, day_of_row, time_of_row
from tandem.catalog.value_types import DATE, DURATION, NUMBER, TIMESTAMP

Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value is computed: the record, the moment, and the related row at hand."""

    record: Record
    at: Moment
    row: Mapping[str, Any] | None = None


Eval = Callable[[Place], Any]
Run = Callable[[Record, datetime], Any]

_EARLIEST: Final = datetime(1, 1, 1, tzinfo=UTC)
_LATEST: Final = datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)
_COMPARE: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def compile_python(checked: Checked, *, zone: str | ZoneInfo) -> Run:
    """Return a function of a record and the business time (aware) that gives the expression's value, None when missing."""
    evaluate = Compiler(checked.scope).compile(checked.typed)
    tenant_zone = ZoneInfo(str(zone))

    def run(record: Record, now: datetime) -> Any:
        return evaluate(Place(record, Moment(now, tenant_zone)))

    return run


@dataclass(frozen=True)
class Compiler:
    """Turns typed nodes into closures."""

    scope: Scope

    def compile(self, node: t.Node) -> Eval:
        match node:
            case t.Const(value=value):
                return lambda _place: value
            case t.RootField():
                return self._root_field(node)
            case t.RowField(field=name):
                return lambda place: normal((place.row or {}).get(name))
            case t.And(items=items):
                parts = [self.compile(item) for item in items]
                return lambda place: all(part(place) is True for part in parts)
            case t.Or(items=items):
                parts = [self.compile(item) for item in items]
                return lambda place: any(part(place) is True for part in parts)
            case t.Not(item=item):
                inner = self.compile(item)
                return lambda place: inner(place) is not True
            case t.Compare() | t.Between() | t.In() | t.Match() | t.Missing() | t.Member() | t.Within():
                return self._condition(node)
            case _:
                return self._computed(node)

    def _computed(self, node: t.Node) -> Eval:
        match node:
            case t.Arith():
                return self._strict(arithmetic(node), node.left, node.right)
            case t.Negative(value=value):
                return self._strict(exact.negative if node.type == NUMBER else operator.neg, value)
            case t.LocalMidnight(value=value):
                inner = self.compile(value)
                return lambda place: None if (day := inner(place)) is None else place.at.midnight(day)
            case t.Call():
                return self._call(node)
            case t.Lookup():
                return self._lookup(node)
            case t.Related():
                return self._related(node)
            case _:
                raise TypeError(type(node).__name__)

    def _strict(self, compute: Callable[..., Any], *nodes: t.Node) -> Eval:
        """Compute from values that are all there; missing when one is not."""
        parts = [self.compile(node) for node in nodes]

        def run(place: Place) -> Any:
            values = [part(place) for part in parts]
            return None if None in values else compute(*values)

        return run

    def _root_field(self, node: t.RootField) -> Eval:
        root, name = node.root, node.field
        if isinstance(self.scope.roots[root], EventType):
            return lambda place: read_event(place.record.get(root, {}).get(name), node.type)
        return lambda place: normal(place.record.get(root, {}).get(name))

    def _condition(self, node: t.Node) -> Eval:
        match node:
            case t.Compare(op=op, left=left, right=right):
                return self._holds(_COMPARE[op], left, right)
            case t.Between(value=value, low=low, high=high):
                return self._holds(_between, value, low, high)
            case t.In(value=value, choices=choices, negated=negated):
                return self._holds(_not_in if negated else _in, value, choices)
            case t.Match(op=op, left=left, right=right):
                return self._holds(_MATCH[op], left, right)
            case t.Missing(value=value, negated=negated):
                inner = self.compile(value)
                return lambda place: (inner(place) is None) is not negated
            case t.Member(function=function, value=value):
                membership = self.scope.memberships()[function][1]
                return self._member(membership.name, self.compile(value), by_id=membership.column_type == "uuid")
            case t.Within():
                return self._within(node)
            case _:
                raise TypeError(type(node).__name__)

    def _within(self, node: t.Within) -> Eval:
        point, area, name = self.compile(node.point), node.area, node.name

        def run(place: Place) -> bool:
            at = point(place)
            rings = place.record.get("areas", {}).get(area, {}).get(name, ())
            return at is not None and is_within(rings, at)

        return run

    def _lookup(self, node: t.Lookup) -> Eval:
        name = node.name
        parts = [self._argument(arg) for arg in node.args]

        def run(place: Place) -> Any:
            values = [part(place) for part in parts]
            return None if None in values else normal(place.record["lookups"][name](*values))

        return run

    def _argument(self, node: t.Node) -> Eval:
        if not isinstance(node, t.Whole):
            return self.compile(node)
        root = node.root
        return lambda place: place.record.get(root, {})

    @staticmethod
    def _member(name: str, wanted: Eval, *, by_id: bool) -> Eval:
        if not by_id:
            return lambda place: wanted(place) in place.record.get(name, ())
        return lambda place: str(wanted(place)).lower() in {str(member) for member in place.record.get(name, ())}

    def _holds(self, test: Callable[..., bool], *nodes: t.Node) -> Eval:
        """A comparison with a missing value is false."""
        compute = self._strict(test, *nodes)
        return lambda place: compute(place) is True

    def _call(self, node: t.Call) -> Eval:
        function = FUNCTIONS[node.name][node.signature]
        compute = function.python
        parts = [self.compile(arg) for arg in node.args]
        strict = function.nulls == "strict"

        def run(place: Place) -> Any:
            values = [part(place) for part in parts]
            return None if strict and None in values else compute(place.at, *values)

        return run

    # ---------------------------------------------------------------------------------------------- related sets

    def rows(self, node: t.Related) -> Callable[[Place], list[Place]]:
        """Return a function that gives the rows that meet the aggregate's conditions."""
        tests = [self.compile(condition) for condition in conditions(self.scope, node)]
        relation = node.relation

        def run(place: Place) -> list[Place]:
            every = (Place(place.record, place.at, row) for row in place.record.get("relations", {}).get(relation, ()))
            return [row for row in every if all(test(row) is True for test in tests)]

        return run

    def _related(self, node: t.Related) -> Eval:
        rows = self.rows(node)
        if node.aggregate == "exists":
            return lambda place: bool(rows(place))
        if node.aggregate == "days_in_a_row":
            day = self.compile(day_of_row(self.scope.catalog.relations[node.relation]))
            return lambda place: _longest_run({day(row) for row in rows(place)})
        if node.field is None:
            return lambda place: Decimal(len(rows(place)))
        name = node.field
        if node.aggregate in {"first", "last"}:
            return self._nth(node, rows, name)
        aggregate = _AGGREGATE[node.aggregate]

        def run(place: Place) -> Any:
            values = [normal((row.row or {}).get(name)) for row in rows(place)]
            return aggregate([value for value in values if value is not None])

        return run

    def _nth(self, node: t.Related, rows: Callable[[Place], list[Place]], name: str) -> Eval:
        when = time_of_row(self.scope.catalog.relations[node.relation]).field
        pick = min if node.aggregate == "first" else max

        def run(place: Place) -> Any:
            pairs = [(normal((r.row or {}).get(when)), normal((r.row or {}).get(name))) for r in rows(place)]
            present = [pair for pair in pairs if None not in pair]
            return pick(present)[1] if present else None

        return run


def normal(value: Any) -> Any:
    """Bring what a driver or a test gives to the types that arithmetic needs."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        return Decimal(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    if isinstance(value, list | tuple):
        return tuple(normal(item) for item in value)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    return value


def arithmetic(node: t.Arith) -> Callable[[Any, Any], Any]:
    """Return the arithmetic of an operator for the types of its sides."""
    if node.type == NUMBER:
        return {"+": exact.add, "-": exact.subtract, "*": exact.multiply, "/": exact.divide}[node.op]
    if node.right.type == DURATION and node.left.type in {DATE, TIMESTAMP}:
        return lambda moment, length: _shift(moment, length if node.op == "+" else -length)
    return operator.add if node.op == "+" else operator.sub


def _shift(moment: date, length: timedelta) -> date:
    """Add to a date or time; past the calendar's end it stays at the end, which compares alike."""
    try:
        return moment + length
    except OverflowError:
        if isinstance(moment, datetime):
            return _LATEST if length > timedelta() else _EARLIEST
        return date.max if length > timedelta() else date.min


def _between(value: Any, low: Any, high: Any) -> bool:
    return low <= value <= high


def _in(value: Any, choices: tuple[Any, ...]) -> bool:
    return value in choices


def _not_in(value: Any, choices: tuple[Any, ...]) -> bool:
    return value not in choices and None not in choices


_MATCH: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "contains": lambda whole, part: part in whole,
    "starts with": lambda whole, part: whole.startswith(part),
    "ends with": lambda whole, part: whole.endswith(part),
}


def _average(values: list[Decimal]) -> Decimal | None:
    return exact.divide(exact.total(values), Decimal(len(values))) if values else None


def _most_frequent(values: list[Any]) -> Any:
    """Return the value that occurs most; of several the smallest, as PostgreSQL's `mode` does."""
    if not values:
        return None
    counts = Counter(values)
    most = max(counts.values())
    return min(value for value, count in counts.items() if count == most)


def _longest_run(days: set[date | None]) -> Decimal:
    """Return how many consecutive days the longest run of them has; rows without a day count for none."""
    longest = 0
    for day in days:
        if day is None or (day > date.min and day - _DAY in days):
            continue
        end = day
        while end < date.max and end + _DAY in days:
            end += _DAY
        longest = max(longest, (end - day).days + 1)
    return Decimal(longest)


_DAY: Final = timedelta(days=1)
_AGGREGATE: Final[dict[str, Callable[[list[Any]], Any]]] = {
    "count": lambda values: Decimal(len(values)),
    "sum": exact.total,
    "avg": _average,
    "min": lambda values: min(values, default=None),
    "max": lambda values: max(values, default=None),
    "most_frequent": _most_frequent,
}
