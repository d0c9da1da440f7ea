"""Province, city and district out of a Chinese address as people write it. Pure; by the words' endings, without a gazetteer."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

#: The four cities that are provinces (GB/T 2260: 11, 12, 31, 50).
_MUNICIPALITIES: Final = ("北京", "天津", "上海", "重庆")
_PROVINCES: Final = (
    "河北", "山西", "辽宁", "吉林", "黑龙江", "江苏", "浙江", "安徽", "福建", "江西", "山东", "河南", "湖北", "湖南", "广东", "海南",
    "四川", "贵州", "云南", "陕西", "甘肃", "青海", "台湾", "内蒙古", "广西", "西藏", "宁夏", "新疆", "香港", "澳门",
)  # fmt: skip
_PROVINCE: Final = re.compile(
    f"^(?:中国)?({'|'.join((*_MUNICIPALITIES, *_PROVINCES))})(?:省|市|壮族自治区|回族自治区|维吾尔自治区|自治区|特别行政区)?"
)
_CITY: Final = re.compile(r"^([\u4e00-\u9fff]{2,9}?(?:市|自治州|地区|盟))")
_DISTRICT: Final = re.compile(r"^([\u4e00-\u9fff]{1,9}?(?:自治县|自治旗|新区|林区|特区|区|县|旗|市))")
_SEPARATORS: Final = re.compile(r"[\s,，、/\-]+")


@dataclass(frozen=True, slots=True)
class Place:
    """What an address says of where it is; empty where it does not say."""

    province: str = ""
    city: str = ""
    district: str = ""


def split_address(text: str) -> Place:
    """Take an address apart: "广东省深圳市南山区粤海街道" -> 广东, 深圳, 南山区."""
    rest = _SEPARATORS.sub("", text)
    province = ""
    found = _PROVINCE.match(rest)
    if found:
        province, rest = found[1], rest[found.end() :]
    if province in _MUNICIPALITIES:
        rest = rest.removeprefix("市辖区").removeprefix(f"{province}市")
        return Place(province, province, _first(_DISTRICT, rest))
    city = _first(_CITY, rest)
    return Place(province, town(city), _first(_DISTRICT, rest[len(city) :]) if city or province else "")


def town(text: str) -> str:
    """A city's name without the word for city: "上海市" -> "上海"; other names stay."""
    return text.removesuffix("市") if len(text) > 2 else text


def _first(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.match(text)
    return found[1] if found else ""
