"""Source accounts, how their pulling stands, and what is counted of them."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from tandem.kernel.roles import DOOR, WORKER, register_sql
from tandem.kernel.schema import Base, Retention, TenantRow

COUNTS_KEPT: Final[Retention] = {
    "what": "intake_counts",
    "zh": "接入计数",
    "en": "Intake counts",
    "by": "minute",
    "days": 30,
    "least": 2,
}


class SourceAccount(TenantRow, Base):
    """One outside account that sends or is asked: a shop on a platform, a till system, a web site.

    `source` is what its records are called by at the door, one account each. Its secret is sealed under a data key of its own.
    """

    __tablename__ = "source_account"
    __table_args__ = (
        CheckConstraint("status in ('active', 'paused')", name="status"),
        Index("uq_source_account_source", "tenant_id", "source", unique=True),
        {"info": {"kind": "tenant"}},
    )
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    connector: Mapped[str]
    source: Mapped[str]
    name: Mapped[str]
    status: Mapped[str] = mapped_column(server_default="active")
    config: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"))
    mapping: Mapped[dict[str, Any] | None]
    key_enc: Mapped[bytes]
    secret_enc: Mapped[bytes]
    lag_seconds_max: Mapped[int] = mapped_column(server_default="3600")
    """An alert is shown when records come later than this after they happened."""
    failure_percent_max: Mapped[int] = mapped_column(server_default="5")
    silent_minutes_max: Mapped[int | None]
    """An alert is shown when nothing has come for so long; null: silence is no fault."""
    secret_expires_at: Mapped[datetime | None]
    """When what the other side gave us ends, as somebody entered it; a week before, an alert is shown. Machine time."""
    created_by: Mapped[UUID | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class SourcePoll(TenantRow, Base):
    """How far an account that is asked has been read. Held by one worker at a time until `leased_until`. Machine time."""

    __tablename__ = "source_poll"
    __table_args__ = ({"info": {"kind": "tenant"}, "postgresql_with": {"fillfactor": 70}},)
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    cursor: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"))
    next_at: Mapped[datetime]
    leased_until: Mapped[datetime | None]
    holder: Mapped[UUID | None]
    failures: Mapped[int] = mapped_column(server_default="0")
    last_ok_at: Mapped[datetime | None]
    last_problem: Mapped[str | None]
    lag_seconds: Mapped[int | None]
    """How far behind now the newest record read was, when it was read."""
    records: Mapped[int] = mapped_column(BigInteger(), server_default="0")


class IntakeTally(TenantRow, Base):
    """What one process saw of a source in one minute and no other table knows. A row per writer: nobody waits for anybody's row."""

    __tablename__ = "intake_tally"
    __table_args__ = ({"info": {"kind": "tenant", "retention": COUNTS_KEPT}},)
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    minute: Mapped[datetime] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(primary_key=True)
    writer: Mapped[UUID] = mapped_column(primary_key=True)
    unverified: Mapped[int] = mapped_column(server_default="0")
    throttled: Mapped[int] = mapped_column(server_default="0")
    refused: Mapped[int] = mapped_column(server_default="0")
    records: Mapped[int] = mapped_column(server_default="0")
    lag_seconds_sum: Mapped[int] = mapped_column(BigInteger(), server_default="0")
    lag_seconds_max: Mapped[int] = mapped_column(server_default="0")


class IntakeMinute(TenantRow, Base):
    """How many envelopes of a source came in one minute, how late, and how many were put aside: summed from the envelopes themselves."""

    __tablename__ = "intake_minute"
    __table_args__ = ({"info": {"kind": "tenant", "retention": COUNTS_KEPT}},)
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    minute: Mapped[datetime] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(primary_key=True)
    received: Mapped[int]
    live: Mapped[int]
    quarantined: Mapped[int]
    lag_seconds_sum: Mapped[int] = mapped_column(BigInteger())
    lag_seconds_max: Mapped[int]


# Ids and nothing else: a call at the door names an account, and row-level security asks for its tenant first.
register_sql("""
create or replace function source_account_tenant(account uuid) returns table (tenant_id uuid)
language sql stable security definer set search_path = public, pg_temp as $$
  select a.tenant_id from source_account a where a.id = account
$$
""")
register_sql("revoke all on function source_account_tenant(uuid) from public")
register_sql(f"grant execute on function source_account_tenant(uuid) to {DOOR}, {WORKER}")
register_sql("""
create or replace function source_due_tenants() returns table (tenant_id uuid)
language sql stable security definer set search_path = public, pg_temp as $$
  select distinct p.tenant_id from source_poll p where p.next_at <= now() and (p.leased_until is null or p.leased_until <= now())
$$
""")
register_sql("revoke all on function source_due_tenants() from public")
register_sql(f"grant execute on function source_due_tenants() to {WORKER}")
register_sql("""
create or replace function source_counting_tenants() returns table (tenant_id uuid)
language sql stable security definer set search_path = public, pg_temp as $$ select id from tenant $$
""")
register_sql("revoke all on function source_counting_tenants() from public")
register_sql(f"grant execute on function source_counting_tenants() to {WORKER}")
