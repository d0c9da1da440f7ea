"""Batches of cards and links as people keep them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from importlib import resources
from typing import Any, Final
from uuid import UUID

from tandem.access import audit
from tandem.domains.contact.parcel import shapes
from tandem.domains.contact.radar.token import Link, sign
from tandem.domains.contact.sidebar.binding import check_account
from tandem.domains.marketing import service as marketing
from tandem.domains.messaging.service import words
from tandem.kernel.db import Tx
from tandem.kernel.errors import Conflict, Detail, InvalidInput, NotFound
from tandem.kernel.ids import BUCKETS, new_id
from tandem.kernel.settings import settings
from tandem.stream.keys import tenant_keys
from tandem.stream.rows import to_json

ALL_BUCKETS: Final = list(range(BUCKETS))
KIND: Final = "parcel_card"


@dataclass(frozen=True, slots=True)
class BatchRow:
    """A batch."""

    id: UUID
    account_id: UUID
    name: str
    kind: Any
    source: str | None
    words: str
    live_code_id: UUID
    live_code: str | None
    routes: list[Any]
    coupon_template_id: UUID | None
    coupon: str | None
    binding: Any
    expires_at: datetime | None
    printed: int
    status: Any
    created_at: datetime


_BATCH: Final = """
select b.id, b.account_id, b.name, b.kind, b.source, b.words, b.live_code_id, c.name as live_code, b.routes, b.coupon_template_id,
  t.name as coupon, b.binding, b.expires_at, b.printed, b.status, b.created_at
