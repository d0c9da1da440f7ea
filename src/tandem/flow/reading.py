"""Looking at flows: counts, statistics, the people behind a number, one run's steps. Nothing here changes anything."""

from __future__ import annotations

import operator
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from tandem.catalog.label import Label
from tandem.flow import mishap
from tandem.flow.ids import EVERY_BUCKET
from tandem.flow.kin import BRANCH
from tandem.flow.module import KindRegistry
from tandem.flow.nested import folded
from tandem.flow.outlets import above, ports_of, splits_of
from tandem.flow.results import ArmCount, BlockCount, port_counts
from tandem.flow.runs import HOLDOUT_ARM, INSIDE, RunStatus, arm_number
from tandem.flow.service import FlowDraft
from tandem.kernel.db import Tx
from tandem.kernel.errors import NotFound
from tandem.kernel.ids import bucket_of

_INSIDE = [int(one) for one in INSIDE]


@dataclass(frozen=True, slots=True)
class Counts:
    """One flow's runs: all that entered, and how they stand. The control group is not among them."""

    flow_id: UUID
    entered: int
    active: int
    done: int
    failed: int
    converted: int


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run as lists show it. `status` is a `RunStatus`."""

    id: UUID
    bucket: int
    flow_id: UUID
    flow_name: str
    version_id: UUID
    version_number: int
    customer_id: UUID | None
    subject_type: str | None
    subject_id: UUID | None
    """The thing it is about; None for a run about its customer."""
    block: str
    status: int
    arm: int | None
    entered_at: datetime
    ended_at: datetime | None
    wake_at: datetime | None
    goal_at: datetime | None
    reason: str | None
    since: datetime | None


@dataclass(frozen=True, slots=True)
class StepRow:
    """One block that a run passed. `port` below zero is a `Leaving`."""

    at: datetime
    block: int
    port: int
    facts: dict[str, Any] | None


def counts(tx: Tx, flow_ids: Sequence[UUID]) -> dict[UUID, Counts]:
    """Counts of these flows over the runs the caller may see."""
    if not flow_ids:
        return {}
    rows = tx.all(
        Counts,
        "select flow_id, count(*) as entered, count(*) filter (where status = any(%(inside)s::smallint[])) as active,"
        f" count(*) filter (where status in ({RunStatus.DONE:d}, {RunStatus.LEFT:d}, {RunStatus.MERGED:d})) as done,"
        f" count(*) filter (where status = {RunStatus.FAILED:d}) as failed, count(goal_at) as converted"
        " from flow_run where tenant_id = %(tenant)s and bucket = any(%(buckets)s::smallint[]) and flow_id = any(%(flows)s)"
        f" and status <> {RunStatus.HOLDOUT:d} and kin is distinct from {BRANCH} group by flow_id",
        {"tenant": tx.tenant_id, "buckets": EVERY_BUCKET, "flows": list(flow_ids), "inside": _INSIDE},
    )
    return {row.flow_id: row for row in rows}


def block_counts(tx: Tx, flow: FlowDraft, graph: Mapping[str, Any], kinds: KindRegistry) -> dict[str, BlockCount]:
    """Counts per block over all versions of the flow: a block keeps its identity from version to version."""
    params = {"tenant": tx.tenant_id, "buckets": EVERY_BUCKET, "flow": flow.id, "inside": _INSIDE}
    passed = tx.cursor(
        "select s.path[2 * i - 1], s.path[2 * i], sum(s.n)::bigint from flow_path_stat s"
        " join flow_stretch t on t.id = s.stretch and t.tenant_id = %(tenant)s and t.flow_id = %(flow)s"
        " cross join lateral generate_series(1, cardinality(s.path) / 2) i"
        " where s.tenant_id = %(tenant)s and s.bucket = any(%(buckets)s::smallint[]) group by 1, 2",
        params,
    ).fetchall()
    ports = ports_of(graph, kinds)
    names = {int(number): (block, [name for name, _ in ports.get(block, ())]) for block, number in flow.numbers.items()}
    found = port_counts([(row[0], row[1], row[2]) for row in passed], names)
    standing = tx.cursor(
        f"select t.block, count(*), count(*) filter (where r.status = {RunStatus.FAILED:d}) from flow_run r"
        " join flow_stretch t on t.id = r.stretch and t.tenant_id = %(tenant)s"
        " where r.tenant_id = %(tenant)s and r.bucket = any(%(buckets)s::smallint[]) and r.flow_id = %(flow)s"
        " and r.status = any(%(inside)s::smallint[]) group by t.block",
        params,
    ).fetchall()
    for block, inside, failed in standing:
        count = found.setdefault(block, BlockCount())
        count.entered += inside
        count.inside = inside - failed
        count.failed = failed
    for one in mishap.counts(tx, flow.id):
        count = found.setdefault(one.block, BlockCount())
        count.failed += one.n
        # Sent it is not: the port by which it left promised too much. One of its own for failures promised nothing.
        if one.port in count.ports and one.port != "failed":
            count.ports[one.port] = max(0, count.ports[one.port] - one.n)
    return found


def arm_counts(
    tx: Tx, flow: FlowDraft, graph: Mapping[str, Any], kinds: KindRegistry, blocks: Mapping[str, BlockCount]
) -> list[ArmCount]:
    """Every arm of the flow's splits with its conversions, and the control group when there is one."""
    ports = ports_of(graph, kinds)
    converted: dict[int, int] = dict(
        tx.cursor(
            "select c.arm, sum(c.n)::bigint from flow_conversion c join flow_version v on v.id = c.version_id and v.tenant_id = %(tenant)s"
            " where c.tenant_id = %(tenant)s and c.bucket = any(%(buckets)s::smallint[]) and v.flow_id = %(flow)s and c.block = 0"
            " group by c.arm",
            {"tenant": tx.tenant_id, "buckets": EVERY_BUCKET, "flow": flow.id},
        ).fetchall()
    )
    converted = folded(converted, above(graph, kinds, flow.numbers, ports), operator.add)
    found: list[ArmCount] = []
    for block in splits_of(graph, kinds):
        number = int(flow.numbers.get(block["id"], 0))
        for index, (name, label) in enumerate(ports.get(block["id"], ())):
            entered = blocks.get(block["id"], BlockCount()).ports.get(name, 0)
            found.append(ArmCount(f"{block['id']}.{name}", label, entered, converted.get(arm_number(number, index), 0)))
    held_out = _held_out(tx, flow.id)
    if held_out:
        found.append(ArmCount("holdout", Label("对照组", "Control group"), held_out, converted.get(HOLDOUT_ARM, 0)))
    return found


