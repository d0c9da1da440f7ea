"""Blocks without a fragment: load the batch as arrays, let the kind's `run` decide, write the answer back in one statement.

Such a block is a stretch of its own. What comes after it goes on in the same turn as another stretch.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import msgspec

from tandem.flow import parking
from tandem.flow.compiler import Stretch
from tandem.flow.delays import What, note
from tandem.flow.ids import Ids, literal
from tandem.flow.node import Batch, Outcome, Role
from tandem.flow.plan import Plan, PlannedBlock
from tandem.flow.runs import Lane, RunStatus
from tandem.flow.tail import moving_sql
from tandem.kernel.turn import Turn

#: What the blocks do that have no fragment, those of a thing and of a level among them: they set what is kept of somebody.
EFFECT: Final[What] = "field"
_ENCODER = msgspec.json.Encoder(decimal_format="string", uuid_format="canonical")

_LOAD = f"""
select r.bucket, r.id, coalesce(r.subject_type, 'customer'), coalesce(r.subject_id, r.customer_id), r.customer_id, r.origin_id, r.visit, r.arm,
       r.lane, r.signal, r.entered_at, r.vars, r.cause_id, r.root_id, r.hops, r.heard_at
from unnest(%(in_buckets)s::smallint[], %(in_ids)s::uuid[]) x(bucket, id)
join flow_run r on r.bucket = x.bucket and r.id = x.id and r.tenant_id = %(tenant)s
where r.stretch = %(stretch)s and r.status = {RunStatus.ACTIVE:d} and r.visit < %(steps_max)s
order by r.bucket, r.id
"""
_FINAL = """final as (
  select r.bucket, r.id, r.customer_id, r.origin_id, r.visit, coalesce(a.arm, r.arm) as arm, r.ctid as run_place, a.stretch,
         a.status, a.wake,
         case when a.wake <= %(now)s then %(lane)s::smallint else r.lane end as due_lane, a.path::smallint[] as path, a.facts::jsonb as facts,
         a.goal and r.goal_at is null as goal,
         case when a.vars is null then r.vars else coalesce(r.vars, '{}') || a.vars::jsonb end as vars
  from unnest(%(b)s::smallint[], %(i)s::uuid[], %(stretches)s::int[], %(statuses)s::smallint[], %(wakes)s::timestamptz[],
              %(paths)s::text[], %(facts)s::text[], %(goals)s::bool[], %(variables)s::text[], %(arms)s::smallint[])
       a(bucket, id, stretch, status, wake, path, facts, goal, vars, arm)
  join flow_run r on r.bucket = a.bucket and r.id = a.id and r.tenant_id = %(tenant)s)"""
_SETTLE = moving_sql([_FINAL], number="%(stretch)s::int", keeps_vars=True, sets_arm=True, goals=True, timers=True)
_PARK = """
with parked as (
  update flow_run r set stretch = %(to)s, wake_at = a.wake, signal = null
  from unnest(%(b)s::smallint[], %(i)s::uuid[], %(wakes)s::timestamptz[]) a(bucket, id, wake)
  where r.bucket = a.bucket and r.id = a.id and r.tenant_id = %(tenant)s
  returning r.bucket, r.id, r.lane, r.wake_at, r.customer_id, r.origin_id)
insert into flow_due (bucket, tenant_id, lane, wake_at, run_id, stretch, customer_id, origin_id)
select bucket, %(tenant)s, lane, wake_at, id, %(to)s, customer_id, origin_id from parked where wake_at is not null
"""


def run(turn: Turn, stretch: Stretch, lane: Lane, ids: Ids) -> tuple[int, int]:
    """Pass a group through one block by its `run`. Returns (moved, wanting to go on now)."""
    batch = load(turn, stretch.plan, stretch.block, ids)
    if len(batch) != ids.count:
        parking.leftover(turn, ids, stretch)
    if not len(batch):
        return 0, 0
    block = stretch.block
    if block.role is Role.WAIT and stretch.mode == "enter":
        return _arrive(turn, stretch, batch)
    _hear(turn, batch)
    outcome = block.kind.run(batch, turn)
    return settle(turn, stretch, lane, batch, outcome)


def _hear(turn: Turn, batch: Batch) -> None:
    """What the block files names its run, the run's cause or its root: the event that has just set the run moving stands behind it."""
    for position, at in enumerate(batch.heard_at):
        if at is not None:
            for one in (batch.runs[position], batch.causes[position], batch.roots[position]):
                if one is not None:
                    turn.heard[one] = at


