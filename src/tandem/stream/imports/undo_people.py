"""People that an import brought or changed: those only it made known go; of the others, what it changed and nobody changed since."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from tandem.kernel.crypto import TenantKeys
from tandem.kernel.db import identifier
from tandem.kernel.schema import Base, info_of
from tandem.kernel.turn import Turn
from tandem.stream.identity.people import NAME_KIND
from tandem.stream.imports.files import FileRow
from tandem.stream.keys import data_key, tenant_keys
from tandem.stream.profile.priority import UNDONE
from tandem.stream.profile.recorded import read, write
from tandem.stream.profile.sayings import Said, SealedName, Value
from tandem.stream.projection import StreamSystem
from tandem.stream.segment.cause import Cause
from tandem.stream.tags import service as tags


@dataclass(frozen=True, slots=True)
class _Person:
    bucket: int
    id: UUID
    ours: bool
    merged: bool


@dataclass(frozen=True, slots=True)
class _Heard:
    """An event that the import led to."""

    bucket: int
    customer_id: UUID
    type: str
    payload: dict[str, Any]


# Ours: the import made the customer, and neither log nor inbox holds anything of her that goes back to something else.
_PEOPLE: Final = """
select c.bucket, c.id, c.merged_into is not null as merged,
  c.merged_into is null
  and not exists (select from customer as m where m.tenant_id = %(tenant)s and m.merged_into = c.id)
  and not exists (
    select from event as e where e.bucket = c.bucket and e.bucket = any(%(buckets)s::smallint[]) and e.tenant_id = %(tenant)s
      and e.owner_id = c.id and e.root_id is distinct from %(import)s)
  and not exists (
    select from inbox as i where i.bucket = c.bucket and i.bucket = any(%(buckets)s::smallint[]) and i.tenant_id = %(tenant)s
      and i.customer_id = c.id and i.root_id is distinct from %(import)s) as ours
from customer as c
where c.bucket = any(%(buckets)s::smallint[]) and c.tenant_id = %(tenant)s and c.id = any(%(owners)s::uuid[])
"""

_HEARD: Final = """
select e.bucket, e.customer_id, e.type, e.payload from event as e
where e.bucket = any(%(buckets)s::smallint[]) and e.tenant_id = %(tenant)s and e.owner_id = any(%(owners)s::uuid[])
  and e.root_id = %(import)s and e.type in ('customer.updated', 'customer.identified', 'tag.added')
order by e.occurred_at, e.received_at, e.event_id
"""


def take_back(turn: Turn, system: StreamSystem, row: FileRow, owners: Sequence[UUID]) -> dict[str, int]:
    """Take back what the import said of these people; returns how many went and how many fields, tags and identifiers were put back."""
    del system
    if not owners:
        return {}
    params = turn.params(**{"import": row.id, "owners": list(owners)})
    people = turn.tx.all(_Person, _PEOPLE, params)
    gone = [one for one in people if one.ours]
    _remove(turn, [one.id for one in gone])
    stay = [one for one in people if not one.ours and not one.merged]
    heard = turn.tx.all(_Heard, _HEARD, turn.params(**{"import": row.id, "owners": [one.id for one in stay]}))
    cause = Cause(event_id=row.id, root_id=None, hops=0, mode=1, lane=2)
    causes = {(one.bucket, one.id): cause for one in stay}
    fields = _restore_fields(turn, row, heard, causes)
    removed_tags = _remove_tags(turn, heard, causes)
    return {
        "people_removed": len(gone),
        "people_kept": len(people) - len(gone),
        "fields_restored": fields,
        "tags_removed": removed_tags,
        "identifiers_removed": _remove_identifiers(turn, row, heard),
    }


def _remove(turn: Turn, people: Sequence[UUID]) -> None:
    """Every row of people whom nothing but the import ever named."""
    if not people:
        return
    params = turn.params(people=list(people))
    for table in reversed(Base.metadata.sorted_tables):
        kind = info_of(table)["kind"]
        if kind not in {"customer", "subject"} or "bucket" not in table.columns or table.name == "customer":
            continue
        if "customer_id" in table.columns:
            turn.tx.execute(
                f"""
                delete from {identifier(table.name)}
                where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s and customer_id = any(%(people)s::uuid[])
                """,
                params,
            )
    for table in ("identifier", "identity_portrait"):
        if table in Base.metadata.tables:
            turn.tx.execute(
                f"delete from {table} where tenant_id = %(tenant)s and customer_id = any(%(people)s::uuid[])", params
            )
    turn.tx.execute(
        "delete from customer where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s and id = any(%(people)s::uuid[])",
        params,
    )


def _restore_fields(turn: Turn, row: FileRow, heard: Sequence[_Heard], causes: dict[tuple[int, UUID], Cause]) -> int:
    """Say the values from before again where the import's is the one that still shows."""
    before: dict[tuple[int, UUID, str], Any] = {}
    for one in heard:
        if one.type == "customer.updated":
            for field, change in one.payload.get("changes", {}).items():
                before.setdefault((one.bucket, one.customer_id, field), change.get("old"))
    if not before:
        return 0
    names = _Names(turn, {customer for _, customer, _ in before})
    ours = _ours(turn, row, before)
    said = [
        Said((bucket, customer), field, names.value(customer, old), turn.now, UNDONE)
        for (bucket, customer, field), old in before.items()
        if (bucket, customer, field) in ours
    ]
    known = read(turn, {one.customer for one in said})
    said = [one for one in said if one.customer in known]
    changed = write(turn, said, causes)
    _forget(turn, row, ours)
    return len(changed)


