"""Keeping an erased person from coming back with the next import."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Protocol
from uuid import UUID

import msgspec

from tandem.kernel.crypto import TenantKeys
from tandem.kernel.db import Tx
from tandem.stream.door.kinds import Normalised
from tandem.stream.door.understand import Understood
from tandem.stream.projection import BACKFILL

DIGEST_BYTES: Final = 16
MASTER_DATA: Final = "customer"
"""Records of this kind say what a person is, not what she did: they never bring her back."""
BLANK: Final = b'{"erased":true}'


_ANYBODY: Final = "select exists (select from suppression where tenant_id = %(tenant)s)"


class NamedKey(Protocol):
    """An identifier by kind, scope and keyed hash."""

    @property
    def kind(self) -> str: ...
    @property
    def scope(self) -> str: ...
    @property
    def value_hash(self) -> bytes: ...


@dataclass(frozen=True, slots=True)
class _Row:
    digest: bytes
    since: datetime


def salt(keys: TenantKeys) -> bytes:
    """The tenant's salt for these hashes; no other table's hashes can be compared with them."""
    return hmac.new(keys.secret, b"suppression", hashlib.sha256).digest()


def digest(salted: bytes, key: NamedKey) -> bytes:
    """The suppressed form of an identifier."""
    text = f"{key.kind}\x1f{key.scope}\x1f".encode() + bytes(key.value_hash)
    return hashlib.blake2b(text, key=salted, digest_size=DIGEST_BYTES).digest()


def suppress(tx: Tx, keys: TenantKeys, names: Iterable[NamedKey]) -> int:
    """Remember these identifiers as erased now; returns how many."""
    salted = salt(keys)
    found = sorted({digest(salted, one) for one in names})
    tx.execute(
        """
        insert into suppression (tenant_id, digest, since) select %(tenant)s, unnest(%(digests)s::bytea[]), %(now)s
        on conflict (tenant_id, digest) do update set since = excluded.since
        """,
        {"tenant": tx.tenant_id, "digests": found, "now": tx.now},
    )
    return len(found)


def lock_of(tenant: UUID) -> int:
    """The number of the advisory lock that a company's doors share, and that an erasure holds alone for a moment (`rights.late`)."""
    return int.from_bytes(hashlib.blake2b(b"erasure" + tenant.bytes, digest_size=8).digest(), signed=True)


def without_erased(tx: Tx, keys: TenantKeys, records: Sequence[Understood]) -> list[Understood]:
    """The records as far as they may come in: two statements for the batch, three where anybody was ever erased.

    The lock comes in a statement of its own and first: what is read under it is newer than any erasure that did not wait for us.

    A record that names an erased person is let through only when it happened after the erasure and is live: then she has come back by
    herself. Otherwise an order, refund or the like comes in without the person and without its raw copy; everything else is dropped.
    """
    named = [record for record in records if record.values]
    if not named:
        return list(records)
    tx.execute("select pg_advisory_xact_lock_shared(%(lock)s)", {"lock": lock_of(tx.tenant_id)}, prepare=True)
    if not tx.value(_ANYBODY, {"tenant": tx.tenant_id}):
        return list(records)
    salted = salt(keys)
    digests = {key: digest(salted, key) for record in named for key in record.values}
    rows = tx.all(
        _Row,
        "select digest, since from suppression where tenant_id = %(tenant)s and digest = any(%(digests)s::bytea[])",
        {"tenant": tx.tenant_id, "digests": list(digests.values())},
    )
    if not rows:
        return list(records)
    since = {bytes(row.digest): row.since for row in rows}
    kept: list[Understood] = []
    for record in records:
        erased = [since[digests[key]] for key in record.values if digests[key] in since]
        if not erased or _came_back(record, max(erased)):
            kept.append(record)
        elif record.meaning.entity is not None and record.item.kind != MASTER_DATA:
            kept.append(_unnamed(record))
    return kept


def _came_back(record: Understood, erased_at: datetime) -> bool:
    return record.mode != BACKFILL and record.item.kind != MASTER_DATA and record.time > erased_at


def _unnamed(record: Understood) -> Understood:
    meaning: Normalised = replace(record.meaning, identifiers=(), customer=None)
    item = msgspec.structs.replace(record.item, payload=BLANK)
    # Whatever else a record carries of the person (what she said of herself) goes with her.
    return msgspec.structs.replace(record, item=item, meaning=meaning, strong=[], weak=[], values={}, said=None)
