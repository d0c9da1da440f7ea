"""What a sentence is about: groups of words that mean the same, one of each group must be in it. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

_NOISE: Final = re.compile(r"[\W_]+")
_LATIN: Final = re.compile(r"[a-z0-9]+(?: [a-z0-9]+)*\Z")
_ASKS: Final = (
    "?", "？", "吗", "么", "呢", "怎么", "怎样", "如何", "什么", "多久", "多少", "哪", "能不能", "可不可以", "有没有", "好不好", "是不是", "管用",
    "how", "what", "when", "which", "does", "can i", "is it",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic as a text is held against it."""

    id: UUID
    name: str
    groups: Sequence[Sequence[str]]
    but: Sequence[str] = ()
    questions_only: bool = False
    product: str = ""
    material_id: UUID | None = None


def plain(text: str) -> str:
    """A text as it is compared: one width, small letters, words apart by one space."""
    return _NOISE.sub(" ", unicodedata.normalize("NFKC", text).casefold()).strip()


def asks(text: str) -> bool:
    """Whether a sentence sounds like a question."""
    small = unicodedata.normalize("NFKC", text).casefold()
    return any(word in small for word in _ASKS)


def holds(text: str, word: str) -> bool:
    """Whether a word is in a text made `plain`. Latin words must stand by themselves; Chinese ones may have spaces between."""
    wanted = plain(word)
    if not wanted:
        return False
    if _LATIN.match(wanted):
        return re.search(rf"(?<![a-z0-9]){re.escape(wanted)}(?![a-z0-9])", text) is not None
    return wanted.replace(" ", "") in text.replace(" ", "")


def recognise(text: str, topics: Sequence[Topic]) -> Topic | None:
    """The topic that says most about a text: most groups, then most letters; of equals the first."""
    said, asking = plain(text), asks(text)
    best: tuple[int, int] = (0, 0)
    found: Topic | None = None
    for topic in topics:
        if (topic.questions_only and not asking) or any(holds(said, word) for word in topic.but):
            continue
        hits = [max((len(plain(word)) for word in group if holds(said, word)), default=0) for group in topic.groups]
        if hits and all(hits) and (len(hits), sum(hits)) > best:
            best, found = (len(hits), sum(hits)), topic
    return found
