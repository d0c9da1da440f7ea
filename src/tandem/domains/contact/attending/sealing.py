"""A customer's words under her own key: that of whom a row was created for, wherever a merge has taken it since."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from tandem.kernel.crypto import TenantKeys
from tandem.kernel.db import Tx
from tandem.kernel.ids import bucket_of
from tandem.stream.keys import data_key, tenant_keys


class Seals:
    """The keys of some customers, opened."""

    def __init__(self, tx: Tx, origins: Iterable[UUID]) -> None:
        wanted = sorted(set(origins))
        rows = tx.cursor(
            """
            select id, key_enc from customer
            where bucket = any(%(homes)s::smallint[]) and tenant_id = %(tenant)s and id = any(%(ids)s::uuid[]) and key_enc is not null
            """,
            {"tenant": tx.tenant_id, "homes": sorted({bucket_of(one) for one in wanted}), "ids": wanted},
        ).fetchall()
        own = tenant_keys(tx)
        self._keys = {row[0]: data_key(own, bytes(row[1])) for row in rows}

    def seal(self, origin: UUID, text: str) -> bytes | None:
        """Sealed, or None for nothing to seal or nobody to seal it for."""
        key = self._keys.get(origin)
        return None if key is None or not text else TenantKeys.seal(key, text)

    def open(self, origin: UUID, sealed: bytes | None) -> str:
        """Opened; empty where there is nothing, or no key any more."""
        key = self._keys.get(origin)
        return "" if key is None or sealed is None else TenantKeys.open(key, bytes(sealed))
