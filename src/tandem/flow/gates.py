"""Gates: the first N and no more, or N a minute. Who waits has a ticket; answering is a step of its own, in order of arrival.

A gate's row is shared by all buckets, so no run's turn touches it: the step locks it `skip locked`, answers tickets in whatever buckets
they stand, and lets go. The runs' own buckets take answered tickets up in their turn (docs/decisions/0071-gates.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from tandem.flow.module import TurnStep
from tandem.flow.runs import EVERY_LANE, Lane, RunStatus
from tandem.kernel.ids import BUCKETS
from tandem.kernel.turn import Turn
from tandem.kernel.wake import wake

IN: Final = 0
FULL: Final = 1
MINUTE: Final = timedelta(minutes=1)
TICKETS_MAX: Final = 5000
_ALL: Final = list(range(BUCKETS))

# While a large merge moves somebody's rows, ticket and run may stand in different buckets: her tickets are left for later.
_FREE: Final = "not exists (select from customer k where k.bucket = t.bucket and k.id = t.customer_id and k.tenant_id = %(tenant)s and k.held)"
# Gates at which somebody waits, found by hopping from gate to gate through the index, never by reading the tickets.
_HOPS: Final = f"""
with recursive w(gate, asked_at, most, per) as (
  (select t.gate, t.asked_at, t.most, t.per from flow_ticket t
   where t.bucket = any(%(buckets)s::smallint[]) and t.tenant_id = %(tenant)s and t.port is null and {_FREE}
   order by t.gate, t.asked_at limit 1)
  union all
  select n.gate, n.asked_at, n.most, n.per from w cross join lateral (
    select t.gate, t.asked_at, t.most, t.per from flow_ticket t
    where t.bucket = any(%(buckets)s::smallint[]) and t.tenant_id = %(tenant)s and t.port is null and t.gate > w.gate and {_FREE}
    order by t.gate, t.asked_at limit 1) n)"""
_KNOW: Final = f"""
{_HOPS}
insert into flow_gate (tenant_id, gate) select %(tenant)s, w.gate from w on conflict do nothing
"""
_GATES: Final = f"""
{_HOPS}
select g.gate, w.most, w.per, g.given, g.window_at, g.in_window from w join flow_gate g on g.tenant_id = %(tenant)s and g.gate = w.gate
where g.next_at is null or g.next_at <= %(now)s order by g.gate for update of g skip locked
"""
# Where a ticket's run no longer waits (it left, it was taken out) the place is not used up.
_WAITING: Final = f"""
select t.bucket, t.id, coalesce(r.status in ({RunStatus.ACTIVE:d}, {RunStatus.HELD:d}) and r.visit = t.visit + 1, false)
from flow_ticket t left join flow_run r on r.bucket = t.bucket and r.tenant_id = %(tenant)s and r.id = t.run_id
where t.tenant_id = %(tenant)s and t.bucket = any(%(all)s::smallint[]) and t.gate = %(gate)s and t.port is null
  and {_FREE}
order by t.asked_at, t.id limit %(limit)s for update of t skip locked
"""
_ANYBODY: Final = """
select exists (select from flow_ticket t where t.bucket = any(%(buckets)s::smallint[]) and t.tenant_id = %(tenant)s and t.port is null)
"""
_ANSWER: Final = """
update flow_ticket t set port = a.port from unnest(%(t_buckets)s::smallint[], %(ids)s::uuid[], %(ports)s::smallint[]) a(bucket, id, port)
where t.bucket = a.bucket and t.id = a.id and t.tenant_id = %(tenant)s
"""
_SAVE: Final = """
update flow_gate set given = %(given)s, window_at = %(window_at)s, in_window = %(in_window)s, next_at = %(next_at)s
where tenant_id = %(tenant)s and gate = %(gate)s
"""
_TAKE: Final = f"""
with gone as (
  delete from flow_ticket t where t.bucket = any(%(buckets)s::smallint[]) and t.tenant_id = %(tenant)s and t.port is not null and {_FREE}
  returning t.bucket, t.run_id, t.visit, t.port),
told as (
  select r.bucket, r.id, r.lane, r.wake_at, r.stretch, r.customer_id, r.origin_id, g.port from gone g
  join flow_run r on r.bucket = g.bucket and r.id = g.run_id and r.tenant_id = %(tenant)s
  where r.status in ({RunStatus.ACTIVE:d}, {RunStatus.HELD:d}) and r.signal is null and r.visit = g.visit + 1),
