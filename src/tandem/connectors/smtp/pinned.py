"""One SMTP session over TLS with a judged address, bounded in time as a whole."""

from __future__ import annotations

import contextlib
import smtplib
import socket
import ssl
import threading
from collections.abc import Generator
from functools import cache
from typing import Final

from tandem.stream.webhooks.targets import Resolve, Target, judged_addresses

CONNECT_SECONDS: Final = 5.0
TOTAL_SECONDS: Final = 30.0
READY: Final = 220


class Pinned(smtplib.SMTP):
    """A session with one judged address; TLS still asks for the certificate of the name."""

    def __init__(self, host: str, port: int, address: str, seconds: float) -> None:
        super().__init__(local_hostname=_own_name(), timeout=seconds)
        self._to = (host, port, address)
        self._raw: socket.socket | None = None
        self._aborted = False

    def open(self) -> None:
        """Connect, to what was judged and never to what the name means by now. Raises OSError, ValueError, SMTPException."""
        host, port, address = self._to
        raw = socket.create_connection((address, port), timeout=CONNECT_SECONDS)
        try:
            # The watchdog must be able to end the handshake too: a server may draw that out byte by byte.
            secured = ssl.create_default_context().wrap_socket(raw, server_hostname=host, do_handshake_on_connect=False)
        except BaseException:
            raw.close()
            raise
        self.sock = self._raw = secured
        self._end_if_aborted()
        secured.settimeout(self.timeout)
        secured.do_handshake()
        code, told = self.getreply()
        if code != READY:
            raise smtplib.SMTPConnectError(code, told)

    def abort(self) -> None:
        """End the session from another thread."""
        self._aborted = True
        self._end_if_aborted()

    def _end_if_aborted(self) -> None:
        if self._aborted and self._raw is not None:
            with contextlib.suppress(OSError):  # it ended by itself meanwhile
                # The socket below TLS: Python's TLS socket forgets its session here, and a handshake just begun would trip over that.
                socket.socket.shutdown(self._raw, socket.SHUT_RDWR)


@contextlib.contextmanager
def session(
    host: str,
    port: int,
    *,
    private_allowed: bool,
    resolve: Resolve | None = None,
    total_seconds: float = TOTAL_SECONDS,
) -> Generator[Pinned]:
    """An open session, closed at the end and ended by force after `total_seconds`.

    Raises RefusedTarget for where nothing may go; OSError, ValueError, SMTPException for what does not answer as it should.
    """
    address = judged_addresses(Target("smtps", host, port, ""), private_allowed=private_allowed, resolve=resolve)[0]
    server = Pinned(host, port, address, total_seconds)
    # A socket's own time-out starts anew with each byte; the watchdog ends a server that answers one byte at a time.
    watchdog = threading.Timer(total_seconds, server.abort)
    watchdog.daemon = True
    watchdog.start()
    try:
        server.open()
        yield server
        with contextlib.suppress(OSError, smtplib.SMTPException):  # what was taken is taken, however the farewell goes
            server.quit()
    finally:
        watchdog.cancel()
        server.close()


@cache
def _own_name() -> str:
    """What we call ourselves: asking for it may take seconds, so it is asked once."""
    name = socket.getfqdn()
    return name if "." in name else "[127.0.0.1]"