from parcel_batch as b
left join live_code as c on c.tenant_id = %(tenant)s and c.id = b.live_code_id
left join coupon_template as t on t.tenant_id = %(tenant)s and t.id = b.coupon_template_id
where b.tenant_id = %(tenant)s
"""


def listed(tx: Tx) -> list[BatchRow]:
    """Batches, the newest first; the last thousand."""
    return tx.all(BatchRow, f"{_BATCH} order by b.created_at desc, b.id limit 1000", {"tenant": tx.tenant_id})


def one_of(tx: Tx, batch_id: UUID) -> BatchRow:
    """One batch. Raises NotFound."""
    row = tx.maybe(BatchRow, f"{_BATCH} and b.id = %(id)s", {"tenant": tx.tenant_id, "id": batch_id})
    if row is None:
        raise NotFound("no_such_batch", "没有这个卡片批次。", "There is no such batch of cards.")
    return row


def create(tx: Tx, given: shapes.NewBatch) -> UUID:
    """Set a batch up, with its cards. Raises InvalidInput, Conflict."""
    check_account(tx, given.account_id)
    _check(tx, given, given.account_id, None)
    made = new_id()
    tx.execute(
        """
        insert into parcel_batch (id, tenant_id, account_id, name, kind, source, words, live_code_id, routes, coupon_template_id, binding,
          expires_at, created_at, created_by)
        values (%(id)s, %(tenant)s, %(account)s, %(name)s, %(kind)s, %(source)s, %(words)s, %(code)s, %(routes)s::jsonb, %(coupon)s, %(binding)s,
          %(expires)s, %(now)s, %(user)s)
        """,
        _params(tx, given) | {"id": made, "account": given.account_id, "kind": given.kind, "source": given.source},
    )
    audit.record(tx, "parcel_batch.created", "parcel_batch", made, None, {"name": given.name, "kind": given.kind, "count": given.count})  # fmt: skip
    if given.kind == "card" and given.count:
        add_cards(tx, made, given.count)
    return made


def change(tx: Tx, batch_id: UUID, given: shapes.BatchChange) -> None:
    """Change where a batch leads and what it gives. Raises NotFound, InvalidInput, Conflict."""
    before = one_of(tx, batch_id)
    _check(tx, given, before.account_id, batch_id)
    tx.execute(
        """
        update parcel_batch set name = %(name)s, words = %(words)s, live_code_id = %(code)s, routes = %(routes)s::jsonb,
          coupon_template_id = %(coupon)s, binding = %(binding)s, expires_at = %(expires)s
        where tenant_id = %(tenant)s and id = %(id)s
        """,
        _params(tx, given) | {"id": batch_id},
    )
    old, new = audit.changes(
        {"name": before.name, "binding": before.binding, "expires_at": before.expires_at},
        {"name": given.name, "binding": given.binding, "expires_at": given.expires_at},
    )
    audit.record(tx, "parcel_batch.changed", "parcel_batch", batch_id, old, new)


def archive(tx: Tx, batch_id: UUID) -> None:
    """Put a batch away: its cards lead nowhere any more. Raises NotFound."""
    one_of(tx, batch_id)
    tx.execute(
        "update parcel_batch set status = 'archived' where tenant_id = %(tenant)s and id = %(id)s",
        {"tenant": tx.tenant_id, "id": batch_id},
    )
    audit.record(tx, "parcel_batch.archived", "parcel_batch", batch_id)


def _check(tx: Tx, given: shapes.BatchChange, account: UUID, but: UUID | None) -> None:
    words.refuse(tx, given.words, "words")
    codes = sorted({given.live_code_id, *(one.live_code_id for one in given.routes)})
    params = {
        "tenant": tx.tenant_id, "account": account, "name": given.name, "but": but,
        "codes": codes,
    }  # fmt: skip
    known = tx.values(
        "select id from live_code where tenant_id = %(tenant)s and account_id = %(account)s and id = any(%(codes)s::uuid[]) and status = 'active'"
        " and kind <> 'group'",
        params,
    )
    if len(known) != len(codes):
        detail = Detail(
            "live_code_id", "请选择同一企业微信下使用中的活码", "choose live codes of the same account that are in use"
        )
        raise InvalidInput("no_such_code", "活码不存在或已停用。", "A live code is not there.", details=(detail,))
    if given.coupon_template_id is not None and marketing.get_template(tx, given.coupon_template_id).archived:
        detail = Detail("coupon_template_id", "优惠券模板已归档", "the coupon template is archived")
        raise InvalidInput(
            "coupon_archived", "优惠券模板已归档。", "The coupon template is archived.", details=(detail,)
        )
    taken = (
        "select 1 from parcel_batch where tenant_id = %(tenant)s and name = %(name)s and id is distinct from %(but)s"
    )
    if tx.value(taken, params):
        raise Conflict("batch_name_taken", "已有同名的批次。", "There is a batch of this name already.")


def _params(tx: Tx, given: shapes.BatchChange) -> dict[str, Any]:
    return {
        "tenant": tx.tenant_id, "name": given.name, "words": given.words, "code": given.live_code_id, "coupon": given.coupon_template_id,
        "routes": to_json([one.model_dump(mode="json") for one in given.routes]), "binding": given.binding, "expires": given.expires_at,
        "now": tx.now, "user": tx.user_id,
    }  # fmt: skip


# ---------------------------------------------------------------------------------------------------- cards and links


def add_cards(tx: Tx, batch_id: UUID, count: int) -> None:
    """Make more cards of a batch, numbered on. Raises NotFound, InvalidInput (not printed, too many)."""
    batch = one_of(tx, batch_id)
    if batch.kind != "card" or batch.printed + count > shapes.CARDS_MAX:
        raise InvalidInput("too_many_cards", f"一个批次最多 {shapes.CARDS_MAX} 张印刷卡。", f"A batch has at most {shapes.CARDS_MAX} printed cards.")  # fmt: skip
    first: int = tx.value(
        "update parcel_batch set printed = printed + %(n)s where tenant_id = %(tenant)s and id = %(id)s returning printed - %(n)s + 1",
        {"tenant": tx.tenant_id, "id": batch_id, "n": count},
    )
    tx.execute(
        """
        insert into parcel_card (tenant_id, id, batch_id, serial, made_at)
        select %(tenant)s, gen_random_uuid(), %(batch)s, n, %(now)s from generate_series(%(first)s::int, %(last)s::int) as n
        """,
        {"tenant": tx.tenant_id, "batch": batch_id, "first": first, "last": first + count - 1, "now": tx.now},
    )
    audit.record(tx, "parcel_card.made", "parcel_batch", batch_id, None, {"count": count})


@dataclass(frozen=True, slots=True)
class CardRow:
    """A card as it is printed."""

    id: UUID
    serial: int | None
    order_source: str | None
    order_number: str | None


def cards(tx: Tx, batch_id: UUID, first: int, limit: int) -> list[CardRow]:
    """Printed cards of a batch from a number on."""
    return tx.all(
        CardRow,
        """
        select id, serial, order_source, order_number from parcel_card
        where tenant_id = %(tenant)s and batch_id = %(batch)s and serial >= %(first)s order by serial limit %(limit)s
        """,
        {"tenant": tx.tenant_id, "batch": batch_id, "first": first, "limit": limit},
    )


def address(tx: Tx, card: UUID) -> str:
    """Where a card leads: nothing in it can be guessed or changed."""
    token = sign(tenant_keys(tx), Link(tx.tenant_id, card), KIND)
    return f"{(settings().public_url or '').rstrip('/')}/p/{token}"


def links(tx: Tx, batch_id: UUID, orders: Sequence[shapes.OrderRef]) -> list[shapes.CardLink]:
    """A link for each order (`order`), or printed cards bound to the orders they were packed with (`card`).

    Raises NotFound, InvalidInput (a printed card without its number), Conflict (it was scanned or bound before).
    """
    batch = one_of(tx, batch_id)
    if batch.kind == "card":
        return [_bind(tx, batch, one) for one in orders]
    rows = [{"source": one.source, "number": one.number} for one in orders]
    params = {"tenant": tx.tenant_id, "batch": batch_id, "rows": to_json(rows), "now": tx.now}
    made = tx.execute(
        f"""
        insert into parcel_card (tenant_id, id, batch_id, order_source, order_number, made_at)
        select %(tenant)s, gen_random_uuid(), %(batch)s, r.source, r.number, %(now)s from {_ROWS} on conflict do nothing
        """,
        params,
    )
    tx.execute(
        "update parcel_batch set printed = printed + %(n)s where tenant_id = %(tenant)s and id = %(batch)s",
        params | {"n": made},
    )
    audit.record(tx, "parcel_card.made", "parcel_batch", batch_id, None, {"links": made})
    return [
        shapes.CardLink(source=source, number=number, serial=None, url=address(tx, card))
        for card, source, number in tx.cursor(
            f"""
            select c.id, c.order_source, c.order_number from {_ROWS} join parcel_card as c on c.tenant_id = %(tenant)s
              and c.batch_id = %(batch)s and c.order_source = r.source and c.order_number = r.number
            """,
            params,
        ).fetchall()
    ]


_ROWS: Final = "jsonb_to_recordset(%(rows)s::jsonb) as r(source text, number text)"


def _bind(tx: Tx, batch: BatchRow, order: shapes.OrderRef) -> shapes.CardLink:
    if order.serial is None:
        detail = Detail("orders.serial", "请填写卡号", "give the card's number")
        raise InvalidInput(
            "serial_missing", "印刷卡要写明卡号。", "A printed card needs its number.", details=(detail,)
        )
    card: UUID | None = tx.value(
        """
        update parcel_card set order_source = %(source)s, order_number = %(number)s
        where tenant_id = %(tenant)s and batch_id = %(batch)s and serial = %(serial)s and first_scanned_at is null
          and (order_number is null or (order_source, order_number) = (%(source)s, %(number)s))
          and not exists (select from parcel_card as p where p.tenant_id = %(tenant)s and p.batch_id = %(batch)s and p.order_source = %(source)s
            and p.order_number = %(number)s and p.serial is distinct from %(serial)s)
        returning id
        """,
        {
            "tenant": tx.tenant_id, "batch": batch.id, "serial": order.serial, "source": order.source, "number": order.number,
        },
    )  # fmt: skip
    if card is None:
        raise Conflict(
            "card_spent", f"{order.serial} 号卡不存在、已绑定或已被扫过，或这个订单已有卡。", f"Card {order.serial} is not there, bound or scanned already, or the order has one."
        )  # fmt: skip
    audit.record(tx, "parcel_card.bound", "parcel_card", card, None, {"order": order.number})
    return shapes.CardLink(source=order.source, number=order.number, serial=order.serial, url=address(tx, card))


@lru_cache(maxsize=1)
def platforms() -> list[dict[str, Any]]:
    """What platforms say of leading their buyers away, as data."""
    text = resources.files("tandem.domains.contact.parcel").joinpath("platforms.json").read_text("utf-8")
    return json.loads(text)


# ------------------------------------------------------------------------------------------------------------- figures

_CARDS: Final = """
select batch_id, count(*) filter (where scans > 0)::int as scanned, coalesce(sum(scans), 0)::int as scans from parcel_card
where tenant_id = %(tenant)s and batch_id = any(%(ids)s::uuid[]) group by batch_id
"""
_CLAIMS: Final = """
select p.batch_id, count(*) filter (where p.verdict = 'counted')::int as friends, count(*) filter (where p.verdict = 'taken')::int as taken,
  count(*) filter (where p.verdict = 'expired')::int as expired, count(*) filter (where p.binding = 'asked')::int as asked,
  count(*) filter (where p.binding in ('joined', 'same'))::int as joined,
  count(k.id)::int as coupons, count(k.id) filter (where k.status = 'redeemed')::int as used,
  count(*) filter (where p.verdict = 'counted' and exists (
    select from sales_order as s where s.bucket = p.bucket and s.bucket = any(%(buckets)s::smallint[]) and s.tenant_id = %(tenant)s
      and s.customer_id = p.customer_id and s.paid_at > p.claimed_at and s.status <> 'cancelled'))::int as again
