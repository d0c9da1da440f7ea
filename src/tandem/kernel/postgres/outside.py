"""Look at a PostgreSQL that somebody named, and say in one sentence why it will not do."""

import re
from typing import Final

import psycopg
from psycopg.conninfo import conninfo_to_dict

from tandem.kernel.errors import Misconfigured
from tandem.kernel.postgres.binaries import MAJOR_MIN

_NAME: Final = "TANDEM_DATABASE_URL"
_REASONS: Final = (
    # What libpq says -> the sentence in both languages. Servers in other languages fall through to the general one.
    (
        r"password authentication failed|no password supplied|authentication failed",
        "用户名或密码不对",
        "the user name or the password is wrong",
    ),
    (r'role "[^"]*" does not exist', "没有这个用户", "there is no such user"),
    (r'database "[^"]*" does not exist', "没有这个数据库，请先创建", "there is no such database; create it first"),
    (r"no pg_hba.conf entry", "服务器不允许从本机连接", "the server does not admit this machine"),
    (r"Connection refused", "没有服务器在监听该地址", "nothing listens at that address"),
    (
        r"could not translate host name|Name or service not known|nodename nor servname",
        "主机名无法解析",
        "the host name is unknown",
    ),
    (r"timeout expired|timed out", "连接超时", "it does not answer in time"),
    (r"too many clients|remaining connection slots", "连接数已满", "it has no free connections"),
    (r"starting up|in recovery mode|shutting down", "服务器正在启动或停止", "it is just starting or stopping"),
)


def check(url: str, *, timeout_seconds: int = 10) -> int:
    """Return the server's version number (180006); Misconfigured says why the address cannot serve."""
    _parse(url)
    try:
        with psycopg.connect(url, connect_timeout=timeout_seconds) as connection:
            version = connection.info.server_version
            encoding = connection.info.parameter_status("server_encoding")
    except psycopg.OperationalError as error:
        zh, en = _why(str(error))
        raise Misconfigured(
            "database_unreachable",
            f"无法连接 {_NAME} 指定的数据库：{zh}（{_shown(url)}）。",
            f"The database named by {_NAME} cannot be used: {en} ({_shown(url)}).",
        ) from None
    if version < MAJOR_MIN * 10000:
        raise Misconfigured(
            "database_too_old",
            f"{_NAME} 指定的 PostgreSQL 版本是 {version // 10000}，需要 {MAJOR_MIN} 或更高。",
            f"The server named by {_NAME} is PostgreSQL {version // 10000}; Tandem needs {MAJOR_MIN} or newer.",
        )
    if encoding != "UTF8":
        raise Misconfigured(
            "database_encoding",
            f"{_NAME} 指定的数据库编码是 {encoding}，需要 UTF8。",
            f"The database named by {_NAME} is encoded in {encoding}; Tandem needs UTF8.",
        )
    return version


def _parse(url: str) -> None:
    try:
        known = conninfo_to_dict(url) if re.match(r"postgres(ql)?://", url) else None
    except psycopg.ProgrammingError:
        known = None
    if known is None:
        raise Misconfigured(
            "database_url",
            f"{_NAME} 不是数据库地址，应类似 postgresql://用户:密码@主机:5432/tandem。",
            f"{_NAME} is no database address; it should look like postgresql://user:password@host:5432/tandem.",
        )


def _why(message: str) -> tuple[str, str]:
    for pattern, zh, en in _REASONS:
        if re.search(pattern, message):
            return zh, en
    last = message.strip().splitlines()[-1].strip() if message.strip() else "?"
    return last, last


def _shown(url: str) -> str:
    """Return the address without its password."""
    return re.sub(r"(//[^:/@]*):[^@]*@", r"\1@", url)
