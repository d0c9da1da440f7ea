"""CSV as people's spreadsheets write it, and CSV they can open without harm."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tandem.kernel.errors import InvalidInput
from tandem.stream.imports.reading import detect, harmless, rows, write

TEXT = '姓名,手机\n李丽,13712345678\n"王, 强",13787654321\n'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
def test_every_encoding_people_use_is_found(encoding: str) -> None:
    file = io.BytesIO(TEXT.encode(encoding))
    assert list(rows(file, detect(file)))[1:] == [["李丽", "13712345678"], ["王, 强", "13787654321"]]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters(delimiter: str) -> None:
    file = io.BytesIO(f"a{delimiter}b\r\n1{delimiter}2\r\n".encode())
    assert list(rows(file, detect(file))) == [["a", "b"], ["1", "2"]]


@pytest.mark.parametrize(
    "content", [b"", b"  \n ", b"PK\x03\x04\x00\x00\x00", b"\xff\xff\x80\x81,a\n", b"a,b\n" + b"x," * 300]
)
def test_what_is_no_csv_is_refused(content: bytes) -> None:
    file = io.BytesIO(content)
    with pytest.raises(InvalidInput) as caught:
        list(rows(file, detect(file)))
    assert caught.value.zh


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("=1+1", "'=1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("-5", "-5"),
        ("-5.2", "-5.2"),
        ("-5+cmd|' /C calc'!A0", "'-5+cmd|' /C calc'!A0"),
        ("+8613712345678", "+8613712345678"),
        ("＝1", "'＝1"),
        ("\t=1", "'\t=1"),
        ("安娜", "安娜"),
        ("", ""),
    ],
)
def test_formulas_are_neutralised(cell: str, expected: str) -> None:
    assert harmless(cell) == expected


@given(
    st.lists(
        st.lists(
            st.text(st.characters(blacklist_categories=("Cs",), blacklist_characters="\x00"), max_size=20),
            min_size=1,
            max_size=5,
        ),
        min_size=1,
        max_size=5,
    )
)
def test_no_written_cell_starts_a_formula(lines: list[list[str]]) -> None:
    content = b"".join(write(lines))
    file = io.BytesIO(content)
    for row in rows(file, type(detect(io.BytesIO(b"a,b")))("utf-8-sig", ",")):
        for cell in row:
            assert not cell.startswith(("=", "@", "\t", "\r")), cell
