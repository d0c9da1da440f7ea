"""Variants for a time, requests for a second person's word, the limits they follow from, and who has a flow open."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from tandem.kernel.schema import Base, TenantRow

NOW = text("now()")
TENANT_INFO = {"kind": "tenant"}


class FlowVariant(TenantRow, Base):
    """A version that is current for a window of business time; afterwards the everyday version is current again by itself."""

    __tablename__ = "flow_variant"
    __table_args__ = (
        Index(None, "tenant_id", "next_at", postgresql_where=text("next_at is not null")),
        Index(None, "tenant_id", "flow_id"),
        {"info": TENANT_INFO},
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    flow_id: Mapped[UUID]
    version_id: Mapped[UUID]
    name: Mapped[str]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    at_start: Mapped[str]
    """stay | move: what those inside the everyday version do when it begins"""
    at_end: Mapped[str]
    """stay | move | leave: what those inside the variant do when it ends"""
    state: Mapped[str]
    """planned | running | ended | cancelled"""
    everyday_id: Mapped[UUID | None]
    """The version to return to; null until it has begun."""
    next_at: Mapped[datetime | None]
    """When it begins or ends next, in business time."""
    created_by: Mapped[UUID | None]
    created_at: Mapped[datetime] = mapped_column(server_default=NOW)


class FlowApproval(TenantRow, Base):
    """A publishing that waits for a second person. The graph is kept: what is approved is what was asked for."""

    __tablename__ = "flow_approval"
    __table_args__ = (
        Index(None, "tenant_id", "state", "requested_at"),
        Index(None, "tenant_id", "flow_id"),
        {"info": TENANT_INFO},
    )
    id: Mapped[UUID] = mapped_column(primary_key=True)
    flow_id: Mapped[UUID]
    graph: Mapped[dict[str, Any]]
    request: Mapped[dict[str, Any]]
    """running, successors, note; or the variant to plan"""
    weight: Mapped[dict[str, Any]]
    """people, cost, reasons: why a second person is asked"""
    state: Mapped[str]
    """open | approved | rejected | withdrawn"""
    requested_by: Mapped[UUID]
    requested_at: Mapped[datetime] = mapped_column(server_default=NOW)
    decided_by: Mapped[UUID | None]
    decided_at: Mapped[datetime | None]
    comment: Mapped[str] = mapped_column(server_default="")
    version_id: Mapped[UUID | None]


class FlowLimit(TenantRow, Base):
    """From how many people, or how much money, a flow needs a second person's word. Null: never for that reason."""

    __tablename__ = "flow_limit"
    __table_args__ = ({"info": TENANT_INFO},)
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    people_max: Mapped[int | None]
    cost_max: Mapped[Decimal | None]


class FlowHere(TenantRow, Base):
    """Who has a flow open on the canvas: a browser says so every few seconds, in machine time."""

    __tablename__ = "flow_here"
    __table_args__ = ({"info": TENANT_INFO},)
    flow_id: Mapped[UUID] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    editing: Mapped[bool]
    seen_at: Mapped[datetime]
    place: Mapped[dict[str, Any] | None] = mapped_column(JSONB())
    """The block that is selected there: {block}"""
