"""One statement judges a batch of customers by several segments and keeps membership, due times and the difference in step.

Answers travel as bits: a customer's new answers are one integer, those she had another, and only customers for whom they differ are taken
apart into rows. Each customer carries the bits of the segments that she is asked about; what she is not asked about costs a comparison.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from operator import itemgetter
from typing import Final
from uuid import UUID

import msgspec

from tandem.catalog.sql_shared import Scan, laterals
from tandem.kernel.columns import bigints, documents, integers, smallints, uuids
from tandem.kernel.turn import Turn
from tandem.stream.profile_tables import CUSTOMER_SOURCE
from tandem.stream.segment.cause import Cause
from tandem.stream.segment.definitions import Watched
from tandem.stream.segment.meaning import ALIAS

SEGMENTS_MAX: Final = 60
"""Segments of one statement: their answers fit into a bigint."""

Customer = tuple[int, UUID]
_Fragment = tuple[str, str | None, tuple[Scan, ...]]


class Change(msgspec.Struct, frozen=True, gc=False):
    """A customer entered or left a segment."""

    entered: bool
    segment_id: UUID
    bucket: int
    customer_id: UUID


class Moved(msgspec.Struct, frozen=True, gc=False):
    """How many entered or left a segment, and the bucket of one of them."""

    entered: bool
    segment_id: UUID
    bucket: int
    count: int


class AtOnce(msgspec.Struct, frozen=True, gc=False):
    """Segments whose changes nothing waits for: the judgement itself logs them, each with what caused it (decision 22).

    `payloads` are those of their events; `causes` has everybody who may be judged.
    """

    payloads: Mapping[UUID, Mapping[str, str]]
    causes: Mapping[Customer, Cause]


def judge(
    turn: Turn,
    watched: Sequence[Watched],
    pending: Mapping[UUID, Collection[Customer]],
    at_once: AtOnce | None = None,
) -> tuple[list[Change], list[Moved]]:
    """Judge customers of the turn's buckets by the segments that wait for them, as of the turn's now; return who entered or left.

    Due times are set to the next moment at which an answer may change by itself, and removed where there is none. The changes of
    segments in `at_once` are logged here and only counted.
    """
    due = [one for one in watched if pending.get(one.id)]
    changes: list[Change] = []
    moved: list[Moved] = []
    for start in range(0, len(due), SEGMENTS_MAX):
        for entered, segment, bucket, customer, count in _judge(
            turn, due[start : start + SEGMENTS_MAX], pending, at_once
        ):
            if customer is None:
                moved.append(Moved(entered, segment, bucket, count))
            else:
                changes.append(Change(entered, segment, bucket, customer))
    return changes, moved


def _judge(
    turn: Turn, watched: Sequence[Watched], pending: Mapping[UUID, Collection[Customer]], at_once: AtOnce | None
) -> list[tuple[bool, UUID, int, UUID | None, int]]:
    meanings = [one.meaning for one in watched]
    asked = _bits(watched, pending)
    # Neighbours in a table and its indexes are looked up one after another.
    chosen = sorted(asked, key=itemgetter(0))
    params = turn.params(
        t_buckets=smallints([one[0] for one in chosen]),
        t_customers=uuids([one[1] for one in chosen]),
        t_asked=bigints([asked[one] for one in chosen]),
        segments=uuids([one.id for one in watched]),
        versions=integers([one.version for one in watched]),
    )
    for meaning in meanings:
        params |= meaning.inside.bound
    if at_once is not None:
        params |= _logging(turn, watched, chosen, at_once)
    # Planning a statement over many segments costs more than running it, and it comes again.
    statement = _statement(tuple((one.inside.text, one.due, one.scans) for one in meanings), logs=at_once is not None)
    return turn.tx.cursor(statement, params, prepare=True, binary=True).fetchall()


def _logging(turn: Turn, watched: Sequence[Watched], chosen: Sequence[Customer], at_once: AtOnce) -> dict[str, object]:
    """What the statement binds to log changes itself: an event's columns by the customer's place, its payload by the segment's."""
    causes = [at_once.causes[customer] for customer in chosen]
    return {
        "received": turn.tx.machine_now,
        "at_once": sum(1 << index for index, one in enumerate(watched) if one.id in at_once.payloads),
        "payloads": documents([at_once.payloads.get(one.id) for one in watched]),
        "causes": uuids([cause.event_id for cause in causes]),
        "roots": uuids([cause.root_id for cause in causes]),
        "lanes": smallints([cause.lane for cause in causes]),
        "modes": smallints([cause.mode for cause in causes]),
        "hops": smallints([cause.hops + 1 for cause in causes]),
    }


