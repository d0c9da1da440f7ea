"""What a platform with acquisition links is to this domain, beside friends (`contact.gateway`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from tandem.domains.contact.places import CodeSpec, Placed


@dataclass(frozen=True, slots=True)
class Balance:
    """How many friends the company's links may still bring. `expiring`: of the balance, how many are lost when."""

    total: int
    left: int
    expiring: Sequence[tuple[datetime, int]] = ()


@dataclass(frozen=True, slots=True)
class Clicks:
    """People who opened a link in some time, and those who became friends by it as the platform counts them."""

    clicked: int
    added: int


class LinkCalls(Protocol):
    """The part of an account's line that makes and counts links. Every call may raise GatewayFailure."""

    def put_link(self, link_id: str | None, spec: CodeSpec) -> Placed:
        """Make or change a link; the address comes back with the state in it."""
        ...

    def find_link(self, state: str) -> Placed | None:
        """A link of ours with this state: one whose making was never answered."""
        ...

    def drop_link(self, link_id: str) -> None: ...

    def balance(self) -> Balance: ...

    def clicks(self, link_id: str, since: datetime, until: datetime) -> Clicks: ...
