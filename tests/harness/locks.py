"""Two connections that meet at the buckets: one holds them, the other must come to them before it touches a customer's row."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import psycopg

from tandem.kernel.db import Database, Tx


def comes_to_buckets_first(db: Database, tenant: UUID, work: Callable[[Tx], object]) -> None:
    """While another connection holds every bucket, `work` stops at their locks and not at a row: nobody is waited for, nothing is slept."""
    with db.connection("worker") as other:
        other.execute("select bucket from bucket_lease order by bucket for no key update")
        stopped = ""
        try:
            with db.tx("worker", tenant=tenant) as tx:
                tx.execute("set local lock_timeout = '1ms'")
                work(tx)
        except psycopg.errors.LockNotAvailable as refused:
            stopped = str(refused.diag.context)
        finally:
            other.rollback()
    assert "bucket_lease" in stopped
