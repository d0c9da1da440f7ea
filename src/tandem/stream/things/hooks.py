"""What rooms above do when a sort of things is defined anew, and say of who is about it before it is deleted."""

from __future__ import annotations

from collections.abc import Callable

from tandem.catalog.label import Label
from tandem.kernel.db import Tx

Users = Callable[[Tx, str], list[Label]]
"""`(tx, name)`: whatever is about things of that sort, as people call it."""
Changed = Callable[[Tx], None]

_users: dict[str, Users] = {}
_changed: dict[str, Changed] = {}


def register(room: str, users: Users, after_change: Changed) -> None:
    """Let a room take part; the same room again replaces its answers."""
    _users[room] = users
    _changed[room] = after_change


def users_above(tx: Tx, name: str) -> list[Label]:
    """All users that rooms above know of, in order of room."""
    return [user for room in sorted(_users) for user in _users[room](tx, name)]


def changed(tx: Tx) -> None:
    """The company's sorts of things are other ones now."""
    for room in sorted(_changed):
        _changed[room](tx)
