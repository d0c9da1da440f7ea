"""What sources said of customers' fields, kept: the last word of each, and which one holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import orjson

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
select r.bucket, %(tenant)s, r.customer, r.origin, r.field, r.source, r.at, r.holds, nullif(r.value, 'null'::jsonb),
       decode(r.name_enc, 'hex'), decode(r.name_hash, 'hex')
from jsonb_to_recordset(%(rows)s::jsonb) as r(bucket smallint, customer uuid, origin uuid, field text, source text, at timestamptz,
  holds boolean, value jsonb, name_enc text, name_hash text)
where r.bucket = any(%(buckets)s::smallint[])
on conflict (bucket, customer_id, field, source, origin_id) do update set
  at = excluded.at, holds = f.holds or excluded.holds, value = excluded.value, name_enc = excluded.name_enc, name_hash = excluded.name_hash
where excluded.at >= f.at
"""

_STAND_DOWN: Final = """
update customer_field as f set holds = false
from jsonb_to_recordset(%(rows)s::jsonb) as r(bucket smallint, customer uuid, origin uuid, field text, source text)
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
    outdone = [last[key] for key in sorted(held) if _outdoes_another(last[key], known)]
    if outdone:
        turn.tx.execute(_STAND_DOWN, turn.params(rows=_json([_row(one, held=True) for one in outdone])))
    turn.tx.execute(_KEEP, turn.params(rows=_json([_row(one, held=key in held) for key, one in sorted(last.items())])))


def _outdoes_another(said: Said, known: Mapping[tuple[int, UUID], Known]) -> bool:
    return any(standing.source != said.source for standing in known[said.customer].said.get(said.field, ()))


def _key(said: Said) -> Key:
    return said.customer, said.field, said.source, said.origin or said.customer[1]


def _row(said: Said, *, held: bool) -> dict[str, Any]:
    sealed = said.value if isinstance(said.value, SealedName) else None
    return {
        "bucket": said.customer[0],
        "customer": said.customer[1],
        "origin": said.origin or said.customer[1],
        "field": said.field,
        "source": said.source,
        "at": said.at,
        "holds": held,
        "value": None if sealed else said.value,
        "name_enc": sealed and (sealed.origin or sealed.sealed).hex(),
        "name_hash": sealed and sealed.digest.hex(),
    }


def _json(rows: Sequence[dict[str, Any]]) -> str:
    return orjson.dumps(rows).decode()
