"""Answering coupon requests, in the bucket's turn: issued, sold out, or the customer's limit reached.

A request waits until its bucket's lot of the quota holds a piece or the quota is closed; it never waits for a lock that customers of other
buckets share. One whose run has left the flow is dropped, one whose flow is paused waits. Request, coupon, key, lease and the run's answer
change in one statement, so each happens exactly once.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

from tandem.domains.marketing.events import COUPON_ISSUED
from tandem.domains.marketing.tables import CouponRequest
from tandem.domains.marketing.words import ANSWERS, Answer
from tandem.flow.delays import note
from tandem.flow.module import TurnStep
from tandem.flow.rehomed import carry
from tandem.flow.runs import RunStatus
from tandem.kernel.ids import derived_id
from tandem.kernel.turn import Turn
from tandem.stream.events import NewEvent
from tandem.stream.inbox import emit

PER_BUCKET_MIN: Final = 20

#: Twelve letters that no hand confuses, 48 strongly random bits: not to be guessed, and a clash undoes the turn, which draws anew.
CODE: Final = "translate(left(md5(gen_random_uuid()::text), 12), '0123456789abcdef', 'ACDEFGHJKMNPRTWX')"

_PORT: Final = "case a.answer " + " ".join(f"when '{name}' then {port}" for port, name in enumerate(ANSWERS)) + " end"

_WAITING: Final = f"({int(RunStatus.ACTIVE)}, {int(RunStatus.HELD)})"

# The leases are locked before they are read, since a refill may lend to them or take back at this very moment; it skips locked ones.
# One request of a customer for a template at a time where a limit per customer holds: the next is judged when this one is answered.
_ANSWER: Final = f"""
with picked as materialized (
  select q.* from unnest(%(buckets)s::smallint[]) as b(bucket)
  cross join lateral (
    select r.* from coupon_request as r
    where r.bucket = b.bucket and r.bucket = any(%(buckets)s::smallint[]) and r.tenant_id = %(tenant)s
    order by r.id limit %(per_bucket)s) as q
  limit %(limit)s
), leases as materialized (
  select l.bucket, l.quota_id, l.granted - l.used as free from quota_lease as l
  where l.bucket = any(%(buckets)s::smallint[]) and l.tenant_id = %(tenant)s
    and (l.bucket, l.quota_id) in (
      select p.bucket, t.quota_id from picked as p join coupon_template as t on t.tenant_id = %(tenant)s and t.id = p.template_id)
  order by l.bucket, l.quota_id for update
), known as (
  select p.*, p.run_id is not null and coalesce(g.status not in {_WAITING}, true) as dropped, g.flow_id, g.heard_at as run_heard_at, t.quota_id, t.per_customer_limit, l.free, coalesce(k.closed, false) as closed,
    t.id is null or t.archived_at is not null or coalesce(t.valid_until <= %(now)s, false) as withdrawn,
    least(t.valid_until, %(now)s::timestamptz + make_interval(days => t.valid_days)) as expires_at,
    row_number() over (partition by p.bucket, p.customer_id, p.template_id order by p.id) as mine,
    coalesce(t.per_customer_limit <= (
      select count(*) from coupon as c
      where c.bucket = p.bucket and c.bucket = any(%(buckets)s::smallint[]) and c.tenant_id = %(tenant)s and c.customer_id = p.customer_id
        and c.template_id = p.template_id and c.status <> 'revoked'), false) as full_hands
  from picked as p
  left join flow_run as g
    on g.bucket = p.bucket and g.bucket = any(%(buckets)s::smallint[]) and g.tenant_id = %(tenant)s and g.id = p.run_id
  left join coupon_template as t on t.tenant_id = %(tenant)s and t.id = p.template_id
  left join quota as k on k.tenant_id = %(tenant)s and k.id = t.quota_id
  left join leases as l on l.bucket = p.bucket and l.quota_id = t.quota_id
  where p.run_id is null or g.status is distinct from {int(RunStatus.HELD)}
), ranked as (
  select n.*, not (n.dropped or n.withdrawn or n.full_hands) as deserves,
    row_number() over (partition by n.bucket, n.quota_id, n.dropped or n.withdrawn or n.full_hands order by n.id) as place
  from known as n where n.per_customer_limit is null or n.mine = 1 or n.dropped or n.withdrawn or n.full_hands
), answered as materialized (
  select r.*, tandem_new_id() as coupon_id, {CODE} as code,
    case when r.dropped then 'dropped' when r.withdrawn then 'sold_out' when r.full_hands then 'limit_reached' when r.quota_id is null then 'issued'
         when r.place <= coalesce(r.free, 0) then 'issued' when r.closed then 'sold_out' end as answer
  from ranked as r
), lent as (
  insert into quota_lease as l (bucket, quota_id, tenant_id, granted, used, wanted)
  select a.bucket, a.quota_id, %(tenant)s, 0, 0, count(*) from answered as a
  where a.quota_id is not null and a.deserves and not (a.closed and coalesce(a.free, 0) = 0)
  group by a.bucket, a.quota_id
  on conflict (bucket, quota_id) do update set
    used = l.used + least(excluded.wanted, l.granted - l.used), wanted = greatest(excluded.wanted - (l.granted - l.used), 0)
), gone as (
  delete from coupon_request as r using answered as a
  where r.bucket = any(%(buckets)s::smallint[]) and r.tenant_id = %(tenant)s and r.bucket = a.bucket and r.id = a.id and a.answer is not null
), keyed as (
  insert into coupon_key (tenant_id, code, coupon_id, customer_id)
  select %(tenant)s, a.code, a.coupon_id, a.origin_id from answered as a where a.answer = 'issued'
), issued as (
  insert into coupon (bucket, id, tenant_id, customer_id, origin_id, template_id, code, status, issued_at, expires_at, run_id, block, visit)
  select a.bucket, a.coupon_id, %(tenant)s, a.customer_id, a.origin_id, a.template_id, a.code, 'issued', %(now)s, a.expires_at, a.run_id,
    a.block, a.visit
  from answered as a where a.answer = 'issued'
), told as (
  update flow_run as g set signal = {_PORT}, wake_at = %(now)s
  from answered as a
  where g.bucket = any(%(buckets)s::smallint[]) and g.tenant_id = %(tenant)s and g.bucket = a.bucket and g.id = a.run_id
    and g.status = {int(RunStatus.ACTIVE)} and g.signal is null and g.visit = a.visit + 1 and a.answer <> 'dropped'
  returning g.bucket, g.id, g.lane, g.stretch, g.customer_id, g.origin_id
), woken as (
  insert into flow_due (bucket, tenant_id, lane, wake_at, run_id, stretch, customer_id, origin_id)
  select w.bucket, %(tenant)s, w.lane, %(now)s, w.id, w.stretch, w.customer_id, w.origin_id from told as w
)
select a.bucket, a.customer_id, a.origin_id, a.answer, a.coupon_id, a.template_id, t.name as template, a.expires_at, a.cause_id, a.root_id,
  a.hops, case when a.run_heard_at is not null then a.heard_at end as heard_at, a.flow_id
