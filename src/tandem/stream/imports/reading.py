"""Reading a CSV file as people's spreadsheets write it, and writing one they can open without harm. Pure."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Final

from tandem.kernel.errors import Detail, InvalidInput

COLUMNS_MAX: Final = 200
CELL_CHARACTERS_MAX: Final = 131_072
ROWS_MAX: Final = 2_000_000
_SAMPLE_BYTES: Final = 262_144
_ENCODINGS: Final = ("utf-8", "gb18030")
_BOMS: Final = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_DELIMITERS: Final = (",", "\t", ";", "|")
#: What a spreadsheet would take for the start of a formula.
_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a file is written. `encoding` is Python's name."""

    encoding: str
    delimiter: str


def detect(file: BinaryIO) -> Dialect:
    """Find encoding (UTF-8 with or without mark, UTF-16 with mark, GBK and its successors) and delimiter.

    Raises InvalidInput for an empty file or bytes in no encoding we know.
    """
    file.seek(0)
    sample = file.read(_SAMPLE_BYTES)
    if not sample.strip():
        raise InvalidInput("empty_file", "文件是空的。", "The file is empty.")
    for mark, encoding in _BOMS:
        if sample.startswith(mark):
            return Dialect(encoding, _delimiter(sample.decode(encoding, errors="ignore")))
    if b"\x00" in sample:
        raise InvalidInput(
            "not_a_csv_file", "这不是文本文件，请另存为 CSV。", "This is not a text file; save it as CSV."
        )
    for encoding in _ENCODINGS:
        if _fits(file, encoding):
            return Dialect(encoding, _delimiter(sample.decode(encoding, errors="ignore")))
    raise InvalidInput(
        "unknown_encoding", "无法识别文件编码，请另存为 UTF-8。", "The file's encoding is unknown; save it as UTF-8."
    )


def _fits(file: BinaryIO, encoding: str) -> bool:
    """Whether the whole file decodes: a wrong guess in the middle would turn names into noise."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    file.seek(0)
    try:
        while part := file.read(1 << 20):
            decoder.decode(part)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _delimiter(text: str) -> str:
    first = text.partition("\n")[0]
    return max(_DELIMITERS, key=first.count) if any(one in first for one in _DELIMITERS) else ","


def rows(file: BinaryIO, dialect: Dialect) -> Iterator[list[str]]:
    """Every row, the header first; empty rows are left out of nothing, so that numbers stay those of the spreadsheet.

    Raises InvalidInput with the row's number for what is no CSV.
    """
    file.seek(0)
    text = io.TextIOWrapper(file, encoding=dialect.encoding, newline="")
    reader = csv.reader(text, delimiter=dialect.delimiter, strict=False)
    number = 0
    try:
        for row in reader:
            number += 1
            _check(row, number)
            yield row
    except csv.Error as error:
        raise _unreadable(number + 1, error) from error
    finally:
        text.detach()


def _unreadable(number: int, error: csv.Error) -> InvalidInput:
    if "field limit" in str(error):
        return InvalidInput(
            "cell_too_long",
            f"第 {number} 行有一个单元格超过 {CELL_CHARACTERS_MAX} 个字符，多半是引号没有成对；请改正后重新上传。",
            f"Row {number} has a cell of more than {CELL_CHARACTERS_MAX} characters, most likely a quotation mark that is never"
            " closed; mend it and upload again.",
        )
    return broken(number, str(error))


def _check(row: Sequence[str], number: int) -> None:
    if len(row) > COLUMNS_MAX:
        raise broken(number, f"more than {COLUMNS_MAX} columns")
    if number > ROWS_MAX:
        raise InvalidInput(
            "too_many_rows", f"最多 {ROWS_MAX} 行，请拆分文件。", f"At most {ROWS_MAX} rows; split the file."
        )
    if any("\x00" in cell for cell in row):
        raise broken(number, "a NUL character")


def broken(number: int, why: str) -> InvalidInput:
    """The refusal of a file that cannot be read at a row."""
    return InvalidInput(
        "not_a_csv_file",
        f"第 {number} 行无法按 CSV 读取。",
        f"Row {number} cannot be read as CSV.",
        details=(Detail(f"rows[{number}]", why, why),),
    )


def harmless(cell: str) -> str:
    """A cell that no spreadsheet runs as a formula; a plain number stays one."""
    if not cell.startswith(_FORMULA_STARTS) or _is_number(cell):
        return cell
    return f"'{cell}"


def _is_number(cell: str) -> bool:
    return cell[1:].replace(".", "", 1).isdecimal() and cell[0] in "+-" and cell.isascii()


def write(lines: Iterable[Sequence[str]]) -> Iterator[bytes]:
    """CSV with a mark, so that spreadsheets read Chinese, and with formulas neutralised."""
    yield codecs.BOM_UTF8
    yield from written(lines)


def written(lines: Iterable[Sequence[str]]) -> Iterator[bytes]:
    """Lines of such a file."""
    for line in lines:
        buffer = io.StringIO()
        csv.writer(buffer).writerow([harmless(cell) for cell in line])
        yield buffer.getvalue().encode()
