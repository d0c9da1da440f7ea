"""What a backtest found: sums over the scratch tables, by block, by effect and by day, and an even sample of the people behind them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from tandem.catalog.label import Label
from tandem.flow.plan import Plan
from tandem.flow.rehearsal.draft import FIRST_STRETCH
from tandem.flow.rehearsal.house import Rooms
from tandem.flow.rehearsal.past import Past
from tandem.flow.rehearsal.stage import Stage
from tandem.flow.results import BlockCount, port_counts
from tandem.flow.runs import HOLDOUT_ARM, INSIDE, RunStatus
from tandem.kernel.db import Tx

PEOPLE_MAX: Final = 5000


@dataclass(frozen=True, slots=True)
class Person:
    """A run of the sample."""

    bucket: int
    run_id: UUID
    customer_id: UUID | None
    subject_type: str | None
    subject_id: UUID | None
    entered_at: datetime
    marks: list[str]


@dataclass(frozen=True, slots=True)
class Found:
    """The answer, ready to be stored; `people` apart, since they are kept by customer."""

    result: dict[str, Any]
    people: list[Person]


# Whoever entered counts once, whatever branches she goes by.
_TOTALS: Final = f"""
select count(*) filter (where status <> {RunStatus.HOLDOUT:d} and parent_id is null), count(distinct coalesce(subject_id, customer_id)) filter (where status <> {RunStatus.HOLDOUT:d}),
  count(*) filter (where arm = {HOLDOUT_ARM} and parent_id is null), count(*) filter (where status = any(%(inside)s::smallint[]) and parent_id is null),
  count(*) filter (where status = {RunStatus.FAILED:d} and parent_id is null), count(goal_at) filter (where status <> {RunStatus.HOLDOUT:d} and parent_id is null),
  count(goal_at) filter (where status = {RunStatus.HOLDOUT:d} and parent_id is null), coalesce(sum(visit), 0)::bigint, count(*)
from flow_run where tenant_id = %(tenant)s and bucket = any(%(buckets)s::smallint[])
"""
_ENTERED: Final = f"""
select (coalesce((vars ->> 'event_at')::timestamptz, entered_at) at time zone %(zone)s)::date, count(*) from flow_run
where tenant_id = %(tenant)s and bucket = any(%(buckets)s::smallint[]) and status <> {RunStatus.HOLDOUT:d} and parent_id is null group by 1 order by 1
"""
_BUSIEST: Final = """
select coalesce(max(n), 0) from (
  select count(*) as n from flow_run where tenant_id = %(tenant)s and bucket = any(%(buckets)s::smallint[]) and parent_id is null
  group by date_trunc('hour', coalesce((vars ->> 'event_at')::timestamptz, entered_at))) as h
"""
_PASSED: Final = f"""
select s.path[2 * i - 1], s.path[2 * i], sum(s.n)::bigint from flow_path_stat as s cross join lateral generate_series(1, cardinality(s.path) / 2) as i
where s.tenant_id = %(tenant)s and s.bucket = any(%(buckets)s::smallint[]) and s.stretch >= {FIRST_STRETCH} group by 1, 2
"""
_STANDING: Final = f"""
select stretch, count(*), count(*) filter (where status = 3) from flow_run where tenant_id = %(tenant)s and bucket = any(%(buckets)s::smallint[])
  and status = any(%(inside)s::smallint[]) and stretch >= {FIRST_STRETCH} group by stretch
