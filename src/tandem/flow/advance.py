"""Move due runs: claim them per bucket and lane, pass each group through its stretch, set failing ones aside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from time import perf_counter
from typing import Any
from uuid import UUID

from tandem.flow import blockwise, kin, parking, staying
from tandem.flow.compiler import Stretch
from tandem.flow.delays import ages_of
from tandem.flow.ids import Ids
from tandem.flow.isolation import Isolation
from tandem.flow.marks import BEGINNING, Marks
from tandem.flow.plans import TenantPlans
from tandem.flow.runs import EVERY_LANE, Lane
from tandem.kernel.turn import Turn

#: A run that passes more stretches than this in one turn goes on in the next: no run can hold a turn for itself.
ROUNDS_MAX = 40
DRAIN_BATCH = 4000
EACH_MIN = 64
SHARES = 4
#: What claiming a row takes, on a machine that has other things to do.
ROW_SECONDS = 5e-6

# Per bucket a bounded walk along the timer index, so that a million due runs cost no more than a hundred (ENGINE_RULES 4). The ids come
# back as arrays on the wire and go into the next statement as they are: Python never sees them one by one.
_CLAIM = """
with taken as (
  delete from flow_due d
  using (select q.bucket, q.tid from unnest(%(buckets)s::smallint[]) b(bucket) cross join lateral (
           select f.bucket, f.ctid as tid from flow_due f
           where f.bucket = b.bucket and f.tenant_id = %(tenant)s and f.lane = %(lane)s and f.wake_at <= %(now)s
           order by f.wake_at limit %(each)s) q
         limit %(limit)s) q
  where d.ctid = q.tid and d.bucket = q.bucket and d.tenant_id = %(tenant)s
  returning d.bucket, d.run_id, d.stretch)
select stretch, count(*), array_send(array_agg(bucket)), array_send(array_agg(run_id)) from taken group by stretch
"""
# The same where claims have become slow: it begins after the last row taken of each bucket, and says how far it came in each and how much
# it took of it (`marks`).
CLAIM_AFTER = """
with taken as (
  delete from flow_due d
  using (select q.bucket, q.tid from unnest(%(buckets)s::smallint[], %(after)s::timestamptz[], %(after_runs)s::uuid[]) b(bucket, at, run)
         cross join lateral (
           select f.bucket, f.ctid as tid from flow_due f
           where f.bucket = b.bucket and f.tenant_id = %(tenant)s and f.lane = %(lane)s and f.wake_at <= %(now)s
             and (f.wake_at, f.run_id) > (b.at, b.run)
           order by f.wake_at, f.run_id limit %(each)s) q
         limit %(limit)s) q
  where d.ctid = q.tid and d.bucket = q.bucket and d.tenant_id = %(tenant)s
  returning d.bucket, d.run_id, d.stretch, d.wake_at),
far as (select distinct on (bucket) bucket, wake_at, run_id, count(*) over (partition by bucket) as n
        from taken order by bucket, wake_at desc, run_id desc)
select t.*, f.* from (
  select stretch, count(*), array_send(array_agg(bucket)), array_send(array_agg(run_id)) from taken group by stretch) t cross join (
  select array_agg(bucket), array_agg(wake_at), array_agg(run_id), array_agg(n) from far) f
"""
# Those of a few runs that are due now, by stretch.
_CLAIM_THESE = f"""
with taken as (
  delete from flow_due d using flow_run r
  where r.bucket = any(%(buckets)s::smallint[]) and r.tenant_id = %(tenant)s and r.id = any(%(in_ids)s::uuid[])
    and d.bucket = r.bucket and d.tenant_id = %(tenant)s and d.lane = any({EVERY_LANE}) and d.wake_at = r.wake_at and d.run_id = r.id
    and d.wake_at <= %(now)s
  returning d.bucket, d.run_id, d.stretch)
select stretch, count(*), array_send(array_agg(bucket)), array_send(array_agg(run_id)) from taken group by stretch
"""
_LAST_RUN = UUID(int=(1 << 128) - 1)
# Customers whose rows are just being moved in slices (a large merge, its undo). Hardly ever anybody: an empty partial index answers.
_HELD = (
    "select k.id from customer k where k.bucket = any(%(buckets)s::smallint[]) and k.tenant_id = %(tenant)s and k.held"
)
# Only the timer is touched, and only by its hour: run and timer may stand in different buckets at this moment.
_SET_ASIDE = """
with due as (
  delete from flow_due d
  where d.bucket = any(%(buckets)s::smallint[]) and d.tenant_id = %(tenant)s and d.lane = %(lane)s and d.wake_at <= %(now)s
    and d.customer_id = any(%(held)s::uuid[])
  returning d.*),
