"""Further parts of an account's way to its platform: tags, hand-overs, rules on words. `gateway.Line` is all of them together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

Outcome = Literal["done", "waiting", "refused", "full", "none"]
"""What became of a hand-over: done; the customer may still say no; she said no; the new adviser has no room; there is none."""


@dataclass(frozen=True, slots=True)
class Friend:
    """A customer whom a member follows, with the platform's ids of the tags that this member gave her."""

    external: str
    added_at: datetime | None
    tags: frozenset[str] = field(default_factory=frozenset[str])


@dataclass(frozen=True, slots=True)
class TagThere:
    """A tag as the platform has it."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class GroupThere:
    """A group of tags as the platform has it, in the order in which people see them; never empty."""

    id: str
    name: str
    tags: Sequence[TagThere]


class TagCalls(Protocol):
    """Tags of the corporation, and who has them. Every call may raise GatewayFailure."""

    def tag_groups(self) -> list[GroupThere]: ...

    def add_tags(self, group_id: str | None, group_name: str, names: Sequence[str]) -> GroupThere:
        """Add tags to a group, which is made where there is none; tags of names that are there are those. Gives the ids of these names."""
        ...

    def drop_tag(self, tag_id: str) -> None: ...

    def mark(self, member: str, external: str, add: Sequence[str], remove: Sequence[str]) -> None:
        """Give and take tags of one member's customer. Never two calls on one customer at a time."""
        ...

    def friends(self, member: str) -> list[Friend]:
        """Everybody whom a member follows now."""
        ...


@dataclass(frozen=True, slots=True)
class FileGiven:
    """A file of ours. `kind`: `image`, `video` or `file`; `type` as a browser names it."""

    name: str
    kind: str
    type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class FileThere:
    """A file as the platform has it: an id, or an address for covers. `ends_at`: how long it is good there; None: for good."""

    ref: str
    ends_at: datetime | None


class FileCalls(Protocol):
    """Files that messages carry. Every call may raise GatewayFailure."""

    def give_file(self, file: FileGiven, use: Literal["message", "post", "cover"]) -> FileThere: ...

    def picture(self, url: str) -> bytes | None:
        """The platform's own picture of a code; None where it shows none."""
        ...


Begun = Literal["asked", "full", "capped", "none", "failed"]
"""What the platform says to the wish: begun; no room with the new adviser; handed over too often; nobody's customer; something else."""


@dataclass(frozen=True, slots=True)
class GroupOwned:
    """A customer group whose owner somebody is."""

    chat_id: str
    name: str


class HandOverCalls(Protocol):
    """Handing customers and groups to another adviser. Every call may raise GatewayFailure."""

    def unassigned(self) -> Iterator[tuple[str, str]]:
        """Members who left and customers of theirs whom nobody has taken over."""
        ...

    def transfer(
        self, giver: str, taker: str, externals: Sequence[str], *, resigned: bool, message: str
    ) -> Mapping[str, tuple[Begun, str]]:
        """Hand customers over; gives what was said of each, with the platform's code. Whoever is not in it was not spoken of."""
        ...

    def transfer_results(
        self, giver: str, taker: str, *, resigned: bool
    ) -> Mapping[str, tuple[Outcome, datetime | None]]:
        """What became of hand-overs between these two, by customer."""
        ...

    def owned_groups(self, owner: str) -> list[GroupOwned]: ...

    def transfer_groups(self, taker: str, chats: Sequence[str], *, resigned: bool) -> Mapping[str, tuple[str, str]]:
        """Make somebody the owner of groups; gives the code and the platform's word of each that was refused."""
        ...


@dataclass(frozen=True, slots=True)
class RuleSpec:
    """A rule on words as the platform is to hold it. `block`: what says one is not sent; else its writer is warned.

    `semantics`: what it looks for beside words, of `phone`, `email`, `red_packet`.
    """

    name: str
    words: Sequence[str]
    block: bool
    members: Sequence[str]
    semantics: Sequence[str] = ()


class RuleCalls(Protocol):
    """Rules on what advisers may write. Every call may raise GatewayFailure."""

    def rules(self) -> Mapping[str, str]:
        """The rules that stand, by id, with their names."""
        ...

    def put_rule(self, rule_id: str | None, spec: RuleSpec, before: Sequence[str]) -> str:
        """Make or change a rule; `before` are the members it held for. Gives its id."""
        ...

    def drop_rule(self, rule_id: str) -> None: ...
