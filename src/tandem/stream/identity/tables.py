"""Key tables of identity, and what merging people leaves behind so that it can be undone."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Identity, Index, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from tandem.kernel.roles import WORKER, register_sql
from tandem.kernel.schema import Base, CustomerRow, TenantRow


class Identifier(TenantRow, Base):
    """Whom a value names: the one place where identifiers are unique. `origin_id` is whom it was first given to, whatever was merged."""

    __tablename__ = "identifier"
    __table_args__ = (
        Index(None, "tenant_id", "customer_id"),
        {"info": {"kind": "key"}, "postgresql_with": {"fillfactor": 90}},
    )
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    # First in the key: a look-up is decided by it, where kind and scope are nearly always the same.
    value_hash: Mapped[bytes] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    scope: Mapped[str] = mapped_column(primary_key=True)
    customer_id: Mapped[UUID]
    bucket: Mapped[int] = mapped_column(SmallInteger())
    origin_id: Mapped[UUID]
    degree: Mapped[int] = mapped_column(server_default="0")
    """How many records with this value contradicted its owner (another member number, another union id)."""
    demoted: Mapped[bool] = mapped_column(server_default=text("false"))
    """Shared by too many people (a shop's landline): names nobody any more."""


class IdentityPortrait(TenantRow, Base):
    """What one record said of a person, kept by the door so that names may speak before an identifier joins.

    Names are keyed hashes. `origin_id` never changes; `customer_id` is the living customer, as in `identifier`.
    """

    __tablename__ = "identity_portrait"
    __table_args__ = (
        Index(None, "tenant_id", "customer_id"),
        {"info": {"kind": "key"}, "postgresql_with": {"fillfactor": 90}},
    )
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    origin_id: Mapped[UUID] = mapped_column(primary_key=True)
    digest: Mapped[bytes] = mapped_column(primary_key=True)
    customer_id: Mapped[UUID]
    name_hash: Mapped[bytes | None]
    surname_hash: Mapped[bytes | None]
    """None where the name is no real one: a nickname contradicts nobody."""
    gender: Mapped[str | None]
    birthday: Mapped[str | None]
    city: Mapped[str | None]
    district: Mapped[str | None]
    said_at: Mapped[datetime]


class IdentityRules(TenantRow, Base):
    """A tenant's rules of who is who (`stream.identity.rules.Rules`); no row means the defaults."""

    __tablename__ = "identity_rules"
    __table_args__ = ({"info": {"kind": "tenant"}},)
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    rules: Mapped[dict[str, Any]]
    updated_at: Mapped[datetime]
    updated_by: Mapped[UUID | None]


class IdentityModel(TenantRow, Base):
    """The weights that the nightly comparison learnt for a tenant, and how its last night went. Times are machine time."""

    __tablename__ = "identity_model"
    __table_args__ = ({"info": {"kind": "tenant"}},)
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    model: Mapped[dict[str, Any] | None]
    trained_at: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    scored_at: Mapped[datetime | None]
    customers: Mapped[int] = mapped_column(BigInteger(), server_default="0")
    proposed: Mapped[int] = mapped_column(BigInteger(), server_default="0")
    merged: Mapped[int] = mapped_column(BigInteger(), server_default="0")


class MergeCommand(TenantRow, Base):
    """Work filed by the door or a person and done later by a turn that holds the buckets concerned.

    `merge` joins `loser_id` into `survivor_id`; `undo` takes `merge_id` back; `rehome` gives a subject (an order that came before
    its buyer was known) to `survivor_id`.
    """

    __tablename__ = "merge_command"
    __table_args__ = (
        Index(
            None,
            "tenant_id",
            "verb",
            "survivor_id",
            "loser_id",
            unique=True,
            postgresql_where=text("status = 'queued' and verb = 'merge'"),
        ),
        Index(
            "ix_merge_command_queued", "tenant_id", "filed_at", postgresql_where=text("status in ('queued', 'moving')")
        ),
        {"info": {"kind": "tenant"}},
    )
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    verb: Mapped[str]
    survivor_id: Mapped[UUID | None]
    loser_id: Mapped[UUID | None]
    merge_id: Mapped[UUID | None]
    subject_type: Mapped[str | None]
    subject_id: Mapped[UUID | None]
    from_bucket: Mapped[int | None] = mapped_column(SmallInteger())
    origin_id: Mapped[UUID | None]
    forced: Mapped[bool] = mapped_column(server_default=text("false"))
    """A person decided: contradictions were seen and overruled."""
    choices: Mapped[list[str]] = mapped_column(server_default=text("'{}'::text[]"))
    """Fields of which a person chose the merged customer's value."""
    reason: Mapped[str]
    evidence: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"))
    filed_at: Mapped[datetime]
    filed_by: Mapped[UUID | None]
    status: Mapped[str] = mapped_column(server_default="queued")
    """`queued`, `moving` (in slices), `done`, `void` (nothing left to do), `refused` (see `outcome`)."""
    outcome: Mapped[str | None]
    attempts: Mapped[int] = mapped_column(server_default="0")
    """Steps done or waited for, and what failures weigh: whose turn it is, and when a queued one is refused."""
    failures: Mapped[int] = mapped_column(server_default="0")
    """How often it failed since it last got on; to have waited changes nothing."""
    done_at: Mapped[datetime | None]


class CustomerMerge(TenantRow, Base):
    """A merge that happened: an edge of the tree of customers, from the merged one to its survivor, until it is undone."""

    __tablename__ = "customer_merge"
    __table_args__ = (
        Index(None, "tenant_id", "survivor_id", postgresql_where=text("undone_at is null")),
        Index(
            "uq_customer_merge_loser", "tenant_id", "loser_id", unique=True, postgresql_where=text("undone_at is null")
        ),
        {"info": {"kind": "tenant"}},
    )
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger(), Identity(always=True))
    """Order of merging: whose field is borrowed first. Gaps mean nothing."""
    survivor_id: Mapped[UUID]
    loser_id: Mapped[UUID]
    reason: Mapped[str]
    evidence: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"))
    moved_rows: Mapped[int] = mapped_column(BigInteger(), server_default="0")
    choices: Mapped[list[str]] = mapped_column(server_default=text("'{}'::text[]"))
    """Fields of which the survivor shows the merged customer's value though she has one of her own."""
    merged_at: Mapped[datetime]
    merged_by: Mapped[UUID | None]
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[UUID | None]