def _held_out(tx: Tx, flow_id: UUID) -> int:
    return int(
        tx.value(
            "select count(*) from flow_run where tenant_id = %(tenant)s and bucket = any(%(buckets)s::smallint[])"
            f" and flow_id = %(flow)s and (status = {RunStatus.HOLDOUT:d} or arm = {HOLDOUT_ARM})",
            {"tenant": tx.tenant_id, "buckets": EVERY_BUCKET, "flow": flow_id},
        )
    )


_RUN = """
select r.id, r.bucket, r.flow_id, f.name as flow_name, t.version_id, v.number as version_number, r.customer_id, r.subject_type, r.subject_id, t.block, r.status, r.arm,
       r.entered_at, r.ended_at, r.wake_at, r.goal_at, p.reason, coalesce(p.at, l.at, r.entered_at) as since
from flow_run r
join flow_stretch t on t.id = r.stretch and t.tenant_id = %(tenant)s
join flow_version v on v.id = t.version_id and v.tenant_id = %(tenant)s
join flow f on f.id = r.flow_id and f.tenant_id = %(tenant)s
left join flow_parked p on p.bucket = r.bucket and p.run_id = r.id and p.tenant_id = %(tenant)s
left join lateral (select max(s.at) as at from flow_step_log s
  where s.bucket = r.bucket and s.run_id = r.id and s.tenant_id = %(tenant)s and s.at >= r.entered_at) l on true
where r.tenant_id = %(tenant)s and r.bucket = any(%(buckets)s::smallint[])
"""


def people(tx: Tx, flow_id: UUID, block: str, *, failed: bool, after: UUID | None, limit: int) -> list[RunRow]:
    """Runs that stand at a block now, by id; or those that failed there, and those of which something it began came to nothing."""
    if failed:
        return _failed(tx, flow_id, block, after, limit)
    return tx.all(
        RunRow,
        _RUN + " and r.flow_id = %(flow)s and t.block = %(block)s and r.status = any(%(statuses)s::smallint[])"
        " and (%(after)s::uuid is null or r.id > %(after)s) order by r.id limit %(limit)s",
        {
            "tenant": tx.tenant_id,
            "buckets": EVERY_BUCKET,
            "flow": flow_id,
            "block": block,
            "statuses": [int(RunStatus.ACTIVE), int(RunStatus.HELD)],
            "after": after,
            "limit": limit,
        },
    )


