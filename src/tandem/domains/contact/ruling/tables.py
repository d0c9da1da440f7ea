"""Tables of rules on words as platforms hold them."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import CheckConstraint, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from tandem.kernel.roles import WORKER, register_sql
from tandem.kernel.schema import Base, TenantRow

_QUEUE: Final = {"fillfactor": 70}


class InterceptAccount(TenantRow, Base):
    """Whether an account's advisers are to be held to the words too, and the platform's limits. `seen`: what it holds now."""

    __tablename__ = "intercept_account"
    __table_args__ = ({"info": {"kind": "tenant"}, "postgresql_with": _QUEUE},)
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    enabled: Mapped[bool]
    levels: Mapped[list[str]] = mapped_column(server_default=text("'{block,warn}'::text[]"))
    """Which of the words stand there."""
    semantics: Mapped[list[str]] = mapped_column(server_default=text("'{}'::text[]"))
    """What is looked for there beside words: `phone`, `email`, `red_packet`."""
    words_max: Mapped[int] = mapped_column(server_default="300")
    word_max: Mapped[int] = mapped_column(server_default="32")
    seen: Mapped[str] = mapped_column(server_default="")
    due_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    leased_until: Mapped[datetime | None]
    read_at: Mapped[datetime | None]
    skipped: Mapped[int] = mapped_column(server_default="0")
    """Words that are too long for the platform."""
    failures: Mapped[int] = mapped_column(server_default="0")
    problem: Mapped[dict[str, Any] | None]


class InterceptRule(TenantRow, Base):
    """One rule there: so many words of one level, for these advisers."""

    __tablename__ = "intercept_rule"
    __table_args__ = (CheckConstraint("level in ('block', 'warn')", name="level"), {"info": {"kind": "tenant"}})
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    level: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(SmallInteger(), primary_key=True)
    rule_id: Mapped[str]
    digest: Mapped[str]
    members: Mapped[list[str]]
    words: Mapped[int]


# Ids and nothing else: which tenants have rules to keep.
register_sql("""
create or replace function contact_ruling_tenants() returns table (tenant_id uuid)
language sql stable security definer set search_path = public, pg_temp as $$
  select distinct a.tenant_id from intercept_account a
  where (a.enabled or exists (select from intercept_rule r where r.tenant_id = a.tenant_id and r.account_id = a.account_id))
    and (a.leased_until is null or a.leased_until <= now())
$$
""")
register_sql("revoke all on function contact_ruling_tenants() from public")
register_sql(f"grant execute on function contact_ruling_tenants() to {WORKER}")
