"""What a platform that counts days is to this domain, beside friends (`contact.gateway`)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class GroupCount:
    """An owner's groups on one day. `active` groups and people said something."""

    owner: str
    new_groups: int
    groups: int
    active_groups: int
    new_people: int
    people: int
    active_people: int
    messages: int


@dataclass(frozen=True, slots=True)
class WorkCount:
    """How a member worked on one day. `replied`: percent of her chats that she answered; `reply_minutes`: until her first answer."""

    begin: datetime
    applied: int
    added: int
    chats: int
    messages: int
    replied: float | None
    reply_minutes: int | None
    removed_by: int


class CountCalls(Protocol):
    """The part of an account's line that tells what the platform counted. Every call may raise GatewayFailure."""

    def group_counts(self, owners: Sequence[str], day: datetime) -> Sequence[GroupCount]:
        """The day that begins then, in the company's zone."""
        ...

    def work_counts(self, member: str, since: datetime, until: datetime) -> Sequence[WorkCount]:
        """The days that begin from `since` to `until`, both included; 30 at most."""
        ...
