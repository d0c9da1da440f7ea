"""What the assembled rooms bring to the HTTP application: their routers and permissions."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass

from fastapi import APIRouter

from tandem.access import api, clock_api, settings_api
from tandem.access.permissions import ACCESS_PERMISSIONS, Permission
from tandem.web import live_api


@dataclass(frozen=True, slots=True)
class Rooms:
    """Routers in a fixed order and permissions by name."""

    routers: tuple[APIRouter, ...]
    permissions: tuple[Permission, ...]


def rooms() -> Rooms:
    """Our own routers first, then those of every assembled module."""
    routers = [api.router, settings_api.router, clock_api.router, live_api.router]
    permissions = {one.name: one for one in ACCESS_PERMISSIONS}
    if importlib.util.find_spec("tandem.assembly") is not None:
        from tandem.assembly import modules

        for module in modules():
            routers.extend(module.routers)
            for one in module.permissions:
                permissions.setdefault(one.name, Permission(one.name, one.label.zh, one.label.en))
    return Rooms(tuple(routers), tuple(sorted(permissions.values(), key=lambda one: one.name)))
