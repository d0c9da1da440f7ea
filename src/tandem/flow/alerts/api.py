"""Routes of steering: alerts with remedies, limits, failures by cause, heat, people behind numbers, suggestions."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal, cast
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, Field, StringConstraints

from tandem.access.http import Access, allowed
from tandem.access.paging import Cursor, Limit, Page, from_cursor, to_cursor
from tandem.access.shapes import Body, Label
from tandem.flow import reading, views
from tandem.flow import shapes as s
from tandem.flow.alerts import failures, limits, suggestions, watch
from tandem.flow.alerts import heat as standing
from tandem.flow.alerts.remedies import remedies
from tandem.flow.api import rooms_of
from tandem.flow.palette import label_out
from tandem.flow.run_api import lines, namings
from tandem.flow.runs import EVERY_FLOW, STRETCHES_BETWEEN
from tandem.flow.service import get_flow, published_graph
from tandem.kernel.errors import NotFound

router = APIRouter(tags=["flows"])

Reader = Annotated[Access, Depends(allowed("flow.read"))]
Writer = Annotated[Access, Depends(allowed("flow.write"))]
Publisher = Annotated[Access, Depends(allowed("flow.publish"))]
Text = Annotated[str, StringConstraints(max_length=2000)]
BlockName = Annotated[str, StringConstraints(max_length=40)]


class RemedyOut(BaseModel):
    """Something to do about an alert: `action` says what, `label` as a button reads it."""

    action: Literal[
        "pause",
        "resume",
        "stop",
        "retry",
        "skip",
        "people",
        "limits",
        "failures",
        "workers",
        "edit",
        "send_on",
        "merges",
    ]
    label: Label


class FlowAlertOut(BaseModel):
    """An early warning. `paused`: the flow was paused because of it."""

    id: UUID
    flow: s.NamedFlow
    flow_status: str
    kind: str
    block: str
    block_label: Label | None
    said: Label
    at: datetime
    seen_at: datetime
    n: int
    detail: dict[str, Any]
    paused: bool
    closed_at: datetime | None
    remedies: list[RemedyOut]


class LimitsIn(Body):
    """Limits of a flow, or of all flows; null is what holds without."""

    runs_per_hour: int | None = Field(default=None, ge=1, le=2_000_000_000)
    runs_inside: int | None = Field(default=None, ge=1, le=2_000_000_000)
    effects_per_minute: int | None = Field(default=None, ge=1, le=2_000_000_000)
    cost_per_day: Decimal | None = Field(default=None, ge=0, le=1_000_000_000_000)
    stuck_hours: int | None = Field(default=None, ge=1, le=24 * 365)
    steps_per_run: int | None = Field(default=None, ge=STRETCHES_BETWEEN[0], le=STRETCHES_BETWEEN[1])


class LimitsOut(BaseModel):
    """What somebody has set (`own`), and what holds."""

    own: LimitsIn
    effective: LimitsIn


class CauseOut(BaseModel):
    """Runs that failed at a block for one reason."""

    block: str
    block_label: Label | None
    ports: list[s.PortOut]
    reason: str
    n: int
    first_at: datetime
    last_at: datetime


class CausesOut(BaseModel):
    """Failed runs by cause, the most frequent first; at most 100 causes."""

    causes: list[CauseOut]


class Mend(Body):
    """Which cause, and what to do about it; `port`: by which a skipped run goes on."""

    block: BlockName
    reason: Text
    how: Literal["retry", "skip"]
    port: int = Field(default=0, ge=0, le=60)


class HeatOut(BaseModel):
    """A block at which people stand."""

    block: str
    block_label: Label | None
    inside: int
    failed: int
    held: int
    overdue: int
    oldest_at: datetime
    median_hours: float
    longest_hours: float


class HeatsOut(BaseModel):
    """Every block at which somebody stands, where the longest has stood first."""

    blocks: list[HeatOut]


class SuggestionOut(BaseModel):
    """What to add where people are lost."""

    key: str
    block: str
    block_label: Label | None
    port: str
    kind: str
    title: Label
    reason: Label
    passed: int
    share: float


class SuggestionsOut(BaseModel):
    """What the drop-off suggests, the largest leak first."""

    suggestions: list[SuggestionOut]


class DraftIn(Body):
    """The draft's etag as it was read."""

    etag: int


class DraftedOut(BaseModel):
    """The draft's new etag, and the block that was put in."""

    etag: int
    block: str


