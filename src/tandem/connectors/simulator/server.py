"""One process that is every platform: `/{platform}/{host}/...` answers as the platform would, `/control/...` makes trouble and traffic."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hmac import compare_digest
from importlib import import_module
from pathlib import Path
from secrets import token_urlsafe
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx

from tandem.connectors.kit.registry import FOLDERS, OFFICES
from tandem.connectors.kit.wire import route
from tandem.connectors.simulator.base import Acting, Asked, Lasting, Pushed, Said, Shop, Simulator, Telling
from tandem.connectors.simulator.world import World

SEED: Final = 20_260_101
TOKEN_HEADER: Final = "x-simulator-token"  # noqa: S105  a header's name
RATE: Final = "rate"
"""Asked of `/control`: how many orders a minute a shop has now."""
COUNT_MAX: Final = 1000
"""The most that one word to `/control` may ask for."""
HOOKS_MAX: Final = 50
"""Accounts that listen to one shop; past it the one that was named first is forgotten."""


class Dropped(Exception):
    """The connection is to be closed without an answer."""


def simulators() -> dict[str, Simulator]:
    """Every simulated platform by name."""
    found = [import_module(f"tandem.connectors.{folder}.simulator") for folder in (*FOLDERS, *OFFICES)]
    return {one.SIMULATOR.name: one.SIMULATOR for one in found}


def keys(name: str) -> tuple[dict[str, str], dict[str, str]]:
    """The settings and secrets with which an account of a simulated platform is set up."""
    module = import_module(f"tandem.connectors.{name}.simulator")
    return dict(module.SETTINGS), dict(module.SECRETS)


def worth(name: str) -> int:
    """How many yuan a platform's currency is worth in its simulator; most price in yuan."""
    return getattr(import_module(f"tandem.connectors.{name}.simulator"), "WORTH", 1)


