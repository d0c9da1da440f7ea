"""Fields a survivor shows for people merged into her because her own are missing; given back when a merge is undone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import blake2b
from typing import Any, Final
from uuid import UUID

from psycopg.types.json import Jsonb

from tandem.kernel.crypto import TenantKeys
from tandem.kernel.db import Tx
from tandem.kernel.ids import bucket_of
from tandem.stream.keys import data_key

FIELDS: Final = ("gender", "birthday", "city", "district", "store_id", "owner_user_id", "stage", "level")
NAME: Final = "name"
CONTACT: Final = "do_not_contact"
ATTRIBUTE: Final = "attrs."

Fields = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Shown:
    """The row of a customer: what she shows, her own and borrowed."""

    id: UUID
    name_enc: bytes | None
    name_hash: bytes | None
    gender: str | None
    birthday: date | None
    city: str | None
    district: str | None
    store_id: UUID | None
    owner_user_id: UUID | None
    stage: str | None
    level: str | None
    do_not_contact: bool
    attrs: dict[str, Any]
    borrowed: dict[str, Any]
    key_enc: bytes


def fingerprint(value: object) -> str:
    """What tells whether a borrowed field was given a value of its own since."""
    return blake2b(repr(value).encode(), digest_size=8).hexdigest()


def own_fields(row: Shown) -> Fields:
    """What a customer has of her own: everything present that is not still as it was borrowed."""
    shown: Fields = {name: getattr(row, name) for name in FIELDS}
    shown[NAME] = row.name_hash
    # Being left alone is the strictest wish of any of them (DATA.md: consents merge to the strictest).
    shown[CONTACT] = row.do_not_contact or None
    shown |= {f"{ATTRIBUTE}{key}": value for key, value in row.attrs.items()}
    return {
        name: value
        for name, value in shown.items()
        if value is not None and (row.borrowed.get(name) or {}).get("was") != fingerprint(value)
    }


def borrow(own: Fields, others: Sequence[tuple[UUID, Fields]]) -> dict[str, tuple[UUID, Any]]:
    """What to borrow and from whom: the first of the others, in the order they were merged, who has what is missing."""
    found: dict[str, tuple[UUID, Any]] = {}
    for lender, fields in others:
        for name, value in fields.items():
            if name not in own and name not in found:
                found[name] = (lender, value)
    return found


_READ: Final = f"""
select id, name_enc, name_hash, {", ".join(FIELDS)}, do_not_contact, attrs, borrowed, key_enc
from customer where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s and id = any(%(ids)s::uuid[])
"""


def refresh(tx: Tx, keys: TenantKeys, members: Sequence[UUID]) -> None:
    """Bring the first of `members`, a living customer, and the rest, merged into her, to what each should show now."""
    params = {"tenant": tx.tenant_id, "ids": list(members), "buckets": sorted({bucket_of(one) for one in members})}
    rows = {row.id: row for row in tx.all(Shown, _READ, params)}
    own = {member: own_fields(rows[member]) for member in members if member in rows}
    root = members[0]
    borrowed = borrow(own[root], [(member, own[member]) for member in members[1:] if member in own])
    for member in members:
        _write(tx, keys, rows, rows[member], own[member], borrowed if member == root else {})


def _write(
    tx: Tx, keys: TenantKeys, rows: Mapping[UUID, Shown], row: Shown, own: Fields, borrowed: dict[str, tuple[UUID, Any]]
) -> None:
    shown = own | {name: value for name, (_, value) in borrowed.items()}
    name_enc = row.name_enc if NAME in own else _resealed(keys, rows, row, borrowed)
    after: dict[str, Any] = {name: shown.get(name) for name in FIELDS}
    after |= {
        "name_enc": name_enc,
        "name_hash": shown.get(NAME),
        CONTACT: bool(shown.get(CONTACT)),
        "attrs": Jsonb(
            {name.removeprefix(ATTRIBUTE): value for name, value in shown.items() if name.startswith(ATTRIBUTE)}
        ),
        "borrowed": Jsonb(
            {name: {"from": str(lender), "was": fingerprint(value)} for name, (lender, value) in borrowed.items()}
        ),
    }
    assigned = ", ".join(f"{name} = %({name})s" for name in after)
    tx.execute(
        f"update customer set {assigned}, updated_at = %(now)s where bucket = %(bucket)s and tenant_id = %(tenant)s and id = %(id)s",
        {**after, "now": tx.now, "bucket": bucket_of(row.id), "tenant": tx.tenant_id, "id": row.id},
    )


def _resealed(
    keys: TenantKeys, rows: Mapping[UUID, Shown], row: Shown, borrowed: dict[str, tuple[UUID, Any]]
) -> bytes | None:
    """A borrowed name under the borrower's own key."""
    if NAME not in borrowed:
        return None
    lender = rows[borrowed[NAME][0]]
    if lender.name_enc is None:
        return None
    return keys.seal(data_key(keys, row.key_enc), keys.open(data_key(keys, lender.key_enc), lender.name_enc))
