"""Filing events: the only way into an inbox."""

from collections.abc import Sequence
from datetime import datetime
from operator import is_
from typing import Any
from uuid import UUID

from tandem.kernel.columns import blobs, documents, smallints, texts, times, uuids
from tandem.kernel.db import Tx
from tandem.kernel.ids import new_id
from tandem.kernel.turn import Turn
from tandem.kernel.wake import wake
from tandem.stream.events import LANE_LIVE, MAX_HOPS, NewEvent

_COLUMNS = """bucket, tenant_id, lane, occurred_at, received_at, event_id, mode, type, customer_id, origin_id,
                   subject_type, subject_id, identifier_hash, payload, cause_id, root_id, hops"""
_VALUES = """e.b, %(tenant)s, e.l, e.o, %(received)s, e.e, e.m, e.t, e.c, e.g, e.st, e.s, e.h, e.p, e.k, e.r, e.n"""
_UNNESTED = """unnest(%(b)s::smallint[], %(l)s::smallint[], %(o)s::timestamptz[], %(e)s::uuid[], %(m)s::smallint[], %(t)s::text[], %(c)s::uuid[],
            %(g)s::uuid[], %(st)s::text[], %(s)s::uuid[], %(h)s::bytea[], %(p)s::jsonb[], %(k)s::uuid[], %(r)s::uuid[], %(n)s::smallint[]{more})
       as e(b, l, o, e, m, t, c, g, st, s, h, p, k, r, n{name})"""
_EVENTS = _UNNESTED.format(more="", name="")
_HEARD_EVENTS = _UNNESTED.format(more=", %(a)s::timestamptz[]", name=", a")
_EMIT = f"insert into inbox ({_COLUMNS}) select {_VALUES} from {_EVENTS}"
# What follows from events of this very turn bears the time of their first cause; a door's records have none and pay nothing for it.
_CAUSED = f"insert into inbox ({_COLUMNS}, heard_at) select {_VALUES}, e.a from {_HEARD_EVENTS}"
# `owner_id` is generated; the partition follows from the time.
_LOG = f"insert into event ({_COLUMNS}) select {_VALUES} from {_EVENTS} where e.b = any(%(buckets)s::smallint[])"
_PARK = f"""
insert into inbox_failed ({_COLUMNS}, reason, failed_at) select {_VALUES}, %(reason)s, %(now)s from {_EVENTS}
on conflict do nothing
"""
_NOBODY = UUID(int=0)
LOOP = f"超过 {MAX_HOPS} 层的连锁触发，已停下：请检查互相触发的流程。 More than {MAX_HOPS} causes deep: flows set each other off."
"""Why an event was parked, as people read it among the failed ones."""


def emit(where: Turn | Tx, events: Sequence[NewEvent]) -> int:
    """File events in the inboxes of their buckets; they are applied in a later turn. Returns how many were filed.

    One statement whatever the number. Any transaction of the tenant may emit, without holding the bucket. Events more than `MAX_HOPS`
    causes away from the outside are a loop: they are parked among the failed ones, where people see them (ENGINE_RULES 17).
    """
    tx = where.tx if isinstance(where, Turn) else where
    filed = [event for event in events if event.hops <= MAX_HOPS]
    heard = _heard(where, filed)
    if heard is not None:
        tx.execute(_CAUSED, _params(tx, filed) | {"a": times(heard)}, prepare=True)
    elif filed:
        tx.execute(_EMIT, _params(tx, filed), prepare=True)
    live = {event.bucket for event in filed if event.lane == LANE_LIVE}
    if live and isinstance(where, Tx):
        # A worker in its turn looks again by itself; whoever files from outside wakes one, so that live work starts at once.
        wake(tx, live)
    if len(filed) < len(events):
        parked = [event for event in events if event.hops > MAX_HOPS]
        tx.execute(_PARK, _params(tx, parked) | {"reason": LOOP, "now": tx.now})
    return len(filed)


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
        turn.tx.execute(_LOG, _params(turn.tx, quiet) | {"buckets": turn.buckets}, prepare=True)
    if len(quiet) < len(events):
        known = set(map(id, quiet))
        emit(turn, [event for event in events if id(event) not in known])


def _heard(where: Turn | Tx, events: Sequence[NewEvent]) -> list[datetime | None] | None:
    """When the first causes of a turn's events were received, as far as they say or the turn knows it; None: of none."""
    if isinstance(where, Tx):
        return None
    known = where.heard
    found = [event.heard_at or known.get(event.cause_id or event.root_id or _NOBODY) for event in events]
    return found if any(found) else None


def _params(tx: Tx, events: Sequence[NewEvent]) -> dict[str, Any]:
    """What `_EVENTS` and `_VALUES` bind, a column each."""
    ids = [event.event_id or new_id() for event in events]
    root = tx.root_id
    own = uuids(ids)
    customers = [event.customer_id for event in events]
    origins = [event.origin_id or event.customer_id for event in events]
    whose = uuids(customers)
    # Most of what a door files has no cause and is its own root.
    is_first = root is None and all(event.root_id is None for event in events)
    return {
        "tenant": tx.tenant_id,
        "received": tx.machine_now,
        "b": smallints([event.bucket for event in events]),
        "l": smallints([event.lane for event in events]),
        "o": times([event.occurred_at for event in events]),
        "e": own,
        "m": smallints([event.mode for event in events]),
        "t": texts([event.type for event in events]),
        "c": whose,
        "g": whose if all(map(is_, origins, customers)) else uuids(origins),
        "st": texts([event.subject_type for event in events]),
        "s": uuids([event.subject_id for event in events]),
        "h": blobs([event.identifier_hash for event in events]),
        "p": documents([event.payload for event in events]),
        "k": uuids([event.cause_id for event in events]),
        "r": own if is_first else uuids([event.root_id or root or one for event, one in zip(events, ids, strict=True)]),
        "n": smallints([event.hops for event in events]),
    }
