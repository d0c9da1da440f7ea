"""How requests travel: one key for each change, waiting as the server asks, one shape of error."""

from __future__ import annotations

import random
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from types import TracebackType
from typing import Any, Final, Self

import httpx

RETRIED: Final = frozenset({429, 500, 502, 503, 504})
WAIT_SECONDS_MAX: Final = 60.0
SAFE: Final = frozenset({"GET", "HEAD"})


class ApiError(Exception):
    """The server said no. `code` is stable and meant for programs; `message` holds `zh` and `en`; `request_id` is for support."""

    def __init__(self, status: int, body: Any) -> None:
        error: Mapping[str, Any] = body.get("error", {}) if isinstance(body, dict) else {}
        self.status = status
        self.code = str(error.get("code", f"http_{status}"))
        self.message: Mapping[str, str] = error.get("message", {})
        self.details: list[Mapping[str, Any]] = list(error.get("details", []))
        self.request_id = str(error.get("id", ""))
        super().__init__(f"{status} {self.code}: {self.message.get('en', '')}")


class Transport:
    """One connection pool to one server.

    Changes carry an `Idempotency-Key`, made afresh unless one is given, so that a repeated attempt never happens twice. Attempts are
    repeated on lost connections, 429 and 5xx, after the server's `Retry-After` or an exponential pause with jitter.
    """

    def __init__(
        self,
        base_url: str,
        api_key: str,
        *,
        timeout_seconds: float = 30.0,
        attempts: int = 5,
        sleep: Callable[[float], None] = time.sleep,
        http: httpx.Client | None = None,
    ) -> None:
        self._http = http or httpx.Client(timeout=timeout_seconds)
        self._base_url = base_url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {api_key}", "User-Agent": "tandem-client-python/1"}
        self._attempts = attempts
        self._sleep = sleep

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the connections back."""
        self._http.close()

    def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        files: Mapping[str, Any] | None = None,
        idempotency_key: str | None = None,
    ) -> Any:
        """One operation; returns its JSON, or its bytes where it is none. Raises ApiError, or httpx.TransportError when nobody answers."""
        headers = dict(self._headers)
        if method not in SAFE:
            headers["Idempotency-Key"] = idempotency_key or str(uuid.uuid4())
        params = {name: value for name, value in (query or {}).items() if value is not None}
        call: dict[str, Any] = {"params": params, "headers": headers}
        if files is not None:
            # The same bytes on every attempt: a fresh boundary would be another request under the same key.
            built = self._http.build_request(method, self._base_url + path, files=files, data=body or {}, **call)
            call |= {"content": built.read(), "headers": {**headers, "Content-Type": built.headers["Content-Type"]}}
        elif body is not None:
            call["json"] = body
        return self._patiently(method, self._base_url + path, call)

    def _patiently(self, method: str, url: str, call: Mapping[str, Any]) -> Any:
        for attempt in range(1, self._attempts + 1):
            last = attempt == self._attempts
            try:
                answer = self._http.request(method, url, **call)
            except httpx.TransportError:
                if last:
                    raise
                self._sleep(_pause(attempt, None))
                continue
            if answer.status_code in RETRIED and not last:
                self._sleep(_pause(attempt, answer.headers.get("Retry-After")))
                continue
            return _read(answer)
        raise AssertionError("unreachable")

    def pages(self, path: str, query: Mapping[str, Any]) -> Iterator[Any]:
        """The items of every page, following `next`."""
        cursor: str | None = None
        while True:
            page = self.request("GET", path, query={**query, "cursor": cursor})
            yield from page["items"]
            cursor = page.get("next")
            if cursor is None:
                return


def _read(answer: httpx.Response) -> Any:
    is_json = "json" in answer.headers.get("Content-Type", "")
    if answer.is_success:
        return answer.json() if is_json else answer.content or None
    raise ApiError(answer.status_code, answer.json() if is_json else None)


def _pause(attempt: int, asked: str | None) -> float:
    if asked is not None and asked.isdigit():
        return min(float(asked), WAIT_SECONDS_MAX)
    return min(0.5 * 2.0 ** (attempt - 1), WAIT_SECONDS_MAX) * random.uniform(0.5, 1.0)
