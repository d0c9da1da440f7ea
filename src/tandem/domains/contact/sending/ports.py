"""What a platform is to mass sending, beside friends (`contact.gateway`): it makes tasks, and staff decide whether anything goes out."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol, cast

Kind = Literal["customers", "groups"]
Outcome = Literal["pending", "sent", "no_friend", "over_quota"]


@dataclass(frozen=True, slots=True)
class Words:
    """What is said; attachments as the platform takes them."""

    text: str
    attachments: Sequence[Mapping[str, Any]] = ()


def said(text: str, attachments: Sequence[Mapping[str, Any]]) -> str:
    """Everything that customers read of it, attachments' titles and descriptions too, the text first."""
    inner = [cast("dict[str, Any]", value) for one in attachments for value in one.values() if isinstance(value, dict)]
    more = [str(one[key]) for one in inner for key in ("title", "desc", "description") if one.get(key)]
    return "\n".join([text, *more])


@dataclass(frozen=True, slots=True)
class TaskSpec:
    """A task for one adviser: her customers, or her groups, by the platform's ids."""

    kind: Kind
    sender: str
    words: Words
    targets: Sequence[str]


@dataclass(frozen=True, slots=True)
class TaskMade:
    """A task as the platform took it; `refused`: whom it left out."""

    task_id: str
    refused: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one target of a task."""

    target: str
    outcome: Outcome
    at: datetime | None


@dataclass(frozen=True, slots=True)
class PostSpec:
    """A post for the moments of some advisers (none named: of all)."""

    words: Words
    senders: Sequence[str]
    tags: Sequence[str] = ()
    """The platform's ids of tags: only customers with one of them see it."""


@dataclass(frozen=True, slots=True)
class Published:
    """Whether an adviser has put a post into her moments."""

    member: str
    done: bool


@dataclass(frozen=True, slots=True)
class Reaction:
    """One customer's. `key`: the platform's id of her."""

    how: Literal["like", "comment"]
    key: str
    identifiers: Sequence[Mapping[str, Any]]
    at: datetime


@dataclass(frozen=True, slots=True)
class Reactions:
    """What people made of an adviser's post; `customers`: those of them who are customers."""

    likes: int
    comments: int
    customers: Sequence[Reaction] = ()


class SendingLine(Protocol):
    """The part of an account's line that makes tasks. Every call may raise GatewayFailure."""

    def send_task(self, spec: TaskSpec) -> TaskMade: ...

    def find_task(self, spec: TaskSpec, since: datetime, known: Collection[str]) -> str | None:
        """A task like this made since then and none of `known`: one whose making was never answered."""
        ...

    def confirmed(self, task_id: str) -> Mapping[str, bool]:
        """Who was given a task, and whether she has confirmed it."""
        ...

    def results(self, task_id: str, member: str) -> Sequence[Result]: ...

    def remind(self, task_id: str) -> None: ...

    def cancel_task(self, task_id: str) -> None: ...

    def post(self, spec: PostSpec) -> str:
        """Begin to make a post; the number of the platform's work on it."""
        ...

    def post_made(self, job_id: str) -> str | None:
        """The post's id, None while the platform works on it."""
        ...

    def find_post(self, spec: PostSpec, since: datetime, known: Collection[str]) -> str | None: ...

    def published(self, post_id: str) -> Sequence[Published]: ...

    def reactions(self, post_id: str, member: str) -> Reactions: ...

    def cancel_post(self, post_id: str) -> None: ...
