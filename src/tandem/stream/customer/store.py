"""Read customers for the screen. The caller has found them through the scoped policy; here their rows are opened and read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from tandem.kernel.db import Tx
from tandem.kernel.errors import NotFound
from tandem.kernel.ids import bucket_of
from tandem.stream.profile_tables import CUSTOMER_SOURCE


@dataclass(frozen=True, slots=True)
class Line:
    """A customer in a list; ``name_enc`` is under her own key."""

    id: UUID
    name_enc: bytes | None
    city: str | None
    store_id: UUID | None
    store: str | None
    stage: str | None
    level: str | None
    tags: list[str]
    order_count: int
    spend_total: Decimal
    last_order_at: datetime | None
    orders_waiting: int
    """Orders whose amount is in no sum yet: there is no rate for their day."""


@dataclass(frozen=True, slots=True)
class Card:
    """One customer, with her feature row (the numbers are None before there is one)."""

    id: UUID
    name_enc: bytes | None
    gender: str | None
    birthday: date | None
    city: str | None
    district: str | None
    division: str | None
    location: str | None
    store_id: UUID | None
    store: str | None
    owner_user_id: UUID | None
    owner: str | None
    stage: str | None
    level: str | None
    do_not_contact: bool
    first_seen_at: datetime
    created_at: datetime
    merged_into: UUID | None
    attrs: dict[str, Any]
    order_count: int | None
    spend_total: Decimal | None
    refund_total: Decimal | None
    first_order_at: datetime | None
    last_order_at: datetime | None
    last_visit_at: datetime | None
    average_order_value: Decimal | None
    rfm_r: int | None
    rfm_f: int | None
    rfm_m: int | None
    rfm_score: int | None
    favourite_category: str | None
    usual_interval_days: Decimal | None
    expected_order_at: datetime | None
    churn_risk: Decimal | None
    orders_waiting: int


@dataclass(frozen=True, slots=True)
class IdentifierRow:
    """Evidence of an identifier; ``value_enc`` is under the origin's key."""

    customer_id: UUID
    origin_id: UUID
    kind: str
    scope: str
    value_enc: bytes
    source: str
    first_seen_at: datetime
    last_seen_at: datetime


@dataclass(frozen=True, slots=True)
class TagRow:
    """A tag on a customer."""

    tag: str
    label: str | None
    source: str
    set_at: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Membership:
    """A segment a customer is in."""

    id: UUID
    name: str
    since: datetime


def _homes(ids: Sequence[UUID]) -> list[int]:
    return sorted({bucket_of(one) for one in ids})


_WAITING: Final = """(select coalesce(sum(f.n), 0) from customer_fact_day as f
  where f.bucket = c.bucket and f.tenant_id = %(tenant)s and f.customer_id = c.id and f.fact = 'waiting')::int as orders_waiting"""


def lines(tx: Tx, ids: Sequence[UUID]) -> list[Line]:
    """These customers, in this order."""
    tx.open_customers(ids)
    rows = tx.all(
        Line,
        f"""
        select c.id, k.name_enc, c.city, c.store_id, o.name as store, c.stage, c.level,
               array(select g.tag from customer_tag as g where g.bucket = c.bucket and g.customer_id = c.id order by g.set_at, g.tag) as tags,
               c.order_count, c.spend_total, c.last_order_at,
               {_WAITING}
        from {CUSTOMER_SOURCE} as c
        join customer as k on k.bucket = c.bucket and k.id = c.id
        left join org_unit as o on o.tenant_id = %(tenant)s and o.id = c.store_id
        where c.bucket = any(%(homes)s::smallint[]) and c.tenant_id = %(tenant)s and c.id = any(%(ids)s::uuid[])
        """,
        {"tenant": tx.tenant_id, "ids": list(ids), "homes": _homes(ids)},
    )
    order = {one: place for place, one in enumerate(ids)}
    return sorted(rows, key=lambda row: order[row.id])


