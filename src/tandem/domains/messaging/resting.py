"""Channels that failed as a whole: left alone for a while, longer each time, and shown until they answer again."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from tandem.kernel.db import Tx

FIRST_SECONDS: Final = 1.0
MAX_SECONDS: Final = 120.0


@dataclass(frozen=True, slots=True)
class Rest:
    """A channel's trouble: how often in a row, why, since when, until when it is left alone (machine time)."""

    channel: str
    failures: int
    reason: str
    since: datetime
    until: datetime


def resting(tx: Tx) -> list[Rest]:
    """Every channel of the tenant whose last call failed as a whole, whether its rest is over or not."""
    return tx.all(
        Rest,
        'select channel, failures, reason, since, until from channel_rest where tenant_id = %(tenant)s order by channel collate "C"',
        {"tenant": tx.tenant_id},
    )


def lay_down(tx: Tx, channel: str, reason: str) -> Rest:
    """A call failed: the channel rests `FIRST_SECONDS`, twice as long with each failure in a row, at most `MAX_SECONDS`."""
    return tx.one(
        Rest,
        """
        insert into channel_rest as r (tenant_id, channel, failures, reason, since, until)
        values (%(tenant)s, %(channel)s, 1, %(reason)s, %(now)s, %(now)s::timestamptz + make_interval(secs => %(first)s))
        on conflict (tenant_id, channel) do update set failures = r.failures + 1, reason = excluded.reason,
          until = %(now)s::timestamptz + make_interval(secs => least(%(most)s, %(first)s * 2 ^ least(r.failures, 20)))
        returning channel, failures, reason, since, until
        """,
        {
            "tenant": tx.tenant_id,
            "channel": channel,
            "reason": reason,
            "now": tx.machine_now,
            "first": FIRST_SECONDS,
            "most": MAX_SECONDS,
        },
    )


def get_up(tx: Tx, channel: str) -> None:
    """It answered: nothing is held against it any more."""
    tx.execute(
        "delete from channel_rest where tenant_id = %(tenant)s and channel = %(channel)s",
        {"tenant": tx.tenant_id, "channel": channel},
    )
