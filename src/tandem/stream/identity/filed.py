"""A filed command, and how it went."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Command:
    """A filed command (`merge_command`)."""

    id: UUID
    verb: str
    survivor_id: UUID | None
    loser_id: UUID | None
    merge_id: UUID | None
    subject_type: str | None
    subject_id: UUID | None
    from_bucket: int | None
    origin_id: UUID | None
    forced: bool
    reason: str
    evidence: dict[str, Any]
    filed_by: UUID | None
    status: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a command went.

    `done`, `void`, `refused`, `moving` (call again), `waiting` (another command holds these people), `failed` (raised; see `why`).
    """

    status: str
    why: str | None = None
