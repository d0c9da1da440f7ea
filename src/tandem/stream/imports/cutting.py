"""Cutting a file into sealed pieces that never cut a record in two: read through once, whatever its size."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import BinaryIO, Final

from tandem.kernel.errors import Detail, InvalidInput
from tandem.stream.imports import fields, reading, sheets
from tandem.stream.imports.rows import Line

PIECE_ROWS: Final = 1000
ORDER_ROWS: Final = 3
"""So many times the rows for orders, which have several each: what a piece costs beside its rows is shared by about a thousand records."""
RECORD_ROWS_MAX: Final = 2000
SAMPLE_ROWS: Final = 200
"""So many rows are looked at before columns are guessed."""

Notice = tuple[str, str]


@dataclass(slots=True)
class Opened:
    """A file whose header has been read; `lines` gives the rest, once."""

    format: str
    dialect: reading.Dialect
    header: list[str]
    sample: list[list[str]]
    lines: Iterator[Line]
    notices: list[Notice] = field(default_factory=list[Notice])


def open_file(file: BinaryIO) -> Opened:
    """Read the head of a file. Raises InvalidInput for what is empty, has no header, no rows or cannot be read."""
    file.seek(0)
    if file.read(4) in {sheets.MAGIC, sheets.OLD_MAGIC}:
        sheet = sheets.Sheet(file)
        rows, notices = sheet.rows(), sheet.notices()
        return _opened("xlsx", reading.Dialect("", ""), rows, notices)
    dialect = reading.detect(file)
    return _opened("csv", dialect, reading.rows(file, dialect), [])


def _opened(format_: str, dialect: reading.Dialect, rows: Iterator[list[str]], notices: list[Notice]) -> Opened:
    header = [name.strip()[:200] for name in next(rows, list[str]())]
    while header and not header[-1]:
        header.pop()
    if not any(header):
        raise InvalidInput("no_header", "第一行应是列名。", "The first row must hold the columns' names.")
    lines = (Line(number, cells) for number, cells in enumerate(rows, 2) if any(cell.strip() for cell in cells))
    head = list(islice(lines, SAMPLE_ROWS))
    if not head:
        raise InvalidInput("no_rows", "文件里只有列名，没有数据。", "The file has column names but no rows.")
    return Opened(
        format_,
        dialect,
        header,
        [line.cells for line in head],
        chain(head, lines),
        [*notices, *_repeated(header), *_unnamed(header, head)],
    )


def _repeated(header: Sequence[str]) -> list[Notice]:
    places: dict[str, list[int]] = {}
    for at, name in enumerate(header, 1):
        if name:
            places.setdefault(name, []).append(at)
    return [
        (
            f"列名“{name}”出现了 {len(at)} 次（第 {'、'.join(map(str, at))} 列），请核对用的是哪一列",
            f"the column name {name!r} occurs {len(at)} times (columns {', '.join(map(str, at))}): check which one is used",
        )
        for name, at in places.items()
        if len(at) > 1
    ]


def _unnamed(header: Sequence[str], head: Sequence[Line]) -> list[Notice]:
    beyond = sum(len(line.cells) > len(header) and any(line.cells[len(header) :]) for line in head)
    if not beyond:
        return []
    return [
        (
            f"前 {len(head)} 行里有 {beyond} 行的列数多于列名，多出的部分不会导入；常见原因是内容里有未加引号的分隔符",
            f"{beyond} of the first {len(head)} rows have more cells than the header: what is beyond is left out",
        )
    ]


def pieces(kind: str, mapping: fields.Mapping, lines: Iterator[Line]) -> Iterator[list[Line]]:
    """Pieces of about a thousand records that never cut an order in two."""
    told = _together(mapping, lines) if kind == "order" else lines
    size = PIECE_ROWS * (ORDER_ROWS if kind == "order" else 1)
    left: list[Line] = []
    while more := list(islice(told, size)):
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


def _together(mapping: fields.Mapping, lines: Iterable[Line]) -> Iterator[Line]:
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
        f"同一订单的各行必须相邻，请先按订单号排序（第 {number} 行的订单 {order[:100]} 在前面出现过）。",
        f"The rows of one order must stand together; sort the file by order first (row {number}, order {order[:100]}).",
        details=(
            Detail(
                f"rows[{number}]", f"订单 {order[:100]} 在前面已经出现过", f"order {order[:100]} has occurred before"
            ),
        ),
    )


def buffered(raw: io.RawIOBase) -> BinaryIO:
    """A file one can read in any sizes."""
    return io.BufferedReader(raw, buffer_size=1 << 20)


Write = Callable[[int, Sequence[list[Line]]], None]
"""Stores pieces from a number on."""
WRITE_TOGETHER: Final = 20


def write_pieces(told: Iterator[list[Line]], write: Write) -> tuple[int, int]:
    """Store all pieces, some together; returns how many pieces and rows there were."""
    count = rows = 0
    while together := list(islice(told, WRITE_TOGETHER)):
        write(count, together)
        count += len(together)
        rows += sum(len(piece) for piece in together)
    return count, rows
