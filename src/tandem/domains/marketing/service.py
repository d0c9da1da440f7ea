"""Use cases of marketing: coupon templates and their stock, coupons in hand, redemption at the till, points of a customer."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from tandem.access import audit
from tandem.access.paging import from_cursor, page_of
from tandem.domains.marketing import ledger
from tandem.domains.marketing.coupons import CouponTemplate, NewCouponTemplate
from tandem.domains.marketing.events import COUPON_REDEEMED
from tandem.domains.marketing.giving import Gift, give
from tandem.kernel.db import Tx
from tandem.kernel.errors import Conflict, NotFound
from tandem.kernel.ids import BUCKETS, bucket_of, derived_id, new_id
from tandem.kernel.turn import Turn, in_bucket
from tandem.stream.events import NewEvent
from tandem.stream.inbox import emit

#: Gifts are given from other rooms.
GIVING: Final = (Gift, give)
_ALL_BUCKETS: Final = list(range(BUCKETS))


_TEMPLATE: Final = """
select t.id, t.name, t.external_code, t.kind, t.value, t.gift, t.threshold, t.currency, t.valid_days, t.valid_until, t.per_customer_limit,
  q.total as quota, coalesce(c.issued, 0) as issued, coalesce(c.redeemed, 0) as redeemed, t.archived_at is not null as archived, t.created_at
from coupon_template as t
left join quota as q on q.tenant_id = t.tenant_id and q.id = t.quota_id
left join (
  select template_id, count(*) as issued, count(*) filter (where status = 'redeemed') as redeemed from coupon
  where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s group by template_id) as c on c.template_id = t.id
where t.tenant_id = %(tenant)s
"""


def list_templates(tx: Tx, *, archived: bool = False) -> list[CouponTemplate]:
    """Templates, newest first; archived ones only when asked for."""
    rows = tx.dicts(
        f"{_TEMPLATE} and (%(archived)s or t.archived_at is null) order by t.created_at desc, t.id desc limit 1000",
        _params(tx, archived=archived),
    )
    return [CouponTemplate.model_construct(**row) for row in rows]


def get_template(tx: Tx, template_id: UUID) -> CouponTemplate:
    """One template. Raises NotFound."""
    rows = tx.dicts(f"{_TEMPLATE} and t.id = %(id)s", _params(tx, id=template_id))
    if not rows:
        raise NotFound("no_such_coupon_template", "没有这个优惠券模板。", "There is no such coupon template.")
    # As it stands: what an outside system says of its coupons keeps to the door's bounds, not to those of our form.
    return CouponTemplate.model_construct(**rows[0])


def create_template(tx: Tx, draft: NewCouponTemplate) -> UUID:
    """Add a template and its stock; returns its id. Raises Conflict when the name is taken."""
    if _name_exists(tx, draft.name):
        raise _name_taken(draft.name)
    template_id, quota_id = new_id(), None
    if draft.quota is not None:
        quota_id = new_id()
        tx.execute(
            "insert into quota (id, tenant_id, name, total, pool) values (%(quota)s, %(tenant)s, %(name)s, %(total)s, %(total)s)",
            _params(tx, quota=quota_id, name=draft.name, total=draft.quota),
        )
    tx.execute(
        """
        insert into coupon_template (id, tenant_id, name, kind, value, gift, threshold, currency, valid_days, valid_until,
          per_customer_limit, quota_id, created_at, updated_at)
        values (%(id)s, %(tenant)s, %(name)s, %(kind)s, %(value)s, %(gift)s, %(threshold)s, %(currency)s, %(valid_days)s,
          %(valid_until)s, %(limit)s, %(quota)s, %(at)s, %(at)s)
        """,
        _params(
            tx,
            id=template_id,
            name=draft.name,
            kind=draft.kind,
            value=draft.value,
            gift=draft.gift,
            threshold=draft.threshold,
            currency=tx.currency,
            valid_days=draft.valid_days,
            valid_until=draft.valid_until,
            limit=draft.per_customer_limit,
            quota=quota_id,
            at=tx.machine_now,
        ),
    )
    after = {"name": draft.name, "kind": draft.kind, "value": str(draft.value), "quota": draft.quota}
    audit.record(tx, "coupon_template.created", "coupon_template", template_id, None, after)
    return template_id


def change_template(
    tx: Tx,
    template_id: UUID,
    *,
    name: str | None = None,
    per_customer_limit: int | None = None,
    quota: int | None = None,
    archived: bool | None = None,
) -> None:
    """Change what is not None. A larger quota reopens a sold-out template. Raises NotFound, Conflict (name, quota below what was lent)."""
    before = get_template(tx, template_id)
    if name is not None and name != before.name and _name_exists(tx, name):
        raise _name_taken(name)
    if quota is not None and quota != before.quota:
        _change_quota(tx, template_id, before.quota, quota)
    shelved = before.archived if archived is None else archived
    tx.execute(
        """
        update coupon_template set name = %(name)s, per_customer_limit = coalesce(%(limit)s, per_customer_limit), updated_at = %(at)s,
          archived_at = case when %(archived)s then coalesce(archived_at, %(at)s) end
        where tenant_id = %(tenant)s and id = %(id)s
        """,
        _params(
            tx,
            id=template_id,
            name=name or before.name,
            limit=per_customer_limit,
            archived=shelved,
            at=tx.machine_now,
        ),
    )
    old, new = audit.changes(
        {"name": before.name, "limit": before.per_customer_limit, "quota": before.quota, "archived": before.archived},
        {
            "name": name or before.name,
            "limit": per_customer_limit or before.per_customer_limit,
            "quota": before.quota if quota is None else quota,
            "archived": shelved,
        },
    )
    if new:
        audit.record(tx, "coupon_template.changed", "coupon_template", template_id, old, new)


def _change_quota(tx: Tx, template_id: UUID, before: int | None, quota: int) -> None:
    if before is None:
        raise Conflict(
            "unlimited_coupon",
            "不限量的优惠券不能改为限量，请新建模板。",
            "A coupon without a limit cannot get one: make a new template.",
        )
    changed = tx.execute(
        """
        update quota as q set pool = q.pool + %(quota)s - q.total, total = %(quota)s,
          closed = case when %(quota)s > q.total then false else q.closed end
        from coupon_template as t
        where t.tenant_id = %(tenant)s and t.id = %(id)s and q.tenant_id = %(tenant)s and q.id = t.quota_id
          and q.pool + %(quota)s - q.total >= 0
        """,
        _params(tx, id=template_id, quota=quota),
    )
    if not changed:
        raise Conflict(
            "quota_lent",
            "新的数量低于已发放或已分派的数量。",
            "The new quota is below what has already been issued or lent.",
        )


def _name_exists(tx: Tx, name: str) -> bool:
    return bool(
        tx.value(
            "select 1 from coupon_template where tenant_id = %(tenant)s and name = %(name)s", _params(tx, name=name)
        )
    )


def _name_taken(name: str) -> Conflict:
    return Conflict("name_taken", f"已有名为“{name}”的优惠券。", f"There already is a coupon named {name!r}.")


def _params(tx: Tx, **more: object) -> dict[str, Any]:
    return {"tenant": tx.tenant_id, "buckets": _ALL_BUCKETS, **more}


@dataclass(frozen=True, slots=True)
class CouponRow:
    """A coupon in a customer's hand."""

    id: UUID
    code: str
    template_id: UUID
    template: str
    customer_id: UUID
    status: str
    issued_at: datetime
    expires_at: datetime
    redeemed_at: datetime | None
    redeemed_store_id: UUID | None
    run_id: UUID | None