def _forget(turn: Turn, row: FileRow, ours: Iterable[tuple[int, UUID, str]]) -> None:
    """What the import said of these fields is nothing that anybody says any more."""
    keys = list(ours)
    turn.tx.execute(
        """
        delete from customer_field as f using unnest(%(t_buckets)s::smallint[], %(people)s::uuid[], %(names)s::text[]) as t(b, c, n)
        where f.bucket = any(%(buckets)s::smallint[]) and f.tenant_id = %(tenant)s and f.source = %(source)s
          and f.bucket = t.b and f.customer_id = t.c and f.field = t.n
        """,
        turn.params(
            t_buckets=[key[0] for key in keys],
            people=[key[1] for key in keys],
            names=[key[2] for key in keys],
            source=row.source,
        ),
    )


def _ours(turn: Turn, row: FileRow, wanted: Iterable[tuple[int, UUID, str]]) -> set[tuple[int, UUID, str]]:
    """Of these fields, those whose showing value is the import's: said at the very moment of one of its records."""
    keys = list(wanted)
    rows = turn.tx.cursor(
        """
        select f.bucket, f.customer_id, f.field from customer_field as f
        join unnest(%(t_buckets)s::smallint[], %(people)s::uuid[], %(names)s::text[]) as t(b, c, n)
          on f.bucket = t.b and f.customer_id = t.c and f.field = t.n
        where f.bucket = any(%(buckets)s::smallint[]) and f.tenant_id = %(tenant)s and f.source = %(source)s and f.holds
          and exists (
            select from event as e where e.bucket = f.bucket and e.bucket = any(%(buckets)s::smallint[]) and e.tenant_id = %(tenant)s
              and e.owner_id = f.customer_id and e.occurred_at = f.at and e.type = 'customer.recorded' and e.root_id = %(import)s)
        """,
        turn.params(
            **{
                "import": row.id,
                "t_buckets": [key[0] for key in keys],
                "people": [key[1] for key in keys],
                "names": [key[2] for key in keys],
                "source": row.source,
            }
        ),
    )
    return {(bucket, customer, field) for bucket, customer, field in rows}


class _Names:
    """Earlier values as they are written: a name stands sealed in the log and needs its digest again."""

    def __init__(self, turn: Turn, people: set[UUID]) -> None:
        self._keys: TenantKeys = tenant_keys(turn.tx)
        self._wrapped = dict(
            turn.tx.cursor(
                """
                select id, key_enc from customer
                where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s and id = any(%(people)s::uuid[])
                """,
                turn.params(people=list(people)),
            )
        )

    def value(self, customer: UUID, old: Any) -> Value:
        """A value from the log as a saying has it."""
        if not isinstance(old, dict):
            return old
        sealed = bytes.fromhex(str(old["sealed"]))  # pyright: ignore[reportUnknownArgumentType]
        name = self._keys.open(data_key(self._keys, bytes(self._wrapped[customer])), sealed)
        return SealedName(sealed, self._keys.blind(NAME_KIND, "", name.strip().casefold()))


def _remove_tags(turn: Turn, heard: Sequence[_Heard], causes: dict[tuple[int, UUID], Cause]) -> int:
    """Take off the tags that the import put on and that are still its own."""
    added = {
        (one.bucket, one.customer_id, str(one.payload["tag"]))
        for one in heard
        if one.type == "tag.added" and one.payload.get("source") == "import"
    }
    return tags.remove(turn, added, source=UNDONE, causes=causes) if added else 0


def _remove_identifiers(turn: Turn, row: FileRow, heard: Sequence[_Heard]) -> int:
    """Take back the identifiers that the import gave to people it did not make, unless a later record came by one."""
    given = [
        (one.bucket, one.customer_id, str(held["kind"]), str(held["scope"]), b64decode(held["hash"]))
        for one in heard
        if one.type == "customer.identified"
        for held in one.payload.get("identifiers", ())
    ]
    if not given:
        return 0
    params = turn.params(
        **{
            "import": row.id,
            "t_buckets": [one[0] for one in given],
            "people": [one[1] for one in given],
            "kinds": [one[2] for one in given],
            "scopes": [one[3] for one in given],
            "hashes": [one[4] for one in given],
        }
    )
    turn.tx.execute(_DROP_IDENTIFIERS, params)
    return turn.tx.execute(_DROP_EVIDENCE, params)


_GIVEN: Final = """
unnest(%(t_buckets)s::smallint[], %(people)s::uuid[], %(kinds)s::text[], %(scopes)s::text[], %(hashes)s::bytea[]) as t(b, c, k, s, h)
"""
_UNUSED: Final = """
not exists (
  select from event as e where e.bucket = t.b and e.bucket = any(%(buckets)s::smallint[]) and e.tenant_id = %(tenant)s and e.owner_id = t.c
    and e.identifier_hash = t.h and e.root_id is distinct from %(import)s)
"""
_DROP_IDENTIFIERS: Final = f"""
delete from identifier as i using {_GIVEN}
where i.tenant_id = %(tenant)s and i.kind = t.k and i.scope = t.s and i.value_hash = t.h and i.customer_id = t.c and {_UNUSED}
"""
_DROP_EVIDENCE: Final = f"""
delete from customer_identifier as i using {_GIVEN}
where i.bucket = any(%(buckets)s::smallint[]) and i.bucket = t.b and i.tenant_id = %(tenant)s and i.customer_id = t.c and i.kind = t.k
  and i.scope = t.s and i.value_hash = t.h and i.rule in ('joined', 'weak') and {_UNUSED}
"""
