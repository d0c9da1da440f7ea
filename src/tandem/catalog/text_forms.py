"""What Chinese text needs beside the Latin rules: one width, pinyin initials."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Final

FULL_WIDTH: Final = "".join(chr(code) for code in range(0xFF01, 0xFF5F)) + "\u3000"
HALF_WIDTH: Final = "".join(chr(code) for code in range(0x21, 0x7F)) + " "
SPACES: Final = " \t\n\r\u3000\u00a0"
_TO_HALF: Final = str.maketrans(FULL_WIDTH, HALF_WIDTH)
# Letters outside a-z have rules that differ between libraries; PostgreSQL's "C" collation leaves them alone as well.
LOWER: Final = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}
UPPER: Final = {code: code - 32 for code in range(ord("a"), ord("z") + 1)}
# Where each initial begins among the 3,755 common characters of GB 2312, which stand in the order of their pinyin.
_INITIALS: Final = "啊芭擦搭蛾发噶哈击喀垃妈拿哦啪期然撒塌挖昔压匝"
_LETTERS: Final = "abcdefghjklmnopqrstwxyz"


def half_width(text: str) -> str:
    """Return full-width letters, digits, signs and the ideographic space as ordinary ones."""
    return text.translate(_TO_HALF)


def fold(text: str) -> str:
    """Return one form of texts that differ in width and in the case of Latin letters only."""
    return half_width(text).translate(LOWER)


@cache
def pinyin_initials() -> tuple[str, str]:
    """Return the common characters and, at the same places, the first letter of each one's pinyin."""
    begins = dict(zip(_INITIALS, _LETTERS, strict=True))
    characters: list[str] = []
    letters: list[str] = []
    letter = "a"
    for row in range(0xB0, 0xD8):
        for cell in range(0xA1, 0xFF):
            if row == 0xD7 and cell > 0xF9:
                break
            character = bytes((row, cell)).decode("gb2312")
            letter = begins.get(character, letter)
            characters.append(character)
            letters.append(letter)
    return "".join(characters), "".join(letters)


@cache
def _initials_table() -> Mapping[int, int]:
    return str.maketrans(*pinyin_initials())


def initials(text: str) -> str:
    """Return each common Chinese character as the first letter of its pinyin; everything else stays as it is."""
    return text.translate(_initials_table())
