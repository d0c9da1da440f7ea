"""The manifest in which a room says what it contributes; the assembly hands the sum of them to the engines."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fastapi import APIRouter

from tandem.catalog.label import Label
from tandem.catalog.model import Contribution
from tandem.flow.node import NodeKind
from tandem.flow.rehearsal.parts import Tryout
from tandem.kernel.db import Database, Tx
from tandem.kernel.turn import Turn
from tandem.stream.projection import Facts, Projection


@dataclass(frozen=True, slots=True)
class Permission:
    """A right that a role can hold: `<area>.<verb>`."""

    name: str
    label: Label


@dataclass(frozen=True, slots=True)
class TurnStep:
    """Work of a domain inside a bucket turn, after runs have advanced: the release of an outbox, the expiry of points.

    `run(turn, limit)` handles at most about `limit` due rows of the turn's tenant in the turn's buckets, set-based, and returns how many
    it handled; a full answer means that more may be waiting.
    `due_sql` gives the moment of the next due row: a SELECT of one timestamptz over `%(tenant)s` and `%(buckets)s` (business time,
    null when nothing waits). The worker sleeps until then and the demo clock stops there.
    """

    name: str
    run: Callable[[Turn, int], int]
    due_sql: str
    live: bool = True
    """Runs in turns of the live lane too; otherwise only where bulk work may."""


@dataclass(frozen=True, slots=True)
class Job:
    """Work outside bucket turns, in its own short transactions: filling quota leases, sending released messages.

    `run(database, tenant or None)` does a bounded amount and returns the seconds until it wants to be called again. The worker calls it in
    a thread of its own, so a slow job never delays a turn.
    """

    name: str
    run: Callable[[Database], float]
    interval_seconds: float = 1.0
    during_clock: bool = True
    """Called at each step of a moving demo clock too, so that what it does belongs to that moment. Off for long jobs of their own."""


@dataclass(frozen=True, slots=True)
class DemoHook:
    """Pending demo events, played in order while the demo clock moves (ENGINE_RULES 12).

    `next_at(tx)` is the moment of the next pending one or None; `play(tx, until)` files those up to and including a moment and
    returns how many.
    """

    name: str
    next_at: Callable[[Tx], datetime | None]
    play: Callable[[Tx, datetime], int]


@dataclass(frozen=True, slots=True)
class Module:
    """What one room contributes. A room that has nothing to say leaves a field out."""

    name: str
    label: Label
    permissions: tuple[Permission, ...] = ()
    contribution: Contribution | None = None
    door_kinds: tuple[Any, ...] = ()
    """`stream.door.DoorKind`s: what the door understands."""
    projections: tuple[Projection, ...] = ()
    facts: tuple[Facts, ...] = ()
    kinds: tuple[NodeKind[Any], ...] = ()
    steps: tuple[TurnStep, ...] = ()
    routers: tuple[APIRouter, ...] = ()
    jobs: tuple[Job, ...] = ()
    demo: tuple[DemoHook, ...] = ()
    tryouts: tuple[Tryout, ...] = ()
    """The room's part when a flow is tried out, and what its blocks did for a run."""
    tables: str | None = None
    """Dotted name of the room's `tables` module; the assembly imports it before it looks at the metadata."""


class KindRegistry:
    """Every kind of block by (kind, version)."""

    def __init__(self, kinds: Sequence[NodeKind[Any]]) -> None:
        self._kinds = {(kind.kind, kind.version): kind for kind in kinds}
        if len(self._kinds) != len(kinds):
            raise ValueError("two node kinds claim the same name and version")

    def get(self, kind: str, version: int) -> NodeKind[Any] | None:
        """The handler of a kind and version, or None when this process does not have it."""
        return self._kinds.get((kind, version))

    def newest(self) -> list[NodeKind[Any]]:
        """The newest version of each kind, for the palette, in the order contributed."""
        latest: dict[str, NodeKind[Any]] = {}
        for kind in self._kinds.values():
            if kind.kind not in latest or latest[kind.kind].version < kind.version:
                latest[kind.kind] = kind
        return list(latest.values())
