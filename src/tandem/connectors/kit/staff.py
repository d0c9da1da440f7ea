"""What ways to companies' directories share: a session for some work, failures in the domain's words, codes of simulated members."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from typing import Any, Final

import httpx

from tandem.catalog.label import Label
from tandem.connectors.kit.failures import (
    ConnectorFailure,
    Garbled,
    Lasting,
    NotAuthorised,
    Passing,
    TooMany,
    WronglySetUp,
)
from tandem.connectors.kit.platform import Platform
from tandem.connectors.kit.service import act
from tandem.connectors.kit.session import Session
from tandem.connectors.kit.wire import Call, Wire
from tandem.domains.directory.gateway import DirectoryFailure, Entry, StaffLine, Why
from tandem.kernel.db import Database
from tandem.kernel.errors import TandemError
from tandem.stream.sources.connector import Account

QUICK: Final = httpx.Timeout(10.0, connect=3.0)
"""Somebody waits in front of the log-in page."""


def failure_of(failure: ConnectorFailure, gone: frozenset[str]) -> DirectoryFailure:
    """The kit's failure in the domain's words; `gone` are the platform's codes for somebody who is not there."""
    why: Why = "refused"
    if isinstance(failure, TooMany):
        why = "later"
    elif isinstance(failure, Passing | Garbled):
        why = "lost"
    elif isinstance(failure, NotAuthorised | WronglySetUp):
        why = "set_up"
    elif isinstance(failure, Lasting) and failure.platform_code in gone:
        why = "gone"
    return DirectoryFailure(why, failure.told, failure.platform_code, failure.retry_after_seconds)


class Asked:
    """One account's session; what it does raises DirectoryFailure. Sign-in codes and tokens of people are in no capture of a call."""

    gone: frozenset[str] = frozenset()

    def __init__(self, session: Session, quiet: Session) -> None:
        self._session = session
        self._quiet = quiet

    @property
    def settings(self) -> Mapping[str, Any]:
        """The account's plain settings."""
        return self._session.account.config

    def _call(self, call: Call, *, quiet: bool = False) -> Any:
        try:
            return (self._quiet if quiet else self._session).call(call)
        except ConnectorFailure as failure:
            raise failure_of(failure, self.gone) from failure


class Gateway:
    """How the directories of one platform are reached. Implements `directory.gateway.StaffGateway`."""

    def __init__(
        self,
        platform: Platform,
        line: Callable[[Session, Session], StaffLine],
        page: Callable[[Mapping[str, Any], Entry], str],
        label: Label,
    ) -> None:
        self._platform = platform
        self._line = line
        self._page = page
        self.label = label

    @contextmanager
    def open(self, db: Database, account: Account) -> Generator[StaffLine]:
        """A line, its connections closed afterwards. Raises DirectoryFailure for an account that is not set up."""
        wire = Wire(timeout=QUICK)
        try:
            try:
                made = self._line(
                    Session(self._platform, account, db, wire), Session(self._platform, account, db, wire, record=False)
                )
            except ConnectorFailure as failure:
                raise failure_of(failure, frozenset()) from failure
            yield made
        finally:
            wire.close()

    def sign_in_url(self, config: Mapping[str, Any], entry: Entry) -> str:
        """The platform's page that says who somebody is."""
        return self._page(config, entry)

    def try_as(self, account: Account, member: str) -> str:
        """The simulator's code for one of its members. Raises DirectoryFailure."""
        wire = Wire(timeout=QUICK)
        try:
            # `_control` refuses a real account; the members shown are ours, so one that the simulator lacks is an error, not a guess.
            found = act(account, "sign_in", {"member": member}, hook="", send=wire)
        except TandemError as error:
            raise DirectoryFailure("refused", error.en) from error
        finally:
            wire.close()
        result = found["result"]
        return str(result["result"] if isinstance(result, dict) and "result" in result else result)  # pyright: ignore[reportUnknownArgumentType]
