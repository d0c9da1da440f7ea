"""Where a customer's fields come from, and what other sources said of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from tandem.access.privacy import may_see
from tandem.kernel.db import Tx
from tandem.kernel.ids import bucket_of
from tandem.stream.customer import store
from tandem.stream.customer.attributes import Classes
from tandem.stream.customer.personal import Opener
from tandem.stream.fields import CLASSES
from tandem.stream.profile.priority import Priority
from tandem.stream.profile.sayings import ATTRIBUTE, COLUMNS, NAME


@dataclass(frozen=True, slots=True)
class Word:
    """What one source said last of a field; `holds` where it is what the customer shows. `value` is as people read it."""

    field: str
    value: Any
    source: str
    at: datetime
    holds: bool
    other_person: bool
    """It was said of somebody who was merged into this customer."""


@dataclass(frozen=True, slots=True)
class _Row:
    field: str
    source: str
    origin_id: UUID
    at: datetime
    holds: bool
    value: Any
    name_enc: bytes | None
    name_hash: bytes | None
    named: str | None


# Ids of shops and people are read as their names.
_WORDS: Final = """
select f.field, f.source, f.origin_id, f.at, f.holds, f.value, f.name_enc, f.name_hash, coalesce(o.name, u.name) as named
from customer_field as f
left join org_unit as o on f.field = 'store_id' and o.tenant_id = %(tenant)s and o.id::text = f.value #>> '{}'
left join staff_user as u on f.field = 'owner_user_id' and u.tenant_id = %(tenant)s and u.id::text = f.value #>> '{}'
where f.bucket = %(bucket)s and f.tenant_id = %(tenant)s and f.customer_id = %(id)s
order by f.field, f.at desc, f.source
"""
_SHOWN: Final = f"""
select to_jsonb(c) as shown, encode(c.name_hash, 'hex') as name_hash
from (select {", ".join(COLUMNS)}, attrs, name_hash from customer
      where bucket = %(bucket)s and tenant_id = %(tenant)s and id = %(id)s) as c
"""


def words(tx: Tx, customer_id: UUID, rules: Priority) -> list[Word]:
    """What was said of a customer, by field, what holds first. Raises NotFound. Fields that the caller may not see are left out."""
    store.visible(tx, customer_id)
    params = {"bucket": bucket_of(customer_id), "tenant": tx.tenant_id, "id": customer_id}
    custom = Classes.of(tx)
    rows = [
        row
        for row in tx.all(_Row, _WORDS, params)
        if may_see(CLASSES.get(row.field, "plain")) and custom.shows(row.field)
    ]
    if not rows:
        return []
    shown = tx.dicts(_SHOWN, params)[0]
    opener = Opener.of(tx, {row.origin_id for row in rows if row.name_enc is not None})
    by_field: dict[str, list[_Row]] = {}
    for row in rows:
        by_field.setdefault(row.field, []).append(row)
    told: list[Word] = []
    for field, said in by_field.items():
        holder = _holder(said, shown, rules)
        ordered = sorted(said, key=lambda row, holder=holder: row is not holder)
        told.extend(
            Word(
                field=field,
                value=_readable(row, opener),
                source=row.source,
                at=row.at,
                holds=row is holder,
                other_person=row.origin_id != customer_id,
            )
            for row in ordered
        )
    return told


def _readable(row: _Row, opener: Opener) -> Any:
    if row.name_enc is not None:
        return opener.open(row.origin_id, row.name_enc)
    return row.named or row.value


def _holder(said: Iterable[_Row], shown: Mapping[str, Any], rules: Priority) -> _Row | None:
    """Of the words that say what is shown: one that held, before one that only agrees; the strongest and latest of these."""
    agreeing = [row for row in said if _agrees(row, shown)]
    return max(agreeing, key=lambda row: (row.holds, -rules.rank(row.field, row.source), row.at), default=None)


def _agrees(row: _Row, shown: Mapping[str, Any]) -> bool:
    if row.field == NAME:
        digest = None if row.name_hash is None else bytes(row.name_hash).hex()
        return digest == shown["name_hash"]
    values: Mapping[str, Any] = shown["shown"]
    if row.field.startswith(ATTRIBUTE):
        attributes: Mapping[str, Any] = values.get("attrs") or {}
        return bool(attributes.get(row.field.removeprefix(ATTRIBUTE)) == row.value)
    value = values.get(row.field)
    if row.field == "do_not_contact":
        return bool(value) == bool(row.value)
    return bool(value == row.value)