mirrored as (
  update flow_run r set wake_at = %(later)s from due d
  where r.bucket = d.bucket and r.tenant_id = %(tenant)s and r.id = d.run_id and r.wake_at = d.wake_at)
insert into flow_due (bucket, tenant_id, lane, wake_at, run_id, stretch, customer_id, origin_id)
select bucket, tenant_id, lane, %(later)s, run_id, stretch, customer_id, origin_id from due
"""
#: Runs of a customer who is being merged are looked at again after this long.
HELD_PAUSE = timedelta(seconds=5)


@dataclass(slots=True)
class Advanced:
    """What a turn's moving did."""

    claimed: int = 0
    moved: int = 0
    more: bool = False
    """Runs that are due are left: the limit was reached."""
    stretches: dict[int, int] = field(default_factory=dict[int, int])


def advance(
    turn: Turn, plans: TenantPlans, lane: Lane, limit: int, isolation: Isolation, marks: Marks | None = None
) -> Advanced:
    """Move up to `limit` due runs of a lane, each as far as it goes without waiting (within `ROUNDS_MAX` stretches)."""
    done = Advanced()
    left = limit
    _set_held_aside(turn, lane)
    for _ in range(ROUNDS_MAX):
        # Buckets are never equally full: each may give several times its share, so that the last of a full one does not go drop by drop.
        each = max(EACH_MIN, -(-left * SHARES // len(turn.buckets)))
        claimed, onward = _round(turn, plans, lane, _Share(left, each, marks), done, isolation)
        left -= claimed
        # A bucket that gave all it might may hold more; another turn looks, since small claims are dear ones.
        done.more |= claimed >= min(left + claimed, each)
        # Runs that belong to runs may have made these due.
        onward += plans.kin and claimed
        if not onward or left <= limit // 2:
            done.more |= onward > 0
            break
    done.claimed = limit - left
    return done


def drain(turn: Turn, plans: TenantPlans, isolation: Isolation) -> int:
    """Move every run that is due in the live lane to where it waits, so that the next event finds it there. Returns how many moved."""
    moved = 0
    for _ in range(ROUNDS_MAX):
        done = advance(turn, plans, Lane.LIVE, DRAIN_BATCH, isolation)
        moved += done.moved
        if not done.more:
            break
    return moved


def push(turn: Turn, plans: TenantPlans, runs: Ids) -> None:
    """Move those of these runs that are due now to where they wait, and no others."""
    done = Advanced()
    for _ in range(ROUNDS_MAX):
        onward = 0
        for row in turn.tx.cursor(_CLAIM_THESE, turn.params(in_ids=runs.runs), binary=True).fetchall():
            onward += _move(turn, plans, Lane.LIVE, Ids.received(*row), done, Isolation(careful=True))
        if not onward:
            return


def _set_held_aside(turn: Turn, lane: Lane) -> None:
    """Nobody moves while her rows are being moved: timers that are due meanwhile come due again a little later."""
    held = [row[0] for row in turn.tx.cursor(_HELD, turn.params(), prepare=True).fetchall()]
    if held:
        turn.tx.execute(_SET_ASIDE, turn.params(lane=int(lane), held=held, later=turn.now + HELD_PAUSE))


@dataclass(frozen=True, slots=True)
class _Share:
    """How much a claim takes: in all, and of one bucket; `marks`: where it may begin."""

    limit: int
    each: int
    marks: Marks | None


def claim(turn: Turn, lane: Lane, limit: int, each: int, marks: Marks | None = None) -> list[Ids]:
    """Take up to `limit` due runs of a lane out of the queue, at most `each` of a bucket, by stretch."""
    params = turn.params(lane=int(lane), each=each, limit=limit)
    began = perf_counter()
    if marks is None or not marks.knows(turn.tenant_id, lane):
        rows = turn.tx.cursor(_CLAIM, params, prepare=True, binary=True).fetchall()
        if marks is not None:
            marks.swept(turn.tenant_id, lane, beside_rows(perf_counter() - began, rows))
        return [Ids.received(*row) for row in rows]
    places = marks.places(turn.tenant_id, lane, turn.buckets)
    if places is None:
        buckets = marks.order(turn.tenant_id, lane, turn.buckets)
        params["buckets"] = buckets
    else:
        buckets = list(turn.buckets)
    starts = [place or BEGINNING for place in places or [None] * len(buckets)]
    params |= {"after": [at for at, _ in starts], "after_runs": [run for _, run in starts]}
    rows = turn.tx.cursor(CLAIM_AFTER, params, prepare=True, binary=True).fetchall()
    taken = list(zip(*rows[0][4:8], strict=True)) if rows else []
    full = sum(row[1] for row in rows) >= limit
    if places is None:
        marks.swept(turn.tenant_id, lane, beside_rows(perf_counter() - began, rows), turn.buckets)
        marks.looked(turn.tenant_id, lane, [(bucket, at, run) for bucket, at, run, n in taken if full or n >= each])
        marks.ended(turn.tenant_id, lane, _beyond(buckets, {bucket for bucket, *_ in taken}) if full else None)
        return [Ids.received(*row[:4]) for row in rows]
    empty = _found_empty(turn.buckets, {bucket for bucket, *_ in taken}, full=full)
    # What this very turn files for now lies behind: it is taken in the next round.
    nothing = turn.now - timedelta(microseconds=1), _LAST_RUN
    far = [(bucket, at, run) for bucket, at, run, _ in taken]
    marks.reached(turn.tenant_id, lane, [*far, *((bucket, *nothing) for bucket in empty)])
    return [Ids.received(*row[:4]) for row in rows]


def beside_rows(seconds: float, rows: Sequence[tuple[Any, ...]]) -> float:
    """What a claim took besides taking its rows: a large one is not slow."""
    return seconds - ROW_SECONDS * sum(row[1] for row in rows)


def _beyond(buckets: Sequence[int], gave: set[int]) -> int | None:
    """The bucket after the last that gave anything to a full claim; None where that is the last of all."""
    last = max((place for place, bucket in enumerate(buckets) if bucket in gave), default=-1)
    return buckets[last + 1] if last + 1 < len(buckets) else None


def _found_empty(buckets: Sequence[int], gave: set[int], *, full: bool) -> list[int]:
    """Buckets in which the claim found nothing due: all that gave nothing; where it was full before the last, those that it came to."""
    asked = max((place for place, bucket in enumerate(buckets) if bucket in gave), default=-1) if full else len(buckets)
    return [bucket for bucket in buckets[:asked] if bucket not in gave]


def _round(
    turn: Turn, plans: TenantPlans, lane: Lane, share: _Share, done: Advanced, isolation: Isolation
) -> tuple[int, int]:
    """Claim once and move what was claimed. Returns (runs claimed, runs that want to go on now)."""
    claimed = onward = 0
    for ids in claim(turn, lane, share.limit, share.each, share.marks):
        claimed += ids.count
        done.stretches[ids.stretch] = done.stretches.get(ids.stretch, 0) + ids.count
        onward += _move(turn, plans, lane, ids, done, isolation)
    return claimed, onward


def _move(turn: Turn, plans: TenantPlans, lane: Lane, ids: Ids, done: Advanced, isolation: Isolation) -> int:
    version = plans.by_stretch.get(ids.stretch)
    if version is None:
        parking.put_back(turn, ids, lane)
        return 0
    if version.paused:
        parking.hold(turn, ids, version.plan.flow_id)
        return 0
    stretch = plans.stretch(ids.stretch)
    if stretch is None:
        parking.put_back(turn, ids, lane)
        return 0
    alone = plans.alone(ids.stretch) if isolation.careful else None
    moved, onward = isolation.run(
        turn,
        ids,
        lambda part: _pass(turn, stretch, lane, part),
        stretch.block,
        version.plan.flow_id,
        step=None if alone is None else lambda part: _pass(turn, alone, lane, part),
    )
    if plans.kin:
        kin.settle(turn, ids.buckets, ids.runs)
    done.moved += moved
    return onward


def _pass(turn: Turn, stretch: Stretch, lane: Lane, ids: Ids) -> tuple[int, int]:
    """Run one stretch over a group. Returns (moved, wanting to go on now)."""
    if stretch.staying is not None:
        going, stayed = staying.ask(turn, stretch.staying, ids)
        if going.count + stayed != ids.count:
            parking.leftover(turn, ids, stretch)
        ids = going
        if not ids.count:
            return stayed, 0
    if stretch.sql is None:
        return blockwise.run(turn, stretch, lane, ids)
    params = turn.params(in_buckets=ids.buckets, in_ids=ids.runs, lane=int(lane), **stretch.params)
    row = turn.tx.cursor(stretch.sql, params, prepare=True).fetchone()
    if row is None:
        raise AssertionError("a moving statement always answers one row")
    if row[0] != ids.count:
        parking.leftover(turn, ids, stretch)
    for what, ages in zip(stretch.effects, row[2:], strict=True):
        if ages is not None:
            turn.aged.append((stretch.plan.flow_id, what, ages_of(ages), perf_counter()))
    return row[0], row[1]
