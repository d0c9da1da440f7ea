"""From a file's rows to the payloads of the ordinary door. Pure: the tenant's zone is given."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, Final
from zoneinfo import ZoneInfo

from tandem.stream.door.people_kinds import BIRTH_YEAR_MIN
from tandem.stream.identity.identifiers import Malformed, canonical
from tandem.stream.imports.fields import Mapping
from tandem.stream.imports.rows import Line

PERSON_KINDS: Final = ("union_id", "open_id", "member_no", "online_account", "phone", "email")
_GENDERS: Final = {
    "男": "male",
    "m": "male",
    "male": "male",
    "先生": "male",
    "女": "female",
    "f": "female",
    "female": "female",
    "女士": "female",
}
_STATUSES: Final = {
    "placed": "placed", "待付款": "placed", "未付款": "placed", "已下单": "placed", "待支付": "placed",
    "paid": "paid", "已付款": "paid", "已支付": "paid", "待发货": "paid", "已发货": "paid",
    "completed": "completed", "已完成": "completed", "交易成功": "completed", "完成": "completed",
    "cancelled": "cancelled", "canceled": "cancelled", "已取消": "cancelled", "交易关闭": "cancelled", "已关闭": "cancelled",
}  # fmt: skip
_DATE: Final = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?|(\d{4})(\d{2})(\d{2})")
_CLOCK: Final = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?")
_TAG_SEPARATORS: Final = re.compile(r"[;；,，、|]")


class BadCell(ValueError):
    """A cell cannot be read as its field."""

    def __init__(self, field: str, zh: str, en: str) -> None:
        super().__init__(en)
        self.field = field
        self.zh = zh
        self.en = en


@dataclass(frozen=True, slots=True)
class Omission:
    """A cell that a record does without."""

    field: str
    zh: str
    en: str


@dataclass(slots=True)
class Reading:
    """How cells are read: `strict` refuses a record for one that cannot be used, else it is left out and noted in `left`."""

    zone: ZoneInfo
    today: date
    strict: bool = False
    left: list[Omission] = field(default_factory=list[Omission])

    def leave(self, bad: BadCell) -> None:
        """Do without a cell. Raises it where the person wants such rows refused."""
        if self.strict:
            raise bad
        self.left.append(Omission(bad.field, bad.zh, bad.en))


def group(kind: str, mapping: Mapping, lines: Sequence[Line]) -> Iterator[list[Line]]:
    """The lines of each record: neighbours with one order id for orders, single lines otherwise."""
    current: list[Line] = []
    for line in lines:
        if current and not (kind == "order" and line.get(mapping, "order_id") == current[0].get(mapping, "order_id")):
            yield current
            current = []
        current.append(line)
    if current:
        yield current


def customer(mapping: Mapping, line: Line, how: Reading) -> dict[str, Any]:
    """A row as the payload of kind `customer`. Raises BadCell for one that names nobody any more."""
    payload: dict[str, Any] = {"identifiers": _identifiers(mapping, line, how)}
    if not payload["identifiers"] and how.left:
        first = how.left[0]
        raise BadCell(first.field, first.zh, first.en)
    for name in ("name", "city", "district", "store"):
        if text := line.get(mapping, name):
            payload[name] = text
    if text := line.get(mapping, "gender"):
        payload["gender"] = _GENDERS.get(text.lower(), "other")
    if text := line.get(mapping, "birthday"):
        try:
            payload["birthday"] = _birthday(text, how.today).isoformat()
        except BadCell as bad:
            how.leave(bad)
    if text := line.get(mapping, "tags"):
        payload["tags"] = [tag for part in _TAG_SEPARATORS.split(text) if (tag := part.strip())]
    return payload


def _birthday(text: str, today: date) -> date:
    found = date_in("birthday", text)
    if not date(BIRTH_YEAR_MIN, 1, 1) <= found <= today:
        told = f"{BIRTH_YEAR_MIN}"
        raise BadCell(
            "birthday", f"“{text[:50]}”不在 {told} 年到今天之间", f"{text[:50]!r} is not between {told} and today"
        )
    return found


def order(mapping: Mapping, lines: Sequence[Line], how: Reading) -> dict[str, Any]:
    """The rows of one order as the payload of kind `order`; one whose buyer cannot be told comes in without. Raises BadCell."""
    first, zone = lines[0], how.zone
    placed_at = moment_in("placed_at", first.get(mapping, "placed_at"), zone)
    status = _status(first.get(mapping, "status"), paid=bool(first.get(mapping, "paid_at")))
    paid_text = first.get(mapping, "paid_at")
    paid_at = (
        moment_in("paid_at", paid_text, zone) if paid_text else (placed_at if status in {"paid", "completed"} else None)
    )
    items = [_item(mapping, line, number) for number, line in enumerate(lines, 1) if line.get(mapping, "product_id")]
    total = first.get(mapping, "total")
    payload: dict[str, Any] = {
        "order_id": first.get(mapping, "order_id"),
        "identifiers": _identifiers(mapping, first, how),
        "status": status,
        "placed_at": placed_at.isoformat(),
        "paid_at": None if paid_at is None else paid_at.isoformat(),
        "total": str(
            number_in("total", total) if total else sum((Decimal(item["amount"]) for item in items), Decimal(0))
        ),
        "lines": items,
    }
    for name in ("store", "channel"):
        if text := first.get(mapping, name):
            payload[name] = text
    return payload


def _identifiers(mapping: Mapping, line: Line, how: Reading) -> list[dict[str, str]]:
    """What names the person. A placeholder names nobody, and the door would drop it without a word: here it is said."""
    found: list[dict[str, str]] = []
    for kind in PERSON_KINDS:
        text = line.get(mapping, kind)
        if not text:
            continue
        try:
            names = canonical(kind, text) is not None or "*" in text
        except Malformed as bad:
            how.leave(BadCell(kind, bad.zh, bad.en))
            continue
        if names:
            found.append({"kind": kind, "value": text})
        else:
            how.leave(BadCell(kind, "是占位号码，不能代表一个人", "is a placeholder and names nobody"))
    return found


def _item(mapping: Mapping, line: Line, number: int) -> dict[str, Any]:
    quantity, discount = line.get(mapping, "quantity"), line.get(mapping, "discount")
    return {
        "line_no": number,
        "product_id": line.get(mapping, "product_id"),
        "quantity": str(number_in("quantity", quantity) if quantity else Decimal(1)),
        "amount": str(number_in("amount", line.get(mapping, "amount") or "0")),
        "discount": str(number_in("discount", discount) if discount else Decimal(0)),
    }


def _status(text: str, *, paid: bool) -> str:
    if not text:
        return "paid" if paid else "placed"
    if text.lower() not in _STATUSES:
        raise BadCell("status", f"不认识的状态“{text[:50]}”", f"unknown status {text[:50]!r}")
    return _STATUSES[text.lower()]


def number_in(field: str, text: str) -> Decimal:
    """An amount without its signs. Raises BadCell."""
    plain = text.strip().lstrip("¥￥$").replace(",", "").strip()
    try:
        value = Decimal(plain)
    except InvalidOperation as error:
        raise BadCell(field, f"“{text[:50]}”不是数字", f"{text[:50]!r} is not a number") from error
    if not value.is_finite():
        raise BadCell(field, f"“{text[:50]}”不是数字", f"{text[:50]!r} is not a number")
    return value


def date_in(field: str, text: str) -> date:
    """A day. Raises BadCell."""
    found = _DATE.match(text)
    try:
        if found:
            year, month, day = (int(part) for part in (found.groups()[:3] if found[1] else found.groups()[3:]))
            return date(year, month, day)
    except ValueError:
        pass
    raise BadCell(field, f"“{text[:50]}”不是日期", f"{text[:50]!r} is not a date")


@lru_cache(maxsize=4096)
def moment_in(field: str, text: str, zone: ZoneInfo) -> datetime:
    """A moment in UTC. A time without a zone is the tenant's local time, a bare date its midnight."""
    try:
        given = datetime.fromisoformat(text)
    except ValueError:
        given = _loose_moment(field, text)
    try:
        return (given if given.tzinfo else given.replace(tzinfo=zone)).astimezone(UTC)
    except OverflowError as error:
        raise BadCell(field, f"“{text[:50]}”不在可用的年份内", f"{text[:50]!r} is outside the calendar") from error


def _loose_moment(field: str, text: str) -> datetime:
    day = date_in(field, text)
    clock = _CLOCK.search(text)
    try:
        hour, minute, second = (int(part or 0) for part in clock.groups()) if clock else (0, 0, 0)
        return datetime(day.year, day.month, day.day, hour, minute, second)  # noqa: DTZ001 - the zone is added by the caller
    except ValueError as error:
        raise BadCell(field, f"“{text[:50]}”不是时间", f"{text[:50]!r} is not a time") from error


def payload(kind: str, mapping: Mapping, together: list[Line], how: Reading) -> dict[str, Any]:
    """The lines of one record as the payload of its kind; `how.left` tells what it does without. Raises BadCell."""
    return order(mapping, together, how) if kind == "order" else customer(mapping, together[0], how)
