"""Reading platforms' values exactly: money, times, ids, words. Raises Refused with the place, never guesses."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal, InvalidOperation
from typing import Any, Final, TypeVar, cast

from tandem.stream.door.kinds import Refused

Meaning = TypeVar("Meaning")

GMT8: Final = timezone(timedelta(hours=8))
_MASKS: Final = ("*", "＊", "~", "$", "#")


def member(body: Any, name: str) -> dict[str, Any]:
    """An object inside an object; empty where there is none."""
    found = cast("Mapping[str, Any]", body).get(name) if isinstance(body, Mapping) else None
    return cast("dict[str, Any]", found) if isinstance(found, dict) else {}


def listed(body: Any, *names: str) -> list[dict[str, Any]]:
    """The objects of a list below the given names; empty where there is none."""
    at: Any = body
    for name in names:
        at = cast("Mapping[str, Any]", at).get(name) if isinstance(at, Mapping) else None
    items = cast("list[Any]", at) if isinstance(at, list) else []
    return [cast("dict[str, Any]", one) for one in items if isinstance(one, dict)]


def first(body: Any, *names: str) -> dict[str, Any]:
    """The first object of a list below the given names; empty where there is none."""
    found = listed(body, *names)
    return found[0] if found else {}


def texts(body: Any, name: str) -> list[str]:
    """The texts (ids) of a list; empty where there is none."""
    found = cast("Mapping[str, Any]", body).get(name) if isinstance(body, Mapping) else None
    return [str(one) for one in cast("list[Any]", found)] if isinstance(found, list) else []


def ident(record: Mapping[str, Any], *names: str) -> str:
    """An id as text, from the first name that holds one: never a rounded number. Raises Refused."""
    for name in names:
        value = record.get(name)
        if isinstance(value, str) and value.strip().strip('"'):
            return value.strip().strip('"')
        if isinstance(value, int) and not isinstance(value, bool) and value:
            return str(value)
    raise _wrong(names[0], record.get(names[0]), "an id")


def word(record: Mapping[str, Any], name: str) -> str:
    """A text; empty where there is none."""
    value = record.get(name)
    return "" if value is None else str(value).strip()


def fen(record: Mapping[str, Any], name: str, default: int | None = None) -> Decimal:
    """Whole fen as yuan. Raises Refused for what is no whole number."""
    value = record.get(name)
    if value is None and default is not None:
        return Decimal(default) / 100
    try:
        return Decimal(int(str(value))) / 100
    except ValueError as error:
        raise _wrong(name, value, "whole fen") from error


def yuan(record: Mapping[str, Any], name: str, default: str | None = None) -> Decimal:
    """An amount in major units, as text or JSON number, to the cent as it stands. Raises Refused."""
    value = record.get(name)
    if value in (None, "") and default is not None:
        value = default
    try:
        found = Decimal(repr(value) if isinstance(value, float) else str(value).strip())
    except InvalidOperation as error:
        raise _wrong(name, value, "an amount") from error
    if not found.is_finite():
        raise _wrong(name, value, "an amount")
    return found


def whole(record: Mapping[str, Any], name: str, default: int | None = None) -> int:
    """A count or code. Raises Refused."""
    value = record.get(name)
    if value in (None, "") and default is not None:
        return default
    try:
        return int(str(value))
    except ValueError as error:
        raise _wrong(name, value, "a whole number") from error


def gmt8(record: Mapping[str, Any], name: str) -> datetime | None:
    """`yyyy-MM-dd HH:mm:ss` in China's time, as UTC; None for nothing and for the year 1. Raises Refused."""
    text = word(record, name)
    if not text or text.startswith("0001"):
        return None
    try:
        return datetime.strptime(text[:19], "%Y-%m-%d %H:%M:%S").replace(tzinfo=GMT8).astimezone(UTC)
    except ValueError as error:
        raise _wrong(name, text, "a time") from error


def as_gmt8(moment: datetime) -> str:
    """A moment as platforms here write it: `yyyy-MM-dd HH:mm:ss` in China's time."""
    return moment.astimezone(GMT8).strftime("%Y-%m-%d %H:%M:%S")


def epoch(record: Mapping[str, Any], name: str, per_second: int = 1) -> datetime | None:
    """UNIX seconds (or milliseconds, `per_second=1000`), as number or text; None for 0 and nothing. Raises Refused."""
    value = record.get(name)
    if value in (None, "", 0, "0"):
        return None
    try:
        count = int(str(value))
        return datetime.fromtimestamp(count // per_second, UTC) + timedelta(
            microseconds=count % per_second * (1_000_000 // per_second)
        )
    except (ValueError, OverflowError, OSError) as error:
        raise _wrong(name, value, "a time") from error


def iso(record: Mapping[str, Any], name: str) -> datetime | None:
    """ISO 8601 with a zone, as UTC; None for nothing. Raises Refused."""
    text = word(record, name)
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise _wrong(name, text, "a time") from error
    if found.tzinfo is None:
        raise _wrong(name, text, "a time with its zone")
    return found.astimezone(UTC)


def must(moment: datetime | None, name: str) -> datetime:
    """A time that has to be there. Raises Refused."""
    if moment is None:
        raise _wrong(name, None, "a time")
    return moment


def one_of(words: Mapping[Any, Meaning], value: Any, name: str) -> Meaning:
    """A platform's word in ours. Raises Refused for one that nobody listed: a status is never guessed."""
    if value in words:
        return words[value]
    raise _wrong(name, value, f"one of {', '.join(map(str, words))}")


def masked(text: str) -> bool:
    """Whether a platform hid part of it, or sent it sealed: such a value names nobody."""
    return not text or any(mark in text for mark in _MASKS)


def _wrong(name: str, value: Any, wanted: str) -> Refused:
    shown = str(value)[:60]
    return Refused(name, f"“{shown}”不是预期的内容（{wanted}）", f"“{shown}” is not {wanted}")
