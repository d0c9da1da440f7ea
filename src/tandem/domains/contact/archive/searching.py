"""A search across all talks. What was said lies sealed and in no index: messages are opened going back in time, so many at once."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from tandem.access import audit
from tandem.access.paging import from_cursor, to_cursor
from tandem.domains.contact.archive.inspecting import around
from tandem.domains.contact.archive.reading import ALL_BUCKETS
from tandem.domains.contact.attending.sealing import Seals
from tandem.kernel.db import Tx
from tandem.kernel.errors import Detail, InvalidInput
from tandem.kernel.ids import bucket_of

OPENED_MAX: Final = 10_000
"""Messages that one answer opens; whoever wants to look further back asks on by the cursor. Some 0.15 s of a core."""
_AT_ONCE: Final = 1000
LONG_AGO_DAYS: Final = 3700


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for: every one of some words, said where, by whom and when. `until` is the first moment after."""

    words: tuple[str, ...]
    member: str | None = None
    customer: UUID | None = None
    said_by: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class _Row:
    id: UUID
    talk_id: UUID
    customer_id: UUID
    origin_id: UUID
    member: str
    adviser: str
    at: datetime
    said_by: str
    kind: str
    text_enc: bytes
    recalled_at: datetime | None


@dataclass(frozen=True, slots=True)
class Found:
    """A message that says so. `text` is what stands around the first word."""

    row: _Row
    text: str


@dataclass(frozen=True, slots=True)
class Sought:
    """One answer. `opened`: so many messages were looked into, back to `back_to`; `following` goes on from there, None at the end."""

    found: list[Found]
    following: str | None
    opened: int
    back_to: datetime | None


# Row-level security leaves out the talks of customers beyond the caller's scope before anything is opened.
_BACKWARDS: Final = """
select m.id, m.talk_id, m.customer_id, m.origin_id, t.member, coalesce(a.name, t.member) as adviser, m.at, m.said_by, m.kind, m.text_enc, m.recalled_at
from archive_message as m
join archive_talk as t on t.bucket = any(%(buckets)s::smallint[]) and t.tenant_id = %(tenant)s and t.bucket = m.bucket and t.id = m.talk_id
  and t.consent = 'agreed'
left join adviser as a on a.tenant_id = %(tenant)s and a.account_id = t.account_id and a.member = t.member
where m.bucket = any(%(buckets)s::smallint[]) and m.tenant_id = %(tenant)s and m.text_enc is not null
  and (%(member)s::text is null or t.member = %(member)s) and (%(customer)s::uuid is null or m.customer_id = %(customer)s)
  and (%(said_by)s::text is null or m.said_by = %(said_by)s)
  and (%(since)s::timestamptz is null or m.at >= %(since)s) and (%(until)s::timestamptz is null or m.at < %(until)s)
  and (%(at)s::timestamptz is null or (m.at, m.id) < (%(at)s, %(last)s::uuid))
order by m.at desc, m.id desc limit %(more)s
"""


def words_of(text: str) -> tuple[str, ...]:
    """What somebody typed, as words that all have to be said. Raises InvalidInput for none. Pure."""
    words = tuple(dict.fromkeys(_plain(text).split()))
    if not words:
        told = Detail("q", "请输入要找的词", "say which word to look for")
        raise InvalidInput("nothing_sought", "没有要找的词。", "There is no word to look for.", details=(told,))
    return words


def days(tx: Tx, first: date | None, last: date | None) -> tuple[datetime | None, datetime | None]:
    """The first moment of one day of the tenant's and the first after another. Raises InvalidInput for days that nobody could mean."""
    today = tx.now.date()
    given = [day for day in (first, last) if day is not None]
    if any(abs((day - today).days) > LONG_AGO_DAYS for day in given) or given != sorted(given):
        raise InvalidInput("bad_days", "日期范围有误。", "The days are not right.")
    zone = ZoneInfo(tx.zone)
    since = None if first is None else datetime.combine(first, time(), zone)
    return since, None if last is None else datetime.combine(last + timedelta(days=1), time(), zone)


def says_all(text: str, words: Sequence[str]) -> bool:
    """Whether a text says every word; full and half width, upper and lower case are alike. Pure."""
    plain = _plain(text)
    return all(word in plain for word in words)


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def search(tx: Tx, wanted: Wanted, *, cursor: str | None, limit: int, opened_max: int = OPENED_MAX) -> Sought:
    """The latest `limit` messages that say so, of at most `opened_max` that are opened for one answer.

    The search is on the trail, and every talk of which something is shown as if it had been read. Raises InvalidInput for a bad cursor.
    """
    at, last = from_cursor(cursor, 2) if cursor else (None, None)
    found: list[Found] = []
    opened, back_to, ended = 0, None, False
    while len(found) < limit and opened < opened_max and not ended:
        step = min(_AT_ONCE, opened_max - opened)
        rows = tx.all(_Row, _BACKWARDS, _params(tx, wanted, at, last, step))
        ended = len(rows) < step
        seals = Seals(tx, [one.origin_id for one in rows])
        for one in rows:
            opened, back_to, at, last = opened + 1, one.at, one.at.isoformat(), str(one.id)
            text = seals.open(one.origin_id, one.text_enc)
            if says_all(text, wanted.words):
                found.append(Found(one, around(text, wanted.words[0])))
                if len(found) == limit:
                    # Behind the last one that is shown there may be more, in this very step.
                    ended = ended and one is rows[-1]
                    break
    _note(tx, wanted, opened, found)
    return Sought(found, None if ended else to_cursor(at, last), opened, back_to)


def _params(tx: Tx, wanted: Wanted, at: str | None, last: str | None, more: int) -> dict[str, Any]:
    buckets = ALL_BUCKETS if wanted.customer is None else [bucket_of(wanted.customer)]
    return {
        "tenant": tx.tenant_id, "buckets": buckets, "member": wanted.member, "customer": wanted.customer, "said_by": wanted.said_by,
        "since": wanted.since, "until": wanted.until, "at": at, "last": last, "more": more,
    }  # fmt: skip


def _note(tx: Tx, wanted: Wanted, opened: int, found: Sequence[Found]) -> None:
    """What was typed may be a name or a number and stays out of the trail; by whom, where and what was shown stands there."""
    where = {name: getattr(wanted, name) for name in ("member", "customer", "said_by", "since", "until")}
    told = {name: value for name, value in where.items() if value is not None}
    audit.record(
        tx,
        "archive.searched",
        "archive",
        tx.tenant_id,
        None,
        {**told, "words": "***", "opened": opened, "shown": len(found)},
    )
    talks = {one.row.talk_id: one.row.customer_id for one in found}
    audit.record_all(
        tx, "archive_talk.read", "customer", [(customer, {"talk": str(talk)}) for talk, customer in talks.items()]
    )
