"""The route that answers "why did she (not) get it"."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, cast
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel

from tandem.access.http import Access, allowed
from tandem.access.shapes import Label
from tandem.flow import shapes as s
from tandem.flow import views
from tandem.flow.api import reading_customers, rooms_of
from tandem.flow.explain import runs, words
from tandem.flow.explain.values import closed_to, is_closed, part_out
from tandem.flow.explain.why import Past, Try, Why, why
from tandem.flow.palette import label_out
from tandem.flow.rehearsal.house import Rooms
from tandem.flow.rehearsal.parts import Effect
from tandem.flow.runs import RunStatus
from tandem.kernel.ids import bucket_of
from tandem.stream.customer.store import visible

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
    """Why a customer is, was, or never was in a flow. `bars`: what stands in her way now, whatever happens."""

    flow: s.NamedFlow
    flow_status: str
    customer: s.Who
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
    found = why(access.db, rooms, access.tenant_id, flow_id, customer_id)
    drawing = found.graph.stored()
    with reader.tx() as tx:
        ids = [run.id for run in found.runs]
        # Her runs may be in older versions, and a flow that was never published has its draft alone.
        hidden = closed_to(access.privacy, rooms.catalog, [*runs.drawn(tx, flow_id), *drawing["blocks"]]).fields
        got = runs.effects(tx, rooms, [bucket_of(customer_id)], ids, closed=hidden) if ids else []
    naming = views.Naming(drawing, rooms.kinds, found.flow.numbers)
    return _out(access, found, customer_id, naming, hidden, got)


def _out(
    access: Access, found: Why, customer: UUID, naming: views.Naming, hidden: frozenset[str], got: list[Effect]
) -> WhyOut:
    who: Mapping[UUID, s.Who] = views.names_of(access, [customer])
    return WhyOut(
        flow=s.NamedFlow(id=found.flow.id, name=found.flow.name),
        flow_status=found.flow.status,
        customer=who[customer],
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
