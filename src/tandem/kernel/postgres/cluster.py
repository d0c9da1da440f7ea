"""Make the data directory: whole or not at all."""

import os
import shutil
import subprocess
import time
from pathlib import Path

from tandem.kernel.postgres import pidfile, place, trouble, tuning
from tandem.kernel.postgres.account import Account, RunAs
from tandem.kernel.postgres.binaries import Installation
from tandem.kernel.postgres.place import Place
from tandem.kernel.postgres.trouble import PostgresTrouble

SUPERUSER = "tandem"


def is_whole(data: Path) -> bool:
    """Tell whether the directory holds a cluster that a server could start from."""
    return (data / "PG_VERSION").is_file() and (data / "global" / "pg_control").is_file()


def ensure(where: Place, programs: Installation, account: Account | None, *, durable: bool) -> Path | None:
    """Make the data directory unless it is there; return where a half-made one was moved to, if one was found.

    The directory is made under another name and renamed when whole, so an interrupted first start leaves nothing that
    looks like data. Raises PostgresTrouble when it belongs to another major version or cannot be made.
    """
    for draft in where.data.parent.glob("data.new-*"):
        shutil.rmtree(draft)
    if is_whole(where.data):
        _check_version(where.data, programs)
        place.give(where.data, account)
        _configure(where.data, account, durable=durable)
        return None
    moved = _set_aside(where.data)
    draft = where.data.with_name(f"data.new-{os.getpid()}")
    _initialise(draft, where, programs, account, durable=durable)
    _configure(draft, account, durable=durable)
    draft.rename(where.data)
    return moved


def _check_version(data: Path, programs: Installation) -> None:
    made_by = (data / "PG_VERSION").read_text(encoding="ascii").strip()
    if made_by != str(programs.major):
        raise PostgresTrouble(
            "data_version",
            f"数据目录 {data} 由 PostgreSQL {made_by} 创建，而现有程序是 {programs.major}：请用 pg_dump 与 pg_restore 迁移，或换回原版本。",
            f"{data} was made by PostgreSQL {made_by} and the programs here are {programs.major}: "
            "move the data with pg_dump and pg_restore, or go back to that version.",
        )


def _set_aside(data: Path) -> Path | None:
    """Move away what is not a whole cluster. It is never deleted: it may be more than it seems."""
    if not data.exists():
        return None
    for process in pidfile.leftovers(data):
        pidfile.stop(process, patience_seconds=10.0)
    if data.is_dir() and not any(data.iterdir()):
        data.rmdir()
        return None
    aside = data.with_name(f"data.broken-{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}-{os.getpid()}")
    data.rename(aside)
    return aside


def _initialise(draft: Path, where: Place, programs: Installation, account: Account | None, *, durable: bool) -> None:
    place.own_folder(draft, account)
    # initdb reads the password from a file it may open as the server's account; it stands inside the account's own folder.
    password = where.sockets / f"password.{os.getpid()}"
    password.write_text(where.password_file.read_text(encoding="ascii"), encoding="ascii")
    if account is not None:
        os.chown(password, account.uid, account.gid)
    # From 17 on, text is compared by code point and yet upper() and regular expressions know all scripts.
    locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"] if programs.major >= 17 else []
    command = [programs.program("initdb"), "-D", str(draft), "-U", SUPERUSER, "--encoding=UTF8", "--locale=C", *locale]
    command += ["--auth=scram-sha-256", f"--pwfile={password}", "--no-instructions"]
    if not durable:
        command += ["--no-sync", "-c", "scram_iterations=1"]
        command += ["--no-data-checksums"] if programs.major >= 18 else []
    try:
        done = subprocess.run(
            command, check=False, capture_output=True, text=True, cwd="/", env=clean_environment(), **_run_as(account)
        )
    finally:
        password.unlink()
    if done.returncode != 0:
        shutil.rmtree(draft, ignore_errors=True)
        raise trouble.from_log(
            "initdb_failed", "无法创建数据目录", "The data directory could not be made", done.stdout + done.stderr
        )


def set_password(where: Place, programs: Installation, account: Account | None) -> None:
    """Give the superuser the password that our file holds. The server must not be running."""
    password = where.password_file.read_text(encoding="ascii").strip()
    done = subprocess.run(
        [programs.program("postgres"), "--single", "-D", str(where.data), "postgres"],
        input=f"alter role {SUPERUSER} password '{password}'\n",
        check=False,
        capture_output=True,
        text=True,
        cwd="/",
        env=clean_environment(),
        **_run_as(account),
    )
    if done.returncode != 0:
        raise trouble.from_log("password", "无法重设数据库密码", "The database password could not be set", done.stderr)


def _run_as(account: Account | None) -> RunAs:
    return RunAs() if account is None else account.run_as()


def _configure(data: Path, account: Account | None, *, durable: bool) -> None:
    """Write our settings where postgresql.conf includes them; ``custom.conf`` is the operator's and comes last."""
    settings = tuning.configuration(tuning.this_machine(), durable=durable)
    _write(data / "tandem.conf", tuning.render(settings), account)
    main = data / "postgresql.conf"
    wanted = "include_if_exists = 'tandem.conf'\ninclude_if_exists = 'custom.conf'\n"
    text = main.read_text(encoding="utf-8")
    if wanted not in text:
        _write(main, text + "\n" + wanted, account)


def _write(path: Path, text: str, account: Account | None) -> None:
    draft = path.with_name(path.name + ".new")
    draft.write_text(text, encoding="utf-8")
    draft.chmod(0o600)
    if account is not None:
        os.chown(draft, account.uid, account.gid)
    draft.replace(path)


def clean_environment() -> dict[str, str]:
    """Return our environment without what would steer PostgreSQL's programs elsewhere (PGDATA, PGPORT, PGOPTIONS, ...)."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return kept | {"LC_ALL": "C"}
