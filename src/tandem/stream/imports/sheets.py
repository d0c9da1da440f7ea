"""Reading a spreadsheet (XLSX) as rows of text, the way its owner sees them. Pure."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Final

import python_calamine as calamine

from tandem.kernel.errors import Detail, InvalidInput
from tandem.stream.imports.reading import COLUMNS_MAX, ROWS_MAX, broken

SHEET_BYTES_MAX: Final = 100_000_000
UNPACKED_BYTES_MAX: Final = 2_000_000_000
"""A spreadsheet is a ZIP file; a small one can unpack to more than a machine holds."""
MAGIC: Final = b"PK\x03\x04"
OLD_MAGIC: Final = b"\xd0\xcf\x11\xe0"
_MERGES_NAMED: Final = 5

Cell = int | float | str | bool | time | date | datetime | timedelta


class Sheet:
    """The first sheet of a workbook that holds something."""

    def __init__(self, content: bytes) -> None:
        _check_size(content)
        self._book = _opened(content)
        names = self._book.sheet_names
        self._sheet = next((one for one in map(self._book.get_sheet_by_name, names) if one.total_height), None)
        self.others = [name for name in names if self._sheet is not None and name != self._sheet.name]

    @property
    def name(self) -> str:
        """The sheet's name; empty where no sheet holds anything."""
        return "" if self._sheet is None else self._sheet.name

    def rows(self) -> Iterator[list[str]]:
        """Every row as text, the header first. Raises InvalidInput for an empty workbook and for cells merged in the header."""
        if self._sheet is None:
            raise InvalidInput("empty_file", "工作簿是空的。", "The workbook is empty.")
        if self._sheet.start is not None and self._sheet.start[0] > 0:
            # Rows are counted as the spreadsheet numbers them, also where it begins with empty ones.
            yield from ([] for _ in range(self._sheet.start[0]))
        if self._sheet.width > COLUMNS_MAX:
            raise broken(1, f"more than {COLUMNS_MAX} columns")
        if self._sheet.total_height > ROWS_MAX:
            raise InvalidInput("too_many_rows", f"最多 {ROWS_MAX} 行。", f"At most {ROWS_MAX} rows.")
        for row in self._sheet.iter_rows():
            yield [text_of(cell) for cell in row]

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
        merged = list(self._sheet.merged_cell_ranges or ()) if self._sheet is not None else []
        header = next((one for one in merged if one[0][0] == 0), None)
        if header is not None:
            raise InvalidInput(
                "merged_header",
                "第一行（列名）有合并的单元格，请取消合并并让每一列有自己的列名。",
                "The first row (the columns' names) has merged cells; unmerge them and give every column a name of its own.",
                details=(Detail(_range(header), "合并的单元格", "merged cells"),),
            )
        if merged:
            places = "、".join(_range(one) for one in merged[:_MERGES_NAMED])
            told.append(
                (
                    f"有 {len(merged)} 处合并的单元格（{places}），只有左上角一格有值，其余按空白处理",
                    f"{len(merged)} ranges of merged cells ({places}): only the upper left cell of each has a value",
                )
            )
        return told


def _check_size(content: bytes) -> None:
    if content.startswith(OLD_MAGIC):
        raise InvalidInput(
            "old_spreadsheet",
            "这是旧版 Excel（.xls）或加密的文件；请另存为不加密的 .xlsx 或 CSV。",
            "This is an old (.xls) or encrypted Excel file; save it as .xlsx without a password, or as CSV.",
        )
    if len(content) > SHEET_BYTES_MAX:
        raise InvalidInput(
            "sheet_too_large", "Excel 文件最大 100 MB，请另存为 CSV。", "A spreadsheet may have 100 MB; save it as CSV."
        )
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            unpacked = sum(one.file_size for one in archive.infolist())
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise _damaged() from error
    if unpacked > UNPACKED_BYTES_MAX:
        raise InvalidInput(
            "sheet_too_large",
            "Excel 文件展开后超过 2 GB，请另存为 CSV。",
            "The spreadsheet unpacks to more than 2 GB; save it as CSV.",
        )


def _opened(content: bytes) -> calamine.CalamineWorkbook:
    try:
        return calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
    except calamine.PasswordError as error:
        raise InvalidInput(
            "encrypted_sheet", "文件有密码，请去掉密码后上传。", "The file has a password; remove it and upload again."
        ) from error
    except calamine.CalamineError as error:
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


def _range(corners: Sequence[tuple[int, int]]) -> str:
    return ":".join(f"{_column(column)}{row + 1}" for row, column in corners)


def _column(number: int) -> str:
    letters = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
