"""The contract every connector keeps, as steps over its simulator. `test_platforms.py` walks them for each platform."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any
from uuid import UUID

import pytest

from harness.database import Database
from harness.door import Door
from harness.hooks import call
from tandem.assembly import system
from tandem.connectors.kit import service
from tandem.connectors.kit.doorway import Doorway
from tandem.connectors.kit.registry import platforms
from tandem.connectors.kit.rounds import Worker
from tandem.connectors.kit.wire import Wire, route
from tandem.connectors.simulator.server import SimulatedTransport, Simulation
from tandem.connectors.simulator.world import Order
from tandem.kernel.errors import TandemError
from tandem.kernel.settings import settings
from tandem.stream.door.pending import resolve_waiting
from tandem.stream.sources.accounts import opened_account
from tandem.stream.sources.connector import Delivery, connector_of
from tandem.stream.sources.hooks import HookDoor

DAYS = 8
#: Where the past comes in windows of half an hour, a day of it is enough.
SHORT = {"pinduoduo": 1}
SETTLED = {"finished": "completed", "cancelled": "cancelled", "refunded": "cancelled"}
#: Here an order that was paid back stays one that was paid; its refund takes it away again.
KEEPS_REFUNDED = {"ebay", "shopify"}


@dataclass
class Story:
    """One account of one platform, asked in this process: no network, no sleeping, one worker."""

    name: str
    door: Door
    simulation: Simulation
    source: str = "shop"
    account: UUID = field(init=False)
    paused: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.door.kinds = system().door_kinds
        self.shop = self.simulation.shops[self.name]
        self.days = SHORT.get(self.name, DAYS)
        self.shop.world.days = self.days
        self.wire = Wire(SimulatedTransport(self.simulation))
        # Most of a minute on, so that what was sold just now is not too fresh to be asked for; where a platform refuses to be asked for
        # its last minutes, it was sold before them.
        self.settle = max(one.settle for one in self.platform.resources)
        ahead = timedelta(seconds=0 if self.settle > timedelta(minutes=1) else 40)
        self.worker = Worker(self.door.db, self.wire, self.pause, lambda: datetime.now(UTC) + ahead)

    def pause(self, seconds: float) -> None:
        """Waiting takes no time here: the limit is as it would be afterwards."""
        self.paused.append(seconds)
        self.unblock()

    @property
    def platform(self) -> Any:
        return platforms()[self.name]

    def connect(self) -> None:
        """Keys, authorisation, a check, a sample, and off."""
        given = {**self.shop.settings, **self.shop.secrets, "simulated": True}
        with self.door.tx("web") as tx:
            self.account = service.create(tx, self.name, self.source, "演示店", given)
            url = service.begin_authorisation(tx, self.account, "https://tandem.test/back")
        if url is not None:
            nonce = self.door.value(f"select nonce from connector_grant where account_id = '{self.account}'")
            assert nonce in url.replace("%2E", ".")
            service.finish_authorisation(
                self.door.db, self.door.tenant, self.account, "simulated-code", nonce, send=self.wire
            )
        checked = service.check(self.door.db, self.door.tenant, self.account, send=self.wire)
        assert checked["shop"]

    def start(self) -> None:
        with self.door.tx("web") as tx:
            service.start(tx, self.account, days=self.days)

    def work(self, rounds: int = 60) -> None:
        """Ask until nothing is due, then let the door understand it."""
        for _ in range(2):  # what a push names is asked for once the door has read the push
            for _ in range(rounds):
                if not self.worker.tenant(self.door.tenant):
                    break
            self.resolve()

    def resolve(self) -> None:
        while resolve_waiting(self.door.db, self.door.kinds):
            pass

    def due(self, *purposes: str) -> None:
        """Let time pass for the tasks of some purposes."""
        named = ", ".join(f"'{one}'" for one in purposes)
        with self.door.database.connect() as owner:
            owner.execute(f"update connector_task set next_at = now() - interval '1 s' where purpose in ({named})")

    def unblock(self) -> None:
        """Let the time pass for which the platform wanted to be left alone."""
        with self.door.database.connect() as owner:
            owner.execute("update connector_bucket set blocked_until = null, tokens = 10")

    def orders(self) -> dict[str, dict[str, Any]]:
        """The newest snapshot of every order that the door knows."""
        found: dict[str, dict[str, Any]] = {}
        rank = {"placed": 0, "paid": 1, "completed": 2, "cancelled": 2}
        rows = self.door.rows(
            f"select payload from inbox where type like 'order.%' and tenant_id = '{self.door.tenant}'"
        )
        for (payload,) in sorted(rows, key=lambda row: (row[0]["modified_at"], rank[row[0]["status"]])):
            found[payload["order_id"]] = payload
        return found

    def refunds(self) -> list[dict[str, Any]]:
        rows = self.door.rows(
            f"select payload from inbox where type = 'refund.created' and tenant_id = '{self.door.tenant}'"
        )
        return [row[0] for row in rows]

    def events(self) -> int:
        return self.door.value(f"select count(*) from inbox where tenant_id = '{self.door.tenant}'")

    def problems(self) -> list[Any]:
        return self.door.rows(
            f"select problem from connector_task where account_id = '{self.account}' and problem is not null"
        )

    def sell(self) -> int:
        """Somebody buys; returns the order's number."""
        (number,) = self.simulation.add(self.name, 1)
        if self.settle > timedelta(minutes=1):
            count, at = self.shop.world.added[-1]
            self.shop.world.added[-1] = (count, at - self.settle - timedelta(minutes=1))
        return number

    def deliver(self, *numbers: int) -> list[Delivery]:
        """The platform's webhooks about some orders, sent to our door."""
        sent = [Delivery(one.headers, one.query, one.body) for one in self.simulation.pushes(self.name, list(numbers))]
        self.post(*sent)
        return sent

    def post(self, *deliveries: Delivery) -> None:
        hooks = HookDoor(self.door.db)
        through = SimulatedTransport(self.simulation)
        route.append(through)  # what the door has to ask the platform before it can verify
        try:
            for one in deliveries:
                call(hooks, self.name, self.account, one)
        finally:
            route.remove(through)
            hooks.close()

    def refuses(self, delivery: Delivery) -> bool:
        connector = connector_of(self.name)
        assert isinstance(connector, Doorway)
        with self.door.tx("worker") as tx:
            account = opened_account(tx, account_id=self.account)
        assert account is not None
        try:
            connector.verify(account, delivery)
        except TandemError as error:
            return error.code == "not_verified"
        return False

    # ------------------------------------------------------------------------------------------- the world's own word

    def sold(self) -> list[Order]:
        """What was sold within the days that are read."""
        since = datetime.now(UTC) - timedelta(days=self.days)
        now, hidden = self.shop.now(), getattr(import_module(f"tandem.connectors.{self.name}.simulator"), "HIDES", ())
        told = [one for one in self.shop.world.orders(now) if one.modified_at(now) >= since]
        return [one for one in told if one.state(now) not in hidden]

    def expected(self) -> dict[str, float]:
        """Status and amount of every order, counted by (status, total in major units)."""
        now, found = self.shop.now(), {}
        for one in self.sold():
            state = one.state(now)
            if state == "refunded" and self.name in KEEPS_REFUNDED:
                state = "finished" if any(step == "finished" and at <= now for at, step in one.changes()) else "paid"
            status = SETTLED.get(state, "placed" if state == "placed" else "paid")
            key = f"{status} {one.paid / 100:.2f}"
            found[key] = found.get(key, 0) + 1
        return found

    def known(self) -> dict[str, float]:
        found: dict[str, float] = {}
        for one in self.orders().values():
            key = f"{one['status']} {one['total']:.2f}"
            found[key] = found.get(key, 0) + 1
        return found

    def everything_kept(self) -> str:
        """All text that is stored of this account outside its sealed secrets, and every capture, opened."""
        from tandem.connectors.kit.traffic import latest

        with self.door.tx("worker") as tx:
            captured = [one.text for one in latest(tx, self.account, limit=500)]
        rows = [
            self.door.rows(f"select {columns} from {table}")
            for table, columns in (
                ("connector_task", "problem::text"),
                ("connector_want", "problem::text"),
                ("connector_grant", "problem::text, facts::text"),
                ("source_account", "config::text"),
                ("audit_entry", "before::text, after::text"),
            )
        ]
        return json.dumps([captured, rows], ensure_ascii=False, default=str)


@contextmanager
def simulated(name: str, database: Database, simulation: Simulation) -> Iterator[Story]:
    """A connected account of a platform at a door of its own, while the settings name the simulator."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TANDEM_SIMULATOR_URL", "http://simulated")
        settings.cache_clear()
        door = Door(database)
        made = Story(name, door, simulation)
        made.connect()
        yield made
        made.wire.close()
        door.close()
    settings.cache_clear()
