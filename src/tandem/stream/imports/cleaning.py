"""Rules that make a file's cells say the same thing in one spelling, each of which a person can switch on and off. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from tandem.catalog.label import Label
from tandem.kernel.errors import Detail, InvalidInput
from tandem.stream.identity.identifiers import Malformed, canonical
from tandem.stream.imports.fields import Mapping
from tandem.stream.imports.regions import split_address, town
from tandem.stream.imports.rows import Line


@dataclass(frozen=True, slots=True)
class Rule:
    """A cleaning rule: which fields it touches (none: all), and whether it is on where nobody chose."""

    name: str
    label: Label
    fields: tuple[str, ...]
    usual: bool = True


ONCE: Final = "once"
"""Rows alike after cleaning: the first counts. Off by default, since an order may really hold the same line twice."""
STRICT: Final = "strict"
"""Not about how cells are spelt: whether a row is refused for one that cannot be used."""
RULES: Final = (
    Rule("spaces", Label("去掉首尾空格、不可见字符", "Trim spaces and invisible characters"), ()),
    Rule("width", Label("全角数字和字母转半角", "Full-width digits and letters become ordinary ones"), ()),
    Rule("phone", Label("手机号统一为国际格式（+86…）", "Phones in international form (+86…)"), ("phone",)),
    Rule("email", Label("邮箱统一为小写", "E-mail addresses in lower case"), ("email",)),
    Rule("money", Label("金额去掉货币符号和千分位，“1.2万”换算为 12000", "Amounts without signs; “1.2万” becomes 12000"),
         ("total", "amount", "discount")),
    Rule("units", Label("数量去掉单位（3件 → 3）", "Quantities without their unit (3件 → 3)"), ("quantity",)),
    Rule("region", Label("地址拆成省、市、区；“上海市”统一为“上海”", "Addresses taken apart into city and district; 上海市 becomes 上海"),
         ("address", "city", "district")),
    Rule(ONCE, Label("完全相同的行只算一次", "Rows that are exactly alike count once"), (), usual=False),
    Rule(STRICT, Label("有一格不能用就拒绝整行（不选：只略去那一格，并逐行说明）",
         "Refuse the whole row for one cell that cannot be used (off: leave that cell out, and say so)"), (), usual=False),
)  # fmt: skip
NAMES: Final = tuple(rule.name for rule in RULES)
USUAL: Final = tuple(rule.name for rule in RULES if rule.usual)

_INVISIBLE: Final = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060\ufeff\u00ad\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_BLANKS: Final = re.compile(r"[\s\u00a0\u3000]+")
_MONEY: Final = re.compile(
    r"[¥￥$€]?\s*([+-]?[\d,]*\.?\d+)\s*(千|万|亿|k|w)?\s*(?:元|块|人民币|rmb|cny)?", re.IGNORECASE
)
_TIMES: Final = {"千": 1_000, "k": 1_000, "万": 10_000, "w": 10_000, "亿": 100_000_000}
_QUANTITY: Final = re.compile(r"([+-]?[\d,]*\.?\d+)\s*[^\d\s.,]{0,6}")


def check(rules: Iterable[str]) -> None:
    """Raise InvalidInput for a rule that does not exist."""
    wrong = sorted(set(rules) - set(NAMES))
    if wrong:
        names = ", ".join(NAMES)
        raise InvalidInput(
            "unknown_rule",
            "没有这条清洗规则。",
            "There is no such cleaning rule.",
            details=tuple(Detail("cleaning", f"{one}；可用：{names}", f"{one}; there are: {names}") for one in wrong),
        )


_Work = tuple[int, str, tuple[Callable[[str, str], str], ...]]
"""What is done to a column: its place, its field, the rules that are on for it."""


def clean(rules: frozenset[str], field: str, text: str) -> str:
    """One cell under the rules that are on."""
    for do in _steps(rules, field):
        if text:
            text = do(field, text)
    return text


@lru_cache(maxsize=1024)
def _steps(rules: frozenset[str], field: str) -> tuple[Callable[[str, str], str], ...]:
    return tuple(
        _DO[rule.name]
        for rule in RULES
        if rule.name in rules and rule.name in _DO and (not rule.fields or field in rule.fields)
    )


def clean_lines(rules: frozenset[str], mapping: Mapping, lines: Sequence[Line]) -> tuple[Mapping, list[Line]]:
    """The lines with their mapped cells cleaned; an address gives city and district where the file has no columns for them."""
    apart = "region" in rules and "address" in mapping and not {"city", "district"} <= mapping.keys()
    if not rules:
        return mapping, list(lines)
    extended = _with_places(mapping, lines) if apart else mapping
    work = [(column, field, steps) for field, column in mapping.items() if (steps := _steps(rules, field))]
    return extended, [_clean_line(work, mapping, extended, line) for line in lines]


def _with_places(mapping: Mapping, lines: Sequence[Line]) -> Mapping:
    width = max((len(line.cells) for line in lines), default=0)
    added = [field for field in ("city", "district") if field not in mapping]
    return mapping | {field: width + place for place, field in enumerate(added)}


def _clean_line(work: Sequence[_Work], mapping: Mapping, extended: Mapping, line: Line) -> Line:
    cells = list(line.cells)
    for column, field, steps in work:
        text = cells[column] if column < len(cells) else ""
        if text:
            for do in steps:
                text = do(field, text) if text else text
            cells[column] = text
    if extended is not mapping:
        place = split_address(line.get(mapping, "address"))
        wanted = {"city": place.city, "district": place.district}
        cells += [""] * (max(extended.values()) + 1 - len(cells))
        for field in extended.keys() - mapping.keys():
            cells[extended[field]] = wanted[field]
    return Line(line.number, cells)


def _spaces(_: str, text: str) -> str:
    if " " not in text and text.isprintable():
        # Nearly every cell: no blank of any kind, nothing invisible.
        return text
    return _BLANKS.sub(" ", _INVISIBLE.sub("", text)).strip()


def _width(_: str, text: str) -> str:
    return text if text.isascii() else unicodedata.normalize("NFKC", text)


@lru_cache(maxsize=4096)
def _phone(_: str, text: str) -> str:
    try:
        return canonical("phone", text) or text
    except Malformed:
        return text


def _email(_: str, text: str) -> str:
    return text.replace("＠", "@").replace("，", ".").replace(",", ".").replace(" ", "").lower()


def _money(_: str, text: str) -> str:
    found = _MONEY.fullmatch(text)
    if found is None:
        return text
    number = found[1].replace(",", "")
    times = _TIMES.get((found[2] or "").lower())
    return number if times is None else _times(number, times)


def _times(number: str, times: int) -> str:
    whole, _, rest = number.partition(".")
    digits = len(str(times)) - 1
    moved = rest[:digits].ljust(digits, "0")
    tail = rest[digits:]
    plain = f"{whole}{moved}".lstrip("0") or "0"
    return f"{plain}.{tail}" if tail else plain


def _units(_: str, text: str) -> str:
    found = _QUANTITY.fullmatch(text)
    return found[1].replace(",", "") if found else text


def _region(field: str, text: str) -> str:
    return town(text) if field == "city" else text


_DO: Final[dict[str, Callable[[str, str], str]]] = {
    "spaces": _spaces,
    "width": _width,
    "phone": _phone,
    "email": _email,
    "money": _money,
    "units": _units,
    "region": _region,
}
