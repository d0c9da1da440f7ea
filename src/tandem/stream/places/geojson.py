"""Areas as GeoJSON (RFC 7946): read with every rule an area has to keep, each mistake with its place; and written. Pure.

Coordinates are longitude, latitude in degrees, WGS-84. An area is one or more rings; holes are not known.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, Final, cast

from tandem.kernel.errors import Detail, InvalidInput
from tandem.stream.places.crossing import crossing
from tandem.stream.places.point import degrees

POSITIONS_MIN: Final = 4
POSITIONS_MAX: Final = 2000
"""Of one area, over all its rings: what one judgement of a customer may cost."""
_STEP: Final = Decimal("0.000001")
_MICRO: Final = 1_000_000
_WGS84: Final = ("CRS84", "EPSG::4326", "EPSG:4326")

Corner = tuple[Decimal, Decimal]
Ring = tuple[Corner, ...]


class _Wrong(Exception):
    """What is wrong, and where."""

    def __init__(self, where: str, zh: str, en: str) -> None:
        super().__init__(en)
        self.where, self.zh, self.en = where, zh, en


def read(area: object) -> tuple[Ring, ...]:
    """The rings of a Polygon, MultiPolygon, Feature or FeatureCollection, their corners without the closing one.

    Raises InvalidInput with the place of the first mistake.
    """
    try:
        return _checked(area)
    except _Wrong as wrong:
        raise InvalidInput(
            "geofence_area",
            f"围栏的形状有误（{wrong.where}）：{wrong.zh}。",
            f"The area is not right ({wrong.where}): {wrong.en}.",
            details=(Detail(wrong.where, wrong.zh, wrong.en),),
        ) from wrong


def _checked(area: object) -> tuple[Ring, ...]:
    rings = tuple(_ring(where, given) for where, given in _rings("area", area))
    positions = sum(len(ring) + 1 for ring in rings)
    if not rings:
        raise _Wrong("area", "没有任何多边形", "no polygon")
    if positions > POSITIONS_MAX:
        zh, en = f"共 {positions} 个点，最多 {POSITIONS_MAX}", f"{positions} points, at most {POSITIONS_MAX}"
        raise _Wrong("area", zh, en)
    return rings


def write(rings: Sequence[tuple[Sequence[Decimal], Sequence[Decimal]]]) -> dict[str, Any]:
    """Longitudes and latitudes of each ring as a Polygon or MultiPolygon."""
    polygons = [[[[float(x), float(y)] for x, y in zip((*xs, xs[0]), (*ys, ys[0]), strict=True)]] for xs, ys in rings]
    if len(polygons) == 1:
        return {"type": "Polygon", "coordinates": polygons[0]}
    return {"type": "MultiPolygon", "coordinates": polygons}


def _rings(where: str, given: object) -> Iterator[tuple[str, object]]:
    """Every outer ring with its place."""
    if not isinstance(given, dict):
        raise _Wrong(where, "应为 GeoJSON 对象", "a GeoJSON object is expected")
    one = cast("dict[str, Any]", given)
    _check_crs(where, one.get("crs"))
    match one.get("type"):
        case "FeatureCollection":
            for at, feature in enumerate(_listed(f"{where}.features", one.get("features"))):
                yield from _rings(f"{where}.features[{at}]", feature)
        case "Feature":
            yield from _rings(f"{where}.geometry", one.get("geometry"))
        case "Polygon":
            yield _outer(f"{where}.coordinates", one.get("coordinates"))
        case "MultiPolygon":
            for at, polygon in enumerate(_listed(f"{where}.coordinates", one.get("coordinates"))):
                yield _outer(f"{where}.coordinates[{at}]", polygon)
        case other:
            raise _Wrong(
                f"{where}.type",
                f"“{str(other)[:40]}”不是 Polygon、MultiPolygon、Feature 或 FeatureCollection",
                f"“{str(other)[:40]}” is no Polygon, MultiPolygon, Feature or FeatureCollection",
            )


def _check_crs(where: str, crs: object) -> None:
    if crs is not None and not any(name in str(crs) for name in _WGS84):
        raise _Wrong(
            f"{where}.crs",
            "只接受 WGS-84 坐标；国测局（GCJ-02）、百度坐标请先转换",
            "only WGS-84 coordinates are known; convert GCJ-02 and Baidu ones before",
        )


def _listed(where: str, given: object) -> list[object]:
    if not isinstance(given, list):
        raise _Wrong(where, "应为列表", "a list is expected")
    return cast("list[object]", given)


def _outer(where: str, polygon: object) -> tuple[str, object]:
    rings = _listed(where, polygon)
    if len(rings) != 1:
        raise _Wrong(where, "一个多边形只能有一圈，不支持挖洞", "a polygon has exactly one ring; holes are not known")
    return f"{where}[0]", rings[0]


def _ring(where: str, given: object) -> Ring:
    positions = _listed(where, given)
    if not POSITIONS_MIN <= len(positions) <= POSITIONS_MAX:
        raise _Wrong(
            where,
            f"一圈应有 {POSITIONS_MIN} 至 {POSITIONS_MAX} 个点（首尾相同），现有 {len(positions)} 个",
            f"a ring has {POSITIONS_MIN} to {POSITIONS_MAX} points (the first and last alike), this one {len(positions)}",
        )
    corners = [_corner(f"{where}[{at}]", position) for at, position in enumerate(positions)]
    if corners[0] != corners[-1]:
        last = f"{where}[{len(corners) - 1}]"
        raise _Wrong(last, "没有闭合：末点应与首点相同", "not closed: the last point is the first one again")
    kept = [at for at in range(len(corners) - 1) if corners[at] != corners[at + 1]]
    if len(kept) < POSITIONS_MIN - 1:
        raise _Wrong(where, "至少要有三个不同的点", "at least three different points are needed")
    met = crossing([(int(x * _MICRO), int(y * _MICRO)) for x, y in (corners[at] for at in kept)])
    if met is not None:
        one, other = (f"{where}[{kept[edge]}]" for edge in met)
        raise _Wrong(
            other, f"从这里开始的边与从 {one} 开始的边相交", f"the edge from here crosses or touches that from {one}"
        )
    return tuple(corners[at] for at in kept)


def _corner(where: str, position: object) -> Corner:
    numbers = _listed(where, position)
    if len(numbers) not in {2, 3}:
        raise _Wrong(where, "一个点是 [经度, 纬度]", "a point is [longitude, latitude]")
    longitude, latitude = (_number(where, one) for one in numbers[:2])
    if not -180 <= longitude <= 180:
        raise _Wrong(
            where,
            f"经度 {degrees(longitude)} 不在 -180 至 180 之间",
            f"longitude {degrees(longitude)} is not within -180 to 180",
        )
    if not -90 <= latitude <= 90:
        raise _Wrong(
            where,
            f"纬度 {degrees(latitude)} 不在 -90 至 90 之间；次序是先经度、后纬度",
            f"latitude {degrees(latitude)} is not within -90 to 90; longitude comes first",
        )
    return longitude, latitude


def _number(where: str, given: object) -> Decimal:
    if isinstance(given, bool) or not isinstance(given, int | float | str | Decimal):
        raise _Wrong(where, "经度与纬度应为数字", "longitude and latitude are numbers")
    try:
        number = Decimal(str(given)).quantize(_STEP) + 0
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise _Wrong(where, "经度与纬度应为数字", "longitude and latitude are numbers")
    return number
