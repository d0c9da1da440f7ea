"""Runs that belong to a run: branches, one run per related thing, flows that were called (docs/decisions/0070-runs-of-a-run.md).

A child lives in its parent's bucket, and exactly as long as the parent stands where it called: two triggers of `flow_run` see to it
whatever statement ends or moves one of them, so that no way of ending a run can forget.

- A child ends: its parent is due now, and looks whether it may go on.
- A parent moves on, leaves, or is taken to another block: the children of that call leave, with their timers and open tasks.

The triggers' conditions read two columns of the row at hand; runs without kin pay nothing that could be measured.
"""

from __future__ import annotations

from typing import Final

from tandem.flow.runs import INSIDE, Lane, Leaving, RunStatus
from tandem.kernel.roles import register_sql

BRANCH: Final = 1
"""`flow_run.kin`: a part of its parent's run, in the same flow. It enters, converts and counts with the parent."""
CALLED: Final = 2
"""A run of another flow, on the parent's behalf."""

_INSIDE: Final = ", ".join(str(int(one)) for one in INSIDE)

register_sql(
    """
create or replace function flow_kin_called() returns trigger language plpgsql as $$
begin
  update flow_run r set calls = true
  where r.bucket = new.bucket and r.tenant_id = new.tenant_id and r.id = new.parent_id and r.calls is not true;
  return null;
end $$
"""
)
register_sql(
    f"""
create or replace function flow_kin_moved() returns trigger language plpgsql as $$
declare
  ended boolean := new.status not in ({_INSIDE});
  moved boolean := false;
  moment timestamptz := (select now() + t.clock_offset from tenant t where t.id = new.tenant_id);
  waiting record;
begin
  if new.calls and old.status in ({_INSIDE}) then
    moved := ended or new.visit <> old.visit;
    if not moved and new.stretch <> old.stretch then
      moved := not exists (
        select from flow_stretch a join flow_stretch b on b.tenant_id = a.tenant_id and b.block = a.block and b.mode = a.mode
        where a.tenant_id = new.tenant_id and a.id = old.stretch and b.id = new.stretch);
    end if;
  end if;
  if moved then
    with inside as (
      select r.bucket, r.id, r.tenant_id, r.lane, r.wake_at, r.visit, r.stretch, r.customer_id, r.origin_id, coalesce(r.arm, 0::smallint) as arm,
             coalesce((f.numbers ->> s.block)::smallint, 0::smallint) as number
      from flow_run r
      left join flow_stretch s on s.tenant_id = r.tenant_id and s.id = r.stretch
      left join flow f on f.tenant_id = r.tenant_id and f.id = r.flow_id
      where r.bucket = new.bucket and r.tenant_id = new.tenant_id and r.parent_id = new.id and r.status in ({_INSIDE})),
    untimed as (delete from flow_due d using inside i
      where d.bucket = i.bucket and d.tenant_id = i.tenant_id and d.lane = any(array[0, 1, 2, 3]::smallint[]) and d.wake_at = i.wake_at and d.run_id = i.id),
    unparked as (delete from flow_parked p using inside i where p.bucket = i.bucket and p.run_id = i.id and p.tenant_id = i.tenant_id),
    dismissed as (update human_task t set state = 'cancelled', decided_at = moment from inside i
      where t.bucket = i.bucket and t.run_id = i.id and t.tenant_id = i.tenant_id and t.state in ('open', 'locked')),
    logged as (insert into flow_step_log (bucket, run_id, visit, at, tenant_id, stretch, customer_id, origin_id, path, facts)
      select bucket, id, visit, moment, tenant_id, stretch, customer_id, origin_id, array[number, {Leaving.WITH_PARENT:d}]::smallint[], null
      from inside on conflict do nothing),
    counted as (insert into flow_path_stat as c (bucket, tenant_id, stretch, hour, arm, path, n)
      select bucket, tenant_id, stretch, date_trunc('hour', moment), arm, array[number, {Leaving.WITH_PARENT:d}]::smallint[], count(*)
      from inside group by bucket, tenant_id, stretch, arm, number
      on conflict (bucket, tenant_id, stretch, hour, arm, path) do update set n = c.n + excluded.n)
    update flow_run r set status = {RunStatus.LEFT:d}, wake_at = null, ended_at = moment
    from inside i where r.bucket = i.bucket and r.id = i.id and r.tenant_id = i.tenant_id;
  end if;
  if new.parent_id is not null and ended and old.status in ({_INSIDE}) then
    select p.bucket, p.id, p.lane, p.wake_at, p.stretch, p.customer_id, p.origin_id into waiting from flow_run p
    where p.bucket = new.bucket and p.tenant_id = new.tenant_id and p.id = new.parent_id and p.status = {RunStatus.ACTIVE:d}
      and p.visit = new.parent_visit + 1 and coalesce(p.wake_at > moment, true);
    if found then
      delete from flow_due d where d.bucket = waiting.bucket and d.tenant_id = new.tenant_id and d.lane = any(array[0, 1, 2, 3]::smallint[])
        and d.wake_at = waiting.wake_at and d.run_id = waiting.id;
      update flow_run r set wake_at = moment where r.bucket = waiting.bucket and r.tenant_id = new.tenant_id and r.id = waiting.id;
      insert into flow_due (bucket, tenant_id, lane, wake_at, run_id, stretch, customer_id, origin_id)
      values (waiting.bucket, new.tenant_id, case when waiting.lane = {Lane.BULK:d} then {Lane.BULK:d} else {Lane.LIVE:d} end, moment, waiting.id,
              waiting.stretch, waiting.customer_id, waiting.origin_id)
      on conflict do nothing;
    end if;
  end if;
  return null;
end $$
"""
)
#: By schema, since a rehearsal's own table needs them too.
_CALLED: Final = (
    "create or replace trigger flow_kin_called after insert on {schema}flow_run for each row when (new.parent_id is not null)"
    " execute function flow_kin_called()"
)
_MOVED: Final = (
    "create or replace trigger flow_kin_moved after update of status, stretch, visit on {schema}flow_run for each row"
    " when (new.parent_id is not null or new.calls) execute function flow_kin_moved()"
)
TRIGGERS: Final = (_CALLED, _MOVED)
for _trigger in TRIGGERS:
    register_sql(_trigger.format(schema=""))
