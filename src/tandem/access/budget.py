"""Rate limits: a token bucket per API key, in the database, so that all processes share it and a restart forgives nothing."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from tandem.access.identity import Identity
from tandem.kernel.db import Database

RATE_DEFAULT: Final = 1200
BURST_DEFAULT: Final = 200
RATE_MAX: Final = 60_000
BURST_MAX: Final = 10_000


@dataclass(frozen=True, slots=True)
class Budget:
    """What a key may still do. `reset_seconds` is when its bucket is full again; `retry_after_seconds` when refused, else 0."""

    limit: int
    remaining: int
    reset_seconds: int
    retry_after_seconds: int

    @property
    def is_refused(self) -> bool:
        """Whether this request was one too many."""
        return self.retry_after_seconds > 0

    def headers(self) -> dict[str, str]:
        """What every answer to the key says of it."""
        return {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Reset": str(self.reset_seconds),
        }


@dataclass(frozen=True, slots=True)
class _Row:
    tokens: float
    refused: bool
    rate: int
    burst: int


# One row, one statement: the bucket fills by the time gone and gives one token, or stays as it is and says no.
_REFILLED: Final = """least((select burst from limits), g.tokens
    + greatest(extract(epoch from clock_timestamp() - g.at), 0) * (select rate_per_minute from limits) / 60.0)"""
_SPEND: Final = f"""
with limits as (select rate_per_minute, burst from api_key where tenant_id = %(tenant)s and id = %(id)s)
insert into api_key_budget as g (tenant_id, key_id, tokens, at)
select %(tenant)s, %(id)s, burst - 1, clock_timestamp() from limits
on conflict (tenant_id, key_id) do update
set refused = {_REFILLED} < 1, tokens = {_REFILLED} - case when {_REFILLED} < 1 then 0 else 1 end, at = clock_timestamp()
returning tokens, refused, (select rate_per_minute from limits) as rate, (select burst from limits) as burst
"""


def spend(db: Database, identity: Identity, key_id: UUID) -> Budget:
    """Take one token for a request of this key."""
    with db.tx("web", tenant=identity.tenant_id, user=identity.user_id) as tx:
        # A crash may give a few tokens back; nobody waits for the disk because of that.
        tx.execute("set local synchronous_commit = off")
        row = tx.one(_Row, _SPEND, {"tenant": identity.tenant_id, "id": key_id})
    return budget_of(row.tokens, refused=row.refused, rate_per_minute=row.rate, burst=row.burst)


def budget_of(tokens: float, *, refused: bool, rate_per_minute: int, burst: int) -> Budget:
    """Say a bucket's state in whole requests and seconds, rounded against the caller."""
    per_second = rate_per_minute / 60
    return Budget(
        limit=burst,
        remaining=0 if refused else max(0, math.floor(tokens)),
        reset_seconds=math.ceil(max(0.0, burst - tokens) / per_second),
        retry_after_seconds=max(1, math.ceil((1 - tokens) / per_second)) if refused else 0,
    )
