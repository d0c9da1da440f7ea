"""Does a ring cross or touch itself? In whole numbers, so that the answer is exact. Pure."""

from __future__ import annotations

from collections.abc import Sequence

Spot = tuple[int, int]
Edge = tuple[Spot, Spot]


def crossing(corners: Sequence[Spot]) -> tuple[int, int] | None:
    """The numbers of two edges that meet elsewhere than at the corner they share, the smaller first; None for a simple ring.

    Edges are compared from west to east, each only with those that begin before it ends.
    """
    count = len(corners)
    edges = [(corners[at], corners[(at + 1) % count]) for at in range(count)]
    order = sorted(range(count), key=lambda at: min(edges[at][0][0], edges[at][1][0]))
    for place, one in enumerate(order):
        east = max(edges[one][0][0], edges[one][1][0])
        for other in order[place + 1 :]:
            if min(edges[other][0][0], edges[other][1][0]) > east:
                break
            first, second = sorted((one, other))
            if _meet(edges, first, second, count):
                return first, second
    return None


def _meet(edges: Sequence[Edge], first: int, second: int, count: int) -> bool:
    if second - first == 1:
        return _folds_back(edges[first], edges[second])
    if first == 0 and second == count - 1:
        return _folds_back(edges[second], edges[first])
    return _cut(edges[first], edges[second])


def _folds_back(before: Edge, after: Edge) -> bool:
    """Whether the ring turns on its heel at a corner and runs over its own edge."""
    (ax, ay), (bx, by) = before
    cx, cy = after[1]
    return _side(before, after[1]) == 0 and (bx - ax) * (cx - bx) + (by - ay) * (cy - by) < 0


def _cut(one: Edge, other: Edge) -> bool:
    begin, end = _side(one, other[0]), _side(one, other[1])
    here, there = _side(other, one[0]), _side(other, one[1])
    if (begin > 0) != (end > 0) and (here > 0) != (there > 0) and 0 not in {begin, end, here, there}:
        return True
    touching = ((begin, one, other[0]), (end, one, other[1]), (here, other, one[0]), (there, other, one[1]))
    return any(side == 0 and _spans(edge, spot) for side, edge, spot in touching)


def _side(edge: Edge, spot: Spot) -> int:
    (ax, ay), (bx, by) = edge
    return (bx - ax) * (spot[1] - ay) - (spot[0] - ax) * (by - ay)


def _spans(edge: Edge, spot: Spot) -> bool:
    (ax, ay), (bx, by) = edge
    return min(ax, bx) <= spot[0] <= max(ax, bx) and min(ay, by) <= spot[1] <= max(ay, by)
