"""What source accounts bring to the assembled house."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Protocol

from fastapi import APIRouter

from tandem.catalog.label import Label
from tandem.kernel.db import Database
from tandem.stream.door.kinds import DoorKinds
from tandem.stream.sources import generic, health_api, minutes, poll, tally
from tandem.stream.sources.api import sources_router
from tandem.stream.sources.buffer import drain

__all__ = ["PERMISSIONS", "generic", "jobs", "routers"]

PERMISSIONS: Final = (
    ("source.read", Label("查看数据源与接入健康", "See sources and intake health")),
    ("source.write", Label("管理数据源", "Manage sources")),
)


class Assembled(Protocol):
    """The assembled system as this room needs it."""

    @property
    def door_kinds(self) -> DoorKinds: ...


def routers(system: Callable[[], Assembled]) -> tuple[APIRouter, ...]:
    """The routes under `/v1`."""
    return (sources_router(lambda: system().door_kinds), health_api.router)


def jobs(system: Callable[[], Assembled]) -> tuple[tuple[str, Callable[[Database], float]], ...]:
    """The worker's jobs."""
    del system
    return (
        ("sources.tally", _tally),
        ("sources.minutes", minutes.run),
        ("sources.buffer", drain()),
        ("sources.poll", poll.job()),
    )


def _tally(db: Database) -> float:
    tally.flush(db)
    return tally.FLUSH_SECONDS
