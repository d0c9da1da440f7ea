"""Tables of referrals: by whom a customer came, and, in her own place, whom a customer brought."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, SmallInteger
from sqlalchemy.orm import Mapped, mapped_column

from tandem.kernel.schema import Base, CustomerRow


class Referral(CustomerRow, Base):
    """By whom a customer came: her own row. `referrer_id` is who that was then; merges since are followed when it is read.

    `came`: has not paid an order yet; `paid`: her first order stands; `known`: she was a customer before, so that it brings nothing.
    """

    __tablename__ = "referral"
    __table_args__ = (
        CheckConstraint("state in ('came', 'paid', 'known')", name="state"),
        CheckConstraint("source in ('campaign', 'staff')", name="source"),
        Index("ix_referral_customer", "tenant_id", "bucket", "customer_id"),
        {"info": {"kind": "customer"}, "postgresql_with": {"fillfactor": 85}},
    )
    bucket: Mapped[int] = mapped_column(SmallInteger(), primary_key=True, autoincrement=False)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    referrer_id: Mapped[UUID]
    source: Mapped[str]
    campaign: Mapped[str]
    state: Mapped[str]
    came_at: Mapped[datetime]
    order_id: Mapped[UUID | None]
    paid_at: Mapped[datetime | None]
    amount: Mapped[Decimal | None]
    """Of the first order, in the tenant's currency; null where no rate is known."""
    version: Mapped[int] = mapped_column(server_default="1")
    """Counts the changes, so that the other side knows the newer of two tellings."""


class ReferralMade(CustomerRow, Base):
    """Whom a customer brought: the row of whoever did it, kept in step by events. `friend_id` is who came, as she was then."""

    __tablename__ = "referral_made"
    __table_args__ = (
        CheckConstraint("state in ('came', 'paid', 'known')", name="state"),
        Index("ix_referral_made_customer", "tenant_id", "bucket", "customer_id", "came_at"),
        {"info": {"kind": "customer"}, "postgresql_with": {"fillfactor": 85}},
    )
    bucket: Mapped[int] = mapped_column(SmallInteger(), primary_key=True, autoincrement=False)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    friend_id: Mapped[UUID]
    campaign: Mapped[str]
    state: Mapped[str]
    came_at: Mapped[datetime]
    paid_at: Mapped[datetime | None]
    amount: Mapped[Decimal | None]
    version: Mapped[int]
