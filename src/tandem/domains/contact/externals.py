"""Customers by the platform's own id, which is theirs alone: opened for the piece of work that needs it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Final
from uuid import UUID

from tandem.domains.contact.gateway import gateway_of
from tandem.kernel.crypto import TenantKeys
from tandem.kernel.db import Tx
from tandem.kernel.ids import BUCKETS, derived_id
from tandem.stream.keys import data_key, tenant_keys

_ALL_BUCKETS: Final = list(range(BUCKETS))
_SEALED: Final = """
select i.customer_id, i.value_enc, o.key_enc from customer_identifier as i
join customer as o on o.bucket = any(%(buckets)s::smallint[]) and o.tenant_id = %(tenant)s and o.id = i.origin_id
where i.bucket = any(%(buckets)s::smallint[]) and i.tenant_id = %(tenant)s and i.customer_id = any(%(ids)s::uuid[])
  and i.kind = 'open_id' and i.scope = %(scope)s
"""


def friendship_of(tenant: UUID, source: str, member: str, external: str) -> UUID:
    """The id of a friendship, as the door makes it."""
    return derived_id(tenant, source, "friendship", f"{member}\x1f{external}")


def scope_of(tx: Tx, account: UUID) -> str:
    """Within what an account's customer ids are unique; empty for one whose platform knows no friends."""
    found = tx.cursor(
        "select connector, config from source_account where tenant_id = %(tenant)s and id = %(account)s",
        {"tenant": tx.tenant_id, "account": account},
    ).fetchone()
    gateway = None if found is None else gateway_of(found[0])
    return "" if gateway is None or found is None else gateway.scope(found[1])


def externals_of(tx: Tx, scope: str, customers: Sequence[UUID]) -> dict[UUID, list[str]]:
    """The platform's ids of some customers; somebody who was two people has two."""
    own = tenant_keys(tx)
    found: dict[UUID, list[str]] = defaultdict(list)
    params = {"tenant": tx.tenant_id, "buckets": _ALL_BUCKETS, "ids": list(customers), "scope": scope}
    for customer, sealed, wrapped in tx.cursor(_SEALED, params):
        if wrapped is not None:
            found[customer].append(TenantKeys.open(data_key(own, bytes(wrapped)), bytes(sealed)))
    return found