def _after(cursor: str | None) -> UUID | None:
    return UUID(str(from_cursor(cursor, 1)[0])) if cursor else None


@router.get("/flow-alerts")
def list_alerts(
    access: Reader,
    request: Request,
    flow_id: UUID | None = None,
    state: Literal["open", "closed"] = "open",
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[FlowAlertOut]:
    """Early warnings, newest first, each with what can be done."""
    with access.tx() as tx:
        rows = watch.alerts(tx, flow_id=flow_id, is_open=state == "open", before=_after(cursor), limit=limit + 1)
        drawn = watch.drawings(tx, {one.flow_id for one in rows[:limit] if one.block})
    kinds = rooms_of(request).kinds
    naming = {one.id: views.Naming(one.graph, kinds, one.numbers) for one in drawn}
    return Page(
        items=[_alert(one, naming.get(one.flow_id)) for one in rows[:limit]],
        next=to_cursor(rows[limit - 1].id) if len(rows) > limit else None,
    )


def _alert(one: watch.Alert, naming: views.Naming | None) -> FlowAlertOut:
    said, offered = remedies(one)
    return FlowAlertOut(
        id=one.id,
        flow=s.NamedFlow(id=one.flow_id, name=one.flow_name),
        flow_status=one.flow_status,
        kind=one.kind,
        block=one.block,
        block_label=None if naming is None else naming.label(one.block),
        said=label_out(said),
        at=one.at,
        seen_at=one.seen_at,
        n=one.n,
        detail=one.detail,
        paused=one.paused,
        closed_at=one.closed_at,
        remedies=[RemedyOut(action=action, label=label_out(label)) for action, label in offered],
    )


@router.post("/flow-alerts/{alert_id}/close", status_code=204)
def close_alert(access: Writer, alert_id: UUID) -> None:
    """Somebody has looked."""
    with access.tx() as tx:
        if not watch.close(tx, alert_id):
            raise NotFound("no_such_alert", "没有这条预警，或已经关闭。", "There is no such alert, or it is closed.")


@router.get("/flows/{flow_id}/limits")
def read_limits(access: Reader, flow_id: UUID) -> LimitsOut:
    """What the flow may not exceed."""
    with access.tx() as tx:
        get_flow(tx, flow_id)
        mine, every = limits.own(tx, flow_id), limits.own(tx, EVERY_FLOW)
    return _limits(mine, limits.effective(mine, every))


@router.get("/flow-alerts/limits")
def read_limits_of_all(access: Reader) -> LimitsOut:
    """What no flow may exceed that has no limits of its own."""
    with access.tx() as tx:
        every = limits.own(tx, EVERY_FLOW)
    return _limits(every, limits.effective(limits.Limits(), every))


@router.put("/flow-alerts/limits", status_code=204)
def set_limits_of_all(access: Publisher, body: LimitsIn) -> None:
    """Set the limits of all flows that have none of their own."""
    with access.tx() as tx:
        limits.decide(tx, EVERY_FLOW, limits.Limits(**body.model_dump()))


def _limits(own: limits.Limits, effective: limits.Limits) -> LimitsOut:
    return LimitsOut(
        own=LimitsIn.model_validate(own, from_attributes=True),
        effective=LimitsIn.model_validate(effective, from_attributes=True),
    )


@router.put("/flows/{flow_id}/limits", status_code=204)
def set_limits(access: Publisher, flow_id: UUID, body: LimitsIn) -> None:
    """Set the flow's limits."""
    with access.tx() as tx:
        # The id that stands for all flows is none of a flow.
        get_flow(tx, flow_id)
        limits.decide(tx, flow_id, limits.Limits(**body.model_dump()))


@router.get("/flows/{flow_id}/failures")
def list_causes(access: Reader, request: Request, flow_id: UUID) -> CausesOut:
    """Why runs of the flow stand still as failed."""
    rooms = rooms_of(request)
    with access.tx() as tx:
        flow = get_flow(tx, flow_id)
        graph, rows = published_graph(tx, flow), failures.causes(tx, flow_id)
    naming, ports = views.Naming(graph, rooms.kinds, flow.numbers), reading.ports_of(graph, rooms.kinds)
    return CausesOut(
        causes=[
            CauseOut(
                block=one.block,
                block_label=naming.label(one.block),
                ports=[s.PortOut(name=name, label=label_out(label)) for name, label in ports.get(one.block, ())],
                reason=one.reason,
                n=one.n,
                first_at=one.first_at,
                last_at=one.last_at,
            )
            for one in rows
        ]
    )


@router.post("/flows/{flow_id}/failures/mend", status_code=202)
def mend_cause(access: Writer, flow_id: UUID, body: Mend) -> None:
    """Every run that failed for this cause tries again or goes past the block, in the background."""
    with access.tx() as tx:
        failures.mend(tx, flow_id, body.block, body.reason, body.how, body.port)


@router.get("/flows/{flow_id}/heat")
def read_heat(access: Reader, request: Request, flow_id: UUID) -> HeatsOut:
    """Where people stand, and for how long."""
    rooms = rooms_of(request)
    with access.tx() as tx:
        flow = get_flow(tx, flow_id)
        naming = views.Naming(published_graph(tx, flow), rooms.kinds, flow.numbers)
        rows = standing.heat(tx, flow_id)
    return HeatsOut(
        blocks=[
            HeatOut(
                block=one.block,
                block_label=naming.label(one.block),
                inside=one.inside,
                failed=one.failed,
                held=one.held,
                overdue=one.overdue,
                oldest_at=one.oldest_at,
                median_hours=round(one.median_hours, 1),
                longest_hours=round(one.longest_hours, 1),
            )
            for one in rows
        ]
    )


@router.get("/flows/{flow_id}/counted")
def list_counted(
    access: Reader,
    request: Request,
    flow_id: UUID,
    what: Literal["entered", "converted", "control", "left", "passed"] = "entered",
    block: Annotated[str | None, Query(max_length=40)] = None,
    port: Annotated[str | None, Query(max_length=60)] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[s.RunLine]:
    """Who is behind a number: all that entered, converted, the control group, or who passed a block (by a port) within 90 days."""
    rooms = rooms_of(request)
    with access.tx() as tx:
        flow = get_flow(tx, flow_id)
        if what == "passed":
            ports = [name for name, _ in reading.ports_of(published_graph(tx, flow), rooms.kinds).get(block or "", ())]
            if block not in flow.numbers or (port is not None and port not in ports):
                raise NotFound("no_such_block", "流程里没有这个环节或出口。", "The flow has no such block or way out.")
            number, index = int(flow.numbers[block]), None if port is None else ports.index(port)
            rows = standing.passed(tx, flow_id, number, index, after=_after(cursor), limit=limit + 1)
        else:
            rows = standing.chosen(tx, flow_id, what, after=_after(cursor), limit=limit + 1)
        naming = namings(tx, request, rows[:limit])
    return lines(access, request, rows, naming, limit)


@router.get("/flows/{flow_id}/suggestions")
def list_suggestions(access: Reader, request: Request, flow_id: UUID) -> SuggestionsOut:
    """What to add where many drop out."""
    found, naming = _suggestions(access, request, flow_id)
    return SuggestionsOut(
        suggestions=[
            SuggestionOut(
                key=one.key,
                block=one.block,
                block_label=naming.label(one.block),
                port=one.port,
                kind=one.kind,
                title=label_out(one.title),
                reason=label_out(one.reason),
                passed=one.passed,
                share=one.share,
            )
            for one in found
        ]
    )


@router.post("/flows/{flow_id}/suggestions/{key}/draft")
def draft_suggestion(
    access: Writer,
    request: Request,
    flow_id: UUID,
    key: Annotated[str, StringConstraints(max_length=120)],
    body: DraftIn,
) -> DraftedOut:
    """Draw a suggestion into the draft; refused when somebody has saved since `etag`. Nothing is published."""
    found, _ = _suggestions(access, request, flow_id)
    one = next((one for one in found if one.key == key), None)
    if one is None:
        raise NotFound("no_such_suggestion", "没有这条建议。", "There is no such suggestion.")
    with access.tx() as tx:
        etag, block = suggestions.draft(tx, rooms_of(request).kinds, flow_id, one, body.etag)
    return DraftedOut(etag=etag, block=block)


def _suggestions(access: Access, request: Request, flow_id: UUID) -> tuple[list[suggestions.Suggestion], views.Naming]:
    rooms = cast("Any", rooms_of(request))
    with access.tx() as tx:
        flow = get_flow(tx, flow_id)
        graph = published_graph(tx, flow)
        counts = reading.block_counts(tx, flow, graph, rooms.kinds)
        found = suggestions.suggestions(tx, rooms.kinds, flow, graph, counts)
    return found, views.Naming(graph, rooms.kinds, flow.numbers)
