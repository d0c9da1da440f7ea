"""Routes of file imports."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Annotated, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Form, UploadFile
from fastapi.responses import StreamingResponse

from tandem.access import audit
from tandem.access.http import Access, allowed
from tandem.access.paging import Cursor, Limit, Page, from_cursor, page_of, to_cursor
from tandem.access.shapes import Label
from tandem.kernel.errors import InvalidInput
from tandem.stream.door.kinds import DoorKinds
from tandem.stream.imports import asking, cleaning, fields, files, quality, reading, service, shapes
from tandem.stream.imports.shapes import Chosen, ImportDetail, ImportLine, ImportPreview, RefusedRow, SourceBody
from tandem.stream.imports.upload import Upload, upload
from tandem.stream.imports.veil import Veil, require_personal
from tandem.stream.keys import tenant_keys

Import = Annotated[Access, Depends(allowed("import.write"))]


def imports_router(kinds: Callable[[], DoorKinds]) -> APIRouter:
    """The routes; `kinds` gives every kind of record the assembled house understands: a preview asks the door itself."""
    router = APIRouter(tags=["imports"])
    router.include_router(_plain)

    @router.post("/imports/{import_id}/preview")
    def preview(access: Import, import_id: UUID, body: Chosen) -> ImportPreview:
        """Ask the door what would happen under a mapping and cleaning rules: the same steps as the import's, then undone."""
        with access.tx() as tx:
            row = files.get(tx, import_id)
            chosen = row.mapping if body.mapping is None else body.mapping
            rules = row.cleaning if body.cleaning is None else body.cleaning
            cleaning.check(rules)
            lines = files.first_lines(tx, tenant_keys(tx), row, asking.ASKED_ROWS_MAX)
            zone = ZoneInfo(tx.zone)
        unusable = _unusable(row, chosen)
        known = {field: column for field, column in chosen.items() if 0 <= column < len(row.header)}
        measured = quality.measure(known, frozenset(rules), lines, zone)
        extended, cleaned = cleaning.clean_lines(frozenset(rules), known, lines[: shapes.SAMPLE_ROWS])
        forecast = None
        if not unusable:
            with access.tx("door") as tx:
                forecast = asking.ask(tx, kinds(), row, chosen, rules, lines)
        return shapes.preview(row, shapes.Seen(lines, cleaned, extended), measured, forecast, unusable)

    @router.post("/imports/{import_id}/start")
    def start(access: Import, import_id: UUID, body: Chosen) -> ImportLine:
        """Take the file in, in the background. The choice is remembered for the source's next file."""
        with access.tx() as tx:
            row = files.get(tx, import_id)
            chosen = row.mapping if body.mapping is None else body.mapping
            rules = row.cleaning if body.cleaning is None else body.cleaning
            lines = files.first_lines(tx, tenant_keys(tx), row, asking.ASKED_ROWS_MAX)
            fields.check(row.kind, row.header, chosen)
            measured = quality.measure(chosen, frozenset(rules), lines, ZoneInfo(tx.zone))
            service.start(tx, import_id, chosen, rules, quality.plain(measured))
            return ImportLine(**shapes.line(files.get(tx, import_id)))

    _ = (preview, start)
    return router


def _unusable(row: files.FileRow, chosen: fields.Mapping) -> list[Label]:
    try:
        fields.check(row.kind, row.header, chosen)
    except InvalidInput as error:
        return [Label(zh=one.what_zh, en=one.what_en) for one in error.details]
    return []


_plain = APIRouter()


@_plain.post("/imports", status_code=201)
def upload_file(
    access: Import,
    file: UploadFile,
    kind: Annotated[Literal["customer", "order"], Form()],
    source: Annotated[str, Form(min_length=1, max_length=100)] = "import",
    mends: Annotated[UUID | None, Form(description="The import whose refused rows this file brings back")] = None,
) -> ImportDetail:
    """Upload a CSV (UTF-8, UTF-16 or GBK) or XLSX file of up to 512 MB. Nothing is taken in before it is started."""
    with access.tx() as tx:
        given = Upload(kind, file.filename or "", source, mends)
        if mends is not None:
            files.get(tx, mends)
        return shapes.detail(files.get(tx, upload(tx, file.file, given)))


