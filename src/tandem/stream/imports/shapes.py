"""What the import routes take and give."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from tandem.access.shapes import Body, Label
from tandem.stream.imports import cleaning, fields
from tandem.stream.imports.asking import Forecast
from tandem.stream.imports.files import FileRow
from tandem.stream.imports.quality import Column, Quality
from tandem.stream.imports.rows import Line
from tandem.stream.imports.veil import Veil

Columns = Annotated[dict[str, int], Field(max_length=100)]
Rules = Annotated[list[str], Field(max_length=50)]
State = Literal[
    "reading", "uploaded", "queued", "running", "done", "failed", "cancelled", "undoing", "undone", "undo_failed"
]
PROBLEMS_SHOWN = 50
SAMPLE_ROWS = 20


class FieldLine(BaseModel):
    """A field that a file can fill."""

    name: str
    label: Label
    required: bool


class RuleLine(BaseModel):
    """A cleaning rule; `fields` names those it touches, none meaning all."""

    name: str
    label: Label
    fields: list[str]


class RowProblem(BaseModel):
    """What is wrong with a row; `row` counts like a spreadsheet, the header being 1. `taken`: it goes in without the cell named."""

    row: int
    what: Label
    taken: bool


class ImportLine(BaseModel):
    """An import as lists show it. `done` of `total` is the progress of what is going on: bytes while reading, rows afterwards."""

    id: UUID
    kind: str
    file_name: str
    state: State
    source: str
    bytes: int
    rows_total: int
    rows_done: int
    done: int
    total: int | None
    accepted: int
    duplicates: int
    updates: int
    refused: int
    left_out: int
    people_made: int
    quality: int | None
    error: Label | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


class ImportDetail(ImportLine):
    """An import with what is needed to choose its columns. `undone`: what an undo did, by name."""

    format: str
    encoding: str
    delimiter: str
    header: list[str]
    mapping: dict[str, int]
    cleaning: list[str]
    notices: list[Label]
    fields: list[FieldLine]
    rules: list[RuleLine]
    mends: UUID | None
    undone: dict[str, int] | None


class Change(BaseModel):
    """A cell before and after cleaning."""

    before: str
    after: str


class ColumnQuality(BaseModel):
    """How full a column is, what share of it can be read, how many cells cleaning changes, and some of them."""

    field: str
    filled: float
    valid: float
    changed: int
    changes: list[Change]


class ForecastBody(BaseModel):
    """What the door says to the rows it was asked about. `whole`: they are the whole file."""

    rows: int
    whole: bool
    records: int
    new: int
    updates: int
    duplicates: int
    people_made: int
    refused: int
    left_out: int
    """Rows that go in without some of their cells."""


class SampleRow(BaseModel):
    """A row of the file, as it is and as it will be; `problem` where it will be refused, `note` where a cell is left out."""

    row: int
    cells: list[str]
    cleaned: list[str]
    problem: Label | None
    note: Label | None


class ImportPreview(BaseModel):
    """What would happen under a mapping and cleaning rules. `forecast` is missing where the mapping cannot be used yet."""

    sample: list[SampleRow]
    score: int
    columns: list[ColumnQuality]
    repeated: int
    forecast: ForecastBody | None
    problems: list[RowProblem]
    unusable: list[Label]
    masked: bool
    """Whether cells are closed because the caller may not see personal data."""


class RefusedRow(BaseModel):
    """A row that was refused, or taken without some of its cells, as it came."""

    row: int
    cells: list[str]
    what: Label


class SourceBody(BaseModel):
    """How good a source's data is."""

    source: str
    files: int
    rows: int
    refused: int
    score: int | None
    last_at: datetime


class Chosen(Body):
    """Which column fills which field, and which cleaning rules are on; none keeps what was guessed."""

    mapping: Columns | None = None
    cleaning: Rules | None = None


def line(row: FileRow) -> dict[str, Any]:
    """A row of the list."""
    names = ImportLine.model_fields.keys() - {"error", "quality"}
    error = None if row.error is None else Label(zh=str(row.error["zh"]), en=str(row.error["en"]))
    score = None if row.quality is None else int(row.quality["score"])
    return {name: getattr(row, name) for name in names} | {"error": error, "quality": score}


def detail(row: FileRow) -> ImportDetail:
    """One import."""
    undone = row.result if row.state == "undone" else None
    return ImportDetail(
        **line(row),
        format=row.format,
        encoding=row.encoding,
        delimiter=row.delimiter,
        header=row.header,
        mapping=row.mapping,
        cleaning=row.cleaning,
        notices=[Label(zh=one["zh"], en=one["en"]) for one in row.notices],
        fields=[
            FieldLine(name=one.name, label=Label(zh=one.label.zh, en=one.label.en), required=one.required)
            for one in fields.FIELDS[row.kind]
        ],
        rules=[
            RuleLine(name=one.name, label=Label(zh=one.label.zh, en=one.label.en), fields=list(one.fields))
            for one in cleaning.RULES
        ],
        mends=row.mends,
        undone=undone,
    )


@dataclass(frozen=True, slots=True)
class Seen:
    """A file's first lines, as they are and cleaned, under the mapping that cleaning extended."""

    lines: list[Line]
    cleaned: list[Line]
    mapping: fields.Mapping


def preview(
    row: FileRow, seen: Seen, quality: Quality, forecast: Forecast | None, unusable: list[Label]
) -> ImportPreview:
    """What would happen; cells that the caller may not see are closed."""
    veil = Veil.over(seen.mapping)
    refused = _words(veil, forecast.refused if forecast else [])
    left = _words(veil, forecast.left_out if forecast else [])
    told = [
        *((number, what, False) for number, what in refused.items()),
        *((n, what, True) for n, what in left.items()),
    ]
    return ImportPreview(
        sample=[
            SampleRow(
                row=one.number,
                cells=veil.cells(one.cells),
                cleaned=veil.cells(other.cells),
                problem=refused.get(one.number),
                note=left.get(one.number),
            )
            for one, other in zip(seen.lines[:SAMPLE_ROWS], seen.cleaned[:SAMPLE_ROWS], strict=True)
        ],
        score=quality.score,
        columns=[_column(one, closed=veil.closes(seen.mapping[one.field])) for one in quality.columns],
        repeated=quality.repeated,
        forecast=None if forecast is None else _forecast(row, forecast),
        problems=[
            RowProblem(row=n, what=what, taken=taken) for n, what, taken in sorted(told, key=_first)[:PROBLEMS_SHOWN]
        ],
        unusable=unusable,
        masked=veil.plain is not None,
    )


def _first(told: tuple[int, Label, bool]) -> tuple[bool, int]:
    return told[2], told[0]


def _words(veil: Veil, told: list[tuple[int, str, str]]) -> dict[int, Label]:
    return {number: veil.words(zh, en) for number, zh, en in told}


def _column(one: Column, *, closed: bool) -> ColumnQuality:
    return ColumnQuality(
        field=one.field,
        filled=one.filled,
        valid=one.valid,
        changed=one.changed,
        changes=[] if closed else [Change(before=before, after=after) for before, after in one.changes],
    )


def _forecast(row: FileRow, told: Forecast) -> ForecastBody:
    return ForecastBody(
        rows=told.rows,
        whole=told.rows >= row.rows_total,
        records=told.records,
        new=told.new,
        updates=told.updates,
        duplicates=told.duplicates,
        people_made=told.people_made,
        refused=len(told.refused),
        left_out=len(told.left_out),
    )
