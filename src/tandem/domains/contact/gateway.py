"""What a platform with friends is to this domain. Connectors stand above it and register how theirs is reached (decision 120)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal, Protocol

from tandem.domains.contact.acquiring.ports import LinkCalls
from tandem.domains.contact.attending.ports import DeskCalls
from tandem.domains.contact.counting.ports import CountCalls
from tandem.domains.contact.groups.ports import GroupLine
from tandem.domains.contact.places import CodeSpec, Placed
from tandem.domains.contact.reaching import FileCalls, HandOverCalls, RuleCalls, TagCalls
from tandem.domains.contact.sending.ports import SendingLine
from tandem.kernel.db import Database
from tandem.stream.sources.connector import Account
from tandem.stream.sources.unanswered import PlatformFailure

Why = Literal["refused", "spent", "expired", "gone", "full", "later", "lost", "set_up"]
"""`spent`: a code's one use is over. `gone`: the thing is not there. `full`: a limit of the platform. `later`: nothing was done, try again.
`lost`: no answer came, so it may have been done. `set_up`: somebody has to mend the account."""


class GatewayFailure(PlatformFailure):
    """The platform did not do it; `why` is one of `Why`."""

    def __init__(self, why: Why, told: str, code: str = "", retry_after_seconds: float | None = None) -> None:
        super().__init__(why, told, code, retry_after_seconds)
        self.why: Why = why


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who may have customers."""

    member: str
    name: str


@dataclass(frozen=True, slots=True)
class Welcome:
    """What is said to a new friend."""

    text: str
    attachments: Sequence[Any] = ()


@dataclass(frozen=True, slots=True)
class Person:
    """What the platform knows of a customer: her name there, and the tags that advisers gave her."""

    name: str
    tags: frozenset[str] = field(default_factory=frozenset[str])


class Line(
    GroupLine, LinkCalls, CountCalls, SendingLine, TagCalls, HandOverCalls, RuleCalls, FileCalls, DeskCalls, Protocol
):
    """One account's way to its platform. Every call may raise GatewayFailure."""

    def members(self) -> list[Member]: ...

    def put_code(self, config_id: str | None, spec: CodeSpec) -> Placed: ...

    def find_code(self, state: str, since: datetime) -> Placed | None:
        """A code made since then with this state: one whose making was never answered."""
        ...

    def drop_code(self, config_id: str) -> None: ...

    def welcome(self, code: str, message: Welcome) -> None: ...

    def person(self, external: str) -> Person: ...

    def tell_member(self, member: str, text: str) -> None:
        """Say something to a member of staff in the platform's own client."""
        ...

    def ticket(self, kind: Literal["corp", "agent"]) -> tuple[str, int]:
        """A ticket that pages are signed with, and for how many seconds it holds."""
        ...

    def member_of(self, code: str) -> str:
        """The member of staff whom the platform's sign-in page sent with this code."""
        ...


class Gateway(Protocol):
    """How the accounts of one connector are reached."""

    def open(self, db: Database, account: Account) -> AbstractContextManager[Line]:
        """A line, its connections closed afterwards. Raises GatewayFailure for an account that is not set up."""
        ...

    def scope(self, config: Mapping[str, Any]) -> str:
        """Within what the platform's customer ids of an account are unique, as identifiers of kind `open_id` name it."""
        ...

    def sign_in_url(self, config: Mapping[str, Any], redirect: str, state: str) -> str:
        """The platform's page that says who somebody is and sends her back to `redirect` with `code` and `state`."""
        ...


_gateways: Final[dict[str, Gateway]] = {}


def register_gateway(connector: str, gateway: Gateway) -> None:
    """Let accounts of a connector have live codes and welcomes; the same name again replaces it."""
    _gateways[connector] = gateway


def gateway_of(connector: str) -> Gateway | None:
    """How accounts of a connector are reached, or None for one whose platform knows no friends."""
    return _gateways.get(connector)


def connectors() -> list[str]:
    """The connectors whose accounts have friends."""
    return sorted(_gateways)
