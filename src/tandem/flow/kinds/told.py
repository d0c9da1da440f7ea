"""Effects by which a fragment tells an event for each of its rows, as `stream.inbox.emit` does for `run`."""

from __future__ import annotations

from tandem.stream.events import MAX_HOPS
from tandem.stream.inbox import LOOP

_COLUMNS = "bucket, tenant_id, lane, occurred_at, received_at, event_id, mode, type, customer_id, origin_id, payload, cause_id, root_id, hops"


def told(
    *, event_type: str, lane: str, event_id: str, payload: str, cause_id: str, root_id: str, rows: str = "{rows}"
) -> dict[str, str]:
    """The effects `told` and `looped`: live events of the customers of `rows`, filed now; past `MAX_HOPS` causes they are parked.

    Every argument is SQL over the row `r`, `rows` the relation it stands for, which has the run's `heard_at`. Received_at is machine time.
    """
    values = (
        f"select r.bucket, %(tenant)s::uuid, {lane}, %(now)s::timestamptz, clock_timestamp(), {event_id}, 0, {event_type}, r.customer_id,"
        f" coalesce(r.origin_id, r.customer_id), {payload}, {cause_id}, {root_id}, r.hops + 1"
    )
    source = f"from {rows} as r where r.customer_id is not null"
    reason = LOOP.replace("'", "''")
    return {
        "told": f"insert into inbox ({_COLUMNS}, heard_at) {values}, r.heard_at {source} and r.hops < {MAX_HOPS}",
        "looped": f"insert into inbox_failed ({_COLUMNS}, reason, failed_at) {values}, '{reason}', %(now)s::timestamptz"
        f" {source} and r.hops >= {MAX_HOPS} on conflict do nothing",
    }
