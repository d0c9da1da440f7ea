"""What stands on the wire of `POST /v1/events`, and every way in which it can be wrong, each with its place."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final, Literal, TypeVar

import msgspec

from tandem.kernel.errors import Detail, InvalidInput, TandemError
from tandem.stream.door.kinds import Key, Refused
from tandem.stream.door.spelling import misspelt, unlisted
from tandem.stream.projection import BACKFILL, LIVE

Body = TypeVar("Body")
EVENTS_MAX: Final = 5000
BODY_BYTES_MAX: Final = 16_000_000
PAYLOAD_BYTES_MAX: Final = 1_000_000
PLACES_MAX: Final = 100
"""A refusal names at most this many places; the rest is counted."""

HISTORY: Final = timedelta(days=1065)
"""How far back an event may lie: the log has 36 months of partitions, of which the first may have just begun."""
AHEAD: Final = timedelta(days=1)
"""How far ahead of our clock a sender's clock may run."""

# A NUL escape with an even number of backslashes before it: PostgreSQL text cannot hold the character.
_NUL: Final = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")


class TooLarge(TandemError):
    """More than one call may carry."""

    status = 413


class EventIn(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """One record as sent."""

    source: Key
    external_id: Key
    kind: Key
    time: Annotated[datetime, msgspec.Meta(tz=True)]
    payload: msgspec.Raw
    mode: Literal["live", "backfill"] = "live"


class Item(msgspec.Struct, frozen=True, gc=False):
    """A record whose frame is sound; its payload is still raw JSON. `index` is its place in the call.

    `verified`: it is, or came out of, a delivery whose sender was verified, as it was sent.
    """

    index: int
    source: str
    external_id: str
    kind: str
    time: datetime
    mode: int
    payload: bytes
    verified: bool = False

    @property
    def place(self) -> str:
        """Where it stands in the call."""
        return f"events[{self.index}]"


class Problem(msgspec.Struct, frozen=True, gc=False):
    """Something wrong with one record: the place as a path into the call, and what is wrong."""

    index: int
    where: str
    zh: str
    en: str

    @property
    def detail(self) -> Detail:
        """The same for an error answer."""
        return Detail(self.where, self.zh, self.en)


class Parsed(msgspec.Struct, gc=False):
    """The sound records of a call, what is wrong with the others, and those others as they came."""

    items: list[Item]
    problems: list[Problem]
    broken: dict[int, bytes]


class _Call(msgspec.Struct):
    events: list[EventIn]


class _RawCall(msgspec.Struct):
    events: list[msgspec.Raw]


_CALL: Final = msgspec.json.Decoder(_Call)
_RAW_CALL: Final = msgspec.json.Decoder(_RawCall)
_EVENT: Final = msgspec.json.Decoder(EventIn)


def parse(body: bytes) -> Parsed:
    """Take a call apart. Raises InvalidInput for what is not JSON of the right frame, TooLarge beyond the limits."""
    if len(body) > BODY_BYTES_MAX:
        raise TooLarge(
            "body_too_large", "请求超过 16 MB，请分批发送。", "The call is larger than 16 MB; send it in parts."
        )
    suspicious = b"\\u0000" in body
    try:
        call = None if suspicious else _CALL.decode(body)
    except msgspec.ValidationError:
        call = None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise malformed(error) from error
    if call is None:
        return _one_by_one(body)
    _check_count(len(call.events))
    return Parsed([_item(index, event) for index, event in enumerate(call.events)], [], {})


def _one_by_one(body: bytes) -> Parsed:
    """The slow way, taken only when something is wrong: it finds every place instead of the first."""
    raw = decoded(_RAW_CALL, body, "bad_call", "请求结构不正确。", "The call does not have the right shape.").events
    _check_count(len(raw))
    parsed = Parsed([], [], {})
    for index, one in enumerate(raw):
        problem = _take(parsed, index, bytes(one))
        if problem is not None:
            parsed.problems.append(problem)
            parsed.broken[index] = bytes(one)
    return parsed


def _take(parsed: Parsed, index: int, raw: bytes) -> Problem | None:
    place = f"events[{index}]"
    if _NUL.search(raw):
        return Problem(index, place, "文本中不能有空字符（\\u0000）", "text must not contain a NUL character (\\u0000)")
    try:
        parsed.items.append(_item(index, _EVENT.decode(raw)))
    except msgspec.ValidationError as error:
        where, zh, en = misspelt(EventIn, error) or unlisted(EventIn, error) or explain(error)
        return Problem(index, f"{place}.{where}" if where else place, zh, en)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        told = malformed(error)
        return Problem(index, place, told.zh, told.en)
    return None


def _item(index: int, event: EventIn) -> Item:
    mode = BACKFILL if event.mode == "backfill" else LIVE
    return Item(index, event.source, event.external_id, event.kind, event.time, mode, bytes(event.payload))


def _check_count(count: int) -> None:
    if count > EVENTS_MAX:
        raise TooLarge(
            "too_many_events",
            f"一次最多 {EVENTS_MAX} 条，收到 {count} 条。",
            f"A call carries at most {EVENTS_MAX} events; this one has {count}.",
        )


def utc_within(time: datetime, now: datetime) -> datetime | None:
    """The moment in UTC, or None when it lies outside what the event log keeps (`HISTORY` before to `AHEAD` after `now`)."""
    return Range.around(now).utc(time)


class Range(msgspec.Struct, frozen=True, gc=False):
    """The moments that the log keeps, for many records at one time."""

    earliest: datetime
    latest: datetime

    @staticmethod
    def around(now: datetime) -> Range:
        """From `HISTORY` before to `AHEAD` after."""
        return Range(now - HISTORY, now + AHEAD)

    def utc(self, time: datetime) -> datetime | None:
        """The moment in UTC, or None when it lies outside."""
        # Years at the end of the calendar cannot be moved to another zone; they are out of range anyway.
        if not self.earliest.year - 7 < time.year < self.latest.year + 10:
            return None
        moved = time if time.tzinfo is UTC else time.astimezone(UTC)
        return moved if self.earliest <= moved <= self.latest else None


def out_of_range(item: Item, where: str) -> Problem:
    """The problem of a record whose time the event log cannot hold."""
    return Problem(
        item.index,
        f"{item.place}.{where}",
        "时间超出可接受的范围（最近 35 个月到明天）",
        "the time is outside the accepted range (the last 35 months until tomorrow)",
    )


def decoded(decoder: msgspec.json.Decoder[Body], body: bytes, code: str, zh: str, en: str) -> Body:
    """A small body taken apart. Raises InvalidInput: with these words and the place where the shape is not right, or that it is no JSON."""
    try:
        return decoder.decode(body)
    except msgspec.ValidationError as error:
        raise InvalidInput(code, zh, en, details=(Detail(*explain(error)),)) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise malformed(error) from error


def malformed(error: Exception) -> InvalidInput:
    """The answer to bytes that are not JSON."""
    if isinstance(error, RecursionError):
        return InvalidInput("malformed_json", "JSON 嵌套过深。", "The JSON is nested too deeply.")
    if isinstance(error, UnicodeDecodeError):
        return InvalidInput(
            "malformed_json",
            f"不是 UTF-8（第 {error.start} 字节处）。",
            f"Not UTF-8 (at byte {error.start} of a text).",
        )
    return InvalidInput("malformed_json", f"不是合法的 JSON：{error}。", f"Not JSON: {error}.")


_PATTERNS: Final[tuple[tuple[re.Pattern[str], str], ...]] = tuple(
    (re.compile(pattern), text)
    for pattern, text in (
        (r"Object missing required field `(.+)`", "缺少必填字段 {0}"),
        (r"Object contains unknown field `(.+)`", "未知字段 {0}"),
        (r"Expected `datetime` with a timezone component", "时间必须带时区"),
        (r"Expected `str` of length <= (\d+)", "文本最长 {0} 个字符"),
        (r"Expected `str` of length >= (\d+)", "文本至少 {0} 个字符"),
        (r"Expected `array` of length <= (\d+)", "最多 {0} 项"),
        (r"Expected `array` of length >= (\d+)", "至少 {0} 项"),
        (r"Expected `(.+)` ([<>]=?) (.+)", "应为 {1} {2} 的 {0}"),
        (r"Expected `(.+)`, got `(.+)`", "应为 {0}，收到 {1}"),
        (r"Invalid enum value (.+)", "不允许的值 {0}"),
        (r"Invalid decimal string", "不是合法的数字"),
        (r"Invalid RFC3339 encoded date", "不是合法的日期，应如 1990-12-31"),
        (r"Invalid RFC3339 encoded datetime", "不是合法的时间，应如 2026-11-22T09:00:00+08:00"),
        (r"Invalid RFC3339 encoded (.+)", "不是合法的时间（RFC 3339）"),
    )
)


def explain(error: msgspec.ValidationError | Refused) -> tuple[str, str, str]:
    """(path, Chinese, English) of what a decoder or a kind's rule refused."""
    if isinstance(error, Refused):
        return error.where, error.zh, error.en
    what, _, path = str(error).partition(" - at ")
    where = path.strip("`").removeprefix("$").removeprefix(".")
    for pattern, text in _PATTERNS:
        found = pattern.fullmatch(what)
        if found:
            return where, text.format(*found.groups()), what
    return where, what, what


def refusal(problems: list[Problem]) -> InvalidInput:
    """The answer that refuses a whole call, naming up to `PLACES_MAX` places."""
    count = len({problem.index for problem in problems})
    return InvalidInput(
        "events_refused",
        f"{count} 条记录有误，整批未写入；可用 ?partial=true 只收下正确的记录。",
        f"{count} records are wrong and nothing was written; ?partial=true takes the sound ones.",
        details=tuple(problem.detail for problem in problems[:PLACES_MAX]),
    )