def load(turn: Turn, plan: Plan, block: PlannedBlock, ids: Ids) -> Batch:
    """The runs of a group, as the arrays that a kind works on."""
    rows = turn.tx.cursor(_LOAD, turn.params(**ids.params(), steps_max=plan.steps_max), prepare=True).fetchall()
    columns: list[list[Any]] = [list(column) for column in zip(*rows, strict=True)] if rows else [[] for _ in range(16)]
    return Batch(
        block=block.id,
        block_number=block.number,
        flow_id=plan.flow_id,
        version_id=plan.version_id,
        config=block.config,
        buckets=columns[0],
        runs=columns[1],
        subject_types=columns[2],
        subjects=columns[3],
        customers=columns[4],
        origins=columns[5],
        visits=columns[6],
        arms=columns[7],
        lanes=columns[8],
        signals=columns[9],
        entered_at=columns[10],
        variables=columns[11],
        causes=columns[12],
        roots=columns[13],
        hops=columns[14],
        heard_at=columns[15],
    )


def _arrive(turn: Turn, stretch: Stretch, batch: Batch) -> tuple[int, int]:
    """Runs come to a wait: they park under its `resume` stretch until the kind's moment."""
    wakes = stretch.block.kind.wake_at(batch, turn)
    to = stretch.plan.stretches[stretch.block.id, "resume"]
    turn.tx.execute(_PARK, turn.params(b=batch.buckets, i=batch.runs, wakes=list(wakes), to=to))
    return len(batch), sum(1 for wake in wakes if wake is not None and wake <= turn.now)


def settle(turn: Turn, stretch: Stretch, lane: Lane, batch: Batch, outcome: Outcome) -> tuple[int, int]:
    """Write what became of a batch: positions, timers, log, statistics; failed runs fail alone."""
    for position, reason in outcome.errors.items():
        one = Ids(stretch.number, 1, literal([str(batch.buckets[position])]), literal([str(batch.runs[position])]))
        if stretch.block.caught is not None:
            parking.catch(turn, one, stretch.block.caught, reason, stretch.block.number)
        else:
            parking.fail(turn, one, stretch.plan.flow_id, stretch.block.id, reason, stretch.block.number)
    moving = [position for position in range(len(batch)) if position not in outcome.errors]
    if not moving:
        return 0, 0
    row = turn.tx.cursor(_SETTLE, _answers(turn, stretch, lane, batch, outcome, moving), prepare=True).fetchone()
    if row is None:
        raise AssertionError("a moving statement always answers one row")
    if stretch.block.role is Role.STEP:
        note(turn, EFFECT, [(stretch.plan.flow_id, batch.heard_at[i]) for i in moving if outcome.ports[i] == 0])
    return row[0], row[1]


def _answers(
    turn: Turn, stretch: Stretch, lane: Lane, batch: Batch, outcome: Outcome, moving: Sequence[int]
) -> dict[str, Any]:
    block = stretch.block
    ends = block.role is Role.END
    leads = [None if ends else block.next[outcome.ports[i]] for i in moving]
    stretches = [stretch.number if lead is None else stretch.plan.stretches[lead, "enter"] for lead in leads]
    waits = {i: turn.now + one.timeout for i, one in outcome.waits.items()}
    wakes: list[datetime | None] = [
        None if lead is None else waits.get(i, turn.now) for i, lead in zip(moving, leads, strict=True)
    ]
    return turn.params(
        stretch=stretch.number,
        version=stretch.plan.version_id,
        lane=int(lane),
        b=[batch.buckets[i] for i in moving],
        i=[batch.runs[i] for i in moving],
        stretches=stretches,
        statuses=[int(RunStatus.DONE if lead is None else RunStatus.ACTIVE) for lead in leads],
        wakes=wakes,
        paths=[f"{{{block.number},{0 if ends else outcome.ports[i]}}}" for i in moving],
        facts=[_json(outcome.facts[i], block.number) if outcome.facts else None for i in moving],
        goals=[ends and block.kind.reaches_goal for _ in moving],
        variables=[_json(outcome.variables[i]) if outcome.variables else None for i in moving],
        arms=[outcome.arms[i] if outcome.arms else None for i in moving],
    )


def _json(value: Any, number: int | None = None) -> str | None:
    if value is None:
        return None
    return _ENCODER.encode(value if number is None else {str(number): value}).decode()
