"""The rules as people keep them, the colleagues who earn, and the months that are closed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from tandem.access import audit
from tandem.domains.contact.ownership.booking import next_month
from tandem.domains.contact.ownership.crediting import credit
from tandem.flow.module import Job
from tandem.kernel.db import Database, Tx
from tandem.kernel.errors import Conflict, Detail, InvalidInput, NotFound
from tandem.kernel.ids import BUCKETS
from tandem.kernel.rounds import Rounds
from tandem.kernel.turn import Turn, in_buckets
from tandem.stream.rows import to_json

ALL_BUCKETS: Final = list(range(BUCKETS))
AT_ONCE: Final = 500
STRIDE: Final = 16
"""Buckets that are looked through together."""
_ROUNDS: Final = Rounds("contact.credits")


@dataclass(frozen=True, slots=True)
class PolicyRow:
    """A version of the rules."""

    version: int
    rules: list[Any]
    starts_at: datetime
    saved_at: datetime
    saved_by: str | None
    caught_bucket: int | None


def versions(tx: Tx) -> list[PolicyRow]:
    """Every version, the newest first; the last hundred."""
    return tx.all(
        PolicyRow,
        """
        select p.version, p.rules, p.starts_at, p.saved_at, u.name as saved_by, p.caught_bucket from ownership_policy as p
        left join staff_user as u on u.tenant_id = %(tenant)s and u.id = p.saved_by
        where p.tenant_id = %(tenant)s order by p.version desc limit 100
        """,
        {"tenant": tx.tenant_id},
    )


def save(tx: Tx, rules: Sequence[dict[str, Any]], seen: int, starts_at: datetime | None) -> int:
    """Let rules hold from a moment on; returns their version. Raises Conflict where somebody saved others meanwhile, InvalidInput."""
    tx.execute("select pg_advisory_xact_lock(hashtext('ownership'), hashtext(%(t)s::text))", {"t": tx.tenant_id})
    known = versions(tx)
    newest = known[0].version if known else 0
    if newest != seen:
        raise Conflict("ownership_changed", "规则已被别人修改，请刷新后再保存。", "Somebody saved other rules meanwhile; reload.")  # fmt: skip
    begins = starts_at or tx.now
    if begins > tx.now or (known and begins < known[0].starts_at):
        detail = Detail(
            "starts_at", "不早于上一版规则，也不晚于现在", "not before the last version's, nor later than now"
        )
        raise InvalidInput("bad_start", "生效时间不正确。", "The rules cannot begin then.", details=(detail,))
    if begins.astimezone(ZoneInfo(tx.zone)).date().replace(day=1) in closed(tx):
        detail = Detail("starts_at", "这个月已关账", "that month is closed")
        raise InvalidInput("month_closed", "生效时间所在月份已关账。", "The month in which they would begin is closed.", details=(detail,))  # fmt: skip
    tx.execute(
        """
        insert into ownership_policy (tenant_id, version, rules, starts_at, saved_at, saved_by, caught_bucket)
        values (%(tenant)s, %(version)s, %(rules)s::jsonb, %(starts)s, %(now)s, %(user)s, %(caught)s)
        """,
        {
            "tenant": tx.tenant_id, "version": newest + 1, "rules": to_json(list(rules)), "starts": begins, "now": tx.now, "user": tx.user_id,
            "caught": 0 if begins < tx.now else None,
        },
    )  # fmt: skip
    audit.record(
        tx, "ownership_policy.saved", "ownership_policy", newest + 1, None, {"rules": list(rules), "starts_at": begins}
    )
    return newest + 1


# ------------------------------------------------------------------------------------------- orders from before the rules

_CATCHING: Final = """
select version, starts_at, saved_at, caught_bucket from ownership_policy
where tenant_id = %(tenant)s and caught_bucket is not null order by version limit 1 for update skip locked
"""
_BEFORE: Final = """
select o.id from sales_order as o
where o.bucket = any(%(buckets)s::smallint[]) and o.tenant_id = %(tenant)s and o.paid_at >= %(starts)s and o.paid_at <= %(saved)s
  and not exists (select from order_credit as c where c.bucket = any(%(buckets)s::smallint[]) and c.tenant_id = %(tenant)s
    and c.bucket = o.bucket and c.order_id = o.id)
