"""Routes of a flow's life: variants, a second person's word, versions brought back, who else is here, export and import."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field, StringConstraints

from tandem.access.http import Access, allowed
from tandem.access.paging import Cursor, LongLimit, Page, page_in_memory
from tandem.access.shapes import Body
from tandem.flow import service
from tandem.flow import shapes as s
from tandem.flow.api import approval_out, flow_out, rights, rooms_of, seeing_all, variant_out
from tandem.flow.life import approval, here, transfer
from tandem.flow.life import variants as windows
from tandem.kernel.db import Tx

router = APIRouter(tags=["flow-life"])

Reader = Annotated[Access, Depends(allowed("flow.read"))]
Writer = Annotated[Access, Depends(allowed("flow.write"))]
Publisher = Annotated[Access, Depends(allowed("flow.publish"))]
Approver = Annotated[Access, Depends(allowed("flow.approve"))]
SettingsReader = Annotated[Access, Depends(allowed("settings.read"))]
SettingsWriter = Annotated[Access, Depends(allowed("settings.write"))]


class LimitsBody(Body):
    """From how many people, or how much money, a second person is asked; null: never for that."""

    people_max: int | None = Field(default=None, ge=0, le=1_000_000_000)
    cost_max: Decimal | None = Field(default=None, ge=0, le=Decimal("1e12"))


class Decided(Body):
    """A second person's word."""

    approve: bool
    comment: Annotated[str, StringConstraints(max_length=2000)] = ""


class Restore(Body):
    """`etag` of the draft that the version replaces."""

    etag: int


class Arrival(Body):
    """Does the caller edit, and which block have they selected?"""

    editing: bool = False
    block: str | None = Field(default=None, max_length=40)


class Person(BaseModel):
    """Somebody who has the flow open."""

    user_id: UUID
    name: str
    editing: bool
    block: str | None


class Company(BaseModel):
    """Who else has the flow open, and the draft's etag now."""

    items: list[Person]
    etag: int


class FlowImport(Body):
    """An exported flow; `name` instead of its own; `gaps`: leave fields empty whose segment, template or coupon is missing here."""

    file: dict[str, Any]
    name: s.FlowName | None = None
    gaps: bool = False


@router.get("/flow-limits")
def read_flow_limits(access: SettingsReader) -> LimitsBody:
    """When publishing a flow needs a second person."""
    with access.tx() as tx:
        return _limits(tx)


@router.put("/flow-limits")
def change_flow_limits(access: SettingsWriter, body: LimitsBody) -> LimitsBody:
    """Change when publishing a flow needs a second person."""
    with access.tx() as tx:
        approval.set_limits(tx, approval.Limits(body.people_max, body.cost_max))
        return _limits(tx)


def _limits(tx: Tx) -> LimitsBody:
    found = approval.limits_of(tx)
    return LimitsBody(people_max=found.people_max, cost_max=found.cost_max)


@router.get("/flow-approvals")
def list_flow_approvals(access: Reader, cursor: Cursor = None, limit: LongLimit = 200) -> Page[s.ApprovalOut]:
    """Publishings that wait for a second person, the oldest first."""
    with access.tx() as tx:
        rows, following = page_in_memory(approval.open_approvals(tx), cursor, limit, "id")
    return Page(items=[approval_out(one) for one in rows], next=following)


@router.get("/flow-approvals/{approval_id}")
def read_flow_approval(access: Reader, approval_id: UUID) -> s.ApprovalOpened:
    """One request, what it wants published, and what became of it."""
    with access.tx() as tx:
        found = approval_out(approval.get_approval(tx, approval_id))
        return s.ApprovalOpened(**found.model_dump(), graph=approval.asked_graph(tx, approval_id))


@router.post("/flow-approvals/{approval_id}/decide")
def decide_flow_approval(access: Approver, request: Request, approval_id: UUID, body: Decided) -> s.ApprovalOut:
    """Agree, and the flow is published as it was asked for; or refuse and say why. Nobody decides their own request."""
    with seeing_all(access).tx() as tx:
        return approval_out(
            approval.decide(tx, rooms_of(request), approval_id, approve=body.approve, comment=body.comment)
        )


@router.post("/flow-approvals/{approval_id}/withdraw")
def withdraw_flow_approval(access: Publisher, approval_id: UUID) -> s.ApprovalOut:
    """The request is taken back."""
    with access.tx() as tx:
        return approval_out(approval.withdraw(tx, approval_id))


@router.get("/flows/{flow_id}/variants")
def list_variants(access: Reader, flow_id: UUID, cursor: Cursor = None, limit: LongLimit = 200) -> Page[s.VariantOut]:
    """A flow's variants, the next first."""
    with access.tx() as tx:
        rows, following = page_in_memory(windows.variants(tx, flow_id), cursor, limit, "id")
    return Page(items=[variant_out(one) for one in rows], next=following)


@router.post("/flows/{flow_id}/variants")
def plan_variant(access: Publisher, request: Request, flow_id: UUID, body: windows.NewVariant) -> s.FlowOut:
    """Plan the draft for a window, after which the everyday version is current again by itself. It may wait for a second person."""
    with seeing_all(access).tx() as tx:
        asked = approval.Request(variant=body, note=body.name)
        approval.publish_or_ask(tx, rooms_of(request), flow_id, rights(access, request), asked)
        return flow_out(tx, flow_id)


@router.post("/flows/{flow_id}/variants/{variant_id}/end")
def end_variant(access: Publisher, request: Request, flow_id: UUID, variant_id: UUID) -> s.FlowOut:
    """Back to the everyday version now, or drop a variant that has not begun."""
    with access.tx() as tx:
        windows.end_variant(tx, rooms_of(request).kinds, flow_id, variant_id)
        return flow_out(tx, flow_id)


@router.post("/flows/{flow_id}/versions/{version_id}/restore")
def restore_version(access: Writer, flow_id: UUID, version_id: UUID, body: Restore) -> s.FlowOut:
    """A version becomes the draft again; refused when somebody else has saved since `etag`."""
    with access.tx() as tx:
        service.restore_version(tx, flow_id, version_id, body.etag)
        return flow_out(tx, flow_id)


@router.put("/flows/{flow_id}/here")
def come_here(access: Reader, flow_id: UUID, body: Arrival) -> Company:
    """Say every ten seconds that the flow is open; answers who else has it open."""
    with access.tx() as tx:
        found = here.come(tx, flow_id, editing=body.editing and access.may("flow.write"), block=body.block)
        etag = service.get_flow(tx, flow_id).draft_etag
    return Company(
        items=[Person(user_id=one.user_id, name=one.name, editing=one.editing, block=one.block) for one in found],
        etag=etag,
    )


@router.delete("/flows/{flow_id}/here", status_code=204)
def leave_here(access: Reader, flow_id: UUID) -> None:
    """The flow is closed."""
    with access.tx() as tx:
        here.go(tx, flow_id)


@router.get("/flows/{flow_id}/export")
def export_flow(access: Reader, request: Request, flow_id: UUID) -> transfer.FlowFile:
    """The draft as a file that another tenant can import."""
    with access.tx() as tx:
        return transfer.export_flow(tx, rooms_of(request), flow_id)


@router.post("/flow-imports", status_code=201)
def import_flow(access: Writer, request: Request, body: FlowImport) -> s.FlowOut:
    """Make a flow from an exported file; everything that is missing here is named with its block."""
    with access.tx() as tx:
        return flow_out(tx, transfer.import_flow(tx, rooms_of(request), body.file, body.name, gaps=body.gaps))