from parcel_claim as p
join parcel_batch as b on b.tenant_id = %(tenant)s and b.id = p.batch_id
left join lateral (
  select c.id, c.status from coupon as c where c.bucket = p.bucket and c.bucket = any(%(buckets)s::smallint[]) and c.tenant_id = %(tenant)s
    and c.customer_id = p.customer_id and c.template_id = b.coupon_template_id and c.issued_at >= p.claimed_at and p.verdict = 'counted'
  order by c.issued_at limit 1) as k on true
where p.bucket = any(%(buckets)s::smallint[]) and p.tenant_id = %(tenant)s and p.batch_id = any(%(ids)s::uuid[])
group by p.batch_id
"""


def figures(tx: Tx, ids: Sequence[UUID]) -> dict[UUID, dict[str, int]]:
    """What came of batches. The transaction must see every customer."""
    found: dict[UUID, dict[str, int]] = {one: {} for one in ids}
    params = {"tenant": tx.tenant_id, "buckets": ALL_BUCKETS, "ids": list(ids)}
    for statement in (_CARDS, _CLAIMS):
        for row in tx.dicts(statement, params):
            found[row.pop("batch_id")] |= row
    return found


@dataclass(frozen=True, slots=True)
class ClaimRow:
    """Somebody who came by a card."""

    id: UUID
    customer_id: UUID
    serial: int | None
    number: str | None
    adviser: str | None
    verdict: Any
    binding: Any
    guards: list[str]
    claimed_at: datetime


def claims(tx: Tx, batch_id: UUID, after: Sequence[str | None] | None, limit: int) -> list[ClaimRow]:
    """Who came by a batch's cards, the latest first, as far as the transaction's scope shows them."""
    return tx.all(
        ClaimRow,
        """
        select p.id, p.customer_id, c.serial, c.order_number as number, coalesce(a.name, p.member) as adviser, p.verdict, p.binding, p.guards,
          p.claimed_at
        from parcel_claim as p
        join parcel_batch as b on b.tenant_id = %(tenant)s and b.id = p.batch_id
        left join parcel_card as c on c.tenant_id = %(tenant)s and c.id = p.card_id
        left join adviser as a on a.tenant_id = %(tenant)s and a.account_id = b.account_id and a.member = p.member
        where p.bucket = any(%(buckets)s::smallint[]) and p.tenant_id = %(tenant)s and p.batch_id = %(id)s
          and (%(at)s::timestamptz is null or (p.claimed_at, p.id) < (%(at)s::timestamptz, %(last)s::uuid))
        order by p.claimed_at desc, p.id desc limit %(limit)s
        """,
        {
            "tenant": tx.tenant_id, "buckets": ALL_BUCKETS, "id": batch_id, "at": after[0] if after else None, "last": after[1] if after else None,
            "limit": limit,
        },
    )  # fmt: skip
