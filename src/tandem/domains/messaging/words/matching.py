"""Finding a tenant's words in a text, all at once (Aho-Corasick), through the disguises people use. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from threading import Lock
from typing import Final, Literal

from ahocorasick_rs import AhoCorasick
from pypinyin import Style, pinyin

from tandem.domains.messaging.words.folding import Folded, fold, glued, is_han, spans_clauses
from tandem.domains.messaging.words.sounding import sounds

Level = Literal["block", "warn", "allow"]
"""`block`: a message that says it is held back. `warn`: it goes, and is noted. `allow`: inside of this nothing is found."""
PINYIN_CHARACTERS_MAX: Final = 6
MIXED_MAX: Final = 3
COMMON_MIXED_MAX: Final = 4
"""Up to so many characters any mixture of characters and pinyin is looked for: in every reading, and in the commonest alone."""
WRITINGS_MAX: Final = 100
ALL_PINYIN_LEAST: Final = 5
"""Shorter than this a word in Latin letters alone is too often something else."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word to be found. `pinyin`: also where some of its characters, or all, are spelt in Latin letters. `homophones`: also where other
    characters of the same sound and tone stand for them; people look at these, nobody is stopped, since they may mean what they say.
    """

    word: str
    level: Level = "block"
    pinyin: bool = True
    homophones: bool = False


@dataclass(frozen=True, slots=True)
class Hit:
    """A word that was found, and where: `text[start:end]`, `found` as it stands there."""

    word: str
    level: Literal["block", "warn"]
    start: int
    end: int
    found: str


def writings(word: Word) -> frozenset[str]:
    """How a word may be written, folded: as it is, and with characters spelt in pinyin ("wei信").

    The longer a word, the fewer of its spellings: their number grows with every character, and nobody spells half of a long word so oddly.
    """
    plain = fold(word.word).text
    if not plain:
        return frozenset()
    han = sum(is_han(char) for char in plain)
    if not word.pinyin or not 2 <= han <= PINYIN_CHARACTERS_MAX:
        return frozenset({plain})
    found = {plain}
    for one in _spellings(plain, han):
        if not one.isascii() or len(one) >= ALL_PINYIN_LEAST:
            found.add(one)
        if len(found) >= WRITINGS_MAX:
            break
    return frozenset(found)


def _spellings(plain: str, han: int) -> Iterator[str]:
    """One character spelt, in every reading; then all of them; then any mixture, of short words."""
    spelt = [_spelt(char) if is_han(char) else () for char in plain]
    for at, readings in enumerate(spelt):
        for one in readings:
            yield plain[:at] + one + plain[at + 1 :]
    yield "".join(readings[0] if readings else char for char, readings in zip(plain, spelt, strict=True))
    if han <= COMMON_MIXED_MAX:
        readings_max = None if han <= MIXED_MAX else 1
        mixed = product(*((char, *readings[:readings_max]) for char, readings in zip(plain, spelt, strict=True)))
        yield from map("".join, mixed)


@lru_cache(maxsize=10_000)
def _spelt(char: str) -> tuple[str, ...]:
    """Every reading of a character without its tone, the commonest first; `lü` also as people type it."""
    readings = pinyin(char, style=Style.NORMAL, heteronym=True, errors="ignore")
    found = [one for row in readings for one in row if one.isascii()]
    return tuple(dict.fromkeys([*found, *(one.replace("v", "u") for one in found)]))


class Guard:
    """A tenant's words, ready to be looked for. Made ready when first asked: whoever reads the words in a transaction may ask after it."""

    def __init__(self, words: Iterable[Word]) -> None:
        self._words = tuple(words)
        self._made: tuple[AhoCorasick | None, list[Word]] | None = None
        self._heard = [one for one in self._words if one.homophones and one.level != "allow" and _all_han(one)]
        self._hearing: AhoCorasick | None = None
        self._making = Lock()

    def _ready(self) -> tuple[AhoCorasick | None, list[Word]]:
        with self._making:
            if self._made is None:
                owners: list[Word] = []
                patterns: list[str] = []
                for word in self._words:
                    for one in sorted(writings(word)):
                        patterns.append(one)
                        owners.append(word)
                if self._heard:
                    self._hearing = AhoCorasick([sounds(fold(one.word).text) for one in self._heard])
                self._made = (AhoCorasick(patterns) if patterns else None, owners)
            return self._made

    def find(self, text: str) -> list[Hit]:
        """What a text says of these words, in order, each place once for a word; nothing inside of what is allowed."""
        automaton, owners = self._ready()
        if automaton is None:
            return []
        folded = fold(text)
        hits: dict[tuple[int, str], Hit] = {}
        allowed: list[tuple[int, int]] = []
        for number, begin, end in automaton.find_matches_as_indexes(folded.text, overlapping=True):
            places = folded.places[begin:end]
            start, stop = places[0], places[-1] + 1
            if glued(text, start, stop):
                continue
            word = owners[number]
            if word.level == "allow":
                allowed.append((start, stop))
                continue
            # Across the end of a clause it may be two words that happen to meet: people look at it, nobody is stopped.
            level: Literal["block", "warn"] = "warn" if spans_clauses(text, places) else word.level
            hits.setdefault((start, word.word), Hit(word.word, level, start, stop, text[start:stop]))
        for hit in self._homophones(text, folded):
            hits.setdefault((hit.start, hit.word), hit)
        kept = [one for one in hits.values() if not any(a <= one.start and one.end <= b for a, b in allowed)]
        return sorted(kept, key=lambda one: (one.start, one.end, one.word))

    def _homophones(self, text: str, folded: Folded) -> Iterator[Hit]:
        """Words of which other characters with the same sound stand in a text."""
        if self._hearing is None:
            return
        for number, begin, end in self._hearing.find_matches_as_indexes(sounds(folded.text), overlapping=True):
            word, places = self._heard[number].word, folded.places[begin:end]
            if not spans_clauses(text, places):
                yield Hit(word, "warn", places[0], places[-1] + 1, text[places[0] : places[-1] + 1])


def _all_han(word: Word) -> bool:
    plain = fold(word.word).text
    return len(plain) > 1 and all(map(is_han, plain))


def worst(hits: Sequence[Hit]) -> Hit | None:
    """What decides about a text: the first that holds it back, else the first."""
    return next((one for one in hits if one.level == "block"), hits[0] if hits else None)
