"""How often a platform may be called: buckets of tokens in the database, so that all workers together keep to what it allows."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from tandem.connectors.kit.failures import TooMany
from tandem.connectors.kit.manifest import Rate
from tandem.kernel.db import Database, Tx

WAIT_SECONDS_MAX: Final = 3.0
"""Shorter waits are waited for; longer ones end the round, which goes on later."""

# Refilled and spent in one statement: whoever holds the row's lock decides, everybody else waits for a moment, not for a round trip.
_TAKE: Final = """
insert into connector_bucket as b (tenant_id, account_id, operation, tokens, filled_at)
values (%(tenant)s, %(account)s, %(operation)s, %(burst)s - 1, clock_timestamp())
on conflict (tenant_id, account_id, operation) do update set
  tokens = least(%(burst)s, b.tokens + extract(epoch from clock_timestamp() - b.filled_at) * %(rate)s) - 1,
  filled_at = clock_timestamp(), blocked_until = null
where least(%(burst)s, b.tokens + extract(epoch from clock_timestamp() - b.filled_at) * %(rate)s) >= 1
  and (b.blocked_until is null or b.blocked_until <= clock_timestamp())
returning true
"""
_WAIT: Final = """
select greatest(
  (1 - least(%(burst)s, tokens + extract(epoch from clock_timestamp() - filled_at) * %(rate)s)) / %(rate)s,
  coalesce(extract(epoch from blocked_until - clock_timestamp()), 0), 0.001)::float8
from connector_bucket where tenant_id = %(tenant)s and account_id = %(account)s and operation = %(operation)s
"""
_BLOCK: Final = """
insert into connector_bucket as b (tenant_id, account_id, operation, tokens, filled_at, blocked_until)
values (%(tenant)s, %(account)s, %(operation)s, 0, clock_timestamp(), clock_timestamp() + make_interval(secs => %(seconds)s))
on conflict (tenant_id, account_id, operation) do update set
  blocked_until = greatest(b.blocked_until, excluded.blocked_until), tokens = 0, filled_at = clock_timestamp()
"""


@dataclass(slots=True)
class Limits:
    """The limits of one account. `pause` waits for so many seconds."""

    db: Database
    tenant: UUID
    account: UUID
    pause: Callable[[float], None] = time.sleep

    def spend(self, operation: str, rate: Rate) -> None:
        """Take one token, waiting for it for a little while. Raises TooMany when it would take long."""
        waited = 0.0
        while True:
            with self.db.tx("worker", tenant=self.tenant) as tx:
                seconds = take(tx, self.account, operation, rate)
            if seconds == 0:
                return
            if waited + seconds > WAIT_SECONDS_MAX:
                raise TooMany("our own limit for this shop", retry_after_seconds=seconds)
            waited += seconds
            self.pause(seconds)

    def block(self, operation: str, seconds: float) -> None:
        """The platform said to wait: nobody calls this operation for so long."""
        with self.db.tx("worker", tenant=self.tenant) as tx:
            tx.execute(
                _BLOCK,
                {"tenant": self.tenant, "account": self.account, "operation": operation, "seconds": seconds},
            )


def take(tx: Tx, account: UUID, operation: str, rate: Rate) -> float:
    """Take one token: 0, or the seconds until there is one."""
    params = {
        "tenant": tx.tenant_id,
        "account": account,
        "operation": operation,
        "rate": rate.per_second,
        "burst": rate.burst,
    }
    if tx.value(_TAKE, params):
        return 0.0
    return float(tx.value(_WAIT, params) or 0.001)
