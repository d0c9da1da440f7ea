"""Disputed credits (业绩申诉): an adviser says an order is hers, a manager decides, and nothing that was written is written anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from tandem.access import audit
from tandem.access.http import Access
from tandem.domains.contact.ownership import shapes
from tandem.domains.contact.ownership.booking import split
from tandem.domains.contact.ownership.crediting import settle, sold
from tandem.domains.contact.ownership.policy import ALL_BUCKETS
from tandem.domains.contact.ownership.reading import shared
from tandem.domains.contact.ownership.rules import WHOLE, by_key
from tandem.domains.contact.ownership.trying import names_of
from tandem.domains.contact.sidebar import reach
from tandem.kernel.db import Tx
from tandem.kernel.errors import Conflict, Forbidden, InvalidInput, NotFound
from tandem.kernel.ids import new_id
from tandem.kernel.money import minor_unit
from tandem.kernel.turn import Turn, in_buckets
from tandem.stream.rows import to_json

DAYS_MAX: Final = 92
"""An order may be disputed so long after it was paid."""


@dataclass(frozen=True, slots=True)
class DisputeRow:
    """A dispute with its order."""

    id: UUID
    bucket: int
    order_id: UUID
    number: str
    store: str | None
    user_id: UUID
    name: str
    reason: str
    total: Decimal
    currency: str
    wanted: list[Any]
    before: list[Any]
    status: shapes.DisputeState
    answer: Any
    note: str
    filed_at: datetime
    answered_by_id: UUID | None
    answered_by: str | None
    answered_at: datetime | None
    confirmed_by: str | None
    confirmed_at: datetime | None

    @property
    def parties(self) -> set[UUID]:
        """Who gains or loses by it."""
        return {self.user_id} | {user for user, _ in (*by_key(self.wanted), *by_key(self.before))}


_DISPUTE: Final = """
select d.id, d.bucket, d.order_id, coalesce(s.external_id, '') as number, o.name as store, d.owner_user_id as user_id, u.name, d.reason,
  coalesce(s.total, 0) as total, coalesce(s.currency, %(currency)s) as currency, d.wanted, d.before, d.status, d.answer, d.note, d.filed_at,
  d.answered_by as answered_by_id, a.name as answered_by, d.answered_at, c.name as confirmed_by, d.confirmed_at
from credit_dispute as d
join staff_user as u on u.tenant_id = %(tenant)s and u.id = d.owner_user_id
left join sales_order as s on s.bucket = d.bucket and s.bucket = any(%(buckets)s::smallint[]) and s.tenant_id = %(tenant)s and s.id = d.order_id
left join org_unit as o on o.tenant_id = %(tenant)s and o.id = d.store_id
left join staff_user as a on a.tenant_id = %(tenant)s and a.id = d.answered_by
left join staff_user as c on c.tenant_id = %(tenant)s and c.id = d.confirmed_by
where d.bucket = any(%(buckets)s::smallint[]) and d.tenant_id = %(tenant)s
"""


def _params(tx: Tx, **more: object) -> dict[str, Any]:
    return {"tenant": tx.tenant_id, "buckets": ALL_BUCKETS, "currency": tx.currency, **more}


def listed(tx: Tx, status: str | None, user: UUID | None, after: Sequence[str | None] | None, limit: int) -> list[DisputeRow]:  # fmt: skip
    """Disputes that the transaction's scope shows, the latest first."""
    return tx.all(
        DisputeRow,
        f"""{_DISPUTE} and (%(status)s::text is null or d.status = %(status)s) and (%(user)s::uuid is null or d.owner_user_id = %(user)s)
        and (%(at)s::timestamptz is null or (d.filed_at, d.id) < (%(at)s::timestamptz, %(last)s::uuid))
        order by d.filed_at desc, d.id desc limit %(limit)s""",
        _params(tx, status=status, user=user, at=after[0] if after else None, last=after[1] if after else None, limit=limit),
    )  # fmt: skip


def of_order(tx: Tx, order_id: UUID) -> list[DisputeRow]:
    """The disputes about one order."""
    return tx.all(DisputeRow, f"{_DISPUTE} and d.order_id = %(id)s order by d.filed_at limit 100", _params(tx, id=order_id))  # fmt: skip


def out(tx: Tx, access: Access, rows: Sequence[DisputeRow]) -> list[shapes.DisputeOut]:
    """Disputes as they are shown to somebody."""
    names = names_of(tx, sorted({user for one in rows for user in one.parties}))
    return [_out(access, one, names) for one in rows]


