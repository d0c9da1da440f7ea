"""Tables of insight: what a company spent to win customers."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from tandem.kernel.schema import Base, TenantRow


class SourceSpend(TenantRow, Base):
    """Money spent on a day for a source or a sales channel, in the tenant's own currency, as somebody entered it."""

    __tablename__ = "source_spend"
    __table_args__ = (
        CheckConstraint("amount > 0", name="positive"),
        CheckConstraint("dimension in ('source', 'channel')", name="dimension"),
        Index("ix_source_spend_day", "tenant_id", "dimension", "day", "id"),
        {"info": {"kind": "tenant"}},
    )
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    dimension: Mapped[str]
    key: Mapped[str]
    day: Mapped[date]
    amount: Mapped[Decimal]
    note: Mapped[str]
    created_by: Mapped[UUID | None]
    created_at: Mapped[datetime]
