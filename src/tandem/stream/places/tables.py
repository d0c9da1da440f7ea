"""Geofences: areas that a company draws, and asks customers' places about."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Numeric
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from tandem.kernel.schema import Base, TenantRow


class Geofence(TenantRow, Base):
    """An area by the name that expressions ask it by, `within(…, 'geofence:<name>')`; the name never changes, the label may."""

    __tablename__ = "geofence"
    __table_args__ = ({"info": {"kind": "tenant"}},)
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    label: Mapped[str]
    created_at: Mapped[datetime]
    created_by: Mapped[UUID | None]
    updated_at: Mapped[datetime]


class GeofenceRing(TenantRow, Base):
    """One ring of an area: its corners in order, the first not repeated; degrees, WGS-84, to six decimal places."""

    __tablename__ = "geofence_ring"
    __table_args__ = ({"info": {"kind": "tenant"}},)
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    xs: Mapped[list[Decimal]] = mapped_column(ARRAY(Numeric()))
    """Longitudes."""
    ys: Mapped[list[Decimal]] = mapped_column(ARRAY(Numeric()))
    """Latitudes."""
