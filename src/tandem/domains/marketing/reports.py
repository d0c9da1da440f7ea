"""Reported redemptions that were not counted where they arrived: an unknown code, a coupon used before, another customer's coupon."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from tandem.access.paging import from_cursor, page_of
from tandem.kernel.db import Tx
from tandem.kernel.ids import BUCKETS

_ALL_BUCKETS: Final = list(range(BUCKETS))


@dataclass(frozen=True, slots=True)
class ReportRow:
    """A report with what became of it; `status` is one of `words.REPORT_STATES`."""

    id: UUID
    customer_id: UUID
    code: str
    coupon_id: UUID | None
    status: str
    reported_at: datetime
    store_id: UUID | None
    external_order_id: str | None
    source: str


def list_reports(
    tx: Tx, *, customer_id: UUID | None, state: str | None, cursor: str | None, limit: int
) -> tuple[list[ReportRow], str | None]:
    """A page of such reports, newest first. Raises InvalidInput for a cursor we did not make."""
    reported, last = from_cursor(cursor, 2) if cursor else (None, None)
    rows = tx.all(
        ReportRow,
        """
        select id, customer_id, code, coupon_id, status, reported_at, store_id, external_order_id, source from redemption_report
        where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s
          and (%(customer)s::uuid is null or customer_id = %(customer)s) and (%(state)s::text is null or status = %(state)s)
          and (%(reported)s::timestamptz is null or (reported_at, id) < (%(reported)s::timestamptz, %(last)s::uuid))
        order by reported_at desc, id desc limit %(more)s
        """,
        {
            "buckets": _ALL_BUCKETS,
            "tenant": tx.tenant_id,
            "customer": customer_id,
            "state": state,
            "reported": reported,
            "last": last,
            "more": limit + 1,
        },
    )
    return page_of(rows, limit, "reported_at", "id")
