"""Who is told what, what is still to be told, and every attempt that was made."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import CheckConstraint, Computed, Index, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from tandem.kernel.roles import register_sql
from tandem.kernel.schema import Base, BucketRow, TenantRow

# Rows come, change state twice and are done with: vacuum comes by dead rows (ENGINE_RULES 3).
_QUEUE: Final = {"fillfactor": 80, "autovacuum_vacuum_scale_factor": 0.02, "autovacuum_vacuum_threshold": 1000}


class Webhook(TenantRow, Base):
    """A subscription. Secrets are sealed under a data key of their own; during a rotation the old one signs beside the new."""

    __tablename__ = "webhook"
    __table_args__ = (
        CheckConstraint("status in ('active', 'paused', 'disabled')", name="status"),
        Index(None, "tenant_id", "created_at", "id"),
        {"info": {"kind": "tenant"}},
    )
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    url: Mapped[str]
    event_types: Mapped[list[str]]
    """Names of event types, or `*` alone for every one."""
    filter: Mapped[str] = mapped_column(server_default="")
    """An expression over `event` and `customer`; empty lets everything through."""
    include_personal: Mapped[bool] = mapped_column(server_default=text("false"))
    status: Mapped[str] = mapped_column(server_default="active")
    disabled_reason: Mapped[str | None]
    key_enc: Mapped[bytes]
    secret_enc: Mapped[bytes]
    old_secret_enc: Mapped[bytes | None]
    old_secret_until: Mapped[datetime | None]
    """Machine time."""
    failing_since: Mapped[datetime | None]
    """Machine time of the first failure since the last success."""
    last_success_at: Mapped[datetime | None]
    created_by: Mapped[UUID | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class WebhookDelivery(BucketRow, Base):
    """One event on its way to one subscription, with its body as first written: every attempt sends the same bytes.

    Lives in the bucket of the event's customer (or subject), follows her through merges and goes with her erasure. Times but
    `occurred_at` are machine time. A row that a sender holds is `sending` until `next_at`, then anybody's again.
    """

    __tablename__ = "webhook_delivery"
    __table_args__ = (
        CheckConstraint("status in ('pending', 'sending', 'delivered', 'dead')", name="status"),
        Index(
            "ix_webhook_delivery_due", "tenant_id", "next_at", postgresql_where=text("status in ('pending', 'sending')")
        ),
        Index(
            "ix_webhook_delivery_order",
            "bucket",
            "owner_id",
            "webhook_id",
            "occurred_at",
            "id",
            postgresql_where=text("status in ('pending', 'sending')"),
        ),
        Index("ix_webhook_delivery_log", "tenant_id", "webhook_id", "filed_at", "id"),
        {"info": {"kind": "subject"}, "postgresql_with": _QUEUE},
    )
    bucket: Mapped[int] = mapped_column(SmallInteger(), primary_key=True, autoincrement=False)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    """Derived from subscription and event, and what the receiver sees as `webhook-id`: filing and sending twice are harmless."""
    webhook_id: Mapped[UUID]
    event_id: Mapped[UUID]
    customer_id: Mapped[UUID | None]
    origin_id: Mapped[UUID | None]
    subject_id: Mapped[UUID | None]
    owner_id: Mapped[UUID] = mapped_column(Computed("coalesce(customer_id, subject_id)", persisted=True))
    type: Mapped[str]
    occurred_at: Mapped[datetime]
    body: Mapped[str]
    status: Mapped[str] = mapped_column(server_default="pending")
    attempts: Mapped[int] = mapped_column(server_default="0")
    filed_at: Mapped[datetime]
    next_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    last_code: Mapped[int | None]
    last_problem: Mapped[str | None]


class WebhookAttempt(BucketRow, Base):
    """One attempt: what was answered and how long it took. `answer` is the beginning of the receiver's body."""

    __tablename__ = "webhook_attempt"
    __table_args__ = (
        Index("ix_webhook_attempt_age", "tenant_id", "at"),
        {"info": {"kind": "subject"}},
    )
    bucket: Mapped[int] = mapped_column(SmallInteger(), primary_key=True, autoincrement=False)
    delivery_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    customer_id: Mapped[UUID | None]
    origin_id: Mapped[UUID | None]
    subject_id: Mapped[UUID | None]
    at: Mapped[datetime]
    code: Mapped[int | None]
    milliseconds: Mapped[int]
    problem: Mapped[str | None]
    answer: Mapped[str | None]


# Ids and nothing else, for the worker only: row-level security shows it one tenant at a time.
register_sql("""
create or replace function webhook_due_tenants() returns table (tenant_id uuid)
language sql stable security definer set search_path = public, pg_temp as $$
  select distinct d.tenant_id from webhook_delivery d where d.status in ('pending', 'sending') and d.next_at <= now()
$$
""")
register_sql("revoke all on function webhook_due_tenants() from public")
register_sql("grant execute on function webhook_due_tenants() to tandem_worker")
