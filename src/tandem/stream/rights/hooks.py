"""What rooms above do before a person is erased and when she takes a consent back, in the transaction that holds her bucket."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from uuid import UUID

from tandem.kernel.turn import Turn

BeforeErasure = Callable[[Turn, Sequence[UUID]], None]
"""`(turn, ids)`: her ids, the living one first; her rows are still there."""
OnWithdrawal = Callable[[Turn, UUID, str, str], int]
"""`(turn, customer, channel or "*", purpose)`: stops what is under way; returns how much."""

_before_erasure: dict[str, BeforeErasure] = {}
_on_withdrawal: dict[str, OnWithdrawal] = {}


def register_erasure(name: str, hook: BeforeErasure) -> None:
    """Let a room take part in every erasure; the same name again replaces the hook."""
    _before_erasure[name] = hook


def register_withdrawal(name: str, hook: OnWithdrawal) -> None:
    """Let a room stop what a withdrawn consent allowed."""
    _on_withdrawal[name] = hook


def before_erasure(turn: Turn, ids: Sequence[UUID]) -> None:
    """Call every hook, in order of name."""
    for name in sorted(_before_erasure):
        _before_erasure[name](turn, ids)


def on_withdrawal(turn: Turn, customer_id: UUID, channel: str, purpose: str) -> int:
    """Call every hook; returns how much was stopped."""
    return sum(_on_withdrawal[name](turn, customer_id, channel, purpose) for name in sorted(_on_withdrawal))
