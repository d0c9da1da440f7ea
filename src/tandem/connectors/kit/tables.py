"""Connector accounts' grants, what is being asked of them, what they wait to fetch, their calls, and their shares of platforms' limits."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from tandem.kernel.roles import WORKER, register_sql
from tandem.kernel.schema import Base, TenantRow

_QUEUE = {"fillfactor": 70}


class ConnectorGrant(TenantRow, Base):
    """What an account was authorised with. Tokens are sealed under a data key of their own.

    One process refreshes at a time: it holds the row's claim (`refresher` until `refreshing_until`); `generation` counts the tokens so far.
    """

    __tablename__ = "connector_grant"
    __table_args__ = (
        CheckConstraint("state in ('new', 'authorised', 'refused')", name="state"),
        {"info": {"kind": "tenant"}, "postgresql_with": _QUEUE},
    )
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(server_default="new")
    key_enc: Mapped[bytes | None]
    access_enc: Mapped[bytes | None]
    refresh_enc: Mapped[bytes | None]
    expires_at: Mapped[datetime | None]
    refresh_expires_at: Mapped[datetime | None]
    facts: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"))
    generation: Mapped[int] = mapped_column(server_default="0")
    refresher: Mapped[UUID | None]
    refreshing_until: Mapped[datetime | None]
    nonce: Mapped[str | None]
    """What the platform must bring back when somebody authorises: ties the answer to who asked."""
    problem: Mapped[dict[str, Any] | None]
    updated_at: Mapped[datetime] = mapped_column(server_default=text("now()"))


class ConnectorTask(TenantRow, Base):
    """Something an account is asked for: what is new (`live`), its past (`backfill`), or once more what pushes may have missed (`sweep`).

    `at` is how far it has come; a window that was begun (`until`) goes on at its `page`. Held by one worker until `leased_until`.
    """

    __tablename__ = "connector_task"
    __table_args__ = (
        CheckConstraint("purpose in ('live', 'backfill', 'sweep', 'queue')", name="purpose"),
        Index("ix_connector_task_next", "tenant_id", "next_at", postgresql_where=text("done_at is null")),
        {"info": {"kind": "tenant"}, "postgresql_with": _QUEUE},
    )
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    resource: Mapped[str] = mapped_column(primary_key=True)
    purpose: Mapped[str] = mapped_column(primary_key=True)
    started_from: Mapped[datetime]
    at: Mapped[datetime]
    until: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]
    page: Mapped[str | None]
    next_at: Mapped[datetime]
    leased_until: Mapped[datetime | None]
    holder: Mapped[UUID | None]
    failures: Mapped[int] = mapped_column(server_default="0")
    problem: Mapped[dict[str, Any] | None]
    last_ok_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    pages: Mapped[int] = mapped_column(server_default="0")
    records: Mapped[int] = mapped_column(BigInteger(), server_default="0")
    found: Mapped[int] = mapped_column(BigInteger(), server_default="0")
    """Records that nobody had brought before: of a sweep, what pushes missed."""


class ConnectorWant(TenantRow, Base):
    """A thing that a push named and that is still to be fetched. Named again, it is fetched once."""

    __tablename__ = "connector_want"
    __table_args__ = (
        Index("ix_connector_want_next", "tenant_id", "next_at"),
        {"info": {"kind": "tenant"}, "postgresql_with": _QUEUE},
    )
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(primary_key=True)
    resource: Mapped[str] = mapped_column(primary_key=True)
    external_id: Mapped[str] = mapped_column(primary_key=True)
    asked: Mapped[int] = mapped_column(server_default="1")
    """How often it was named: what came while it was being fetched is fetched again."""
    next_at: Mapped[datetime]
    failures: Mapped[int] = mapped_column(server_default="0")
    problem: Mapped[dict[str, Any] | None]
    asked_at: Mapped[datetime]


class ConnectorPlace(TenantRow, Base):
    """Up to where a feed was read (messages of an account of customer service): written with what was read."""

    __tablename__ = "connector_place"
    __table_args__ = ({"info": {"kind": "tenant"}, "postgresql_with": _QUEUE},)
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    resource: Mapped[str] = mapped_column(primary_key=True)
    feed: Mapped[str] = mapped_column(primary_key=True)
    place: Mapped[str]
    updated_at: Mapped[datetime] = mapped_column(server_default=text("now()"))


class ConnectorTraffic(TenantRow, Base):
    """A call to a platform as it went out and came back: secrets masked, sealed under the day's key."""

    __tablename__ = "connector_traffic"
    __table_args__ = (
        Index("ix_connector_traffic_account", "tenant_id", "account_id", "at"),
        {
            "info": {
                "kind": "tenant",
                "retention": {
                    "what": "connector_traffic",
                    "zh": "平台接口报文",
                    "en": "Calls to platforms",
                    "by": "at",
                    "days": 7,
                    "least": 1,
                },
            }
        },
    )
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID]
    at: Mapped[datetime]
    operation: Mapped[str]
    status: Mapped[int | None]
    failure: Mapped[str | None]
    took_ms: Mapped[int]
    text_enc: Mapped[bytes]


