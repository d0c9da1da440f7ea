"""Many expressions over the same customers: each related set is scanned once per customer, for all of them and their due times.

The aggregates of an expression, and the moments at which rows leave its windows, become columns of a lateral subselect. Expressions
that are judged in one statement put their columns into one subselect per relation (`laterals`), so that fifty segments cost a look at
the customer's orders and one at her visits. What looks into windows only is scanned apart, no further back than the longest.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from tandem.catalog import typed as t
from tandem.catalog.checker import Checked
from tandem.catalog.dependencies import uses_clock
from tandem.catalog.due import Turning, due
from tandem.catalog.model import Relation
from tandem.catalog.next_change import next_change_text
from tandem.catalog.related_sets import conditions, floor_of, looks_outside, time_of_row
from tandem.catalog.sql_aggregates import Columns, aggregate
from tandem.catalog.sql_parts import NOW, Binder, expand, quote_identifier
from tandem.catalog.sql_printer import Printer
from tandem.catalog.sql_related import relation_of, source


@dataclass(frozen=True, slots=True)
class Scan:
    """One expression's share of a scan: `name`, `rows`, `time` and `ceiling` are the same for all expressions; `floors` bound the rows'
    time, if any, and `ceiling` says where a log ends.
    """

    name: str
    rows: str
    time: str
    columns: tuple[str, ...]
    floors: tuple[str, ...]
    ceiling: str = ""


@dataclass(frozen=True, slots=True)
class SharedSql:
    """A condition and its next change (None when time alone changes nothing), over the columns of the scans."""

    inside: str
    due: str | None
    params: dict[str, object]
    scans: tuple[Scan, ...]


def compile_shared(checked: Checked, *, alias: Mapping[str, str], prefix: str, zone: str | ZoneInfo) -> SharedSql:
    """Print a condition (true exactly when it holds) and when it can next change; arguments as for `compile_sql`."""
    form = _Shared(prefix)
    printer = Printer(checked.scope, alias, Binder(prefix), str(zone), form)
    inside = printer.test(checked.typed)
    moment = None
    if uses_clock(checked.scope, checked.typed):
        plan = due(checked.scope, checked.typed)
        moment = next_change_text(printer, plan, lambda turning: form.turning(printer, turning))
    return SharedSql(inside, moment, printer.binder.params, form.scans())


def laterals(scans: Iterable[Scan]) -> str:
    """Return the joins that give the columns of many expressions' scans, to stand after the roots' FROM items."""
    by_name: dict[str, list[Scan]] = {}
    for scan in scans:
        by_name.setdefault(scan.name, []).append(scan)
    return "\n".join(_lateral(name, parts) for name, parts in by_name.items())


def _lateral(name: str, parts: list[Scan]) -> str:
    columns = ", ".join(column for part in parts for column in part.columns)
    floors = list(dict.fromkeys(floor for part in parts for floor in part.floors))
    bound = f" and {parts[0].time} >= least({', '.join(floors)}){parts[0].ceiling}" if floors else ""
    return f"cross join lateral (select {columns} {parts[0].rows}{bound}) as {name}"


@dataclass
class _Collected:
    relation: Relation
    root: str
    columns: list[str] = field(default_factory=list[str])
    floors: dict[str, None] = field(default_factory=dict[str, None])


class _Shared(Columns):
    """Collects the columns while the expression is printed."""

    def __init__(self, prefix: str) -> None:
        super().__init__()
        self._prefix = prefix
        self._known: dict[t.Related, str] = {}
        self._collected: dict[str, _Collected] = {}
        self._printed: dict[str, tuple[str, str]] = {}
        self._count = 0

    def must_correlate(self, printer: Printer, node: t.Related) -> bool:
        """A scan answers what reads nothing but the row; one row is looked up more cheaply where no window bounds the scan."""
        parts = conditions(printer.scope, node)
        if not all(_reads_row_only(part) for part in parts):
            return True
        bounded = bool(_floors(relation_of(printer, node), parts))
        return not bounded and node.aggregate in {"exists", "first", "last"}

    def column(self, printer: Printer, node: t.Related) -> str:
        if node not in self._known:
            self._known[node] = self._add(printer, node)
        return self._known[node]

    def _add(self, printer: Printer, node: t.Related) -> str:
        parts = conditions(printer.scope, node)
        relation, scan, outer = self._enter(printer, node, parts)
        name = self._fresh()
        try:
            own = [printer.test(part) for part in parts]
            self._collected[scan].columns += aggregate(printer, relation, node, own, name)
        finally:
            printer.row = outer
        return f"{scan}.{name}"

    def turning(self, printer: Printer, turning: Turning) -> str | None:
        """Return the first moment ahead among those of a related set's rows, None where a scan cannot find it."""
        node = turning.related
        if node is None or not all(_reads_row_only(part) for part in (*turning.where, *turning.moments)):
            return None
        if not all(any(isinstance(part, t.RowField) for part in t.walk(moment)) for moment in turning.moments):
            return None
        _, scan, outer = self._enter(printer, node, turning.where)
        found: list[str] = []
        try:
            own = [printer.test(part) for part in turning.where]
            for moment in turning.moments:
                value, name = printer.value(moment), self._fresh()
                ahead = " and ".join([*own, f"{value} > {NOW}"])
                self._collected[scan].columns.append(f"min({value}) filter (where {ahead}) as {name}")
                found.append(f"{scan}.{name}")
        finally:
            printer.row = outer
        return f"least({', '.join(found)})"

    def _enter(self, printer: Printer, node: t.Related, parts: tuple[t.Node, ...]) -> tuple[Relation, str, str | None]:
        """Stand on the scan's row; returns the relation, the scan's alias and the row that was stood on before."""
        relation = relation_of(printer, node)
        floors = _floors(relation, parts)
        kind = "window" if floors else "all"
        scan = quote_identifier(f"scan_{node.root}_{relation.name}_{kind}")
        outer, printer.row = printer.row, quote_identifier(f"row_{node.root}_{relation.name}_{kind}")
        collected = self._collected.setdefault(scan, _Collected(relation, node.root))
        if floors:
            collected.floors[printer.value(floors[0].right)] = None
        if scan not in self._printed:
            self._printed[scan] = self._rows(printer, collected, printer.row)
        return relation, scan, outer

    @staticmethod
    def _rows(printer: Printer, scan: _Collected, row: str) -> tuple[str, str]:
        parts = printer.join_conditions(scan.relation, row, printer.alias_of(scan.root))
        if scan.relation.where:
            parts.append(f"({expand(scan.relation.where, row)})")
        time = printer.value(time_of_row(scan.relation)) if scan.relation.time_field else ""
        return f"from {source(scan.relation, row)} where {' and '.join(parts)}", time

    def _fresh(self) -> str:
        self._count += 1
        return f"{self._prefix}a{self._count}"

    def scans(self) -> tuple[Scan, ...]:
        """Return what was collected."""
        found: list[Scan] = []
        for name, one in self._collected.items():
            rows, time = self._printed[name]
            ahead = one.relation.ahead
            ceiling = "" if ahead is None else f" and {time} <= {NOW} + interval '{ahead.days} days'"
            found.append(Scan(name, rows, time, tuple(one.columns), tuple(one.floors), ceiling))
        return tuple(found)


def _floors(relation: Relation, parts: Iterable[t.Node]) -> list[t.Compare]:
    return [floor for part in parts if (floor := floor_of(relation, part)) is not None]


def _reads_row_only(node: t.Node) -> bool:
    return not looks_outside(node) and not any(isinstance(part, t.Related) for part in t.walk(node))
