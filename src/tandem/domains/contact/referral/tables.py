"""Tables of referral campaigns: what is promised, who invites, whom she brought."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, SmallInteger, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from tandem.kernel.roles import WORKER, register_sql
from tandem.kernel.schema import Base, CustomerRow, TenantRow


class ReferralCampaign(TenantRow, Base):
    """Bring friends, get something. `tiers`: `[{"friends": 3, "points": 100, "coupon": null}]`, rising.

    `code` stands in the state of every inviter's code and says whose campaign a new friend belongs to.
    """

    __tablename__ = "referral_campaign"
    __table_args__ = (
        CheckConstraint("status in ('draft', 'running', 'ended')", name="status"),
        CheckConstraint("hold_days between 0 and 90", name="hold_days"),
        UniqueConstraint("tenant_id", "code"),
        UniqueConstraint("tenant_id", "name"),
        {"info": {"kind": "tenant"}},
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    account_id: Mapped[UUID]
    code: Mapped[str]
    name: Mapped[str]
    words: Mapped[str] = mapped_column(server_default="")
    """What the poster says."""
    status: Mapped[str] = mapped_column(server_default="draft")
    ends_at: Mapped[datetime | None]
    members: Mapped[list[str]]
    tiers: Mapped[list[Any]]
    hold_days: Mapped[int] = mapped_column(SmallInteger(), server_default="7")
    """Nothing is given before a friend stayed so long."""
    friends_max: Mapped[int] = mapped_column(server_default="50")
    """Friends of one inviter that count."""
    daily_max: Mapped[int] = mapped_column(server_default="10")
    burst_friends: Mapped[int] = mapped_column(server_default="5")
    burst_minutes: Mapped[int] = mapped_column(server_default="10")
    """So many within so few minutes are looked at by a person."""
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class ReferralInviter(CustomerRow, Base):
    """A customer who invites, and her own code. `rewarded`: the tiers she got."""

    __tablename__ = "referral_inviter"
    __table_args__ = (
        CheckConstraint(
            "code_status in ('wanted', 'making', 'made', 'stuck', 'dropping', 'dropped')", name="code_status"
        ),
        UniqueConstraint("bucket", "campaign_id", "origin_id"),
        Index(
            "ix_referral_inviter_wanted",
            "tenant_id",
            "due_at",
            postgresql_where=text("code_status in ('wanted', 'making', 'stuck', 'dropping')"),
        ),
        Index("ix_referral_inviter_campaign", "tenant_id", "campaign_id", "id"),
        {"info": {"kind": "customer"}, "postgresql_with": {"fillfactor": 80}},
    )
    bucket: Mapped[int] = mapped_column(SmallInteger(), primary_key=True, autoincrement=False)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    campaign_id: Mapped[UUID]
    state: Mapped[str]
    config_id: Mapped[str | None]
    qr_url: Mapped[str | None]
    code_status: Mapped[str] = mapped_column(server_default="wanted")
    due_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    """Machine time: when the platform is asked for her code (again), or to take it away after the campaign."""
    holder: Mapped[UUID | None]
    """The worker that asks; what it learns counts only while it is this one."""
    failures: Mapped[int] = mapped_column(server_default="0")
    problem: Mapped[dict[str, Any] | None]
    rewarded: Mapped[list[int]] = mapped_column(server_default=text("'{}'::smallint[]"))
    began_at: Mapped[datetime]


class ReferralFriend(CustomerRow, Base):
    """Somebody whom an inviter brought; the row is the inviter's. `friend_id` is whom the new friend's own rows were created for.

    `held`: counts once `matures_at` comes; `counted`: stayed; `suspect`: a person decides; `refused`, `left`: does not count.
    """

    __tablename__ = "referral_friend"
    __table_args__ = (
        CheckConstraint("verdict in ('held', 'counted', 'suspect', 'refused', 'left')", name="verdict"),
        Index("ix_referral_friend_due", "bucket", "tenant_id", "matures_at", postgresql_where=text("verdict = 'held'")),
        Index("ix_referral_friend_campaign", "tenant_id", "campaign_id", "joined_at", "id"),
        {"info": {"kind": "customer"}, "postgresql_with": {"fillfactor": 80}},
    )
    bucket: Mapped[int] = mapped_column(SmallInteger(), primary_key=True, autoincrement=False)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    campaign_id: Mapped[UUID]
    friend_id: Mapped[UUID]
    joined_at: Mapped[datetime]
    matures_at: Mapped[datetime]
    verdict: Mapped[str]
    reason: Mapped[str] = mapped_column(server_default="")
    decided_by: Mapped[UUID | None]


register_sql("""
create or replace function referral_wanted_tenants() returns table (tenant_id uuid)
language sql stable security definer set search_path = public, pg_temp as $$
  select distinct i.tenant_id from referral_inviter i where i.code_status in ('wanted', 'making', 'stuck', 'dropping') and i.due_at <= now()
  union select c.tenant_id from referral_campaign c join tenant t on t.id = c.tenant_id
  where c.status = 'running' and c.ends_at <= now() + t.clock_offset
$$
""")
register_sql("revoke all on function referral_wanted_tenants() from public")
register_sql(f"grant execute on function referral_wanted_tenants() to {WORKER}")
