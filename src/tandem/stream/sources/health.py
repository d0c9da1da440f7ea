"""How each source is doing: rate, lag, failures, and what an operator should look at."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from tandem.kernel.db import Tx

LAG_SECONDS_MAX: Final = 3600
FAILURE_PERCENT_MAX: Final = 5
CALLS_MIN: Final = 5
"""Of fewer calls an hour no failure rate is told."""
SOURCES_MAX: Final = 500
EXPIRY_WARNING: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class SourceHealth:
    """One source's last hour. `lag_seconds` is the mean over its live records, null where none came; no `account_id`: nobody set it up."""

    source: str
    account_id: UUID | None
    name: str | None
    connector: str | None
    status: str | None
    received: int
    quarantined: int
    unverified: int
    refused: int
    throttled: int
    lag_seconds: int | None
    lag_seconds_worst: int
    last_at: datetime | None
    poll_failures: int | None
    poll_problem: str | None
    poll_lag_seconds: int | None
    lag_seconds_max: int
    failure_percent_max: int
    silent_minutes_max: int | None
    secret_expires_at: datetime | None = None

    @property
    def failure_percent(self) -> float | None:
        """Of a hundred calls and records so many failed, or None where there were too few to tell."""
        failed = self.quarantined + self.unverified + self.refused
        calls = self.received + self.unverified + self.refused
        return None if calls < CALLS_MIN else min(100.0, round(100 * failed / calls, 1))


@dataclass(frozen=True, slots=True)
class Alert:
    """Something to look at: `lag`, `failures`, `silent`, `poll` or `expiring`."""

    code: str
    zh: str
    en: str


def alerts_of(one: SourceHealth, now: datetime) -> list[Alert]:
    """What is past its limit. Pure; a paused account alerts nobody."""
    if one.status == "paused":
        return []
    found: list[Alert] = []
    lag = max(one.lag_seconds or 0, one.poll_lag_seconds or 0)
    if lag > one.lag_seconds_max:
        found.append(
            Alert(
                "lag",
                f"延迟 {_span_zh(lag)}，上限 {_span_zh(one.lag_seconds_max)}",
                f"late by {_span_en(lag)}, limit {_span_en(one.lag_seconds_max)}",
            )
        )
    percent = one.failure_percent
    if percent is not None and percent > one.failure_percent_max:
        found.append(
            Alert(
                "failures",
                f"失败率 {percent:g}%，上限 {one.failure_percent_max}%",
                f"{percent:g} % fail, limit {one.failure_percent_max} %",
            )
        )
    limit = one.silent_minutes_max
    if limit is not None and (one.last_at is None or now - one.last_at > timedelta(minutes=limit)):
        found.append(Alert("silent", f"超过 {limit} 分钟没有数据", f"nothing for more than {limit} minutes"))
    if one.poll_failures:
        found.append(
            Alert(
                "poll",
                f"拉取连续失败 {one.poll_failures} 次：{one.poll_problem}",
                f"asking failed {one.poll_failures} times in a row: {one.poll_problem}",
            )
        )
    if one.secret_expires_at is not None and one.secret_expires_at - now < EXPIRY_WARNING:
        found.append(_expiring(one.secret_expires_at - now))
    return found


def _expiring(left: timedelta) -> Alert:
    if left <= timedelta(0):
        return Alert("expiring", "授权已到期，请更换密钥", "the authorisation has expired; replace its secret")
    days = left.days + 1
    return Alert("expiring", f"授权将在 {days} 天内到期", f"the authorisation ends within {days} days")


def _span_zh(seconds: int) -> str:
    return (
        f"{seconds} 秒" if seconds < 120 else f"{seconds // 60} 分钟" if seconds < 7200 else f"{seconds // 3600} 小时"
    )


def _span_en(seconds: int) -> str:
    return f"{seconds} s" if seconds < 120 else f"{seconds // 60} min" if seconds < 7200 else f"{seconds // 3600} h"


_COUNTED: Final = """
minutes as (
  select source, sum(received)::int as received, sum(quarantined)::int as quarantined, sum(live)::int as live,
    sum(lag_seconds_sum)::bigint as lag_sum, max(lag_seconds_max) as lag_max
  from intake_minute where tenant_id = %(tenant)s and minute >= %(since)s group by source
), tallies as (
  select source, sum(unverified)::int as unverified, sum(refused)::int as refused, sum(throttled)::int as throttled,
    sum(records)::int as records, sum(lag_seconds_sum)::bigint as lag_sum, max(lag_seconds_max) as lag_max
  from intake_tally where tenant_id = %(tenant)s and minute >= %(since)s group by source
)
"""


