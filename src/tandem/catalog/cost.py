"""How much an expression costs, estimated before a run."""

from __future__ import annotations

from dataclasses import dataclass

from tandem.catalog import typed as t
from tandem.catalog.checker import Checked
from tandem.catalog.dependencies import every_node
from tandem.catalog.functions import FUNCTIONS, Cost
from tandem.catalog.model import Scope
from tandem.catalog.related_sets import conditions, looks_at_time, looks_outside


@dataclass(frozen=True, slots=True)
class Estimate:
    """`level`: cheap reads the row at hand; moderate looks at a stretch of related rows; heavy at all of them.

    `lookups` counts the related sets and memberships that are read, `parts` the size of the expression.
    """

    level: Cost
    lookups: int
    parts: int


_RANK: dict[Cost, int] = {"cheap": 0, "moderate": 1, "heavy": 2}


def cost(checked: Checked) -> Estimate:
    """Return the cost of a checked expression."""
    nodes = every_node(checked.scope, checked.typed)
    levels: list[Cost] = ["cheap", *(_level(checked.scope, node) for node in nodes)]
    lookups = sum(isinstance(node, t.Related | t.Member) for node in nodes)
    return Estimate(max(levels, key=lambda level: _RANK[level]), lookups, len(nodes))


def _level(scope: Scope, node: t.Node) -> Cost:
    match node:
        case t.Related():
            relation = scope.catalog.relations[node.relation]
            parts = conditions(scope, node)
            bounded = any(looks_at_time(relation, part) for part in parts)
            return "heavy" if not bounded or any(looks_outside(part) for part in parts) else "moderate"
        case t.Member():
            return "moderate"
        case t.Call(name=name, signature=signature):
            return FUNCTIONS[name][signature].cost
        case _:
            return "cheap"
