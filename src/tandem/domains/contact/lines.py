"""Accounts as this domain reaches them: opened once for a piece of work, closed afterwards."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from uuid import UUID

from tandem.domains.contact.gateway import GatewayFailure, Line, gateway_of
from tandem.kernel.db import Database
from tandem.stream.sources.accounts import opened_account


@contextmanager
def line_of(db: Database, tenant: UUID, account_id: UUID) -> Generator[Line]:
    """A line to an account's platform. Raises GatewayFailure where there is none."""
    with db.tx("worker", tenant=tenant) as tx:
        account = opened_account(tx, account_id=account_id)
    gateway = None if account is None else gateway_of(account.connector)
    if account is None or gateway is None or account.status != "active":
        raise GatewayFailure("set_up", "the account is switched off or gone")
    with gateway.open(db, account) as line:
        yield line
