"""The demo tenant: loaded on the first start, its log-ins shown at every start."""

from dataclasses import dataclass

from tandem.kernel.db import Database
from tandem.kernel.postgres import Say
from tandem.kernel.settings import Role, Settings


@dataclass(frozen=True)
class Login:
    """A demo person's way in, and who they are."""

    name: str
    password: str
    zh: str
    en: str


def quiet_logs(known: Settings) -> None:
    """Let the engines, which the import runs in this process, say only what is wrong: the terminal is for people."""
    from tandem.web.logs import configure_logs

    configure_logs(known.model_copy(update={"log_level": "warning"}))


def ensure_demo(urls: dict[Role, str], known: Settings, say: Say) -> list[Login]:
    """Load the demo cut unless it is there, and return the demo log-ins."""
    from tandem import demo

    quiet_logs(known)
    database = Database(urls)
    try:
        if demo.present(database):
            demo.catch_up(database)
        else:
            demo.load(database, full=False, say=say)
    finally:
        database.close()
    return [Login(*one) for one in demo.logins()]
