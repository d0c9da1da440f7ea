"""Taking a file in: read through once, kept in sealed pieces that never cut a record."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import BinaryIO, Final
from uuid import UUID

from psycopg.types.json import Jsonb

from tandem.access import audit
from tandem.kernel.db import Tx
from tandem.kernel.errors import Detail, InvalidInput
from tandem.kernel.ids import new_id
from tandem.stream.imports import fields, reading
from tandem.stream.imports.files import FileRow, open_piece
from tandem.stream.imports.records import Line
from tandem.stream.keys import day_key, tenant_keys
from tandem.stream.rows import to_json

PIECE_ROWS: Final = 1000
RECORD_ROWS_MAX: Final = 2000


@dataclass(frozen=True, slots=True)
class _Upload:
    id: UUID
    kind: str
    file_name: str
    dialect: reading.Dialect
    header: list[str]
    mapping: fields.Mapping
    source: str
    day: date


def upload(tx: Tx, file: BinaryIO, *, kind: str, file_name: str, source: str) -> UUID:
    """Read a file through, keep it in sealed pieces and guess its columns. Raises InvalidInput with the place of what is wrong."""
    if kind not in fields.FIELDS:
        raise InvalidInput(
            "unknown_kind", f"不能导入“{kind[:50]}”。", f"Files of kind {kind[:50]!r} cannot be imported."
        )
    dialect = reading.detect(file)
    rows = reading.rows(file, dialect)
    header = [name.strip()[:200] for name in next(rows, list[str]())]
    if not any(header):
        raise InvalidInput("no_header", "第一行应是列名。", "The first row must hold the columns' names.")
    made = _Upload(
        new_id(), kind, file_name, dialect, header, fields.guess(kind, header), source, tx.machine_now.date()
    )
    lines = (Line(number, cells) for number, cells in enumerate(rows, 2) if any(cell.strip() for cell in cells))
    pieces, total = _keep(tx, made.id, made.day, _pieces(kind, made.mapping, lines))
    if not total:
        raise InvalidInput("no_rows", "文件里只有列名，没有数据。", "The file has column names but no rows.")
    _store(tx, made, pieces, total)
    audit.record(tx, "import.uploaded", "import", made.id, None, {"kind": kind, "rows": total})
    return made.id


def recut(tx: Tx, row: FileRow, mapping: fields.Mapping) -> int:
    """Cut the file again where another column now tells orders apart; returns the number of pieces. Raises InvalidInput like `upload`."""
    keys = tenant_keys(tx)
    lines = [line for number in range(row.pieces) for line in open_piece(tx, keys, row, number)]
    tx.execute(
        "delete from import_piece where tenant_id = %(tenant)s and import_id = %(id)s",
        {"tenant": tx.tenant_id, "id": row.id},
    )
    return _keep(tx, row.id, row.key_day, _pieces(row.kind, mapping, iter(lines)))[0]


def _keep(tx: Tx, import_id: UUID, day: date, pieces: Iterator[list[Line]]) -> tuple[int, int]:
    keys = tenant_keys(tx)
    sealing = day_key(tx, keys, day)
    count = total = 0
    for piece in pieces:
        tx.execute(
            """
            insert into import_piece (tenant_id, import_id, number, rows, rows_enc)
            values (%(tenant)s, %(import)s, %(number)s, %(rows)s, %(sealed)s)
            """,
            {
                "tenant": tx.tenant_id,
                "import": import_id,
                "number": count,
                "rows": len(piece),
                "sealed": keys.seal(sealing, to_json([[line.number, line.cells] for line in piece])),
            },
        )
        count, total = count + 1, total + len(piece)
    return count, total


def _pieces(kind: str, mapping: fields.Mapping, lines: Iterator[Line]) -> Iterator[list[Line]]:
    """Pieces of about a thousand rows that never cut an order in two."""
    told = _together(mapping, lines) if kind == "order" else lines
    left: list[Line] = []
    while more := list(islice(told, PIECE_ROWS)):
        left += more
        cut = _last_whole(mapping, left) if kind == "order" else len(left)
        if cut:
            yield left[:cut]
            left = left[cut:]
    if left:
        yield left


def _last_whole(mapping: fields.Mapping, lines: Sequence[Line]) -> int:
    """How many of these lines come before the order that may go on in the next ones."""
    last = lines[-1].get(mapping, "order_id")
    cut = len(lines)
    while cut and lines[cut - 1].get(mapping, "order_id") == last:
        cut -= 1
    return cut


def _together(mapping: fields.Mapping, lines: Iterator[Line]) -> Iterator[Line]:
    """The lines, as long as those of one order stand together: taken apart, the second half would look like a correction."""
    seen: set[int] = set()
    current: str | None = None
    rows = 0
    for line in lines:
        order = line.get(mapping, "order_id")
        rows = rows + 1 if order == current else 1
        if order and order != current and hash(order) in seen:
            raise _apart(line.number, order)
        if rows > RECORD_ROWS_MAX:
            raise InvalidInput(
                "order_too_long",
                f"一个订单最多 {RECORD_ROWS_MAX} 行（第 {line.number} 行）。",
                f"An order has at most {RECORD_ROWS_MAX} rows.",
            )
        current = order
        seen.add(hash(order))
        yield line


def _apart(number: int, order: str) -> InvalidInput:
    return InvalidInput(
        "order_taken_apart",
        "同一订单的各行必须相邻，请先按订单号排序。",
        "The rows of one order must stand together; sort the file by order first.",
        details=(
            Detail(
                f"rows[{number}]", f"订单 {order[:100]} 在前面已经出现过", f"order {order[:100]} has occurred before"
            ),
        ),
    )


def _store(tx: Tx, made: _Upload, pieces: int, total: int) -> None:
    tx.execute(
        """
        insert into import_file (tenant_id, id, kind, file_name, encoding, delimiter, header, mapping, source, key_day, pieces, rows_total,
                                 created_by, created_at)
        values (%(tenant)s, %(id)s, %(kind)s, %(name)s, %(encoding)s, %(delimiter)s, %(header)s, %(mapping)s, %(source)s, %(day)s,
                %(pieces)s, %(rows)s, %(by)s, %(now)s)
        """,
        {
            "tenant": tx.tenant_id,
            "id": made.id,
            "kind": made.kind,
            "name": made.file_name.replace("\x00", "")[:200],
            "encoding": made.dialect.encoding,
            "delimiter": made.dialect.delimiter,
            "header": made.header,
            "mapping": Jsonb(made.mapping),
            "source": made.source,
            "day": made.day,
            "pieces": pieces,
            "rows": total,
            "by": tx.user_id,
            "now": tx.now,
        },
    )
