"""Talks and what was said in them, for those who may look; only talks whose customer agreed exist for anybody."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from tandem.access import audit
from tandem.access.paging import from_cursor, page_of
from tandem.domains.contact.archive.ports import archive_of
from tandem.domains.contact.attending.sealing import Seals
from tandem.domains.contact.gateway import GatewayFailure
from tandem.kernel.db import Database, Tx
from tandem.kernel.errors import NotFound
from tandem.kernel.ids import BUCKETS
from tandem.stream.sources.accounts import opened_account

ALL_BUCKETS: Final = list(range(BUCKETS))
SEARCHED_MAX: Final = 5000
"""Messages of one talk that a search opens."""


@dataclass(frozen=True, slots=True)
class TalkRow:
    """A talk."""

    id: UUID
    account_id: UUID
    customer_id: UUID
    member: str
    adviser: str
    first_at: datetime
    last_at: datetime
    messages: int
    hits: int
    waiting_since: datetime | None
    alarmed_at: datetime | None


_TALK: Final = """
select t.id, t.account_id, t.customer_id, t.member, coalesce(a.name, t.member) as adviser, t.first_at, t.last_at, t.messages,
  (select count(*) from inspection_hit as h where h.bucket = any(%(buckets)s::smallint[]) and h.tenant_id = %(tenant)s and h.bucket = t.bucket
    and h.talk_id = t.id and h.state = 'open') as hits, t.waiting_since, t.alarmed_at
from archive_talk as t left join adviser as a on a.tenant_id = %(tenant)s and a.account_id = t.account_id and a.member = t.member
where t.bucket = any(%(buckets)s::smallint[]) and t.tenant_id = %(tenant)s and t.consent = 'agreed' and t.messages > 0
"""
_ONLY: Final = {
    "waiting": "and t.waiting_since is not null",
    "late": "and t.alarmed_at is not null",
    "hits": "and exists (select from inspection_hit as o where o.bucket = any(%(buckets)s::smallint[]) and o.tenant_id = %(tenant)s"
    " and o.bucket = t.bucket and o.talk_id = t.id and o.state = 'open')",
}


def list_talks(
    tx: Tx, *, which: str, member: str | None, customer: UUID | None, cursor: str | None, limit: int
) -> tuple[list[TalkRow], str | None]:
    """A page of talks, the latest first. `which`: `all`, `waiting`, `late`, `hits`."""
    at, last = from_cursor(cursor, 2) if cursor else (None, None)
    rows = tx.all(
        TalkRow,
        f"""
        {_TALK} {_ONLY.get(which, "")} and (%(member)s::text is null or t.member = %(member)s)
          and (%(customer)s::uuid is null or t.customer_id = %(customer)s)
          and (%(at)s::timestamptz is null or (t.last_at, t.id) < (%(at)s, %(last)s::uuid))
        order by t.last_at desc, t.id desc limit %(more)s
        """,
        {
            "tenant": tx.tenant_id, "buckets": ALL_BUCKETS, "member": member, "customer": customer, "at": at, "last": last, "more": limit + 1,
        },
    )  # fmt: skip
    return page_of(rows, limit, "last_at", "id")


def get_talk(tx: Tx, talk_id: UUID) -> TalkRow:
    """One talk. Raises NotFound, also for one without consent."""
    row = tx.maybe(
        TalkRow, f"{_TALK} and t.id = %(id)s", {"tenant": tx.tenant_id, "buckets": ALL_BUCKETS, "id": talk_id}
    )
    if row is None:
        raise NotFound("no_such_talk", "没有这个会话。", "There is no such conversation.")
    return row


@dataclass(frozen=True, slots=True)
class _Sealed:
    id: UUID
    origin_id: UUID
    at: datetime
    said_by: str
    kind: str
    text_enc: bytes | None
    media_enc: bytes | None
    recalled_at: datetime | None


@dataclass(frozen=True, slots=True)
class Message:
    """Something said, opened."""

    id: UUID
    at: datetime
    said_by: str
    kind: str
    text: str
    media: dict[str, Any]
    recalled_at: datetime | None
    words: list[str]


_MESSAGES: Final = """
select id, origin_id, at, said_by, kind, text_enc, media_enc, recalled_at from archive_message
where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s and talk_id = %(talk)s
  and (%(since)s::timestamptz is null or at >= %(since)s) and (%(until)s::timestamptz is null or at < %(until)s)
  and (%(at)s::timestamptz is null or (at, id) < (%(at)s, %(last)s::uuid))
