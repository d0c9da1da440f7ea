"""How much an expression costs, estimated before a run; beyond a limit it is refused when it is saved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from tandem.catalog import typed as t
from tandem.catalog.functions import FUNCTIONS, Cost
from tandem.catalog.model import Scope
from tandem.catalog.related_sets import conditions, every_node, looks_at_time, looks_outside

POINTS_MAX: Final = 20_000
"""What one expression may cost for one record."""
_RANK: Final[dict[Cost, int]] = {"cheap": 0, "moderate": 1, "heavy": 2}
# Points of one part; one is about what comparing two columns takes.
_POINTS: Final[dict[Cost, int]] = {"cheap": 1, "moderate": 20, "heavy": 100}
_ROWS: Final[dict[Cost, int]] = {"cheap": 1, "moderate": 50, "heavy": 200}
"""Points of a related set: a stretch of its rows, or all of them; its condition is asked of each row."""
_CONDITION_ROWS: Final = 10


@dataclass(frozen=True, slots=True)
class Estimate:
    """`level`: cheap reads the row at hand; moderate looks at a stretch of related rows; heavy at all of them.

    `lookups` counts the related sets and memberships that are read, `parts` the size of the expression. `points` is what one record
    costs, of at most `POINTS_MAX`.
    """

    level: Cost
    lookups: int
    parts: int
    points: int

    def json(self) -> dict[str, object]:
        return {
            "level": self.level,
            "lookups": self.lookups,
            "parts": self.parts,
            "points": self.points,
            "limit": POINTS_MAX,
        }


def estimate(scope: Scope, node: t.Node) -> Estimate:
    """Return the cost of a typed tree."""
    nodes = every_node(scope, node)
    levels: list[Cost] = ["cheap", *(_level(scope, part) for part in nodes)]
    lookups = sum(isinstance(part, t.Related | t.Member | t.Within | t.Lookup) for part in nodes)
    level = max(levels, key=lambda each: _RANK[each])
    return Estimate(level, lookups, len(nodes), _points(scope, node))


def _points(scope: Scope, node: t.Node) -> int:
    level = _level(scope, node)
    if isinstance(node, t.Related):
        asked = sum(_points(scope, part) for part in conditions(scope, node))
        return _ROWS[level] + _CONDITION_ROWS * asked
    return _POINTS[level] + sum(_points(scope, child) for child in t.children(node))


def _level(scope: Scope, node: t.Node) -> Cost:
    match node:
        case t.Related():
            relation = scope.catalog.relations[node.relation]
            parts = conditions(scope, node)
            bounded = any(looks_at_time(relation, part) for part in parts)
            return "heavy" if not bounded or any(looks_outside(part) for part in parts) else "moderate"
        case t.Member() | t.Within() | t.Lookup():
            return "moderate"
        case t.Call(name=name, signature=signature):
            return FUNCTIONS[name][signature].cost
        case _:
            return "cheap"
