"""Judge everybody by a new version, or score everybody by new cut points: bucket by bucket, in bounded slices (ENGINE_RULES 7).

Segments that wait for the same customers are filled together, up to the number that one statement judges: what is dear is coming to a
customer, not asking her one thing more (docs/decisions/0130-segments-are-filled-together.md).
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Final
from uuid import UUID

from tandem.kernel.db import Tx
from tandem.kernel.ids import BUCKETS
from tandem.kernel.turn import Turn
from tandem.stream.fields import RESCORED
from tandem.stream.profile import cuts, forecast
from tandem.stream.projection import StreamSystem
from tandem.stream.segment.cause import BY_FILL, BY_TIME
from tandem.stream.segment.definitions import definitions
from tandem.stream.segment.judge import SEGMENTS_MAX
from tandem.stream.segment.live import Customers, spread
from tandem.stream.tags import service as tags

RFM: Final = "rfm"
CLEAR: Final = "clear"
_SLICES_MAX: Final = 64
_SLICE_MIN: Final = 25
_FURTHER_COST: Final = 0.15
"""What judging a customer by one segment more costs, beside judging her by the first."""

DUE_SQL: Final = """
select case when exists (
  select from stream_fanout where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s and done_at is null)
then %(now)s::timestamptz end
"""
"""Now, while slices wait in the turn's buckets."""


@dataclass(frozen=True, slots=True)
class _Slice:
    bucket: int
    task: str
    subject_id: UUID
    version: int
    tag: str | None
    cursor: UUID | None


def start(tx: Tx, segment_id: UUID, version: int) -> None:
    """File the slices that judge everybody by this version; those of an earlier one that are still waiting are replaced."""
    _file(tx, "segment", segment_id, version)


def start_clearing(tx: Tx, subject_id: UUID, tag: str | None = None) -> None:
    """File the slices that empty a segment that was taken out of use, and take a tag off everybody; they replace any that filled it."""
    tx.execute(
        "delete from stream_fanout where tenant_id = %(tenant)s and subject_id = %(subject)s",
        {"tenant": tx.tenant_id, "subject": subject_id},
    )
    _file(tx, CLEAR, subject_id, 0, tag)


def _file(tx: Tx, task: str, subject_id: UUID, version: int, tag: str | None = None) -> None:
    tx.execute(
        """
        insert into stream_fanout as f (bucket, tenant_id, task, subject_id, version, tag, made_at)
        select b, %(tenant)s, %(task)s, %(subject)s, %(version)s, %(tag)s, %(now)s from generate_series(0, %(last)s) as b
        on conflict (bucket, tenant_id, task, subject_id) do update
        set version = excluded.version, tag = excluded.tag, cursor = null, seen = 0, made_at = excluded.made_at, done_at = null
        """,
        {
            "tenant": tx.tenant_id,
            "task": task,
            "subject": subject_id,
            "version": version,
            "tag": tag,
            "now": tx.now,
            "last": BUCKETS - 1,
        },
    )


