"""The route that answers "why did she (not) get it"."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, cast
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel

from tandem.access.http import Access, allowed
from tandem.access.shapes import Label
from tandem.flow import shapes as s
from tandem.flow import views
from tandem.flow.api import reading_customers, reading_subject, rooms_of
from tandem.flow.explain import runs, words
from tandem.flow.explain.values import closed_to, is_closed, part_out
from tandem.flow.explain.why import Past, Try, Why, about_another, why
from tandem.flow.palette import label_out
from tandem.flow.rehearsal.house import Rooms
from tandem.flow.rehearsal.parts import Effect
from tandem.flow.rehearsal.things import person
from tandem.flow.runs import RunStatus
from tandem.flow.subjects import CUSTOMER, Home, entity_of, homes
from tandem.kernel.errors import NotFound
from tandem.stream.customer.store import visible
from tandem.stream.things.catalogue import catalog_of

router = APIRouter(tags=["flows"])

Reader = Annotated[Access, Depends(allowed("flow.read"))]


class WhyRun(BaseModel):
    """A run of hers, with what she got or did not get by it and why."""

    id: UUID
    version: int
    status: str
    arm: str | None
    entered_at: datetime
    ended_at: datetime | None
    effects: list[s.EffectOut]


class WhyTry(BaseModel):
    """A moment at which she could have entered: `code` is stable, `reason` the sentence, `condition` with its values as of then."""

    block: str
    block_label: Label | None
    at: datetime | None
    event_type: str | None
    code: str
    reason: Label
    condition: s.ConditionOut | None
    run_id: UUID | None


class WhyOut(BaseModel):
    """Why a customer (or thing) is, was, or never was in a flow. `bars`: what stands in the way now, whatever happens."""

    flow: s.NamedFlow
    flow_status: str
    customer: s.Who | None
    thing: s.ThingOut | None = None
    runs: list[WhyRun]
    tries: list[WhyTry]
    bars: list[Label]


@router.get("/customers/{customer_id}/why/{flow_id}")
def read_why(access: Reader, request: Request, customer_id: UUID, flow_id: UUID) -> WhyOut:
    """Why did this customer (not) get what a flow gives: her runs, and every moment she could have entered at, judged as of then."""
    rooms = cast("Rooms", rooms_of(request))
    reader = reading_customers(access)
    with reader.tx() as tx:
        visible(tx, customer_id)
    return _answer(access, reader, rooms, flow_id, CUSTOMER, person(customer_id))


@router.get("/subjects/{subject}/{thing_id}/why/{flow_id}")
def read_why_of_thing(access: Reader, request: Request, subject: str, thing_id: UUID, flow_id: UUID) -> WhyOut:
    """Why did this thing (not) go through a flow about such things, judged as of then. What events do not tell is as of today."""
    rooms = cast("Rooms", rooms_of(request))
    with access.tx() as tx:
        catalog = catalog_of(tx, rooms.catalog)
    entity = entity_of(catalog, subject)
    if entity is None:
        raise about_another()
    reader = reading_subject(access, catalog, subject)
    with reader.tx() as tx:
        found = homes(tx, entity, [thing_id])
    if not found:
        raise NotFound("thing_not_found", "没有这个对象。", "There is no such thing.")
    return _answer(access, reader, rooms, flow_id, subject, found[0])


def _answer(access: Access, reader: Access, rooms: Rooms, flow_id: UUID, subject: str, who: Home) -> WhyOut:
    found = why(access.db, rooms, access.tenant_id, flow_id, subject, who)
    drawing = found.graph.stored()
    with reader.tx() as tx:
        ids = [run.id for run in found.runs]
        # Her runs may be in older versions, and a flow that was never published has its draft alone.
        catalog = catalog_of(tx, rooms.catalog)
        hidden = closed_to(access.privacy, catalog, [*runs.drawn(tx, flow_id), *drawing["blocks"]]).fields
        got = runs.effects(tx, rooms, [who.bucket], ids, closed=hidden) if ids else []
    naming = views.Naming(drawing, rooms.kinds, found.flow.numbers)
    out = _out(found, naming, hidden, got)
    if who.customer_id is not None:
        out.customer = views.names_of(access, [who.customer_id])[who.customer_id]
    if subject != CUSTOMER:
        out.thing = views.things_of(access, catalog, [_Thing(subject, who.id)]).get(who.id)
    return out


@dataclass(frozen=True, slots=True)
class _Thing:
    subject_type: str | None
    subject_id: UUID | None


def _out(found: Why, naming: views.Naming, hidden: frozenset[str], got: list[Effect]) -> WhyOut:
    return WhyOut(
        flow=s.NamedFlow(id=found.flow.id, name=found.flow.name),
        flow_status=found.flow.status,
        customer=None,
        runs=[_run(run, naming, [one for one in got if one.run_id == run.id]) for run in found.runs],
        tries=[_try(one, naming, hidden) for one in found.tries],
        bars=[label_out(one) for one in found.bars],
    )


def _run(run: Past, naming: views.Naming, got: list[Effect]) -> WhyRun:
    return WhyRun(
        id=run.id,
        version=run.version,
        status=RunStatus(run.status).name.lower(),
        arm=naming.arm(run.arm),
        entered_at=run.entered_at,
        ended_at=run.ended_at,
        effects=[views.effect_out(one, naming) for one in got],
    )


def _try(one: Try, naming: views.Naming, hidden: frozenset[str]) -> WhyTry:
    part = one.condition
    # That she entered is on her page; that she would have, or did not, would be the answer of a condition that is closed to the reader.
    is_told = one.run_id is not None or not is_closed(part, hidden)
    return WhyTry(
        block=one.block,
        block_label=naming.label(one.block),
        at=one.at,
        event_type=one.event_type,
        code=one.code if is_told else "hidden",
        reason=label_out(one.said if is_told else words.said("hidden")),
        condition=None if part is None else s.ConditionOut.model_validate(part_out(part, hidden)),
        run_id=one.run_id,
    )
