"""The GB/T 2260 code that a city and a district name, by the catalog's table of divisions. Pure.

A name that several divisions bear names none of them: 朝阳区 alone may be in Beijing or in Changchun.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from typing import Final

from tandem.catalog.divisions import CITY_END, PROVINCE_END, divisions, stem

_CITY_ENDINGS: Final = ("市", "地区", "盟", "特别行政区")
_COUNTY_ENDINGS: Final = ("新区", "区", "县", "市", "旗")
_STATISTICAL: Final = frozenset({"市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划"})
#: Municipalities and special regions: a province's code that people write as a city.
_PROVINCES_THAT_ARE_CITIES: Final = ("北京市", "天津市", "上海市", "重庆市", "香港特别行政区", "澳门特别行政区")

Names = Mapping[str, frozenset[str]]


@lru_cache(maxsize=16384)
def division_of(city: str | None, district: str | None) -> str | None:
    """The code of the district where it is known, else of the city; None where a name is unknown, ambiguous or missing.

    A district that its city does not have leaves the city's code: she is within the city either way.
    """
    where, part = (city or "").strip(), (district or "").strip()
    if not where:
        return _only(_counties().get(part, frozenset()))
    of_city = _only(_cities().get(where) or _counties().get(where, frozenset()))
    if of_city is None or not part:
        return of_city
    within = frozenset(code for code in _counties().get(part, frozenset()) if code.startswith(stem(of_city)))
    return _only(within) or of_city


def _only(codes: frozenset[str]) -> str | None:
    return next(iter(codes)) if len(codes) == 1 else None


@cache
def _cities() -> Names:
    return _named(_is_city, _CITY_ENDINGS)


@cache
def _counties() -> Names:
    return _named(lambda code, _: not code.endswith(CITY_END), _COUNTY_ENDINGS)


def _is_city(code: str, name: str) -> bool:
    if code.endswith(PROVINCE_END):
        return name in _PROVINCES_THAT_ARE_CITIES
    return code.endswith(CITY_END)


def _named(belongs: Callable[[str, str], bool], endings: tuple[str, ...]) -> Names:
    found: dict[str, set[str]] = defaultdict(set)
    for code, name in divisions().items():
        if name in _STATISTICAL or not belongs(code, name):
            continue
        for spelling in _spellings(name, endings):
            found[spelling].add(code)
    return {name: frozenset(codes) for name, codes in found.items()}


def _spellings(name: str, endings: tuple[str, ...]) -> set[str]:
    """The whole name, and without its ending where two characters are left."""
    short = {name.removesuffix(ending) for ending in endings if name.endswith(ending)}
    return {name, *(one for one in short if len(one) > 1)}
