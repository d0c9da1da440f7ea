"""What literals mean: exact numbers, dates, times, durations, lists, tier tables."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Final

from tandem.catalog import syntax as s
from tandem.catalog import typed as t
from tandem.catalog.functions import LITERALS
from tandem.catalog.label import Label
from tandem.catalog.names import Context, quoted, typed_label
from tandem.catalog.value_types import BOOL, DATE, DURATION, NULL, NUMBER, TEXT, TIERS, TIMESTAMP, UNKNOWN, list_of

_SECONDS: Final = {"second": 1, "minute": 60, "hour": 3_600, "day": 86_400, "week": 604_800}
_CENTURY_SECONDS: Final = 36_525 * 86_400
# Years stay four digits in every zone and leave room for arithmetic; the same pattern reads events in SQL.
DATE_PATTERN: Final = r"^[1-8][0-9]{3}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"
TIMESTAMP_PATTERN: Final = (
    r"^[1-8][0-9]{3}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])[T ]([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
    r"([.][0-9]{1,6})?(Z|[+-](0[0-9]|1[0-4]):[0-5][0-9])$"
)
_DATE: Final = re.compile(DATE_PATTERN.replace("$", r"\Z"))
_TIMESTAMP: Final = re.compile(TIMESTAMP_PATTERN.replace("$", r"\Z"))
_NUMBER: Final = re.compile(r"\s*-?[0-9]+(\.[0-9]+)?\s*\Z")


def read_date(text: str) -> date | None:
    """Return the date of `2026-01-31`, None when it is no date."""
    if not _DATE.match(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def read_timestamp(text: str) -> datetime | None:
    """Return the time of `2026-01-31T08:00:00+08:00` in UTC, None when it is none; a zone must be given."""
    match = _TIMESTAMP.match(text)
    if not match or read_date(text[:10]) is None:
        return None
    fraction = match.group(4) or ""
    padded = text.replace(fraction, fraction.ljust(7, "0")) if fraction else text
    return datetime.fromisoformat(padded).astimezone(UTC)


def looks_like_number(text: str) -> bool:
    return bool(_NUMBER.match(text))


def read_number(node: s.Number) -> Decimal:
    if node.text.endswith("%"):
        # Scaling keeps every digit, unlike a division under some context.
        return Decimal(node.text[:-1]).scaleb(-2)
    return Decimal(node.text)


def read_duration(node: s.Duration) -> timedelta | None:
    """Return the length of a duration; a day is 24 hours. None beyond a century or below a microsecond."""
    seconds = Decimal(node.amount) * _SECONDS[node.unit.removesuffix("s")]
    micros = seconds * 1_000_000
    if seconds > _CENTURY_SECONDS or micros != int(micros):
        return None
    return timedelta(microseconds=int(micros))


def is_whole_days(node: t.Node) -> bool:
    return isinstance(node, t.Const) and isinstance(node.value, timedelta) and not node.value % timedelta(days=1)


def constant(context: Context, node: s.Node) -> t.Node:
    """Return the constant that a literal stands for."""
    match node:
        case s.Number() | s.Text() | s.Bool():
            return _scalar(node)
        case s.Null():
            return t.Const(None, type=NULL, span=node.span)
        case s.Duration():
            return duration(context, node)
        case s.ListOf():
            return _list(context, node)
        case s.Tiers():
            return _tiers(context, node)
        case _:
            raise TypeError(type(node).__name__)


def _scalar(node: s.Number | s.Text | s.Bool) -> t.Const:
    match node:
        case s.Number():
            return t.Const(read_number(node), type=NUMBER, span=node.span)
        case s.Text(value=value):
            return t.Const(value, type=TEXT, span=node.span)
        case s.Bool(value=value):
            return t.Const(value, type=BOOL, span=node.span)


def duration(context: Context, node: s.Duration) -> t.Node:
    value = read_duration(node)
    if value is None:
        expected = Label("不超过一百年的时长", "a duration of at most a hundred years")
        return context.report("duration_too_long", node.span, quoted(f"{node.amount} {node.unit}"), expected)
    return t.Const(value, type=DURATION, span=node.span)


def _list(context: Context, node: s.ListOf) -> t.Node:
    items = [_list_item(context, item) for item in node.items]
    kinds = {item.type for item in items}
    if UNKNOWN in kinds:
        return t.Const(None, type=UNKNOWN, span=node.span)
    for item in items[1:]:
        if item.type != items[0].type:
            return context.report(
                "mixed_list", item.span, typed_label(Label("列表元素", "a list item"), item.type), items[0].type.label
            )
    values = tuple(item.value for item in items if not isinstance(item.value, tuple | None))
    return t.Const(values, type=list_of(items[0].type if items else UNKNOWN), span=node.span)


def _list_item(context: Context, node: s.Node) -> t.Const:
    match node:
        case s.Number() | s.Text() | s.Bool():
            return _scalar(node)
        case s.Negative(value=s.Number() as number):
            return t.Const(-read_number(number), type=NUMBER, span=node.span)
        case s.Call(name="date", args=(s.Text(value=text),)) if (day := read_date(text)) is not None:
            return t.Const(day, type=DATE, span=node.span)
        case _:
            expected = Label("列表里只写常量：数字、文本、日期", "constants only in a list: numbers, texts, dates")
            context.report("not_constant", node.span, Label("一个计算式", "something computed"), expected)
            return t.Const(None, type=UNKNOWN, span=node.span)


def _tiers(context: Context, node: s.Tiers) -> t.Node:
    """Check that tiers ascend and that an end that is written is where the next begins: no gap, no overlap, lower bounds included."""
    rows = [
        (read_number(low), None if high is None else read_number(high), read_number(rate))
        for low, high, rate in node.rows
    ]
    whole: list[tuple[Decimal, Decimal | None, Decimal]] = []
    for place, (low, high, rate) in enumerate(rows):
        written = node.rows[place]
        if high is not None and written[1] is not None and high <= low:
            return _tier_problem(context, "tiers_order", written[1], f"大于 {low} 的数", f"a number above {low}")
        following = rows[place + 1][0] if place + 1 < len(rows) else None
        if following is not None:
            after = node.rows[place + 1][0]
            if following <= low:
                return _tier_problem(context, "tiers_order", after, f"大于 {low} 的数", f"a number above {low}")
            if high is not None and following != high:
                code = "tiers_gap" if following > high else "tiers_overlap"
                return _tier_problem(
                    context, code, after, f"上一档的终点 {high}", f"{high}, where the tier before ends", str(high)
                )
        whole.append((low, high if following is None else following, rate))
    return t.Const(tuple(whole), type=TIERS, span=node.span)


def _tier_problem(context: Context, code: str, at: s.Number, zh: str, en: str, suggestion: str | None = None) -> t.Node:
    return context.report(code, at.span, quoted(at.text), Label(zh, en), suggestion)


def moment(context: Context, node: s.Call) -> t.Node:
    """Check `date('…')` and `timestamp('…')`, which are literals in the form of calls."""
    text = node.args[0].value if len(node.args) == 1 and isinstance(node.args[0], s.Text) else None
    if text is not None:
        value = read_date(text) if node.name == "date" else read_timestamp(text)
        if value is not None:
            return t.Const(value, type=DATE if node.name == "date" else TIMESTAMP, span=node.span)
    shown = text if text is not None else node.name
    return context.report(
        f"bad_{node.name}", node.args[0].span if node.args else node.span, quoted(shown), LITERALS[node.name]
    )