from answered as a left join coupon_template as t on t.tenant_id = %(tenant)s and t.id = a.template_id
where a.answer is not null
"""


@dataclass(frozen=True, slots=True)
class _Answered:
    bucket: int
    customer_id: UUID
    origin_id: UUID
    answer: Answer | Literal["dropped"]
    coupon_id: UUID
    template_id: UUID
    template: str | None
    expires_at: datetime | None
    cause_id: UUID | None
    root_id: UUID | None
    hops: int
    heard_at: datetime | None
    flow_id: UUID | None


def answer(turn: Turn, limit: int) -> int:
    """Answer at most `limit` requests of the turn; returns how many got an answer. The rest waits for lots."""
    per_bucket = max(PER_BUCKET_MIN, -(-2 * limit // len(turn.buckets)))
    rows = turn.tx.all(_Answered, _ANSWER, turn.params(limit=limit, per_bucket=per_bucket))
    emit(turn, [_issued(row, turn.now) for row in rows if row.answer == "issued"])
    note(turn, "coupon", [(row.flow_id, row.heard_at) for row in rows if row.answer == "issued"])
    return len(rows)


def _issued(row: _Answered, now: datetime) -> NewEvent:
    return NewEvent(
        type=COUPON_ISSUED,
        bucket=row.bucket,
        customer_id=row.customer_id,
        origin_id=row.origin_id,
        occurred_at=now,
        payload={
            "coupon_id": str(row.coupon_id),
            "template_id": str(row.template_id),
            "template": row.template,
            "expires_at": row.expires_at,
        },
        event_id=derived_id(row.coupon_id, COUPON_ISSUED),
        cause_id=row.cause_id,
        root_id=row.root_id,
        hops=row.hops + 1,
        heard_at=row.heard_at,
    )


# A request without a piece is not due: the refill that brings one wakes the worker.
_DUE: Final = """
select case when exists (
  select from coupon_request as r
  join coupon_template as t on t.tenant_id = %(tenant)s and t.id = r.template_id
  left join quota as k on k.tenant_id = %(tenant)s and k.id = t.quota_id
  left join quota_lease as l
    on l.bucket = r.bucket and l.bucket = any(%(buckets)s::smallint[]) and l.tenant_id = %(tenant)s and l.quota_id = t.quota_id
  where r.bucket = any(%(buckets)s::smallint[]) and r.tenant_id = %(tenant)s
    and (t.quota_id is null or k.closed or l.bucket is null or l.granted > l.used or l.wanted = 0)) then %(now)s::timestamptz end
"""

# A request left behind would find no run to answer, and the run would wait for good.
carry(CouponRequest)
ISSUE: Final = TurnStep(name="marketing.issue", run=answer, due_sql=_DUE)
