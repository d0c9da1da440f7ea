"""Which database a command works on: the one that was named, or the embedded one, started when nobody else has."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass

from pydantic import SecretStr, ValidationError

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
    """Return the settings; Misconfigured names each variable that cannot be understood."""
    try:
        return settings()
    except ValidationError as error:
        details = tuple(_detail(one["loc"], one["msg"]) for one in error.errors())
        raise Misconfigured("settings", "环境变量有误：", "The environment is wrong:", details=details) from None


def _detail(place: tuple[int | str, ...], message: str) -> Detail:
    return Detail("TANDEM_" + "_".join(str(part) for part in place).upper(), message, message)


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
