"""The next moment at which time alone can change an expression's value: for one record, and as SQL for every row."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from tandem.catalog import typed as t
from tandem.catalog.calendar_math import Moment
from tandem.catalog.checker import Checked
from tandem.catalog.due import Due, Sweep, Turning, due, tomorrow
from tandem.catalog.python import Compiler, Place, Record
from tandem.catalog.sql_parts import NOW, Binder, expand
from tandem.catalog.sql_printer import Printer
from tandem.catalog.sql_related import Correlated, relation_of, source
from tandem.catalog.value_types import TIMESTAMP


@dataclass(frozen=True)
class NextChange:
    """SQL of type timestamptz, null where nothing is due; binds like `Compiled`.

    It includes the sweep (the next local midnight or full hour) that `sweep` names.
    """

    sql: str
    params: dict[str, object]
    sweep: Sweep


def next_change(checked: Checked, record: Record, now: datetime, *, zone: str | ZoneInfo) -> datetime | None:
    """Return the first moment after `now` at which the record's value can change by time alone, None when never."""
    plan = due(checked.scope, checked.typed)
    at = Moment(now, ZoneInfo(str(zone)))
    compiler = Compiler(checked.scope)
    place = Place(record, at)
    moments = [moment for turning in plan.turnings for moment in _moments(compiler, turning, place)]
    if plan.sweep == "daily":
        moments.append(at.next_day())
    elif plan.sweep == "hourly":
        moments.append(at.next_hour(now))
    return min((moment for moment in moments if moment > now), default=None)


def _moments(compiler: Compiler, turning: Turning, place: Place) -> list[datetime]:
    places = [place]
    if turning.related is not None:
        tests = [compiler.compile(condition) for condition in turning.where]
        rows = place.record.get("relations", {}).get(turning.related.relation, ())
        every = [Place(place.record, place.at, row) for row in rows]
        places = [row for row in every if all(test(row) is True for test in tests)]
    evaluate = [compiler.compile(moment) for moment in turning.moments]
    found = [moment(each) for each in places for moment in evaluate]
    return [moment for moment in found if moment is not None]


def next_change_sql(
    checked: Checked, *, alias: Mapping[str, str], prefix: str = "d0_", zone: str | ZoneInfo
) -> NextChange:
    """Print the next moment at which each row's value can change by time alone."""
    plan = due(checked.scope, checked.typed)
    printer = Printer(checked.scope, alias, Binder(prefix), str(zone), Correlated())
    return NextChange(next_change_text(printer, plan), printer.binder.params, plan.sweep)


def next_change_text(printer: Printer, plan: Due, shared: Callable[[Turning], str | None] = lambda _: None) -> str:
    """Print the first of all moments that lie ahead; `shared` may know one that a scan of the rows has found already."""
    parts = [shared(turning) or _first_after(printer, turning) for turning in plan.turnings]
    if plan.sweep == "daily":
        parts.append(printer.value(tomorrow()))
    elif plan.sweep == "hourly":
        parts.append(printer.value(t.Call("next_hour", 0, (t.Call("now", 0, (), type=TIMESTAMP),), type=TIMESTAMP)))
    return f"least({', '.join(parts)})" if parts else "null::timestamptz"


def _first_after(printer: Printer, turning: Turning) -> str:
    if turning.related is None:
        return _least(printer, turning.moments)
    relation = relation_of(printer, turning.related)
    row = printer.fresh("r")
    outer_row, printer.row = printer.row, row
    try:
        where = printer.join_conditions(relation, row, printer.alias_of(turning.related.root))
        if relation.where:
            where.append(f"({expand(relation.where, row)})")
        where += [printer.test(condition) for condition in turning.where]
        # Not min(...): an aggregate whose argument names only the outer row would belong to the outer query.
        return f"(select {_least(printer, turning.moments)} as at from {source(relation, row)} where {' and '.join(where)} order by at limit 1)"
    finally:
        printer.row = outer_row


def _least(printer: Printer, moments: tuple[t.Node, ...]) -> str:
    """Print the first of some moments that lies ahead."""
    alias = printer.fresh("n")
    values = ", ".join(f"({printer.value(moment)})" for moment in moments)
    return f"(select min({alias}.at) from (values {values}) as {alias}(at) where {alias}.at > {NOW})"