@dataclass
class Simulation:
    """All platforms, a shop each. The same seed and epoch give the same shops."""

    seed: int = SEED
    epoch: datetime = field(default_factory=lambda: datetime.now(UTC).replace(microsecond=0))
    per_minute: float = 0.0
    orders_before: int = 60
    folder: Path | None = None
    """Where platforms keep what must outlive this process; None: nowhere."""
    token: str = field(default_factory=token_urlsafe)
    """Whoever talks to `/control` says it in a header."""
    shops: dict[str, Shop] = field(init=False)

    def __post_init__(self) -> None:
        self._simulators = simulators()
        self.shops = {}
        for index, name in enumerate(self._simulators):
            settings, secrets = keys(name)
            world = World(
                self.seed + index, self.epoch, self.orders_before, per_minute=self.per_minute, worth=worth(name)
            )
            self.shops[name] = Shop(world, settings, secrets)
        if self.folder is not None:
            for name, simulator in self._simulators.items():
                if isinstance(simulator, Lasting):
                    simulator.recall(self.shops[name], self.folder)

    def answer(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Said:
        """Answer a request by its path. Raises Dropped."""
        parts = urlsplit(target)
        _, name, host, *rest = [*parts.path.split("/", 3), "", ""]
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        if name == "control":
            return self._refused(method, host, rest[0], headers, query) or self._control(host, rest[0], query)
        shop, simulator = self.shops.get(name), self._simulators.get(name)
        if shop is None or simulator is None:
            return Said({"error": f"no simulated platform {name}"}, 404)
        if method == "GET" and "redirect_uri" in query:
            # The page where a seller says yes: she always does.
            back = urlencode({"code": "simulated-code", "state": query.get("state", "")})
            return Said(b"", 302, {"location": f"{query['redirect_uri']}?{back}"})
        trouble = shop.trouble
        if trouble.drop > 0:
            trouble.drop -= 1
            raise Dropped
        if trouble.fail > 0:
            trouble.fail -= 1
            return Said(b"Bad Gateway", 502, {"content-type": "text/plain"})
        if trouble.throttle > 0:
            trouble.throttle -= 1
            return simulator.throttled()
        return simulator.answer(shop, Asked(method, "/" + rest[0], query, headers, body, host))

    def pushes(self, name: str, numbers: list[int]) -> list[Pushed]:
        """The webhooks that tell of some orders as they are now."""
        shop = self.shops[name]
        found = [shop.world.order(number, shop.now()) for number in numbers]
        return [push for order in found if order is not None for push in self._simulators[name].pushes(shop, order)]

    def told(self, name: str) -> list[Pushed]:
        """What else happened there that a platform tells of; each is told once."""
        simulator = self._simulators[name]
        return list(simulator.callbacks(self.shops[name])) if isinstance(simulator, Telling) else []

    def keep(self) -> None:
        """Let platforms write down what changed."""
        if self.folder is None:
            return
        for name, simulator in self._simulators.items():
            if isinstance(simulator, Lasting):
                simulator.keep(self.shops[name], self.folder)

    def listen(self, name: str, account: str, hook: str) -> None:
        """From now on an account is pushed to at `hook`; at an empty one no more. Raises KeyError."""
        _listen(self.shops[name], account, hook)

    def add(self, name: str, count: int) -> list[int]:
        """Let some people buy now; returns the orders' numbers."""
        shop = self.shops[name]
        world = shop.world
        first = world.orders_before + sum(made for made, _ in world.added) + 1
        world.added.append((count, shop.now()))
        return list(range(first, first + count))

    def _refused(
        self, method: str, name: str, what: str, headers: Mapping[str, str], query: Mapping[str, str]
    ) -> Said | None:
        """Why `/control` does not do what it is asked; None where it may."""
        count = query.get("count", "1")
        if not compare_digest(headers.get(TOKEN_HEADER, "").encode(), self.token.encode()):
            return Said({"error": f"control wants the token in {TOKEN_HEADER}"}, 403)
        if name in self.shops and method != ("GET" if what == RATE else "POST"):
            return Said({"error": f"what changes a shop is a POST, {RATE} is a GET"}, 405)
        if not count.isdecimal() or int(count) > COUNT_MAX:
            return Said({"error": f"count is a whole number up to {COUNT_MAX}"}, 400)
        return None

    def _control(self, name: str, what: str, query: Mapping[str, str]) -> Said:
        shop = self.shops.get(name)
        if shop is None:
            return Said({"platforms": sorted(self.shops)})
        if what == RATE:
            return Said({"per_minute": shop.world.rate(shop.now())})
        count = int(query.get("count", "1"))
        done: dict[str, Callable[[], Any]] = {
            "orders": lambda: self.add(name, count),
            "throttle": lambda: setattr(shop.trouble, "throttle", count),
            "fail": lambda: setattr(shop.trouble, "fail", count),
            "drop": lambda: setattr(shop.trouble, "drop", count),
            "expire": lambda: setattr(shop.trouble, "tokens_before", shop.now()),
            "traffic": lambda: shop.world.dial(shop.now(), float(count)),
        }
        if account := query.get("account"):
            _listen(shop, account, query.get("hook", ""))
        simulator = self._simulators[name]
        if isinstance(simulator, Acting) and what in simulator.acts:
            return Said({"done": what, "result": simulator.act(shop, what, query)})
        if what not in done:
            return Said({"can": sorted(done) + (sorted(simulator.acts) if isinstance(simulator, Acting) else [])}, 404)
        return Said({"done": what, "result": done[what]()})


def _listen(shop: Shop, account: str, hook: str) -> None:
    """From now on an account is pushed to at `hook`; at an empty one no more."""
    hooks: dict[str, str] = shop.memory.get("hooks", {})
    # A new dictionary, since the pusher may be going through the old one.
    kept = {key: value for key, value in hooks.items() if key != account}
    shop.memory["hooks"] = dict([*kept.items(), *([(account, hook)] if hook else [])][-HOOKS_MAX:])


@contextmanager
def reached(simulation: Simulation) -> Generator[None]:
    """Calls to simulated accounts go to a simulation in this process."""
    transport = SimulatedTransport(simulation)
    route.append(transport)
    try:
        yield
    finally:
        route.remove(transport)


class SimulatedTransport(httpx.BaseTransport):
    """httpx without a network: requests go straight to a simulation."""

    def __init__(self, simulation: Simulation) -> None:
        self.simulation = simulation

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Answer. Raises httpx.ReadError for a dropped connection."""
        headers = {name.lower(): value for name, value in request.headers.items()}
        try:
            said = self.simulation.answer(request.method, request.url.raw_path.decode(), headers, request.read())
        except Dropped as dropped:
            raise httpx.ReadError("the connection was closed", request=request) from dropped
        return httpx.Response(said.status, headers=dict(said.headers), content=said.content(), request=request)
