"""Aggregates over related sets, printed as grouped subselects to left join.

For previews and segments over a million customers: each related set is filtered first, grouped once, and shared by the
aggregates that look at the same stretch of time. A comparison that a customer without rows cannot pass stays bare, so that
PostgreSQL turns the left join into an inner one and starts from the small side.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from decimal import Decimal

from tandem.catalog import typed as t
from tandem.catalog.model import Relation, Scope
from tandem.catalog.related_sets import conditions, looks_at_time, looks_outside
from tandem.catalog.sql_aggregates import Columns, aggregate
from tandem.catalog.sql_parts import expand, quote_identifier
from tandem.catalog.sql_printer import Printer, constant_number
from tandem.catalog.sql_related import relation_of, source
from tandem.catalog.sql_restrict import conjuncts, restriction


@dataclass
class _Scan:
    """One grouped subselect: a relation, the conditions on time that all its aggregates share, its aggregates."""

    relation: Relation
    root: str
    alias: str
    times: tuple[t.Node, ...]
    members: list[tuple[t.Related, tuple[t.Node, ...]]] = field(
        default_factory=list[tuple[t.Related, tuple[t.Node, ...]]]
    )


class Joined(Columns):
    """Collects the scans while the expression is printed; `joins` prints them afterwards."""

    def __init__(self, scope: Scope, node: t.Node, *, is_filter: bool) -> None:
        super().__init__()
        self._parts = conjuncts(node) if is_filter else []
        self._restriction = restriction(scope, self._parts)
        self._scans: dict[tuple[str, str, frozenset[t.Node]], _Scan] = {}

    def filter(self, printer: Printer) -> str:
        """Print the whole expression for a filter. What only asks whether rows exist becomes a semi-join or an anti-join."""
        return "(" + " and ".join(self._conjunct(printer, part) for part in self._parts) + ")"

    def _conjunct(self, printer: Printer, node: t.Node) -> str:
        match node:
            case t.Related(aggregate="exists"):
                return self.correlated.value(printer, node)
            case t.Not(item=t.Related(aggregate="exists") as related):
                return f"not {self.correlated.value(printer, related)}"
            case t.Compare(op=op, left=t.Related(aggregate="count", field=None) as related, right=right):
                needs = _needs_rows(op, constant_number(right))
                if needs is None:
                    return printer.test(node)
                exists = replace(related, aggregate="exists")
                return f"{'' if needs else 'not '}{self.correlated.value(printer, exists)}"
            case _:
                return printer.test(node)

    def must_correlate(self, printer: Printer, node: t.Related) -> bool:
        """Look rows up one customer at a time where a condition reads the outer row, or where a driver leaves but a few."""
        if any(looks_outside(condition) for condition in conditions(printer.scope, node)):
            return True
        driver = self._restriction.driver
        if driver is None or not driver.is_bounded(printer.scope):
            return False
        return self._key(printer, node) != self._key(printer, driver.node)

    @staticmethod
    def _key(printer: Printer, node: t.Related) -> tuple[str, str, frozenset[t.Node]]:
        """Aggregates with the same key share a scan: the same relation over the same stretch of time."""
        relation = relation_of(printer, node)
        times = (c for c in conditions(printer.scope, node) if looks_at_time(relation, c))
        return relation.name, node.root, frozenset(times)

    def column(self, printer: Printer, node: t.Related) -> str:
        relation = relation_of(printer, node)
        every = conditions(printer.scope, node)
        times = tuple(c for c in every if looks_at_time(relation, c))
        key = self._key(printer, node)
        if key not in self._scans:
            self._scans[key] = _Scan(relation, node.root, printer.fresh("j"), times)
        scan = self._scans[key]
        member = (node, tuple(c for c in every if c not in times))
        if member not in scan.members:
            scan.members.append(member)
        return f"{scan.alias}.a{scan.members.index(member)}"

    def joins(self, printer: Printer) -> tuple[str, ...]:
        """Return the joins, each complete: `left join (...) as alias on ...`."""
        return tuple(self._print(printer, scan) for scan in self._scans.values())

    def _print(self, printer: Printer, scan: _Scan) -> str:
        row = printer.fresh("r")
        outer_row, printer.row = printer.row, row
        try:
            select, where = self._body(printer, scan, row)
        finally:
            printer.row = outer_row
        keys = [(f"{row}.{quote_identifier(mine)}", its) for mine, its in scan.relation.join]
        columns = ", ".join([*(f"{key} as k{i}" for i, (key, _) in enumerate(keys)), *select])
        outer = printer.alias_of(scan.root)
        on = " and ".join(f"{scan.alias}.k{i} = {outer}.{quote_identifier(its)}" for i, (_, its) in enumerate(keys))
        group = ", ".join(key for key, _ in keys)
        return (
            f"left join (select {columns} from {source(scan.relation, row)} where {' and '.join(where)}"
            f" group by {group}) as {scan.alias} on {on}"
        )

    def _body(self, printer: Printer, scan: _Scan, row: str) -> tuple[list[str], list[str]]:
        """Return the aggregate columns and the conditions. What all aggregates ask for filters the scan; the rest, each."""
        where = printer.join_conditions(scan.relation, row, None)
        if scan.relation.where:
            where.append(f"({expand(scan.relation.where, row)})")
        where += self._restriction.narrow(printer, scan.relation, scan.root, row, [node for node, _ in scan.members])
        where += [printer.test(condition) for condition in scan.times]
        shared = [c for c in scan.members[0][1] if all(c in own for _, own in scan.members)]
        where += [printer.test(condition) for condition in shared]
        filters = [[printer.test(c) for c in own if c not in shared] for _, own in scan.members]
        if all(filters):
            where.append("(" + " or ".join("(" + " and ".join(own) + ")" for own in filters) + ")")
        if len(scan.members) == 1:
            filters = [list[str]()]
        select: list[str] = []
        for position, ((node, _), own) in enumerate(zip(scan.members, filters, strict=True)):
            select += aggregate(printer, scan.relation, node, own, f"a{position}")
        return select, where


def _needs_rows(op: str, limit: Decimal | None) -> bool | None:
    """Tell whether a comparison of a count only asks for some row (True), for none (False), or for more (None)."""
    if limit is None or limit not in {0, 1}:
        return None
    return {(">", 0): True, ("!=", 0): True, (">=", 1): True, ("=", 0): False, ("<=", 0): False, ("<", 1): False}.get(
        (op, int(limit))
    )
