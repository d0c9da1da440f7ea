"""Whom a customer brought: her own rows, kept in step with what newcomers' turns tell, and the news for flows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final
from uuid import UUID

from tandem.domains.sales.referrals.events import REFERRAL_MADE, REFERRAL_PAID, REFERRAL_STANDING, REFERRAL_UNDONE
from tandem.domains.sales.referrals.keeping import GONE
from tandem.kernel.turn import Turn
from tandem.stream.events import NewEvent, following
from tandem.stream.inbox import follow_up
from tandem.stream.projection import AppliedEvent, Projection
from tandem.stream.rows import to_json

_BEFORE: Final = """
select m.id, m.state, m.version from referral_made as m
where m.tenant_id = %(tenant)s and m.bucket = any(%(buckets)s::smallint[]) and m.id = any(%(ids)s::uuid[])
"""
_KEEP: Final = """
insert into referral_made (tenant_id, bucket, id, customer_id, origin_id, friend_id, campaign, state, came_at, paid_at, amount, version)
select %(tenant)s, n.* from jsonb_to_recordset(%(rows)s::jsonb) as n(bucket smallint, id uuid, customer_id uuid, origin_id uuid, friend_id uuid,
  campaign text, state text, came_at timestamptz, paid_at timestamptz, amount numeric, version int)
where exists (select from customer as c where c.tenant_id = %(tenant)s and c.bucket = n.bucket and c.bucket = any(%(buckets)s::smallint[])
  and c.id = n.customer_id)
on conflict (bucket, id) do update set state = excluded.state, paid_at = excluded.paid_at, amount = excluded.amount, version = excluded.version
returning id
"""
_GO: Final = """
delete from referral_made as m where m.tenant_id = %(tenant)s and m.bucket = any(%(buckets)s::smallint[]) and m.id = any(%(ids)s::uuid[])
"""
_COUNT: Final = """
select m.customer_id, count(*)::int from referral_made as m
where m.tenant_id = %(tenant)s and m.bucket = any(%(buckets)s::smallint[]) and m.customer_id = any(%(ids)s::uuid[]) and m.state = 'paid'
group by 1
"""
#: What a change of state is to whoever brought her. An order that came with the telling is both.
_NEWS: Final[dict[tuple[str | None, str], tuple[str, ...]]] = {
    (None, "came"): (REFERRAL_MADE,),
    (None, "paid"): (REFERRAL_MADE, REFERRAL_PAID),
    ("came", "paid"): (REFERRAL_PAID,),
    ("paid", "came"): (REFERRAL_UNDONE,),
    ("paid", "known"): (REFERRAL_UNDONE,),
    ("known", "paid"): (REFERRAL_PAID,),
}
_COPIED: Final = ("friend_id", "campaign", "state", "came_at", "paid_at", "amount", "version")


def keep(turn: Turn, events: Sequence[AppliedEvent]) -> None:
    """Keep the other side in step, and tell flows what changed. Older tellings and those told twice change nothing."""
    newest: dict[UUID, AppliedEvent] = {}
    for event in events:
        if event.customer_id is None or "referral_id" not in event.payload:
            continue
        key, so_far = UUID(event.payload["referral_id"]), newest.get(UUID(event.payload["referral_id"]))
        if so_far is None or _rank(event) > _rank(so_far):
            newest[key] = event
    before = {row[0]: row[1:] for row in turn.tx.cursor(_BEFORE, turn.params(ids=list(newest))).fetchall()}
    news = {key: one for key, one in newest.items() if key not in before or _rank(one) > (before[key][1], False)}
    gone = [key for key, one in news.items() if one.payload["state"] == GONE]
    if gone:
        turn.tx.execute(_GO, turn.params(ids=gone))
    rows = [_row(key, one) for key, one in news.items() if key not in gone]
    # Whoever was erased is told nothing, and what she is owed is nobody's.
    kept = set(turn.tx.values(_KEEP, turn.params(rows=to_json(rows)))) if rows else set[UUID]()
    whose = sorted({one.customer_id for one in news.values() if one.customer_id is not None})
    counts = dict(turn.tx.cursor(_COUNT, turn.params(ids=whose)).fetchall())
    told = [(one, before[key][0] if key in before else None) for key, one in news.items() if key in kept]
    follow_up(turn, [news for one, was in told for news in _told(one, was, counts.get(one.customer_id, 0))])


def _rank(event: AppliedEvent) -> tuple[int, bool]:
    return event.payload["version"], event.payload["state"] == GONE


def _row(key: UUID, event: AppliedEvent) -> dict[str, Any]:
    whose = {
        "bucket": event.bucket,
        "customer_id": event.customer_id,
        "origin_id": event.origin_id or event.customer_id,
    }
    return {"id": key, **whose, **{name: event.payload[name] for name in _COPIED}}


def _told(event: AppliedEvent, was: str | None, paid: int) -> Iterator[NewEvent]:
    said = event.payload
    payload: dict[str, Any] = {"campaign": said["campaign"], "friend_id": said["friend_id"], "paid_count": paid}
    if said["amount"] is not None:
        payload["amount"] = said["amount"]
    for kind in _NEWS.get((was, said["state"]), ()):
        yield following(event, kind, payload)


PROJECTIONS: Final = (Projection((REFERRAL_STANDING,), keep, "sales.referrals_made"),)
