"""A web process that tests may kill."""

from __future__ import annotations

import os
import socket

import tandem.web.server  # noqa: F401 - loaded before the process is forked
from tandem.cli.commands import web
from tandem.kernel.settings import settings


def main(owner_url: str, door: socket.socket) -> None:
    """Serve what comes in by a listening socket, as `tandem web` does."""
    os.environ["TANDEM_DATABASE_URL"] = owner_url
    settings.cache_clear()
    web(fd=door.detach())
