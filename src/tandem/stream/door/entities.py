"""Things that outside systems name (orders, refunds): locked while a record about them is resolved, so that order is kept per thing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

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


# One statement locks what exists and inserts what does not, in key order; nothing changes yet.
_LOCK: Final = """
insert into entity_key (tenant_id, source, kind, entity_id, subject_id, bucket)
select %(tenant)s, r.s, r.k, r.e, r.i, r.b
from unnest(%(s)s::text[], %(k)s::text[], %(e)s::text[], %(i)s::uuid[], %(b)s::smallint[]) as r(s, k, e, i, b)
order by r.s collate "C", r.k collate "C", r.e collate "C"
on conflict (tenant_id, source, kind, entity_id) do update set version = entity_key.version where false
"""

_READ: Final = """
select t.source, t.kind, t.entity_id, t.subject_id, t.bucket, t.customer_id, t.origin_id, t.modified_at, t.version, t.marks, t.shop
from unnest(%(s)s::text[], %(k)s::text[], %(e)s::text[]) as r(s, k, e)
join entity_key as t on t.tenant_id = %(tenant)s and t.source = r.s and t.kind = r.k and t.entity_id = r.e
where t.version > 0
"""

_WRITE: Final = """
update entity_key as t
set bucket = r.b, customer_id = r.c, origin_id = r.g, modified_at = r.m, version = r.v, marks = string_to_array(r.x, ','), shop = r.h
from unnest(%(s)s::text[], %(k)s::text[], %(e)s::text[], %(b)s::smallint[], %(c)s::uuid[], %(g)s::uuid[], %(m)s::timestamptz[], %(v)s::int[],
            %(x)s::text[], %(h)s::text[]) as r(s, k, e, b, c, g, m, v, x, h)
where t.tenant_id = %(tenant)s and t.source = r.s and t.kind = r.k and t.entity_id = r.e
"""


def lock(tx: Tx, wanted: Iterable[EntityKey]) -> dict[EntityKey, Entity]:
    """Lock these things until commit, making those nobody has told us of."""
    entities: dict[EntityKey, Entity] = {}
    for key in wanted:
        if key not in entities:
            subject = derived_id(tx.tenant_id, *key)
            entities[key] = Entity(*key, subject, bucket_of(subject), None, None, None, 0, [])
    if entities:
        keys = {"tenant": tx.tenant_id} | _keys(list(entities.values()))
        fresh = {
            "i": uuids([one.subject_id for one in entities.values()]),
            "b": smallints([one.bucket for one in entities.values()]),
        }
        tx.execute(_LOCK, keys | fresh, prepare=True)
        for row in tx.cursor(_READ, keys, prepare=True, binary=True).fetchall():
            entities[row[0], row[1], row[2]] = Entity(*row)
    return entities


def write(tx: Tx, entities: Iterable[Entity]) -> None:
    """Write back what changed."""
    changed = [one for one in entities if one.changed]
    if changed:
        columns = {
            "b": smallints([one.bucket for one in changed]),
            "c": uuids([one.customer_id for one in changed]),
            "g": uuids([one.origin_id for one in changed]),
            "m": times([one.modified_at for one in changed]),
            "v": integers([one.version for one in changed]),
            # Names of steps, ours, without commas; no step at all is an empty array.
            "x": texts([",".join(one.marks) for one in changed]),
            "h": texts([one.shop for one in changed]),
        }
        tx.execute(_WRITE, {"tenant": tx.tenant_id} | _keys(changed) | columns, prepare=True)


def _keys(entities: Sequence[Entity]) -> dict[str, Column]:
    return {
        "s": texts([one.source for one in entities]),
        "k": texts([one.kind for one in entities]),
        "e": texts([one.id for one in entities]),
    }
