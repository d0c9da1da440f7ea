"""Filing events: the only way into an inbox."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from tandem.kernel.db import Tx
from tandem.kernel.ids import new_id
from tandem.kernel.turn import Turn
from tandem.kernel.wake import wake
from tandem.stream.events import LANE_LIVE, MAX_HOPS, NewEvent
from tandem.stream.rows import to_json

_COLUMNS = """bucket, tenant_id, lane, occurred_at, received_at, event_id, mode, type, customer_id, origin_id,
                   subject_type, subject_id, identifier_hash, payload, cause_id, root_id, hops"""
_VALUES = """e.b, %(tenant)s, e.l, e.o, %(received)s, e.e, e.m, e.t, e.c, e.g, e.st, e.s, decode(e.h, 'base64'), e.p, e.k, e.r, e.n"""
_EVENTS = """jsonb_to_recordset(%(events)s::jsonb) as e(b smallint, l smallint, o timestamptz, e uuid, m smallint, t text, c uuid, g uuid,
                                         st text, s uuid, h text, p jsonb, k uuid, r uuid, n smallint)"""
_EMIT = f"insert into inbox ({_COLUMNS}) select {_VALUES} from {_EVENTS}"
# `owner_id` is generated; the partition follows from the time.
_LOG = f"insert into event ({_COLUMNS}) select {_VALUES} from {_EVENTS} where e.b = any(%(buckets)s::smallint[])"
_PARK = f"""
insert into inbox_failed ({_COLUMNS}, reason, failed_at) select {_VALUES}, %(reason)s, %(now)s from {_EVENTS}
on conflict do nothing
"""
LOOP = f"超过 {MAX_HOPS} 层的连锁触发，已停下：请检查互相触发的流程。 More than {MAX_HOPS} causes deep: flows set each other off."
"""Why an event was parked, as people read it among the failed ones."""


class _Row(msgspec.Struct, gc=False, omit_defaults=True):
    """One event under the short names of `_EMIT`."""

    b: int
    l: int  # noqa: E741
    o: datetime
    e: UUID
    m: int
    t: str
    p: dict[str, Any]
    n: int
    r: UUID
    c: UUID | None = None
    g: UUID | None = None
    st: str | None = None
    s: UUID | None = None
    h: bytes | None = None
    k: UUID | None = None


def emit(where: Turn | Tx, events: Sequence[NewEvent]) -> int:
    """File events in the inboxes of their buckets; they are applied in a later turn. Returns how many were filed.

    One statement whatever the number. Any transaction of the tenant may emit, without holding the bucket. Events more than `MAX_HOPS`
    causes away from the outside are a loop: they are parked among the failed ones, where people see them (ENGINE_RULES 17).
    """
    tx = where.tx if isinstance(where, Turn) else where
    rows = [_row(event, tx.root_id) for event in events if event.hops <= MAX_HOPS]
    if rows:
        tx.execute(_EMIT, {"tenant": tx.tenant_id, "received": tx.machine_now, "events": to_json(rows)}, prepare=True)
    live = {row.b for row in rows if row.l == LANE_LIVE}
    if live and isinstance(where, Tx):
        # A worker in its turn looks again by itself; whoever files from outside wakes one, so that live work starts at once.
        wake(tx, live)
    if len(rows) < len(events):
        parked = to_json([_row(event, tx.root_id) for event in events if event.hops > MAX_HOPS])
        tx.execute(
            _PARK,
            {"tenant": tx.tenant_id, "received": tx.machine_now, "events": parked, "reason": LOOP, "now": tx.now},
        )
    return len(rows)


def follow_up(turn: Turn, events: Sequence[NewEvent]) -> None:
    """File what follows from a turn's own work on living customers whose buckets it holds.

    Applying an event to which nothing reacts would only log it, so it is logged here and now; all others go the way of `emit`
    (docs/decisions/0022-what-nobody-hears-is-only-logged.md).
    """
    heard = turn.hears() if turn.hears is not None and events else None
    if heard is None:
        emit(turn, events)
        return
    quiet = [
        event for event in events if event.cause_id is not None and event.type not in heard and event.hops <= MAX_HOPS
    ]
    if quiet:
        rows = to_json([_row(event, turn.tx.root_id) for event in quiet])
        turn.tx.execute(_LOG, turn.params(received=turn.tx.machine_now, events=rows), prepare=True)
    if len(quiet) < len(events):
        known = set(map(id, quiet))
        emit(turn, [event for event in events if id(event) not in known])


def _row(event: NewEvent, root_id: UUID | None) -> _Row:
    event_id = event.event_id or new_id()
    return _Row(
        b=event.bucket,
        l=event.lane,
        o=event.occurred_at,
        e=event_id,
        m=event.mode,
        t=event.type,
        p=event.payload,
        n=event.hops,
        r=event.root_id or root_id or event_id,
        c=event.customer_id,
        g=event.origin_id or event.customer_id,
        st=event.subject_type,
        s=event.subject_id,
        h=event.identifier_hash,
        k=event.cause_id,
    )
