"""Whom a request is about: the living customer, everybody merged into her, and the values by which records name her."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from tandem.kernel.crypto import TenantKeys
from tandem.kernel.db import Tx
from tandem.kernel.errors import NotFound
from tandem.kernel.ids import BUCKETS, bucket_of
from tandem.stream.keys import data_key, tenant_keys

ALL_BUCKETS = list(range(BUCKETS))


@dataclass(frozen=True, slots=True)
class Named:
    """One identifier of hers."""

    kind: str
    scope: str
    value_hash: bytes
    origin_id: UUID
    value_enc: bytes


@dataclass(frozen=True, slots=True)
class _Key:
    id: UUID
    key_enc: bytes


@dataclass(frozen=True, slots=True)
class Person:
    """`ids` holds `root` first. `names` are her identifiers, `values` their plain spellings."""

    root: UUID
    ids: tuple[UUID, ...]
    names: tuple[Named, ...]
    values: frozenset[str]
    keys: dict[UUID, bytes]
    """Her data keys, opened, by the id they were made for."""

    @property
    def buckets(self) -> list[int]:
        """Where her rows live."""
        return sorted({bucket_of(one) for one in self.ids})

    def open(self, origin: UUID | None, sealed: bytes | None) -> str | None:
        """A sealed value of hers in the clear; None where it is not under one of her keys."""
        key = self.keys.get(origin or self.root)
        return None if key is None or sealed is None else TenantKeys.open(key, bytes(sealed))


def person(tx: Tx, customer_id: UUID) -> Person:
    """Everybody that this customer is. Raises NotFound."""
    found = tx.maybe(
        _Root,
        "select coalesce(merged_into, id) as id from customer where bucket = %(bucket)s and tenant_id = %(tenant)s and id = %(id)s",
        {"bucket": bucket_of(customer_id), "tenant": tx.tenant_id, "id": customer_id},
    )
    if found is None:
        raise NotFound("no_such_customer", "没有这位客户。", "There is no such customer.")
    rows = tx.all(
        _Key,
        """
        select id, key_enc from customer
        where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s and (id = %(root)s or merged_into = %(root)s) order by id
        """,
        {"buckets": ALL_BUCKETS, "tenant": tx.tenant_id, "root": found.id},
    )
    ids = (found.id, *(row.id for row in rows if row.id != found.id))
    keys = tenant_keys(tx)
    opened = {row.id: data_key(keys, bytes(row.key_enc)) for row in rows}
    names = tx.all(
        Named,
        """
        select kind, scope, value_hash, origin_id, value_enc from customer_identifier
        where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s and customer_id = any(%(ids)s::uuid[])
        """,
        {"buckets": sorted({bucket_of(one) for one in ids}), "tenant": tx.tenant_id, "ids": list(ids)},
    )
    values = {TenantKeys.open(opened[one.origin_id], bytes(one.value_enc)) for one in names if one.origin_id in opened}
    return Person(found.id, ids, tuple(names), frozenset(values), opened)


@dataclass(frozen=True, slots=True)
class _Root:
    id: UUID
