"""Where visits of nobody wait until somebody on that device says who they are."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from tandem.kernel.schema import Base, Retention, TenantRow

VISITS_KEPT: Final[Retention] = {
    "what": "anonymous_visits",
    "zh": "匿名网站浏览",
    "en": "Anonymous web visits",
    "by": "held_at",
    "days": 30,
    "least": 1,
}


class BeaconVisit(TenantRow, Base):
    """Something done in a browser of which only the device is known. Told as that person's history once the device identifies itself."""

    __tablename__ = "beacon_visit"
    __table_args__ = (
        Index("ix_beacon_visit_device", "tenant_id", "source", "device_hash", "occurred_at"),
        {"info": {"kind": "key", "retention": VISITS_KEPT}},
    )
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(primary_key=True)
    external_id: Mapped[str] = mapped_column(primary_key=True)
    device_hash: Mapped[bytes]
    occurred_at: Mapped[datetime]
    held_at: Mapped[datetime]
    """Machine time."""
    behaviour: Mapped[dict[str, Any]]
    """`{name, properties}`."""