def _out(access: Access, one: DisputeRow, names: dict[UUID, str]) -> shapes.DisputeOut:
    may = (
        one.status in {"open", "seconding"}
        and access.may("performance.decide")
        and access.user_id not in one.parties
        and access.user_id != one.answered_by_id
    )
    return shapes.DisputeOut(
        id=one.id, order_id=one.order_id, number=one.number, store=one.store, user_id=one.user_id, name=one.name, reason=one.reason,
        total_cents=int(one.total / minor_unit(one.currency)), currency=one.currency, wanted=shared(names, one.wanted),
        before=shared(names, one.before), status=one.status, answer=one.answer, note=one.note, filed_at=one.filed_at, answered_by=one.answered_by,
        answered_at=one.answered_at, confirmed_by=one.confirmed_by, confirmed_at=one.confirmed_at, may_answer=may,
    )  # fmt: skip


_BY_NUMBER: Final = """
select s.bucket, s.id, s.customer_id, s.store_id, s.paid_at, coalesce(c.shares, '[]'::jsonb) as shares from sales_order as s
left join order_credit as c on c.bucket = s.bucket and c.bucket = any(%(buckets)s::smallint[]) and c.tenant_id = %(tenant)s and c.order_id = s.id
where s.bucket = any(%(buckets)s::smallint[]) and s.tenant_id = %(tenant)s and s.external_id = %(number)s and s.paid_at is not null
order by s.paid_at desc limit 20
"""
_FILE: Final = """
insert into credit_dispute (bucket, id, tenant_id, customer_id, origin_id, order_id, store_id, owner_user_id, reason, wanted, before, filed_at)
select s.bucket, %(id)s, %(tenant)s, s.customer_id, s.origin_id, s.id, s.store_id, %(user)s, %(reason)s, %(wanted)s::jsonb, %(before)s::jsonb, %(now)s
from sales_order as s where s.bucket = any(%(buckets)s::smallint[]) and s.tenant_id = %(tenant)s and s.id = %(order)s
on conflict do nothing
"""


def file(access: Access, tx: Tx, given: shapes.NewDispute) -> UUID:
    """An adviser disputes an order; returns the dispute's id. The transaction must see every order.

    She may dispute those of her store and of her friends: others she has no business with are answered as unknown.
    Raises NotFound, InvalidInput (too old, hers already), Conflict (disputed by her already).
    """
    rows = tx.cursor(_BY_NUMBER, _params(tx, number=given.number)).fetchall()
    own_store = tx.value(
        "select store_id from adviser_post where tenant_id = %(tenant)s and user_id = %(user)s",
        {"tenant": tx.tenant_id, "user": access.user_id},
    )
    row = next((one for one in rows if _is_near(access, tx, one, own_store)), None)
    if row is None:
        raise NotFound("order_not_found", "没有这个订单，或与您的门店和客户无关。", "There is no such order of your store's or your customers'.")  # fmt: skip
    bucket, order, _, _, paid_at, shares = row
    if paid_at < tx.now - timedelta(days=DAYS_MAX):
        raise InvalidInput("too_old", f"超过 {DAYS_MAX} 天的订单不能申诉。", f"Orders of more than {DAYS_MAX} days ago cannot be disputed.")  # fmt: skip
    wanted = claimed(by_key(shares), access.user_id, given.percent * 100)
    if dict(wanted) == dict(by_key(shares)):
        raise InvalidInput("hers_already", "这个订单已按此比例归您。", "The order is yours in this part already.")
    in_buckets(tx.conn, [bucket])
    dispute = new_id()
    made = tx.execute(
        _FILE,
        _params(
            tx, id=dispute, user=access.user_id, reason=given.reason, wanted=to_json(_rows(wanted)), before=to_json(shares), now=tx.now, order=order
        ),
    )  # fmt: skip
    if not made:
        raise Conflict("disputed_already", "您已对这个订单提出申诉。", "You dispute this order already.")
    audit.record(
        tx, "credit_dispute.filed", "credit_dispute", dispute, None, {"order_id": order, "percent": given.percent}
    )
    return dispute


def _is_near(access: Access, tx: Tx, row: Any, own_store: UUID | None) -> bool:
    _, _, customer, store, _, shares = row
    if access.user_id in dict(by_key(shares)) or (own_store is not None and store == own_store):
        return True
    return customer is not None and reach.own_member(tx, access, customer) is not None


def claimed(before: Sequence[tuple[UUID, int]], user: UUID, bp: int) -> list[tuple[UUID, int]]:
    """Shares in which somebody has this part and the others keep theirs in proportion. Whole where nobody else has any. Pure."""
    others = [(one, part) for one, part in before if one != user]
    if not others:
        return [(user, WHOLE)]
    rest = split(WHOLE - bp, others)
    return [(user, bp), *((one, part) for one, part in rest.items() if part)]


def _rows(shares: Sequence[tuple[UUID, int]]) -> list[dict[str, Any]]:
    return [{"user_id": str(user), "bp": bp} for user, bp in shares]


