"""Points in the database: earning, spending, expiring. The ledger's rows cannot be unbalanced; lots and ledger change together."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal
from uuid import UUID

from tandem.domains.marketing.events import POINTS_ADJUSTED, POINTS_EARNED, POINTS_EXPIRED, POINTS_SPENT
from tandem.domains.marketing.points import Lot, spend
from tandem.flow.module import TurnStep
from tandem.kernel.ids import bucket_of, new_id
from tandem.kernel.turn import Turn
from tandem.stream.events import NewEvent
from tandem.stream.inbox import emit

VALID_DAYS: Final = 365
PER_BUCKET_MIN: Final = 20

_ENTRY_COLUMNS: Final = "bucket, id, tenant_id, customer_id, origin_id, from_account, to_account, amount, posted_at, reason, lot_id, user_id"


def add(
    turn: Turn,
    customer_id: UUID,
    amount: int,
    reason: str,
    *,
    account: Literal["earned", "adjusted"] = "earned",
    valid_days: int | None = VALID_DAYS,
) -> UUID:
    """Give a customer points (> 0) as a new lot; returns the lot's id. The turn holds the customer's bucket."""
    lot_id = new_id()
    params = turn.params(
        bucket=bucket_of(customer_id),
        id=lot_id,
        customer=customer_id,
        amount=amount,
        expires=None if valid_days is None else turn.now + timedelta(days=valid_days),
    )
    turn.tx.execute(
        """
        insert into points_lot (bucket, id, tenant_id, customer_id, origin_id, earned, remaining, earned_at, expires_at)
        values (%(bucket)s, %(id)s, %(tenant)s, %(customer)s, %(customer)s, %(amount)s, %(amount)s, %(now)s, %(expires)s)
        """,
        params,
    )
    _post(turn, customer_id, account, "balance", [(lot_id, amount)], reason)
    _tell(turn, customer_id, POINTS_EARNED if account == "earned" else POINTS_ADJUSTED, amount, reason)
    return lot_id


def take(
    turn: Turn, customer_id: UUID, amount: int, reason: str, *, account: Literal["spent", "adjusted"] = "spent"
) -> None:
    """Take points (> 0) from a customer, soonest expiry first. Raises InsufficientPoints and takes nothing."""
    taken = spend(lots_of(turn, customer_id), amount, turn.now)
    turn.tx.execute(
        """
        update points_lot as l set remaining = l.remaining - n.part
        from unnest(%(lots)s::uuid[], %(parts)s::bigint[]) as n(id, part)
        where l.bucket = any(%(buckets)s::smallint[]) and l.tenant_id = %(tenant)s and l.customer_id = %(customer)s and l.id = n.id
        """,
        turn.params(customer=customer_id, lots=[lot for lot, _ in taken], parts=[part for _, part in taken]),
    )
    _post(turn, customer_id, "balance", account, taken, reason)
    _tell(
        turn,
        customer_id,
        POINTS_SPENT if account == "spent" else POINTS_ADJUSTED,
        amount if account == "spent" else -amount,
        reason,
    )


def lots_of(turn: Turn, customer_id: UUID) -> list[Lot]:
    """A customer's lots that still hold points."""
    return turn.tx.all(
        Lot,
        """
        select id, remaining, earned_at, expires_at from points_lot
        where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s and customer_id = %(customer)s and remaining > 0
        """,
        turn.params(customer=customer_id),
    )


def _post(turn: Turn, customer_id: UUID, source: str, target: str, parts: list[tuple[UUID, int]], reason: str) -> None:
    turn.tx.execute(
        f"""
        insert into points_entry ({_ENTRY_COLUMNS})
        select %(bucket)s, tandem_new_id(), %(tenant)s, %(customer)s, %(customer)s, %(from)s, %(to)s, n.part, %(now)s, %(reason)s, n.lot,
          %(user)s
        from unnest(%(lots)s::uuid[], %(parts)s::bigint[]) as n(lot, part)
        """,
        turn.params(
            bucket=bucket_of(customer_id),
            customer=customer_id,
            to=target,
            reason=reason,
            user=turn.tx.user_id,
            lots=[lot for lot, _ in parts],
            parts=[part for _, part in parts],
        )
        | {"from": source},
    )


def _tell(turn: Turn, customer_id: UUID, kind: str, amount: int, reason: str) -> None:
    event = NewEvent(
        type=kind,
        bucket=bucket_of(customer_id),
        customer_id=customer_id,
        occurred_at=turn.now,
        payload={"amount": amount, "reason": reason},
    )
    emit(turn, [event])


_EXPIRE: Final = """
with due as materialized (
  select d.* from unnest(%(buckets)s::smallint[]) as b(bucket)
  cross join lateral (
    select l.bucket, l.id, l.customer_id, l.origin_id, l.remaining, l.expires_at from points_lot as l
    where l.bucket = b.bucket and l.bucket = any(%(buckets)s::smallint[]) and l.tenant_id = %(tenant)s and l.remaining > 0
      and l.expires_at <= %(now)s
    order by l.expires_at limit %(per_bucket)s) as d
  limit %(limit)s
), emptied as (
  update points_lot as l set remaining = 0 from due as d
  where l.bucket = any(%(buckets)s::smallint[]) and l.tenant_id = %(tenant)s and l.bucket = d.bucket and l.id = d.id
), posted as (
  insert into points_entry (bucket, id, tenant_id, customer_id, origin_id, from_account, to_account, amount, posted_at, reason, lot_id)
  select d.bucket, tandem_new_id(), %(tenant)s, d.customer_id, d.origin_id, 'balance', 'expired', d.remaining, d.expires_at, 'expired', d.id
  from due as d
)
select bucket, customer_id, sum(remaining)::bigint as amount, count(*) as lots from due group by bucket, customer_id
"""


@dataclass(frozen=True, slots=True)
class _Expired:
    bucket: int
    customer_id: UUID
    amount: int
    lots: int


def expire(turn: Turn, limit: int) -> int:
    """Empty at most `limit` lots whose time is over; returns how many."""
    per_bucket = max(PER_BUCKET_MIN, -(-2 * limit // len(turn.buckets)))
    rows = turn.tx.all(_Expired, _EXPIRE, turn.params(limit=limit, per_bucket=per_bucket))
    emit(turn, [_expired(row, turn.now) for row in rows])
    return sum(row.lots for row in rows)


def _expired(row: _Expired, now: datetime) -> NewEvent:
    payload = {"amount": row.amount, "reason": "expired"}
    return NewEvent(
        type=POINTS_EXPIRED, bucket=row.bucket, customer_id=row.customer_id, occurred_at=now, payload=payload
    )


EXPIRE_POINTS: Final = TurnStep(
    name="marketing.expire_points",
    run=expire,
    due_sql="""
select min(expires_at) from points_lot
where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s and remaining > 0 and expires_at is not null
""",
    live=False,
)