class ConnectorBucket(TenantRow, Base):
    """The tokens left of one limit of one account, shared by every worker. `blocked_until`: the platform said to wait."""

    __tablename__ = "connector_bucket"
    __table_args__ = ({"info": {"kind": "tenant"}, "postgresql_with": {"fillfactor": 50}},)
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    operation: Mapped[str] = mapped_column(primary_key=True)
    tokens: Mapped[float]
    filled_at: Mapped[datetime]
    blocked_until: Mapped[datetime | None]


# Ids and nothing else: which tenants have something to ask or to fetch.
register_sql("""
create or replace function connector_due_tenants() returns table (tenant_id uuid)
language sql stable security definer set search_path = public, pg_temp as $$
  select t.tenant_id from connector_task t where t.done_at is null and t.next_at <= now() and (t.leased_until is null or t.leased_until <= now())
  union select w.tenant_id from connector_want w where w.next_at <= now()
$$
""")
register_sql("revoke all on function connector_due_tenants() from public")
register_sql(f"grant execute on function connector_due_tenants() to {WORKER}")


class ReceiverOpening(TenantRow, Base):
    """Somebody opened the receiver of an order: who, when, what for, and how it went; never what was seen. Machine time."""

    __tablename__ = "receiver_opening"
    __table_args__ = (
        Index("ix_receiver_opening_day", "tenant_id", "account_id", "at"),
        Index("ix_receiver_opening_order", "tenant_id", "order_id", "at"),
        CheckConstraint("purpose in ('ship', 'after_sale')", name="purpose"),
        {"info": {"kind": "tenant"}},
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID]
    order_id: Mapped[UUID]
    user_id: Mapped[UUID | None]
    purpose: Mapped[str]
    at: Mapped[datetime]
    outcome: Mapped[str | None]


class StockPush(TenantRow, Base):
    """A count to be set at a platform: by a person, who waits for it, or by a flow's block. Of several for one item the latest counts.

    `due_at`, `leased_until`, `created_at`, `done_at` are machine time.
    """

    __tablename__ = "stock_push"
    __table_args__ = (
        CheckConstraint("state in ('waiting', 'asking', 'done', 'refused', 'overtaken')", name="state"),
        CheckConstraint("quantity between 0 and 1000000000", name="quantity"),
        UniqueConstraint("tenant_id", "run_id", "block", "visit"),
        Index("ix_stock_push_due", "tenant_id", "due_at", postgresql_where=text("state in ('waiting', 'asking')")),
        Index("ix_stock_push_item", "tenant_id", "item_id", "created_at"),
        {
            "info": {
                "kind": "tenant",
                "retention": {
                    "what": "stock_pushes",
                    "zh": "向店铺发布库存的记录",
                    "en": "Stock set at shops",
                    "by": "created_at",
                    "days": 180,
                    "least": 30,
                    "where": "state in ('done', 'refused', 'overtaken')",
                },
            },
            "postgresql_with": _QUEUE,
        },
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    item_id: Mapped[UUID]
    quantity: Mapped[int]
    user_id: Mapped[UUID | None]
    run_id: Mapped[UUID | None]
    block: Mapped[str | None]
    visit: Mapped[int | None]
    state: Mapped[str] = mapped_column(server_default="waiting")
    problem: Mapped[dict[str, Any] | None]
    failures: Mapped[int] = mapped_column(server_default="0")
    due_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    leased_until: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    done_at: Mapped[datetime | None]


register_sql("""
create or replace function stock_push_tenants() returns table (tenant_id uuid)
language sql stable security definer set search_path = public, pg_temp as $$
  select distinct p.tenant_id from stock_push p where p.state in ('waiting', 'asking') and p.due_at <= now()
$$
""")
register_sql("revoke all on function stock_push_tenants() from public")
register_sql(f"grant execute on function stock_push_tenants() to {WORKER}")
