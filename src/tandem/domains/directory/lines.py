"""Accounts as this domain reaches them: opened once for a piece of work, closed afterwards."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from uuid import UUID

from tandem.domains.directory.gateway import DirectoryFailure, StaffLine, staff_gateway
from tandem.kernel.db import Database
from tandem.stream.sources.accounts import opened_account


@contextmanager
def line_of(db: Database, tenant: UUID, account_id: UUID) -> Generator[StaffLine]:
    """A line to an account's platform. Raises DirectoryFailure where there is none."""
    with db.tx("worker", tenant=tenant) as tx:
        account = opened_account(tx, account_id=account_id)
    gateway = None if account is None else staff_gateway(account.connector)
    if account is None or gateway is None or account.status != "active":
        raise DirectoryFailure("set_up", "the account is switched off or gone")
    with gateway.open(db, account) as line:
        yield line