# The last thing that went wrong with each run there; first found by the small tables of what went wrong, never by all runs of the flow.
_WRONG = """
select distinct on (w.run_id) w.run_id, w.reason, w.at from (
  select p.run_id, p.reason, p.at from flow_parked p
  where p.tenant_id = %(tenant)s and p.bucket = any(%(buckets)s::smallint[]) and p.flow_id = %(flow)s and p.block = %(block)s and p.kind = 'failed'
  union all
  select m.run_id, m.reason, m.at from flow_mishap m
  where m.tenant_id = %(tenant)s and m.bucket = any(%(buckets)s::smallint[]) and m.flow_id = %(flow)s and m.block = %(block)s) w
where %(after)s::uuid is null or w.run_id > %(after)s
order by w.run_id, w.at desc limit %(limit)s
"""


def _failed(tx: Tx, flow_id: UUID, block: str, after: UUID | None, limit: int) -> list[RunRow]:
    params = {"tenant": tx.tenant_id, "buckets": EVERY_BUCKET, "flow": flow_id, "block": block}
    wrong = {
        run: (reason, at) for run, reason, at in tx.cursor(_WRONG, params | {"after": after, "limit": limit}).fetchall()
    }
    rows = tx.all(RunRow, _RUN + " and r.id = any(%(runs)s::uuid[]) order by r.id", params | {"runs": list(wrong)})
    return [replace(row, reason=wrong[row.id][0], since=wrong[row.id][1]) for row in rows]


def runs_of_customer(tx: Tx, customer_id: UUID, *, before: UUID | None, limit: int) -> list[RunRow]:
    """A customer's runs, newest first. The control group stays silent: it must not look like treatment."""
    return tx.all(
        RunRow,
        _RUN + f" and r.customer_id = %(customer)s and r.status <> {RunStatus.HOLDOUT:d}"
        " and (%(before)s::uuid is null or r.id < %(before)s) order by r.id desc limit %(limit)s",
        {
            "tenant": tx.tenant_id,
            "buckets": [bucket_of(customer_id)],
            "customer": customer_id,
            "before": before,
            "limit": limit,
        },
    )


def runs_of_thing(tx: Tx, subject: str, thing: UUID, *, before: UUID | None, limit: int) -> list[RunRow]:
    """The runs about a thing, newest first, wherever it lives: an order's runs are in its customer's bucket."""
    return tx.all(
        RunRow,
        _RUN + f" and r.subject_id = %(thing)s and r.subject_type = %(subject)s and r.status <> {RunStatus.HOLDOUT:d}"
        " and (%(before)s::uuid is null or r.id < %(before)s) order by r.id desc limit %(limit)s",
        {
            "tenant": tx.tenant_id,
            "buckets": EVERY_BUCKET,
            "subject": subject,
            "thing": thing,
            "before": before,
            "limit": limit,
        },
    )


def runs(tx: Tx, ids: Sequence[UUID]) -> list[RunRow]:
    """These runs, by id, as far as the caller may see them."""
    params = {"tenant": tx.tenant_id, "buckets": EVERY_BUCKET, "runs": list(ids)}
    return tx.all(RunRow, _RUN + " and r.id = any(%(runs)s::uuid[]) order by r.id", params) if ids else []


def get_run(tx: Tx, run_id: UUID) -> RunRow:
    """One run. Raises NotFound."""
    found = tx.maybe(
        RunRow, _RUN + " and r.id = %(run)s", {"tenant": tx.tenant_id, "buckets": EVERY_BUCKET, "run": run_id}
    )
    if found is None:
        raise NotFound("run_missing", "没有这次流程经过。", "There is no such run.")
    return found


def steps(tx: Tx, run: RunRow) -> list[StepRow]:
    """The blocks a run has passed, in order."""
    return tx.all(
        StepRow,
        "select s.at, s.block, s.port, s.facts from flow_step s where s.tenant_id = %(tenant)s and s.bucket = %(bucket)s and s.run_id = %(run)s"
        " and s.at >= %(since)s order by s.at, s.visit, s.position",
        {"tenant": tx.tenant_id, "bucket": run.bucket, "run": run.id, "since": run.entered_at},
    )