order by o.paid_at, o.id limit %(limit)s
"""


def catch_up(db: Database, tenant: UUID) -> int:
    """Give some orders from before the saving to their advisers; returns how many were looked at, at least one while there are more."""
    with db.tx("worker", tenant=tenant) as tx:
        row = tx.cursor(_CATCHING, {"tenant": tenant}).fetchone()
        if row is None:
            return 0
        version, starts, saved, bucket = row
        turn = Turn(tx, in_buckets(tx.conn, range(bucket, min(bucket + STRIDE, BUCKETS))))
        params = turn.params(starts=starts, saved=saved, limit=AT_ONCE)
        orders: list[UUID] = tx.values(_BEFORE, params)
        credit(turn, orders)
        if len(orders) < AT_ONCE:
            after = None if bucket + STRIDE >= BUCKETS else bucket + STRIDE
            tx.execute(
                "update ownership_policy set caught_bucket = %(after)s where tenant_id = %(tenant)s and version = %(version)s",
                {"tenant": tenant, "version": version, "after": after},
            )
        return max(1, len(orders))


def round_(db: Database) -> float:
    """Look after every tenant with orders from before its rules."""
    with db.connection("worker") as connection:
        tenants = [row[0] for row in connection.execute("select tenant_id from ownership_catching_tenants()")]
    return 0.0 if _ROUNDS.each(tenants, lambda tenant: catch_up(db, tenant)) else 2.0


JOB: Final = Job("contact.credits", round_, interval_seconds=2.0)


# ----------------------------------------------------------------------------------------------------------- who earns


@dataclass(frozen=True, slots=True)
class PostRow:
    """A colleague, and her post where she has one."""

    user_id: UUID
    name: str
    active: bool
    code: str | None
    store_id: UUID | None
    store: str | None
    since: datetime | None
    left_at: datetime | None
    successor_id: UUID | None
    successor: str | None
    members: list[str]


_POST: Final = """
select u.id as user_id, u.name, u.active, p.code, p.store_id, o.name as store, p.since, p.left_at, p.successor_id, s.name as successor,
  array(select b.member from adviser_binding as b where b.tenant_id = %(tenant)s and b.user_id = u.id order by b.member) as members
