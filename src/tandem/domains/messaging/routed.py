"""A channel as tenants have it: carried by the provider they chose, or by the simulated phone where they chose none."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Final
from uuid import UUID

from tandem.domains.messaging import connected
from tandem.domains.messaging.channel import AnswerLost, ChannelDown, Delivery, Outgoing
from tandem.domains.messaging.providers import Addressed, Keys, Provider
from tandem.domains.messaging.simulated import SimulatedChannel
from tandem.kernel.crypto import TenantKeys
from tandem.kernel.db import Database, Tx
from tandem.kernel.ids import bucket_of
from tandem.stream.keys import data_key, tenant_keys

NO_ADDRESS: Final = "no_address"
NO_CODE: Final = "no_approved_text"
SLOW: Final = "slow"
"""The reason of what went back because the time was up."""


class RoutedChannel:
    """One channel for every tenant. No provider knows our keys, so a lost answer is unknown, never repeated by itself."""

    idempotent = False

    def __init__(self, simulated: SimulatedChannel, clock: Callable[[], float] = time.monotonic) -> None:
        self.name = simulated.name
        self.label = simulated.label
        self._simulated = simulated
        self._clock = clock

    def deliver(self, db: Database, tenant_id: UUID, messages: Sequence[Outgoing], until: float) -> list[Delivery]:
        """Hand over, one by one, until the time is up. Raises ChannelDown when the very first is refused for all."""
        with db.tx("worker", tenant=tenant_id) as tx:
            chosen = connected.opened(tx, self.name)
            ready, refused = ([], []) if chosen is None else _address(tx, *chosen, self.name, messages)
        if chosen is None:
            return self._simulated.deliver(db, tenant_id, messages, until)
        return refused + self._send(*chosen, ready, until)

    def _send(self, provider: Provider, keys: Keys, ready: Sequence[Addressed], until: float) -> list[Delivery]:
        found: list[Delivery] = []
        for index, one in enumerate(ready):
            if self._clock() >= until:
                return found + _later(ready[index:], SLOW)
            try:
                found.append(provider.send(keys, one))
            except AnswerLost as lost:
                # A provider that gives our key back tells later whether this one arrived.
                found.append(Delivery(one.key, "unknown", lost.reason, ref=str(one.key)))
                return found + _later(ready[index + 1 :], lost.reason)
            except ChannelDown as down:
                if not found:
                    raise
                return found + _later(ready[index:], down.reason)
        return found


def _later(rest: Sequence[Addressed], reason: str) -> list[Delivery]:
    return [Delivery(one.key, "later", reason) for one in rest]


_ADDRESSES: Final = """
select distinct on (i.customer_id) i.customer_id, i.value_enc, o.key_enc
from customer_identifier i
join customer o on o.bucket = any(%(homes)s::smallint[]) and o.tenant_id = %(tenant)s and o.id = i.origin_id
where i.bucket = any(%(buckets)s::smallint[]) and i.tenant_id = %(tenant)s and i.customer_id = any(%(ids)s::uuid[])
  and i.kind = %(kind)s and i.scope = %(scope)s
order by i.customer_id, i.last_seen_at desc
"""


def _address(
    tx: Tx, provider: Provider, keys: Keys, channel: str, messages: Sequence[Outgoing]
) -> tuple[list[Addressed], list[Delivery]]:
    """The messages with their addresses, and those that have none or no approved text."""
    addresses = _addresses(tx, provider, keys, messages)
    texts = connected.codes(tx, channel, list({one.template_id for one in messages}))
    ready: list[Addressed] = []
    refused: list[Delivery] = []
    for one in messages:
        address, text = addresses.get(one.customer_id), texts.get(one.template_id)
        if address is None:
            refused.append(Delivery(one.key, "failed", NO_ADDRESS))
        elif text is None and provider.needs_code:
            refused.append(Delivery(one.key, "failed", NO_CODE))
        else:
            params = (
                [] if text is None else [(name, one.values.get(placeholder, "")) for name, placeholder in text.params]
            )
            ready.append(Addressed(one.key, address, one.text, "" if text is None else text.code, params))
    return ready, refused


def _addresses(tx: Tx, provider: Provider, keys: Keys, messages: Sequence[Outgoing]) -> dict[UUID, str]:
    """Each customer's latest address of the provider's kind."""
    ids = sorted({one.customer_id for one in messages})
    origins = tx.values(
        """
        select distinct origin_id from customer_identifier
        where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s and customer_id = any(%(ids)s::uuid[]) and kind = %(kind)s
        """,
        _params(tx, ids, kind=provider.address),
    )
    rows = tx.cursor(
        _ADDRESSES,
        _params(
            tx,
            ids,
            kind=provider.address,
            scope=provider.scope(keys.settings),
            homes=sorted({bucket_of(one) for one in [*origins, *ids]}),
        ),
    ).fetchall()
    own = tenant_keys(tx)
    return {
        customer: TenantKeys.open(data_key(own, bytes(wrapped)), bytes(sealed))
        for customer, sealed, wrapped in rows
        if wrapped is not None
    }


def _params(tx: Tx, ids: Sequence[UUID], **more: object) -> dict[str, object]:
    return {"tenant": tx.tenant_id, "ids": list(ids), "buckets": sorted({bucket_of(one) for one in ids}), **more}
