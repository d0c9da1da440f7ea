"""The parts of an XLSX file, read as a stream of XML: names of elements without their prefix, no document types, a row at a time. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from typing import IO, Final, Protocol
from xml.parsers import expat

Cell = int | float | str | bool | time | date | datetime | timedelta

CHUNK_BYTES: Final = 1 << 16
_PART_BYTES_MAX: Final = 20_000_000
"""Lists of sheets, relations and styles are read whole; none comes near this."""
_EPOCH: Final = datetime(1899, 12, 30)  # noqa: DTZ001  # a spreadsheet knows no zone
_EPOCH_MAC: Final = datetime(1904, 1, 1)  # noqa: DTZ001  # nor does the other
_DAYS_MAX: Final = 2_958_466
_COLUMNS_MAX: Final = 16_384
_TEXT_MAX: Final = 131_072
"""Four times what a cell may hold: what is longer is no spreadsheet's."""
_DATES: Final = frozenset((*range(14, 23), *range(27, 37), 45, 47, *range(50, 59)))
"""Number formats without a text of their own that show dates, Chinese ones included (ECMA-376 18.8.30)."""
_DURATIONS: Final = frozenset((46,))
_LITERAL: Final = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.IGNORECASE)
_ESCAPED: Final = re.compile(r"_x00(09|0[Aa]|0[Dd]|5[Ff])_")

Attributes = dict[str, str]


class DamagedError(Exception):
    """The XML is none, or not that of a spreadsheet."""


class Texts(Protocol):
    """The workbook's table of texts."""

    def __getitem__(self, number: int, /) -> str: ...


def _parser(
    start: Callable[[str, Attributes], None], end: Callable[[str], None], text: Callable[[str], None]
) -> expat.XMLParserType:
    parser = expat.ParserCreate()
    parser.buffer_text = True

    def refuse(*_: object) -> None:
        raise DamagedError("a document type")

    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text
    return parser


def elements(file: IO[bytes]) -> Iterator[tuple[str, Attributes]]:
    """Every element of a small part with its attributes, both without prefixes."""
    found: list[tuple[str, Attributes]] = []

    def start(tag: str, attributes: Attributes) -> None:
        found.append((_local(tag), {_local(name): value for name, value in attributes.items()}))

    content = file.read(_PART_BYTES_MAX + 1)
    if len(content) > _PART_BYTES_MAX:
        raise DamagedError("too long")
    try:
        _parser(start, lambda _: None, lambda _: None).Parse(content, True)
    except expat.ExpatError as error:
        raise DamagedError(str(error)) from error
    return iter(found)


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def shared_texts(file: IO[bytes]) -> Iterator[str]:
    """The table of texts, in order; of a text in several fonts the whole, of its pronunciation nothing."""
    done: list[str] = []
    parts: list[str] = []
    state = {"reading": False, "aside": False, "long": 0}

    def start(tag: str, _: Attributes) -> None:
        name = _local(tag)
        if name == "t":
            state["reading"] = not state["aside"]
        elif name == "rPh":
            state["aside"] = True

    def end(tag: str) -> None:
        name = _local(tag)
        if name == "t":
            state["reading"] = False
        elif name == "rPh":
            state["aside"] = False
        elif name == "si":
            done.append(_plain("".join(parts)))
            parts.clear()
            state["long"] = 0

    def text(data: str) -> None:
        if state["reading"]:
            parts.append(data)
            state["long"] += len(data)
            if state["long"] > _TEXT_MAX:
                raise DamagedError("a text without end")

    parser = _parser(start, end, text)
    for chunk in _chunks(file):
        _feed(parser, chunk)
        yield from done
        done.clear()


