"""The statements that take events out of the inbox, log them, forward them, put them aside."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

import msgspec
import orjson

from tandem.kernel.fresh import Fresh
from tandem.kernel.turn import Turn
from tandem.stream.projection import AppliedEvent, Failure

PER_BUCKET_MIN: Final = 32
"""A bucket offers at least this many rows a turn, so that one crowded bucket is not starved by its empty neighbours."""
SLOW_LANE: Final = 3
"""Where events wait that a turn with too many failures gave back: they are applied one at a time."""

_FRESH: Final = Fresh()
_COLUMNS: Final = (
    "bucket, tenant_id, lane, occurred_at, received_at, event_id, mode, type, customer_id, origin_id, subject_type, subject_id, "
    "identifier_hash, payload, cause_id, root_id, hops"
)

# Whose rows are just being moved in slices (a large merge, its undo): hardly ever anybody, says an empty partial index, once a statement.
_HELD: Final = "select k.id from customer as k where k.bucket = any(%(buckets)s::smallint[]) and k.tenant_id = %(tenant)s and k.held"
# What happens to a held customer waits here, in its order, until she stands whole again: applied before, it would start nothing and find
# half her rows (docs/decisions/0185-what-happens-to-a-held-customer-waits.md).
# One statement: a row leaves the inbox and enters the log, or is forwarded to the bucket of the customer who now owns it.
# Claimed per bucket so that a backlog is read by its index and no further than the limit (ENGINE_RULES 4). The list of buckets is named
# once: as an index condition it would be sorted anew for every row that is looked up. Rows are deleted by their place, so that no plan
# made while the inbox was empty can read a whole backlog to find them. Who was merged stands in a small index of its own: the others'
# rows are not read.
_OWNED: Final = f"""
with picked as materialized (
  select i.*
  from unnest(%(buckets)s::smallint[]) as b(bucket)
  cross join lateral (
    select ctid as place, row_number() over (order by occurred_at, received_at, event_id) as turn_rank
    from inbox
    where bucket = b.bucket and tenant_id = %(tenant)s and lane = %(lane)s and (customer_id is null or customer_id <> all(array({_HELD})))
    order by occurred_at, received_at, event_id
    limit %(per_bucket)s
  ) as i
  order by i.turn_rank
  limit %(limit)s
), gone as (
  delete from inbox as i where i.ctid = any(array(select p.place from picked as p))
    and (i.bucket = any(%(buckets)s::smallint[]) and i.tenant_id = %(tenant)s) is true
  returning i.*
), owned as (
  select g.*, c.merged_into
  from gone as g
  left join customer as c
    on c.bucket = g.bucket and c.tenant_id = %(tenant)s and c.id = g.customer_id and c.merged_into is not null
), forwarded as (
  insert into inbox ({_COLUMNS}, heard_at)
  select tandem_bucket(o.merged_into), o.tenant_id, o.lane, o.occurred_at, o.received_at, o.event_id, o.mode, o.type, o.merged_into,
         o.origin_id, o.subject_type, o.subject_id, o.identifier_hash, o.payload, o.cause_id, o.root_id, o.hops, o.heard_at
  from owned as o where o.merged_into is not null
), logged as (
  insert into event ({_COLUMNS})
  select {", ".join("o." + one for one in _COLUMNS.split(", "))} from owned as o where o.merged_into is null
"""
_TAKEN: Final = """
select bucket, event_id, type, customer_id, origin_id, occurred_at, received_at, lane, mode, payload, subject_type, subject_id,
       identifier_hash, cause_id, root_id, hops, heard_at
"""
# The log has no room for when their first causes were heard. One line for each: an event that was filed twice is one all the same.
_HEARD: Final = """
left join (select event_id as heard, min(heard_at) as heard_at from gone where heard_at is not null group by event_id) as h on h.heard = event_id
"""
_ORDER: Final = "order by occurred_at, received_at, event_id"
# What the log has already was applied then: it is dropped, since whoever files an event twice must not stop the lane for everybody.
_TAKE: Final = f"{_OWNED} on conflict do nothing returning *) {_TAKEN} from logged {_HEARD} {_ORDER}"
# The same where nothing is filed twice, which is nearly always: asking the log of each row whether it is there costs as much as writing it
# (docs/decisions/0187-nothing-is-filed-twice-is-tried-first.md).
_TAKE_FRESH: Final = f"{_OWNED}) {_TAKEN} from owned where merged_into is null {_ORDER}"


def take(turn: Turn, lane: int, limit: int) -> list[AppliedEvent]:
    """Move at most ``limit`` events of the turn's buckets from the inbox to the log; return them in their order of application."""
    per_bucket = max(PER_BUCKET_MIN, -(-4 * limit // len(turn.buckets)))
    params = turn.params(lane=lane, limit=limit, per_bucket=per_bucket)

    def run(statement: str) -> list[AppliedEvent]:
        return [AppliedEvent(*row) for row in turn.tx.cursor(statement, params, prepare=True, binary=True).fetchall()]

    return _FRESH.attempt(turn.tx, run, _TAKE_FRESH, _TAKE)


def anybody_held(turn: Turn) -> bool:
    """Is anybody held in the turn's buckets, so that what happened to her waits?"""
    return bool(turn.tx.value(f"select exists ({_HELD})", turn.params()))


_UNLOG: Final = """
delete from event as e
using unnest(%(event_buckets)s::smallint[], %(times)s::timestamptz[], %(ids)s::uuid[]) as g(bucket, occurred_at, event_id)
where e.bucket = any(%(buckets)s::smallint[]) and e.tenant_id = %(tenant)s and e.occurred_at between %(first)s and %(last)s
  and e.bucket = g.bucket and e.occurred_at = g.occurred_at and e.event_id = g.event_id
"""

_ROWS: Final = """
select bucket, %(tenant)s::uuid, coalesce(%(slow)s::smallint, lane), occurred_at, received_at, event_id, mode, type, customer_id, origin_id,
       subject_type, subject_id, identifier_hash, payload, cause_id, root_id, hops
from jsonb_to_recordset(%(rows)s::jsonb) as r(
  bucket smallint, lane smallint, occurred_at timestamptz, received_at timestamptz, event_id uuid, mode smallint, type text,
  customer_id uuid, origin_id uuid, subject_type text, subject_id uuid, identifier_hash bytea, payload jsonb, cause_id uuid,
  root_id uuid, hops smallint, reason text)
where bucket = any(%(buckets)s::smallint[])
"""

_PUT_ASIDE: Final = f"""
insert into inbox_failed ({_COLUMNS}, reason, failed_at)
select r.*, f.reason, %(now)s
from ({_ROWS}) as r join jsonb_to_recordset(%(rows)s::jsonb) as f(event_id uuid, reason text) using (event_id)
on conflict (bucket, event_id) do update set reason = excluded.reason, failed_at = excluded.failed_at
"""

_GIVE_BACK: Final = f"insert into inbox ({_COLUMNS}) {_ROWS}"
_LOG: Final = f"insert into event ({_COLUMNS}) {_ROWS}"


def put_aside(turn: Turn, failures: Sequence[Failure]) -> None:
    """Keep failed events, with their reasons, where people can see and retry them."""
    if failures:
        rows = [_row(failure.event) | {"reason": failure.reason} for failure in failures]
        turn.tx.execute(_PUT_ASIDE, turn.params(rows=_json(rows), slow=None))


def give_back(turn: Turn, events: Sequence[AppliedEvent]) -> None:
    """Put events back into the inbox, in its slow lane."""
    if events:
        turn.tx.execute(_GIVE_BACK, turn.params(rows=_json([_row(event) for event in events]), slow=SLOW_LANE))


def retry(turn: Turn, event_ids: Sequence[UUID]) -> int:
    """Put failed events back into the inbox, in their own lane; returns how many there were."""
    return turn.tx.execute(
        f"""
        with back as (
          delete from inbox_failed
          where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s and event_id = any(%(ids)s::uuid[])
          returning *)
        insert into inbox ({_COLUMNS}) select {_COLUMNS} from back
        """,
        turn.params(ids=list(event_ids)),
    )


def log(turn: Turn, events: Sequence[AppliedEvent]) -> None:
    """Write events to the log."""
    turn.tx.execute(_LOG, turn.params(rows=_json([_row(event) for event in events]), slow=None))


def unlog(turn: Turn, events: Sequence[AppliedEvent]) -> None:
    """Take events of this turn back out of the log: some of them cannot be applied."""
    times = [event.occurred_at for event in events]
    turn.tx.execute(
        _UNLOG,
        turn.params(
            first=min(times),
            last=max(times),
            event_buckets=[event.bucket for event in events],
            times=times,
            ids=[event.event_id for event in events],
        ),
    )


def _row(event: AppliedEvent) -> dict[str, object]:
    row = msgspec.structs.asdict(event)
    digest = event.identifier_hash
    row["identifier_hash"] = None if digest is None else "\\x" + digest.hex()
    return row


def _json(rows: Sequence[dict[str, object]]) -> str:
    return orjson.dumps(rows).decode()