_ANSWER: Final = """
update credit_dispute as d set status = %(status)s, answer = %(answer)s, note = %(note)s,
  answered_by = case when %(first)s then %(user)s else d.answered_by end, answered_at = case when %(first)s then %(now)s else d.answered_at end,
  confirmed_by = case when %(first)s then null else %(user)s::uuid end, confirmed_at = case when %(first)s then null else %(now)s::timestamptz end
where d.bucket = any(%(buckets)s::smallint[]) and d.tenant_id = %(tenant)s and d.id = %(id)s
"""


def answer(access: Access, tx: Tx, dispute_id: UUID, given: shapes.DisputeAnswer) -> None:
    """A manager's word. The transaction must see every order; the caller has made sure that this one is in the manager's scope.

    Whoever looks after the one store only needs a second person; the two must agree, or it is open again.
    Raises NotFound, Forbidden (she gains or loses by it, or answered it before), Conflict (decided).
    """
    row = one_of(tx, dispute_id)
    in_buckets(tx.conn, [row.bucket])
    row = one_of(tx, dispute_id)
    if row.status not in {"open", "seconding"}:
        raise Conflict("already_decided", "这条申诉已经处理过了。", "This dispute was decided already.")
    held = _shares(tx, row.order_id)
    if access.user_id in row.parties | set(held):
        raise Forbidden("own_dispute", "您与这条申诉有利害关系，请由其他人处理。", "You gain or lose by this dispute; somebody else must decide.")  # fmt: skip
    if row.status == "seconding" and access.user_id == row.answered_by_id:
        raise Forbidden("second_person", "需要另一个人复核。", "Somebody else must confirm it.")
    if given.accept and held != dict(by_key(row.before)):
        raise _moved_on(tx, held)
    said = "accepted" if given.accept else "rejected"
    narrow = access.scope.kind in {"store", "own"}
    first = row.status == "open"
    status, kept = _outcome(row, said, narrow=narrow)
    tx.execute(
        _ANSWER,
        _params(
            tx, id=dispute_id, status=status, answer=kept, note=given.note, first=first, user=access.user_id, now=tx.now
        ),
    )
    if status == "accepted":
        turn = Turn(tx, [row.bucket])
        order = sold(turn, row.order_id)
        if order is not None:
            settle(turn, order, by_key(row.wanted), row.id, {"dispute": str(row.id), "reason": row.reason})
    audit.record(tx, f"credit_dispute.{'answered' if status == 'seconding' else status}", "credit_dispute", dispute_id, {"status": row.status}, {"status": status})  # fmt: skip


def _shares(tx: Tx, order_id: UUID) -> dict[UUID, int]:
    """Whose an order is by now, in parts of ten thousand: it may have found others since a dispute was filed."""
    asked = "select shares from order_credit where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s and order_id = %(id)s"
    return dict(by_key(tx.value(asked, _params(tx, id=order_id)) or []))


def _moved_on(tx: Tx, held: dict[UUID, int]) -> Conflict:
    """What was asked for were parts of what stood then: to write them now would take from somebody whom the dispute never named."""
    names = names_of(tx, sorted(held))
    parts = [f"{names.get(user, '?')} {bp / 100:g}%" for user, bp in held.items()]
    return Conflict(
        "credit_moved_on",
        f"申诉提出后，这个订单的归属已经变了（现在：{'、'.join(parts) or '无人'}）。请驳回，由申诉人按现在的归属重新提出。",
        f"Whose this order is changed after the dispute was filed (now: {', '.join(parts) or 'nobody'}). Reject it; it can be filed anew.",
    )


def _outcome(row: DisputeRow, said: str, *, narrow: bool) -> tuple[str, str | None]:
    """What becomes of a dispute when somebody says this: its status, and the answer that stands."""
    if row.status == "open":
        return ("seconding", said) if narrow else (said, said)
    if narrow and said != row.answer:
        return "open", None
    return said, said


def withdraw(tx: Tx, access: Access, dispute_id: UUID) -> None:
    """An adviser takes her dispute back. Raises NotFound for anybody else's, Conflict."""
    row = one_of(tx, dispute_id)
    if row.user_id != access.user_id:
        raise _none()
    in_buckets(tx.conn, [row.bucket])
    done = tx.execute(
        """
        update credit_dispute set status = 'withdrawn', confirmed_at = %(now)s
        where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s and id = %(id)s and status in ('open', 'seconding')
        """,
        _params(tx, id=dispute_id, now=tx.now),
    )
    if not done:
        raise Conflict("already_decided", "这条申诉已经处理过了。", "This dispute was decided already.")
    audit.record(tx, "credit_dispute.withdrawn", "credit_dispute", dispute_id)


def one_of(tx: Tx, dispute_id: UUID) -> DisputeRow:
    """One dispute. Raises NotFound for one that the transaction's scope does not show."""
    row = tx.maybe(DisputeRow, f"{_DISPUTE} and d.id = %(id)s", _params(tx, id=dispute_id))
    if row is None:
        raise _none()
    return row


def _none() -> NotFound:
    return NotFound("no_such_dispute", "没有这条申诉。", "There is no such dispute.")
