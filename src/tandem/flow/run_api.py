"""Routes of runs and human tasks: the people behind a number, one path with its reasons, and what a person decides."""

from __future__ import annotations

from typing import Annotated, Literal, cast
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request

from tandem.access.http import Access, allowed
from tandem.access.paging import Cursor, Limit, Page, from_cursor, to_cursor
from tandem.catalog import Catalog
from tandem.flow import asking, people, reading, service, views
from tandem.flow import shapes as s
from tandem.flow.api import rooms_of
from tandem.flow.explain import runs
from tandem.flow.explain.named import FactNames
from tandem.flow.explain.values import close, closed_to, part_out
from tandem.flow.plans import PlanShelf
from tandem.flow.rehearsal.house import Rooms
from tandem.kernel.db import Tx
from tandem.kernel.errors import Detail, InvalidInput
from tandem.stream.things.catalogue import catalog_of

router = APIRouter(tags=["flows"])

Reader = Annotated[Access, Depends(allowed("flow.read"))]
Writer = Annotated[Access, Depends(allowed("flow.write"))]
CustomerReader = Annotated[Access, Depends(allowed("customer.read"))]
TaskReader = Annotated[Access, Depends(allowed("task.read"))]
Decider = Annotated[Access, Depends(allowed("task.decide"))]


def catalog_at(access: Access, request: Request) -> Catalog:
    """The catalog with what the tenant itself has defined."""
    with access.tx() as tx:
        return catalog_of(tx, rooms_of(request).catalog)


def _after(cursor: str | None) -> UUID | None:
    """The run that ended the page before. Raises InvalidInput for a cursor we did not make."""
    if cursor is None:
        return None
    try:
        return UUID(str(from_cursor(cursor, 1)[0]))
    except ValueError as error:
        detail = Detail("cursor", "无法识别", "not recognised")
        raise InvalidInput("bad_cursor", "翻页标记无效。", "The cursor is not valid.", details=(detail,)) from error


def _naming(tx: Tx, request: Request, run: reading.RunRow) -> views.Naming:
    """What blocks are called in the version that a run is in."""
    version = service.get_version(tx, run.flow_id, run.version_id)
    numbers = service.numbers_of(tx, run.flow_id)
    return views.Naming(version.graph, rooms_of(request).kinds, numbers)


def namings(tx: Tx, request: Request, rows: list[reading.RunRow]) -> dict[UUID, views.Naming]:
    """What blocks are called in the versions of these runs."""
    naming: dict[UUID, views.Naming] = {}
    for row in rows:
        if row.version_id not in naming:
            naming[row.version_id] = _naming(tx, request, row)
    return naming


def lines(
    access: Access, request: Request, rows: list[reading.RunRow], naming: dict[UUID, views.Naming], limit: int
) -> Page[s.RunLine]:
    """A page of runs with the names of their customers and things."""
    shown = rows[:limit]
    who = views.names_of(access, [row.customer_id for row in shown])
    things = views.things_of(access, catalog_at(access, request), shown)
    return Page(
        items=[views.run_line(row, naming[row.version_id], who, things) for row in shown],
        next=to_cursor(shown[-1].id) if len(rows) > limit else None,
    )


