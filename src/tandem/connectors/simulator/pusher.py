"""Webhooks as they happen: what changes in a simulated shop that somebody listens to is pushed within a second."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import urlencode

import httpx

from tandem.connectors.simulator.base import Pushed
from tandem.connectors.simulator.server import Simulation

EVERY_SECONDS: Final = 1.0
TIMEOUT_SECONDS: Final = 5.0
Post = Callable[[str, Pushed], None]


@dataclass
class Pusher:
    """Pushes for all shops with listeners (`Shop.memory["hooks"]`: account -> address). With none it does nothing but look once a
    second.
    """

    simulation: Simulation
    post: Post
    last: dict[str, datetime] = field(default_factory=dict[str, datetime])

    def look(self, now: datetime) -> int:
        """Push what changed since the last look; returns how many pushes there were."""
        sent = 0
        for name, shop in self.simulation.shops.items():
            hooks: dict[str, str] = shop.memory.get("hooks", {})
            since = self.last.pop(name, now - timedelta(seconds=3 * EVERY_SECONDS))
            if not hooks:
                continue
            self.last[name] = now
            changed = shop.world.modified(since, now, now)
            told = [*self.simulation.pushes(name, [one.number for one in changed]), *self.simulation.told(name)]
            for push in told:
                for hook in hooks.values():
                    self.post(hook, push)
                    sent += 1
        return sent


def start(simulation: Simulation, stop: threading.Event) -> threading.Thread:
    """Look around until told to stop, in a thread of its own. A listener that does not answer is left out, as platforms do."""
    client = httpx.Client(timeout=TIMEOUT_SECONDS)

    def post(hook: str, push: Pushed) -> None:
        address = f"{hook}?{urlencode(push.query)}" if push.query else hook
        try:
            client.post(address, headers=dict(push.headers), content=push.body)
        except httpx.HTTPError:
            return

    pusher = Pusher(simulation, post)

    def run() -> None:
        while not stop.wait(EVERY_SECONDS):
            pusher.look(datetime.now(UTC))
            simulation.keep()
        simulation.keep()
        client.close()

    thread = threading.Thread(target=run, name="pusher", daemon=True)
    thread.start()
    return thread
