"""Routes of file imports."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Form, UploadFile
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from tandem.access.http import Access, allowed
from tandem.access.paging import Cursor, Limit, Page, from_cursor, page_of
from tandem.access.shapes import Body, Label
from tandem.kernel.db import Tx
from tandem.kernel.errors import InvalidInput
from tandem.stream.imports import fields, reading, service
from tandem.stream.imports import files as store
from tandem.stream.imports.files import FileRow
from tandem.stream.imports.upload import upload

router = APIRouter(tags=["imports"])
Import = Annotated[Access, Depends(allowed("import.write"))]
Columns = Annotated[dict[str, int], Field(max_length=100)]


class FieldLine(BaseModel):
    """A field that a file can fill."""

    name: str
    label: Label
    required: bool


class RowProblem(BaseModel):
    """What would be wrong with a row; `row` counts like a spreadsheet, the header being 1."""

    row: int
    what: Label


class ImportLine(BaseModel):
    """An import as lists show it."""

    id: UUID
    kind: str
    file_name: str
    state: Literal["uploaded", "queued", "running", "done", "failed", "cancelled"]
    rows_total: int
    rows_done: int
    accepted: int
    duplicates: int
    updates: int
    refused: int
    error: Label | None
    created_at: datetime
    finished_at: datetime | None


class ImportDetail(ImportLine):
    """An import with what is needed to choose its columns."""

    encoding: str
    delimiter: str
    source: str
    header: list[str]
    mapping: dict[str, int]
    fields: list[FieldLine]
    sample: list[list[str]]
    problems: list[RowProblem]


class StartRequest(Body):
    """Which column fills which field; none keeps what was guessed."""

    mapping: Columns | None = None


class PreviewRequest(Body):
    """A mapping to look at."""

    mapping: Columns


@router.post("/imports", status_code=201)
def upload_file(
    access: Import,
    file: UploadFile,
    kind: Annotated[Literal["customer", "order"], Form()],
    source: Annotated[str, Form(min_length=1, max_length=100)] = "import",
) -> ImportDetail:
    """Upload a CSV file (UTF-8 or GBK). Nothing is taken in before it is started."""
    with access.tx() as tx:
        import_id = upload(tx, file.file, kind=kind, file_name=file.filename or "", source=source)
        return _detail(tx, store.get(tx, import_id))


@router.get("/imports")
def imports(access: Import, cursor: Cursor = None, limit: Limit = 50) -> Page[ImportLine]:
    """Imports, newest first."""
    with access.tx() as tx:
        found = store.page(tx, before=_before(cursor), limit=limit + 1)
    rows, following = page_of(found, limit, "id")
    return Page(items=[ImportLine(**_line(row)) for row in rows], next=following)


@router.get("/imports/{import_id}")
def import_detail(access: Import, import_id: UUID) -> ImportDetail:
    """One import; its sample is gone once it has run."""
    with access.tx() as tx:
        return _detail(tx, store.get(tx, import_id))


@router.post("/imports/{import_id}/preview")
def preview(access: Import, import_id: UUID, body: PreviewRequest) -> ImportDetail:
    """Look at the file under another mapping."""
    with access.tx() as tx:
        row = store.get(tx, import_id)
        fields.check(row.kind, row.header, body.mapping)
        return _detail(tx, row, body.mapping)


@router.post("/imports/{import_id}/start")
def start(access: Import, import_id: UUID, body: StartRequest) -> ImportLine:
    """Take the file in, in the background."""
    with access.tx() as tx:
        service.start(tx, import_id, body.mapping)
        return ImportLine(**_line(store.get(tx, import_id)))


@router.post("/imports/{import_id}/cancel")
def cancel(access: Import, import_id: UUID) -> ImportLine:
    """Stop a running import; what it has taken in stays."""
    with access.tx() as tx:
        service.cancel(tx, import_id)
        return ImportLine(**_line(store.get(tx, import_id)))


@router.get("/imports/{import_id}/refused.csv")
def refused(access: Import, import_id: UUID) -> StreamingResponse:
    """The refused rows with their reasons, as a file to mend and upload again."""
    with access.tx() as tx:
        parts = list(reading.write(service.refused_lines(tx, store.get(tx, import_id))))
    headers = {"Content-Disposition": f'attachment; filename="refused-{import_id}.csv"'}
    return StreamingResponse(iter(parts), media_type="text/csv; charset=utf-8", headers=headers)


def _before(cursor: str | None) -> UUID | None:
    """The id in a cursor. Raises InvalidInput for a cursor we did not make."""
    text = None if cursor is None else from_cursor(cursor, 1)[0]
    try:
        return None if text is None else UUID(text)
    except ValueError as error:
        raise InvalidInput(
            "bad_cursor", "翻页标记无效，请从第一页重新开始。", "The cursor is not valid; start again."
        ) from error


def _line(row: FileRow) -> dict[str, Any]:
    error = None if row.error is None else Label(zh=str(row.error["zh"]), en=str(row.error["en"]))
    names = (
        "id",
        "kind",
        "file_name",
        "state",
        "rows_total",
        "rows_done",
        "accepted",
        "duplicates",
        "updates",
        "refused",
    )
    return {name: getattr(row, name) for name in (*names, "created_at", "finished_at")} | {"error": error}


def _detail(tx: Tx, row: FileRow, mapping: dict[str, int] | None = None) -> ImportDetail:
    chosen = row.mapping if mapping is None else mapping
    seen = service.preview(tx, row, chosen)
    return ImportDetail(
        **_line(row),
        encoding=row.encoding,
        delimiter=row.delimiter,
        source=row.source,
        header=row.header,
        mapping=chosen,
        fields=[
            FieldLine(name=one.name, label=Label(zh=one.label.zh, en=one.label.en), required=one.required)
            for one in fields.FIELDS[row.kind]
        ],
        sample=seen.sample,
        problems=[RowProblem(row=number, what=Label(zh=zh, en=en)) for number, zh, en in seen.problems],
    )
