"""Limits of a flow, and the early warnings raised about it."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from tandem.kernel.schema import Base, TenantRow


class FlowGuard(TenantRow, Base):
    """What a flow may not exceed: it is paused and an alert raised. Null: what holds for all the tenant's flows (the row whose flow is
    `alerts.limits.EVERY_FLOW`), else the installation's default.
    """

    __tablename__ = "flow_guard"
    __table_args__ = ({"info": {"kind": "tenant"}},)
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    flow_id: Mapped[UUID] = mapped_column(primary_key=True)
    runs_per_hour: Mapped[int | None]
    runs_inside: Mapped[int | None]
    effects_per_minute: Mapped[int | None]
    cost_per_day: Mapped[Decimal | None]
    stuck_hours: Mapped[int | None]
    steps_per_run: Mapped[int | None]
    updated_at: Mapped[datetime]
    updated_by: Mapped[UUID | None]


class FlowAlert(TenantRow, Base):
    """Something wrong with a flow. One stays open per flow, kind and block; it closes by itself when it is over, or by hand."""

    __tablename__ = "flow_alert"
    __table_args__ = (
        Index(
            "ix_flow_alert_open",
            "tenant_id",
            "flow_id",
            "kind",
            "block",
            unique=True,
            postgresql_where=text("closed_at is null"),
        ),
        Index(None, "tenant_id", "id"),
        {
            "info": {
                "kind": "tenant",
                "retention": {
                    "what": "flow_alerts",
                    "zh": "流程预警记录",
                    "en": "Closed alerts of flows",
                    "by": "closed_at",
                    "days": 400,
                    "least": 30,
                },
            },
        },
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    flow_id: Mapped[UUID]
    kind: Mapped[str]
    """stall | overdue | failures | refusals | runaway | surge | crowded | effects | cost | slow | left_out | unjudged"""
    block: Mapped[str] = mapped_column(server_default="")
    at: Mapped[datetime]
    seen_at: Mapped[datetime]
    """When it was last found still so; business time, as `at`."""
    n: Mapped[int]
    detail: Mapped[dict[str, Any]]
    paused: Mapped[bool] = mapped_column(server_default=text("false"))
    """The flow was paused because of it."""
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[UUID | None]
