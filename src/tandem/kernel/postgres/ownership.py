"""Who uses the server: locks that the operating system drops with their process, so a killed owner never counts.

Every process that uses the server holds a shared lock; whoever can turn its lock into an exclusive one is the last and
stops the server. A second lock keeps two processes from starting or stopping at the same time.
"""

import fcntl
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path


class Ownership:
    """One process's share in a server whose control folder is given."""

    def __init__(self, control: Path) -> None:
        self._control = control
        self._share: int | None = None

    @contextmanager
    def changing(self) -> Generator[None]:
        """Hold the right to start or stop the server, waiting for it."""
        descriptor = _opened(self._control / "change.lock")
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def join(self) -> None:
        """Become an owner. Call it inside ``changing``, so that nobody stops the server meanwhile."""
        if self._share is None:
            self._share = _opened(self._control / "owners.lock")
            fcntl.flock(self._share, fcntl.LOCK_SH)

    def leave(self) -> bool:
        """Cease to be an owner and tell whether this was the last one. Call it inside ``changing``."""
        if self._share is None:
            return False
        try:
            fcntl.flock(self._share, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            last = False
        else:
            last = True
        os.close(self._share)
        self._share = None
        return last


def _opened(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
