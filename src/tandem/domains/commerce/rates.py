"""Exchange rates by day: written, listed, and what still waits for one."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Final

import orjson

from tandem.access import audit
from tandem.access.paging import from_cursor, page_of
from tandem.domains.commerce.events import ORDER_REVALUED
from tandem.kernel.db import Tx
from tandem.kernel.errors import Detail, InvalidInput
from tandem.kernel.ids import BUCKETS
from tandem.stream.events import LANE_BULK
from tandem.stream.projection import BACKFILL

RATES_MAX: Final = 5_000
_ALL_BUCKETS: Final = list(range(BUCKETS))


@dataclass(frozen=True, slots=True)
class Rate:
    """What one unit of `currency` is worth in the tenant's own on `day`."""

    currency: str
    day: date
    rate: Decimal


@dataclass(frozen=True, slots=True)
class Missing:
    """Orders of a currency that no rate covers: they are in no total. `total` in that currency."""

    currency: str
    orders: int
    total: Decimal
    first_day: date
    last_day: date


@dataclass(frozen=True, slots=True)
class Stale:
    """Orders of a currency converted at the rate of an earlier day than their own."""

    currency: str
    orders: int
    days_most: int


# Only where the price really changes: an order's rate is that of its day, or of the nearest earlier one.
_REVALUE: Final = """
insert into inbox (bucket, tenant_id, lane, occurred_at, received_at, event_id, mode, type, customer_id, origin_id, subject_type, subject_id,
  payload, root_id, hops)
select o.bucket, %(tenant)s, %(lane)s, o.at, %(received)s, o.event, %(mode)s, %(type)s, o.customer_id, o.origin_id, 'order', o.id,
  jsonb_build_object('order_id', o.external_id, 'paid_at', o.paid_at), o.event, 0
from (
  select s.bucket, s.id, s.customer_id, s.origin_id, s.external_id, s.paid_at, coalesce(s.paid_at, s.placed_at) as at, tandem_new_id() as event
  from sales_order as s
  left join lateral (
    select r.rate, r.day from exchange_rate as r
    where r.tenant_id = %(tenant)s and r.currency = s.currency
      and r.day <= (coalesce(s.paid_at, s.placed_at) at time zone %(zone)s)::date
    order by r.day desc limit 1) as x on true
  where s.tenant_id = %(tenant)s and s.bucket = any(%(buckets)s::smallint[]) and s.currency = any(%(currencies)s::text[])
    and s.currency <> %(home)s and (s.rate, s.rate_day) is distinct from (x.rate, x.day)) as o
"""
_WRITE: Final = """
insert into exchange_rate as e (tenant_id, currency, day, rate, updated_at, updated_by)
select %(tenant)s, r.currency, r.day, r.rate, %(now)s, %(by)s
from jsonb_to_recordset(%(rates)s::jsonb) as r(currency text, day date, rate numeric)
on conflict (tenant_id, currency, day) do update
set rate = excluded.rate, updated_at = excluded.updated_at, updated_by = excluded.updated_by
where e.rate <> excluded.rate
"""


def write(tx: Tx, rates: Sequence[Rate]) -> tuple[int, int]:
    """Write rates, the last word on a day winning; returns how many are new or other, and how many orders are revalued for it.

    The orders follow in their buckets' turns, as history: totals, facts, scores and segments change, and no flow starts. Raises
    InvalidInput for a rate of the tenant's own currency or one that is not above 0.
    """
    for one in rates:
        _check(tx, one)
    last = {(one.currency, one.day): one for one in rates}
    rows = [{"currency": one.currency, "day": one.day, "rate": str(one.rate)} for one in last.values()]
    currencies = sorted({one.currency for one in rates})
    written = tx.execute(
        _WRITE, {"tenant": tx.tenant_id, "now": tx.now, "by": tx.user_id, "rates": orjson.dumps(rows).decode()}
    )
    if not written:
        return 0, 0
    orders = tx.execute(
        _REVALUE,
        {
            "tenant": tx.tenant_id,
            "buckets": _ALL_BUCKETS,
            "currencies": currencies,
            "home": tx.currency,
            "zone": tx.zone,
            "lane": LANE_BULK,
            "mode": BACKFILL,
            "type": ORDER_REVALUED,
            "received": tx.machine_now,
        },
    )
    told = {"currencies": currencies, "rates": written, "orders": orders}
    audit.record(tx, "exchange_rate.written", "exchange_rate", ",".join(currencies), None, told)
    return written, orders


