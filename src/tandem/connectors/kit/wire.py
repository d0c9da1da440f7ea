"""What goes over the wire to a platform, and how it is sent."""

from __future__ import annotations

import json
import ssl
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from typing import Any, Final, Protocol
from urllib.parse import urlencode

import httpx

from tandem.connectors.kit.failures import Garbled, NotAuthorised, Passing, TooMany, WronglySetUp

TIMEOUT: Final = httpx.Timeout(20.0, connect=5.0)
BODY_BYTES_MAX: Final = 8_000_000


@dataclass(frozen=True, slots=True)
class Call:
    """A call before it is signed. `operation` names it for limits and captures; `params` are its business fields."""

    operation: str
    params: Mapping[str, Any] = field(default_factory=dict[str, Any])
    method: str = "POST"
    path: str = ""
    host: str = "api"


@dataclass(frozen=True, slots=True)
class Request:
    """A call as it is sent. `url` without query."""

    method: str
    url: str
    query: Mapping[str, str] = field(default_factory=dict[str, str])
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    body: bytes = b""

    @property
    def address(self) -> str:
        """The whole URL."""
        return f"{self.url}?{urlencode(self.query)}" if self.query else self.url


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. Header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body. Raises Garbled, or Passing where a gateway answered instead of the platform."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError) as error:
            if self.status >= 500:
                raise Passing(f"HTTP {self.status}") from error
            raise Garbled(f"not JSON (HTTP {self.status})") from error


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a call is signed with. `settings` are plain, `secrets` are not: never log them."""

    settings: Mapping[str, Any]
    secrets: Mapping[str, str] = field(repr=False)
    now: datetime
    token: str = field(default="", repr=False)
    grant: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """What the platform told with the token: the shop's id and the like."""
    base: Mapping[str, str] = field(default_factory=dict[str, str])
    """Addresses by the names of the manifest's `hosts`."""

    def with_token(self, token: str) -> Credentials:
        """The same with another token."""
        return replace(self, token=token)


class Send(Protocol):
    """How a request is sent; simulators and tests put their own here. Raises Passing."""

    def __call__(self, request: Request) -> Answer: ...


@cache
def _trusted() -> ssl.SSLContext:
    """Whose certificates count. Reading them all takes some 30 ms, and a wire is opened for every message that goes out."""
    return httpx.create_ssl_context()


#: What the process's calls go through; empty: the network. Tests put a simulation here.
route: list[httpx.BaseTransport] = []


class Wire:
    """Sends over HTTP, connections kept open between calls of one round."""

    def __init__(self, transport: httpx.BaseTransport | None = None, *, timeout: httpx.Timeout = TIMEOUT) -> None:
        through = transport or (route[0] if route else None)
        self._client = httpx.Client(timeout=timeout, transport=through, follow_redirects=False, verify=_trusted())

    def __call__(self, request: Request) -> Answer:
        """Send. Raises Passing for whatever keeps the answer away, Garbled for one past the limit."""
        try:
            answer = self._client.request(
                request.method, request.address, headers=dict(request.headers), content=request.body or None
            )
        except httpx.HTTPError as error:
            # Its text may hold the URL, and the URL a token: only what kind of failure it was is told.
            raise Passing(type(error).__name__) from None
        if len(answer.content) > BODY_BYTES_MAX:
            raise Garbled("the answer is too long")
        return Answer(answer.status_code, {k.lower(): v for k, v in answer.headers.items()}, answer.content)

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()


@contextmanager
def wired(send: Send | None = None) -> Generator[Send]:
    """What calls go through: what the caller was given, else a wire of its own, closed afterwards."""
    if send is not None:
        yield send
        return
    wire = Wire()
    try:
        yield wire
    finally:
        wire.close()


def check_status(answer: Answer) -> None:
    """Raise what HTTP's own status says: 429, 401, 403, 5xx. What a 200 or another 4xx means, only the platform's body tells."""
    after = answer.headers.get("retry-after", "")
    if answer.status == 429:
        raise TooMany("HTTP 429", platform_code="429", retry_after_seconds=float(after) if after.isdigit() else None)
    if answer.status == 401:
        raise NotAuthorised("HTTP 401", platform_code="401", expired=True)
    if answer.status == 403:
        raise WronglySetUp("HTTP 403", platform_code="403")
    if answer.status >= 500:
        raise Passing(f"HTTP {answer.status}", platform_code=str(answer.status))


def form(params: Mapping[str, str]) -> tuple[dict[str, str], bytes]:
    """Headers and body of a form."""
    return {"content-type": "application/x-www-form-urlencoded;charset=utf-8"}, urlencode(params).encode()
