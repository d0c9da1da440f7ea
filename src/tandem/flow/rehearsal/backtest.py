"""The backtest as durable work: filed, followed, cancelled; its answer is kept with the job, its people by customer for a month."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import Any, Final
from uuid import UUID

from tandem.access import audit
from tandem.flow.graph import parse_graph
from tandem.flow.ids import EVERY_BUCKET
from tandem.flow.rehearsal.house import Rooms
from tandem.flow.rehearsal.replay import Question, replay
from tandem.flow.rehearsal.report import Person
from tandem.flow.service import get_flow
from tandem.kernel.db import Tx
from tandem.kernel.errors import Conflict, NotFound
from tandem.kernel.jobs import Job, JobRun, cancel_job, file_job, get_job

JOB_KIND: Final = "flow.backtest"
TELL_SECONDS: Final = 0.5
KEPT_AT_ONCE: Final = 1000


def start(tx: Tx, flow_id: UUID, permissions: frozenset[str], *, days: int, share: float) -> UUID:
    """File a backtest of a flow's draft as it stands now. Raises NotFound, Conflict while one of this flow is under way."""
    flow = get_flow(tx, flow_id)
    going = [job for job in history(tx, flow_id, limit=5) if job.state in {"queued", "running"}]
    if going:
        raise Conflict(
            "backtest_running", "这个流程正在回测，请等它完成或先取消。", "A backtest of this flow is under way."
        )
    payload = {
        "flow_id": str(flow_id),
        "draft_etag": flow.draft_etag,
        "graph": flow.draft,
        "numbers": flow.numbers,
        "permissions": sorted(permissions),
        "days": days,
        "share": share,
    }
    job = file_job(tx, JOB_KIND, payload)
    audit.record(tx, "flow.backtested", "flow", flow_id, after={"days": days})
    return job


def history(tx: Tx, flow_id: UUID, *, before: UUID | None = None, limit: int) -> list[Job]:
    """A flow's backtests, newest first."""
    return tx.all(
        Job,
        "select id, kind, state, payload - 'graph' - 'permissions' - 'numbers' as payload, result, done, total, error, cancel_requested,"
        " created_by, created_at, finished_at from job where tenant_id = %(tenant)s and kind = %(kind)s and payload ->> 'flow_id' = %(flow)s"
        " and (%(before)s::uuid is null or id < %(before)s) order by id desc limit %(limit)s",
        {"tenant": tx.tenant_id, "kind": JOB_KIND, "flow": str(flow_id), "before": before, "limit": limit},
    )


def read(tx: Tx, flow_id: UUID, job_id: UUID) -> Job:
    """One backtest of a flow. Raises NotFound."""
    job = get_job(tx, job_id)
    if job.kind != JOB_KIND or job.payload.get("flow_id") != str(flow_id):
        raise NotFound("no_such_backtest", "没有这次回测。", "There is no such backtest.")
    return job


def cancel(tx: Tx, flow_id: UUID, job_id: UUID) -> None:
    """Ask a backtest to stop. Raises NotFound."""
    read(tx, flow_id, job_id)
    cancel_job(tx, job_id)
    audit.record(tx, "flow.backtest_cancelled", "flow", flow_id)


def handler(system: Callable[[], Rooms]) -> Callable[[JobRun], Mapping[str, Any]]:
    """The job's work. Interrupted, it is begun anew: nothing of the first attempt is left."""

    def run(job: JobRun) -> Mapping[str, Any]:
        asked = Question(
            flow_id=UUID(job.payload["flow_id"]),
            graph=parse_graph(job.payload["graph"]),
            numbers=job.payload["numbers"],
            permissions=frozenset(job.payload["permissions"]),
            days=int(job.payload["days"]),
            share=float(job.payload["share"]),
        )
        told_at = 0.0
        began = monotonic()

        def tell(done: int, total: int) -> None:
            nonlocal told_at
            if monotonic() - told_at >= TELL_SECONDS:
                told_at = monotonic()
                with job.tx() as tx:
                    job.report(tx, done, total=total)

        found = replay(job.db, system(), job.tenant_id, asked, tell)
        with job.tx() as tx:
            job.report(tx, 1, total=1)
            _keep(tx, job.id, found.people)
        return found.result | {"seconds": round(monotonic() - began, 1)}

    return run


def _keep(tx: Tx, job_id: UUID, people: Sequence[Person]) -> None:
    for first in range(0, len(people), KEPT_AT_ONCE):
        some = people[first : first + KEPT_AT_ONCE]
        tx.execute(
            "insert into backtest_person (bucket, tenant_id, job_id, run_id, customer_id, origin_id, subject_type, subject_id, entered_at, made_at, marks)"
            " select n.bucket, %(tenant)s, %(job)s, n.run_id, n.customer_id, n.customer_id, n.sort, n.thing, n.entered_at, %(now)s, string_to_array(n.marks, ' ')"
            " from unnest(%(b)s::smallint[], %(r)s::uuid[], %(c)s::uuid[], %(e)s::timestamptz[], %(m)s::text[],"
            " %(s)s::text[], %(t)s::uuid[]) as n(bucket, run_id, customer_id, entered_at, marks, sort, thing) on conflict do nothing",
            {
                "tenant": tx.tenant_id,
                "job": job_id,
                "now": tx.machine_now,
                "b": [one.bucket for one in some],
                "r": [one.run_id for one in some],
                "c": [one.customer_id for one in some],
                "e": [one.entered_at for one in some],
                "m": [" ".join(one.marks) for one in some],
                "s": [one.subject_type for one in some],
                "t": [one.subject_id for one in some],
            },
        )


@dataclass(frozen=True, slots=True)
class Counted:
    """Somebody behind a number of a backtest."""

    run_id: UUID
    customer_id: UUID | None
    subject_type: str | None
    subject_id: UUID | None
    entered_at: datetime
    marks: list[str]


def people(tx: Tx, job_id: UUID, mark: str, *, after: UUID | None, limit: int) -> list[Counted]:
    """Who counts under a number, as far as the sample and the caller's scope reach."""
    return tx.all(
        Counted,
        "select run_id, customer_id, subject_type, subject_id, entered_at, marks from backtest_person where tenant_id = %(tenant)s and bucket = any(%(buckets)s::smallint[])"
        " and job_id = %(job)s and %(mark)s = any(marks) and (%(after)s::uuid is null or run_id > %(after)s) order by run_id limit %(limit)s",
        {
            "tenant": tx.tenant_id,
            "buckets": EVERY_BUCKET,
            "job": job_id,
            "mark": mark,
            "after": after,
            "limit": limit,
        },
    )
