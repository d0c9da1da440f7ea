"""Tables of the radar: readings of people we know, and counts of those we do not."""

from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import Index, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from tandem.kernel.schema import Base, CustomerRow, TenantRow

SHARDS: Final = 16
"""Rows that one day's count of a link is spread over: a text that goes round is opened by many at once."""


class RadarVisit(CustomerRow, Base):
    """One opening of a customer's link. `foreign_hand`: on another device than her first: somebody else's reading. `depth` in per cent."""

    __tablename__ = "radar_visit"
    __table_args__ = (
        Index("ix_radar_visit_material", "tenant_id", "material_id", "opened_at"),
        Index("ix_radar_visit_customer", "tenant_id", "bucket", "customer_id", "material_id"),
        {"info": {"kind": "customer"}, "postgresql_with": {"fillfactor": 80}},
    )
    bucket: Mapped[int] = mapped_column(SmallInteger(), primary_key=True, autoincrement=False)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    material_id: Mapped[UUID]
    member: Mapped[str] = mapped_column(server_default="")
    device: Mapped[str]
    """A keyed hash."""
    foreign_hand: Mapped[bool] = mapped_column(server_default=text("false"))
    opened_at: Mapped[datetime]
    seconds: Mapped[int] = mapped_column(server_default="0")
    depth: Mapped[int] = mapped_column(SmallInteger(), server_default="0")
    has_left: Mapped[bool] = mapped_column(server_default=text("false"))
    liked: Mapped[bool] = mapped_column(server_default=text("false"))
    forwarded: Mapped[bool] = mapped_column(server_default=text("false"))


class RadarCount(TenantRow, Base):
    """Openings by people whom nobody named, by local day."""

    __tablename__ = "radar_count"
    __table_args__ = ({"info": {"kind": "tenant"}, "postgresql_with": {"fillfactor": 70}},)
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    material_id: Mapped[UUID] = mapped_column(primary_key=True)
    member: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    shard: Mapped[int] = mapped_column(SmallInteger(), primary_key=True)
    opened: Mapped[int] = mapped_column(server_default="0")
    finished: Mapped[int] = mapped_column(server_default="0")
    liked: Mapped[int] = mapped_column(server_default="0")
    forwarded: Mapped[int] = mapped_column(server_default="0")
    seconds: Mapped[int] = mapped_column(server_default="0")
