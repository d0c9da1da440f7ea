"""Messages that stay with us, sealed with the keys of whom they are for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from tandem.domains.messaging.channel import Outgoing
from tandem.kernel.db import Tx
from tandem.stream.keys import data_key, tenant_keys


@dataclass(frozen=True, slots=True)
class Sealed:
    """A text as hex, and who her customer is by now: a merge may have moved the message while it was on its way."""

    text: str = field(repr=False)
    home: UUID


_KEYS: Final = """
select id, key_enc, coalesce(merged_into, id) from customer
where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s and id = any(%(ids)s::uuid[]) and key_enc is not null
"""


def sealed(tx: Tx, messages: Sequence[Outgoing]) -> dict[UUID, Sealed]:
    """The texts by the messages' keys; those to people who were erased meanwhile are left out."""
    keys = tenant_keys(tx)
    params = {
        "tenant": tx.tenant_id,
        "buckets": sorted({one.bucket for one in messages}),
        "ids": [one.customer_id for one in messages],
    }
    known = {customer: (bytes(wrapped), home) for customer, wrapped, home in tx.cursor(_KEYS, params).fetchall()}
    return {
        one.key: Sealed(keys.seal(data_key(keys, wrapped), one.text).hex(), home)
        for one in messages
        if one.customer_id in known
        for wrapped, home in (known[one.customer_id],)
    }
