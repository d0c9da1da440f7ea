"""Reading a spreadsheet (XLSX) as rows of text, the way its owner sees them, whatever its size: as a stream, never whole."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from datetime import date, datetime, time
from typing import BinaryIO, Final, TypeVar

from tandem.kernel.errors import Detail, InvalidInput
from tandem.stream.imports.reading import COLUMNS_MAX, ROWS_MAX, broken
from tandem.stream.imports.shared_strings import SharedStrings
from tandem.stream.imports.sheet_xml import Cell, DamagedError, RowReader
from tandem.stream.imports.workbook import Workbook

SHEET_BYTES_MAX: Final = 100_000_000
UNPACKED_BYTES_MAX: Final = 2_000_000_000
"""A spreadsheet is a ZIP file; a small one can unpack to more than a machine holds."""
MAGIC: Final = b"PK\x03\x04"
OLD_MAGIC: Final = b"\xd0\xcf\x11\xe0"
_MERGES_NAMED: Final = 5
_ENCRYPTED: Final = 1
T = TypeVar("T")
_UNREADABLE: Final = (
    DamagedError,
    zipfile.BadZipFile,
    zlib.error,
    KeyError,
    ValueError,
    EOFError,
    NotImplementedError,
    RuntimeError,
)
"""What a file that is no workbook makes of zip and XML."""


class Sheet:
    """The first sheet of a workbook that holds something, read from the file a stretch at a time."""

    def __init__(self, file: BinaryIO) -> None:
        self._archive = _opened(file)
        book = _read(lambda: Workbook(self._archive))
        self._book = book
        self._texts: SharedStrings | None = None
        found = next((one for one in book.sheets if self._holds_something(one)), None)
        self._sheet = found
        self.others = [name for name, _ in book.sheets if found is not None and name != found[0]]

    @property
    def name(self) -> str:
        """The sheet's name; empty where no sheet holds anything."""
        return "" if self._sheet is None else self._sheet[0]

    def rows(self) -> Iterator[list[str]]:
        """Every row as text, the header first. Raises InvalidInput for an empty workbook and for what cannot be read."""
        if self._sheet is None:
            raise InvalidInput("empty_file", "工作簿是空的。", "The workbook is empty.")
        before = 0
        for number, cells in self._cells(self._sheet):
            if number <= before:
                raise _damaged()
            if number > ROWS_MAX:
                raise InvalidInput("too_many_rows", f"最多 {ROWS_MAX} 行。", f"At most {ROWS_MAX} rows.")
            if len(cells) > COLUMNS_MAX:
                raise broken(number, f"more than {COLUMNS_MAX} columns")
            # Rows are counted as the spreadsheet numbers them, also where some are empty.
            yield from ([] for _ in range(number - before - 1))
            yield [text_of(cell) for cell in cells]
            before = number

    def _cells(self, sheet: tuple[str, str]) -> Iterator[tuple[int, list[Cell]]]:
        """The rows that hold something. The table of texts is laid aside when the first cell is asked for."""
        if self._texts is None:
            self._texts = _read(self._book.texts)
        try:
            with self._archive.open(sheet[1]) as part:
                reader = RowReader(self._texts, self._book.kinds, is_1904=self._book.is_1904)
                for number, cells in reader.rows(part):
                    if cells:
                        yield number, cells
        except _UNREADABLE as error:
            raise _damaged() from error

    def _holds_something(self, sheet: tuple[str, str]) -> bool:
        return next(self._cells(sheet), None) is not None

    def notices(self) -> list[tuple[str, str]]:
        """What the owner should know. Raises InvalidInput where the header itself is merged."""
        told: list[tuple[str, str]] = []
        if self.others:
            names = "、".join(self.others[:_MERGES_NAMED])
            told.append(
                (
                    f"只读取第一个有数据的工作表“{self.name}”，未读取：{names}",
                    f"only sheet {self.name!r} is read, not: {names}",
                )
            )
        sheet = self._sheet
        merged = [] if sheet is None else _read(lambda: self._book.merged(sheet[1]))
        header = next((one for one in merged if re.fullmatch(r"[A-Z]+1(:.*)?", one)), None)
        if header is not None:
            raise InvalidInput(
                "merged_header",
                "第一行（列名）有合并的单元格，请取消合并并让每一列有自己的列名。",
                "The first row (the columns' names) has merged cells; unmerge them and give every column a name of its own.",
                details=(Detail(header, "合并的单元格", "merged cells"),),
            )
        if merged:
            places = "、".join(merged[:_MERGES_NAMED])
            told.append(
                (
                    f"有 {len(merged)} 处合并的单元格（{places}），只有左上角一格有值，其余按空白处理",
                    f"{len(merged)} ranges of merged cells ({places}): only the upper left cell of each has a value",
                )
            )
        return told


def _opened(file: BinaryIO) -> zipfile.ZipFile:
    file.seek(0)
    if file.read(len(OLD_MAGIC)) == OLD_MAGIC:
        raise InvalidInput(
            "old_spreadsheet",
            "这是旧版 Excel（.xls）或加密的文件；请另存为不加密的 .xlsx 或 CSV。",
            "This is an old (.xls) or encrypted Excel file; save it as .xlsx without a password, or as CSV.",
        )
    if file.seek(0, io.SEEK_END) > SHEET_BYTES_MAX:
        raise InvalidInput(
            "sheet_too_large", "Excel 文件最大 100 MB，请另存为 CSV。", "A spreadsheet may have 100 MB; save it as CSV."
        )
    try:
        archive = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise _damaged() from error
    if any(one.flag_bits & _ENCRYPTED for one in archive.infolist()):
        raise InvalidInput(
            "encrypted_sheet", "文件有密码，请去掉密码后上传。", "The file has a password; remove it and upload again."
        )
    if sum(one.file_size for one in archive.infolist()) > UNPACKED_BYTES_MAX:
        raise InvalidInput(
            "sheet_too_large",
            "Excel 文件展开后超过 2 GB，请另存为 CSV。",
            "The spreadsheet unpacks to more than 2 GB; save it as CSV.",
        )
    return archive


def _read(step: Callable[[], T]) -> T:
    try:
        return step()
    except _UNREADABLE as error:
        raise _damaged() from error


def _damaged() -> InvalidInput:
    return InvalidInput(
        "bad_spreadsheet",
        "无法打开这个 Excel 文件，请另存后重试。",
        "This spreadsheet cannot be opened; save it anew and retry.",
    )


def text_of(cell: Cell) -> str:
    """A cell as its owner reads it: whole numbers without a point (a phone number is none), times in ISO 8601."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(sep=" ", timespec="seconds")
    if isinstance(cell, date | time):
        return cell.isoformat()
    return str(cell)