@_plain.get("/imports")
def imports(access: Import, cursor: Cursor = None, limit: Limit = 50) -> Page[ImportLine]:
    """Imports, newest first."""
    with access.tx() as tx:
        found = files.page(tx, before=_before(cursor), limit=limit + 1)
    rows, following = page_of(found, limit, "id")
    return Page(items=[ImportLine(**shapes.line(row)) for row in rows], next=following)


@_plain.get("/imports/sources")
def import_sources(access: Import) -> list[SourceBody]:
    """How good each source's data is, the most recent first."""
    with access.tx() as tx:
        found = service.sources(tx)
    return [
        SourceBody(
            source=one.source, files=one.files, rows=one.rows, refused=one.refused, score=one.score, last_at=one.last_at
        )
        for one in found
    ]


@_plain.get("/imports/{import_id}")
def import_detail(access: Import, import_id: UUID) -> ImportDetail:
    """One import."""
    with access.tx() as tx:
        return shapes.detail(files.get(tx, import_id))


@_plain.post("/imports/{import_id}/cancel")
def cancel(access: Import, import_id: UUID) -> ImportLine:
    """Stop a running import; what it has taken in stays."""
    with access.tx() as tx:
        service.cancel(tx, import_id)
        return ImportLine(**shapes.line(files.get(tx, import_id)))


@_plain.post("/imports/{import_id}/undo")
def undo(access: Import, import_id: UUID) -> ImportLine:
    """Take a whole import back, in the background: what only it brought goes, what it changed becomes what it was, later changes stay."""
    with access.tx() as tx:
        service.undo(tx, import_id)
        return ImportLine(**shapes.line(files.get(tx, import_id)))


@_plain.get("/imports/{import_id}/refused")
def refused_rows(
    access: Import, import_id: UUID, *, taken: bool = False, cursor: Cursor = None, limit: Limit = 50
) -> Page[RefusedRow]:
    """The refused rows with their reasons, in the file's order; `taken`: those that went in without some of their cells."""
    after = 0 if cursor is None else _row_number(cursor)
    with access.tx() as tx:
        row = files.get(tx, import_id)
        found = service.refused_page(tx, row, after, limit + 1, taken=taken)
    veil = Veil.over(row.mapping)
    items = [RefusedRow(row=n, cells=veil.cells(cells), what=veil.words(zh, en)) for n, zh, en, cells in found[:limit]]
    return Page(items=items, next=to_cursor(str(items[-1].row)) if len(found) > limit else None)


@_plain.get("/imports/{import_id}/refused.csv")
def refused(access: Import, import_id: UUID, *, taken: bool = False) -> StreamingResponse:
    """The refused rows as a file to mend and upload again: its own columns first, row number and reasons after them.

    `taken`: instead, the rows that went in without some of their cells.
    """
    require_personal()
    with access.tx() as tx:
        row = files.get(tx, import_id)
        told = {"rows": row.left_out if taken else row.refused, "taken": taken}
        audit.record(tx, "import.refused_downloaded", "import", import_id, None, told)
    headers = {"Content-Disposition": f'attachment; filename="refused-{import_id}.csv"'}
    return StreamingResponse(_refused(access, row, taken=taken), media_type="text/csv; charset=utf-8", headers=headers)


def _refused(access: Access, row: files.FileRow, *, taken: bool) -> Iterator[bytes]:
    """A page of rows per transaction: a slow reader holds none open."""
    yield from reading.write([service.refused_head(row)])
    after = 0
    while True:
        with access.tx() as tx:
            found = service.refused_page(tx, row, after, taken=taken)
        if not found:
            return
        after = found[-1][0]
        yield b"".join(reading.written(service.refused_lines(row, found)))


def _row_number(cursor: str) -> int:
    text = from_cursor(cursor, 1)[0] or ""
    if not text.isdecimal():
        raise _bad_cursor()
    return int(text)


def _before(cursor: str | None) -> UUID | None:
    """The id in a cursor. Raises InvalidInput for a cursor we did not make."""
    text = None if cursor is None else from_cursor(cursor, 1)[0]
    try:
        return None if text is None else UUID(text)
    except ValueError as error:
        raise _bad_cursor() from error


def _bad_cursor() -> InvalidInput:
    return InvalidInput("bad_cursor", "翻页标记无效，请从第一页重新开始。", "The cursor is not valid; start again.")
