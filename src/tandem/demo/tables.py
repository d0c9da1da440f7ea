"""Where the demo tenant's next 90 days wait until its clock reaches them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from tandem.kernel.schema import Base, TenantRow


class DemoPending(TenantRow, Base):
    """A record still to come: it goes through the door as a live one when the demo clock reaches `due_at`."""

    __tablename__ = "demo_pending"
    __table_args__ = (Index("ix_demo_pending_due", "tenant_id", "due_at", "external_id"), {"info": {"kind": "tenant"}})
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    external_id: Mapped[str] = mapped_column(primary_key=True)
    due_at: Mapped[datetime]
    record: Mapped[dict[str, Any]]


class DemoPart(TenantRow, Base):
    """A part of the demo that is loaded: a finished one is not repeated, an interrupted one goes on where the door knows nothing yet."""

    __tablename__ = "demo_part"
    __table_args__ = ({"info": {"kind": "tenant"}},)
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    part: Mapped[str] = mapped_column(primary_key=True)
    done_at: Mapped[datetime]
