"""One form of texts that differ in disguise only: width, case, accents, traditional characters, signs between the letters. Pure."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any, Final, cast

from opencc import OpenCC  # pyright: ignore[reportMissingTypeStubs]

_HAN: Final = ((0x3400, 0x4DC0), (0x4E00, 0xA000))
#: Letters of other scripts that look like Latin ones.
_LOOK_ALIKE: Final = dict(zip("аеорсухкмтвнієѕјαονρτυκι", "aeopcyxkmtbhieejaonptuki", strict=True))
#: What ends a clause: two letters on its two sides are seldom one word.
CLAUSE: Final = frozenset("，。！？；：、,!?;:\n")


def is_han(char: str) -> bool:
    """Whether a character is a Chinese one."""
    return any(begin <= ord(char) < end for begin, end in _HAN)


@cache
def _simplified() -> dict[str, str]:
    """Traditional characters and what each is written as on the mainland; one for one, so that places in a text stay."""
    converter = cast("Any", OpenCC("t2s"))
    found: dict[str, str] = {}
    for begin, end in _HAN:
        for code in range(begin, end):
            char = chr(code)
            written = str(converter.convert(char))
            if written != char and len(written) == 1:
                found[char] = written
    return found


@cache
def _letter(char: str) -> str:
    """What one character is to whoever reads past its disguise; empty for what only stands between letters."""
    plain = unicodedata.normalize("NFKD", char).casefold()
    kept = [one for one in plain if one.isalnum()]
    return "".join(_simplified().get(one, _LOOK_ALIKE.get(one, one)) for one in kept)


@dataclass(frozen=True, slots=True)
class Folded:
    """A text's letters, and where in the text each of them stands."""

    text: str
    places: list[int]


def fold(text: str) -> Folded:
    """A text without its disguise."""
    letters: list[str] = []
    places: list[int] = []
    for at, char in enumerate(text):
        for one in _letter(char):
            letters.append(one)
            places.append(at)
    return Folded("".join(letters), places)


def glued(text: str, start: int, end: int) -> bool:
    """Whether text[start:end] is part of a longer Latin word or number: what stands right beside it goes on with it."""
    return _goes_on(text, start - 1, start) or _goes_on(text, end - 1, end)


def _goes_on(text: str, left: int, right: int) -> bool:
    if left < 0 or right >= len(text):
        return False
    one, other = _letter(text[left])[-1:], _letter(text[right])[:1]
    latin = one.isascii() and other.isascii()
    return latin and ((one.isalpha() and other.isalpha()) or (one.isdigit() and other.isdigit()))


def spans_clauses(text: str, places: list[int]) -> bool:
    """Whether the letters at some places are parted by the end of a clause and by nothing else: perhaps no word at all."""
    return any(_is_clause_end(text[one + 1 : other]) for one, other in pairwise(places) if other > one + 1)


def _is_clause_end(between: str) -> bool:
    signs = set(between) - {" ", "\u3000"}
    return bool(signs) and signs <= CLAUSE
