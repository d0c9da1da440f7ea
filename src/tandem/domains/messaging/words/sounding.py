"""Texts by their sound: a sign for each Chinese character's commonest reading with its tone, so that homophones are the same. Pure."""

from __future__ import annotations

from functools import lru_cache
from threading import Lock
from typing import Final

from pypinyin import Style, pinyin

from tandem.domains.messaging.words.folding import is_han

_BEGIN: Final = 0xE000
"""Where Unicode keeps 6,400 signs for private use. Chinese has about 1,300 syllables with tones; folded texts have no such sign."""
_numbers: Final[dict[str, int]] = {}
_lock: Final = Lock()


@lru_cache(maxsize=30_000)
def _sound(char: str) -> str:
    if not is_han(char):
        return char
    rows = pinyin(char, style=Style.TONE3, errors="ignore", neutral_tone_with_five=True)
    if not rows or not rows[0]:
        return char
    with _lock:
        return chr(_BEGIN + _numbers.setdefault(rows[0][0], len(_numbers)))


def sounds(folded: str) -> str:
    """A folded text by its sound, sign for letter: places stay."""
    return "".join(map(_sound, folded))
