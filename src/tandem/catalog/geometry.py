"""Is a point within an area? Exact decimals, so that both back ends agree at every corner; the border belongs to the area.

A point is (longitude, latitude) in degrees. An area is one or more rings of corners; an edge is a straight line between two of them. Areas
across the 180th meridian and with holes are not known here: such an area is given as several.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from tandem.catalog import exact

Point = tuple[Decimal, Decimal]
Ring = Sequence[Point]


def is_within(rings: Sequence[Ring], point: Point) -> bool:
    return any(_is_within_ring(ring, point) for ring in rings)


def _is_within_ring(ring: Ring, point: Point) -> bool:
    crossings = 0
    for begin, end in zip(ring, (*ring[1:], *ring[:1]), strict=True):
        side = _side(begin, end, point)
        if side == 0 and _is_between(begin, end, point):
            return True
        # The ray runs east; an edge counts where it begins and ends on different sides of the point's parallel.
        if (begin[1] > point[1]) != (end[1] > point[1]) and (side > 0) == (end[1] > begin[1]):
            crossings += 1
    return crossings % 2 == 1


def _side(begin: Point, end: Point, point: Point) -> Decimal:
    """Return above zero when the point lies left of the edge, zero on its line."""
    east = exact.multiply(exact.subtract(end[0], begin[0]), exact.subtract(point[1], begin[1]))
    north = exact.multiply(exact.subtract(point[0], begin[0]), exact.subtract(end[1], begin[1]))
    return exact.subtract(east, north)


def _is_between(begin: Point, end: Point, point: Point) -> bool:
    return all(min(a, b) <= at <= max(a, b) for a, b, at in zip(begin, end, point, strict=True))


# The same for PostgreSQL: edges `e` of the ring `g.xs`, `g.ys` against the point `p` (x, y).
_SIDE = "((e.x2 - e.x1) * (p.y - e.y1) - (p.x - e.x1) * (e.y2 - e.y1))"
IN_RING_SQL = (
    "(select coalesce(bool_or({side} = 0 and p.x between least(e.x1, e.x2) and greatest(e.x1, e.x2)"
    " and p.y between least(e.y1, e.y2) and greatest(e.y1, e.y2)), false)"
    " or mod(count(*) filter (where (e.y1 > p.y) <> (e.y2 > p.y) and ({side} > 0) = (e.y2 > e.y1)), 2) = 1"
    " from unnest({xs}, {ys}, {xs}[2:] || {xs}[1:1], {ys}[2:] || {ys}[1:1]) as e(x1, y1, x2, y2))"
).replace("{side}", _SIDE)
