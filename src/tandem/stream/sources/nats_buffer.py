"""NATS JetStream before the database: the door answers when a majority of servers has a delivery on disk, a worker stores it later.

A publish that was not acknowledged is sent again under the same message id, so a change of leader (about five seconds) delays and doubles
nothing. The worker acknowledges after its commit; what is delivered again meets the door's key table. So: everything acknowledged to a
sender arrives, and once. Bodies are sealed under a data key that travels with them, wrapped by the tenant's key.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

import msgspec
import psycopg
import structlog

from tandem.kernel.crypto import TenantKeys
from tandem.kernel.db import Database
from tandem.kernel.errors import Misconfigured, Unavailable
from tandem.stream.door.pending import take_in
from tandem.stream.door.wire import Parsed
from tandem.stream.keys import tenant_keys
from tandem.stream.sources import raw
from tandem.stream.sources.hooks import Kept
from tandem.stream.sources.nats_link import ACK_WAIT_SECONDS, CONSUMER, STREAM, SUBJECT, Link, no_buffer

log = structlog.get_logger(__name__)

PUBLISH_SECONDS: Final = 20.0
"""A sender waits no longer: a change of leader takes about five."""
TRY_SECONDS: Final = 2.0
FETCHED_MAX: Final = 200
WAIT_SECONDS: Final = 1.0
AGAIN_SECONDS: Final = 2.0


class _One(msgspec.Struct):
    source: str
    delivery_id: str
    sealed: bytes
    kind: str = raw.HOOK


class _Message(msgspec.Struct):
    tenant: UUID
    at: datetime
    key: bytes
    deliveries: list[_One]


_DECODER: Final = msgspec.msgpack.Decoder(_Message)


class NatsBuffer:
    """The door's side."""

    def __init__(self, url: str) -> None:
        self.link = Link(url)

    def put(self, tenant: UUID, keys: TenantKeys, deliveries: Sequence[Kept]) -> None:
        """Return when the deliveries are durable. Raises Unavailable, and then the sender has to send again."""
        key, wrapped = keys.new_data_key()
        sealed = keys.seal_all(key, [one.payload for one in deliveries])
        message = _Message(
            tenant,
            datetime.now(UTC),
            wrapped,
            [
                _One(one.source, one.delivery_id, payload, one.kind)
                for one, payload in zip(deliveries, sealed, strict=True)
            ],
        )
        digest = hashlib.blake2b(digest_size=16, key=tenant.bytes)
        for one in deliveries:
            digest.update(f"{one.source}\x1f{one.delivery_id}\x1f".encode())
            digest.update(one.payload)
        try:
            self.link.run(
                self._publish(msgspec.msgpack.encode(message), digest.hexdigest()), seconds=PUBLISH_SECONDS + 5
            )
        except TimeoutError as error:
            raise no_buffer() from error

    async def _publish(self, body: bytes, message_id: str) -> None:
        import nats.errors

        until = time.monotonic() + PUBLISH_SECONDS
        while True:
            try:
                await self.link.connect()
                await self.link.js.publish(
                    SUBJECT, body, timeout=TRY_SECONDS, stream=STREAM, headers={"Nats-Msg-Id": message_id}
                )
            except (TimeoutError, nats.errors.Error, OSError) as error:
                if time.monotonic() > until:
                    raise no_buffer() from error
                await asyncio.sleep(0.1)
            else:
                return

    def close(self) -> None:
        """End the connection."""
        self.link.close()


class Drain:
    """The worker's side: a job that moves what is buffered into the database."""

    def __init__(self, url: str) -> None:
        self.link = Link(url)
        self._subscription: Any = None

    def __call__(self, db: Database) -> float:
        """Move one batch; returns the seconds until the next."""
        import nats.errors

        try:
            messages: list[Any] = self.link.run(self._fetch(), seconds=15)
        except (nats.errors.Error, OSError, TimeoutError) as error:
            log.warning("buffer_unavailable", reason=f"{type(error).__name__}: {error}")
            self._subscription = None
            return AGAIN_SECONDS
        groups: dict[UUID, list[tuple[Any, _Message]]] = {}
        for message in messages:
            read = _DECODER.decode(message.data)
            groups.setdefault(read.tenant, []).append((message, read))
        for tenant, group in groups.items():
            stored = self._store(db, tenant, [read for _, read in group])
            self.link.run(_settle([message for message, _ in group], stored=stored), seconds=15)
        return 0.0 if messages else WAIT_SECONDS

    async def _fetch(self) -> list[Any]:
        import nats.errors
        from nats.js.api import ConsumerConfig

        await self.link.connect()
        if self._subscription is None:
            config = ConsumerConfig(ack_wait=ACK_WAIT_SECONDS, max_ack_pending=10 * FETCHED_MAX)
            self._subscription = await self.link.js.pull_subscribe(
                SUBJECT, durable=CONSUMER, stream=STREAM, config=config
            )
        try:
            return await self._subscription.fetch(FETCHED_MAX, timeout=WAIT_SECONDS)
        except (TimeoutError, nats.errors.TimeoutError):
            return []

    def _store(self, db: Database, tenant: UUID, messages: Sequence[_Message]) -> bool:
        """Store a tenant's messages in one commit; whether they are stored, or can never be."""
        try:
            with db.tx("door", tenant=tenant) as tx:
                keys = tenant_keys(tx)
                ahead = tx.now - tx.machine_now
                items = [
                    raw.envelope(
                        one.source,
                        one.delivery_id,
                        message.at + ahead,
                        keys.open(keys.unwrap(message.key), one.sealed).encode(),
                        kind=one.kind,
                    )
                    for message in messages
                    for one in message.deliveries
                ]
                numbered = [msgspec.structs.replace(item, index=index) for index, item in enumerate(items)]
                take_in(tx, Parsed(numbered, [], {}))
        except LookupError:
            log.warning("buffered_for_nobody", tenant=str(tenant), messages=len(messages))
            return True
        except (Unavailable, Misconfigured, psycopg.Error) as error:
            log.warning("buffer_not_stored", tenant=str(tenant), reason=f"{type(error).__name__}: {error}")
            return False
        return True

    def close(self) -> None:
        """End the connection."""
        self.link.close()


async def _settle(messages: Sequence[Any], *, stored: bool) -> None:
    """Acknowledge what is committed; ask for the rest again shortly. An acknowledgement that is lost costs a harmless repetition."""
    for message in messages:
        await (message.ack() if stored else message.nak(delay=AGAIN_SECONDS))
