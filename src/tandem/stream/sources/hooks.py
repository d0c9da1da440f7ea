"""The webhook door: verify, make durable, answer; what the delivery means is found out later (ENGINE_RULES 2).

Platforms drop a receiver that is slow, and send again what was not answered. So nothing stands between a verified call and its answer but
one write: to PostgreSQL, shared by the calls of the same moment, or to the buffer before it where one is configured.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol
from uuid import UUID

from tandem.kernel.crypto import TenantKeys
from tandem.kernel.db import Database
from tandem.kernel.errors import NotFound, Throttled
from tandem.stream.door.pending import take_in
from tandem.stream.door.pressure import PRESSURE
from tandem.stream.door.wire import Parsed, TooLarge
from tandem.stream.flushes import Flushes
from tandem.stream.sources import raw, tally
from tandem.stream.sources.accounts import Accounts
from tandem.stream.sources.connector import (
    Account,
    Challenged,
    Connector,
    Delivery,
    Hasty,
    NotVerified,
    Reply,
    connector_of,
    not_verified,
)
from tandem.stream.sources.limits import Limit

BODY_BYTES_MAX: Final = 950_000
"""Of one delivery; with its envelope it stays under the door's limit of one record."""
PER_MINUTE: Final = 6_000
BURST: Final = 1_000
"""What one account may send each web process."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A verified delivery, ready to be written. `payload` is its kept form, `kind` that of the envelope which opens it."""

    source: str
    delivery_id: str
    payload: bytes
    kind: str = raw.HOOK
    hasty: Hasty | None = None
    at_once: Sequence[object] = ()
    """What cannot wait for the door to understand it. With a buffer before the database it does: the door files it then."""


class Buffer(Protocol):
    """Something durable before the database. `put` returns when every delivery is safe there, or raises Unavailable."""

    def put(self, tenant: UUID, keys: TenantKeys, deliveries: Sequence[Kept]) -> None: ...


class HookDoor:
    """One process's webhook door."""

    def __init__(self, db: Database, *, buffer: Buffer | None = None, limit: Limit | None = None) -> None:
        self._db = db
        self._buffer = buffer
        self._accounts = Accounts()
        self._limit = limit or Limit(PER_MINUTE, BURST)
        self._flushes: Flushes[Kept] = Flushes(self._write)

    def call(self, connector_name: str, account_id: UUID, delivery: Delivery) -> Reply:
        """Take one call. Raises NotFound, TooLarge, Throttled, NotVerified, Unavailable; then nothing was kept."""
        connector, account = self._find(connector_name, account_id)
        try:
            if len(delivery.body) > BODY_BYTES_MAX:
                raise too_large()
            # Verified first: a stranger who knows the address must not use up what the platform may send.
            connector.verify(account, delivery)
            self._limit.spend(account_id)
            if self._buffer is None:
                PRESSURE.check(self._db, account.tenant_id)
        except (NotVerified, Throttled, TooLarge) as refused:
            tally.note(
                account.tenant_id,
                account.source,
                unverified=isinstance(refused, NotVerified),
                throttled=isinstance(refused, Throttled),
                refused=isinstance(refused, TooLarge),
            )
            tally.flush_now_and_then(self._db)
            raise
        self._flushes.submit(account.tenant_id, self._kept(connector, account, delivery))
        return connector.answer(account, delivery)

    def challenge(self, connector_name: str, account_id: UUID, query: Mapping[str, str]) -> Reply:
        """Answer a platform that checks our address before it pushes. Raises NotFound, NotVerified."""
        connector, account = self._find(connector_name, account_id)
        if not isinstance(connector, Challenged):
            raise not_verified()
        return connector.challenge(account, query)

    def _find(self, connector_name: str, account_id: UUID) -> tuple[Connector, Account]:
        connector = connector_of(connector_name)
        account = self._accounts.get(self._db, account_id) if connector is not None else None
        if connector is None or account is None or account.connector != connector_name or account.status != "active":
            raise NotFound(
                "no_such_source", "没有这个数据源，或已停用。", "There is no such source, or it is switched off."
            )
        return connector, account

    def _kept(self, connector: Connector, account: Account, delivery: Delivery) -> Kept:
        query = {name: delivery.query[name] for name in connector.kept_query if name in delivery.query}
        hasty = connector if isinstance(connector, Hasty) and self._buffer is None else None
        at_once = hasty.at_once(account, delivery) if hasty is not None else ()
        named = connector.delivery_id(account, delivery)
        kept = raw.wrap(delivery.body, query)
        return Kept(account.source, named, kept, hasty=hasty if at_once else None, at_once=at_once)

    def _write(self, tenant: UUID, group: Sequence[Kept]) -> None:
        if self._buffer is not None:
            self._buffer.put(tenant, self._accounts.keys(tenant), group)
            return
        with self._db.tx("door", tenant=tenant) as tx:
            items = [
                raw.envelope(one.source, one.delivery_id, tx.now, one.payload, index=index)
                for index, one in enumerate(group)
            ]
            take_in(tx, Parsed(items, [], {}))
            for hasty in dict.fromkeys(one.hasty for one in group if one.hasty is not None):
                hasty.file_at_once(tx, [thing for one in group if one.hasty is hasty for thing in one.at_once])


def too_large() -> TooLarge:
    """The answer to a body past the limit."""
    return TooLarge("body_too_large", "单次投递最大 950 KB。", "A delivery may have at most 950 KB.")


__all__ = ["BODY_BYTES_MAX", "Buffer", "HookDoor", "Kept", "too_large"]
