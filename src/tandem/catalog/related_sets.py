"""What an aggregate over a related set looks at, the same for every back end."""

from __future__ import annotations

from datetime import timedelta

from tandem.catalog import typed as t
from tandem.catalog.model import CatalogError, Relation, Scope, relation_field
from tandem.catalog.value_types import DATE, DURATION, TIMESTAMP


def conditions(scope: Scope, node: t.Related) -> tuple[t.Node, ...]:
    """Return the conditions a row must meet: the window's two ends, then the parts of `where`."""
    relation = scope.catalog.relations[node.relation]
    found: list[t.Node] = []
    if node.window is not None:
        found += _window(relation, node.window)
    if node.where is not None:
        found += _conjuncts(node.where)
    return tuple(found)


def every_node(scope: Scope, node: t.Node) -> list[t.Node]:
    """Return all nodes, with the conditions that a window stands for in place of the window."""
    found = [node]
    below = conditions(scope, node) if isinstance(node, t.Related) else t.children(node)
    for child in below:
        found += every_node(scope, child)
    return found


def time_of_row(relation: Relation) -> t.RowField:
    """Return the field that orders a relation's rows in time; the checker refuses what needs one that is not there."""
    found = None if relation.time_field is None else relation_field(relation, relation.time_field)
    if found is None:
        raise CatalogError("catalog_no_time", f"“{relation.name}”没有时间字段", f"{relation.name!r} has no time field")
    return t.RowField(relation.name, found.name, type=found.type)


def day_of_row(relation: Relation) -> t.Node:
    """Return the local date of a row, for a relation that has an order in time."""
    field = time_of_row(relation)
    return field if field.type == DATE else t.Call("date_of", 0, (field,), type=DATE)


def now() -> t.Node:
    return t.Call("now", 0, (), type=TIMESTAMP)


def looks_at_time(relation: Relation, node: t.Node) -> bool:
    """Tell whether a condition involves the field that orders the rows in time."""
    return any(isinstance(part, t.RowField) and part.field == relation.time_field for part in t.walk(node))


def floor_of(relation: Relation, node: t.Node) -> t.Compare | None:
    """Return the moving lower bound that a condition sets to the rows' time: `time >= now() - 90 days`, None where it sets none.

    Only bounds that never move back count. They let the database leave out partitions that hold nothing but older rows.
    """
    match node:
        case t.Compare(op=">=" | ">" as op, left=t.RowField(field=name) as time, right=bound):
            pass
        case t.Compare(op="<=" | "<" as op, left=bound, right=t.RowField(field=name) as time):
            op = ">=" if op == "<=" else ">"
        case t.Between(value=t.RowField(field=name) as time, low=bound):
            op = ">="
        case _:
            return None
    follows = name == relation.time_field and time.type == TIMESTAMP and _follows_clock(bound)
    return t.Compare(op, time, bound, type=node.type) if follows else None


def _follows_clock(node: t.Node) -> bool:
    """Tell whether a moment is now, or a constant time before or after it."""
    match node:
        case t.Call(name="now"):
            return True
        case t.Arith(op="+" | "-", left=left, right=t.Const()):
            return node.type == TIMESTAMP and _follows_clock(left)
        case _:
            return False


def looks_outside(node: t.Node) -> bool:
    """Tell whether a condition on a row also reads the outer row."""
    return any(isinstance(part, t.RootField | t.Member | t.Whole) for part in t.walk(node))


def _window(relation: Relation, length: timedelta) -> list[t.Node]:
    field = time_of_row(relation)
    time: t.Node = t.LocalMidnight(field, type=TIMESTAMP) if field.type == DATE else field
    start = t.Arith("-", now(), t.Const(length, type=DURATION), type=TIMESTAMP)
    return [t.Compare(">=", time, start), t.Compare("<=", time, now())]


def _conjuncts(node: t.Node) -> list[t.Node]:
    if isinstance(node, t.And):
        return [part for item in node.items for part in _conjuncts(item)]
    return [node]
