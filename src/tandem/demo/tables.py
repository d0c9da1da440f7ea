"""Where the demo tenant's next 90 days wait until its clock reaches them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Index
from sqlalchemy.orm import Mapped, mapped_column

from tandem.kernel.schema import Base, TenantRow


class DemoPending(TenantRow, Base):
    """A record still to come: filed at the door as a live one when the demo clock passes `due_at`. `position` keeps the data's own order."""

    __tablename__ = "demo_pending"
    __table_args__ = (Index("ix_demo_pending_due", "tenant_id", "due_at", "position"), {"info": {"kind": "tenant"}})
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(BigInteger(), primary_key=True, autoincrement=False)
    due_at: Mapped[datetime]
    record: Mapped[dict[str, Any]]


class DemoState(TenantRow, Base):
    """How far the demo's import has come, so that an interrupted one goes on and a finished one is not repeated."""

    __tablename__ = "demo_state"
    __table_args__ = ({"info": {"kind": "tenant"}},)
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    part: Mapped[str] = mapped_column(primary_key=True)
    done_at: Mapped[datetime]