def _bits(watched: Sequence[Watched], pending: Mapping[UUID, Collection[Customer]]) -> dict[Customer, int]:
    """The bits of the segments that each customer is asked about."""
    # Most segments wait for one of very few sets of customers: sets are told apart by identity first, since comparing members is dear.
    masks: dict[int, int] = {}
    for index, one in enumerate(watched):
        masks[id(pending[one.id])] = masks.get(id(pending[one.id]), 0) | 1 << index
    sets = {id(customers): customers for customers in pending.values()}
    asked: dict[Customer, int] = {}
    for which, mask in masks.items():
        if len(masks) == 1:
            return dict.fromkeys(sets[which], mask)
        for customer in sets[which]:
            asked[customer] = asked.get(customer, 0) | mask
    return asked


@lru_cache(maxsize=1024)
def _statement(fragments: tuple[_Fragment, ...], *, logs: bool) -> str:
    inside = [
        f"case when asks.asked & {1 << index} <> 0 and ({text}) then {1 << index} else 0 end::bigint"
        for index, (text, _, _) in enumerate(fragments)
    ]
    moving = [(index, due) for index, (_, due, _) in enumerate(fragments) if due is not None]
    due = [f"case when asks.asked & {1 << index} <> 0 then ({text})::timestamptz end" for index, text in moving]
    had = [
        f"case when asks.asked & {1 << index} <> 0 then max(d.due_at) filter (where d.segment_id = (%(segments)s::uuid[])[{index + 1}]) end"
        for index, _ in moving
    ]
    return (
        _JUDGE.replace("<result>", _LOGGED if logs else _CHANGES)
        .replace("<scans>", laterals(_gated(fragments)))
        .replace("<inside>", " | ".join(inside))
        .replace("<due>", ", ".join(due))
        .replace("<had>", ", ".join(had))
        .replace("<moving>", ", ".join(str(index + 1) for index, _ in moving))
        .replace("<moving_bits>", str(sum(1 << index for index, _ in moving)))
    )


def _gated(fragments: Sequence[_Fragment]) -> list[Scan]:
    """The scans of all fragments, each read only for customers asked about a segment that looks at it."""
    readers: dict[str, int] = {}
    for index, (_, _, scans) in enumerate(fragments):
        for scan in scans:
            readers[scan.name] = readers.get(scan.name, 0) | 1 << index
    return [
        replace(scan, rows=f"{scan.rows} and asks.asked & {readers[scan.name]} <> 0")
        for _, _, scans in fragments
        for scan in scans
    ]


