"""Envelopes and quarantined records summed by source and minute, from the rows themselves: exact, and off the door's path.

The last minutes are summed again each time, since a transaction commits after the moment it writes. One worker at a time per tenant.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from tandem.kernel.db import Database, Tx
from tandem.kernel.rounds import Rounds
from tandem.stream.rows import to_json
from tandem.stream.sources.raw import HOOK

SECONDS_BETWEEN: Final = 15.0
AGAIN: Final = timedelta(minutes=3)
"""Transactions at the door are bounded far below this."""
CATCH_UP_MAX: Final = timedelta(days=2)
"""After a longer stand-still of all workers, older minutes stay empty in the charts."""
LEAPS_MAX: Final = 100
"""Leaps of a demo's clock looked back at."""
_ROUNDS: Final = Rounds("sources.minutes")

# An envelope's own time is when it came; how late its records are is counted where it is opened.
_SUM: Final = """
with clock as materialized (
  select * from jsonb_to_recordset(%(clock)s::jsonb) as c(since timestamptz, until timestamptz, at timestamptz, from_at timestamptz,
    to_at timestamptz))
insert into intake_minute as m (tenant_id, minute, source, received, live, quarantined, lag_seconds_sum, lag_seconds_max)
select %(tenant)s, minute, source, sum(received), sum(live), sum(quarantined), sum(lag_sum), max(lag_max) from (
  select date_trunc('minute', i.received_at) as minute, i.source, count(*) as received,
    count(*) filter (where i.mode = 0 and i.kind <> %(hook)s) as live, 0 as quarantined,
    coalesce(sum(l.lag) filter (where i.mode = 0 and i.kind <> %(hook)s), 0)::bigint as lag_sum,
    coalesce(max(l.lag) filter (where i.mode = 0 and i.kind <> %(hook)s), 0)::int as lag_max
  from intake i
  join clock c on i.received_at >= c.since and (c.until is null or i.received_at < c.until)
  cross join lateral (select least(1000000000, greatest(0, extract(epoch from i.received_at - c.at) + least(
    greatest(extract(epoch from c.from_at - i.occurred_at), 0), extract(epoch from c.to_at - i.occurred_at)))) as lag) l
  where i.tenant_id = %(tenant)s and i.received_at >= %(since)s group by 1, 2
  union all
  select date_trunc('minute', q.received_at), q.source, 0, 0, count(*), 0, 0 from quarantine q
  where q.tenant_id = %(tenant)s and q.id >= %(first)s and q.received_at >= %(since)s group by 1, 2
) s group by minute, source
on conflict (tenant_id, minute, source) do update set received = excluded.received, live = excluded.live,
  quarantined = excluded.quarantined, lag_seconds_sum = excluded.lag_seconds_sum, lag_seconds_max = excluded.lag_seconds_max
"""


def sum_up(tx: Tx) -> int:
    """Sum the transaction's tenant's last minutes; returns how many rows were written, 0 where another worker is at it."""
    if not tx.value(
        "select pg_try_advisory_xact_lock(hashtext('sources.minutes'), hashtext(%(tenant)s::text))",
        {"tenant": tx.tenant_id},
    ):
        return 0
    last: datetime | None = tx.value(
        "select max(minute) from intake_minute where tenant_id = %(tenant)s", {"tenant": tx.tenant_id}
    )
    minute = tx.machine_now.replace(second=0, microsecond=0)
    since = max(minute - CATCH_UP_MAX, min(minute, last or minute - CATCH_UP_MAX) - AGAIN)
    return tx.execute(
        _SUM,
        {
            "tenant": tx.tenant_id,
            "hook": HOOK,
            "since": since,
            "first": first_id_of(since - timedelta(minutes=1)),
            "clock": to_json(_clock(tx, since)),
        },
    )


def _clock(tx: Tx, since: datetime) -> list[dict[str, str | None]]:
    """How the tenant's clock went: stretches from `since` to `until`, in which it leapt at `at` from `from_at` to `to_at`.

    What happened within a leap came as it was made: nobody could have told of it sooner. Only a demo's clock leaps.
    """
    leaps: list[tuple[datetime, str, str]] = []
    if tx.now - tx.machine_now:
        leaps = tx.cursor(
            """
            select created_at, payload ->> 'from', payload ->> 'to' from job
            where tenant_id = %(tenant)s and kind = 'clock.move' order by id desc limit %(limit)s
            """,
            {"tenant": tx.tenant_id, "limit": LEAPS_MAX},
        ).fetchall()[::-1]
    ahead = datetime.fromisoformat(leaps[0][1]) - leaps[0][0] if leaps else tx.now - tx.machine_now
    start = min(since, leaps[0][0]) if leaps else since
    even = (start + ahead).isoformat()
    known = [(start, even, even), *leaps]
    ends = [one[0].isoformat() for one in known[1:]]
    return [
        {"since": at.isoformat(), "until": until, "at": at.isoformat(), "from_at": begun, "to_at": ended}
        for (at, begun, ended), until in zip(known, [*ends, None], strict=True)
    ]


def first_id_of(moment: datetime) -> UUID:
    """The smallest id (UUIDv7) that can have been made at a moment."""
    return UUID(int=max(0, int(moment.timestamp() * 1000)) << 80)


def run(db: Database) -> float:
    """The worker's job."""

    def sum_for(tenant: UUID) -> int:
        with db.tx("worker", tenant=tenant) as tx:
            return sum_up(tx)

    with db.connection("worker") as connection:
        tenants = [row[0] for row in connection.execute("select tenant_id from source_counting_tenants()")]
    _ROUNDS.each(tenants, sum_for)
    return SECONDS_BETWEEN
