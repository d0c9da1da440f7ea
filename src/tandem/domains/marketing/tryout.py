"""Marketing's part in a rehearsal, and what a run got: coupons from a copy of the stock, points in a copy of the ledger."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from tandem.domains.marketing.issue import ISSUE
from tandem.flow.rehearsal.parts import Asked, Effect, Tryout
from tandem.kernel.turn import Turn

# What is wanted is lent while the stock lasts; what is wanted beyond that closes it. One customer's bucket after the other.
_LEND: Final = """
with wants as (
  select l.bucket, l.quota_id, l.wanted, sum(l.wanted) over (partition by l.quota_id order by l.bucket) as upto, q.pool
  from quota_lease as l join quota as q on q.tenant_id = %(tenant)s and q.id = l.quota_id
  where l.bucket = any(%(buckets)s::smallint[]) and l.tenant_id = %(tenant)s and l.wanted > 0
), lots as (
  select w.*, greatest(0, least(w.wanted, w.pool - (w.upto - w.wanted))) as lot from wants as w
), lent as (
  update quota_lease as l set granted = l.granted + n.lot, wanted = 0 from lots as n
  where l.bucket = any(%(buckets)s::smallint[]) and l.tenant_id = %(tenant)s and l.bucket = n.bucket and l.quota_id = n.quota_id
)
update quota as q set pool = q.pool - n.lot, closed = q.closed or n.short
from (select quota_id, sum(lot)::bigint as lot, bool_or(lot < wanted) as short from lots group by quota_id) as n
where q.tenant_id = %(tenant)s and q.id = n.quota_id
"""


def after(turn: Turn) -> int:
    """Buckets that wait for coupons get them from the stock's copy."""
    return turn.tx.execute(_LEND, turn.params(), prepare=True)


@dataclass(frozen=True, slots=True)
class _Row:
    run_id: UUID
    block: str
    visit: int
    what: str
    title: str
    code: str | None
    amount: Decimal | None
    at: datetime


_READ: Final = """
select c.run_id, c.block, c.visit, 'coupon' as what, t.name as title, c.code, t.value as amount, c.issued_at as at
from coupon as c join coupon_template as t on t.tenant_id = %(tenant)s and t.id = c.template_id
where c.bucket = any(%(buckets)s::smallint[]) and c.tenant_id = %(tenant)s and c.run_id = any(%(runs)s::uuid[])
union all
select p.run_id, p.block, p.visit, 'points', p.reason, null, p.amount, p.posted_at
from points_entry as p
where p.bucket = any(%(buckets)s::smallint[]) and p.tenant_id = %(tenant)s and p.run_id = any(%(runs)s::uuid[]) and p.block is not null
"""


def effects(asked: Asked) -> list[Effect]:
    """The coupons and points of these runs."""
    params = {"tenant": asked.tx.tenant_id, "buckets": list(asked.buckets), "runs": list(asked.runs)}
    return [
        Effect(
            run_id=row.run_id,
            block=row.block,
            visit=row.visit,
            what="coupon" if row.what == "coupon" else "points",
            outcome="issued" if row.what == "coupon" else "earned",
            title=row.title,
            text=row.code,
            reason=None,
            until=None,
            amount=row.amount,
            at=row.at,
        )
        for row in asked.tx.all(_Row, _READ, params)
    ]


_ROWS: Final = """
select c.bucket, c.customer_id, c.run_id, c.block, 'coupon' as what, 'issued' as outcome, c.issued_at as at,
  case when t.kind = 'percent' then 0 else coalesce(t.value, 0) end::numeric as amount
from coupon as c left join coupon_template as t on t.tenant_id = %(tenant)s and t.id = c.template_id
where c.bucket = any(%(buckets)s::smallint[]) and c.tenant_id = %(tenant)s and c.run_id is not null
union all
select p.bucket, p.customer_id, p.run_id, p.block, 'points', 'earned', p.posted_at, p.amount::numeric
from points_entry as p
where p.bucket = any(%(buckets)s::smallint[]) and p.tenant_id = %(tenant)s and p.run_id is not null and p.to_account = 'balance'
"""
# What she held before the rehearsal began: limits per customer and conditions ask for it.
_EARLIER: Final = "t.issued_at <= %(since)s"

TRYOUT: Final = Tryout(
    name="marketing",
    tables={
        "coupon": _EARLIER,
        "coupon_request": "",
        "coupon_key": "",
        "lottery_draw": "",
        "level_standing": "true",
        "quota": "true",
        "quota_lease": "true",
        "points_lot": "t.earned_at <= %(since)s",
        "points_entry": "t.posted_at <= %(since)s",
    },
    steps=(ISSUE.name, "marketing.levels"),
    after=after,
    effects=effects,
    rows=_ROWS,
)
