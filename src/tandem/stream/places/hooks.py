"""What rooms above say of who uses a geofence, before it is deleted."""

from __future__ import annotations

from collections.abc import Callable

from tandem.catalog.label import Label
from tandem.kernel.db import Tx

Users = Callable[[Tx, str], list[Label]]
"""`(tx, name)`: whatever asks the geofence of that name, as people call it."""

_users: dict[str, Users] = {}


def register(room: str, users: Users) -> None:
    """Let a room be asked before a geofence is deleted; the same room again replaces its answer."""
    _users[room] = users


def users_above(tx: Tx, name: str) -> list[Label]:
    """All users that rooms above know of, in order of room."""
    return [user for room in sorted(_users) for user in _users[room](tx, name)]