def fill(turn: Turn, system: StreamSystem, limit: int = 1000) -> int:
    """Do the next slices of the oldest task that waits in the turn's buckets, about ``limit`` customers; return how many were seen.

    Segments that stand at the same place go along, for so many customers fewer as that costs. Membership changes of a fill start nothing
    (mode backfill). Returns at least 1 while something was waiting.
    """
    waiting = turn.tx.all(
        _Slice,
        """
        select bucket, task, subject_id, version, tag, cursor from stream_fanout
        where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s and done_at is null
        order by made_at, task, subject_id, bucket limit %(most)s
        """,
        turn.params(most=_SLICES_MAX),
    )
    slices = [one for one in waiting if (one.task, one.subject_id) == (waiting[0].task, waiting[0].subject_id)]
    if not slices:
        return 0
    each = max(_SLICE_MIN, limit // len(slices))
    customers = _next_customers(turn, slices, each)
    together = [(slices[0].subject_id, slices[0].version)]
    if slices[0].task == CLEAR:
        _clear(turn, slices[0], customers)
    elif slices[0].task == RFM:
        _rescore(turn, system, customers)
    else:
        together = _together(turn, slices[0])
        slices, customers = _fewer(slices, customers, round(limit / (1 + _FURTHER_COST * (len(together) - 1))))
        _judge(turn, system, [segment for segment, _ in together], customers, [one.bucket for one in slices])
    _move_on(turn, slices, together, customers, each)
    return max(1, len(customers))


def _together(turn: Turn, first: _Slice) -> list[tuple[UUID, int]]:
    """The segments that stand in the first slice's bucket where it stands, each with its version: those filed together do so everywhere."""
    rows = turn.tx.cursor(
        """
        select subject_id, version from stream_fanout
        where bucket = %(first)s and bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s and task = 'segment'
          and done_at is null and cursor is not distinct from %(cursor)s::uuid
        order by made_at, subject_id limit %(most)s
        """,
        turn.params(first=first.bucket, cursor=first.cursor, most=SEGMENTS_MAX),
    )
    return list(dict.fromkeys([(first.subject_id, first.version), *rows]))[:SEGMENTS_MAX]


def _fewer(
    slices: Sequence[_Slice], customers: Sequence[tuple[int, UUID]], most: int
) -> tuple[list[_Slice], list[tuple[int, UUID]]]:
    """Whole slices, the first of them at least, as long as they hold no more customers than that."""
    counts = Counter(bucket for bucket, _ in customers)
    sums = accumulate(counts[one.bucket] for one in slices)
    kept = [one for place, (one, sum_) in enumerate(zip(slices, sums, strict=True)) if place == 0 or sum_ <= most]
    buckets = {one.bucket for one in kept}
    return kept, [one for one in customers if one[0] in buckets]


def _next_customers(turn: Turn, slices: Sequence[_Slice], each: int) -> list[tuple[int, UUID]]:
    return list(
        turn.tx.cursor(
            """
            select n.bucket, n.id
            from unnest(%(f_buckets)s::smallint[], %(f_cursors)s::uuid[]) as f(bucket, cursor)
            cross join lateral (
              select c.bucket, c.id from customer as c
              where c.bucket = f.bucket and c.bucket = any(%(buckets)s::smallint[]) and c.tenant_id = %(tenant)s
                and c.id > coalesce(f.cursor, '00000000-0000-0000-0000-000000000000'::uuid)
              order by c.id limit %(each)s) as n
            """,
            turn.params(f_buckets=[one.bucket for one in slices], f_cursors=[one.cursor for one in slices], each=each),
        ),
    )


def _judge(
    turn: Turn,
    system: StreamSystem,
    segments: Sequence[UUID],
    customers: Sequence[tuple[int, UUID]],
    buckets: Sequence[int],
) -> None:
    # Only where somebody is judged does it matter which segments are still being filled.
    watched = definitions.watched(replace(turn, buckets=list(buckets)), system.catalog, statics=segments)
    everybody = set(customers)
    spread(turn, watched, dict.fromkeys(segments, everybody), {}, BY_FILL)


def _clear(turn: Turn, first: _Slice, customers: Sequence[tuple[int, UUID]]) -> None:
    if first.tag is not None:
        tags.remove(
            turn, [(*one, first.tag) for one in customers], source="retired", causes=dict.fromkeys(customers, BY_FILL)
        )
    params = turn.params(segment=first.subject_id, ids=[one[1] for one in customers])
    for table in ("segment_member", "segment_due"):
        turn.tx.execute(
            f"""
            delete from {table} where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s and segment_id = %(segment)s
              and customer_id = any(%(ids)s::uuid[])
            """,
            params,
        )


def _rescore(turn: Turn, system: StreamSystem, customers: Sequence[tuple[int, UUID]]) -> None:
    """Score by the current cut points, and judge whoever's scores changed by the segments that read scores."""
    changed: Customers = set(
        turn.tx.cursor(
            f"""
            with scored as (
              select m.bucket, m.customer_id, {cuts.SCORES}
              from unnest(%(t_buckets)s::smallint[], %(t_customers)s::uuid[]) as t(bucket, customer_id)
              join customer_profile as m on m.bucket = t.bucket and m.customer_id = t.customer_id
                and m.bucket = any(%(buckets)s::smallint[]) and m.tenant_id = %(tenant)s{forecast.SEEN_SQL})
            update customer_profile as p
            set rfm_r = s.rfm_r, rfm_f = s.rfm_f, rfm_m = s.rfm_m, rfm_score = s.rfm_r * 100 + s.rfm_f * 10 + s.rfm_m,
                rfm_version = %(rfm_version)s::int, usual_interval_days = s.usual_interval_days, churn_risk = s.churn_risk, updated_at = %(now)s
            from scored as s
            where p.bucket = any(%(buckets)s::smallint[]) and p.tenant_id = %(tenant)s
              and p.bucket = s.bucket and p.customer_id = s.customer_id
              and (p.rfm_r, p.rfm_f, p.rfm_m, p.usual_interval_days, p.churn_risk)
                is distinct from (s.rfm_r, s.rfm_f, s.rfm_m, s.usual_interval_days, s.churn_risk)
            returning p.bucket, p.customer_id
            """,
            turn.params(t_buckets=[one[0] for one in customers], t_customers=[one[1] for one in customers])
            | cuts.params(turn),
        ),
    )
    watched = definitions.watched(turn, system.catalog)
    readers = {one.id: set(changed) for one in watched if RESCORED in one.meaning.event_types}
    spread(turn, watched, readers, {}, BY_TIME)


def _move_on(
    turn: Turn,
    slices: Sequence[_Slice],
    together: Sequence[tuple[UUID, int]],
    customers: Sequence[tuple[int, UUID]],
    each: int,
) -> None:
    """Set each bucket's cursor behind its last customer, for all that stood where the slices did; one that came back short was the last."""
    ids: dict[int, list[UUID]] = {one.bucket: [] for one in slices}
    for bucket, customer_id in customers:
        ids[bucket].append(customer_id)
    turn.tx.execute(
        """
        update stream_fanout as f
        set cursor = coalesce(n.cursor, f.cursor), seen = f.seen + n.seen, done_at = case when n.seen < %(each)s then %(now)s end
        from unnest(%(f_buckets)s::smallint[], %(f_stood)s::uuid[], %(f_cursors)s::uuid[], %(seen)s::bigint[]) as n(bucket, stood, cursor, seen),
          unnest(%(subjects)s::uuid[], %(versions)s::int[]) as s(id, version)
        where f.bucket = any(%(buckets)s::smallint[]) and f.tenant_id = %(tenant)s and f.task = %(task)s and f.subject_id = s.id
          and f.bucket = n.bucket and f.version = s.version and f.done_at is null and f.cursor is not distinct from n.stood
        """,
        turn.params(
            task=slices[0].task,
            subjects=[subject for subject, _ in together],
            versions=[version for _, version in together],
            each=each,
            f_buckets=list(ids),
            f_stood=[one.cursor for one in slices],
            f_cursors=[max(found) if found else None for found in ids.values()],
            seen=[len(found) for found in ids.values()],
        ),
    )
