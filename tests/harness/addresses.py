"""Whose ids to try at an address: of the tables that it is most likely about."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence

#: So many tables are tried at an address: those it names come first, and their neighbours.
TABLES = 6
FAR = 3


def likely(path: str, things: Mapping[str, Sequence[str]], *, tables: int = TABLES) -> list[str]:
    """An id of each of the tables that resemble the address most; `things` gives ids by table. The same ones every time."""
    words = [word.replace("-", "_") for word in re.findall(r"[a-z][a-z_-]*", path.removeprefix("/v1"))]
    words = [_singular(word.removesuffix("_id")) for word in words]
    ranked = sorted((_distance(name, words), name) for name, ids in things.items() if ids)
    near = [name for distance, name in ranked if distance < FAR]
    return [min(things[name]) for name in near[:tables]]


def _distance(table: str, words: Sequence[str]) -> int:
    """0: the address names it, alone or in two words; 1: by all parts of its name; 2: by a part of it; 3: not at all."""
    pairs = {f"{one}_{other}" for one, other in itertools.pairwise(words)}
    if table in words or table in pairs:
        return 0
    parts = {part for word in words for part in word.split("_")}
    if set(table.split("_")) <= parts:
        return 1
    return 2 if any(word in table or table in word for word in words) else FAR


def _singular(word: str) -> str:
    return word.removesuffix("s") if not word.endswith("ies") else word.removesuffix("ies") + "y"
