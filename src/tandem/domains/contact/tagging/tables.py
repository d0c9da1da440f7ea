"""Tables of tags both ways: groups and tags as platforms have them, who has which there, and what was set back."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, SmallInteger, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from tandem.kernel.roles import WORKER, register_sql
from tandem.kernel.schema import Base, CustomerRow, TenantRow

_QUEUE: Final = {"fillfactor": 70}


class TagAccount(TenantRow, Base):
    """One account's tags: the platform's limits as data, when its list and its advisers' friends are read. Machine time.

    `met_at`: since when every adviser's friends were compared once; before that nothing is taken away on either side.
    """

    __tablename__ = "tag_account"
    __table_args__ = ({"info": {"kind": "tenant"}, "postgresql_with": _QUEUE},)
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    tags_max: Mapped[int] = mapped_column(server_default="3000")
    name_max: Mapped[int] = mapped_column(server_default="30")
    group_name_max: Mapped[int] = mapped_column(server_default="15")
    due_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    read_at: Mapped[datetime | None]
    met_at: Mapped[datetime | None]
    leased_until: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(server_default="0")
    problem: Mapped[dict[str, Any] | None]


class PlatformTagGroup(TenantRow, Base):
    """A group of tags. `wins`: whose word holds. `last`: whoever spoke last; `ours`, `platform`: the other's change is set back; `off`."""

    __tablename__ = "platform_tag_group"
    __table_args__ = (
        CheckConstraint("wins in ('last', 'ours', 'platform', 'off')", name="wins"),
        UniqueConstraint("tenant_id", "account_id", "name"),
        {"info": {"kind": "tenant"}},
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID]
    group_id: Mapped[str | None]
    """None: not made there yet, or gone with its last tag."""
    name: Mapped[str]
    place: Mapped[int] = mapped_column(server_default="0")
    wins: Mapped[str] = mapped_column(server_default="last")


class PlatformTag(TenantRow, Base):
    """A tag there and the tag of ours that it is. `wanted`: to be made there; `gone`: taken away there; `ended`: taken away here."""

    __tablename__ = "platform_tag"
    __table_args__ = (
        CheckConstraint("status in ('there', 'wanted', 'gone', 'ended')", name="status"),
        UniqueConstraint("tenant_id", "account_id", "tag"),
        UniqueConstraint("tenant_id", "group_row", "name"),
        {"info": {"kind": "tenant"}},
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID]
    group_row: Mapped[UUID]
    tag_id: Mapped[str | None]
    name: Mapped[str]
    tag: Mapped[str]
    place: Mapped[int] = mapped_column(server_default="0")
    status: Mapped[str] = mapped_column(server_default="there")
    told_to: Mapped[int | None]
    """How many buckets it was told in to the advisers of who has it here; None: there is nothing to tell."""
    problem: Mapped[dict[str, Any] | None]


class FriendTag(CustomerRow, Base):
    """Whether an adviser's customer has a tag there (`there`), and what is still to be told the platform (`wanted`; None: nothing).

    `known_at`: the moment of which `there` is true: what was read before it says nothing new. Times are the machine's.
    """

    __tablename__ = "friend_tag"
    __table_args__ = (
        Index("ix_friend_tag_customer", "tenant_id", "bucket", "customer_id"),
        Index("ix_friend_tag_due", "tenant_id", "account_id", "due_at", postgresql_where=text("wanted is not null")),
        Index("ix_friend_tag_label", "tenant_id", "label_id"),
        {"info": {"kind": "customer"}, "postgresql_with": {"fillfactor": 80}},
    )
    bucket: Mapped[int] = mapped_column(SmallInteger(), primary_key=True, autoincrement=False)
    friendship_id: Mapped[UUID] = mapped_column(primary_key=True)
    label_id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID]
    there: Mapped[bool]
    known_at: Mapped[datetime]
    wanted: Mapped[bool | None]
    due_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(server_default="0")
    problem: Mapped[dict[str, Any] | None]


class TagConflict(CustomerRow, Base):
    """A change that was set back because the other side's word holds. `ours`: whether she had the tag here."""

    __tablename__ = "tag_conflict"
    __table_args__ = (
        CheckConstraint("kept in ('ours', 'platform')", name="kept"),
        Index("ix_tag_conflict_at", "tenant_id", "at", "id"),
        {
            "info": {
                "kind": "customer",
                "retention": {
                    "what": "tag_conflicts",
                    "zh": "标签冲突记录",
                    "en": "Conflicts of tags",
                    "by": "at",
                    "days": 90,
                    "least": 1,
                },
            }
        },
    )
    bucket: Mapped[int] = mapped_column(SmallInteger(), primary_key=True, autoincrement=False)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    label_id: Mapped[UUID]
    member: Mapped[str]
    at: Mapped[datetime]
    ours: Mapped[bool]
    kept: Mapped[str]


class FriendWalk(TenantRow, Base):
    """When an adviser's friends are compared next with what we know, and what came of the last time. Machine time."""

    __tablename__ = "friend_walk"
    __table_args__ = (
        Index("ix_friend_walk_due", "tenant_id", "due_at"),
        {"info": {"kind": "tenant"}, "postgresql_with": _QUEUE},
    )
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID] = mapped_column(primary_key=True)
    member: Mapped[str] = mapped_column(primary_key=True)
    due_at: Mapped[datetime]
    leased_until: Mapped[datetime | None]
    read_at: Mapped[datetime | None]
    friends: Mapped[int | None]
    lost: Mapped[int | None]
    """Whom we thought her friend and who is not any more, as the last time told."""
    held: Mapped[bool] = mapped_column(server_default=text("false"))
    """So many at once were missing that nobody is called lost before somebody says so."""
    trusted: Mapped[bool] = mapped_column(server_default=text("false"))
    failures: Mapped[int] = mapped_column(server_default="0")
    problem: Mapped[dict[str, Any] | None]


# Ids and nothing else: which tenants have tags to read or to tell, or advisers' friends to compare.
register_sql("""
create or replace function contact_tagging_tenants(connectors text[]) returns table (tenant_id uuid)
language sql stable security definer set search_path = public, pg_temp as $$
  select a.tenant_id from tag_account a where a.due_at <= now() and (a.leased_until is null or a.leased_until <= now())
  union select f.tenant_id from friend_tag f where f.wanted is not null and f.due_at <= now()
  union select p.tenant_id from platform_tag p where p.status = 'wanted' or (p.status = 'there' and p.told_to is not null)
  union select w.tenant_id from friend_walk w where w.due_at <= now() and (w.leased_until is null or w.leased_until <= now())
  union select s.tenant_id from source_account s where s.connector = any(connectors) and s.status = 'active'
    and not exists (select from tag_account a where a.tenant_id = s.tenant_id and a.account_id = s.id)
$$
""")
register_sql("revoke all on function contact_tagging_tenants(text[]) from public")
register_sql(f"grant execute on function contact_tagging_tenants(text[]) to {WORKER}")
