"""What a platform with a company's directory is to this domain. Connectors stand above it and register how theirs is reached."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Final, Literal, Protocol

from tandem.catalog.label import Label
from tandem.kernel.db import Database
from tandem.stream.sources.connector import Account
from tandem.stream.sources.unanswered import PlatformFailure

Why = Literal["refused", "gone", "later", "lost", "set_up"]
"""`refused`: a plain no. `gone`: the person is not there. `later`: nothing was done, try again. `lost`: no answer came, so it may have been
done. `set_up`: somebody has to mend the account."""


class DirectoryFailure(PlatformFailure):
    """The platform did not do it; `why` is one of `Why`."""

    def __init__(self, why: Why, told: str, code: str = "", retry_after_seconds: float | None = None) -> None:
        super().__init__(why, told, code, retry_after_seconds)
        self.why: Why = why


@dataclass(frozen=True, slots=True)
class Department:
    """A department by the platform's id; `parent` is empty for the company itself."""

    id: str
    parent: str
    name: str


@dataclass(frozen=True, slots=True)
class Person:
    """A member of staff as the platform has her. `active`: she may work there now. `mobile` and `email` are used to propose whom she is
    here and kept nowhere; `address` is what messages to her are addressed to.
    """

    member: str
    name: str
    departments: Sequence[str]
    position: str = ""
    leads: Sequence[str] = ()
    """The departments that she leads."""
    active: bool = True
    mobile: str = field(default="", repr=False)
    email: str = field(default="", repr=False)
    address: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """A message to one member of staff: a title, some lines, and where it leads. `key` is the same for a repeat of the same message."""

    key: str
    title: str
    lines: Sequence[str]
    button: str
    url: str


class StaffLine(Protocol):
    """One account's way to its platform. Every call may raise DirectoryFailure."""

    def departments(self) -> list[Department]: ...

    def members(self, departments: Sequence[Department]) -> list[Person]:
        """Everybody whom the application sees, each once."""
        ...

    def member(self, member: str) -> Person | None:
        """One of them; None: she is not there (any more)."""
        ...

    def who(self, code: str, verifier: str, redirect: str) -> str:
        """The member whom the platform's sign-in page sent with this code; empty for somebody of another company."""
        ...

    def send(self, address: str, card: Card) -> None: ...


@dataclass(frozen=True, slots=True)
class Entry:
    """What a way to the platform's sign-in page is made of. `challenge`: S256 of the verifier (RFC 7636), for platforms that check it."""

    redirect: str
    state: str
    challenge: str
    inside: bool
    """Opened inside of the platform's own app, where nobody scans anything."""


class StaffGateway(Protocol):
    """How the accounts of one connector are reached."""

    @property
    def label(self) -> Label:
        """What people call the platform."""
        ...

    def open(self, db: Database, account: Account) -> AbstractContextManager[StaffLine]:
        """A line, its connections closed afterwards. Raises DirectoryFailure for an account that is not set up."""
        ...

    def sign_in_url(self, config: Mapping[str, Any], entry: Entry) -> str:
        """The platform's page that says who somebody is and sends her back with a code and the state."""
        ...

    def try_as(self, account: Account, member: str) -> str:
        """A sign-in code as a member of a simulated company would get it. Raises DirectoryFailure for a real one."""
        ...


_gateways: Final[dict[str, StaffGateway]] = {}


def register_staff(connector: str, gateway: StaffGateway) -> None:
    """Let accounts of a connector be directories; the same name again replaces it."""
    _gateways[connector] = gateway


def staff_gateway(connector: str) -> StaffGateway | None:
    """How accounts of a connector are reached, or None for one whose platform has no directory."""
    return _gateways.get(connector)


def connectors() -> list[str]:
    """The connectors whose accounts can be directories."""
    return sorted(_gateways)
