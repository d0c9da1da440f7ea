"""Where people stand, for how long, and who is behind a number: the heat of stuck steps, and the runs that took a way."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from tandem.flow import reading
from tandem.flow.ids import EVERY_BUCKET
from tandem.flow.reading import RunRow
from tandem.flow.runs import HOLDOUT_ARM, RunStatus
from tandem.kernel.db import Tx

DAYS: Final = 90


@dataclass(frozen=True, slots=True)
class Heat:
    """A block at which people stand. Times in hours; `overdue`: should have gone on more than ten minutes ago."""

    block: str
    inside: int
    failed: int
    held: int
    overdue: int
    oldest_at: datetime
    median_hours: float
    longest_hours: float


_HEAT: Final = f"""
select t.block, count(*) filter (where r.status = {RunStatus.ACTIVE:d})::int as inside,
  count(*) filter (where r.status = {RunStatus.FAILED:d})::int as failed, count(*) filter (where r.status = {RunStatus.HELD:d})::int as held,
  count(*) filter (where r.status = {RunStatus.ACTIVE:d} and r.wake_at < %(now)s::timestamptz - interval '10 minutes')::int as overdue,
  min(coalesce(l.at, r.entered_at)) as oldest_at,
  (percentile_cont(0.5) within group (order by extract(epoch from %(now)s::timestamptz - coalesce(l.at, r.entered_at))) / 3600)::float8 as median_hours,
  (max(extract(epoch from %(now)s::timestamptz - coalesce(l.at, r.entered_at))) / 3600)::float8 as longest_hours
from flow_run as r join flow_stretch as t on t.id = r.stretch and t.tenant_id = %(tenant)s
left join lateral (select max(s.at) as at from flow_step_log as s where s.tenant_id = %(tenant)s and s.bucket = r.bucket and s.run_id = r.id
  and s.at >= r.entered_at) as l on true
where r.tenant_id = %(tenant)s and r.bucket = any(%(buckets)s::smallint[]) and r.flow_id = %(flow)s
  and r.status in ({RunStatus.ACTIVE:d}, {RunStatus.FAILED:d}, {RunStatus.HELD:d})
group by 1 order by longest_hours desc
"""


def heat(tx: Tx, flow_id: UUID) -> list[Heat]:
    """Every block at which somebody stands, where the longest has stood first."""
    return tx.all(Heat, _HEAT, {"tenant": tx.tenant_id, "buckets": EVERY_BUCKET, "flow": flow_id, "now": tx.now})


# By the log of the flow's own runs; a run counts once however often it came by.
_PASSED: Final = """
select r.id, max(l.at) as at from flow_run as r
join flow_step_log as l on l.tenant_id = %(tenant)s and l.bucket = r.bucket and l.run_id = r.id and l.at >= r.entered_at and l.at > %(since)s
cross join lateral generate_series(1, cardinality(l.path) / 2) as i
where r.tenant_id = %(tenant)s and r.bucket = any(%(buckets)s::smallint[]) and r.flow_id = %(flow)s
  and l.path[2 * i - 1] = %(number)s and (%(port)s::int is null or l.path[2 * i] = %(port)s) and (%(after)s::uuid is null or r.id > %(after)s)
group by r.id order by r.id limit %(limit)s
"""
_CHOSEN: Final = f"""
select r.id, coalesce(r.goal_at, r.entered_at) as at from flow_run as r
where r.tenant_id = %(tenant)s and r.bucket = any(%(buckets)s::smallint[]) and r.flow_id = %(flow)s
  and case %(what)s when 'converted' then r.goal_at is not null and r.status <> {RunStatus.HOLDOUT:d}
      when 'control' then r.arm = {HOLDOUT_ARM} when 'arm' then r.arm = %(arm)s::int
      when 'left' then r.status = {RunStatus.LEFT:d} else r.status <> {RunStatus.HOLDOUT:d} end
  and (%(after)s::uuid is null or r.id > %(after)s) order by r.id limit %(limit)s
"""


def passed(tx: Tx, flow_id: UUID, number: int, port: int | None, *, after: UUID | None, limit: int) -> list[RunRow]:
    """Runs that passed a block within `DAYS` days, by one of its ports when given; `since` is when they did last."""
    rows = tx.cursor(
        _PASSED,
        {
            "tenant": tx.tenant_id,
            "buckets": EVERY_BUCKET,
            "flow": flow_id,
            "number": number,
            "port": port,
            "since": tx.now - timedelta(days=DAYS),
            "after": after,
            "limit": limit,
        },
    ).fetchall()
    return _as_rows(tx, {row[0]: row[1] for row in rows})


def chosen(tx: Tx, flow_id: UUID, what: str, *, arm: int | None = None, after: UUID | None, limit: int) -> list[RunRow]:
    """Runs behind a total: entered, converted, control, left, or an arm."""
    rows = tx.cursor(
        _CHOSEN,
        {
            "tenant": tx.tenant_id,
            "buckets": EVERY_BUCKET,
            "flow": flow_id,
            "what": what,
            "arm": arm,
            "after": after,
            "limit": limit,
        },
    ).fetchall()
    return _as_rows(tx, {row[0]: row[1] for row in rows})


def _as_rows(tx: Tx, when: dict[UUID, datetime]) -> list[RunRow]:
    rows = reading.runs(tx, list(when))
    return [replace(row, since=when[row.id]) for row in rows]
