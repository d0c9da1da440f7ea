"""Routes of geofences."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request

from tandem.access.http import Access, allowed
from tandem.access.paging import Cursor, Limit, Page, from_cursor, page_of
from tandem.access.shapes import Label
from tandem.catalog.model import Catalog
from tandem.kernel.db import Tx
from tandem.stream.places import service
from tandem.stream.places import shapes as s
from tandem.stream.system import catalog_of

router = APIRouter(tags=["geofences"])

Reader = Annotated[Access, Depends(allowed("segment.read"))]
Writer = Annotated[Access, Depends(allowed("segment.write"))]


def _whole(tx: Tx, catalog: Catalog, line: s.GeofenceOut) -> s.GeofenceWhole:
    users = [Label(zh=one.zh, en=one.en) for one in service.used_by(tx, catalog, line.name)]
    return s.GeofenceWhole(**dict(line), area=service.shape(tx, line.name), used_by=users)


@router.get("/geofences")
def list_geofences(
    access: Reader, q: Annotated[str | None, Query(max_length=100)] = None, cursor: Cursor = None, limit: Limit = 50
) -> Page[s.GeofenceOut]:
    """Geofences by name."""
    after = from_cursor(cursor, 1)[0] if cursor else None
    with access.tx() as tx:
        shown, following = page_of(service.lines(tx, q=q, after=after, limit=limit + 1), limit, "name")
    return Page(items=shown, next=following)


@router.post("/geofences", status_code=201)
def create_geofence(access: Writer, request: Request, body: s.NewGeofence) -> s.GeofenceWhole:
    """Make a geofence from GeoJSON."""
    with access.tx() as tx:
        return _whole(tx, catalog_of(request), service.create(tx, body.name, body.label, body.area))


@router.get("/geofences/{name}")
def read_geofence(access: Reader, request: Request, name: str) -> s.GeofenceWhole:
    """One geofence with its shape as GeoJSON and who asks it."""
    with access.tx() as tx:
        return _whole(tx, catalog_of(request), service.get(tx, name))


@router.patch("/geofences/{name}")
def change_geofence(access: Writer, request: Request, name: str, body: s.GeofenceChange) -> s.GeofenceWhole:
    """Relabel or redraw; after another shape everybody is judged anew by the segments and tags that ask it, which starts no flow."""
    with access.tx() as tx:
        changed = service.change(tx, catalog_of(request), name, body.label, body.area)
        return _whole(tx, catalog_of(request), changed)


@router.delete("/geofences/{name}", status_code=204)
def delete_geofence(access: Writer, request: Request, name: str) -> None:
    """Delete a geofence; refused while a segment, a computed tag or a running flow asks it."""
    with access.tx() as tx:
        service.delete(tx, catalog_of(request), name)