untimed as (
  delete from flow_due d using told t
  where d.bucket = t.bucket and d.tenant_id = %(tenant)s and d.lane = any({EVERY_LANE}) and d.wake_at = t.wake_at and d.run_id = t.id),
signalled as (
  update flow_run r set signal = t.port, wake_at = %(now)s, heard_at = null from told t where r.bucket = t.bucket and r.id = t.id and r.tenant_id = %(tenant)s),
timed as (
  insert into flow_due (bucket, tenant_id, lane, wake_at, run_id, stretch, customer_id, origin_id)
  select t.bucket, %(tenant)s, case when t.lane = {Lane.BULK:d} then {Lane.BULK:d} else {Lane.LIVE:d} end, %(now)s, t.id, t.stretch, t.customer_id,
         t.origin_id
  from told t join flow_run r on r.bucket = t.bucket and r.id = t.id and r.tenant_id = %(tenant)s and r.status = {RunStatus.ACTIVE:d})
select count(*) from gone
"""


@dataclass(frozen=True, slots=True)
class Gate:
    """A gate as it stands."""

    gate: str
    most: int
    per: str
    given: int
    window_at: datetime | None
    in_window: int

    def room(self, now: datetime) -> int:
        """How many more it lets through now."""
        if self.per == "ever":
            return max(0, self.most - self.given)
        return max(0, self.most - (self.in_window if self.is_open(now) else 0))

    def is_open(self, now: datetime) -> bool:
        """Does the minute that began at `window_at` still last?"""
        return self.window_at is not None and now < self.window_at + MINUTE


def keep(turn: Turn, limit: int) -> int:
    """Answer tickets at gates that are due, then take the answered ones of this turn's buckets up. Returns how many were handled."""
    del limit
    handled = 0
    if turn.tx.value(_ANYBODY, turn.params()):
        turn.tx.execute(_KNOW, turn.params())
        handled = sum(_answer(turn, gate) for gate in turn.tx.all(Gate, _GATES, turn.params()))
    return handled + int(turn.tx.value(_TAKE, turn.params()))


def _answer(turn: Turn, gate: Gate) -> int:
    tickets: list[tuple[int, object, bool]] = turn.tx.cursor(
        _WAITING, turn.params(all=_ALL, gate=gate.gate, limit=TICKETS_MAX)
    ).fetchall()
    left = gate.room(turn.now)
    answered: list[tuple[int, object, int]] = []
    let_in = 0
    for bucket, ticket, waits in tickets:
        if not waits:
            answered.append((bucket, ticket, IN))
        elif let_in < left:
            let_in += 1
            answered.append((bucket, ticket, IN))
        elif gate.per == "ever":
            answered.append((bucket, ticket, FULL))
    if answered:
        turn.tx.execute(
            _ANSWER,
            turn.params(
                t_buckets=[one[0] for one in answered],
                ids=[one[1] for one in answered],
                ports=[one[2] for one in answered],
            ),
        )
        wake(turn.tx, {one[0] for one in answered})
    _save(turn, gate, let_in, waiting=len(tickets) > len(answered))
    return len(answered)


def _save(turn: Turn, gate: Gate, let_in: int, *, waiting: bool) -> None:
    fresh = not gate.is_open(turn.now)
    window_at = turn.now if fresh and let_in else gate.window_at
    next_at = window_at + MINUTE if waiting and window_at is not None else None
    turn.tx.execute(
        _SAVE,
        turn.params(
            gate=gate.gate,
            given=gate.given + let_in,
            window_at=window_at,
            in_window=(0 if fresh else gate.in_window) + let_in,
            next_at=next_at,
        ),
    )


KEEP: Final = TurnStep(
    name="flow.gates",
    run=keep,
    due_sql=f"""{_HOPS}
select least((select min(coalesce(g.next_at, w.asked_at)) from w left join flow_gate g on g.tenant_id = %(tenant)s and g.gate = w.gate),
  (select min(t.asked_at) from flow_ticket t where t.bucket = any(%(buckets)s::smallint[]) and t.tenant_id = %(tenant)s and t.port is not null and {_FREE}))
""",
)
