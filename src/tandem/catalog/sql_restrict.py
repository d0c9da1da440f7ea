"""Narrow the grouped scans of a conjunction to the rows of those who can still match.

In `A and B and C` nobody outside A matters to B. So a related set is grouped only for customers who meet the conditions on
the customer herself, and who have rows meeting the most selective aggregate condition (the *driver*: one that asks for a
particular category, status, ...). PostgreSQL then chooses between looking up the few and hashing the many.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal

from tandem.catalog import typed as t
from tandem.catalog.model import Entity, Relation, Scope
from tandem.catalog.related_sets import conditions, every_node, looks_at_time, looks_outside
from tandem.catalog.sql_parts import BUCKETS, TENANT, expand, quote_identifier
from tandem.catalog.sql_printer import Printer, constant_number, passes
from tandem.catalog.sql_related import relation_of, source
from tandem.catalog.value_types import BOOL


@dataclass(frozen=True, slots=True)
class Driver:
    """An aggregate condition that a customer without rows cannot meet; `at_least` is what a count must reach."""

    node: t.Related
    at_least: Decimal | None

    def is_bounded(self, scope: Scope) -> bool:
        """Tell whether it looks at a stretch of time only."""
        relation = scope.catalog.relations[self.node.relation]
        return any(looks_at_time(relation, part) for part in conditions(scope, self.node))


@dataclass(frozen=True, slots=True)
class Restriction:
    """The conditions on the root itself, and the driver."""

    root: str | None
    plain: tuple[t.Node, ...]
    driver: Driver | None

    def narrow(self, printer: Printer, relation: Relation, root: str, row: str, members: list[t.Related]) -> list[str]:
        """Return conditions on a scan's row that keep only the root's rows that can still match."""
        if self.driver is not None and self.driver.node in members:
            return []
        keys = ", ".join(f"{row}.{quote_identifier(mine)}" for mine, _ in relation.join)
        found: list[str] = []
        if self.plain and root == self.root:
            found.append(f"({keys}) in ({self._roots(printer, relation, root)})")
        if self.driver is not None and root == self.driver.node.root:
            driving = relation_of(printer, self.driver.node)
            if [its for _, its in driving.join] == [its for _, its in relation.join]:
                found.append(f"({keys}) in ({self._driven(printer, driving, self.driver)})")
        return found

    def _roots(self, printer: Printer, relation: Relation, root: str) -> str:
        """Select the keys of the root's rows that meet the plain conditions."""
        entity = printer.scope.roots[root]
        assert isinstance(entity, Entity)  # noqa: S101 (`restriction` looks at entities only)
        alias = printer.fresh("d")
        outer, printer.alias[root] = printer.alias[root], alias
        try:
            where = [printer.test(condition) for condition in self.plain]
        finally:
            printer.alias[root] = outer
        if entity.customer_owned:
            where.insert(0, f"{alias}.{quote_identifier(entity.key[0])} = any({BUCKETS})")
        where.insert(0, f"{alias}.{quote_identifier(entity.tenant_column)} = {TENANT}")
        keys = ", ".join(f"{alias}.{quote_identifier(its)}" for _, its in relation.join)
        return f"select {keys} from {quote_identifier(entity.table)} as {alias} where {' and '.join(where)}"

    def _driven(self, printer: Printer, relation: Relation, driver: Driver) -> str:
        """Select the keys of those who have the driver's rows."""
        alias = printer.fresh("d")
        outer_row, printer.row = printer.row, alias
        try:
            where = printer.join_conditions(relation, alias, None)
            if relation.where:
                where.append(f"({expand(relation.where, alias)})")
            where += [printer.test(condition) for condition in conditions(printer.scope, driver.node)]
        finally:
            printer.row = outer_row
        keys = ", ".join(f"{alias}.{quote_identifier(mine)}" for mine, _ in relation.join)
        text = f"select {keys} from {source(relation, alias)} where {' and '.join(where)}"
        if driver.at_least is None:
            return text
        return f"{text} group by {keys} having count(*) >= {printer.binder.bind(driver.at_least, 'numeric')}"


def conjuncts(node: t.Node) -> list[t.Node]:
    """Return the conditions that must all hold."""
    return [part for item in node.items for part in conjuncts(item)] if isinstance(node, t.And) else [node]


def restriction(scope: Scope, parts: list[t.Node]) -> Restriction:
    """Find what narrows a conjunction's scans."""
    entities = [root for root, of in scope.roots.items() if isinstance(of, Entity)]
    root = entities[0] if entities else None
    plain = tuple(part for part in parts if root is not None and _is_about(scope, part, root))
    drivers = [driver for part in parts if (driver := _driver(scope, part)) is not None]
    drivers.sort(key=lambda driver: not driver.is_bounded(scope))
    return Restriction(root, plain, drivers[0] if drivers else None)


def _is_about(scope: Scope, node: t.Node, root: str) -> bool:
    """Tell whether a condition reads the root's own fields and memberships, and nothing else."""
    nodes = every_node(scope, node)
    reads = [part for part in nodes if isinstance(part, t.RootField | t.Member | t.Whole)]
    return (
        bool(reads)
        and all(part.root == root for part in reads)
        and not any(isinstance(part, t.Related) for part in nodes)
    )


def _driver(scope: Scope, node: t.Node) -> Driver | None:
    """Return a condition as a driver when it needs rows and asks for particular ones."""
    match node:
        case t.Related(aggregate="exists"):
            related, at_least = node, None
        case t.Compare(op="=", left=t.Related() as picked, right=t.Const() as value) if _picks(scope, picked):
            related, at_least = _having(scope, picked, value), None
        case t.Compare(op=op, left=t.Related() as related, right=right):
            limit = constant_number(right)
            if related.aggregate in {"count", "sum", "days_in_a_row"} and (
                limit is None or passes(Decimal(0), op, limit)
            ):
                return None
            counted = related.aggregate == "count" and related.field is None and op in {">=", ">", "="}
            at_least = limit if counted else None
        case _:
            return None
    parts = conditions(scope, related)
    selective = any(_asks_for_particular(part) for part in parts)
    return Driver(related, at_least) if selective and not any(looks_outside(part) for part in parts) else None


def _picks(scope: Scope, node: t.Related) -> bool:
    """Tell whether an aggregate answers with the value of one of its rows, other than their time."""
    picked = node.aggregate in {"most_frequent", "first", "last", "min", "max"}
    return picked and node.field != scope.catalog.relations[node.relation].time_field


def _having(scope: Scope, node: t.Related, value: t.Const) -> t.Related:
    """Return whether there is a row of that value at all: without one it is nobody's favourite, latest or smallest."""
    relation = scope.catalog.relations[node.relation]
    kind = next(field.type for field in relation.fields if field.name == node.field)
    same = t.Compare("=", t.RowField(relation.name, node.field or "", type=kind), value, type=BOOL)
    where = same if node.where is None else t.And((node.where, same), type=BOOL)
    return replace(node, aggregate="exists", field=None, where=where, type=BOOL)


def _asks_for_particular(node: t.Node) -> bool:
    match node:
        case (
            t.Compare(op="=", left=t.RowField(), right=t.Const())
            | t.In(value=t.RowField(), choices=t.Const(), negated=False)
        ):
            return True
        case _:
            return False
