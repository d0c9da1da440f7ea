"""Which division do names mean, and which shapes are areas?"""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from tandem.kernel.errors import InvalidInput
from tandem.stream.places import geojson
from tandem.stream.places.crossing import crossing
from tandem.stream.places.point import point_text, read_point
from tandem.stream.profile.divided import divided
from tandem.stream.profile.division import division_of
from tandem.stream.profile.sayings import Changed, Known, Said

ANNA = (7, UUID(int=7))
T = datetime(2026, 11, 20, tzinfo=UTC)
SQUARE = [[120, 30], [122, 30], [122, 32], [120, 32], [120, 30]]


@pytest.mark.parametrize(
    ("city", "district", "code"),
    [
        ("上海", None, "310000"),
        ("上海市", "浦东新区", "310115"),
        ("上海", "浦东", "310115"),
        ("北京", "朝阳区", "110105"),
        ("长春市", "朝阳区", "220104"),
        (None, "朝阳区", None),
        ("昆山", None, "320583"),
        ("仙桃", None, "429004"),
        ("吉林", None, "220200"),
        ("杭州", "不存在区", "330100"),
        ("乌有", "西湖区", None),
        ("", "", None),
        (None, None, None),
    ],
)
def test_names_mean_the_division_that_alone_bears_them(
    city: str | None, district: str | None, code: str | None
) -> None:
    assert division_of(city, district) == code


def said(field: str, value: str | None, hour: int = 1) -> Changed:
    return Changed(Said(ANNA, field, value, T.replace(hour=hour), "till"), None)


@pytest.mark.parametrize(
    ("changes", "before", "then"),
    [
        ([said("city", "上海")], {}, "310000"),
        ([said("city", "上海")], {"division": "310101"}, "no saying"),
        ([said("city", "杭州")], {"city": "上海", "division": "310000"}, "330100"),
        ([said("city", "乌有")], {"city": "上海", "division": "310000"}, None),
        ([said("city", "乌有")], {"city": "沪", "division": "310000"}, "no saying"),
        ([said("city", "杭州"), said("division", "310000")], {}, "no saying"),
        ([said("city", "杭州", 2), said("division", "310000", 1)], {}, "330100"),
        ([said("district", "西湖区")], {"city": "杭州", "division": "330100"}, "330106"),
        ([said("stage", "老客")], {"city": "杭州"}, "no saying"),
    ],
)
def test_a_division_follows_names_and_keeps_what_was_said(
    changes: list[Changed], before: dict[str, Any], then: str | None
) -> None:
    found = divided(changes, {ANNA: Known(before, {})})
    assert [one.value for one in found] == ([] if then == "no saying" else [then])


def test_a_place_has_one_spelling() -> None:
    assert point_text(Decimal("121.4737010"), Decimal("-0.0000001")) == "121.473701,0"
    assert point_text(Decimal("1E+2"), Decimal("30.50")) == "100,30.5"
    assert read_point("121.473701,-31.2") == (Decimal("121.473701"), Decimal("-31.2"))


@pytest.mark.parametrize(
    ("corners", "met"),
    [
        ([(0, 0), (4, 0), (4, 4), (0, 4)], None),
        ([(0, 0), (4, 0), (2, 1), (4, 4), (0, 4)], None),
        ([(0, 0), (4, 4), (4, 0), (0, 4)], (0, 2)),
        ([(0, 0), (4, 0), (2, 0), (2, 4)], (0, 1)),
        ([(0, 0), (4, 0), (4, 4), (2, 0), (0, 4)], (0, 3)),
        ([(0, 0), (2, 0), (4, 0), (4, 4)], None),
    ],
)
def test_a_ring_that_meets_itself_is_found(corners: list[tuple[int, int]], met: tuple[int, int] | None) -> None:
    assert crossing(corners) == met


def polygon(*rings: list[Any]) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": list(rings)}


@pytest.mark.parametrize(
    ("area", "place", "word"),
    [
        ("nothing", "area", "GeoJSON"),
        ({"type": "Point", "coordinates": [1, 2]}, "area.type", "Point"),
        (polygon(SQUARE, SQUARE), "area.coordinates", "holes"),
        (polygon(SQUARE[:3]), "area.coordinates[0]", "4 to 2000"),
        (polygon(SQUARE[:4]), "area.coordinates[0][3]", "closed"),
        (polygon([[30, 120], *SQUARE[1:]]), "area.coordinates[0][0]", "longitude comes first"),
        (polygon([[181, 30], *SQUARE[1:]]), "area.coordinates[0][0]", "-180 to 180"),
        (polygon([["x", 30], *SQUARE[1:]]), "area.coordinates[0][0]", "numbers"),
        (polygon([[float("nan"), 30], *SQUARE[1:]]), "area.coordinates[0][0]", "numbers"),
        (polygon([[0, 0], [4, 4], [4, 0], [0, 4], [0, 0]]), "area.coordinates[0][2]", "crosses"),
        (polygon([[1, 1]] * 5), "area.coordinates[0]", "three different"),
        (polygon([[at / 100, 0] for at in range(2001)]), "area.coordinates[0]", "4 to 2000"),
        ({**polygon(SQUARE), "crs": {"properties": {"name": "GCJ-02"}}}, "area.crs", "WGS-84"),
        ({"type": "FeatureCollection", "features": []}, "area", "no polygon"),
        ({"type": "Feature", "geometry": None}, "area.geometry", "GeoJSON"),
    ],
)
def test_a_shape_that_is_no_area_is_refused_at_its_place(area: object, place: str, word: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        geojson.read(area)
    assert refused.value.details[0].where == place
    assert word in refused.value.details[0].what_en


def test_areas_are_read_from_every_kind_of_geojson_and_written_back() -> None:
    other = [[x + 5, y] for x, y in SQUARE]
    many = {"type": "MultiPolygon", "coordinates": [[SQUARE], [other]]}
    features = {
        "type": "FeatureCollection",
        "features": [{"type": "Feature", "geometry": polygon(one)} for one in (SQUARE, other)],
    }
    rings = geojson.read(many)
    assert rings == geojson.read(features)
    columns = [([x for x, _ in ring], [y for _, y in ring]) for ring in rings]
    assert geojson.write(columns) == many
    assert geojson.write(columns[:1]) == polygon(SQUARE)