"""
# Every decision that said why: a message held back by the caps, skipped for want of consent.
_HINDERED: Final = """
select f.key, f.value ->> 'ruling', f.value ->> 'reason', count(*), count(distinct l.customer_id)
from flow_step_log as l cross join lateral jsonb_each(l.facts) as f
where l.tenant_id = %(tenant)s and l.bucket = any(%(buckets)s::smallint[]) and jsonb_typeof(f.value) = 'object' and f.value ? 'reason'
group by 1, 2, 3 order by 4 desc
"""


def found(tx: Tx, rooms: Rooms, plan: Plan, past: Past, stage: Stage, read: int, stride: timedelta) -> Found:
    """Sum up what stands in the scratch tables."""
    window = past.window
    params = {
        "tenant": tx.tenant_id,
        "buckets": window.buckets,
        "zone": tx.zone,
        "inside": [int(one) for one in INSIDE],
    }
    names = {one.number: one.id for one in plan.blocks.values()}
    totals = tx.cursor(_TOTALS, params).fetchone() or (0,) * 9
    effects = _effects(tx, rooms, params)
    days = _by_day(tx, effects, params, window.since, window.until)
    result = {
        "since": window.since.isoformat(),
        "until": window.until.isoformat(),
        "step_hours": round(stride / timedelta(hours=1)),
        "share": len(window.buckets) / 256,
        "events": read,
        "entered": totals[0],
        "customers": totals[1],
        "held_out": totals[2],
        "inside": totals[3],
        "failed": totals[4],
        "converted": totals[5],
        "converted_held_out": totals[6],
        "passages": totals[7],
        "busiest_hour": tx.value(_BUSIEST, params),
        "blocks": _blocks(tx, plan, params),
        "effects": _sums(effects),
        "hindered": [
            {
                "block": names.get(int(row[0]), row[0]),
                "ruling": row[1],
                "reason": row[2],
                "n": row[3],
                "customers": row[4],
            }
            for row in tx.cursor(_HINDERED, params).fetchall()
        ],
        "days": days,
        "caused": stage.caused,
        "unknown": [one.json() for one in _marks(past)],
        "currency": tx.currency,
    }
    people = _people(tx, rooms, plan, params, int(totals[8]))
    return Found(result | {"people_kept": len(people)}, people)


def _marks(past: Past) -> Sequence[Label]:
    return past.unknown


def _blocks(tx: Tx, plan: Plan, params: dict[str, Any]) -> dict[str, Any]:
    names = {one.number: (one.id, [port.name for port in one.ports]) for one in plan.blocks.values()}
    counts = port_counts([(row[0], row[1], row[2]) for row in tx.cursor(_PASSED, params).fetchall()], names)
    for stretch, inside, failed in tx.cursor(_STANDING, params).fetchall():
        block = counts.setdefault(plan.place(stretch)[0], BlockCount())
        block.entered += inside
        block.inside += inside - failed
        block.failed += failed
    return {
        name: {"entered": one.entered, "inside": one.inside, "failed": one.failed, "ports": one.ports}
        for name, one in counts.items()
    }


@dataclass(frozen=True, slots=True)
class _Sum:
    what: str
    block: str
    outcome: str
    day: date
    n: int
    customers: int
    amount: float


def _rows_sql(rooms: Rooms) -> str:
    """Every effect of the rehearsal's own runs."""
    parts = [f"({one.rows})" for one in rooms.tryouts if one.rows is not None]
    whole = " union all ".join(parts) or "(select null::smallint as bucket limit 0)"
    return (
        f"select e.* from ({whole}) as e join flow_run as r on r.bucket = e.bucket and r.id = e.run_id and r.tenant_id = %(tenant)s"
        " where r.bucket = any(%(buckets)s::smallint[])"
    )


def _effects(tx: Tx, rooms: Rooms, params: dict[str, Any]) -> list[_Sum]:
    return tx.all(
        _Sum,
        "select what, block, outcome, (at at time zone %(zone)s)::date as day, count(*) as n, count(distinct customer_id) as customers,"
        f" sum(amount)::float8 as amount from ({_rows_sql(rooms)}) as x group by 1, 2, 3, 4",
        params,
    )


def _sums(effects: Iterable[_Sum]) -> list[dict[str, Any]]:
    total: dict[tuple[str, str, str], list[float]] = {}
    for one in effects:
        kept = total.setdefault((one.what, one.block, one.outcome), [0, 0.0])
        kept[0] += one.n
        kept[1] += one.amount
    return [
        {"what": what, "block": block, "outcome": outcome, "n": int(n), "amount": round(amount, 2)}
        for (what, block, outcome), (n, amount) in sorted(total.items())
    ]


