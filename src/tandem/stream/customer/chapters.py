"""What rooms above tell of a customer's history beside her events: things that happened to her and wrote none."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tandem.catalog.label import Label
from tandem.kernel.db import Tx

Before = tuple[datetime, UUID] | None
"""The place in time after which (backwards) the next page begins."""


@dataclass(frozen=True, slots=True)
class Told:
    """One thing that happened. `id` is its own among all that is told, so that pages follow one another."""

    id: UUID
    type: str
    at: datetime
    label: Label
    summary: Label


Read = Callable[[Tx, UUID, Before, int], list[Told]]
"""`(tx, customer, before, limit)`: the newest before a place, newest first."""


@dataclass(frozen=True, slots=True)
class _Chapter:
    kind: str
    permission: str
    read: Read


_chapters: dict[str, _Chapter] = {}


def register_chapter(name: str, kind: str, permission: str, read: Read) -> None:
    """Let a room tell its part, to whoever holds `permission`, under a kind of the timeline; the same name again replaces it."""
    _chapters[name] = _Chapter(kind, permission, read)


def told(
    tx: Tx, customer: UUID, *, kind: str | None, may: Callable[[str], bool], before: Before, limit: int
) -> Iterable[Told]:
    """What all rooms tell of a kind (None: of every one), as far as the caller may know it; at most `limit` of each."""
    for name in sorted(_chapters):
        chapter = _chapters[name]
        if kind in {None, chapter.kind} and may(chapter.permission):
            yield from chapter.read(tx, customer, before, limit)
