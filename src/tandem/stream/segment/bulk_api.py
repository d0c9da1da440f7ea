"""Routes that put everybody whom filters find on a list, or take them off it, in the background."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import AwareDatetime, BaseModel, Field, StringConstraints

from tandem.access.http import Access, allowed, forbidden
from tandem.access.permissions import narrower
from tandem.access.shapes import Body
from tandem.kernel.errors import InvalidInput
from tandem.kernel.jobs import Job
from tandem.stream.customer.search import Filters
from tandem.stream.segment import bulk, service

router = APIRouter(tags=["segments"])

Writer = Annotated[Access, Depends(allowed("segment.write"))]
Short = Annotated[str, StringConstraints(max_length=200)]
Amount = Annotated[Decimal, Field(ge=0, max_digits=14, decimal_places=2)]


class Whom(Body):
    """The filters of the customer list; none means everybody whom the caller may see."""

    q: Short | None = None
    segment_id: UUID | None = None
    tag: Short | None = None
    store_id: UUID | None = None
    city: Short | None = None
    stage: Short | None = None
    last_order_from: AwareDatetime | None = None
    last_order_to: AwareDatetime | None = None
    spend_min: Amount | None = None
    spend_max: Amount | None = None
    region: Annotated[str, StringConstraints(max_length=300)] | None = None


class BulkEntries(Body):
    """Put everybody whom the filters find on the list, or take them off."""

    filters: Whom
    remove: bool = False


class BulkProgress(BaseModel):
    """How far it is. `changed`, known at the end: how many were not on the list before (or were, when taken off)."""

    id: UUID
    state: Literal["queued", "running", "done", "failed", "cancelled"]
    done: int
    total: int | None
    changed: int | None


@router.post("/segments/{segment_id}/bulk-entries", status_code=202)
def start_bulk_entries(access: Writer, segment_id: UUID, body: BulkEntries) -> BulkProgress:
    """Change a list by the customer list's filters, in the background; who is changed is decided page by page as it runs."""
    reader = access.narrowed("customer.read")
    if reader is None:
        raise forbidden("customer.read")
    with replace(access, scope=narrower(access.scope, reader.scope)).tx() as tx:
        line = service.get(tx, segment_id)
        if line.kind != "list":
            raise InvalidInput(
                "segment_no_list",
                f"“{line.name}”按条件圈人，不能手工增减。",
                f"“{line.name}” follows its expression; only lists take entries.",
            )
        filters = Filters(**body.filters.model_dump())
        return _progress(bulk.request(tx, bulk.Asked(line, filters, not body.remove, access.privacy)))


@router.get("/segments/bulk-entries/{job_id}")
def read_bulk_entries(access: Writer, job_id: UUID) -> BulkProgress:
    """How far one's own change of a list is."""
    with access.tx() as tx:
        return _progress(bulk.progress(tx, job_id))


def _progress(job: Job) -> BulkProgress:
    result: dict[str, Any] = job.result or {}
    return BulkProgress(
        id=job.id,
        state=job.state,  # pyright: ignore[reportArgumentType]  # checked by the model
        done=job.done,
        total=job.total,
        changed=result.get("changed"),
    )
