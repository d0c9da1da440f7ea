"""The lists that can be exported: who may, which columns, how the next rows are read. A statement reads at most a page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from tandem.catalog.label import Label
from tandem.domains.exports.paging import PAGE_ROWS, Page, Wanted
from tandem.domains.exports.people import Person, people
from tandem.domains.exports.sources import sources
from tandem.domains.exports.writers import Cell
from tandem.kernel.db import Tx
from tandem.stream.customer.search import Filters, Place, places

Read = Callable[[Tx, Wanted], Page]


@dataclass(frozen=True, slots=True)
class ExportList:
    """A list: `permission` lets one see it, `filters` are the names of what narrows it, `personal` that it names people.

    `people`: its rows are the customers themselves.
    """

    name: str
    label: Label
    permission: str
    columns: tuple[Label, ...]
    filters: tuple[str, ...]
    read: Read
    personal: bool = True
    people: bool = False


def _value(name: str, text: str) -> UUID | Decimal | str:
    """A filter's text as what the search of customers takes."""
    if name.endswith("_id"):
        return UUID(text)
    return Decimal(text) if name == "spend_min" else text


def _customers(tx: Tx, wanted: Wanted) -> Page:
    known: dict[str, Any] = {name: _value(name, text) for name, text in wanted.filters.items() if text}
    after = wanted.after
    place = None if after is None else Place(datetime.fromisoformat(after[0]), UUID(after[1]))
    found = places(tx, Filters(**known), after=place, limit=PAGE_ROWS)
    named = people(tx, [one.id for one in found], plain=wanted.plain)
    rows = [_customer(named[one.id]) for one in found if one.id in named]
    following = (found[-1].created_at.isoformat(), str(found[-1].id)) if len(found) == PAGE_ROWS else None
    return Page(rows, following)


def _customer(one: Person) -> Sequence[Cell]:
    return (
        one.name,
        one.phone,
        one.email,
        one.member_no,
        one.line.city,
        one.line.store.name if one.line.store else None,
        one.line.stage,
        one.line.level,
        "、".join(one.line.tags),
        one.line.order_count,
        one.line.spend_total.amount,
        one.local(one.line.last_order_at),
    )


@dataclass(frozen=True, slots=True)
class _Row:
    bucket: int
    id: UUID
    customer_id: UUID | None
    cells: list[Any]


def _by_key(statement: str) -> Read:
    """A list read by the key of its table: `statement` gives _Row, and knows %(bucket)s, %(id)s, %(limit)s and the filters."""

    def read(tx: Tx, wanted: Wanted) -> Page:
        after = wanted.after
        params: dict[str, Any] = {
            "tenant": tx.tenant_id,
            "zone": tx.zone,
            "bucket": -1 if after is None else after[0],
            "id": UUID(int=0) if after is None else UUID(after[1]),
            "limit": PAGE_ROWS,
        }
        params |= dict.fromkeys(FILTERS, None) | {name: text for name, text in wanted.filters.items() if text}
        found = tx.all(_Row, statement, params)
        named = people(tx, [one.customer_id for one in found if one.customer_id is not None], plain=wanted.plain)
        rows = [_named(named.get(one.customer_id) if one.customer_id else None, one.cells) for one in found]
        following = (found[-1].bucket, str(found[-1].id)) if len(found) == PAGE_ROWS else None
        return Page(rows, following)

    return read


def _named(person: Person | None, cells: list[Any]) -> Sequence[Cell]:
    head = (None, None) if person is None else (person.name, person.phone)
    return (*head, *cells)