def _by_day(
    tx: Tx, effects: Iterable[_Sum], params: dict[str, Any], since: datetime, until: datetime
) -> list[dict[str, Any]]:
    """One row for each local day of the window, quiet ones too."""
    entered: dict[date, int] = dict(tx.cursor(_ENTERED, params).fetchall())
    first, last = tx.cursor(
        "select (%(since)s::timestamptz at time zone %(zone)s)::date, (%(until)s::timestamptz at time zone %(zone)s)::date",
        params | {"since": since, "until": until},
    ).fetchone() or (since.date(), until.date())
    rows = {
        first + timedelta(days=number): {"entered": 0, "message": 0, "coupon": 0, "cost": 0.0}
        for number in range((last - first).days + 1)
    }
    for day, n in entered.items():
        if day in rows:
            rows[day]["entered"] = n
    for one in effects:
        row = rows.get(one.day)
        if row is None:
            continue
        if one.what == "message" and one.outcome in {"sent", "late"}:
            row["message"] += one.n
        elif one.what == "coupon":
            row["coupon"] += one.n
            row["cost"] = round(row["cost"] + one.amount, 2)
    return [{"day": day.isoformat(), **row} for day, row in rows.items()]


# An even sample: every n-th run by a hash of its id, so that rare ways have their people too.
_PEOPLE: Final = f"""
with chosen as materialized (
  select r.bucket, r.id, r.customer_id, r.subject_type, r.subject_id, r.entered_at, r.goal_at, r.stretch, r.status, r.parent_id
  from flow_run as r
  where r.tenant_id = %(tenant)s and r.bucket = any(%(buckets)s::smallint[]) and r.status <> {RunStatus.HOLDOUT:d}
    and r.stretch >= {FIRST_STRETCH} and coalesce(r.subject_id, r.customer_id) is not null and ('x' || left(md5(r.id::text), 6))::bit(24)::int %% %(each)s = 0
  limit {PEOPLE_MAX}
), passed as (
  select l.run_id, array_agg(distinct l.path[2 * i - 1] || '.' || l.path[2 * i]) as steps
  from chosen as c join flow_step_log as l on l.bucket = c.bucket and l.run_id = c.id and l.tenant_id = %(tenant)s
  cross join lateral generate_series(1, cardinality(l.path) / 2) as i
  where l.bucket = any(%(buckets)s::smallint[]) group by l.run_id
), got as (
  select x.run_id, array_agg(distinct x.what || ':' || x.block || ':' || x.outcome) as effects from ({{rows}}) as x
  join chosen as c on c.id = x.run_id group by x.run_id
)
select c.bucket, c.id, c.customer_id, c.subject_type, c.subject_id, c.entered_at, c.goal_at is not null, c.stretch, c.status = any(%(inside)s::smallint[]), p.steps, g.effects,
  c.parent_id is null
from chosen as c left join passed as p on p.run_id = c.id left join got as g on g.run_id = c.id
"""


def _people(tx: Tx, rooms: Rooms, plan: Plan, params: dict[str, Any], runs: int) -> list[Person]:
    each = max(1, -(-runs // PEOPLE_MAX))
    rows = tx.cursor(_PEOPLE.replace("{rows}", _rows_sql(rooms)), params | {"each": each}).fetchall()
    blocks = {one.number: one for one in plan.blocks.values()}
    people: list[Person] = []
    for bucket, run, customer, sort, thing, at, goal, stretch, inside, steps, effects, whole in rows:
        marks = [*(["entered"] if whole else ()), *(effects or ())]
        marks += ["converted"] if goal and whole else []
        marks += [f"inside:{plan.place(stretch)[0]}"] if inside else []
        for step in steps or ():
            number, _, port = step.partition(".")
            block = blocks.get(int(number))
            if block is not None:
                marks.append(f"block:{block.id}")
                if 0 <= int(port) < len(block.ports):
                    marks.append(f"port:{block.id}.{block.ports[int(port)].name}")
        people.append(Person(bucket, run, customer, sort, thing, at, sorted(set(marks))))
    return people
