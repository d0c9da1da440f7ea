"""The unprivileged account the server runs as when Tandem itself runs as root (PostgreSQL refuses to run as root)."""

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypedDict

from tandem.kernel.postgres.trouble import PostgresTrouble

DEDICATED: Final = "tandem"


class RunAs(TypedDict, total=False):
    """Keyword arguments for ``subprocess`` that change the account; empty when no change is needed."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True)
class Account:
    """A system account: name, numeric user and group."""

    name: str
    uid: int
    gid: int

    def run_as(self) -> RunAs:
        return RunAs(user=self.uid, group=self.gid, extra_groups=[])

    def can_enter(self, folder: Path) -> bool:
        """Tell whether the account can reach a folder; the kernel is asked, so access lists and mounts count too."""
        asked = subprocess.run(["/bin/sh", "-c", 'test -x "$0"', str(folder)], check=False, cwd="/", **self.run_as())
        return asked.returncode == 0


def choose() -> Account | None:
    """Return the account to run the server as, or None when the caller is not root and runs it as itself.

    A dedicated account is made where the machine offers ``useradd``; ``postgres`` and ``nobody`` serve where it does not.
    """
    if os.geteuid() != 0:
        return None
    account = _named(DEDICATED) or _made(DEDICATED) or _named("postgres") or _named("nobody")
    if account is None:
        raise PostgresTrouble(
            "account_missing",
            "以 root 运行时需要一个普通系统账户来启动 PostgreSQL：请先创建，例如 useradd --system tandem。",
            "PostgreSQL does not run as root and there is no ordinary account: make one, for example `useradd --system tandem`.",
        )
    return account


def _named(name: str) -> Account | None:
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        return None
    return None if entry.pw_uid == 0 else Account(name, entry.pw_uid, entry.pw_gid)


def _made(name: str) -> Account | None:
    useradd = shutil.which("useradd")
    if useradd is None:
        return None
    command = [useradd, "--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin", name]
    # A failure (read-only /etc, a race with another start) is no error: the next choice serves.
    subprocess.run(command, check=False, capture_output=True)
    return _named(name)
