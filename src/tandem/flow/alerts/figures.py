"""Figures that suggestions stand on: how soon people answer a wait and how many only after it, and at what hours what is sent succeeds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from tandem.flow.ids import EVERY_BUCKET
from tandem.kernel.db import Tx

DAYS: Final = 90
#: Of so many passages of late the figures are taken: what is older says less, and nobody waits for it.
LATEST: Final = 2_000
#: Of a large flow whoever is in some buckets speaks for all (which one she is in is chance), if there are so many of them.
SOME: Final = EVERY_BUCKET[::32]
ENOUGH: Final = 1_000
#: Parts of a day by their first and last hour.
PARTS: Final = ((0, 7), (7, 12), (12, 17), (17, 22), (22, 24))


@dataclass(frozen=True, slots=True)
class Wait:
    """A wait for an event: its small number, its ports' places, what it waits for and how long. `event` None: nothing of
    what came late is known.
    """

    number: int
    happened: int
    timeout: int
    event: str | None
    span: timedelta


@dataclass(frozen=True, slots=True)
class Answers:
    """`within`: how long 95 of 100 of the `answered` took. `late` of `missed` did it after the time-out, within the same time again."""

    answered: int
    within: timedelta
    missed: int
    late: int


# A step's row says when the run went on; it came there with the row before, or as it entered.
_WAITED: Final = """
select count(*)::int, coalesce(percentile_cont(0.95) within group (order by x.at - x.came), interval '0')
from (select l.at, coalesce(b.at, r.entered_at) as came from flow_step_log as l
      join flow_run as r on r.bucket = l.bucket and r.id = l.run_id and r.tenant_id = %(tenant)s and r.flow_id = %(flow)s
      left join lateral (select max(s.at) as at from flow_step_log as s where s.tenant_id = %(tenant)s and s.bucket = l.bucket
        and s.run_id = l.run_id and s.visit < l.visit and s.at >= r.entered_at) as b on true
      where l.tenant_id = %(tenant)s and l.bucket = any(%(buckets)s::smallint[]) and l.at > %(since)s
        and l.path[1] = %(number)s and l.path[2] = %(happened)s
      order by l.at desc limit %(latest)s) as x
"""
_LATE: Final = """
select count(*)::int, count(*) filter (where exists (
  select from event as e where e.bucket = x.bucket and e.bucket = any(%(buckets)s::smallint[]) and e.tenant_id = %(tenant)s
    and e.owner_id = x.customer_id and e.type = %(event)s and e.occurred_at > x.at and e.occurred_at <= x.at + %(span)s))::int
from (select l.bucket, l.customer_id, l.at from flow_step_log as l
      join flow_run as r on r.bucket = l.bucket and r.id = l.run_id and r.tenant_id = %(tenant)s and r.flow_id = %(flow)s
      where l.tenant_id = %(tenant)s and l.bucket = any(%(buckets)s::smallint[]) and l.at > %(since)s and l.at <= %(now)s - %(span)s
        and l.path[1] = %(number)s and l.path[2] = %(timeout)s and l.customer_id is not null
      order by l.at desc limit %(latest)s) as x
"""


def answers(tx: Tx, flow_id: UUID, wait: Wait) -> Answers:
    """How a wait of a flow was answered lately, over the customers the caller may see."""
    some = _answers(tx, flow_id, wait, SOME)
    return some if some.answered + some.missed >= ENOUGH else _answers(tx, flow_id, wait, EVERY_BUCKET)


def _answers(tx: Tx, flow_id: UUID, wait: Wait, buckets: Sequence[int]) -> Answers:
    params = {
        "tenant": tx.tenant_id,
        "buckets": list(buckets),
        "flow": flow_id,
        "since": tx.now - timedelta(days=DAYS),
        "now": tx.now,
        "latest": LATEST,
        "number": wait.number,
        "happened": wait.happened,
        "timeout": wait.timeout,
        "event": wait.event,
        "span": wait.span,
    }
    answered, within = tx.cursor(_WAITED, params).fetchall()[0]
    missed, late = (0, 0) if wait.event is None else tx.cursor(_LATE, params).fetchall()[0]
    return Answers(answered, within, missed, late)


@dataclass(frozen=True, slots=True)
class Part:
    """Hours of the day in which a step was passed: by how many runs, and how many of them reached the flow's goal."""

    number: int
    start: int
    until: int
    runs: int
    reached: int


# By the first way, that of what went out: what was kept until morning or skipped says nothing of its hour.
_HOURS: Final = """
select x.number, p.start, p.until, count(*)::int as runs, count(*) filter (where x.goal_at is not null)::int as reached
from (select distinct on (l.bucket, l.run_id, n.number) n.number, r.goal_at, extract(hour from l.at at time zone %(zone)s)::int as hour
      from flow_step_log as l
      join flow_run as r on r.bucket = l.bucket and r.id = l.run_id and r.tenant_id = %(tenant)s and r.flow_id = %(flow)s
      cross join lateral (select l.path[2 * i - 1] as number from generate_series(1, cardinality(l.path) / 2) as i
        where l.path[2 * i] = 0) as n
      where l.tenant_id = %(tenant)s and l.bucket = any(%(buckets)s::smallint[]) and l.at > %(since)s and n.number = any(%(numbers)s::int[])
      order by l.bucket, l.run_id, n.number, l.at) as x
join unnest(%(starts)s::int[], %(untils)s::int[]) as p(start, until) on x.hour >= p.start and x.hour < p.until
group by 1, 2, 3 order by 1, 2
"""


def hours(tx: Tx, flow_id: UUID, numbers: Sequence[int]) -> list[Part]:
    """What became of those who passed these blocks, by the part of the day (in the tenant's zone) at which they did."""
    if not numbers:
        return []
    some = _hours(tx, flow_id, numbers, SOME)
    return (
        some if sum(one.runs for one in some) >= ENOUGH * len(numbers) else _hours(tx, flow_id, numbers, EVERY_BUCKET)
    )


def _hours(tx: Tx, flow_id: UUID, numbers: Sequence[int], buckets: Sequence[int]) -> list[Part]:
    params = {
        "tenant": tx.tenant_id,
        "buckets": list(buckets),
        "flow": flow_id,
        "zone": tx.zone,
        "since": tx.now - timedelta(days=DAYS),
        "numbers": list(numbers),
        "starts": [start for start, _ in PARTS],
        "untils": [until for _, until in PARTS],
    }
    return tx.all(Part, _HOURS, params)
