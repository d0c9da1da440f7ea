"""The counts behind results: cohorts of runs by version and period, passages by block, conversions of those who passed it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from tandem.flow.experiments.statistics import Group
from tandem.flow.ids import EVERY_BUCKET
from tandem.flow.module import KindRegistry
from tandem.flow.outlets import ports_of
from tandem.flow.results import BlockCount, port_counts
from tandem.flow.runs import HOLDOUT_ARM, RunStatus
from tandem.kernel.db import Tx


@dataclass(frozen=True, slots=True)
class Slice:
    """Which runs: those of a version (its number), those who entered in a period; None does not narrow."""

    version: int | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Cohort:
    """Who entered (without the control group), the control group, and each arm by its number."""

    treated: Group
    control: Group
    arms: Mapping[int, Group] = field(default_factory=dict[int, Group])


# The version a run stands in, or ended in: who was moved counts with the version that served her last.
_COHORT: Final = f"""
select coalesce(r.arm, 0), count(*), count(r.goal_at) from flow_run as r
join flow_stretch as t on t.id = r.stretch and t.tenant_id = %(tenant)s
join flow_version as v on v.id = t.version_id and v.tenant_id = %(tenant)s
where r.tenant_id = %(tenant)s and r.bucket = any(%(buckets)s::smallint[]) and r.flow_id = %(flow)s
  and (%(version)s::int is null or v.number = %(version)s) and (%(since)s::timestamptz is null or r.entered_at >= %(since)s)
  and (%(until)s::timestamptz is null or r.entered_at < %(until)s) and r.status <> {RunStatus.MERGED:d}
group by 1
"""
_PASSED: Final = """
select s.path[2 * i - 1], s.path[2 * i], sum(s.n)::bigint from flow_path_stat as s
join flow_stretch as t on t.id = s.stretch and t.tenant_id = %(tenant)s and t.flow_id = %(flow)s
join flow_version as v on v.id = t.version_id and v.tenant_id = %(tenant)s
cross join lateral generate_series(1, cardinality(s.path) / 2) as i
where s.tenant_id = %(tenant)s and s.bucket = any(%(buckets)s::smallint[]) and (%(version)s::int is null or v.number = %(version)s)
  and (%(since)s::timestamptz is null or s.hour >= date_trunc('hour', %(since)s::timestamptz))
  and (%(until)s::timestamptz is null or s.hour < %(until)s)
group by 1, 2
"""
_CONVERTED: Final = """
select c.block, c.arm, sum(c.n)::bigint from flow_conversion as c
join flow_version as v on v.id = c.version_id and v.tenant_id = %(tenant)s and v.flow_id = %(flow)s
where c.tenant_id = %(tenant)s and c.bucket = any(%(buckets)s::smallint[]) and (%(version)s::int is null or v.number = %(version)s)
  and (%(since)s::timestamptz is null or c.hour >= date_trunc('hour', %(since)s::timestamptz))
  and (%(until)s::timestamptz is null or c.hour < %(until)s)
group by 1, 2
"""


def params(tx: Tx, flow_id: UUID, which: Slice) -> dict[str, Any]:
    """What the statements of this module bind."""
    return {
        "tenant": tx.tenant_id,
        "buckets": EVERY_BUCKET,
        "flow": flow_id,
        "version": which.version,
        "since": which.since,
        "until": which.until,
    }


def cohort(tx: Tx, flow_id: UUID, which: Slice) -> Cohort:
    """Runs of a slice that the caller may see."""
    rows = tx.cursor(_COHORT, params(tx, flow_id, which)).fetchall()
    arms = {arm: Group(entered, converted) for arm, entered, converted in rows}
    control = arms.pop(HOLDOUT_ARM, Group(0, 0))
    treated = Group(sum(one.entered for one in arms.values()), sum(one.converted for one in arms.values()))
    arms.pop(0, None)
    return Cohort(treated, control, arms)


def passages(
    tx: Tx, flow_id: UUID, graph: Mapping[str, Any], kinds: KindRegistry, numbers: Mapping[str, int], which: Slice
) -> dict[str, BlockCount]:
    """How often each block was passed and by which ports."""
    ports = ports_of(graph, kinds)
    names = {int(number): (block, [name for name, _ in ports.get(block, ())]) for block, number in numbers.items()}
    rows = tx.cursor(_PASSED, params(tx, flow_id, which)).fetchall()
    return port_counts([(row[0], row[1], row[2]) for row in rows], names)


def conversions(tx: Tx, flow_id: UUID, which: Slice) -> dict[tuple[int, int], int]:
    """(block number, arm) -> runs that reached the goal after passing the block; block 0 counts the runs themselves."""
    return {(block, arm): n for block, arm, n in tx.cursor(_CONVERTED, params(tx, flow_id, which)).fetchall()}
