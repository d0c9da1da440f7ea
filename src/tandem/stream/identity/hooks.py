"""What other rooms do when two customers have become one, or a thing has found its owner, in the turn that holds the buckets."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from tandem.kernel.turn import Turn

AfterMerge = Callable[[Turn, UUID], None]
"""`(turn, survivor)`: her rows and those of whoever was merged into her now stand together in her bucket."""

AfterRehome = Callable[[Turn, str, UUID, int, UUID], None]
"""`(turn, subject_type, subject, source, owner)`: the thing's own rows have gone from bucket `source` to its owner's; she owns them now."""

_after_merge: dict[str, AfterMerge] = {}


def register(name: str, hook: AfterMerge) -> None:
    """Let a room take part in every merge. The same name again replaces the hook, so that loading a room twice does no harm."""
    _after_merge[name] = hook


_after_rehome: dict[str, AfterRehome] = {}


def register_rehome(name: str, hook: AfterRehome) -> None:
    """Let a room move what hangs on a thing without naming it. The same name again replaces the hook."""
    _after_rehome[name] = hook


def after_rehome(turn: Turn, subject_type: str, subject: UUID, source: int, owner: UUID) -> None:
    """Call every hook, in order of name."""
    for name in sorted(_after_rehome):
        _after_rehome[name](turn, subject_type, subject, source, owner)


def after_merge(turn: Turn, survivor: UUID) -> None:
    """Call every hook, in order of name."""
    for name in sorted(_after_merge):
        _after_merge[name](turn, survivor)
