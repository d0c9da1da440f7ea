"""Everybody whom filters find, put on a list or taken off it: a job, page by page, each page in one short transaction of who asked.

So row-level security and the classes of data decide whom the job finds, as they do on the screen, and a cancel is heard between pages. A
page that is repeated after a crash changes nothing: who stands on the list already is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from tandem.access import audit
from tandem.access.audit import plain, seen_by
from tandem.kernel import jobs
from tandem.kernel.db import Scope, Tx
from tandem.kernel.errors import Conflict, NotFound
from tandem.kernel.jobs import Job, JobRun
from tandem.stream.customer import search
from tandem.stream.customer.search import Filters, Place
from tandem.stream.events import LANE_BULK
from tandem.stream.segment import lists, service
from tandem.stream.segment.service import SegmentLine

JOB_KIND: Final = "segment.entries"
PAGE_CUSTOMERS: Final = 2000
_TIMES: Final = frozenset({"last_order_from", "last_order_to"})
_NUMBERS: Final = frozenset({"spend_min", "spend_max"})


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be done: `listed` puts people on, else they are taken off. `privacy`: the classes that who asked may see."""

    segment: SegmentLine
    filters: Filters
    listed: bool
    privacy: frozenset[str]


def request(tx: Tx, asked: Asked) -> Job:
    """File the job. Raises InvalidInput for a region that cannot be read, Conflict while another one works on this list."""
    if asked.filters.region is not None:
        search.region_of(asked.filters.region)
    open_job = jobs.open_job(tx, JOB_KIND)
    if open_job is not None and open_job.payload["segment_id"] == str(asked.segment.id):
        raise Conflict(
            "list_busy",
            "这个名单正在批量调整，请等它完成。",
            "This list is being changed in bulk; wait for that to end.",
        )
    filters = {name: plain(value) for name, value in asdict(asked.filters).items() if value is not None}
    payload = {
        "segment_id": str(asked.segment.id),
        "name": asked.segment.name,
        "filters": filters,
        "listed": asked.listed,
        "user": str(tx.user_id),
        "scope": {"kind": tx.scope.kind, "store_ids": [str(one) for one in tx.scope.store_ids]},
        "privacy": sorted(asked.privacy),
    }
    # What was typed may be somebody's number: the trail says that there was something, the job forgets it at its end.
    told = {name: "***" if name == "q" else value for name, value in filters.items()}
    action = "segment.entries_added" if asked.listed else "segment.entries_removed"
    job = jobs.file_job(tx, JOB_KIND, payload, total=search.total(tx, asked.filters))
    audit.record(tx, action, "segment", asked.segment.id, None, {"name": asked.segment.name, "filters": told})
    return jobs.get_job(tx, job)


def progress(tx: Tx, job_id: UUID) -> Job:
    """How far a job is. Raises NotFound, also for somebody else's."""
    job = jobs.get_job(tx, job_id)
    if job.kind != JOB_KIND or job.created_by != tx.user_id:
        raise NotFound("no_such_job", "没有这个任务。", "There is no such job.")
    return job


def handler(run: JobRun) -> Mapping[str, Any]:
    """What the worker runs."""
    state: dict[str, Any] = {"after": None, "seen": 0, "changed": 0, **run.checkpoint}
    segment, filters = UUID(run.payload["segment_id"]), _filters(run.payload["filters"])
    while True:
        with seen_by(frozenset(run.payload["privacy"])), _asker(run) as tx:
            found = search.places(tx, filters, after=_place(state["after"]), limit=PAGE_CUSTOMERS)
            state["changed"] += _change(tx, run, segment, [one.id for one in found])
        state["seen"] += len(found)
        state["after"] = [found[-1].created_at.isoformat(), str(found[-1].id)] if found else None
        with run.tx() as tx:
            run.report(tx, state["seen"], checkpoint=state)
        if len(found) < PAGE_CUSTOMERS:
            return {"seen": state["seen"], "changed": state["changed"]}


def _asker(run: JobRun) -> Any:
    scope = run.payload["scope"]
    reach = Scope(scope["kind"], tuple(UUID(one) for one in scope["store_ids"]))
    return run.db.tx("web", tenant=run.tenant_id, user=UUID(run.payload["user"]), scope=reach)


def _change(tx: Tx, run: JobRun, segment: UUID, customers: list[UUID]) -> int:
    line = service.get(tx, segment)
    return (
        lists.file(tx, line.id, line.name, customers, listed=run.payload["listed"], lane=LANE_BULK) if customers else 0
    )


def _filters(kept: Mapping[str, str]) -> Filters:
    return Filters(**{name: _value(name, text) for name, text in kept.items()})


def _value(name: str, text: str) -> Any:
    if name.endswith("_id"):
        return UUID(text)
    if name in _TIMES:
        return datetime.fromisoformat(text)
    return Decimal(text) if name in _NUMBERS else text


def _place(after: list[str] | None) -> Place | None:
    return None if after is None else Place(datetime.fromisoformat(after[0]), UUID(after[1]))
