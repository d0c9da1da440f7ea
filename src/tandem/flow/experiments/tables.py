"""Experiments that end by themselves: what was asked of a split, and which arm was adopted."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Mapped, mapped_column

from tandem.kernel.schema import Base, TenantRow


class FlowExperiment(TenantRow, Base):
    """A split of a flow whose winner may be adopted. `adopted_by` null with an `adopted_at`: it was adopted by itself."""

    __tablename__ = "flow_experiment"
    __table_args__ = ({"info": {"kind": "tenant"}},)
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    flow_id: Mapped[UUID] = mapped_column(primary_key=True)
    block: Mapped[str] = mapped_column(primary_key=True)
    automatic: Mapped[bool] = mapped_column(server_default=text("false"))
    each_min: Mapped[int] = mapped_column(server_default="200")
    """People that every arm must have before it may end."""
    adopted_port: Mapped[str | None]
    adopted_at: Mapped[datetime | None]
    adopted_by: Mapped[UUID | None]
    problem: Mapped[str | None]
    """Why adopting failed, as a person reads it; tried again when the flow changes."""
