"""What other rooms do when two customers have become one, or a thing has found its owner, in the turn that holds the buckets."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from uuid import UUID

from tandem.kernel.turn import Turn
from tandem.stream.projection import StreamSystem

AfterMerge = Callable[[Turn, UUID], None]
"""`(turn, survivor)`: her rows and those of whoever was merged into her now stand together in her bucket."""


@dataclass(frozen=True, slots=True)
class Rehomed:
    """A thing whose rows go from bucket `source` to that of its owner."""

    subject_type: str
    subject_id: UUID
    source: int
    owner: UUID


AroundRehome = Callable[[Turn, StreamSystem, Rehomed], AbstractContextManager[None]]
"""Entered before the thing's own rows move, left when they stand with its owner; the turn holds both buckets."""

_after_merge: dict[str, AfterMerge] = {}


def register(name: str, hook: AfterMerge) -> None:
    """Let a room take part in every merge. The same name again replaces the hook, so that loading a room twice does no harm."""
    _after_merge[name] = hook


_around_rehome: dict[str, AroundRehome] = {}


def register_rehome(name: str, hook: AroundRehome) -> None:
    """Let a room move what hangs on a thing without naming it. The same name again replaces the hook."""
    _around_rehome[name] = hook


@contextmanager
def around_rehome(turn: Turn, system: StreamSystem, moving: Rehomed) -> Generator[None]:
    """Let every hook look before the thing's rows move, and act afterwards."""
    with ExitStack() as stack:
        for name in sorted(_around_rehome):
            stack.enter_context(_around_rehome[name](turn, system, moving))
        yield


def after_merge(turn: Turn, survivor: UUID) -> None:
    """Call every hook, in order of name."""
    for name in sorted(_after_merge):
        _after_merge[name](turn, survivor)
