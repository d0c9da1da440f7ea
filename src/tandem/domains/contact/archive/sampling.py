"""Which talks are scored: some of each adviser's of a week, drawn by a number that follows from the talk and the week alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from tandem.kernel.db import Tx
from tandem.kernel.ids import BUCKETS, derived_id
from tandem.kernel.turn import in_buckets
from tandem.stream.rows import to_json

MESSAGES_LEAST: Final = 2
"""A talk in which one side said nothing shows nothing of how she is served."""
_ALL_BUCKETS: Final = list(range(BUCKETS))


@dataclass(frozen=True, slots=True)
class Candidate:
    """A talk of the week."""

    id: UUID
    bucket: int
    customer_id: UUID
    origin_id: UUID
    member: str


def week_of(day: date) -> date:
    """The Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def drawn(week: date, candidates: Sequence[Candidate], count: int) -> list[Candidate]:
    """So many of each adviser's, by their lots: whoever computes them again finds the same. Pure."""
    by_member: dict[str, list[Candidate]] = defaultdict(list)
    for one in candidates:
        by_member[one.member].append(one)
    return [
        one
        for member in sorted(by_member)
        for one in sorted(by_member[member], key=lambda one: lot(week, one.id))[:count]
    ]


def lot(week: date, talk: UUID) -> int:
    """A talk's number in a week."""
    return derived_id("score", week.isoformat(), talk).int


_CANDIDATES: Final = """
select t.id, t.bucket, t.customer_id, t.origin_id, t.member from archive_talk as t
join archive_message as m on m.bucket = any(%(buckets)s::smallint[]) and m.tenant_id = %(tenant)s and m.bucket = t.bucket and m.talk_id = t.id
  and m.at >= %(since)s and m.at < %(until)s
where t.bucket = any(%(buckets)s::smallint[]) and t.tenant_id = %(tenant)s and t.account_id = %(account)s and t.consent = 'agreed'
group by t.id, t.bucket, t.customer_id, t.origin_id, t.member
having count(*) filter (where m.said_by = 'customer') >= 1 and count(*) filter (where m.said_by = 'staff') >= 1 and count(*) >= %(least)s
"""
_PUT: Final = """
insert into score_sample (tenant_id, bucket, id, customer_id, origin_id, talk_id, member, week, since, until)
select %(tenant)s, n.bucket, n.id, t.customer_id, t.origin_id, t.id, t.member, %(week)s, %(since)s, %(until)s
from jsonb_to_recordset(%(rows)s::jsonb) as n(bucket smallint, id uuid, talk_id uuid)
join archive_talk as t on t.bucket = any(%(buckets)s::smallint[]) and t.tenant_id = %(tenant)s and t.bucket = n.bucket and t.id = n.talk_id
on conflict do nothing
"""


def bounds(week: date, zone: str) -> tuple[datetime, datetime]:
    """A week's first moment and the first after it."""
    begin = datetime.combine(week, time(), ZoneInfo(zone))
    return begin, datetime.combine(week + timedelta(days=7), time(), ZoneInfo(zone))


def draw_due(tx: Tx, account: UUID, count: int) -> int:
    """Draw from the last full week unless that was done; returns how many talks were drawn."""
    local = tx.now.astimezone(ZoneInfo(str(tx.zone))).date()
    week = week_of(local) - timedelta(days=7)
    params: dict[str, Any] = {"tenant": tx.tenant_id, "account": account, "week": week}
    taken = tx.execute(
        """
        update archive_account set sampled_week = %(week)s
        where tenant_id = %(tenant)s and account_id = %(account)s and (sampled_week is null or sampled_week < %(week)s)
        """,
        params,
    )
    return draw(tx, account, week, count) if taken and count else 0


def draw(tx: Tx, account: UUID, week: date, count: int) -> int:
    """Draw from a week; the same talks again are the same samples."""
    since, until = bounds(week, str(tx.zone))
    params: dict[str, Any] = {
        "tenant": tx.tenant_id, "account": account, "week": week, "since": since, "until": until, "buckets": _ALL_BUCKETS, "least": MESSAGES_LEAST,
    }  # fmt: skip
    chosen = drawn(week, tx.all(Candidate, _CANDIDATES, params), count)
    if not chosen:
        return 0
    in_buckets(tx.conn, {one.bucket for one in chosen})
    rows = [{"bucket": one.bucket, "id": derived_id(one.id, "score", week), "talk_id": one.id} for one in chosen]
    return tx.execute(_PUT, params | {"rows": to_json(rows)})
