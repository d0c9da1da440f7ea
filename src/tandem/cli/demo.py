"""The demo tenant: loaded on the first start, its log-ins shown at every start."""

import importlib.util
from dataclasses import dataclass

from tandem.kernel.db import Database
from tandem.kernel.postgres import Say
from tandem.kernel.settings import Role


@dataclass(frozen=True)
class Login:
    """A demo person's way in, and who they are."""

    name: str
    password: str
    zh: str
    en: str


def ensure_demo(urls: dict[Role, str], say: Say) -> list[Login]:
    """Load the demo cut unless it is there, and return the demo log-ins."""
    room = importlib.util.find_spec("tandem.demo")
    if room is None or room.origin is None:
        return []
    from tandem import demo

    if not hasattr(demo, "load"):
        return []
    database = Database(urls)
    try:
        if not demo.present(database):
            demo.load(database, full=False, say=say)
    finally:
        database.close()
    return [Login(*one) for one in demo.logins()]
