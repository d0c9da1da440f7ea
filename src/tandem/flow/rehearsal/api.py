"""Routes of trying a flow out: dry run and backtest of its draft."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, cast
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request

from tandem.access.http import Access, allowed
from tandem.access.paging import Cursor, Limit, Page, from_cursor, to_cursor
from tandem.access.shapes import Label as LabelOut
from tandem.catalog import Catalog
from tandem.flow import shapes as fs
from tandem.flow import views
from tandem.flow.api import reading_subject, rights, rooms_of
from tandem.flow.explain.named import FactNames
from tandem.flow.explain.values import Closed, close, closed_to, part_out
from tandem.flow.graph import Graph, parse_graph
from tandem.flow.rehearsal import backtest, dryrun
from tandem.flow.rehearsal import shapes as s
from tandem.flow.rehearsal.house import Rooms
from tandem.flow.rehearsal.pick import pick, pick_things
from tandem.flow.rehearsal.things import person
from tandem.flow.runs import RunStatus
from tandem.flow.service import get_flow
from tandem.flow.subjects import Home, entity_of, homes
from tandem.kernel.db import Tx
from tandem.kernel.errors import InvalidInput, NotFound
from tandem.kernel.ids import new_id
from tandem.kernel.jobs import Job
from tandem.stream.customer.store import known
from tandem.stream.things.catalogue import catalog_of

router = APIRouter(tags=["rehearsals"])

Reader = Annotated[Access, Depends(allowed("flow.read"))]
Writer = Annotated[Access, Depends(allowed("flow.write"))]


def _rooms(request: Request) -> Rooms:
    return cast("Rooms", rooms_of(request))


@router.post("/flows/{flow_id}/dry-run")
def dry_run(access: Writer, request: Request, flow_id: UUID, body: s.DryRun) -> s.DryRunOut:
    """Send a few people through the draft; nothing leaves and nothing stays. Needs the right to read customers."""
    rooms = _rooms(request)
    with access.tx() as tx:
        flow = get_flow(tx, flow_id)
        catalog = catalog_of(tx, rooms.catalog)
    graph = parse_graph(flow.draft)
    with reading_subject(access, catalog, graph.settings.subject).tx() as tx:
        who = _who(tx, rooms, catalog, graph, body)
    if not who:
        raise InvalidInput("nobody_to_try", "没有找到可以试跑的对象。", "Nobody and nothing was found to try it with.")
    trial = dryrun.Trial(who, body.start, body.at, body.days, body.answers, body.engagement)
    closed = closed_to(access.privacy, catalog, graph.stored()["blocks"])
    tried = dryrun.dry_run(
        access.db,
        rooms,
        access.tenant_id,
        flow_id,
        graph,
        flow.numbers,
        rights(access, request),
        trial,
        closed=closed.fields,
    )
    return _tried_out(access, rooms, catalog, graph, tried, closed)


def _who(tx: Tx, rooms: Rooms, catalog: Catalog, graph: Graph, body: s.DryRun) -> list[Home]:
    """The customers or things asked for, or some that fit. Raises NotFound for one that the caller may not see."""
    entity, salt = entity_of(catalog, graph.settings.subject), str(new_id())
    if entity is not None:
        wanted = body.subjects or pick_things(tx, rooms.kinds, graph, entity, body.pick, body.count, salt)
        found = homes(tx, entity, wanted)
        if body.subjects and len(found) != len(set(wanted)):
            raise NotFound("thing_not_found", "没有这个对象。", "There is no such thing.")
        return found
    who = body.customers or pick(tx, rooms.kinds, graph, body.pick, body.count, salt)
    if set(who) != known(tx, who):
        raise NotFound("customer_not_found", "没有这位客户。", "There is no such customer.")
    return [person(one) for one in dict.fromkeys(who)]


def _tried_out(
    access: Access, rooms: Rooms, catalog: Catalog, graph: Graph, tried: dryrun.Tried, closed: Closed
) -> s.DryRunOut:
    numbers = {one.id: one.number for one in tried.plan.blocks.values()}
    naming = views.Naming(graph.stored(), rooms.kinds, numbers)
    names = FactNames(catalog, graph.stored(), rooms.kinds)
    who = views.names_of(access, [one.customer_id for one in tried.passages if one.customer_id is not None])
    things = views.things_of(access, catalog, tried.passages)
    return s.DryRunOut(
        began=tried.began,
        ended=tried.ended,
        people=[_passage_out(naming, names, who, things, one, closed) for one in tried.passages],
    )


def _passage_out(
    naming: views.Naming,
    names: FactNames,
    who: Mapping[UUID, fs.Who],
    things: Mapping[UUID, fs.ThingOut],
    one: dryrun.Passage,
    closed: Closed,
) -> s.PassageOut:
    steps = [views.step_out(step, naming, names) for step in one.steps]
    for step in steps:
        close(step, closed, ways=naming.ways(step.block))
    return s.PassageOut(
        customer=None if one.customer_id is None else who.get(one.customer_id),
        thing=None if one.subject_id is None else things.get(one.subject_id),
        enters=one.status is not None and (one.entry is None or one.entry.holds),
        entry=None if one.entry is None else fs.ConditionOut.model_validate(part_out(one.entry, closed.fields)),
        event_type=None if one.event is None else one.event[0],
        event_at=None if one.event is None else one.event[1],
        status="refused" if one.status is None else RunStatus(one.status).name.lower(),
        arm=naming.arm(one.arm),
        block=one.block,
        block_label=None if one.block is None else naming.label(one.block),
        wake_at=one.wake_at,
        steps=steps,
        effects=[views.effect_out(effect, naming) for effect in one.effects],
    )


# -------------------------------------------------------------------------------------------------------- backtest


@router.post("/flows/{flow_id}/backtests", status_code=202)
def start_backtest(access: Writer, request: Request, flow_id: UUID, body: s.NewBacktest) -> s.BacktestOut:
    """Replay the last days through the draft in the background; nothing is sent. Counts are over all customers."""
    with access.tx() as tx:
        job = backtest.start(tx, flow_id, rights(access, request), days=body.days, share=body.share)
        return _backtest_out(backtest.read(tx, flow_id, job))


@router.get("/flows/{flow_id}/backtests")
def list_backtests(access: Reader, flow_id: UUID, cursor: Cursor = None, limit: Limit = 20) -> Page[s.BacktestOut]:
    """A flow's backtests, newest first."""
    before = UUID(str(from_cursor(cursor, 1)[0])) if cursor else None
    with access.tx() as tx:
        get_flow(tx, flow_id)
        rows = backtest.history(tx, flow_id, before=before, limit=limit + 1)
    return Page(
        items=[_backtest_out(row) for row in rows[:limit]],
        next=to_cursor(rows[limit - 1].id) if len(rows) > limit else None,
    )


