"""Routes of flows: drawing, checking, publishing, watching."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Annotated, Any, cast
from uuid import UUID

from fastapi import APIRouter, Depends, Request

from tandem.access.http import Access, allowed, forbidden
from tandem.access.paging import Cursor, Limit, LongLimit, Page, from_cursor, page_in_memory, page_of
from tandem.access.permissions import narrower
from tandem.access.privacy import PRIVACY_NAMES
from tandem.catalog import Catalog
from tandem.flow import preview, reading, service, views
from tandem.flow import shapes as s
from tandem.flow.checks import Placed
from tandem.flow.graph import graph_schema, parse_graph
from tandem.flow.life import approval, variants
from tandem.flow.palette import label_out, palette
from tandem.flow.subjects import entity_of
from tandem.kernel.db import Scope, Tx

router = APIRouter(tags=["flows"])

Reader = Annotated[Access, Depends(allowed("flow.read"))]
Writer = Annotated[Access, Depends(allowed("flow.write"))]
Publisher = Annotated[Access, Depends(allowed("flow.publish"))]


def provider(system: Callable[[], service.FlowRooms]) -> Callable[[Request], None]:
    """A dependency that puts the assembled system on each request, since no room imports the assembly."""

    def provide(request: Request) -> None:
        request.state.flow_rooms = system()

    return provide


def rooms_of(request: Request) -> service.FlowRooms:
    """The assembled system of the application that serves this request."""
    return cast("service.FlowRooms", request.state.flow_rooms)


def _line(tx: Tx, flow: service.FlowDraft) -> dict[str, Any]:
    return views.flow_line(flow, reading.counts(tx, [flow.id]).get(flow.id))


def flow_out(tx: Tx, flow_id: UUID) -> s.FlowOut:
    flow = service.get_flow(tx, flow_id)
    waiting = next(iter(approval.open_approvals(tx, flow_id)), None)
    decided = approval.verdict(tx, flow_id) if waiting is None else None
    coming = [one for one in variants.variants(tx, flow_id) if one.state in {"planned", "running"}]
    return s.FlowOut(
        **_line(tx, flow),
        etag=flow.draft_etag,
        draft=flow.draft,
        approval=None if waiting is None else approval_out(waiting),
        verdict=None if decided is None else approval_out(decided),
        variant=None if not coming else variant_out(coming[-1]),
    )


def approval_out(one: approval.Approval) -> s.ApprovalOut:
    """A request as JSON."""
    return s.ApprovalOut.model_validate(one, from_attributes=True)


def variant_out(one: variants.Variant) -> s.VariantOut:
    """A variant as JSON."""
    return s.VariantOut.model_validate(one, from_attributes=True)


def seeing_all(access: Access) -> Access:
    """The same caller over every customer: what publishing means is counted over all, since it concerns all."""
    return replace(access, scope=Scope.all())


def reading_customers(access: Access) -> Access:
    """The same caller as far as they may also read customers. Raises Forbidden where they may not at all."""
    reader = access.narrowed("customer.read")
    if reader is None:
        raise forbidden("customer.read")
    return replace(access, scope=narrower(access.scope, reader.scope))


def reading_subject(access: Access, catalog: Catalog, subject: str) -> Access:
    """The same caller as far as they may also read what a flow is about, and its customers where it has any. Raises Forbidden."""
    entity = entity_of(catalog, subject)
    if entity is None or entity.subject is None:
        return reading_customers(access)
    reader = access.narrowed(entity.subject.permission)
    if reader is None:
        raise forbidden(entity.subject.permission)
    narrowed = replace(access, scope=narrower(access.scope, reader.scope))
    return reading_customers(narrowed) if entity.subject.customer else narrowed


@router.get("/flows")
def list_flows(access: Reader, cursor: Cursor = None, limit: Limit = 50) -> Page[s.FlowLine]:
    """Flows, the last changed first."""
    after = from_cursor(cursor, 2) if cursor else None
    with access.tx() as tx:
        rows = service.list_flows(tx, after=after, limit=limit + 1)
        shown, following = page_of(rows, limit, "updated_at", "id")
        counts = reading.counts(tx, [flow.id for flow in shown])
    return Page(
        items=[s.FlowLine(**views.flow_line(flow, counts.get(flow.id))) for flow in shown],
        next=following,
    )


@router.post("/flows", status_code=201)
def create_flow(access: Writer, body: s.NewFlow) -> s.FlowOut:
    """Make a flow; nobody enters before it is published."""
    graph = None if body.graph is None else parse_graph(body.graph)
    with access.tx() as tx:
        return flow_out(tx, service.create_flow(tx, body.name, graph, body.note))


@router.get("/flows/kinds")
def list_kinds(access: Reader, request: Request) -> s.Kinds:
    """The palette: every kind of block with its form, ports and help."""
    del access
    return s.Kinds(items=palette(rooms_of(request).kinds))


@router.get("/flows/schema")
def read_schema(access: Reader) -> dict[str, Any]:
    """The JSON Schema of a flow's graph."""
    del access
    return graph_schema()


@router.get("/flows/{flow_id}")
def read_flow(access: Reader, flow_id: UUID) -> s.FlowOut:
    """One flow with its canvas."""
    with access.tx() as tx:
        return flow_out(tx, flow_id)


@router.patch("/flows/{flow_id}")
def change_flow(access: Writer, flow_id: UUID, body: s.FlowChange) -> s.FlowOut:
    """Rename a flow or change its note."""
    with access.tx() as tx:
        service.change_flow(tx, flow_id, name=body.name, note=body.note)
        return flow_out(tx, flow_id)


