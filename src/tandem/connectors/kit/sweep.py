"""What pushes and live rounds missed: records of a page that the door has never met."""

from __future__ import annotations

from typing import Any

from tandem.connectors.kit.platform import Resource, Seen
from tandem.kernel.db import Tx
from tandem.stream.sources.connector import Account
from tandem.stream.sources.mapping import Mapped


def missing(tx: Tx, account: Account, resource: Resource, body: Any) -> int:
    """How many of a page's records nobody brought before."""
    seen = Seen(account.source, account.config, tx.zone)
    ids = list({one.external_id for one in resource.read(body, seen) if isinstance(one, Mapped) and one.external_id})
    if not ids:
        return 0
    known: int = tx.value(
        """
        select count(*) from intake_key where tenant_id = %(tenant)s and source = %(source)s and external_id = any(%(ids)s)
        """,
        {"tenant": tx.tenant_id, "source": account.source, "ids": ids},
    )
    return len(ids) - known
