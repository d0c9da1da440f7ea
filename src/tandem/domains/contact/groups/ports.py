"""What a platform with customer groups is to this domain, beside friends (`contact.gateway`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class GroupMember:
    """Somebody in a group. `identifiers` name a customer as the door takes them; a member of staff has none. `scene`: how she came."""

    key: str
    joined_at: datetime
    scene: str
    state: str
    name: str
    identifiers: Sequence[Mapping[str, str]] = ()

    @property
    def is_customer(self) -> bool:
        """Not one of our own people."""
        return bool(self.identifiers)


@dataclass(frozen=True, slots=True)
class GroupRead:
    """A group as the platform tells it now. `version` changes with its members, where the platform says so."""

    chat_id: str
    name: str
    owner: str
    notice: str
    created_at: datetime | None
    version: str
    members: Sequence[GroupMember]


@dataclass(frozen=True, slots=True)
class JoinSpec:
    """A group's code as the platform is to hold it. `base_name` and `base_id` name the groups that it opens by itself when all are full."""

    state: str
    remark: str
    chat_ids: Sequence[str]
    opens_groups: bool
    base_name: str
    base_id: int


@dataclass(frozen=True, slots=True)
class JoinWay:
    """A group's code as the platform holds it; `chat_ids` may name groups that it opened itself."""

    config_id: str
    qr_url: str
    chat_ids: Sequence[str]


@dataclass(frozen=True, slots=True)
class GroupGreeting:
    """What newcomers of a group are told: text with `%NICKNAME%`, and at most one attachment as the platform takes it."""

    text: str
    attachment: Mapping[str, Any] | None
    notify: bool


class GroupLine(Protocol):
    """The part of an account's line that knows groups. Every call may raise GatewayFailure."""

    def groups(self, cursor: str) -> tuple[Sequence[str], str]:
        """Some groups' ids, and where the next begin (empty at the end)."""
        ...

    def group(self, chat_id: str) -> GroupRead: ...

    def put_join_way(self, config_id: str | None, spec: JoinSpec) -> str: ...

    def join_way(self, config_id: str) -> JoinWay: ...

    def drop_join_way(self, config_id: str) -> None: ...

    def put_greeting(self, template_id: str | None, greeting: GroupGreeting) -> str: ...

    def drop_greeting(self, template_id: str) -> None: ...
