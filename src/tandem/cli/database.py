"""Which database a command works on: the one that was named, or the embedded one, started when nobody else has."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from pydantic import SecretStr, ValidationError
from pydantic_core import ErrorDetails

from tandem.cli.talk import say
from tandem.kernel.db import Database
from tandem.kernel.errors import Detail, Misconfigured
from tandem.kernel.postgres import EmbeddedServer, outside
from tandem.kernel.settings import Role, Settings, settings


@dataclass(frozen=True)
class Addresses:
    """The addresses of one database by role. ``server`` is the embedded one when this process is an owner of it."""

    urls: dict[Role, str]
    server: EmbeddedServer | None = None

    @property
    def owner(self) -> str:
        """The owner's address. Misconfigured in a process that was given the application roles only."""
        if "owner" not in self.urls:
            raise Misconfigured(
                "owner_address", "这个命令需要 TANDEM_DATABASE_URL。", "This command needs TANDEM_DATABASE_URL."
            )
        return self.urls["owner"]


def read_settings() -> Settings:
    """Return the settings; Misconfigured names each variable that cannot be understood, what it holds and what would be right."""
    try:
        return settings()
    except ValidationError as error:
        first, *others = [_wrong(one) for one in error.errors()]
        raise Misconfigured(
            "settings", f"{first[0]}。", f"{first[1]}.", details=tuple(_also(*one) for one in others)
        ) from None


def _wrong(error: ErrorDetails) -> tuple[str, str]:
    name = "TANDEM_" + "_".join(str(part) for part in error["loc"]).upper()
    given = str(error["input"])[:80]
    zh, en = _EXPECTED.get(error["type"], ("不能使用", "cannot be used: {msg}"))
    known = error.get("ctx", {}) | {"msg": error["msg"]}
    return f"{name}={given} {zh.format_map(known)}", f"{name}={given} {en.format_map(known)}"


def _also(zh: str, en: str) -> Detail:
    return Detail(zh.partition("=")[0], zh.partition(" ")[2], en.partition(" ")[2])


_EXPECTED: Final = {
    "int_parsing": ("不是整数", "is no whole number"),
    "int_from_float": ("不是整数", "is no whole number"),
    "float_parsing": ("不是数字", "is no number"),
    "bool_parsing": ("应为 true 或 false", "should be true or false"),
    "greater_than": ("应大于 {gt}", "should be more than {gt}"),
    "greater_than_equal": ("应不小于 {ge}", "should be {ge} or more"),
    "less_than_equal": ("应不大于 {le}", "should be {le} or less"),
    "literal_error": ("应为 {expected} 之一", "should be one of {expected}"),
}


@contextmanager
def addresses() -> Generator[Addresses]:
    """Give the addresses of the database, with the embedded server running meanwhile if that is the one."""
    known = read_settings()
    if known.web_database_url is not None and known.database_url is None:
        # A child of the supervisor, or a machine that is trusted with the application roles only.
        yield Addresses(known.addresses())
    elif known.database_url is not None:
        outside.check(known.database_url.get_secret_value())
        yield Addresses(known.addresses())
    else:
        with EmbeddedServer(known.home, say=say, free_bytes_min=known.free_space_bytes_min) as server:
            embedded = known.model_copy(update={"database_url": SecretStr(server.url())})
            yield Addresses(embedded.addresses(), server)


@contextmanager
def database() -> Generator[Database]:
    """Give the database with a pool for each role."""
    with addresses() as known:
        opened = Database(known.urls)
        try:
            yield opened
        finally:
            opened.close()
