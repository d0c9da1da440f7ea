"""What door, identity and imports bring to the assembled house. The assembly, which knows modules, puts these into one.

`System` is asked for lazily: routes and jobs are made before the house is whole.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Protocol

from fastapi import APIRouter

from tandem.catalog.label import Label
from tandem.kernel.db import Database
from tandem.kernel.jobs import runner
from tandem.stream.door.api import door_router
from tandem.stream.door.kinds import DoorKinds
from tandem.stream.door.mending import REPLAY_JOB, replay_handler
from tandem.stream.door.mending_api import mending_router
from tandem.stream.door.pending import resolve_waiting
from tandem.stream.door.people_kinds import PEOPLE_KINDS
from tandem.stream.identity import commands, nightly
from tandem.stream.identity.api import identity_router
from tandem.stream.identity.projection import IDENTIFIED
from tandem.stream.imports import undo
from tandem.stream.imports.api import imports_router
from tandem.stream.imports.run import handler
from tandem.stream.imports.service import JOB_KIND, UNDO_JOB
from tandem.stream.imports.upload import READ_JOB, read_handler
from tandem.stream.projection import StreamSystem
from tandem.stream.segment import bulk
from tandem.stream.sources import parts as sources
from tandem.stream.things.door import THING

DOOR_KINDS: Final = (*PEOPLE_KINDS, THING)
PROJECTIONS: Final = (IDENTIFIED,)
PERMISSIONS: Final = (
    ("event.write", Label("送入事件、查看隔离区", "Send events, see the quarantine")),
    ("customer.merge", Label("合并与拆分客户", "Merge and split customers")),
    ("import.write", Label("导入文件", "Import files")),
    *sources.PERMISSIONS,
)
IDLE_SECONDS: Final = 1.0


class Assembled(StreamSystem, Protocol):
    """The assembled system as this room needs it."""

    @property
    def door_kinds(self) -> DoorKinds: ...


System = Callable[[], Assembled]


def routers(system: System) -> tuple[APIRouter, ...]:
    """The routes of door, identity, imports and sources."""
    return (
        mending_router(lambda: system().door_kinds),
        door_router(lambda: system().door_kinds),
        identity_router(system),
        imports_router(lambda: system().door_kinds),
        *sources.routers(system),
    )


#: Long work by the machine's clock: no moment of a demo's clock waits for it.
LONG_JOBS: Final = frozenset({"imports", "identity.nightly"})


def jobs(system: System) -> tuple[tuple[str, Callable[[Database], float]], ...]:
    """The worker's jobs by name: each does a bounded amount and returns the seconds until it wants to be called again."""
    return (
        ("identity.merge", _merges(system)),
        ("identity.nightly", nightly.run),
        ("door.pending", _pending(system)),
        ("segment.entries", runner({bulk.JOB_KIND: bulk.handler})),
        ("door.replays", runner({REPLAY_JOB: replay_handler(lambda: system().door_kinds)})),
        *sources.jobs(system),
        (
            "imports",
            runner(
                {
                    READ_JOB: read_handler,
                    JOB_KIND: handler(lambda: system().door_kinds),
                    UNDO_JOB: undo.handler(system),
                }
            ),
        ),
    )


def _merges(system: System) -> Callable[[Database], float]:
    """Filed merges, undoings and moves of orders to their buyers."""

    def run(db: Database) -> float:
        return 0.0 if commands.run(db, system()) else IDLE_SECONDS

    return run


def _pending(system: System) -> Callable[[Database], float]:
    """What webhooks left to be resolved."""

    def run(db: Database) -> float:
        return 0.0 if resolve_waiting(db, system().door_kinds) else IDLE_SECONDS

    return run
