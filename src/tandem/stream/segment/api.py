"""Routes of segments: make, change, preview, members, explain, audit."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request

from tandem.access.http import Access, allowed
from tandem.access.paging import Cursor, Limit, Page, from_cursor, page_of
from tandem.catalog.model import Catalog
from tandem.kernel.errors import InvalidInput
from tandem.kernel.turn import Turn
from tandem.stream.customer import view
from tandem.stream.segment import audit, members, preview, service
from tandem.stream.segment import shapes as s
from tandem.stream.segment.explain import explain
from tandem.stream.system import catalog_for, catalog_of

router = APIRouter(tags=["segments"])

Reader = Annotated[Access, Depends(allowed("segment.read"))]
Writer = Annotated[Access, Depends(allowed("segment.write"))]


def _out(catalog: Catalog, line: service.SegmentLine, zone: str) -> s.SegmentOut:
    out = s.SegmentOut.model_validate(line)
    said = service.plain(catalog, line, zone)
    return out if said is None else out.model_copy(update={"plain": s.Said.model_validate(said)})


def _either(text: str | None, tree: dict[str, Any] | None) -> service.Expression | None:
    if text is not None and tree is not None:
        raise InvalidInput("two_expressions", "文本与条件树只能给一个。", "Give either text or tree, not both.")
    return text if text is not None else tree


@router.get("/segments")
def list_segments(
    access: Reader,
    request: Request,
    q: Annotated[str | None, Query(max_length=100)] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[s.SegmentOut]:
    """Segments by name."""
    after = from_cursor(cursor, 1)[0] if cursor else None
    with access.tx() as tx:
        shown, following = page_of(service.lines(tx, q=q, after=after, limit=limit + 1), limit, "name")
        return Page(items=[_out(catalog_of(request), line, tx.zone) for line in shown], next=following)


@router.post("/segments", status_code=201)
def create_segment(access: Writer, request: Request, body: s.NewSegment) -> s.SegmentOut:
    """Make a segment; everybody is then judged in the background, which starts no flow."""
    draft = service.Draft(
        name=body.name, text=_either(body.text, body.tree), kind=body.kind, description=body.description
    )
    with access.tx() as tx:
        return _out(catalog_of(request), service.create(tx, catalog_for(access, request), draft), tx.zone)


@router.post("/segments/preview")
def preview_segment(access: Reader, request: Request, body: s.ExpressionBody) -> s.PreviewOut:
    """Count whom an expression means now, among the customers the caller may see, with a few samples."""
    found = service.read(catalog_for(access, request), body.expression)
    with access.tx(preview.look_role(access.scope)) as tx:
        looked = preview.preview(tx, found)
        lines = view.lines(tx, looked.sample_ids)
    lines = view.as_seen_by(access, lines)
    samples = [
        s.Sample(
            id=line.id,
            name=line.name,
            city=line.city,
            order_count=line.order_count,
            last_order_at=line.last_order_at,
        )
        for line in lines
    ]
    return s.PreviewOut(count=looked.count, samples=samples, took_ms=looked.took_ms)


@router.get("/segments/{segment_id}")
def read_segment(access: Reader, request: Request, segment_id: UUID) -> s.SegmentOut:
    """One segment with its count and how far its fill has come."""
    with access.tx() as tx:
        return _out(catalog_of(request), service.get(tx, segment_id), tx.zone)


@router.patch("/segments/{segment_id}")
def change_segment(access: Writer, request: Request, segment_id: UUID, body: s.SegmentChange) -> s.SegmentOut:
    """Rename or redefine; another expression becomes a new version by which everybody is judged anew."""
    wanted = service.Change(name=body.name, description=body.description, text=_either(body.text, body.tree))
    with access.tx() as tx:
        return _out(catalog_of(request), service.change(tx, catalog_for(access, request), segment_id, wanted), tx.zone)


@router.delete("/segments/{segment_id}", status_code=204)
def archive_segment(access: Writer, request: Request, segment_id: UUID) -> None:
    """Take a segment out of use; refused while another one asks it."""
    with access.tx() as tx:
        service.archive(tx, catalog_of(request), segment_id)


@router.get("/segments/{segment_id}/members")
def list_members(access: Reader, segment_id: UUID, cursor: Cursor = None, limit: Limit = 50) -> Page[s.Member]:
    """Who is inside, among the customers the caller may see, with the moment they entered."""
    after = _customer(cursor)
    with access.tx() as tx:
        service.get(tx, segment_id)
        shown, following = page_of(members.members(tx, segment_id, after=after, limit=limit + 1), limit, "customer_id")
        since = {row.customer_id: row.since for row in shown}
        lines = view.lines(tx, list(since))
    items = [
        s.Member(id=one.id, name=one.name, phone=one.phone, city=one.city, since=since[one.id])
        for one in view.as_seen_by(access, lines)
    ]
    return Page(items=items, next=following)


@router.get("/segments/{segment_id}/explain/{customer_id}")
def explain_member(access: Reader, request: Request, segment_id: UUID, customer_id: UUID) -> s.Explanation:
    """Why one customer is inside or not: each part of the expression with its answer and values."""
    with access.tx() as tx:
        line = service.get(tx, segment_id)
        standing = members.standing(tx, segment_id, customer_id)
        why = explain(tx, service.read(catalog_for(access, request), line.text), customer_id)
    return s.Explanation(
        is_member=standing.since is not None,
        since=standing.since,
        next_change_at=standing.due_at,
        why=s.PartOut.model_validate(why, from_attributes=True),
    )


@router.post("/segments/{segment_id}/audit")
def audit_segment(access: Writer, request: Request, segment_id: UUID) -> s.AuditOut:
    """Judge everybody afresh and list who differs from live membership."""
    with access.tx(preview.look_role(access.scope)) as tx:
        line = service.get(tx, segment_id)
        found = audit.audit(Turn(tx, preview.EVERY_BUCKET), catalog_of(request), segment_id, line.version)
    return s.AuditOut(
        differences=[s.DifferenceOut(customer_id=one.customer_id, is_member=one.is_member) for one in found]
    )


def _customer(cursor: str | None) -> UUID | None:
    if cursor is None:
        return None
    (text,) = from_cursor(cursor, 1)
    try:
        return UUID(text or "")
    except ValueError as error:
        raise InvalidInput(
            "bad_cursor",
            "翻页标记无效，请从第一页重新开始。",
            "The cursor is not valid; start again from the first page.",
        ) from error


__all__ = ["router"]
