"""Telling browsers that something changed: a topic, never the thing itself, so that no row leaks past its policies."""

from __future__ import annotations

import json

from tandem.kernel.db import Tx

CHANNEL = "tandem_live"
TOPIC_LENGTH_MAX = 200


def announce(tx: Tx, topic: str) -> None:
    """Say on commit that `topic` ("clock", "flow:<id>", "segment:<id>", "inbox", "job:<id>") changed for this tenant.

    PostgreSQL folds equal announcements of one transaction into one; browsers hear at most a few a second.
    """
    if len(topic) > TOPIC_LENGTH_MAX:
        message = f"topic of {len(topic)} characters"
        raise ValueError(message)
    payload = json.dumps({"tenant": str(tx.tenant_id), "topic": topic})
    tx.execute("select pg_notify(%(channel)s, %(payload)s)", {"channel": CHANNEL, "payload": payload})