_COUPON: Final = """
select c.id, c.code, c.template_id, t.name as template, c.customer_id, c.status, c.issued_at, c.expires_at, c.redeemed_at,
  c.redeemed_store_id, c.run_id
from coupon as c join coupon_template as t on t.tenant_id = c.tenant_id and t.id = c.template_id
where c.bucket = any(%(buckets)s::smallint[]) and c.tenant_id = %(tenant)s
"""


def list_coupons(
    tx: Tx, *, template_id: UUID | None, customer_id: UUID | None, state: str | None, cursor: str | None, limit: int
) -> tuple[list[CouponRow], str | None]:
    """A page of coupons, newest first. Raises InvalidInput for a cursor we did not make."""
    issued, last = from_cursor(cursor, 2) if cursor else (None, None)
    rows = tx.all(
        CouponRow,
        f"""
        {_COUPON}
          and (%(template)s::uuid is null or c.template_id = %(template)s) and (%(customer)s::uuid is null or c.customer_id = %(customer)s)
          and (%(state)s::text is null or c.status = %(state)s)
          and (%(issued)s::timestamptz is null or (c.issued_at, c.id) < (%(issued)s::timestamptz, %(last)s::uuid))
        order by c.issued_at desc, c.id desc limit %(more)s
        """,
        _params(tx, template=template_id, customer=customer_id, state=state, issued=issued, last=last, more=limit + 1),
    )
    return page_of(rows, limit, "issued_at", "id")


def home_of(tx: Tx, customer_id: UUID) -> UUID:
    """The customer who now holds what was this customer's: itself, or whom it was merged into. Raises NotFound."""
    found: UUID | None = tx.value(
        """
        select coalesce(merged_into, id) from customer
        where bucket = tandem_bucket(%(id)s) and tenant_id = %(tenant)s and id = %(id)s
        """,
        {"tenant": tx.tenant_id, "id": customer_id},
    )
    if found is None:
        raise NotFound("no_such_customer", "没有这个客户。", "There is no such customer.")
    return found


def request_coupon(turn: Turn, customer_id: UUID, template_id: UUID) -> UUID:
    """Ask for a coupon for a customer, outside any flow; answered in the bucket's next turn. Returns the request's id."""
    request_id = new_id()
    turn.tx.execute(
        """
        insert into coupon_request (bucket, id, tenant_id, customer_id, origin_id, template_id)
        values (%(bucket)s, %(id)s, %(tenant)s, %(customer)s, %(customer)s, %(template)s)
        """,
        turn.params(bucket=bucket_of(customer_id), id=request_id, customer=customer_id, template=template_id),
    )
    after = {"customer_id": customer_id, "template_id": template_id}
    audit.record(turn.tx, "coupon.requested", "coupon_request", request_id, None, after)
    return request_id


