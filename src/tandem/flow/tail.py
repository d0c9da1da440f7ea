"""The last part of every moving statement: positions, timers, log, statistics, conversions. One place, for fused and for `run` blocks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tandem.flow.delays import LONGEST_MS, What
from tandem.flow.runs import RunStatus

Port = tuple[str, int]
"""A column of the runs on their way, and the number of the port that it says they took."""


@dataclass(frozen=True, slots=True)
class Exit:
    """A way out of a stretch, as SQL over the row `r` of `source`; `where`: the port by which it leads."""

    source: str
    where: Port | None
    stretch: int
    status: RunStatus
    wake: str
    lane: str
    path: str
    facts: str
    goal: bool

    def columns(self) -> dict[str, str]:
        """What leaving here means for a run."""
        return {
            "stretch": f"{self.stretch}::int",
            "status": f"{self.status:d}::smallint",
            "wake": f"({self.wake})::timestamptz",
            "due_lane": f"({self.lane})::smallint",
            "path": self.path,
            "facts": self.facts,
            "goal": "(r.goal_at is null)" if self.goal else "false",
        }


def _select(exits: Sequence[Exit], *, keeps_vars: bool, heard: bool) -> str:
    """The runs of exits that lead out of one relation, in the shape of `final`: it is read once, however many ways lead out."""
    made = [one.columns() for one in exits]
    shown = [
        f"{_chosen([(one.where, columns[name]) for one, columns in zip(exits, made, strict=True)])} as {name}"
        for name in made[0]
    ]
    kept = (", r.vars" if keeps_vars else "") + (", r.heard_at" if heard else "")
    ports = [one.where for one in exits if one.where is not None]
    where = (
        f" where r.{ports[0][0]} = any('{{{', '.join(str(port) for _, port in ports)}}}'::smallint[])" if ports else ""
    )
    return (
        "select r.bucket, r.id, r.customer_id, r.origin_id, r.visit, r.arm, r.run_place,"
        f" {', '.join(shown)}{kept} from {exits[0].source} r{where}"
    )


def _chosen(values: Sequence[tuple[Port | None, str]]) -> str:
    """SQL of a column: by the port that a run took, where that makes a difference."""
    last = values[-1][1]
    others = [(where, sql) for where, sql in values if where is not None and sql != last]
    cases = " ".join(f"when {where[1]} then {sql}" for where, sql in others)
    return f"case r.{others[0][0][0]} {cases} else {last} end" if others else last


def _final(exits: Sequence[Exit], *, keeps_vars: bool, heard: bool) -> str:
    groups: dict[object, list[Exit]] = {}
    for one in exits:
        # A way that everybody takes stands alone; of the others each run takes one.
        groups.setdefault(id(one) if one.where is None else (one.source, one.where[0]), []).append(one)
    return " union all ".join(_select(group, keeps_vars=keeps_vars, heard=heard) for group in groups.values())


#: Runs of `final` (bucket, id, customer_id, origin_id, visit, arm, run_place, stretch, status, wake, due_lane, path, facts, goal) move.
#: `run_place` is where the row was read: nobody but the turn may have moved it since.
_MOVED = """
moved as (update flow_run r set stretch = f.stretch, visit = r.visit + 1, status = f.status, wake_at = f.wake, signal = null{arm}{vars}{goal},
  heard_at = case when f.wake > %(now)s then null else r.heard_at end,
  ended_at = case when f.status = 1 then %(now)s::timestamptz end
  from final f where r.ctid = f.run_place and r.bucket = f.bucket and r.id = f.id and r.tenant_id = %(tenant)s)"""
_TIMED = """
timed as (insert into flow_due (bucket, tenant_id, lane, wake_at, run_id, stretch, customer_id, origin_id)
  select bucket, %(tenant)s, due_lane, wake, id, stretch, customer_id, origin_id from final where wake is not null)"""
_LOGGED = """
logged as (insert into flow_step_log (bucket, run_id, visit, at, tenant_id, stretch, customer_id, origin_id, path, facts)
  select bucket, id, visit, %(now)s, %(tenant)s, {number}, customer_id, origin_id, path, facts from final)"""
_COUNTED = """
counted as (insert into flow_path_stat as s (bucket, tenant_id, stretch, hour, arm, path, n)
  select bucket, %(tenant)s, {number}, date_trunc('hour', %(now)s::timestamptz), coalesce(arm, 0::smallint), path, count(*)
  from final group by bucket, coalesce(arm, 0::smallint), path
  on conflict (bucket, tenant_id, stretch, hour, arm, path) do update set n = s.n + excluded.n)"""
#: Conversions are counted for the run (block 0) and for every block it passed, now or in earlier turns, by itself, by its branches
#: (`kin.BRANCH`), or by flows it called (`kin.CALLED`), these under their own version and arm. A called flow that has a goal of its own
#: (a setting, or a block that reaches it) is measured by that one alone.
CONVERTED = """
converted as (insert into flow_conversion as c (bucket, tenant_id, version_id, block, arm, hour, n)
  select g.bucket, %(tenant)s, g.version_id, g.block, g.arm, date_trunc('hour', %(now)s::timestamptz), count(*) from (
    select f.bucket, f.id, coalesce(f.arm, 0::smallint) as arm, 0::smallint as block, %(version)s::uuid as version_id from final f where f.goal
    union
    select f.bucket, f.id, coalesce(f.arm, 0::smallint), f.path[i], %(version)s::uuid
    from final f cross join lateral generate_series(1, cardinality(f.path), 2) i where f.goal
    union
    select f.bucket, f.id, coalesce(f.arm, 0::smallint), l.path[i], %(version)s::uuid
    from final f join flow_step_log l on l.bucket = f.bucket and l.run_id = f.id and l.tenant_id = %(tenant)s
      cross join lateral generate_series(1, cardinality(l.path), 2) i where f.goal
    union
    select f.bucket, f.id, case when k.called then coalesce(k.arm, 0::smallint) else coalesce(f.arm, 0::smallint) end, l.path[i],
      case when k.called then s.version_id else %(version)s::uuid end
    from final f cross join lateral (
      with recursive branch as (
        select b.id, b.kin = 2 as called, b.arm from flow_run b
        where b.bucket = f.bucket and b.tenant_id = %(tenant)s and b.parent_id = f.id and b.kin is not null
        union all
        select b.id, o.called or b.kin = 2, b.arm
        from branch o join flow_run b on b.bucket = f.bucket and b.tenant_id = %(tenant)s and b.parent_id = o.id and b.kin is not null)
      select id, called, arm from branch) k
      join flow_step_log l on l.bucket = f.bucket and l.run_id = k.id and l.tenant_id = %(tenant)s
      left join flow_stretch s on k.called and s.tenant_id = %(tenant)s and s.id = l.stretch
      left join flow_version v on v.tenant_id = %(tenant)s and v.id = s.version_id
      cross join lateral generate_series(1, cardinality(l.path), 2) i
    where f.goal and (not k.called or (s.version_id is not null and (v.graph -> 'settings' ->> 'goal') is null
      and not jsonb_path_exists(v.graph, '$.blocks[*] ? (@.kind == "flow.goal")')))
  ) g group by g.bucket, g.version_id, g.block, g.arm
  on conflict (bucket, tenant_id, version_id, block, arm, hour) do update set n = c.n + excluded.n)"""


# How old, in milliseconds, the event was that let a run come to these effects: of the runs that an event has just set moving.
_AGES = """
 (select array_agg(least(extract(epoch from clock_timestamp() - f.heard_at) * 1000, {longest})::int)::text from final f where f.heard_at is not null and ({there}))"""


@dataclass(frozen=True, slots=True)
class Measured:
    """A kind of effect that a stretch has: by the blocks that its runs pass, and by the waits at which they arrive (stretches)."""

    what: What
    blocks: tuple[int, ...]
    arrivals: tuple[int, ...]

    @property
    def there(self) -> str:
        """SQL over the row `f` of `final`: did the run come to it?"""
        passed = (
            "exists (select from generate_series(1, cardinality(f.path), 2) as i"
            f" where f.path[i] = any('{{{', '.join(map(str, self.blocks))}}}'::smallint[]))"
        )
        arrived = f"f.stretch in ({', '.join(map(str, self.arrivals))})"
        return " or ".join([*([passed] if self.blocks else []), *([arrived] if self.arrivals else [])])


def tail_sql(
    ctes: Sequence[str],
    exits: Sequence[Exit],
    *,
    number: int,
    keeps_vars: bool,
    sets_arm: bool,
    measured: Sequence[Measured] = (),
) -> str:
    """The whole statement from its common table expressions and exits.

    Answers (runs moved, runs that go on in this turn), then for each of `measured` the ages of its events as an array literal, or null.
    """
    final = _final(exits, keeps_vars=keeps_vars, heard=bool(measured))
    return moving_sql(
        [*ctes, f"final as ({final})"],
        number=str(number),
        keeps_vars=keeps_vars,
        sets_arm=sets_arm,
        goals=any(one.goal for one in exits),
        timers=any(one.wake != "null" for one in exits),
        measured=[one.there for one in measured],
    )


def moving_sql(
    ctes: Sequence[str],
    *,
    number: str,
    keeps_vars: bool,
    sets_arm: bool,
    goals: bool,
    timers: bool,
    measured: Sequence[str] = (),
) -> str:
    """A statement that moves the runs of its relation `final`. `number` is the stretch they passed (a number or a parameter)."""
    moved = _MOVED.format(
        arm=", arm = f.arm" if sets_arm else "",
        vars=", vars = f.vars" if keeps_vars else "",
        goal=", goal_at = case when f.goal then %(now)s::timestamptz else r.goal_at end" if goals else "",
    )
    parts = [*ctes, moved]
    if timers:
        parts.append(_TIMED)
    parts += [_LOGGED.format(number=number), _COUNTED.format(number=number)]
    if goals:
        parts.append(CONVERTED)
    ages = "".join(f",{_AGES.format(there=there, longest=LONGEST_MS)}" for there in measured)
    return f"with {', '.join(parts)} select count(*), count(*) filter (where wake <= %(now)s){ages} from final"