# The customers' buckets are named once, where they come in: an index condition with a list of buckets is sorted anew for every customer.
# What they were in and when they are due is read once per customer: a join would be planned for one row and meet thousands. Only
# differences touch a table or an index. Nobody else writes memberships of a bucket whose row this turn has locked: who was not inside
# when the statement began has no row that could be in the way. A due time may be left from a version that looked at the clock where this
# one does not.
_JUDGE: Final = f"""
with touched as materialized (
  select t.bucket, t.customer_id, t.asked, t.place::int as place
  from unnest(%(t_buckets)s::smallint[], %(t_customers)s::uuid[], %(t_asked)s::bigint[]) with ordinality as t(bucket, customer_id, asked, place)
  where t.bucket = any(%(buckets)s::smallint[])
), judged as materialized (
  select asks.bucket, asks.customer_id, asks.place, <inside> as inside, w.bits & asks.asked as was_inside,
         array[<due>]::timestamptz[] as due, h.times, h.bits & asks.asked & ~<moving_bits>::bigint as stopped
  from touched as asks
  join {CUSTOMER_SOURCE} as {ALIAS}
    on {ALIAS}.bucket = asks.bucket and {ALIAS}.id = asks.customer_id and {ALIAS}.tenant_id = %(tenant)s
  cross join lateral (
    select coalesce(bit_or(1::bigint << (array_position(%(segments)s::uuid[], m.segment_id) - 1)), 0) as bits from segment_member as m
    where m.bucket = asks.bucket and m.customer_id = asks.customer_id and m.tenant_id = %(tenant)s) as w
  cross join lateral (
    select coalesce(bit_or(1::bigint << (array_position(%(segments)s::uuid[], d.segment_id) - 1)), 0) as bits,
           array[<had>]::timestamptz[] as times
    from segment_due as d
    where d.bucket = asks.bucket and d.customer_id = asks.customer_id and d.tenant_id = %(tenant)s) as h
  <scans>
), differing as materialized (
  select * from judged where inside <> was_inside or due is distinct from times or stopped <> 0
), segments as materialized (
  select s.segment_id, s.version, s.place::int as place, 1::bigint << (s.place - 1)::int as bit
  from unnest(%(segments)s::uuid[], %(versions)s::int[]) with ordinality as s(segment_id, version, place)
), moved as materialized (
  select j.bucket, j.customer_id, j.place, s.segment_id, s.version, s.place as segment, s.bit, j.inside & s.bit <> 0 as inside
  from differing as j join segments as s on (j.inside # j.was_inside) & s.bit <> 0
), timed as materialized (
  select j.bucket, j.customer_id, (%(segments)s::uuid[])[m.place] as segment_id, m.due_at
  from differing as j cross join lateral unnest(array[<moving>]::int[], j.due, j.times) as m(place, due_at, had)
  where m.due_at is distinct from m.had
  union all
  select j.bucket, j.customer_id, s.segment_id, null from differing as j join segments as s on j.stopped & s.bit <> 0
), gone as (
  delete from segment_member as m using moved as j
  where m.tenant_id = %(tenant)s and m.bucket = j.bucket and m.customer_id = j.customer_id and m.segment_id = j.segment_id and not j.inside
), come as (
  insert into segment_member (bucket, tenant_id, segment_id, customer_id, origin_id, since, version)
  select j.bucket, %(tenant)s, j.segment_id, j.customer_id, j.customer_id, %(now)s, j.version from moved as j where j.inside
), still as (
  delete from segment_due as d using timed as j
  where d.tenant_id = %(tenant)s and d.bucket = j.bucket and d.customer_id = j.customer_id and d.segment_id = j.segment_id
    and j.due_at is null
), waiting as (
  insert into segment_due as d (bucket, tenant_id, segment_id, customer_id, origin_id, due_at)
  select j.bucket, %(tenant)s, j.segment_id, j.customer_id, j.customer_id, j.due_at from timed as j where j.due_at is not null
  on conflict (bucket, customer_id, segment_id) do update set due_at = excluded.due_at
)
<result>
"""

_CHANGES: Final = "select inside, segment_id, bucket, customer_id, 1 from moved"

# An array of ids without nulls is read at a place as fast as at its beginning; there are few payloads.
_LOGGED: Final = """, told as (
  insert into event (bucket, tenant_id, lane, occurred_at, received_at, event_id, mode, type, customer_id, origin_id, payload, cause_id,
    root_id, hops)
  select j.bucket, %(tenant)s, (%(lanes)s::smallint[])[j.place], %(now)s, %(received)s, tandem_new_id(), (%(modes)s::smallint[])[j.place],
    case when j.inside then 'segment.entered' else 'segment.left' end, j.customer_id, j.customer_id, (%(payloads)s::jsonb[])[j.segment],
    (%(causes)s::uuid[])[j.place], (%(roots)s::uuid[])[j.place], (%(hops)s::smallint[])[j.place]
  from moved as j where j.bit & %(at_once)s::bigint <> 0
)
select inside, segment_id, bucket, customer_id, 1 from moved where bit & %(at_once)s::bigint = 0
union all
select inside, segment_id, min(bucket), null, count(*)::int from moved where bit & %(at_once)s::bigint <> 0 group by inside, segment_id
"""