def redeem(tx: Tx, code: str, *, store_id: UUID | None, order_id: str | None) -> CouponRow:
    """Redeem a coupon at the till (核销): once, while it is valid. Locks the customer's bucket.

    Raises NotFound for an unknown code, Conflict for one redeemed, expired or revoked; nothing is changed then.
    """
    key = tx.cursor(
        "select coupon_id, customer_id from coupon_key where tenant_id = %(tenant)s and code = %(code)s",
        {"tenant": tx.tenant_id, "code": code.strip().upper()},
    ).fetchone()
    if key is None:
        raise NotFound("no_such_coupon", "没有这个券码。", "There is no coupon with this code.")
    turn = in_bucket(tx, key[1], home_of(tx, key[1]))
    coupon = tx.one(CouponRow, f"{_COUPON} and c.id = %(id)s", turn.params(id=key[0]))
    if coupon.status != "issued" or coupon.expires_at <= tx.now:
        raise _not_redeemable(coupon, tx.now)
    tx.execute(
        """
        update coupon set status = 'redeemed', redeemed_at = %(now)s, redeemed_store_id = %(store)s, redeemed_order_id = %(order)s
        where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s and id = %(id)s
        """,
        turn.params(id=coupon.id, store=store_id, order=order_id),
    )
    emit(turn, [_redeemed(coupon, tx.now, store_id, order_id)])
    audit.record(
        tx, "coupon.redeemed", "coupon", coupon.id, {"status": "issued"}, {"code": coupon.code, "status": "redeemed"}
    )
    return tx.one(CouponRow, f"{_COUPON} and c.id = %(id)s", turn.params(id=coupon.id))


def _not_redeemable(coupon: CouponRow, now: datetime) -> Conflict:
    if coupon.status == "redeemed":
        return Conflict("coupon_redeemed", "这张券已经核销过。", "This coupon has already been redeemed.")
    if coupon.status == "expired" or coupon.expires_at <= now:
        return Conflict("coupon_expired", "这张券已过期。", "This coupon has expired.")
    return Conflict("coupon_revoked", "这张券已作废。", "This coupon has been revoked.")


def _redeemed(coupon: CouponRow, now: datetime, store_id: UUID | None, order_id: str | None) -> NewEvent:
    return NewEvent(
        type=COUPON_REDEEMED,
        bucket=bucket_of(coupon.customer_id),
        customer_id=coupon.customer_id,
        occurred_at=now,
        payload={
            "redemption_id": str(derived_id(coupon.id, "redemption")),
            "source": "till",
            "coupon_id": str(coupon.id),
            "template_id": str(coupon.template_id),
            "template": coupon.template,
            "store_id": str(store_id) if store_id else None,
            "order_id": order_id,
        },
        event_id=derived_id(coupon.id, COUPON_REDEEMED),
    )


@dataclass(frozen=True, slots=True)
class LotRow:
    """Points that came together."""

    id: UUID
    earned: int
    remaining: int
    earned_at: datetime
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class EntryRow:
    """A movement of the points ledger."""

    id: UUID
    from_account: str
    to_account: str
    amount: int
    posted_at: datetime
    reason: str


def points_of(tx: Tx, customer_id: UUID) -> tuple[int, list[LotRow], list[EntryRow]]:
    """A customer's balance, lots with points in the order they will be spent, and the latest 200 entries."""
    params = {"tenant": tx.tenant_id, "id": customer_id, "now": tx.now}
    lots = tx.all(
        LotRow,
        """
        select id, earned, remaining, earned_at, expires_at from points_lot
        where bucket = tandem_bucket(%(id)s) and tenant_id = %(tenant)s and customer_id = %(id)s and remaining > 0
          and (expires_at is null or expires_at > %(now)s)
        order by expires_at nulls last, earned_at, id
        """,
        params,
    )
    entries = tx.all(
        EntryRow,
        """
        select id, from_account, to_account, amount, posted_at, reason from points_entry
        where bucket = tandem_bucket(%(id)s) and tenant_id = %(tenant)s and customer_id = %(id)s
        order by posted_at desc, id desc limit 200
        """,
        params,
    )
    return sum(lot.remaining for lot in lots), lots, entries


def adjust_points(tx: Tx, customer_id: UUID, delta: int, reason: str) -> None:
    """Correct a customer's points by hand (delta not zero). Locks the bucket. Raises InsufficientPoints, NotFound."""
    turn = in_bucket(tx, customer_id)
    if home_of(tx, customer_id) != customer_id:
        raise NotFound("customer_merged", "该客户已合并。", "This customer has been merged into another.")
    if delta > 0:
        ledger.add(turn, customer_id, delta, reason, account="adjusted")
    else:
        ledger.take(turn, customer_id, -delta, reason, account="adjusted")
    audit.record(tx, "points.adjusted", "customer", customer_id, None, {"delta": delta, "reason": reason})