@router.get("/flows/{flow_id}/backtests/{backtest_id}")
def read_backtest(access: Reader, flow_id: UUID, backtest_id: UUID) -> s.BacktestOut:
    """One backtest: how far it is, or what it found."""
    with access.tx() as tx:
        return _backtest_out(backtest.read(tx, flow_id, backtest_id))


@router.post("/flows/{flow_id}/backtests/{backtest_id}/cancel", status_code=202)
def cancel_backtest(access: Writer, flow_id: UUID, backtest_id: UUID) -> None:
    """Stop a backtest; nothing of it is left."""
    with access.tx() as tx:
        backtest.cancel(tx, flow_id, backtest_id)


@router.get("/flows/{flow_id}/backtests/{backtest_id}/people")
def list_backtest_people(
    access: Reader,
    request: Request,
    flow_id: UUID,
    backtest_id: UUID,
    mark: Annotated[str, Query(max_length=200)] = "entered",
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[s.BacktestPersonOut]:
    """Who is behind a number, from an even sample of at most 5,000 runs: `entered`, `converted`, `block:gift`, `port:way.east`,
    `inside:wait`, `message:hello:sent`, `coupon:gift:issued`.
    """
    after = UUID(str(from_cursor(cursor, 1)[0])) if cursor else None
    with access.tx() as tx:
        backtest.read(tx, flow_id, backtest_id)
        rows = backtest.people(tx, backtest_id, mark, after=after, limit=limit + 1)
        catalog = catalog_of(tx, _rooms(request).catalog)
    shown_rows = rows[:limit]
    who = views.names_of(access, [row.customer_id for row in shown_rows if row.customer_id is not None])
    things = views.things_of(access, catalog, shown_rows)
    return Page(
        items=[
            s.BacktestPersonOut(
                run_id=row.run_id,
                customer=None if row.customer_id is None else who.get(row.customer_id),
                thing=None if row.subject_id is None else things.get(row.subject_id),
                entered_at=row.entered_at,
            )
            for row in shown_rows
        ],
        next=to_cursor(shown_rows[-1].run_id) if len(rows) > limit else None,
    )


def _backtest_out(job: Job) -> s.BacktestOut:
    result: dict[str, Any] | None = job.result if job.state == "done" else None
    error = None if job.error is None else LabelOut(zh=job.error["zh"], en=job.error["en"])
    return s.BacktestOut(
        id=job.id,
        state=job.state,
        days=job.payload["days"],
        share=job.payload["share"],
        draft_etag=job.payload["draft_etag"],
        done=job.done,
        total=job.total,
        error=error,
        created_at=job.created_at,
        finished_at=job.finished_at,
        result=None if result is None else s.BacktestResult.model_validate(result),
    )
