"""Cut points in the database: the current version, a new one, and everybody scored by it in bounded slices."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from tandem.kernel.db import Tx
from tandem.kernel.ids import BUCKETS
from tandem.kernel.turn import Turn
from tandem.stream.profile import forecast, rfm

STALE_AFTER: Final = timedelta(days=1)

# Scores of a row `m` with last_order_at, order_count and spend_total; missing before the first order or the first cut points.
SCORES: Final = (
    """
         case when m.last_order_at is not null then width_bucket(m.last_order_at, %(rfm_recency)s::timestamptz[]) + 1 end as rfm_r,
         case when m.last_order_at is not null then width_bucket(m.order_count, %(rfm_frequency)s::numeric[]) + 1 end as rfm_f,
         case when m.last_order_at is not null then width_bucket(m.spend_total, %(rfm_monetary)s::numeric[]) + 1 end as rfm_m,"""
    + forecast.COLUMNS_SQL
)


@dataclass(frozen=True, slots=True)
class CutPoints:
    """One version; each list has four ascending cuts, or none before anybody has bought."""

    version: int
    made_at: datetime
    recency: list[datetime]
    frequency: list[Decimal]
    monetary: list[Decimal]
    mean_gap: Decimal | None


def current(tx: Tx) -> CutPoints | None:
    """The newest cut points of the tenant."""
    return tx.maybe(
        CutPoints,
        "select version, made_at, recency, frequency, monetary, mean_gap from rfm_cut where tenant_id = %(tenant)s order by version desc limit 1",
        {"tenant": tx.tenant_id},
    )


def params(turn: Turn) -> dict[str, Any]:
    """What ``SCORES`` binds. Without cut points every array is null, and so is every score."""
    cut = current(turn.tx)
    return {
        "rfm_version": cut and cut.version,
        "rfm_recency": cut and cut.recency,
        "rfm_frequency": cut and cut.frequency,
        "rfm_monetary": cut and cut.monetary,
        "rfm_mean_gap": cut and cut.mean_gap,
        "rfm_window_from": (turn.now - timedelta(days=forecast.WINDOW)).date(),
    }


def is_stale(tx: Tx) -> bool:
    """Whether a new version is due: none yet, or the newest older than a day of business time."""
    cut = current(tx)
    return cut is None or tx.now - cut.made_at >= STALE_AFTER


def refresh(tx: Tx) -> int | None:
    """Take new cut points from everybody who has bought, and file the slices that score by them; None when nobody has.

    A job's own short transaction, outside any turn: it reads a snapshot of profiles and touches no customer.
    """
    version = tx.value(
        _REFRESH,
        {
            "tenant": tx.tenant_id,
            "buckets": list(range(BUCKETS)),
            "now": tx.now,
            "shares": list(rfm.SHARES),
            "recency_step": rfm.RECENCY_STEP,
            "frequency_step": rfm.FREQUENCY_STEP,
            "money_step": rfm.MONEY_STEP,
        },
    )
    if version is not None:
        tx.execute(
            _FILE_SLICES, {"tenant": tx.tenant_id, "buckets": list(range(BUCKETS)), "now": tx.now, "version": version}
        )
    return version


_REFRESH: Final = """
with bought as (
  select count(*) as customers,
         percentile_disc(%(shares)s::float8[]) within group (order by last_order_at) as recency,
         percentile_disc(%(shares)s::float8[]) within group (order by order_count::numeric) as frequency,
         percentile_disc(%(shares)s::float8[]) within group (order by spend_total) as monetary,
         (sum(extract(epoch from last_order_at - first_order_at)) filter (where order_count > 1) / 86400
           / nullif(sum(order_count - 1) filter (where order_count > 1), 0))::numeric as mean_gap
  from customer_profile where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s and last_order_at is not null)
insert into rfm_cut (tenant_id, version, made_at, customers, recency, frequency, monetary, mean_gap)
select %(tenant)s, coalesce((select max(version) from rfm_cut where tenant_id = %(tenant)s), 0) + 1, %(now)s, customers,
       array(select x + %(recency_step)s::interval from unnest(recency) as x order by x),
       array(select x + %(frequency_step)s::numeric from unnest(frequency) as x order by x),
       array(select x + %(money_step)s::numeric from unnest(monetary) as x order by x),
       round(mean_gap, 6)
from bought where customers > 0
returning version
"""

_FILE_SLICES: Final = """
insert into stream_fanout as f (bucket, tenant_id, task, subject_id, version, made_at)
select distinct p.bucket, %(tenant)s::uuid, 'rfm', %(tenant)s::uuid, %(version)s::int, %(now)s::timestamptz from customer_profile as p
where p.bucket = any(%(buckets)s::smallint[]) and p.tenant_id = %(tenant)s
on conflict (bucket, tenant_id, task, subject_id) do update
set version = excluded.version, cursor = null, seen = 0, made_at = excluded.made_at, done_at = null
"""
