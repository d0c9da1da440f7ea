"""Simulated shops beside the demo: one small process is all the platforms, and the demo is connected to some of them."""

import os
import socket
from collections.abc import Generator
from contextlib import contextmanager
from datetime import datetime
from secrets import token_urlsafe
from typing import Final
from uuid import UUID

from tandem.cli.address import listen
from tandem.cli.supervisor import Program
from tandem.kernel.db import Database
from tandem.kernel.settings import Role, Settings, settings

ADDRESS: Final = "TANDEM_SIMULATOR_URL"
TOKEN: Final = "TANDEM_SIMULATOR_TOKEN"  # noqa: S105  a variable's name


@contextmanager
def listening(known: Settings) -> Generator[socket.socket | None]:
    """The simulators' socket, its address and the word for its `/control` told to every process; None where none are wanted or they run
    elsewhere.
    """
    if not (known.demo and known.demo_shops) or known.simulator_url is not None:
        yield None
        return
    with listen("127.0.0.1", 0) as bound:
        os.environ[ADDRESS] = f"http://127.0.0.1:{bound.getsockname()[1]}"
        os.environ[TOKEN] = token_urlsafe()
        settings.cache_clear()
        try:
            yield bound
        finally:
            os.environ.pop(ADDRESS, None)
            os.environ.pop(TOKEN, None)
            settings.cache_clear()


def connect(urls: dict[Role, str], known: Settings) -> tuple[datetime, dict[str, UUID]]:
    """Connect the demo to its shops unless it is; returns when their story begins, and which accounts listen to which platform."""
    from tandem.cli.demo import quiet_logs
    from tandem.demo import shops

    quiet_logs(known)
    database = Database(urls)
    try:
        return shops.connect(database), shops.listening(database)
    finally:
        database.close()


def program(
    bound: socket.socket, door: socket.socket, story: tuple[datetime, dict[str, UUID]], known: Settings, like: Program
) -> Program:
    """The process that is all the platforms; what happens on those with listeners is told at the door's own address."""
    from tandem.demo.shops import ORDERS, PER_MINUTE

    since, listeners = story
    descriptor = bound.fileno()
    command = [*like.command[:3], "simulate", "--fd", str(descriptor), "--since", since.isoformat()]
    command += ["--orders", str(ORDERS), "--per-minute", str(PER_MINUTE)]
    base = known.public_url or _address(door)
    if base is not None:
        for name, account in listeners.items():
            command += ["--tell", f"{name}={base.rstrip('/')}/hooks/{name}/{account}"]
    return Program("shops", command, like.log.with_name("shops.log"), like.environment, (descriptor,))


def _address(door: socket.socket) -> str | None:
    """Where this machine reaches the door; None for one that is no TCP socket."""
    if door.family not in {socket.AF_INET, socket.AF_INET6}:
        return None
    host, port = door.getsockname()[:2]
    if host in {"0.0.0.0", "::"}:  # noqa: S104  compared with, not bound to
        host = "127.0.0.1"
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
