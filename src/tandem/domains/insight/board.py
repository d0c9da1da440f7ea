"""The home board: a few honest counts per day of the tenant's zone, beside the period before."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final, Literal
from zoneinfo import ZoneInfo

from tandem.catalog.label import Label
from tandem.kernel.db import Tx
from tandem.kernel.ids import BUCKETS

DAYS_MAX: Final = 366
Unit = Literal["count", "money"]


@dataclass(frozen=True, slots=True)
class Metric:
    """One figure of the board. `sql` gives (at timestamptz, customer_id, value); a `distinct` metric counts customers once a day.

    The transaction's data scope decides which rows there are to count.
    """

    key: str
    label: Label
    question: Label
    unit: Unit
    sql: str
    distinct: bool = False


_RANGE = "tenant_id = %(tenant)s and bucket = any(%(buckets)s) and {at} >= %(since)s and {at} < %(until)s"

METRICS: Final = (
    Metric(
        "revenue",
        Label("销售额", "Revenue"),
        Label("卖了多少钱？（已减退款）", "How much did we sell, net of refunds?"),
        "money",
        f"select paid_at as at, customer_id, home_total - home_refunded as value from sales_order where {_RANGE.format(at='paid_at')}"
        " and placed_at >= %(since)s - interval '60 days' and status <> 'cancelled'",
    ),
    Metric(
        "orders",
        Label("订单数", "Orders"),
        Label("成交了多少单？", "How many orders were paid?"),
        "count",
        f"select paid_at as at, customer_id, 1 as value from sales_order where {_RANGE.format(at='paid_at')}"
        " and placed_at >= %(since)s - interval '60 days' and status <> 'cancelled'",
    ),
    Metric(
        "active_customers",
        Label("成交客户", "Buying customers"),
        Label("有多少客户买了东西？", "How many customers bought?"),
        "count",
        f"select paid_at as at, customer_id, 1 as value from sales_order where {_RANGE.format(at='paid_at')}"
        " and placed_at >= %(since)s - interval '60 days' and status <> 'cancelled' and customer_id is not null",
        distinct=True,
    ),
    Metric(
        "new_customers",
        Label("新客户", "New customers"),
        Label("认识了多少新客户？", "How many customers did we meet?"),
        "count",
        f"select first_seen_at as at, id as customer_id, 1 as value from customer where {_RANGE.format(at='first_seen_at')}"
        " and merged_into is null",
    ),
    Metric(
        "messages_sent",
        Label("已发消息", "Messages sent"),
        Label("发出了多少条消息？", "How many messages went out?"),
        "count",
        f"select finished_at as at, customer_id, 1 as value from outbox_message where {_RANGE.format(at='finished_at')}"
        " and planned_at >= %(since)s - interval '60 days' and status = 'sent'",
    ),
    Metric(
        "messages_held",
        Label("被拦下的消息", "Messages held back"),
        Label("有多少条被频控或静默时段拦下？", "How many did caps and quiet hours hold back?"),
        "count",
        f"select planned_at as at, customer_id, 1 as value from outbox_message where {_RANGE.format(at='planned_at')}"
        " and status in ('held', 'cancelled')",
    ),
    Metric(
        "flow_entered",
        Label("进入流程", "Entered flows"),
        Label("有多少人次进入流程？", "How many runs started?"),
        "count",
        f"select entered_at as at, customer_id, 1 as value from flow_run where {_RANGE.format(at='entered_at')} and kin is distinct from 1",
    ),
    Metric(
        "flow_converted",
        Label("达成目标", "Reached the goal"),
        Label("有多少人次达成流程目标？", "How many runs reached their goal?"),
        "count",
        f"select goal_at as at, customer_id, 1 as value from flow_run where {_RANGE.format(at='goal_at')} and kin is distinct from 1",
    ),
    Metric(
        "coupons_issued",
        Label("发出的券", "Coupons issued"),
        Label("发出了多少张券？", "How many coupons were issued?"),
        "count",
        f"select issued_at as at, customer_id, 1 as value from coupon where {_RANGE.format(at='issued_at')}",
    ),
    Metric(
        "coupons_redeemed",
        Label("核销的券", "Coupons redeemed"),
        Label("核销了多少张券？", "How many coupons were used?"),
        "count",
        f"select redeemed_at as at, customer_id, 1 as value from redemption where {_RANGE.format(at='redeemed_at')}",
    ),
)


@dataclass(frozen=True, slots=True)
class Period:
    """Two equal stretches of time side by side; the later ends now, so today's part day is compared with a part day."""

    days: int
    start: datetime
    now: datetime
    before_start: datetime
    before_end: datetime
    first_day: date
    before_first_day: date


@dataclass(frozen=True, slots=True)
class Figure:
    """A metric's total and daily values in a period and in the one before."""

    metric: Metric
    total: Decimal
    before: Decimal
    points: list[Decimal]
    points_before: list[Decimal]


def period_of(now: datetime, zone: str, days: int) -> Period:
    """The last `days` local days, today included, and the same number before, up to the same time of day."""
    local = now.astimezone(ZoneInfo(zone))
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    start = midnight - timedelta(days=days - 1)
    before = midnight - timedelta(days=2 * days - 1)
    # Arithmetic on local times keeps midnight at midnight across a change of summer time.
    return Period(days, start, local, before, local - timedelta(days=days), start.date(), before.date())


def figures(tx: Tx, period: Period) -> list[Figure]:
    """Every metric over what the transaction's scope shows, each from one statement per period."""
    return [_figure(tx, metric, period) for metric in METRICS]


def _figure(tx: Tx, metric: Metric, period: Period) -> Figure:
    total, days = _by_day(tx, metric, period.start, period.now)
    before, days_before = _by_day(tx, metric, period.before_start, period.before_end)
    return Figure(
        metric=metric,
        total=total,
        before=before,
        points=[days[period.first_day + timedelta(days=n)] for n in range(period.days)],
        points_before=[days_before[period.before_first_day + timedelta(days=n)] for n in range(period.days)],
    )


def _by_day(tx: Tx, metric: Metric, since: datetime, until: datetime) -> tuple[Decimal, defaultdict[date, Decimal]]:
    value = "count(distinct customer_id)" if metric.distinct else "coalesce(sum(value), 0)"
    rows = tx.cursor(
        f"""
        with found as ({metric.sql})
        select (at at time zone %(zone)s)::date as day, {value}::numeric as n from found
        group by grouping sets ((1), ())
        """,
        {"tenant": tx.tenant_id, "buckets": list(range(BUCKETS)), "since": since, "until": until, "zone": tx.zone},
    ).fetchall()
    total = next((n for day, n in rows if day is None), Decimal(0))
    days: defaultdict[date, Decimal] = defaultdict(Decimal)
    days.update({day: n for day, n in rows if day is not None})
    return total, days