def _check(tx: Tx, one: Rate) -> None:
    where = f"{one.currency} {one.day}"
    if one.currency == tx.currency:
        raise InvalidInput(
            "own_currency",
            f"{one.currency} 是本位币，不需要汇率。",
            f"{one.currency} is the tenant's own currency and has no rate.",
        )
    if not one.rate.is_finite() or not Decimal("0.000000001") <= one.rate <= 10**9:
        raise InvalidInput(
            "bad_rate",
            f"{where} 的汇率 {one.rate} 无效，应大于 0。",
            f"The rate {one.rate} of {where} is not valid; it must be above 0.",
            details=(Detail(where, str(one.rate), str(one.rate)),),
        )


def parse_csv(text: str) -> list[Rate]:
    """Rates from a CSV with the columns currency, day, rate (币种, 日期, 汇率). Raises InvalidInput with the line that cannot be read."""
    lines = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    if lines and lines[0] and lines[0][0].strip().lower() in {"currency", "币种"}:
        lines[0] = []
    found: list[Rate] = []
    for number, line in enumerate(lines, start=1):
        cells = [cell.strip() for cell in line]
        if not any(cells):
            continue
        try:
            currency, day, rate = cells
            found.append(Rate(_code(currency), date.fromisoformat(day.replace("/", "-")), Decimal(rate)))
        except (ValueError, InvalidOperation) as error:
            raise InvalidInput(
                "bad_line",
                f"第 {number} 行应为“币种,日期,汇率”，例如 USD,2026-11-22,7.1。",
                f"Line {number} should read currency, day, rate, such as USD,2026-11-22,7.1.",
                details=(Detail(str(number), ",".join(line)[:200], ",".join(line)[:200]),),
            ) from error
    if len(found) > RATES_MAX:
        raise InvalidInput("too_many_rates", f"一次最多 {RATES_MAX} 条汇率。", f"At most {RATES_MAX} rates at once.")
    return found


def _code(text: str) -> str:
    code = text.upper()
    if len(code) != 3 or not (code.isascii() and code.isalpha()):
        raise ValueError(text)
    return code


@dataclass(frozen=True, slots=True)
class RateRow:
    """A rate and when it was last written."""

    currency: str
    day: date
    rate: Decimal
    updated_at: datetime


def listed(tx: Tx, *, currency: str | None, cursor: str | None, limit: int) -> tuple[list[RateRow], str | None]:
    """A page of rates, the latest days first. Raises InvalidInput for a cursor we did not make."""
    day, after = from_cursor(cursor, 2) if cursor else (None, None)
    rows = tx.all(
        RateRow,
        """
        select currency, day, rate, updated_at from exchange_rate
        where tenant_id = %(tenant)s and (%(currency)s::text is null or currency = %(currency)s)
          and (%(day)s::date is null or day < %(day)s::date or (day = %(day)s::date and currency > %(after)s))
        order by day desc, currency limit %(more)s
        """,
        {"tenant": tx.tenant_id, "currency": currency, "day": day, "after": after, "more": limit + 1},
    )
    return page_of(rows, limit, "day", "currency")


def missing(tx: Tx) -> list[Missing]:
    """What is held out of the totals for want of a rate, the most orders first."""
    return tx.all(
        Missing,
        """
        select currency, count(*) as orders, sum(total) as total,
          min((coalesce(paid_at, placed_at) at time zone %(zone)s)::date) as first_day,
          max((coalesce(paid_at, placed_at) at time zone %(zone)s)::date) as last_day
        from sales_order where tenant_id = %(tenant)s and bucket = any(%(buckets)s::smallint[]) and rate is null and rate is distinct from 1
        group by currency order by count(*) desc, currency
        """,
        {"tenant": tx.tenant_id, "buckets": _ALL_BUCKETS, "zone": tx.zone},
    )


def stale(tx: Tx) -> list[Stale]:
    """Orders that were converted at an earlier day's rate, by currency."""
    return tx.all(
        Stale,
        """
        select currency, count(*) as orders, max((coalesce(paid_at, placed_at) at time zone %(zone)s)::date - rate_day) as days_most
        from sales_order where tenant_id = %(tenant)s and bucket = any(%(buckets)s::smallint[]) and rate is distinct from 1
          and rate_day < (coalesce(paid_at, placed_at) at time zone %(zone)s)::date
        group by currency order by count(*) desc, currency
        """,
        {"tenant": tx.tenant_id, "buckets": _ALL_BUCKETS, "zone": tx.zone},
    )
