"""Requests to an application in the same process: one call into its event loop each, where Starlette's own client makes eight.

A plain request does not even pass through httpx's many hands: they took half of the time in which tests ask thousands of routes.
"""

from __future__ import annotations

import json
import re
import warnings
from typing import Any
from urllib.parse import unquote

import anyio
import httpx
from anyio.from_thread import BlockingPortal
from fastapi import FastAPI

with warnings.catch_warnings():
    # It announces a successor of httpx; warnings are errors here.
    warnings.simplefilter("ignore")
    from fastapi.testclient import TestClient

#: Addresses in which nothing is left to escape; others go the long way.
PLAIN = re.compile(r"/([\w/.~-]|%[0-9A-F]{2})*(\?[\w/.~=&+%-]*)?", re.ASCII)
PLAIN_PATH = re.compile(r"/([\w/.~-]|%[0-9A-F]{2})*", re.ASCII)
#: The host of Starlette's client, and what the cookie jar makes of it.
HOST = "testserver"
DOMAINS = {"", f"{HOST}.local"}
KEEP_METHOD = {307, 308}


class Answer(httpx.Response):
    """An answer that can say what was asked, which is worked out when somebody wants to know."""

    asked: tuple[str, str] | None = None

    @property
    def request(self) -> httpx.Request:
        if self._request is None and self.asked:
            self._request = httpx.Request(*self.asked)
        return super().request

    @request.setter
    def request(self, value: httpx.Request) -> None:
        self._request = value


class Direct(httpx.BaseTransport):
    """Whole answers only: what never ends is for a real server."""

    def __init__(self, app: FastAPI, portal: BlockingPortal) -> None:
        self._app = app
        self._portal = portal

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Serve one request."""
        url = request.url
        headers = [(name.lower(), value) for name, value in request.headers.raw]
        answer = self.serve(request.method, url.raw_path.split(b"?", 1)[0], url.query, headers, request.read())
        answer.request = request
        return answer

    def serve(self, method: str, path: bytes, query: bytes, headers: list[tuple[bytes, bytes]], body: bytes) -> Answer:
        """Serve a request given in its parts: the path still escaped, header names in small letters."""
        heard = _Heard(body)
        # A defect was answered with 500 by the edge; nothing more comes out of it.
        self._portal.call(self._app, _scope(method, path, query, headers), heard.receive, heard.send)
        return Answer(heard.status, headers=heard.headers, content=b"".join(heard.parts))


class Browser(TestClient):
    """Starlette's client over `Direct`, with a short way for plain requests."""

    __test__ = False

    def __init__(self, app: FastAPI, portal: BlockingPortal) -> None:
        super().__init__(app, raise_server_exceptions=False)
        self._direct = Direct(app, portal)
        self._transport = self._direct

    def request(  # type: ignore[override]
        self, method: str, url: Any, *, json: Any = None, params: Any = None, headers: Any = None, **rest: Any
    ) -> httpx.Response:
        """Send a request; redirects are followed."""
        cookies = self._plain_cookies()
        odd = any(one is not None and one is not httpx.USE_CLIENT_DEFAULT for one in rest.values())
        plain = isinstance(url, str) and (PLAIN if params is None else PLAIN_PATH).fullmatch(url)
        if odd or cookies is None or not plain:
            return super().request(method, url, json=json, params=params, headers=headers, **rest)
        path, _, query = url.partition("?")
        query = query if params is None else str(httpx.QueryParams(params))
        body = None if json is None else _written(json)
        sent = self._plain_headers(method, body, cookies) | _lower(headers)
        answer = self._direct.serve(method, path.encode(), query.encode(), list(sent.items()), body or b"")
        answer.asked = (method, f"http://{HOST}{path}?{query}".rstrip("?"))
        if "set-cookie" in answer.headers:
            self.cookies.extract_cookies(answer)
        if answer.has_redirect_location:
            again = json if answer.status_code in KEEP_METHOD else None
            method = method if answer.status_code in KEEP_METHOD else "GET"
            return super().request(method, answer.headers["location"], json=again, headers=headers)
        return answer

    def _plain_cookies(self) -> bytes | None:
        """The cookies to send; None when it takes the cookie jar's own rules to tell."""
        jar = list(self.cookies.jar)
        for one in jar:
            if one.path != "/" or one.domain not in DOMAINS or one.secure or one.is_expired():
                return None
        if len({one.name for one in jar}) < len(jar):
            return None
        return "; ".join(f"{one.name}={one.value}" for one in jar).encode()

    def _plain_headers(self, method: str, body: bytes | None, cookies: bytes) -> dict[bytes, bytes]:
        headers = {b"host": HOST.encode()} | {name.lower(): value for name, value in self.headers.raw}
        if cookies:
            headers[b"cookie"] = cookies
        if body is not None:
            headers[b"content-type"] = b"application/json"
        if body is not None or method in {"POST", "PUT", "PATCH"}:
            headers[b"content-length"] = str(len(body or b"")).encode()
        return headers


def _lower(headers: Any) -> dict[bytes, bytes]:
    return {name.lower(): value for name, value in httpx.Headers(headers).raw} if headers else {}


def _written(body: Any) -> bytes:
    """JSON as httpx writes it."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def _scope(method: str, path: bytes, query: bytes, headers: list[tuple[bytes, bytes]]) -> dict[str, Any]:
    return {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "path": unquote(path.decode("ascii")),
        "raw_path": path,
        "root_path": "",
        "scheme": "http",
        "query_string": query,
        "headers": headers,
        "client": ("testclient", 50000),
        "server": (HOST, 80),
        "extensions": {},
        "state": {},
    }


class _Heard:
    """What one request gives the application, and what comes back."""

    def __init__(self, body: bytes) -> None:
        self._body: bytes | None = body
        self._complete = anyio.Event()
        self.status = 500
        self.headers: list[tuple[bytes, bytes]] = []
        self.parts: list[bytes] = []

    async def receive(self) -> dict[str, Any]:
        body, self._body = self._body, None
        if body is None:
            await self._complete.wait()
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": body}

    async def send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.status, self.headers = message["status"], list(message.get("headers", []))
        elif message["type"] == "http.response.body":
            self.parts.append(bytes(message.get("body", b"")))
            if not message.get("more_body", False):
                self._complete.set()