@router.delete("/flows/{flow_id}", status_code=204)
def delete_flow(access: Writer, flow_id: UUID) -> None:
    """Delete a flow that does not run; its history stays."""
    with access.tx() as tx:
        service.delete_flow(tx, flow_id)


@router.put("/flows/{flow_id}/draft")
def save_draft(access: Writer, flow_id: UUID, body: s.Draft) -> s.Saved:
    """Save the canvas; refused when somebody else has saved since `etag`."""
    with access.tx() as tx:
        return s.Saved(etag=service.save_draft(tx, flow_id, body.graph, body.etag))


@router.post("/flows/{flow_id}/check")
def check_flow(access: Reader, request: Request, flow_id: UUID) -> s.Findings:
    """Everything wrong with the draft, each finding with its block and how to mend it."""
    with access.tx() as tx:
        found = service.check_flow(tx, rooms_of(request), flow_id, rights(access, request))
    return s.Findings(findings=[_finding(one) for one in found])


def rights(access: Access, request: Request) -> frozenset[str]:
    """The permissions that kinds ask for and the caller holds, and which classes of data expressions may read."""
    needs = {need for kind in rooms_of(request).kinds.newest() for need in kind.needs} | PRIVACY_NAMES
    return frozenset(need for need in needs if access.may(need))


def _finding(one: Placed) -> s.FindingOut:
    finding = one.finding
    return s.FindingOut(
        block=one.block,
        where=finding.where,
        severity=finding.severity,
        code=finding.code,
        message=label_out(finding.message),
        mend=label_out(finding.mend),
    )


@router.get("/flows/{flow_id}/publish-preview")
def preview_publishing(access: Publisher, request: Request, flow_id: UUID) -> s.PublishPreview:
    """What publishing would do: who enters, who is inside, how many messages at most, and whether a second person must agree."""
    rooms = rooms_of(request)
    with seeing_all(access).tx() as tx:
        graph = parse_graph(service.get_flow(tx, flow_id).draft)
        found = preview.preview(tx, rooms, flow_id, graph)
        weight = approval.weigh(tx, rooms, flow_id, graph)
    shown = s.PublishPreview.model_validate(found, from_attributes=True)
    limits = {"people_max": weight.limits.people_max, "cost_max": weight.limits.cost_max}
    return shown.model_copy(update={"human": list(weight.human), "reasons": list(weight.reasons), **limits})


@router.post("/flows/{flow_id}/publish")
def publish_flow(access: Publisher, request: Request, flow_id: UUID, body: s.Publish) -> s.FlowOut:
    """Publish the draft as the next version; customers may enter at once. Past a limit it waits for a second person (`approval`)."""
    asked = approval.Request(running=body.running, successors=body.successors, note=body.note)
    with seeing_all(access).tx() as tx:
        approval.publish_or_ask(tx, rooms_of(request), flow_id, rights(access, request), asked)
        return flow_out(tx, flow_id)


@router.post("/flows/{flow_id}/pause")
def pause_flow(access: Publisher, flow_id: UUID) -> s.FlowOut:
    """Those inside stand still where they come due."""
    with access.tx() as tx:
        service.pause(tx, flow_id)
        return flow_out(tx, flow_id)


@router.post("/flows/{flow_id}/resume")
def resume_flow(access: Publisher, flow_id: UUID) -> s.FlowOut:
    """The flow goes on."""
    with access.tx() as tx:
        service.resume(tx, flow_id)
        return flow_out(tx, flow_id)


@router.post("/flows/{flow_id}/drain")
def drain_flow(access: Publisher, flow_id: UUID) -> s.FlowOut:
    """Nobody enters any more; those inside go on to their end."""
    with access.tx() as tx:
        service.drain(tx, flow_id)
        return flow_out(tx, flow_id)


@router.post("/flows/{flow_id}/stop")
def stop_flow(access: Publisher, flow_id: UUID) -> s.FlowOut:
    """Nobody enters any more, everybody inside leaves."""
    with access.tx() as tx:
        service.stop(tx, flow_id)
        return flow_out(tx, flow_id)


@router.get("/flows/{flow_id}/versions")
def list_versions(access: Reader, flow_id: UUID, cursor: Cursor = None, limit: LongLimit = 1000) -> Page[s.VersionOut]:
    """All versions, newest first."""
    with access.tx() as tx:
        rows, following = page_in_memory(service.versions(tx, flow_id), cursor, limit, "id")
    return Page(items=[s.VersionOut.model_validate(row, from_attributes=True) for row in rows], next=following)


@router.get("/flows/{flow_id}/versions/{version_id}")
def read_version(access: Reader, flow_id: UUID, version_id: UUID) -> s.VersionOut:
    """One version with its graph."""
    with access.tx() as tx:
        row = service.get_version(tx, flow_id, version_id)
    return s.VersionOut.model_validate(row, from_attributes=True)


@router.get("/flows/{flow_id}/stats")
def read_stats(access: Reader, request: Request, flow_id: UUID) -> s.Stats:
    """Counts per block and port, the goal, the arms with their intervals, and what may be said of their difference."""
    kinds = rooms_of(request).kinds
    with access.tx() as tx:
        flow = service.get_flow(tx, flow_id)
        graph = service.published_graph(tx, flow)
        blocks = reading.block_counts(tx, flow, graph, kinds)
        arms = reading.arm_counts(tx, flow, graph, kinds, blocks)
        count = reading.counts(tx, [flow_id]).get(flow_id)
        return views.stats_out(blocks, arms, count, has_goal=flow.has_goal)
