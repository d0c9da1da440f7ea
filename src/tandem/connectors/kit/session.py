"""An account as it is asked: limits kept, calls signed, tokens renewed, every exchange captured."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Final, cast
from urllib.parse import urlsplit

from tandem.connectors.kit.failures import ConnectorFailure, NotAuthorised, TooMany, WronglySetUp
from tandem.connectors.kit.grants import Held, Tokens
from tandem.connectors.kit.limits import Limits
from tandem.connectors.kit.platform import Grant, Platform
from tandem.connectors.kit.traffic import Exchange, Recorder, milliseconds_since
from tandem.connectors.kit.wire import Answer, Call, Credentials, Request, Send
from tandem.kernel.db import Database
from tandem.kernel.settings import settings
from tandem.stream.sources.connector import Account

BLOCK_SECONDS: Final = 5.0
"""For how long nobody calls where a platform throttles without saying for how long."""


def secrets_of(account: Account) -> dict[str, str]:
    """The account's secrets by name. Raises WronglySetUp."""
    try:
        found: Any = json.loads(account.secret)
    except ValueError as error:
        raise WronglySetUp("the secrets of this account cannot be read") from error
    if not isinstance(found, dict):
        raise WronglySetUp("the secrets of this account cannot be read")
    return {str(name): str(value) for name, value in cast("dict[Any, Any]", found).items()}


def credentials_of(platform: Platform, account: Account) -> Credentials:
    """What the account's calls and pushes are signed with, without a token. Raises WronglySetUp."""
    plain = dict(account.config)
    return Credentials(plain, secrets_of(account), datetime.now(UTC), base=addresses(platform, plain))


def addresses(platform: Platform, plain: Mapping[str, Any]) -> dict[str, str]:
    """Where the platform is: its hosts, or a simulator's for an account that says so. Raises WronglySetUp."""
    name, hosts = platform.manifest.name, platform.manifest.hosts
    if not plain.get("simulated"):
        return {key: host.format_map(plain) for key, host in hosts.items()}
    simulator = settings().simulator_url
    if simulator is None:
        raise WronglySetUp("this account is connected to a simulator, and TANDEM_SIMULATOR_URL is not set")
    return {key: f"{simulator.rstrip('/')}/{name}/{key}{urlsplit(host).path}" for key, host in hosts.items()}


@dataclass(slots=True)
class Session:
    """One account's way to its platform for one round of work. Implements `platform.Asking`."""

    platform: Platform
    account: Account
    db: Database
    send: Send
    pause: Callable[[float], None] = time.sleep
    record: bool = True
    _base: Credentials = field(init=False, repr=False)
    _tokens: Tokens = field(init=False, repr=False)
    _limits: Limits = field(init=False)
    _recorder: Recorder = field(init=False)
    _held: Held | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        tenant, identity = self.account.tenant_id, self.account.id
        self._base = credentials_of(self.platform, self.account)
        self._tokens = Tokens(self.db, tenant, identity, self._refresh, self.pause)
        self._limits = Limits(self.db, tenant, identity, self.pause)
        self._recorder = Recorder(self.db, tenant, identity)

    @property
    def credentials(self) -> Credentials:
        """The credentials with the token in use and what came with it."""
        held = self._held
        now = datetime.now(UTC)
        if held is None:
            return replace(self._base, now=now)
        return replace(self._base, now=now, token=held.grant.access, grant=held.grant.facts)

    def call(self, call: Call) -> Any:
        """Call; a token that the platform calls expired is renewed and the call repeated once. Raises ConnectorFailure."""
        self._held = self._tokens.current()
        try:
            return self._once(call)
        except NotAuthorised as failure:
            if not failure.expired:
                raise
            self._held = self._tokens.current(not_generation=self._held.generation)
        return self._once(call)

    def exchange(self, code: str) -> Grant:
        """Turn an authorisation code into a grant. Raises ConnectorFailure."""
        if self.platform.exchange is None:
            raise WronglySetUp("this platform authorises without a code")
        return self.platform.exchange(self._plain("authorise", code), self.credentials, code)

    def plain(self, operation: str, *hidden: str) -> Send:
        """A way to send what carries no token of the account's, within the limits, and captured. Raises ConnectorFailure."""
        self._limits.spend(operation, self.platform.manifest.rate(operation))
        return self._plain(operation, *hidden)

    def _refresh(self, grant: Grant | None) -> Grant:
        hidden = () if grant is None else (grant.access, grant.refresh)
        return self.platform.refresh(self._plain("refresh_token", *hidden), self.credentials, grant)

    def _plain(self, operation: str, *hidden: str) -> Send:
        """A way to send without a token, captured too; what comes back are secrets, so only its shape is kept."""

        def send(request: Request) -> Answer:
            started = time.monotonic()
            try:
                answer = self.send(request)
            except ConnectorFailure as failure:
                self._keep(Exchange(operation, request, None, failure.kind, milliseconds_since(started)), hidden)
                raise
            shown = replace(answer, body=_without_texts(answer.body))
            self._keep(Exchange(operation, request, shown, None, milliseconds_since(started)), hidden)
            return answer

        return send

    def _once(self, call: Call) -> Any:
        self._limits.spend(call.operation, self.platform.manifest.rate(call.operation))
        request, started = self.platform.sign(call, self.credentials), time.monotonic()
        answer: Answer | None = None
        try:
            answer = self.send(request)
            found = self.platform.judge(call, answer)
        except ConnectorFailure as failure:
            self._keep(Exchange(call.operation, request, answer, failure.kind, milliseconds_since(started)))
            if isinstance(failure, TooMany):
                self._limits.block(call.operation, failure.retry_after_seconds or BLOCK_SECONDS)
            raise
        self._keep(Exchange(call.operation, request, answer, None, milliseconds_since(started)))
        return found

    def _keep(self, exchange: Exchange, hidden: tuple[str, ...] = ()) -> None:
        if not self.record:
            return
        known = [*self._base.secrets.values(), *hidden]
        if self._held is not None:
            known += [self._held.grant.access, self._held.grant.refresh]
        self._recorder.keep(exchange, known)


def _without_texts(body: bytes) -> bytes:
    """The shape of a token answer: names and numbers, no text of more than a few letters."""
    try:
        return json.dumps(_shape(json.loads(body)), ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        return f"({len(body)} bytes)".encode()


def _shape(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(k): _shape(v) for k, v in cast("dict[Any, Any]", value).items()}
    if isinstance(value, list):
        return [_shape(one) for one in cast("list[Any]", value)]
    return value if not isinstance(value, str) or len(value) < 12 else f"({len(value)} characters)"