def _plain(text: str) -> str:
    """Spreadsheets write control characters as _x000D_."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if "_x00" in text else text


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    while chunk := file.read(CHUNK_BYTES):
        yield chunk
    yield b""


def _feed(parser: expat.XMLParserType, chunk: bytes) -> None:
    try:
        parser.Parse(chunk, not chunk)
    except expat.ExpatError as error:
        raise DamagedError(str(error)) from error


def styles(file: IO[bytes]) -> list[str]:
    """Of every style of a cell what its number is: "" (a number), "date" or "duration"."""
    formats: dict[str, str] = {}
    found: list[str] = []
    is_cells = False
    for name, attributes in elements(file):
        if name == "numFmt":
            formats[attributes.get("numFmtId", "")] = _means(attributes.get("formatCode", ""))
        elif name in {"cellXfs", "cellStyleXfs", "cellStyles", "dxfs"}:
            is_cells = name == "cellXfs"
        elif name == "xf" and is_cells:
            number = attributes.get("numFmtId", "0")
            usual = "date" if _is_in(number, _DATES) else "duration" if _is_in(number, _DURATIONS) else ""
            found.append(formats.get(number, usual))
    return found


def _is_in(number: str, numbers: frozenset[int]) -> bool:
    return number.isdecimal() and int(number) in numbers


def _means(code: str) -> str:
    shown = _LITERAL.sub("", code.partition(";")[0]).lower()
    if "[" in shown:
        return "duration"
    return "date" if any(letter in shown for letter in "ymdhs") and "general" not in shown else ""


class RowReader:
    """A sheet's rows: (number as the spreadsheet counts, cells from column A on)."""

    def __init__(self, texts: Texts, kinds: list[str], *, is_1904: bool) -> None:
        self._texts = texts
        self._kinds = kinds
        self._epoch = _EPOCH_MAC if is_1904 else _EPOCH
        self._done: list[tuple[int, list[Cell]]] = []
        self._row: list[Cell] = []
        self._number = 0
        self._column = 0
        self._kind = ""
        self._style = ""
        self._text: list[str] = []
        self._reading = self._aside = False
        self._columns: dict[str, int] = {}

    def rows(self, file: IO[bytes]) -> Iterator[tuple[int, list[Cell]]]:
        """Read the sheet once. Raises DamagedError."""
        parser = _parser(self._start, self._end, self._data)
        try:
            for chunk in _chunks(file):
                _feed(parser, chunk)
                yield from self._done
                self._done.clear()
        except (ValueError, IndexError, OverflowError) as error:
            raise DamagedError(str(error)) from error

    def _start(self, tag: str, attributes: Attributes) -> None:
        name = tag if ":" not in tag else _local(tag)
        if name == "c":
            self._kind = attributes.get("t", "n")
            self._style = attributes.get("s", "")
            place = attributes.get("r")
            self._column = self._column + 1 if place is None else self._column_of(place)
            self._text.clear()
        elif name in ("v", "t"):
            self._reading = not self._aside
        elif name == "row":
            number = attributes.get("r")
            self._number = self._number + 1 if number is None else int(number)
            self._row, self._column = [], -1
        elif name == "rPh":
            self._aside = True

    def _end(self, tag: str) -> None:
        name = tag if ":" not in tag else _local(tag)
        if name in ("v", "t"):
            self._reading = False
        elif name == "c":
            if self._text:
                self._put(self._value("".join(self._text)))
        elif name == "row":
            self._done.append((self._number, self._row))
        elif name == "rPh":
            self._aside = False

    def _data(self, data: str) -> None:
        if self._reading:
            self._text.append(data)
            if len(self._text) > 1 and sum(map(len, self._text)) > _TEXT_MAX:
                raise DamagedError("a text without end")

    def _put(self, value: Cell) -> None:
        row, column = self._row, self._column
        if column >= _COLUMNS_MAX:
            raise DamagedError("more columns than a sheet has")
        if column >= len(row):
            row.extend([""] * (column + 1 - len(row)))
        row[column] = value

    def _column_of(self, place: str) -> int:
        letters = place.rstrip("0123456789")
        found = self._columns.get(letters)
        if found is None:
            if not letters.isascii() or not letters.isalpha() or len(letters) > 3:
                raise DamagedError(f"a cell at {place[:20]}")
            found = 0
            for letter in letters.upper():
                found = found * 26 + ord(letter) - 64
            found = self._columns[letters] = found - 1
        return found

    def _value(self, text: str) -> Cell:
        kind = self._kind
        if kind == "s":
            return self._texts[int(text)]
        if kind == "n":
            return self._number_of(text)
        if kind == "b":
            return text.strip() == "1"
        if kind == "d":
            return datetime.fromisoformat(text)
        return _plain(text)

    def _number_of(self, text: str) -> Cell:
        shown = self._kinds[int(self._style)] if self._style and int(self._style) < len(self._kinds) else ""
        if not shown:
            # Digits stay digits, however many: a long number is a number of an order, not a quantity.
            return text if text.isdecimal() and text.isascii() else float(text)
        days = float(text)
        if not 0 <= days < _DAYS_MAX:
            return days
        passed = timedelta(milliseconds=round(days * 86_400_000))
        if shown == "duration":
            return passed
        return (self._epoch + passed).time() if days < 1 else self._epoch + passed
