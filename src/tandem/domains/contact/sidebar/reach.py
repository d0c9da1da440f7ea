"""Whom an adviser sees beside a chat: her own friends and whoever her scope shows; for others the answer is that for nobody."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace
from typing import Final
from uuid import UUID

from tandem.access.http import Access
from tandem.domains.contact.gateway import gateway_of
from tandem.domains.contact.sidebar.binding import members_of
from tandem.kernel.db import Scope, Tx
from tandem.kernel.errors import NotFound
from tandem.kernel.ids import BUCKETS, bucket_of
from tandem.stream.customer import store, view
from tandem.stream.customer.shapes import CustomerLine
from tandem.stream.keys import tenant_keys

_ALL_BUCKETS: Final = list(range(BUCKETS))
_FRIEND: Final = """
select f.member from friendship as f join source_account as a on a.tenant_id = %(tenant)s and a.source = f.source
join adviser_binding as b on b.tenant_id = %(tenant)s and b.account_id = a.id and b.member = f.member and b.user_id = %(user)s
where f.bucket = %(bucket)s and f.tenant_id = %(tenant)s and f.customer_id = %(customer)s and f.added_at is not null and f.lost_at is null
order by f.added_at desc limit 1
"""


@contextmanager
def beside(access: Access, customer_id: UUID) -> Generator[Tx]:
    """A transaction for one customer whom the caller may see here. Its statements must name this one. Raises NotFound."""
    with replace(access, scope=Scope.all()).tx() as tx:
        if own_member(tx, access, customer_id) is None and not _in_scope(access, customer_id):
            raise _nobody()
        store.visible(tx, customer_id)
        yield tx


def own_member(tx: Tx, access: Access, customer_id: UUID) -> str | None:
    """As which member the caller is this customer's friend now."""
    return tx.value(
        _FRIEND,
        {"tenant": tx.tenant_id, "user": access.user_id, "customer": customer_id, "bucket": bucket_of(customer_id)},
    )


def _in_scope(access: Access, customer_id: UUID) -> bool:
    reader = access.narrowed("customer.read")
    if reader is None:
        return False
    with reader.tx() as tx:
        return customer_id in store.known(tx, [customer_id])


def of_external(access: Access, account_id: UUID, external: str) -> CustomerLine:
    """The customer whom the platform calls so, if the caller may see her. Raises NotFound."""
    with replace(access, scope=Scope.all()).tx() as tx:
        row = tx.cursor(
            "select connector, config from source_account where tenant_id = %(tenant)s and id = %(id)s",
            {"tenant": tx.tenant_id, "id": account_id},
        ).fetchone()
        gateway = None if row is None else gateway_of(row[0])
        if row is None or gateway is None:
            raise _nobody()
        value = tenant_keys(tx).blind("open_id", gateway.scope(row[1]), external)
        found: UUID | None = tx.value(
            """
            select customer_id from identifier
            where tenant_id = %(tenant)s and kind = 'open_id' and scope = %(scope)s and value_hash = %(value)s and not demoted
            """,
            {"tenant": tx.tenant_id, "scope": gateway.scope(row[1]), "value": value},
        )
    if found is None:
        raise _nobody()
    with beside(access, found) as tx:
        return view.lines(tx, [found])[0]


def friends(access: Access, limit: int) -> list[CustomerLine]:
    """The caller's own friends, the latest first, with their names as far as she may see personal data."""
    with replace(access, scope=Scope.all()).tx() as tx:
        mine = members_of(tx, access.user_id)
        found: list[UUID] = tx.values(
            """
            select customer_id from friendship
            where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s and added_at is not null and lost_at is null
              and (source, member) in (select * from unnest(%(sources)s::text[], %(members)s::text[]))
            order by added_at desc limit %(limit)s
            """,
            {
                "tenant": tx.tenant_id, "buckets": _ALL_BUCKETS, "sources": [one[1] for one in mine], "members": [one[2] for one in mine],
                "limit": limit,
            },
        )  # fmt: skip
        return view.lines(tx, list(dict.fromkeys(found)))


def _nobody() -> NotFound:
    return NotFound("customer_not_found", "没有这位客户。", "There is no such customer.")