def visible(tx: Tx, customer_id: UUID, *, lock: bool = False) -> UUID:
    """Open one customer for this transaction. Raises NotFound when she does not exist or lies outside the person's scope."""
    found = tx.value(
        f"select id from customer where bucket = %(bucket)s and tenant_id = %(tenant)s and id = %(id)s{' for update' if lock else ''}",
        {"bucket": bucket_of(customer_id), "tenant": tx.tenant_id, "id": customer_id},
    )
    if found is None:
        raise NotFound("customer_not_found", "没有这位客户。", "There is no such customer.")
    tx.open_customers([customer_id])
    return customer_id


def known(tx: Tx, ids: Sequence[UUID]) -> set[UUID]:
    """Those of these customers whom the person's scope shows."""
    return set(
        tx.values(
            "select id from customer where bucket = any(%(homes)s::smallint[]) and tenant_id = %(tenant)s and id = any(%(ids)s::uuid[])",
            {"homes": _homes(ids), "tenant": tx.tenant_id, "ids": list(ids)},
        )
    )


def card(tx: Tx, customer_id: UUID) -> Card:
    """One customer. Raises NotFound."""
    visible(tx, customer_id)
    return tx.one(Card, _CARD, {"bucket": bucket_of(customer_id), "tenant": tx.tenant_id, "id": customer_id})


_CARD: Final = f"""
select c.id, c.name_enc, c.gender, c.birthday, c.city, c.district, c.division, c.location, c.store_id, o.name as store, c.owner_user_id, u.name as owner,
       c.stage, c.level, c.do_not_contact, c.first_seen_at, c.created_at, c.merged_into, c.attrs,
       p.order_count, p.spend_total, p.refund_total, p.first_order_at, p.last_order_at, p.last_visit_at, p.average_order_value,
       p.rfm_r, p.rfm_f, p.rfm_m, p.rfm_score, p.favourite_category, p.usual_interval_days,
       p.last_order_at + p.usual_interval_days * interval '1 day' as expected_order_at, p.churn_risk,
       {_WAITING}
from customer as c
left join customer_profile as p on p.bucket = c.bucket and p.customer_id = c.id
left join org_unit as o on o.tenant_id = %(tenant)s and o.id = c.store_id
left join staff_user as u on u.tenant_id = %(tenant)s and u.id = c.owner_user_id
where c.bucket = %(bucket)s and c.tenant_id = %(tenant)s and c.id = %(id)s
"""


def identifiers(tx: Tx, ids: Sequence[UUID]) -> list[IdentifierRow]:
    """What is known of how these customers can be reached or told, oldest first."""
    return tx.all(
        IdentifierRow,
        """
        select customer_id, origin_id, kind, scope, value_enc, source, first_seen_at, last_seen_at from customer_identifier
        where bucket = any(%(homes)s::smallint[]) and tenant_id = %(tenant)s and customer_id = any(%(ids)s::uuid[])
        order by first_seen_at, kind
        """,
        {"tenant": tx.tenant_id, "ids": list(ids), "homes": _homes(ids)},
    )


def tags(tx: Tx, customer_id: UUID) -> list[TagRow]:
    """The tags of a customer, oldest first."""
    return tx.all(
        TagRow,
        """
        select g.tag, t.label, g.source, g.set_at, g.until from customer_tag as g
        left join tag as t on t.tenant_id = %(tenant)s and t.name = g.tag
        where g.bucket = %(bucket)s and g.tenant_id = %(tenant)s and g.customer_id = %(id)s order by g.set_at, g.tag
        """,
        {"tenant": tx.tenant_id, "bucket": bucket_of(customer_id), "id": customer_id},
    )


def segments(tx: Tx, customer_id: UUID) -> list[Membership]:
    """The segments people made that a customer is in."""
    return tx.all(
        Membership,
        """
        select s.id, s.name, m.since from segment_member as m join segment as s on s.tenant_id = %(tenant)s and s.id = m.segment_id
        where m.bucket = %(bucket)s and m.tenant_id = %(tenant)s and m.customer_id = %(id)s and s.archived_at is null and s.tag is null
        order by s.name
        """,
        {"tenant": tx.tenant_id, "bucket": bucket_of(customer_id), "id": customer_id},
    )
