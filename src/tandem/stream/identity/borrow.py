"""Fields a survivor shows for people merged into her: where her own are missing, or where a person chose theirs. Given back by an undo."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import blake2b
from typing import Any, Final, NamedTuple
from uuid import UUID

from psycopg.types.json import Jsonb

from tandem.kernel.crypto import TenantKeys
from tandem.kernel.db import Tx
from tandem.kernel.ids import bucket_of
from tandem.stream.identity.tree import Forest
from tandem.stream.keys import data_key

FIELDS: Final = (
    "gender",
    "birthday",
    "city",
    "district",
    "division",
    "location",
    "store_id",
    "owner_user_id",
    "stage",
    "level",
)
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
    division: str | None
    location: str | None
    store_id: UUID | None
    owner_user_id: UUID | None
    stage: str | None
    level: str | None
    do_not_contact: bool
    attrs: dict[str, Any]
    borrowed: dict[str, Any]
    key_enc: bytes


class SealedName(NamedTuple):
    """A name's keyed hash, and its text sealed under the key of the one it belongs to."""

    digest: str
    sealed: str


def fingerprint(value: object) -> str:
    """What tells whether a borrowed field was given a value of its own since."""
    text = value.digest if isinstance(value, SealedName) else repr(value)
    return blake2b(text.encode(), digest_size=8).hexdigest()


def own_fields(row: Shown) -> Fields:
    """What a customer has of her own, as JSON values: what she shows unless it is borrowed, and what a chosen value stands before."""
    shown = _shown(row)
    own: Fields = {}
    for name in dict.fromkeys((*shown, *row.borrowed)):
        note: dict[str, Any] = row.borrowed.get(name) or {}
        value = shown.get(name)
        if value is not None and note.get("was") != fingerprint(value):
            own[name] = value
        elif "own" in note:
            own[name] = SealedName(*note["own"]) if name == NAME else note["own"]
    return own


def _shown(row: Shown) -> Fields:
    shown: Fields = {name: _plain(getattr(row, name)) for name in FIELDS}
    if row.name_enc is not None and row.name_hash is not None:
        shown[NAME] = SealedName(bytes(row.name_hash).hex(), b64encode(row.name_enc).decode())
    # Being left alone is the strictest wish of any of them (DATA.md: consents merge to the strictest).
    shown[CONTACT] = row.do_not_contact or None
    return shown | {f"{ATTRIBUTE}{key}": value for key, value in row.attrs.items()}


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else str(value) if isinstance(value, UUID) else value


def overruled(row: Shown) -> set[str]:
    """Fields that were given a value of their own after somebody else's was chosen: the newer wish holds."""
    shown = _shown(row)
    return {
        name
        for name, note in row.borrowed.items()
        if note.get("kept")
        or ("own" in note and shown.get(name) is not None and note["was"] != fingerprint(shown[name]))
    }


def lender(forest: Forest, own: Mapping[UUID, Fields], top: UUID, name: str, *, chosen: bool = True) -> UUID | None:
    """Whose value `top` shows: the one chosen last among those merged into her, else her own, else the first merged who has one."""
    below = forest.children(top)
    if chosen:
        for edge in reversed(below):
            if name in edge.choices and (found := lender(forest, own, edge.loser_id, name)) is not None:
                return found
    if name in own.get(top, {}):
        return top
    for edge in below:
        if (found := lender(forest, own, edge.loser_id, name)) is not None:
            return found
    return None


_READ: Final = f"""
select id, name_enc, name_hash, {", ".join(FIELDS)}, do_not_contact, attrs, borrowed, key_enc
from customer where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s and id = any(%(ids)s::uuid[])
"""


def refresh(tx: Tx, keys: TenantKeys, forest: Forest, root: UUID) -> None:
    """Bring a living customer and everybody merged into her to what each should show now. The merged show what is their own."""
    members = forest.members(root)
    params = {"tenant": tx.tenant_id, "ids": members, "buckets": sorted({bucket_of(one) for one in members})}
    rows = {row.id: row for row in tx.all(Shown, _READ, params)}
    own = {member: own_fields(row) for member, row in rows.items()}
    for member in (one for one in members if one in rows and one != root):
        _write(tx, keys, rows, member, own[member], {})
    if root in rows:
        _write(tx, keys, rows, root, own[root], _borrowed(forest, rows[root], own))


def _borrowed(forest: Forest, row: Shown, own: Mapping[UUID, Fields]) -> dict[str, tuple[UUID, Any]]:
    """Field -> (whose, value), for what the root shows of others."""
    settled = overruled(row)
    found: dict[str, tuple[UUID, Any]] = {}
    for name in dict.fromkeys(name for fields in own.values() for name in fields):
        whose = lender(forest, own, row.id, name, chosen=name not in settled)
        if whose is not None and whose != row.id:
            found[name] = (whose, own[whose][name])
    return found


def _write(
    tx: Tx,
    keys: TenantKeys,
    rows: Mapping[UUID, Shown],
    member: UUID,
    own: Fields,
    borrowed: Mapping[str, tuple[UUID, Any]],
) -> None:
    row = rows[member]
    shown = own | {name: value for name, (_, value) in borrowed.items()}
    name: SealedName | None = shown.get(NAME)
    after: dict[str, Any] = {field: shown.get(field) for field in FIELDS}
    after |= {
        "name_enc": None if name is None else _sealed_for(keys, rows, row, borrowed.get(NAME), name),
        "name_hash": None if name is None else bytes.fromhex(name.digest),
        CONTACT: bool(shown.get(CONTACT)),
        "attrs": Jsonb(
            {field.removeprefix(ATTRIBUTE): value for field, value in shown.items() if field.startswith(ATTRIBUTE)}
        ),
        "borrowed": Jsonb(_notes(row, own, borrowed)),
    }
    assigned = ", ".join(f"{field} = %({field})s" for field in after)
    tx.execute(
        f"update customer set {assigned}, updated_at = %(now)s where bucket = %(bucket)s and tenant_id = %(tenant)s and id = %(id)s",
        {**after, "now": tx.now, "bucket": bucket_of(row.id), "tenant": tx.tenant_id, "id": row.id},
    )


def _notes(row: Shown, own: Fields, borrowed: Mapping[str, tuple[UUID, Any]]) -> dict[str, Any]:
    notes: dict[str, Any] = {}
    for name, (whose, value) in borrowed.items():
        notes[name] = {"from": str(whose), "was": fingerprint(value)}
        if name in own:
            notes[name]["own"] = own[name]
    return notes | {name: {"kept": True} for name in overruled(row) if name not in notes and name in own}


def _sealed_for(
    keys: TenantKeys, rows: Mapping[UUID, Shown], row: Shown, borrowed: tuple[UUID, Any] | None, name: SealedName
) -> bytes:
    """A borrowed name under the borrower's own key."""
    sealed = b64decode(name.sealed)
    if borrowed is None:
        return sealed
    theirs = data_key(keys, rows[borrowed[0]].key_enc)
    return keys.seal(data_key(keys, row.key_enc), keys.open(theirs, sealed))


def choosable(fields: Sequence[str]) -> list[str]:
    """Of these names those that a person may choose between two people."""
    return [name for name in fields if name in {NAME, *FIELDS} or name.startswith(ATTRIBUTE)]