_ORDERS: Final = """
select t.bucket, t.id, t.customer_id, jsonb_build_array(t.external_id, t.status, to_char(t.placed_at at time zone %(zone)s, 'YYYY-MM-DD HH24:MI:SS'),
  to_char(t.paid_at at time zone %(zone)s, 'YYYY-MM-DD HH24:MI:SS'), s.name, t.sales_channel, t.total::text, t.refunded_total::text,
  t.currency, t.line_count) as cells
from sales_order as t left join store as s on s.tenant_id = t.tenant_id and s.id = t.store_id
where t.tenant_id = %(tenant)s and (t.bucket, t.id) > (%(bucket)s, %(id)s)
  and (%(status)s::text is null or t.status = %(status)s) and (%(q)s::text is null or starts_with(t.external_id, %(q)s))
  and (%(store_id)s::uuid is null or t.store_id = %(store_id)s::uuid)
  and (%(from)s::date is null or t.placed_at >= (%(from)s::date)::timestamp at time zone %(zone)s)
  and (%(to)s::date is null or t.placed_at < (%(to)s::date + 1)::timestamp at time zone %(zone)s)
order by t.bucket, t.id limit %(limit)s
"""
_COUPONS: Final = """
select t.bucket, t.id, t.customer_id, jsonb_build_array(c.name, t.code, t.status, to_char(t.issued_at at time zone %(zone)s, 'YYYY-MM-DD HH24:MI:SS'),
  to_char(t.expires_at at time zone %(zone)s, 'YYYY-MM-DD HH24:MI:SS'), to_char(t.redeemed_at at time zone %(zone)s, 'YYYY-MM-DD HH24:MI:SS'),
  s.name) as cells
from coupon as t join coupon_template as c on c.tenant_id = t.tenant_id and c.id = t.template_id
left join store as s on s.tenant_id = t.tenant_id and s.id = t.redeemed_store_id
where t.tenant_id = %(tenant)s and (t.bucket, t.id) > (%(bucket)s, %(id)s)
  and (%(status)s::text is null or t.status = %(status)s) and (%(template_id)s::uuid is null or t.template_id = %(template_id)s::uuid)
order by t.bucket, t.id limit %(limit)s
"""
_MESSAGES: Final = """
select t.bucket, t.id, t.customer_id, jsonb_build_array(m.name, t.channel, t.status, t.reason,
  to_char(t.planned_at at time zone %(zone)s, 'YYYY-MM-DD HH24:MI:SS'), to_char(t.finished_at at time zone %(zone)s, 'YYYY-MM-DD HH24:MI:SS'),
  f.name) as cells
from outbox_message as t left join message_template as m on m.tenant_id = t.tenant_id and m.id = t.template_id
left join flow as f on f.tenant_id = t.tenant_id and f.id = t.flow_id
where t.tenant_id = %(tenant)s and (t.bucket, t.id) > (%(bucket)s, %(id)s)
  and (%(status)s::text is null or t.status = %(status)s)
order by t.bucket, t.id limit %(limit)s
"""


@dataclass(frozen=True, slots=True)
class _Entry:
    id: UUID
    cells: list[Any]


def _audit(tx: Tx, wanted: Wanted) -> Page:
    found = tx.all(
        _Entry,
        """
        select a.id, jsonb_build_array(to_char(a.at at time zone %(zone)s, 'YYYY-MM-DD HH24:MI:SS'), u.name, a.action, a.entity,
          a.entity_id, a.before::text, a.after::text, a.address) as cells
        from audit_entry as a left join staff_user as u on u.tenant_id = a.tenant_id and u.id = a.user_id
        where a.tenant_id = %(tenant)s and a.id > %(after)s
          and (%(from)s::date is null or a.at >= (%(from)s::date)::timestamp at time zone %(zone)s)
          and (%(to)s::date is null or a.at < (%(to)s::date + 1)::timestamp at time zone %(zone)s)
          and (%(entity)s::text is null or a.entity = %(entity)s) and (%(action)s::text is null or a.action = %(action)s)
          and (%(actor)s::uuid is null or a.user_id = %(actor)s::uuid) and (%(own)s::uuid is null or a.user_id = %(own)s::uuid)
        order by a.id limit %(limit)s
        """,
        {
            "tenant": tx.tenant_id,
            "zone": tx.zone,
            "after": UUID(int=0) if wanted.after is None else UUID(wanted.after[0]),
            "limit": PAGE_ROWS,
            # As on the screen: whoever does not see everything sees what they did themselves.
            "own": None if tx.scope.kind == "all" else tx.user_id,
            **dict.fromkeys(FILTERS, None),
            **{name: text for name, text in wanted.filters.items() if text},
        },
    )
    return Page([one.cells for one in found], (str(found[-1].id),) if len(found) == PAGE_ROWS else None)