from staff_user as u
left join adviser_post as p on p.tenant_id = %(tenant)s and p.user_id = u.id
left join org_unit as o on o.tenant_id = %(tenant)s and o.id = p.store_id
left join staff_user as s on s.tenant_id = %(tenant)s and s.id = p.successor_id
where u.tenant_id = %(tenant)s
"""


def posts(tx: Tx) -> list[PostRow]:
    """Colleagues, those with posts first."""
    return tx.all(PostRow, f"{_POST} order by p.user_id is null, u.name, u.id limit 5000", {"tenant": tx.tenant_id})


def set_post(tx: Tx, user_id: UUID, *, code: str | None, store_id: UUID | None, left_at: datetime | None, successor_id: UUID | None) -> None:  # fmt: skip
    """Say as what a colleague earns.

    Raises NotFound, InvalidInput (unknown store, herself as successor), Conflict (the number is another's).
    """
    before = tx.maybe(PostRow, f"{_POST} and u.id = %(user)s", {"tenant": tx.tenant_id, "user": user_id})
    if before is None:
        raise NotFound("no_such_user", "没有这位同事。", "There is no such colleague.")
    params = {
        "tenant": tx.tenant_id, "user": user_id, "code": code, "store": store_id, "left": left_at, "successor": successor_id, "now": tx.now,
    }  # fmt: skip
    if store_id is not None and not tx.value("select 1 from org_unit where tenant_id = %(tenant)s and id = %(store)s and kind = 'store'", params):  # fmt: skip
        raise InvalidInput("no_such_store", "没有这家门店。", "There is no such store.", details=(Detail("store_id", "请选择门店", "choose a store"),))  # fmt: skip
    if successor_id is not None and (
        successor_id == user_id
        or not tx.value(
            "select 1 from staff_user where tenant_id = %(tenant)s and id = %(successor)s and active", params
        )
    ):
        detail = Detail("successor_id", "请选择另一位在职的同事", "choose another colleague who is active")
        raise InvalidInput("bad_successor", "接替人不正确。", "The successor is not right.", details=(detail,))
    taken = "select 1 from adviser_post where tenant_id = %(tenant)s and code = %(code)s and user_id <> %(user)s"
    if code is not None and tx.value(taken, params):
        raise Conflict("code_taken", "这个工号已属于另一位同事。", "Another colleague has this staff number.")
    tx.execute(
        """
        insert into adviser_post (tenant_id, user_id, code, store_id, since, left_at, successor_id)
        values (%(tenant)s, %(user)s, %(code)s, %(store)s, %(now)s, %(left)s, %(successor)s)
        on conflict (tenant_id, user_id) do update set code = excluded.code, store_id = excluded.store_id, left_at = excluded.left_at,
          successor_id = excluded.successor_id
        """,
        params,
    )
    shown = {
        "code": before.code,
        "store_id": before.store_id,
        "left_at": before.left_at,
        "successor_id": before.successor_id,
    }
    now = {"code": code, "store_id": store_id, "left_at": left_at, "successor_id": successor_id}
    audit.record(tx, "adviser_post.changed", "staff_user", user_id, shown, now)


def unbound(tx: Tx) -> int:
    """Advisers of platforms who are no colleague yet."""
    return tx.value(
        """
        select count(*)::int from adviser as a where a.tenant_id = %(tenant)s and a.status = 'active' and not exists (
          select from adviser_binding as b where b.tenant_id = %(tenant)s and b.account_id = a.account_id and b.member = a.member)
        """,
        {"tenant": tx.tenant_id},
    )


# -------------------------------------------------------------------------------------------------------------- months


def closed(tx: Tx) -> set[date]:
    """The months to which nothing is added any more."""
    return set(tx.values("select period from credit_period where tenant_id = %(tenant)s", {"tenant": tx.tenant_id}))


@dataclass(frozen=True, slots=True)
class PeriodRow:
    """A month and what was earned in it, by everybody, in minor units of the tenant's currency."""

    period: date
    closed_at: datetime | None
    closed_by: str | None
    cents: int


def periods(tx: Tx) -> list[PeriodRow]:
    """Months with credits or closed, the newest first. The transaction must see every credit."""
    return tx.all(
        PeriodRow,
        """
        select coalesce(e.period, p.period) as period, p.closed_at, u.name as closed_by, coalesce(e.cents, 0)::bigint as cents
        from (select period, sum(home_cents) as cents from performance_credit
              where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s group by period) as e
        full join (select * from credit_period where tenant_id = %(tenant)s) as p on p.period = e.period
        left join staff_user as u on u.tenant_id = %(tenant)s and u.id = p.closed_by
        order by 1 desc limit 120
        """,
        {"tenant": tx.tenant_id, "buckets": ALL_BUCKETS},
    )


def close(tx: Tx, period: date) -> None:
    """Close a month: what comes later counts in the next open one. Raises Conflict for a month that is not over, or closed already.

    Every bucket is held for a moment, so that no turn adds to the month after it was found open.
    """
    today = tx.now.astimezone(ZoneInfo(tx.zone)).date()
    if next_month(period) > today:
        raise Conflict("month_not_over", "这个月还没有结束，不能关账。", "The month is not over yet.")
    in_buckets(tx.conn, ALL_BUCKETS)
    made = tx.execute(
        """
        insert into credit_period (tenant_id, period, closed_at, closed_by) values (%(tenant)s, %(period)s, %(now)s, %(user)s)
        on conflict do nothing
        """,
        {"tenant": tx.tenant_id, "period": period, "now": tx.now, "user": tx.user_id},
    )
    if not made:
        raise Conflict("month_closed", "这个月已经关账。", "The month is closed already.")
    audit.record(tx, "credit_period.closed", "credit_period", period, None, {"period": period})
