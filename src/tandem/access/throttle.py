"""Guessing passwords gets slower with every failure, across restarts and processes.

Per address, and per log-in name from one network (or from one browser in which she signed in before): a stranger shuts nobody out of
her own account, since what he uses up is his. A name that is guessed at from everywhere gives every stranger's network less to guess.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from tandem.access.devices import network_of, party_of
from tandem.kernel.db import Connection, Database
from tandem.kernel.errors import Throttled

FREE_FAILURES: Final = {"login": 5, "address": 30}
BESIEGED: Final = 60
"""Failures for one name from all networks together after which a network that is strange to it has one free failure, not five."""
BESIEGED_FREE: Final = 1
WAIT_MAX: Final = timedelta(minutes=15)
FORGET_AFTER: Final = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class Tally:
    """Failures in a row of one address (`address`), of a name from one network or browser (`login`), of a name altogether (`name`)."""

    kind: str
    key_hash: bytes
    failures: int
    last_at: datetime


def wait_after(failures: int, free: int) -> timedelta:
    """How long to stay away after so many failures in a row: nothing while free, then 1, 2, 4, ... s up to 15 minutes."""
    if failures < free:
        return timedelta(0)
    return min(timedelta(seconds=2 ** min(failures - free, 20)), WAIT_MAX)


def longest_wait(tallies: list[Tally], now: datetime) -> timedelta:
    """How much of the longest wait is still to come (zero or less: none). Pure."""
    besieged = any(tally.kind == "name" and tally.failures >= BESIEGED for tally in tallies)
    free = FREE_FAILURES | ({"login": BESIEGED_FREE} if besieged else {})
    return max(
        tally.last_at + wait_after(tally.failures, free[tally.kind]) - now for tally in tallies if tally.kind in free
    )


def keys_of(login: str, address: str | None, device: str | None = None) -> list[tuple[str, bytes]]:
    """The counters an attempt runs on, in the order they are locked. A browser that is known at this name has one that is its own."""
    name = login.strip().lower()
    if device is not None:
        named = [("login", f"{name}\x1fdevice\x1f{device}")]
    else:
        named = [("address", party_of(address)), ("login", f"{name}\x1f{network_of(address)}"), ("name", name)]
    return [(kind, hashlib.sha256(value.encode(errors="replace")).digest()) for kind, value in named]


def count_attempt(db: Database, login: str, address: str | None, device: str | None = None) -> None:
    """Count one attempt as failed before it is judged, so that many at once cannot slip past the count.

    Raises Throttled, without counting, while an earlier wait lasts.
    """
    with db.connection("web") as connection:
        now, tallies = _locked(connection, keys_of(login, address, device))
        longest = longest_wait(tallies, now)
        if longest > timedelta(0):
            raise _throttled(longest)
        for tally in tallies:
            connection.execute(
                "update login_attempt set failures = failures + 1, last_at = clock_timestamp() where kind = %s and key_hash = %s",
                (tally.kind, tally.key_hash),
            )


def forgive(connection: Connection, login: str, address: str | None, device: str | None = None) -> None:
    """After a right password: the name starts afresh where it was typed, the address and the name altogether take this one attempt back.

    (An address that knows one password may still be guessing others, and somebody elsewhere this one.)
    """
    for kind, key_hash in keys_of(login, address, device):
        kept = "0" if kind == "login" else "greatest(failures - 1, 0)"
        connection.execute(
            f"update login_attempt set failures = {kept} where kind = %s and key_hash = %s",  # pyright: ignore[reportArgumentType]
            (kind, key_hash),
        )


def _locked(connection: Connection, keys: list[tuple[str, bytes]]) -> tuple[datetime, list[Tally]]:
    # Rows that another attempt holds are left to it: waiting for them here could close a circle.
    connection.execute(
        """
        delete from login_attempt where (kind, key_hash) in (
          select kind, key_hash from login_attempt where last_at < now() - %s limit 100 for update skip locked)
        """,
        (FORGET_AFTER,),
    )
    tallies: list[Tally] = []
    for kind, key_hash in keys:
        connection.execute(
            "insert into login_attempt (kind, key_hash, failures, last_at) values (%s, %s, 0, now()) on conflict do nothing",
            (kind, key_hash),
        )
        found = connection.execute(
            "select failures, last_at from login_attempt where kind = %s and key_hash = %s for update",
            (kind, key_hash),
        ).fetchone()
        if found is not None:
            tallies.append(Tally(kind, key_hash, *found))
    # The clock is read after the locks: a queue of attempts waits its turn and must not look older than it is.
    stamp = connection.execute("select clock_timestamp()").fetchone()
    return (stamp[0] if stamp else datetime.now().astimezone()), tallies


def _throttled(wait: timedelta) -> Throttled:
    seconds = max(1, round(wait.total_seconds() + 0.5))
    return Throttled(
        "too_many_attempts",
        f"登录尝试过多，请在 {seconds} 秒后再试。",
        f"Too many attempts; try again in {seconds} seconds.",
        retry_after_seconds=seconds,
    )
