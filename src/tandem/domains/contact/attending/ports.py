"""What a platform with service desks is to this domain, beside friends (`contact.gateway`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class DeskThere:
    """A desk as the platform has it."""

    number: str
    name: str


@dataclass(frozen=True, slots=True)
class Choice:
    """A line of a menu. `id` comes back when she touches it."""

    id: str
    label: str


class DeskCalls(Protocol):
    """Talks at desks. Every call may raise GatewayFailure."""

    def desks(self) -> list[DeskThere]: ...

    def say(self, desk: str, external: str, number: str, text: str, choices: Sequence[Choice] = ()) -> None:
        """Say something to a customer who wrote lately, with lines to choose from beneath; `number` is our own id of it."""
        ...

    def hand_on(self, desk: str, external: str, servicer: str) -> None:
        """Let a servicer take over; an empty one: whoever takes her from the waiting room."""
        ...
