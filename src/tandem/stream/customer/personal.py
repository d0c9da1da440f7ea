"""Personal data for the screen: opened under the customer's key, and masked unless somebody asks for it by name."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from tandem.access.privacy import may_see
from tandem.kernel.crypto import TenantKeys
from tandem.kernel.db import Tx
from tandem.kernel.ids import bucket_of
from tandem.stream.keys import data_key, tenant_keys

_OPEN = frozenset({"member_no", "online_account"})
"""Kinds shown whole: staff and customer call them out at the till, and by themselves they reach nobody."""


def mask(kind: str, value: str) -> str:
    """An identifier for the screen: `138****2231`, `li**@example.org`."""
    if kind in _OPEN:
        return value
    if kind == "phone":
        local = value.removeprefix("+86")
        return f"{local[:3]}****{local[-4:]}" if len(local) > 7 else f"****{local[-4:]}"
    if kind == "email":
        name, _, domain = value.partition("@")
        return f"{name[:2]}**@{domain}"
    return f"****{value[-4:]}" if len(value) > 4 else "****"


@dataclass(frozen=True, slots=True)
class Sealed:
    """A sealed value of a customer and the customer under whose key it is (the origin of a re-homed row)."""

    customer_id: UUID
    origin_id: UUID
    kind: str
    scope: str
    sealed: bytes


@dataclass(frozen=True, slots=True)
class _Wrapped:
    id: UUID
    key_enc: bytes


class Opener:
    """Opens the values of the people whose keys it was given; what was erased stays closed (None)."""

    def __init__(self, keys: TenantKeys, wrapped: Mapping[UUID, bytes]) -> None:
        self._keys = keys
        self._wrapped = wrapped

    @staticmethod
    def of(tx: Tx, owners: Iterable[UUID]) -> "Opener":
        """An opener for the keys of these customers; a merged one's key opens what she brought along."""
        ids = sorted(set(owners))
        rows = tx.all(
            _Wrapped,
            "select id, key_enc from customer where bucket = any(%(homes)s::smallint[]) and tenant_id = %(tenant)s and id = any(%(ids)s::uuid[])",
            {"homes": sorted({bucket_of(one) for one in ids}), "tenant": tx.tenant_id, "ids": ids},
        )
        return Opener(tenant_keys(tx), {row.id: bytes(row.key_enc) for row in rows})

    def open(self, owner: UUID, sealed: bytes | None) -> str | None:
        """The value in the clear, or None where there is none, its key is gone, or who asks may not see personal data."""
        wrapped = self._wrapped.get(owner)
        if sealed is None or not wrapped or not may_see("personal"):
            return None
        return self._keys.open(data_key(self._keys, wrapped), bytes(sealed))
