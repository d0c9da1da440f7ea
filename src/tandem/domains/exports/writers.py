"""CSV and XLSX written row by row into a sink: memory does not grow with the file, and no copy lies on a disk. Pure."""

from __future__ import annotations

import codecs
import csv
import io
import re
import zipfile
from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final, Protocol
from xml.sax.saxutils import escape

from tandem.stream.imports.reading import harmless

Cell = str | int | Decimal | datetime | None
SHEET_ROWS_MAX: Final = 1_048_576

# What XML cannot hold.
_UNFIT: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


class Writer(Protocol):
    """Takes rows; `close` writes what belongs at the end."""

    def row(self, cells: Sequence[Cell]) -> None: ...
    def close(self) -> None: ...


class CsvWriter:
    """CSV with a mark, so that spreadsheets read Chinese; nothing in it is run as a formula."""

    def __init__(self, sink: Callable[[bytes], object]) -> None:
        self._sink = sink
        sink(codecs.BOM_UTF8)

    def row(self, cells: Sequence[Cell]) -> None:
        """Write one row."""
        buffer = io.StringIO()
        csv.writer(buffer).writerow([harmless(text(cell)) for cell in cells])
        self._sink(buffer.getvalue().encode(errors="replace"))

    def close(self) -> None:
        """Nothing follows."""


class _Stream(io.RawIOBase):
    """A file that can only be written forward, as `zipfile` can use it."""

    def __init__(self, sink: Callable[[bytes], object]) -> None:
        super().__init__()
        self._sink = sink

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        self._sink(bytes(data))
        return len(data)


_PARTS: Final = {
    "[Content_Types].xml": (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
        '<Override PartName="/xl/worksheets/sheet1.xml"'
        ' ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>'
    ),
    "_rels/.rels": (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1"'
        ' Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>'
    ),
    "xl/workbook.xml": (
        '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
        ' xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
        '<sheets><sheet name="Tandem" sheetId="1" r:id="rId1"/></sheets></workbook>'
    ),
    "xl/_rels/workbook.xml.rels": (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1"'
        ' Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>'
    ),
}
_XML: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_SHEET: Final = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'


class XlsxWriter:
    """The smallest workbook: one sheet, texts in place (never a formula), numbers as numbers. Libraries keep plain copies on disk."""

    def __init__(self, sink: Callable[[bytes], object]) -> None:
        self._zip = zipfile.ZipFile(_Stream(sink), "w", zipfile.ZIP_DEFLATED)  # type: ignore[arg-type]
        for name, content in _PARTS.items():
            self._zip.writestr(name, _XML + content)
        self._sheet = self._zip.open("xl/worksheets/sheet1.xml", "w", force_zip64=True)
        self._sheet.write((_XML + _SHEET).encode())

    def row(self, cells: Sequence[Cell]) -> None:
        """Write one row."""
        self._sheet.write(f"<row>{''.join(map(_xml, cells))}</row>".encode())

    def close(self) -> None:
        """Write the archive's end."""
        self._sheet.write(b"</sheetData></worksheet>")
        self._sheet.close()
        self._zip.close()


def _xml(cell: Cell) -> str:
    if cell is None or cell == "":
        return "<c/>"
    if isinstance(cell, int | Decimal):
        return f"<c><v>{cell}</v></c>"
    return f'<c t="inlineStr"><is><t xml:space="preserve">{escape(_UNFIT.sub("", text(cell)))}</t></is></c>'


def text(cell: Cell) -> str:
    """A cell as text; times to the second, in the zone they were given in."""
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.strftime("%Y-%m-%d %H:%M:%S")
    return str(cell)