class MergeReview(TenantRow, Base):
    """Two customers that an identifier joins and another keeps apart: a person decides. `a_id` < `b_id`."""

    __tablename__ = "merge_review"
    __table_args__ = (Index(None, "tenant_id", "status", "filed_at"), {"info": {"kind": "tenant"}})
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    a_id: Mapped[UUID] = mapped_column(primary_key=True)
    b_id: Mapped[UUID] = mapped_column(primary_key=True)
    reason: Mapped[str]
    """What speaks against (`member_no`, `union_id`, `surname`, `shared`, ...; `person.Doubt`), or `likely`: the nightly comparison asks."""
    pattern: Mapped[str] = mapped_column(server_default="")
    """Pairs with one pattern have the same evidence and may be decided together."""
    evidence: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'::jsonb"))
    filed_at: Mapped[datetime]
    status: Mapped[str] = mapped_column(server_default="open")
    """`open`, `merged` or `kept_apart`."""
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[UUID | None]


class DisplacedRow(CustomerRow, Base):
    """A merged customer's row that had no place beside the survivor's own under the same key; an undo puts it back."""

    __tablename__ = "displaced_row"
    __table_args__ = (Index(None, "bucket", "customer_id"), {"info": {"kind": "customer"}})
    bucket: Mapped[int] = mapped_column(SmallInteger(), primary_key=True, autoincrement=False)
    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("tandem_new_id()"))
    table_name: Mapped[str]
    row: Mapped[dict[str, Any]]
    """The whole row; `bucket` and `customer_id` inside it are of no meaning."""


register_sql("""
create or replace function identity_uncompared_tenants() returns table (tenant_id uuid)
language sql stable security definer set search_path = public, pg_temp as $$
  select t.id from tenant as t left join identity_model as m on m.tenant_id = t.id
  where m.scored_at is null or m.scored_at < (date_trunc('day', (now() at time zone t.zone) - interval '3 hours') + interval '3 hours') at time zone t.zone
$$
""")
register_sql("revoke all on function identity_uncompared_tenants() from public")
register_sql(f"grant execute on function identity_uncompared_tenants() to {WORKER}")

# Ids and nothing else, for the worker only: row-level security shows it one tenant at a time.
register_sql("""
create or replace function identity_waiting_tenants() returns table (tenant_id uuid)
language sql stable security definer set search_path = public, pg_temp as $$
  select distinct c.tenant_id from merge_command as c where c.status in ('queued', 'moving')
$$
""")
register_sql("revoke all on function identity_waiting_tenants() from public")
register_sql(f"grant execute on function identity_waiting_tenants() to {WORKER}")
