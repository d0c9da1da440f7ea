"""Spreadsheets as their owners see them, read as a stream: however long, little of them is in memory."""

import io
import tracemalloc
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

import openpyxl
import pytest

from tandem.kernel.errors import InvalidInput
from tandem.stream.imports import shared_strings
from tandem.stream.imports.shared_strings import SharedStrings
from tandem.stream.imports.sheets import Sheet

TYPES = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def by_openpyxl(rows: list[list[Any]], formats: dict[str, str] | None = None) -> io.BytesIO:
    book = openpyxl.Workbook()
    book.create_sheet("空", 0)
    sheet = book.worksheets[1]
    for row in rows:
        sheet.append(row)
    for place, shown in (formats or {}).items():
        sheet[place].number_format = shown
    file = io.BytesIO()
    book.save(file)
    return file


def by_hand(sheet: Iterable[str], *, texts: str = "", prefix: str = "") -> io.BytesIO:
    """A workbook with one sheet whose XML is given; `prefix` as some programs write it."""
    p = f"{prefix}:" if prefix else ""
    space = f'xmlns{":" + prefix if prefix else ""}="{MAIN}"'
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        rels = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        archive.writestr(
            "_rels/.rels",
            f'{rels}<Relationship Id="r" Type="{TYPES}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            f'{rels}<Relationship Id="a" Type="{TYPES}/worksheet" Target="/xl/worksheets/one.xml"/>'
            f'<Relationship Id="b" Type="{TYPES}/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
        )
        archive.writestr(
            "xl/workbook.xml",
            f'<{p}workbook {space} xmlns:r="{TYPES}"><{p}sheets><{p}sheet name="一" r:id="a"/></{p}sheets></{p}workbook>',
        )
        if texts:
            archive.writestr("xl/sharedStrings.xml", f"<{p}sst {space}>{texts}</{p}sst>")
        with archive.open("xl/worksheets/one.xml", "w") as part:
            part.write(f"<{p}worksheet {space}><{p}sheetData>".encode())
            for row in sheet:
                part.write(row.encode())
            part.write(f"</{p}sheetData></{p}worksheet>".encode())
    return file


def test_every_kind_of_cell_is_read_as_it_is_seen() -> None:
    row = [
        13712370101,
        1.5,
        "00123",
        True,
        date(1990, 1, 2),
        datetime(2026, 1, 2, 3, 4, 5),  # noqa: DTZ001  # a spreadsheet knows no zone
        time(9, 30),
        timedelta(hours=30),
        "多\n行",
    ]
    file = by_openpyxl(
        [["列"] * 9, row, [45000, 45000, 45000.5, 0.1, -5]],
        {"A3": 'yyyy"年"m"月"d"日"', "B3": '0.0 "days"', "C3": "[$-804]d;@"},
    )
    sheet = Sheet(file)
    assert (sheet.name, sheet.others) == ("Sheet", ["空"])
    head, read, formats = sheet.rows()
    assert head == ["列"] * 9
    assert read == [
        "13712370101", "1.5", "00123", "true", "1990-01-02", "2026-01-02 03:04:05", "09:30:00", "1 day, 6:00:00", "多\n行"
    ]  # fmt: skip
    assert formats == ["2023-03-15", "45000", "2023-03-15 12:00:00", "0.1", "-5"]


@pytest.mark.parametrize("prefix", ["", "x"])
def test_what_other_programs_write_is_read(prefix: str) -> None:
    p = f"{prefix}:" if prefix else ""
    texts = f"<{p}si><{p}r><{p}t>王</{p}t></{p}r><{p}r><{p}t>强</{p}t></{p}r><{p}rPh><{p}t>wang</{p}t></{p}rPh></{p}si>"
    rows = [
        f'<{p}row><{p}c t="inlineStr"><{p}is><{p}t>列_x000A_名</{p}t></{p}is></{p}c><{p}c/><{p}c t="s"><{p}v>0</{p}v></{p}c></{p}row>',
        f'<{p}row r="4"><{p}c r="B4" t="str"><{p}f>1+1</{p}f><{p}v>二</{p}v></{p}c><{p}c><{p}v>12345678901234567890</{p}v></{p}c></{p}row>',
    ]
    assert list(Sheet(by_hand(rows, texts=texts, prefix=prefix)).rows()) == [
        ["列\n名", "", "王强"], [], [], ["", "二", "12345678901234567890"]
    ]  # fmt: skip


@pytest.mark.parametrize(
    "row",
    [
        '<row r="1"><c t="s"><v>7</v></c></row>',
        '<row r="1"><c><v>many</v></c></row>',
        '<row r="2"><c><v>1</v></c></row><row r="2"><c><v>1</v></c></row>',
        "<row>",
        f'<row r="1"><c t="str"><v>{"长" * 200_000}</v></c></row>',
    ],
)
def test_what_is_no_sheet_is_refused(row: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        list(Sheet(by_hand([row])).rows())
    assert caught.value.code == "bad_spreadsheet"


def test_a_document_type_and_a_torn_file_are_refused() -> None:
    whole = by_openpyxl([["手机号"], ["13712370101"]]).getvalue()
    torn = [io.BytesIO(whole[:end]) for end in range(4, len(whole), len(whole) // 20)]
    inside = io.BytesIO()
    with zipfile.ZipFile(by_hand([])) as source, zipfile.ZipFile(inside, "w") as target:
        for name in source.namelist():
            entity = b'<!DOCTYPE a [<!ENTITY b "c">]>' if name == "xl/workbook.xml" else b""
            target.writestr(name, entity + source.read(name))
    for file in (*torn, inside):
        with pytest.raises(InvalidInput) as caught:
            list(Sheet(file).rows())
        assert caught.value.code == "bad_spreadsheet"


class Counted(io.BytesIO):
    """A file that knows how much of it was read."""

    taken = 0

    def read(self, size: int | None = -1, /) -> bytes:
        got = super().read(size)
        self.taken += len(got)
        return got


def _rows(count: int) -> Iterator[str]:
    for number in range(1, count + 1):
        cells = "".join(f'<c t="inlineStr"><is><t>{hash((number, at)):x}</t></is></c>' for at in range(5))
        yield f'<row r="{number}">{cells}</row>'


def test_rows_come_before_the_file_is_read_through_and_memory_stays_flat() -> None:
    peaks: list[int] = []
    for count in (1_000, 4_000):
        file = Counted(by_hand(_rows(count)).getvalue())
        rows = Sheet(file).rows()
        begun = file.taken
        next(rows)
        at_first = file.taken - begun
        tracemalloc.start()
        assert sum(1 for _ in rows) == count - 1
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert at_first < file.taken / 2 or count < 4_000
    assert peaks[1] < 1.5 * peaks[0] < 3_000_000


def test_texts_are_found_by_number_and_few_are_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared_strings, "BLOCK_STRINGS", 7)
    monkeypatch.setattr(shared_strings, "BLOCKS_HELD", 3)
    texts = SharedStrings((f"文{number}" for number in range(100)), bytes(32))
    assert [texts[number] for number in (0, 99, 6, 7, 50, 0)] == ["文0", "文99", "文6", "文7", "文50", "文0"]
    assert len(texts._held) == 3  # pyright: ignore[reportPrivateUsage]  # what is held is what is asked here
    with pytest.raises(IndexError):
        texts[100]