@router.get("/flows/{flow_id}/people")
def list_people(
    access: Reader,
    request: Request,
    flow_id: UUID,
    block: Annotated[str, Query(max_length=40)],
    state: Literal["inside", "failed"] = "inside",
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[s.RunLine]:
    """Who stands at a block now, or failed there."""
    with access.tx() as tx:
        service.get_flow(tx, flow_id)
        rows = reading.people(tx, flow_id, block, failed=state == "failed", after=_after(cursor), limit=limit + 1)
        naming = namings(tx, request, rows[:limit])
    return lines(access, request, rows, naming, limit)


@router.get("/customers/{customer_id}/runs")
def list_runs_of_customer(
    access: CustomerReader, request: Request, customer_id: UUID, cursor: Cursor = None, limit: Limit = 50
) -> Page[s.RunLine]:
    """The flows a customer went through, newest first."""
    with access.tx() as tx:
        rows = reading.runs_of_customer(tx, customer_id, before=_after(cursor), limit=limit + 1)
        naming = namings(tx, request, rows[:limit])
    return lines(access, request, rows, naming, limit)


@router.get("/subjects/{subject}/{thing_id}/runs")
def list_runs_of_thing(
    access: Reader, request: Request, subject: str, thing_id: UUID, cursor: Cursor = None, limit: Limit = 50
) -> Page[s.RunLine]:
    """The flows that a thing (an order, a stock item, one of your own) went through, newest first."""
    with access.tx() as tx:
        rows = reading.runs_of_thing(tx, subject, thing_id, before=_after(cursor), limit=limit + 1)
        naming = namings(tx, request, rows[:limit])
    return lines(access, request, rows, naming, limit)


@router.get("/runs/{run_id}")
def read_run(access: Reader, request: Request, run_id: UUID) -> s.RunOut:
    """One run: every step, when, by which way, and the values it was decided from; what she got by it, in its words."""
    rooms = cast("Rooms", rooms_of(request))
    with access.tx() as tx:
        run = reading.get_run(tx, run_id)
        steps, naming = reading.steps(tx, run), _naming(tx, request, run)
        drawing = service.get_version(tx, run.flow_id, run.version_id).graph
        names = FactNames(catalog_of(tx, rooms.catalog), drawing, rooms.kinds)
        closed = closed_to(access.privacy, rooms.catalog, runs.drawn(tx, run.flow_id))
        got = runs.effects(tx, rooms, [run.bucket], [run.id], closed=closed.fields)
    told = [views.step_out(step, naming, names) for step in steps]
    for step in told:
        close(step, closed, ways=naming.ways(step.block))
    found = runs.entry(access.db, rooms, access.tenant_id, run)
    part = None if found[1] is None else s.ConditionOut.model_validate(part_out(found[1], closed.fields))
    who = views.names_of(access, [run.customer_id])
    things = views.things_of(access, catalog_at(access, request), [run])
    return views.run_out(run, told, naming, who, entry=(found[0], part), effects=got, things=things)


def _shelf(request: Request) -> PlanShelf:
    rooms = rooms_of(request)
    return PlanShelf(rooms.catalog, rooms.kinds)


@router.post("/runs/{run_id}/retry", status_code=204)
def retry_run(access: Writer, request: Request, run_id: UUID) -> None:
    """A failed run tries its block again."""
    with access.tx() as tx:
        people.retry(tx, _shelf(request), run_id)


@router.post("/runs/{run_id}/skip", status_code=204)
def skip_run(access: Writer, request: Request, run_id: UUID, body: s.Skip) -> None:
    """A failed run goes past its block."""
    with access.tx() as tx:
        people.skip(tx, _shelf(request), run_id, body.port)


@router.post("/flows/{flow_id}/retry-failed", status_code=202)
def retry_failed(access: Writer, flow_id: UUID) -> None:
    """Every failed run of the flow tries its block again, in the background."""
    with access.tx() as tx:
        service.mend_failed(tx, flow_id, "retry")


@router.post("/flows/{flow_id}/skip-failed", status_code=202)
def skip_failed(access: Writer, flow_id: UUID, body: s.Skip) -> None:
    """Every failed run of the flow goes past its block, in the background."""
    with access.tx() as tx:
        service.mend_failed(tx, flow_id, "skip", body.port)


@router.post("/flows/{flow_id}/send-on", status_code=202)
def send_on(access: Writer, request: Request, flow_id: UUID, body: s.SendOn) -> None:
    """Everybody who waits at a block goes on, in the background; where a person has to decide nobody does."""
    with access.tx() as tx:
        service.send_on(tx, rooms_of(request).kinds, flow_id, body.block, body.port)


@router.post("/flows/{flow_id}/enter", status_code=202)
def enter_flow(access: Writer, request: Request, flow_id: UUID, body: s.Entry) -> s.Entering:
    """Ask customers (or things, where it is about such) into a flow that starts by hand or by an API call; a key counts as a call."""
    with access.tx() as tx:
        asked = asking.ask_in(
            tx,
            flow_id,
            body.customers,
            body.subjects,
            block=body.block,
            data=body.data,
            catalog=catalog_of(tx, rooms_of(request).catalog),
        )
        return s.Entering(asked=asked)


@router.get("/tasks")
def list_tasks(
    access: TaskReader,
    request: Request,
    state: Literal["open", "done"] = "open",
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[s.TaskOut]:
    """Questions that wait for a person, the most urgent first; or answered ones, newest first."""
    keys = from_cursor(cursor, 2) if cursor else None
    after = (str(keys[0]), str(keys[1])) if keys else None
    with access.tx() as tx:
        rows = people.tasks(tx, is_open=state == "open", after=after, limit=limit + 1)
    shown = rows[:limit]
    who = views.names_of(access, [row.customer_id for row in shown])
    things = views.things_of(access, catalog_at(access, request), shown)
    return Page(
        items=[views.task_out(row, who, things) for row in shown],
        next=to_cursor(*people.task_key(shown[-1])) if len(rows) > limit else None,
    )


@router.post("/tasks/{task_id}/decide", status_code=204)
def decide_task(access: Decider, task_id: UUID, body: s.Decision) -> None:
    """Answer a task; the run goes on at once."""
    with access.tx() as tx:
        people.decide(tx, task_id, body.port, body.note, body.values)
