"""Tables of the door: what arrived, what of it is new, what waits, and what could not be understood."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, LargeBinary, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from tandem.kernel.roles import DOOR, WORKER, register_sql
from tandem.kernel.schema import Base, TenantRow


class IntakeKey(TenantRow, Base):
    """One row per record ever received: what makes redelivery harmless. The same id with another payload is the next version."""

    __tablename__ = "intake_key"
    __table_args__ = ({"info": {"kind": "key"}, "postgresql_with": {"fillfactor": 90}},)
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(primary_key=True)
    external_id: Mapped[str] = mapped_column(primary_key=True)
    payload_hash: Mapped[bytes]
    version: Mapped[int] = mapped_column(server_default="1")
    received_at: Mapped[datetime]


class Intake(TenantRow, Base):
    """The raw envelope as it came, sealed under the day's key; dropped by the day when its time is over."""

    __tablename__ = "intake"
    __table_args__ = (
        {"info": {"kind": "tenant", "partition": {"by": "received_at", "every": "day", "back": 1, "ahead": 35}}},
    )
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    received_at: Mapped[datetime] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    source: Mapped[str]
    external_id: Mapped[str]
    kind: Mapped[str]
    version: Mapped[int]
    mode: Mapped[int] = mapped_column(SmallInteger())
    occurred_at: Mapped[datetime]
    payload_enc: Mapped[bytes]


class IntakeDayKey(TenantRow, Base):
    """The data key of one day's raw envelopes and quarantined records; destroying it erases them."""

    __tablename__ = "intake_day_key"
    __table_args__ = ({"info": {"kind": "key"}},)
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    key_enc: Mapped[bytes]


class IntakePending(TenantRow, Base):
    """A received envelope that is not resolved yet: the webhook was answered, its meaning still has to be found."""

    __tablename__ = "intake_pending"
    __table_args__ = ({"info": {"kind": "tenant"}, "postgresql_with": {"autovacuum_vacuum_scale_factor": 0.01}},)
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    received_at: Mapped[datetime] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)


class EntityKey(TenantRow, Base):
    """A thing that outside systems name (an order, a refund): whose it is now and what was already said about it.

    Locked while a record about it is resolved, so that `order.paid` comes out once however often and in whatever order it is told.
    """

    __tablename__ = "entity_key"
    __table_args__ = ({"info": {"kind": "key"}, "postgresql_with": {"fillfactor": 75}},)
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    # First in the key: a look-up is decided by it, where source and kind are nearly always the same.
    entity_id: Mapped[str] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    subject_id: Mapped[UUID]
    bucket: Mapped[int] = mapped_column(SmallInteger())
    customer_id: Mapped[UUID | None]
    """The owner when it was last looked at; followed through merges by `origin_id`."""
    origin_id: Mapped[UUID | None]
    modified_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(server_default="0")
    marks: Mapped[list[str]] = mapped_column(server_default=text("'{}'"))
    """Names of the events that come out once and did: `placed`, `paid`."""
    shop: Mapped[str | None]
    """Code of the shop that was named while nobody was known to own the thing: whose it is until then."""


class Quarantine(TenantRow, Base):
    """A record the door could not understand: kept whole, with its reasons, until somebody mends the cause and replays it."""

    __tablename__ = "quarantine"
    __table_args__ = (Index(None, "tenant_id", "status", "id"), {"info": {"kind": "tenant"}})
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    source: Mapped[str]
    external_id: Mapped[str]
    kind: Mapped[str]
    mode: Mapped[int] = mapped_column(SmallInteger())
    occurred_at: Mapped[datetime | None]
    payload_enc: Mapped[bytes] = mapped_column(LargeBinary())
    key_day: Mapped[date]
    problems: Mapped[list[Any]]
    """[{where, zh, en}]"""
    schema_version: Mapped[str]
    received_at: Mapped[datetime]
    status: Mapped[str] = mapped_column(server_default="open")
    """`open` or `replayed`."""
    attempts: Mapped[int] = mapped_column(server_default="0")
    replayed_at: Mapped[datetime | None]
    verified: Mapped[bool] = mapped_column(server_default=text("false"))
    """Whether it came with a delivery whose sender was verified and says what it said then: mended, it is ours."""


# Ids and nothing else: row-level security shows the door one tenant at a time.
register_sql("""
create or replace function door_waiting_tenants() returns table (tenant_id uuid)
language sql stable security definer set search_path = public, pg_temp as $$
  select distinct p.tenant_id from intake_pending as p
$$
""")
register_sql("revoke all on function door_waiting_tenants() from public")
register_sql(f"grant execute on function door_waiting_tenants() to {DOOR}, {WORKER}")
