"""What the geofence routes take and answer."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, Field

from tandem.access.shapes import Body, Label

GeoJson = Annotated[
    dict[str, Any],
    Field(
        description="GeoJSON: a Polygon, MultiPolygon, Feature or FeatureCollection; [longitude, latitude] in degrees, WGS-84; without holes; at most 2,000 points"
    ),
]


class GeofenceOut(BaseModel):
    """A geofence in a list: rings, corners, and the box around them in degrees."""

    name: str
    label: str
    rings: int
    points: int
    west: Decimal
    south: Decimal
    east: Decimal
    north: Decimal
    updated_at: datetime


class GeofenceWhole(GeofenceOut):
    """A geofence with its shape as GeoJSON, and the segments, tags and flows that ask it."""

    area: dict[str, Any]
    used_by: list[Label]


class NewGeofence(Body):
    """`name` is what expressions ask: `within(customer.location, 'geofence:<name>')`. It never changes."""

    name: Annotated[str, Field(max_length=100)]
    label: Annotated[str, Field(max_length=200)]
    area: GeoJson


class GeofenceChange(Body):
    """What is left out stays as it is."""

    label: Annotated[str, Field(max_length=200)] | None = None
    area: GeoJson | None = None
