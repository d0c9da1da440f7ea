"""What the assembled rooms bring to the HTTP application: their routers and permissions."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter

from tandem.access import api, clock_api, retention_api, settings_api
from tandem.access.permissions import Permission
from tandem.assembly import System, system
from tandem.web import catalog_api, live_api


@dataclass(frozen=True, slots=True)
class Rooms:
    """Routers in a fixed order, permissions by name, and the whole for rooms that need it at run time."""

    routers: tuple[APIRouter, ...]
    permissions: tuple[Permission, ...]
    system: System


def rooms() -> Rooms:
    """Our own routers first, then those of every assembled module."""
    assembled = system()
    own = (api.router, settings_api.router, retention_api.router, clock_api.router, live_api.router, catalog_api.router)
    known = {one.name: one for one in assembled.permissions}
    return Rooms((*own, *assembled.routers), tuple(known[name] for name in sorted(known)), assembled)