def sources(tx: Tx) -> list[SourceHealth]:
    """Every account, and every other source that sent something in the last hour; at most `SOURCES_MAX`, by source."""
    return tx.all(
        SourceHealth,
        f"""
        with {_COUNTED}, seen as (
          select source, max(minute) as last_at from intake_minute
          where tenant_id = %(tenant)s and minute >= %(long_ago)s and received > 0 group by source
        ), known as (
          select source from source_account where tenant_id = %(tenant)s
          union select source from minutes where received + quarantined > 0 union select source from tallies
        )
        select k.source, a.id as account_id, a.name, a.connector, a.status, coalesce(m.received, 0) as received,
          coalesce(m.quarantined, 0) as quarantined, coalesce(t.unverified, 0) as unverified, coalesce(t.refused, 0) as refused,
          coalesce(t.throttled, 0) as throttled,
          ((coalesce(m.lag_sum, 0) + coalesce(t.lag_sum, 0)) / nullif(coalesce(m.live, 0) + coalesce(t.records, 0), 0))::int as lag_seconds,
          greatest(coalesce(m.lag_max, 0), coalesce(t.lag_max, 0)) as lag_seconds_worst, s.last_at,
          p.failures as poll_failures, p.last_problem as poll_problem, p.lag_seconds as poll_lag_seconds,
          coalesce(a.lag_seconds_max, {LAG_SECONDS_MAX}) as lag_seconds_max,
          coalesce(a.failure_percent_max, {FAILURE_PERCENT_MAX}) as failure_percent_max, a.silent_minutes_max,
          a.secret_expires_at
        from known k left join source_account a on a.tenant_id = %(tenant)s and a.source = k.source
        left join minutes m on m.source = k.source left join tallies t on t.source = k.source left join seen s on s.source = k.source
        left join source_poll p on p.tenant_id = %(tenant)s and p.account_id = a.id
        where k.source <> '' order by k.source limit %(limit)s
        """,
        {
            "tenant": tx.tenant_id,
            "since": tx.machine_now - timedelta(hours=1),
            "long_ago": tx.machine_now - timedelta(days=30),
            "limit": SOURCES_MAX,
        },
    )


@dataclass(frozen=True, slots=True)
class Point:
    """One minute or hour of a source, or of all."""

    at: datetime
    received: int
    quarantined: int
    turned_away: int
    lag_seconds: int | None


def series(tx: Tx, *, source: str | None, every: str, points: int) -> list[Point]:
    """The last so many minutes or hours, empty ones too, oldest first. `every` is "minute" or "hour"."""
    params: dict[str, Any] = {"tenant": tx.tenant_id, "source": source, "every": every, "points": points - 1}
    return tx.all(
        Point,
        """
        with slots as (
          select generate_series(date_trunc(%(every)s, now()) - make_interval(mins => step * %(points)s), date_trunc(%(every)s, now()),
                                 make_interval(mins => step)) as at
          from (select case %(every)s when 'hour' then 60 else 1 end as step) s
        ), counted as (
          select date_trunc(%(every)s, minute) as at, received, quarantined, 0 as turned_away, live as n, lag_seconds_sum as lag
          from intake_minute where tenant_id = %(tenant)s and minute >= (select min(at) from slots)
            and (%(source)s::text is null or source = %(source)s)
          union all
          select date_trunc(%(every)s, minute), 0, 0, unverified + refused + throttled, records, lag_seconds_sum
          from intake_tally where tenant_id = %(tenant)s and minute >= (select min(at) from slots)
            and (%(source)s::text is null or source = %(source)s)
        )
        select s.at, coalesce(sum(c.received), 0)::int as received, coalesce(sum(c.quarantined), 0)::int as quarantined,
          coalesce(sum(c.turned_away), 0)::int as turned_away, (sum(c.lag) / nullif(sum(c.n), 0))::int as lag_seconds
        from slots s left join counted c on c.at = s.at group by s.at order by s.at
        """,
        params,
    )


def oldest_pending(tx: Tx) -> int:
    """For how many seconds the oldest received envelope has waited to be understood; 0 where none does."""
    waited = tx.value(
        "select extract(epoch from now() - min(received_at))::int from intake_pending where tenant_id = %(tenant)s",
        {"tenant": tx.tenant_id},
    )
    return int(waited or 0)
