"""What sources said of customers' fields, kept: the last word of each, and which one holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from tandem.kernel.columns import Column, blobs, documents, smallints, texts, times, uuids
from tandem.kernel.db import Tx
from tandem.kernel.turn import Turn
from tandem.stream.profile.priority import Priority
from tandem.stream.profile.sayings import Changed, Known, Said, SealedName


def priority(tx: Tx) -> Priority:
    """What the tenant decided about its sources."""
    rows = tx.cursor("select field, sources from field_priority where tenant_id = %(tenant)s", {"tenant": tx.tenant_id})
    return Priority({field: tuple(sources) for field, sources in rows})


# A source's later word takes the place of its earlier one; an older one that comes late is history. Of a tie the one heard last stays.
# `holds` is raised only: who held before is stood down by the other statement, in the same turn.
_KEEP: Final = """
insert into customer_field as f (bucket, tenant_id, customer_id, origin_id, field, source, at, holds, value, name_enc, name_hash)
select r.bucket, %(tenant)s, r.customer, r.origin, r.field, r.source, r.at, r.holds = 1, nullif(r.value, 'null'::jsonb), r.name_enc, r.name_hash
from unnest(%(bucket)s::smallint[], %(customer)s::uuid[], %(origin)s::uuid[], %(field)s::text[], %(source)s::text[], %(at)s::timestamptz[],
            %(holds)s::smallint[], %(value)s::jsonb[], %(name_enc)s::bytea[], %(name_hash)s::bytea[])
  as r(bucket, customer, origin, field, source, at, holds, value, name_enc, name_hash)
where r.bucket = any(%(buckets)s::smallint[])
on conflict (bucket, customer_id, field, source, origin_id) do update set
  at = excluded.at, holds = f.holds or excluded.holds, value = excluded.value, name_enc = excluded.name_enc, name_hash = excluded.name_hash
where excluded.at >= f.at
"""

_STAND_DOWN: Final = """
update customer_field as f set holds = false
from unnest(%(bucket)s::smallint[], %(customer)s::uuid[], %(origin)s::uuid[], %(field)s::text[], %(source)s::text[])
  as r(bucket, customer, origin, field, source)
where f.bucket = any(%(buckets)s::smallint[]) and f.tenant_id = %(tenant)s and f.bucket = r.bucket and f.customer_id = r.customer
  and f.field = r.field and f.origin_id = r.origin and f.source <> r.source and f.holds
"""

Key = tuple[tuple[int, UUID], str, str, UUID]


def keep(
    turn: Turn, sayings: Sequence[Said], changed: Sequence[Changed], known: Mapping[tuple[int, UUID], Known]
) -> None:
    """Keep each source's last word, and mark those that hold now. Sayings of customers who are not there are the caller's to leave out.

    ``known`` says who held before: where it was nobody else, nobody has to be stood down.
    """
    last: dict[Key, Said] = {}
    for said in sayings:
        key = _key(said)
        if key not in last or said.at >= last[key].at:
            last[key] = said
    # What holds is its source's last word: a source is as strong as itself.
    held = {_key(one.said) for one in changed}
    if not last:
        return
    outdone = [last[key] for key in held if _outdoes_another(last[key], known)]
    if outdone:
        turn.tx.execute(_STAND_DOWN, turn.params() | _whose(outdone))
    kept = sorted(last.items(), key=_bucket)
    sealed = [one.value if isinstance(one.value, SealedName) else None for _, one in kept]
    values = [None if name else one.value for (_, one), name in zip(kept, sealed, strict=True)]
    said = {
        "at": times([one.at for _, one in kept]),
        "holds": smallints([int(key in held) for key, _ in kept]),
        "value": documents(values),
        "name_enc": blobs([name and (name.origin or name.sealed) for name in sealed]),
        "name_hash": blobs([name and name.digest for name in sealed]),
    }
    turn.tx.execute(_KEEP, turn.params() | _whose([one for _, one in kept]) | said, prepare=True)


def _outdoes_another(said: Said, known: Mapping[tuple[int, UUID], Known]) -> bool:
    return any(standing.source != said.source for standing in known[said.customer].said.get(said.field, ()))


def _bucket(one: tuple[Key, Said]) -> int:
    return one[0][0][0]


def _key(said: Said) -> Key:
    return said.customer, said.field, said.source, said.origin or said.customer[1]


def _whose(sayings: Sequence[Said]) -> dict[str, Column]:
    return {
        "bucket": smallints([one.customer[0] for one in sayings]),
        "customer": uuids([one.customer[1] for one in sayings]),
        "origin": uuids([one.origin or one.customer[1] for one in sayings]),
        "field": texts([one.field for one in sayings]),
        "source": texts([one.source for one in sayings]),
    }
