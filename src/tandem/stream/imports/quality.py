"""How good a file's data is, in figures a person can argue with. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final
from zoneinfo import ZoneInfo

from tandem.stream.identity.identifiers import Malformed, canonical
from tandem.stream.imports import cleaning, records
from tandem.stream.imports.fields import Mapping
from tandem.stream.imports.records import BadCell
from tandem.stream.imports.rows import Line

FILLED_WEIGHT: Final = 0.3
VALID_WEIGHT: Final = 0.5
SINGLE_WEIGHT: Final = 0.2
CHANGES_SHOWN: Final = 3


@dataclass(frozen=True, slots=True)
class Column:
    """A mapped column: the share of rows that fill it, of filled ones that can be read, and some cells before and after cleaning."""

    field: str
    filled: float
    valid: float
    changed: int
    changes: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Quality:
    """`score` 0 to 100: 30 % how full the columns are, 50 % how many cells can be read, 20 % how few lines come twice."""

    score: int
    columns: list[Column]
    repeated: int
    rows: int


def measure(mapping: Mapping, rules: frozenset[str], lines: Sequence[Line], zone: ZoneInfo) -> Quality:
    """Measure lines under a mapping and the cleaning rules that are on."""
    columns = [_column(field, mapping, rules, lines, zone) for field in mapping]
    repeated = len(lines) - len({tuple(line.cells) for line in lines})
    rows = len(lines)
    if not rows or not columns:
        return Quality(0, columns, repeated, rows)
    filled = sum(one.filled for one in columns) / len(columns)
    valid = sum(one.valid for one in columns) / len(columns)
    score = FILLED_WEIGHT * filled + VALID_WEIGHT * valid + SINGLE_WEIGHT * (1 - repeated / rows)
    return Quality(round(100 * score), columns, repeated, rows)


def _column(field: str, mapping: Mapping, rules: frozenset[str], lines: Sequence[Line], zone: ZoneInfo) -> Column:
    at = mapping[field]
    cells = [line.cells[at] if at < len(line.cells) else "" for line in lines]
    after = [cleaning.clean(rules, field, cell) for cell in cells]
    filled = [cell for cell in after if cell.strip()]
    fits = _FITS.get(field)
    valid = sum(fits(cell, zone) for cell in filled) if fits else len(filled)
    changes = dict.fromkeys((b, a) for b, a in zip(cells, after, strict=True) if b != a)
    return Column(
        field,
        round(len(filled) / len(cells), 4) if cells else 0.0,
        round(valid / len(filled), 4) if filled else 1.0,
        sum(b != a for b, a in zip(cells, after, strict=True)),
        list(changes)[:CHANGES_SHOWN],
    )


def _identifier(kind: str) -> Callable[[str, ZoneInfo], bool]:
    def fits(cell: str, _: ZoneInfo) -> bool:
        try:
            return canonical(kind, cell) is not None
        except Malformed:
            return False

    return fits


def _read(read: Callable[[str, ZoneInfo], object]) -> Callable[[str, ZoneInfo], bool]:
    def fits(cell: str, zone: ZoneInfo) -> bool:
        try:
            read(cell, zone)
        except BadCell:
            return False
        return True

    return fits


_FITS: Final[dict[str, Callable[[str, ZoneInfo], bool]]] = {
    "phone": _identifier("phone"),
    "email": _identifier("email"),
    "birthday": _read(lambda cell, _: records.date_in("birthday", cell)),
    "placed_at": _read(lambda cell, zone: records.moment_in("placed_at", cell, zone)),
    "paid_at": _read(lambda cell, zone: records.moment_in("paid_at", cell, zone)),
    "total": _read(lambda cell, _: records.number_in("total", cell)),
    "amount": _read(lambda cell, _: records.number_in("amount", cell)),
    "quantity": _read(lambda cell, _: records.number_in("quantity", cell)),
    "discount": _read(lambda cell, _: records.number_in("discount", cell)),
}


def plain(measured: Quality) -> dict[str, Any]:
    """As it is kept with an import: figures only, no cell of the file."""
    return {
        "score": measured.score,
        "rows": measured.rows,
        "repeated": measured.repeated,
        "columns": [{"field": one.field, "filled": one.filled, "valid": one.valid} for one in measured.columns],
    }