order by at desc, id desc limit %(more)s
"""


def messages(
    tx: Tx,
    talk_id: UUID,
    *,
    q: str | None,
    cursor: str | None,
    limit: int,
    since: datetime | None = None,
    until: datetime | None = None,
) -> tuple[list[Message], str | None]:
    """A page of what was said, the latest first; with `q` those of the last few thousand that say so. The look is on the trail."""
    talk = get_talk(tx, talk_id)
    at, last = from_cursor(cursor, 2) if cursor else (None, None)
    rows = tx.all(
        _Sealed,
        _MESSAGES,
        {
            "tenant": tx.tenant_id, "buckets": ALL_BUCKETS, "talk": talk_id, "at": at, "last": last, "since": since, "until": until,
            "more": SEARCHED_MAX if q else limit + 1,
        },
    )  # fmt: skip
    # Every page: a cursor is the caller's own text, and one that was made up would be a look that nobody sees.
    audit.record(tx, "archive_talk.read", "customer", talk.customer_id, None, {"talk": str(talk_id)})
    seals = Seals(tx, [one.origin_id for one in rows])
    if q:
        rows = [one for one in rows if q.casefold() in seals.open(one.origin_id, one.text_enc).casefold()]
    shown, following = page_of(rows, limit, "at", "id")
    words = _words(tx, [one.id for one in shown])
    return [
        Message(
            one.id, one.at, one.said_by, one.kind, seals.open(one.origin_id, one.text_enc),
            json.loads(seals.open(one.origin_id, one.media_enc) or "{}"), one.recalled_at, words[one.id],
        )
        for one in shown
    ], following  # fmt: skip


def _words(tx: Tx, ids: list[UUID]) -> dict[UUID, list[str]]:
    found: dict[UUID, list[str]] = defaultdict(list)
    for message, word in tx.cursor(
        "select message_id, word from inspection_hit where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s"
        " and message_id = any(%(ids)s::uuid[]) order by word",
        {"tenant": tx.tenant_id, "buckets": ALL_BUCKETS, "ids": ids},
    ):
        found[message].append(word)
    return found


def file_of(db: Database, tx: Tx, talk_id: UUID, message_id: UUID) -> tuple[str, bytes]:
    """What a message's file is called and holds, from the platform. Raises NotFound, also where the platform has it no more."""
    talk = get_talk(tx, talk_id)
    row = tx.maybe(
        _Sealed,
        """
        select id, origin_id, at, said_by, kind, text_enc, media_enc, recalled_at from archive_message
        where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s and talk_id = %(talk)s and id = %(id)s
        """,
        {"tenant": tx.tenant_id, "buckets": ALL_BUCKETS, "talk": talk_id, "id": message_id},
    )
    gone = NotFound("no_such_file", "文件已不在平台上。", "The platform has this file no more.")
    if row is None or row.media_enc is None:
        raise gone
    media = json.loads(Seals(tx, [row.origin_id]).open(row.origin_id, row.media_enc) or "{}")
    account = opened_account(tx, account_id=talk.account_id)
    gateway = None if account is None else archive_of(account.connector)
    if account is None or gateway is None or not media.get("sdkfileid"):
        raise gone
    audit.record(tx, "archive_file.read", "customer", talk.customer_id, None, {"message": str(message_id)})
    try:
        with gateway.open(db, account) as line:
            return str(media.get("filename") or row.kind), line.media(str(media["sdkfileid"]))
    except GatewayFailure as failure:
        raise gone from failure


@dataclass(frozen=True, slots=True)
class Figures:
    """How soon an adviser answered."""

    member: str
    adviser: str
    replies: int
    median_seconds: int | None
    worst_seconds: int | None
    within: int
    late: int
    waiting: int
    alarmed: int


def reply_figures(tx: Tx, days: int) -> list[Figures]:
    """Of every adviser in the last days, the slowest first. Only of talks whose customers agree today."""
    return tx.all(
        Figures,
        """
        with talk as (
          select bucket, id, account_id, member, waiting_since, alarmed_at from archive_talk
          where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s and consent = 'agreed'),
        reply as (
          select t.member, count(*) as replies, percentile_cont(0.5) within group (order by r.seconds) as median, max(r.seconds) as worst,
            count(*) filter (where not r.late) as within, count(*) filter (where r.late) as late
          from archive_reply as r join talk as t on t.bucket = r.bucket and t.id = r.talk_id
          where r.bucket = any(%(buckets)s::smallint[]) and r.tenant_id = %(tenant)s and r.asked_at >= %(since)s group by 1),
        wait as (
          select member, min(account_id::text)::uuid as account_id, count(waiting_since) as waiting, count(alarmed_at) as alarmed from talk group by 1)
        select w.member, coalesce(a.name, w.member) as adviser, coalesce(r.replies, 0) as replies, round(r.median)::int as median_seconds,
          r.worst as worst_seconds, coalesce(r.within, 0) as within, coalesce(r.late, 0) as late, w.waiting, w.alarmed
        from wait as w left join reply as r on r.member = w.member
        left join adviser as a on a.tenant_id = %(tenant)s and a.account_id = w.account_id and a.member = w.member
        order by r.median desc nulls last, w.member limit 1000
        """,
        {"tenant": tx.tenant_id, "buckets": ALL_BUCKETS, "since": tx.now - timedelta(days=days)},
    )