FILTERS: Final = (
    "by", "key", "step", "credit", "within_days", "friends", "segment_id", "tag", "city", "stage", "spend_min", "store_id", "template_id", "status", "q", "region", "entity", "actor", "action", "from", "to",
)  # fmt: skip
_WHO: Final = (Label("姓名", "Name"), Label("手机号", "Phone"))
LISTS: Final = (
    ExportList(
        "customers",
        Label("客户", "Customers"),
        "customer.read",
        (
            *_WHO, Label("邮箱", "E-mail"), Label("会员号", "Member number"), Label("城市", "City"), Label("门店", "Store"),
            Label("阶段", "Stage"), Label("等级", "Level"), Label("标签", "Tags"), Label("订单数", "Orders"),
            Label("累计消费", "Spend"), Label("最近下单", "Last order"),
        ),
        ("segment_id", "tag", "city", "stage", "spend_min", "store_id", "region"),
        _customers,
        people=True,
    ),
    ExportList(
        "orders",
        Label("订单", "Orders"),
        "order.read",
        (
            *_WHO, Label("订单号", "Order"), Label("状态", "Status"), Label("下单时间", "Placed at"), Label("付款时间", "Paid at"),
            Label("门店", "Store"), Label("渠道", "Channel"), Label("金额", "Total"), Label("已退", "Refunded"), Label("币种", "Currency"),
            Label("行数", "Lines"),
        ),
        ("status", "store_id", "q", "from", "to"),
        _by_key(_ORDERS),
    ),
    ExportList(
        "conversion",
        Label("来源转化名单", "People by source"),
        "customer.read",
        (
            *_WHO, Label("会员号", "Member number"), Label("门店", "Store"), Label("到来时间", "Came at"), Label("此后订单", "Orders since"),
            Label("此后消费", "Spent since"),
        ),
        ("by", "key", "step", "from", "to", "credit", "within_days", "friends", "store_id", "segment_id", "tag"),
        sources,
        people=True,
    ),
    ExportList(
        "coupons",
        Label("优惠券", "Coupons"),
        "coupon.read",
        (
            *_WHO, Label("券", "Coupon"), Label("券码", "Code"), Label("状态", "Status"), Label("发放时间", "Issued at"),
            Label("到期时间", "Expires at"), Label("核销时间", "Redeemed at"), Label("核销门店", "Redeemed in"),
        ),
        ("status", "template_id"),
        _by_key(_COUPONS),
    ),
    ExportList(
        "messages",
        Label("消息", "Messages"),
        "message.read",
        (
            *_WHO, Label("模板", "Template"), Label("渠道", "Channel"), Label("状态", "Status"), Label("原因", "Reason"),
            Label("计划时间", "Planned at"), Label("完成时间", "Finished at"), Label("流程", "Flow"),
        ),
        ("status",),
        _by_key(_MESSAGES),
    ),
    ExportList(
        "audit",
        Label("审计记录", "Audit trail"),
        "audit.read",
        (
            Label("时间", "Time"), Label("操作人", "Who"), Label("动作", "Action"), Label("对象", "Entity"), Label("编号", "Id"),
            Label("之前", "Before"), Label("之后", "After"), Label("地址", "Address"),
        ),
        ("entity", "actor", "action", "from", "to"),
        _audit,
        personal=False,
    ),
)  # fmt: skip
BY_NAME: Final = {one.name: one for one in LISTS}
