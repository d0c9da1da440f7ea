"""The live segments of a tenant, compiled once per version and kept by the process."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any, Final
from uuid import UUID

from tandem.catalog.model import Catalog
from tandem.kernel.db import Tx
from tandem.kernel.errors import InvalidInput, TandemError
from tandem.stream.segment.meaning import Meaning, meaning_of

EVERYTHING: Final = frozenset({"customer.created", "customer.merged", "customer.split"})
"""Events after which every segment may judge a customer anew: she is new, or became another."""

_KEPT_MAX: Final = 4096


@dataclass(frozen=True, slots=True)
class Watched:
    """A segment that is followed live. ``level`` is 0 unless it asks other segments or computed tags, which are then judged before."""

    id: UUID
    version: int
    name: str
    tag: str | None
    filling: bool
    """Not everybody has been judged by this version yet: who enters or leaves meanwhile starts nothing."""
    meaning: Meaning
    level: int = 0


@dataclass(frozen=True, slots=True)
class _Row:
    id: UUID
    version: int
    name: str
    tag: str | None
    filling: bool


@dataclass(frozen=True, slots=True)
class _Tree:
    segment_id: UUID
    number: int
    tree: dict[str, Any]


class Definitions:
    """A process's compiled segment versions: a version never changes, so it is compiled once."""

    def __init__(self) -> None:
        self._kept: dict[tuple[int, UUID, UUID, int], Meaning | TandemError] = {}
        self._lock = Lock()

    def watched(self, tx: Tx, catalog: Catalog) -> list[Watched]:
        """The tenant's live segments in the order of their levels. One whose expression no longer compiles is left out."""
        rows = tx.all(
            _Row,
            """
            select id, version, name, tag, filled_version < version as filling
            from segment where tenant_id = %(tenant)s and kind = 'live' and archived_at is null order by id
            """,
            {"tenant": tx.tenant_id},
        )
        meanings = self.meanings(tx, catalog, [(row.id, row.version) for row in rows])
        found = [(row, meanings[row.id]) for row in rows]
        return levelled(
            [
                Watched(row.id, row.version, row.name, row.tag, row.filling, meaning)
                for row, meaning in found
                if isinstance(meaning, Meaning)
            ]
        )

    def meanings(
        self, tx: Tx, catalog: Catalog, versions: Sequence[tuple[UUID, int]]
    ) -> dict[UUID, Meaning | TandemError]:
        """Each segment's compiled meaning, or the error that its expression now gives."""
        keys = {segment: (id(catalog), tx.tenant_id, segment, version) for segment, version in versions}
        missing = [(segment, version) for segment, version in versions if keys[segment] not in self._kept]
        if missing:
            self._compile(tx, catalog, missing)
        return {segment: self._kept[key] for segment, key in keys.items()}

    def _compile(self, tx: Tx, catalog: Catalog, missing: Sequence[tuple[UUID, int]]) -> None:
        trees = tx.all(
            _Tree,
            """
            select segment_id, number, tree from segment_version
            where tenant_id = %(tenant)s and (segment_id, number) in (
              select s, v from unnest(%(segments)s::uuid[], %(versions)s::int[]) as t(s, v))
            """,
            {
                "tenant": tx.tenant_id,
                "segments": [one for one, _ in missing],
                "versions": [number for _, number in missing],
            },
        )
        with self._lock:
            if len(self._kept) + len(trees) > _KEPT_MAX:
                self._kept.clear()
            for row in trees:
                self._kept[id(catalog), tx.tenant_id, row.segment_id, row.number] = _compiled(catalog, row.tree)


def _compiled(catalog: Catalog, tree: dict[str, Any]) -> Meaning | TandemError:
    try:
        return meaning_of(catalog, tree)
    except TandemError as error:
        return error


def levelled(watched: Iterable[Watched]) -> list[Watched]:
    """Give each segment its level and sort by it; those that ask one another in a circle are left out (saving refuses them)."""
    waiting = {one.id: one for one in watched}
    makers = {one.tag: one.id for one in waiting.values() if one.tag}
    placed: dict[UUID, Watched] = {}
    while waiting:
        ready = [one for one in waiting.values() if not asked(one, makers) & waiting.keys()]
        if not ready:
            break
        for one in ready:
            level = 1 + max((placed[other].level for other in asked(one, makers) if other in placed), default=-1)
            placed[one.id] = Watched(one.id, one.version, one.name, one.tag, one.filling, one.meaning, level)
            del waiting[one.id]
    return sorted(placed.values(), key=lambda one: (one.level, one.id))


def asked(one: Watched, makers: dict[str, UUID]) -> set[UUID]:
    """The segments that must be judged before this one: those it names, and those that make the tags it names."""
    return set(one.meaning.segments) | {makers[tag] for tag in one.meaning.tags if tag in makers}


def refuse_circle(segment_id: UUID, meaning: Meaning, others: Iterable[Watched], tag: str | None = None) -> None:
    """Raise InvalidInput when the segment would ask itself, directly or through others."""
    known = {one.id: one for one in others}
    makers = {one.tag: one.id for one in known.values() if one.tag} | ({tag: segment_id} if tag else {})
    waiting = set(meaning.segments) | {makers[name] for name in meaning.tags if name in makers}
    seen: set[UUID] = set()
    while waiting:
        one = waiting.pop()
        if one == segment_id:
            raise InvalidInput(
                "segment_circle",
                "该分群（直接或经由其他分群、计算标签）引用了自己。",
                "This segment asks itself, directly or through other segments or computed tags.",
            )
        if one not in seen and one in known:
            seen.add(one)
            waiting |= asked(known[one], makers)


definitions: Final = Definitions()
"""This process's compiled segments."""
