"""The live segments of a tenant, compiled once per version and kept by the process."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Final
from uuid import UUID

from tandem.catalog.dependencies import ANY
from tandem.catalog.model import Catalog
from tandem.kernel.db import Tx
from tandem.kernel.errors import InvalidInput, TandemError
from tandem.kernel.turn import Turn
from tandem.stream.segment.meaning import Meaning, checked, meaning_of

EVERYTHING: Final = frozenset({"customer.created", "customer.merged", "customer.unmerged"})
"""Events after which every segment may judge a customer anew: she is new, or became another."""

_KEPT_MAX: Final = 4096
_Key = tuple[int, UUID, UUID, int, str]
"""Catalog, tenant, segment, version, zone."""


@dataclass(frozen=True, slots=True)
class Watched:
    """A segment that is followed live. ``level`` is 0 unless it asks other segments or computed tags, which are then judged before."""

    id: UUID
    version: int
    name: str
    tag: str | None
    filling: frozenset[int]
    """Buckets in which not everybody has been judged by this version yet: who enters or leaves there meanwhile starts nothing."""
    meaning: Meaning
    level: int = 0


@dataclass(frozen=True, slots=True)
class _Row:
    id: UUID
    version: int
    name: str
    tag: str | None
    filling: list[int]


@dataclass(frozen=True, slots=True)
class _Text:
    segment_id: UUID
    number: int
    text: str


_WATCHED: Final = """
select s.id, s.version, s.name, s.tag, coalesce(f.buckets, '{}') as filling
from segment as s
left join (
  select w.subject_id, array_agg(w.bucket) as buckets from stream_fanout as w
  where w.bucket = any(%(buckets)s::smallint[]) and w.tenant_id = %(tenant)s and w.task = 'segment' and w.done_at is null
  group by w.subject_id) as f on f.subject_id = s.id
where s.tenant_id = %(tenant)s and s.archived_at is null and (s.kind <> 'static' or s.id = any(%(statics)s::uuid[]))
order by s.id
"""


class Definitions:
    """A process's compiled segment versions: a version never changes, so it is compiled once."""

    def __init__(self) -> None:
        self._kept: dict[_Key, Meaning | TandemError] = {}
        self._lock = Lock()

    def watched(self, turn: Turn, catalog: Catalog, *, statics: Sequence[UUID] = ()) -> list[Watched]:
        """The tenant's live segments (and these static ones) in the order of their levels. One that no longer compiles is left out."""
        rows = turn.tx.all(_Row, _WATCHED, turn.params(statics=list(statics)))
        meanings = self.meanings(turn.tx, catalog, [(row.id, row.version) for row in rows])
        found = [(row, meanings[row.id]) for row in rows]
        return levelled(
            [
                Watched(row.id, row.version, row.name, row.tag, frozenset(row.filling), meaning)
                for row, meaning in found
                if isinstance(meaning, Meaning)
            ],
        )

    def meanings(
        self, tx: Tx, catalog: Catalog, versions: Sequence[tuple[UUID, int]]
    ) -> dict[UUID, Meaning | TandemError]:
        """Each segment's compiled meaning, or the error that its expression now gives."""
        keys = {segment: (id(catalog), tx.tenant_id, segment, version, tx.zone) for segment, version in versions}
        found = {segment: kept for segment, key in keys.items() if (kept := self._kept.get(key)) is not None}
        missing = [(segment, version) for segment, version in versions if segment not in found]
        if missing:
            found |= self._compile(tx, catalog, missing)
        return found

    def _compile(
        self, tx: Tx, catalog: Catalog, missing: Sequence[tuple[UUID, int]]
    ) -> dict[UUID, Meaning | TandemError]:
        texts = tx.all(
            _Text,
            """
            select segment_id, number, text from segment_version
            where tenant_id = %(tenant)s and (segment_id, number) in (
              select s, v from unnest(%(segments)s::uuid[], %(versions)s::int[]) as t(s, v))
            """,
            {
                "tenant": tx.tenant_id,
                "segments": [one for one, _ in missing],
                "versions": [number for _, number in missing],
            },
        )
        found = {row.segment_id: _compiled(catalog, row, tx.zone) for row in texts}
        with self._lock:
            if len(self._kept) + len(texts) > _KEPT_MAX:
                self._kept.clear()
            for row in texts:
                self._kept[id(catalog), tx.tenant_id, row.segment_id, row.number, tx.zone] = found[row.segment_id]
        return found


def _compiled(catalog: Catalog, row: _Text, zone: str) -> Meaning | TandemError:
    try:
        return meaning_of(checked(catalog, row.text), zone, prefix_of(row.segment_id))
    except TandemError as error:
        return error


def prefix_of(segment_id: UUID) -> str:
    """What the parameters of a segment's SQL begin with: unique among the segments of one statement."""
    return f"s{segment_id.hex}_"


def relatives(tx: Tx, catalog: Catalog) -> list[Watched]:
    """All segments that are in use, live or static, without their levels: whom a new meaning may refer to."""
    rows = tx.all(
        _Row,
        "select id, version, name, tag, '{}'::smallint[] as filling from segment where tenant_id = %(tenant)s and archived_at is null",
        {"tenant": tx.tenant_id},
    )
    meanings = definitions.meanings(tx, catalog, [(row.id, row.version) for row in rows])
    found = [(row, meanings[row.id]) for row in rows]
    return [
        Watched(row.id, row.version, row.name, row.tag, frozenset(), meaning)
        for row, meaning in found
        if isinstance(meaning, Meaning)
    ]


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
    return named(one.meaning, makers)


def named(meaning: Meaning, makers: dict[str, UUID]) -> set[UUID]:
    """The segments that an expression asks, by their ids or by the tags that they make."""
    made = set(makers.values()) if ANY in meaning.tags else {makers[tag] for tag in meaning.tags if tag in makers}
    return made | set(meaning.segments)


def refuse_circle(segment_id: UUID, meaning: Meaning, others: Iterable[Watched], tag: str | None = None) -> None:
    """Raise InvalidInput when the segment would ask itself, directly or through others."""
    known = {one.id: one for one in others}
    makers = {one.tag: one.id for one in known.values() if one.tag} | ({tag: segment_id} if tag else {})
    by: dict[UUID, UUID] = dict.fromkeys(named(meaning, makers), segment_id)
    waiting = list(by)
    while waiting:
        one = waiting.pop(0)
        if one == segment_id:
            raise _circle(_chain(by, segment_id), known)
        if one in known:
            fresh = asked(known[one], makers) - by.keys()
            by |= dict.fromkeys(fresh, one)
            waiting += sorted(fresh)


def _chain(by: dict[UUID, UUID], segment_id: UUID) -> list[UUID]:
    """Those between the segment and itself, in the order of asking."""
    back: list[UUID] = []
    one = by[segment_id]
    while one != segment_id:
        back.append(one)
        one = by[one]
    return back[::-1]


def _circle(between: list[UUID], known: dict[UUID, Watched]) -> InvalidInput:
    if not between:
        return InvalidInput("segment_circle", "该分群直接引用了自己。", "This segment asks itself directly.")
    zh = " → ".join(["本分群", *(f"“{known[one].name}”" for one in between), "本分群"])
    en = " → ".join(["this segment", *(f"“{known[one].name}”" for one in between), "this segment"])
    return InvalidInput(
        "segment_circle",
        f"该分群绕了一圈引用了自己：{zh}。",
        f"This segment asks itself by way of others: {en}.",
    )


definitions: Final = Definitions()
"""This process's compiled segments."""
