"""Routes of exports."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from tandem.access.http import Access, allowed, signed_in
from tandem.access.paging import Cursor, Limit, Page, from_cursor, page_of
from tandem.access.shapes import Body, Label
from tandem.domains.exports import service, store
from tandem.domains.exports.lists import BY_NAME, LISTS
from tandem.domains.exports.store import ExportRow
from tandem.kernel.errors import InvalidInput, NotFound
from tandem.stream.keys import tenant_keys

router = APIRouter(tags=["exports"])
Signed = Annotated[Access, Depends(signed_in())]
Approve = Annotated[Access, Depends(allowed(service.APPROVE))]


class ExportableList(BaseModel):
    """A list the caller may export, with the filters that narrow it."""

    name: str
    label: Label
    filters: list[str]
    personal: bool
    columns: list[Label]


class ExportChoices(BaseModel):
    """What the caller may export, and whether in the clear."""

    lists: list[ExportableList]
    plain: bool
    approves: bool


class ExportRequest(Body):
    """An export to be made. `plain` needs the permission, a reason and a second person."""

    list: Annotated[str, Field(max_length=50)]
    format: Literal["csv", "xlsx"] = "csv"
    filters: Annotated[dict[str, Annotated[str, Field(max_length=300)]], Field(max_length=20, default_factory=dict)]
    plain: bool = False
    reason: Annotated[str, Field(max_length=500)] = ""


class ExportLine(BaseModel):
    """An export as the list shows it. `mine`: the caller asked for it; `file`: it can be downloaded now."""

    id: UUID
    list: Label
    format: str
    filters: dict[str, str]
    plain: bool
    reason: str
    status: Literal["waiting", "refused", "queued", "running", "done", "failed", "cancelled", "expired"]
    rows: int
    bytes: int
    downloads: int
    mine: bool
    file: bool
    created_by: str | None
    decided_by: str | None
    error: Label | None
    created_at: datetime
    finished_at: datetime | None
    expires_at: datetime | None


@router.get("/exports/lists")
def export_lists(access: Signed) -> ExportChoices:
    """What the caller may export."""
    return ExportChoices(
        lists=[
            ExportableList(
                name=one.name,
                label=Label(zh=one.label.zh, en=one.label.en),
                filters=list(one.filters),
                personal=one.personal,
                columns=[Label(zh=column.zh, en=column.en) for column in one.columns],
            )
            for one in LISTS
            if access.may(one.permission) and (not one.people or access.may(service.PEOPLE))
        ],
        plain=access.may(service.PLAIN) and access.may(service.PEOPLE),
        approves=access.may(service.APPROVE),
    )


@router.post("/exports", status_code=201)
def request_export(access: Signed, body: ExportRequest) -> ExportLine:
    """Make a list into a file, in the background. Masked unless `plain`, which a second person decides about."""
    asked = service.Asked(body.list, body.format, body.filters, body.plain, body.reason)
    made = service.request(access, asked)
    with access.tx() as tx:
        return _line(access, store.get(tx, made))


@router.get("/exports")
def exports(access: Signed, cursor: Cursor = None, limit: Limit = 50) -> Page[ExportLine]:
    """One's own exports, newest first; whoever may approve sees everybody's."""
    of = None if access.may(service.APPROVE) else access.user_id
    with access.tx() as tx:
        found = store.page(tx, of=of, before=_before(cursor), limit=limit + 1)
    rows, following = page_of(found, limit, "id")
    return Page(items=[_line(access, row) for row in rows], next=following)


@router.post("/exports/{export_id}/approve")
def approve_export(access: Approve, export_id: UUID) -> ExportLine:
    """Let somebody else's plain export be made."""
    return _decided(access, export_id, approve=True)


@router.post("/exports/{export_id}/refuse")
def refuse_export(access: Approve, export_id: UUID) -> ExportLine:
    """Refuse somebody else's plain export."""
    return _decided(access, export_id, approve=False)


def _decided(access: Access, export_id: UUID, *, approve: bool) -> ExportLine:
    with access.tx() as tx:
        service.decide(tx, export_id, approve=approve)
        return _line(access, store.get(tx, export_id))


@router.post("/exports/{export_id}/cancel")
def cancel_export(access: Signed, export_id: UUID) -> ExportLine:
    """Stop one's own export, or give up its file."""
    with access.tx() as tx:
        row = store.get(tx, export_id)
        if row.created_by != access.user_id:
            raise NotFound("no_such_export", "没有这个导出任务。", "There is no such export.")
        service.cancel(tx, row)
        return _line(access, store.get(tx, export_id))


@router.get("/exports/{export_id}/file")
def export_file(access: Signed, export_id: UUID) -> StreamingResponse:
    """The file, for whom it was made, until it expires. Each time is on the trail."""
    with access.tx() as tx:
        row = service.taken(access, tx, export_id)
    kinds = {
        "csv": "text/csv; charset=utf-8",
        "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    }
    name = f"{row.list}-{row.created_at:%Y%m%d}-{row.id.hex[-8:]}.{row.format}"
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Content-Length": str(row.bytes),
        "Cache-Control": "no-store",
    }
    return StreamingResponse(_content(access, row), media_type=kinds[row.format], headers=headers)


def _content(access: Access, row: ExportRow) -> Iterator[bytes]:
    """A part per transaction: a slow reader holds none open."""
    for number in range(row.parts):
        with access.tx() as tx:
            part = store.open_part(tx, tenant_keys(tx), row, number)
        yield part


def _before(cursor: str | None) -> UUID | None:
    text = None if cursor is None else from_cursor(cursor, 1)[0]
    try:
        return None if text is None else UUID(text)
    except ValueError as error:
        raise InvalidInput(
            "bad_cursor", "翻页标记无效，请从第一页重新开始。", "The cursor is not valid; start again."
        ) from error


def _line(access: Access, row: ExportRow) -> ExportLine:
    chosen = BY_NAME[row.list]
    mine = row.created_by == access.user_id
    return ExportLine(
        id=row.id,
        list=Label(zh=chosen.label.zh, en=chosen.label.en),
        format=row.format,
        filters={name: str(given) for name, given in row.filters.items()},
        plain=row.plain,
        reason=row.reason,
        status=row.status,  # pyright: ignore[reportArgumentType]  # checked by the model
        rows=row.rows if row.status == "done" else row.done,
        bytes=row.bytes,
        downloads=row.downloads,
        mine=mine,
        file=mine and row.status == "done",
        created_by=row.created_by_name,
        decided_by=row.decided_by_name,
        error=None if row.error is None else Label(zh=str(row.error["zh"]), en=str(row.error["en"])),
        created_at=row.created_at,
        finished_at=row.finished_at,
        expires_at=row.expires_at,
    )
