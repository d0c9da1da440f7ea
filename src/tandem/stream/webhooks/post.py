"""One HTTP POST to a judged address, bounded in time and size. Redirects are answers, not places to go."""

import contextlib
import http.client
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from tandem.stream.webhooks.targets import RefusedTarget, Resolve, Target, judged_addresses

CONNECT_SECONDS: Final = 5.0
TOTAL_SECONDS: Final = 15.0
ANSWER_BYTES_MAX: Final = 65_536
"""Of a receiver's answer, no more is read."""
ANSWER_KEPT_MAX: Final = 1_000
"""Characters of it that the log keeps."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: a status code, or the problem that left none. `retry_after_seconds` as the receiver asked."""

    code: int | None
    milliseconds: int
    problem: str | None = None
    text: str | None = None
    retry_after_seconds: int | None = None

    @property
    def is_success(self) -> bool:
        """Any 2xx; a redirect is none, since nothing is sent to where it points."""
        return self.code is not None and 200 <= self.code < 300


def post(
    target: Target,
    body: bytes,
    headers: Mapping[str, str],
    *,
    private_allowed: bool = False,
    resolve: Resolve | None = None,
    total_seconds: float = TOTAL_SECONDS,
) -> Answer:
    """Send one request; every failure is an Answer with its problem, nothing is raised for what a receiver does."""
    started = time.monotonic()
    try:
        got = exchange(
            "POST",
            target,
            headers,
            body=body,
            private_allowed=private_allowed,
            resolve=resolve,
            total_seconds=total_seconds,
        )
    except RefusedTarget as refused:
        return Answer(None, _since(started), str(refused))
    except TimeoutError:
        return Answer(None, _since(started), "timed out")
    except (OSError, http.client.HTTPException, ValueError) as error:
        late = time.monotonic() - started >= total_seconds
        return Answer(None, _since(started), "timed out" if late else f"{type(error).__name__}: {error}"[:300])
    problem = None if 200 <= got.code < 300 else f"answered {got.code}"
    text = got.body.decode("utf-8", errors="replace").replace("\x00", "")[:ANSWER_KEPT_MAX]
    return Answer(got.code, _since(started), problem, text, got.retry_after_seconds)


@dataclass(frozen=True, slots=True)
class Got:
    """An answer as it came. `body` holds at most what was asked for."""

    code: int
    body: bytes
    retry_after_seconds: int | None


def exchange(
    method: str,
    target: Target,
    headers: Mapping[str, str],
    *,
    body: bytes | None = None,
    private_allowed: bool = False,
    resolve: Resolve | None = None,
    total_seconds: float = TOTAL_SECONDS,
    bytes_max: int = ANSWER_BYTES_MAX,
) -> Got:
    """One request to the very address that was judged. Raises RefusedTarget, OSError (TimeoutError), HTTPException, ValueError."""
    address = judged_addresses(target, private_allowed=private_allowed, resolve=resolve)[0]
    connection = _Pinned(target, address)
    # A socket's own time-out starts anew with each byte; the watchdog ends a receiver that answers one byte at a time.
    watchdog = threading.Timer(total_seconds, connection.abort)
    watchdog.daemon = True
    watchdog.start()
    try:
        connection.request(method, target.path, body=body, headers={"Host": target.authority, **headers})
        answer = connection.getresponse()
        read = answer.read(bytes_max)
        if connection.aborted:  # what was cut off reads like an end
            raise TimeoutError
        return Got(answer.status, read, _seconds(answer.getheader("Retry-After")))
    finally:
        watchdog.cancel()
        connection.close()


class _Pinned(http.client.HTTPConnection):
    """A connection to one judged address; TLS still asks for the certificate of the name."""

    def __init__(self, target: Target, address: str) -> None:
        super().__init__(target.host, target.port, timeout=CONNECT_SECONDS)
        self._target = target
        self._address = address
        self.aborted = False

    def connect(self) -> None:
        """Open the socket to the address that was judged, never to what the name means by now."""
        raw = socket.create_connection((self._address, self._target.port), timeout=CONNECT_SECONDS)
        if self._target.scheme == "https":
            tls = ssl.create_default_context()
            # The watchdog must be able to end the handshake too: a receiver may draw that out byte by byte.
            self.sock = secured = tls.wrap_socket(raw, server_hostname=self._target.host, do_handshake_on_connect=False)
            self._end_if_aborted()
            secured.do_handshake()
        else:
            self.sock = raw
        self.sock.settimeout(TOTAL_SECONDS)
        self._end_if_aborted()

    def _end_if_aborted(self) -> None:
        if self.aborted:
            self.abort()

    def abort(self) -> None:
        """End the exchange from another thread."""
        self.aborted = True
        if self.sock is not None:
            with contextlib.suppress(OSError):  # it ended by itself meanwhile
                # The socket below TLS: Python's TLS socket forgets its session here, and a handshake just begun would trip over that.
                socket.socket.shutdown(self.sock, socket.SHUT_RDWR)


def _seconds(text: str | None) -> int | None:
    return int(text) if text is not None and text.isascii() and text.isdigit() and len(text) < 9 else None


def _since(started: float) -> int:
    return round((time.monotonic() - started) * 1000)
