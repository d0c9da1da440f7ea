"""What other rooms do when two customers have become one, in the turn that holds the survivor's bucket."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from tandem.kernel.turn import Turn

AfterMerge = Callable[[Turn, UUID], None]
"""`(turn, survivor)`: her rows and those of whoever was merged into her now stand together in her bucket."""

_after_merge: dict[str, AfterMerge] = {}


def register(name: str, hook: AfterMerge) -> None:
    """Let a room take part in every merge. The same name again replaces the hook, so that loading a room twice does no harm."""
    _after_merge[name] = hook


def after_merge(turn: Turn, survivor: UUID) -> None:
    """Call every hook, in order of name."""
    for name in sorted(_after_merge):
        _after_merge[name](turn, survivor)
