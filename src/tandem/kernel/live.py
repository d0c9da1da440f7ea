"""Telling browsers that something changed: a topic, never the thing itself, so that no row leaks past its policies."""

from __future__ import annotations

import json
from collections.abc import Iterable
from uuid import UUID

from tandem.kernel.db import Connection, Tx

CHANNEL = "tandem_live"
TOPIC_LENGTH_MAX = 200


def announce(tx: Tx, topic: str) -> None:
    """Say on commit that `topic` ("clock", "flow:<id>", "segment:<id>", "inbox", "job:<id>") changed for this tenant.

    PostgreSQL folds equal announcements of one transaction into one; browsers hear at most a few a second.
    """
    tx.execute(
        "select pg_notify(%(channel)s, %(payload)s)", {"channel": CHANNEL, "payload": _payload(tx.tenant_id, topic)}
    )


def announce_committed(connection: Connection, topics: Iterable[tuple[UUID, str]]) -> None:
    """Say at once, on an autocommit connection, what has changed for which tenant: a worker gathers what its turns did."""
    payloads = [_payload(tenant, topic) for tenant, topic in topics]
    connection.execute("select pg_notify(%s, one) from unnest(%s::text[]) one", (CHANNEL, payloads))


def _payload(tenant: UUID, topic: str) -> str:
    if len(topic) > TOPIC_LENGTH_MAX:
        message = f"topic of {len(topic)} characters"
        raise ValueError(message)
    return json.dumps({"tenant": str(tenant), "topic": topic})
