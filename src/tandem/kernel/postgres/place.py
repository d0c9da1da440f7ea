"""Where the server's files lie, given an account that must reach them and a socket path that must stay short."""

import hashlib
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tandem.kernel.postgres.account import Account
from tandem.kernel.postgres.trouble import PostgresTrouble

# sockaddr_un holds 104 bytes on macOS, 108 on Linux; `/.s.PGSQL.5432` and the closing zero need 15.
SOCKET_FOLDER_BYTES_MAX: Final = 85
PORT: Final = 5432
"""Only a part of the socket's name: the server listens on no network address."""


@dataclass(frozen=True)
class Place:
    """Folders and files of one server. ``control`` belongs to the caller; ``data`` and ``sockets`` to the server's account."""

    control: Path
    data: Path
    sockets: Path
    log: Path
    password_file: Path


def decide(home: Path, account: Account | None) -> Place:
    """Return the place for a home, making the folders around it; PostgresTrouble when the account can reach none."""
    control = home / "pg"
    _open_folder(home, account)
    _open_folder(control, account)
    base = control if account is None or account.can_enter(control) else _elsewhere(control, account)
    sockets = base / "run"
    if len(os.fsencode(sockets)) > SOCKET_FOLDER_BYTES_MAX:
        sockets = _short_folder(control, account)
    own_folder(sockets, account)
    return Place(control, base / "data", sockets, base / "server.log", control / "password")


def own_folder(folder: Path, account: Account | None) -> None:
    """Make a folder that only the server's account may enter."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if account is not None:
        os.chown(folder, account.uid, account.gid)
    folder.chmod(0o700)


def give(folder: Path, account: Account | None) -> None:
    """Give a folder and all in it to the server's account, where they are not its own already."""
    if account is None or folder.stat().st_uid == account.uid:
        return
    for path in (folder, *folder.rglob("*")):
        os.chown(path, account.uid, account.gid, follow_symlinks=False)


def programs_within_reach(folder: Path, place: Place, account: Account | None) -> Path:
    """Return the programs' folder, or that of a copy when the account cannot reach it (a checkout below /root, say)."""
    if account is None or account.can_enter(folder / "postgres"):
        return folder
    stamp = hashlib.sha256(f"{folder}:{folder.stat().st_mtime_ns}".encode()).hexdigest()[:12]
    copy = place.data.parent / f"programs-{stamp}"
    if not copy.exists():
        draft = copy.with_name(copy.name + f".{os.getpid()}")
        shutil.copytree(folder.parent, draft, symlinks=True)
        draft.chmod(0o755)
        draft.rename(copy)
    return copy / folder.name


def _open_folder(folder: Path, account: Account | None) -> None:
    """Make a folder of our own; when another account must pass through it, let it pass but not list."""
    folder.mkdir(parents=True, exist_ok=True)
    mode = folder.stat().st_mode & 0o777
    if account is not None and folder.stat().st_uid == os.geteuid() and not mode & 0o001:
        folder.chmod(mode | 0o011)


def _elsewhere(control: Path, account: Account) -> Path:
    """Return a folder outside the checkout: some folder above it is closed to the account and is not ours to open."""
    name = hashlib.sha256(os.fsencode(control.resolve())).hexdigest()[:12]
    for parent in (Path("/var/lib/tandem"), Path("/var/tmp/tandem")):  # noqa: S108  # ours alone: made by root, owner checked below
        try:
            parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        except OSError:
            continue
        base = parent / name
        if parent.stat().st_uid != os.geteuid():
            continue
        base.mkdir(mode=0o711, exist_ok=True)
        if account.can_enter(base):
            return base
    raise PostgresTrouble(
        "place_missing",
        f"账户 {account.name} 无法进入 {control}，也没有可用的替代目录：请用 TANDEM_HOME 指定一个它能进入的目录。",
        f"The account {account.name} cannot enter {control} and no other folder serves: name one with TANDEM_HOME.",
    )


def _short_folder(control: Path, account: Account | None) -> Path:
    """Return a folder with a short name; its random name is kept in a file so that a later process finds it again."""
    note = control / "socket-folder"
    owner = os.geteuid() if account is None else account.uid
    if note.is_file():
        known = Path(note.read_text(encoding="utf-8").strip())
        if known.is_dir() and not known.is_symlink() and known.stat().st_uid == owner:
            return known
    fresh = Path(tempfile.mkdtemp(prefix="tandem-"))
    if len(os.fsencode(fresh)) > SOCKET_FOLDER_BYTES_MAX:
        fresh.rmdir()
        fresh = Path(tempfile.mkdtemp(prefix="tandem-", dir="/tmp"))  # mkdtemp makes it ours and private
    note.write_text(str(fresh), encoding="utf-8")
    return fresh
