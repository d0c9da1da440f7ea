"""Things that outside systems name (orders, refunds): locked while a record about them is resolved, so that order is kept per thing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec
from psycopg.errors import UniqueViolation

from tandem.kernel.columns import Column, integers, smallints, texts, times, uuids
from tandem.kernel.db import Tx
from tandem.kernel.ids import bucket_of, derived_id

EntityKey = tuple[str, str, str]
"""(source, kind, outside id)"""


class Entity(msgspec.Struct, gc=False):
    """What is known of a thing. `bucket` is where its rows live. Changed in memory while a batch is resolved, then written once."""

    source: str
    kind: str
    id: str
    subject_id: UUID
    bucket: int
    customer_id: UUID | None
    origin_id: UUID | None
    modified_at: datetime | None
    version: int
    marks: list[str]
    shop: str | None = None
    stored: bool = False
    changed: bool = False

    def take(self, modified_at: datetime | None) -> bool:
        """Note a record of this thing; returns whether it is news rather than history (ENGINE_RULES 2)."""
        newer = modified_at is None or self.modified_at is None or modified_at >= self.modified_at
        if newer:
            self.modified_at = modified_at or self.modified_at
        self.version += 1
        self.changed = True
        return newer

    def stand_in(self, shops: set[str]) -> None:
        """Nobody is known to own it, and a record names these shops: hardly ever several."""
        if shops and min(shops) != self.shop:
            self.shop = min(shops)
            self.changed = True

    def mark(self, name: str) -> bool:
        """Whether the event of this name may come out: the first time only."""
        if name in self.marks:
            return False
        self.marks.append(name)
        self.changed = True
        return True


# Locks what exists, in key order: the keys come sorted, and each is looked up by itself. What does not exist is written when it is known
# what it is; whoever was quicker meanwhile is met there, and the batch begins again.
_LOCK: Final = """
select t.source, t.kind, t.entity_id, t.subject_id, t.bucket, t.customer_id, t.origin_id, t.modified_at, t.version, t.marks, t.shop, true
from unnest(%(s)s::text[], %(k)s::text[], %(e)s::text[]) as r(s, k, e)
cross join lateral (
  select * from entity_key as o where o.tenant_id = %(tenant)s and o.source = r.s and o.kind = r.k and o.entity_id = r.e
  limit 1 for no key update) as t
"""

_COLUMNS: Final = """unnest(%(s)s::text[], %(k)s::text[], %(e)s::text[], %(i)s::uuid[], %(b)s::smallint[], %(c)s::uuid[], %(g)s::uuid[],
       %(m)s::timestamptz[], %(v)s::int[], %(x)s::text[], %(h)s::text[]) as r(s, k, e, i, b, c, g, m, v, x, h)"""

_ADD: Final = f"""
insert into entity_key (tenant_id, source, kind, entity_id, subject_id, bucket, customer_id, origin_id, modified_at, version, marks, shop)
select %(tenant)s, r.s, r.k, r.e, r.i, r.b, r.c, r.g, r.m, r.v, string_to_array(r.x, ','), r.h
from {_COLUMNS}
"""

_WRITE: Final = f"""
update entity_key as t
set bucket = r.b, customer_id = r.c, origin_id = r.g, modified_at = r.m, version = r.v, marks = string_to_array(r.x, ','), shop = r.h
from {_COLUMNS}
where t.tenant_id = %(tenant)s and t.source = r.s and t.kind = r.k and t.entity_id = r.e
"""


class Beaten(Exception):
    """Another door has made one of these things meanwhile: the batch must be resolved again, and will find it."""


def lock(tx: Tx, wanted: Iterable[EntityKey]) -> dict[EntityKey, Entity]:
    """Lock these things until commit. Those nobody has told us of are made by `write`."""
    entities: dict[EntityKey, Entity] = {}
    for key in sorted(set(wanted)):
        subject = derived_id(tx.tenant_id, *key)
        entities[key] = Entity(*key, subject, bucket_of(subject), None, None, None, 0, [])
    if entities:
        keys = {"tenant": tx.tenant_id} | _keys(list(entities.values()))
        for row in tx.cursor(_LOCK, keys, prepare=True, binary=True).fetchall():
            entities[row[0], row[1], row[2]] = Entity(*row)
    return entities


def write(tx: Tx, entities: Iterable[Entity]) -> None:
    """Write back what changed, in key order. Raises Beaten, and leaves the savepoint to its owner, where a new thing is new no more."""
    changed = [one for one in entities if one.changed]
    fresh = [one for one in changed if not one.stored]
    if fresh:
        try:
            tx.execute(_ADD, {"tenant": tx.tenant_id} | _values(fresh), prepare=True)
        except UniqueViolation as error:
            raise Beaten from error
    if len(fresh) < len(changed):
        stored = [one for one in changed if one.stored]
        tx.execute(_WRITE, {"tenant": tx.tenant_id} | _values(stored), prepare=True)


def _values(changed: Sequence[Entity]) -> dict[str, Column]:
    return _keys(changed) | {
        "i": uuids([one.subject_id for one in changed]),
        "b": smallints([one.bucket for one in changed]),
        "c": uuids([one.customer_id for one in changed]),
        "g": uuids([one.origin_id for one in changed]),
        "m": times([one.modified_at for one in changed]),
        "v": integers([one.version for one in changed]),
        # Names of steps, ours, without commas; no step at all is an empty array.
        "x": texts([",".join(one.marks) for one in changed]),
        "h": texts([one.shop for one in changed]),
    }


def _keys(entities: Sequence[Entity]) -> dict[str, Column]:
    return {
        "s": texts([one.source for one in entities]),
        "k": texts([one.kind for one in entities]),
        "e": texts([one.id for one in entities]),
    }
