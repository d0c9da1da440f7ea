"""A shop's counter: a house with advisers of a simulated WeCom, a worker in this process, and orders told through the API."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from harness.database import Database
from harness.flows import FlowHouse, working
from harness.house import PASSWORD, House, Person, ok, open_house
from tandem.assembly import system
from tandem.connectors.kit import wire
from tandem.connectors.simulator.server import SimulatedTransport, Simulation
from tandem.domains.contact import advisers, placing
from tandem.domains.contact.gateway import Member
from tandem.domains.contact.ownership import policy
from tandem.domains.contact.parcel import codes
from tandem.domains.marketing import lending
from tandem.kernel.settings import settings
from tandem.stream.door.pending import resolve_waiting
from tandem.stream.identity import commands

LIN, ZHAO = "linxiaotong", "zhaomin"


@dataclass
class Counter:
    """Two advisers of one store: `agent` is Lin (A01), `zhao` is Zhao (A02)."""

    house: House
    flows: FlowHouse
    account: str
    scope: str
    simulation: Simulation
    numbers: Iterator[int] = field(default_factory=lambda: iter(range(1, 10_000)))

    @property
    def admin(self) -> Person:
        return self.house.person("admin")

    def tell(self, kind: str, payload: dict[str, Any], source: str = "pos", *, settle: bool = True) -> None:
        event = {"source": source, "external_id": f"{kind}{next(self.numbers)}", "kind": kind, "time": self.now.isoformat(), "payload": payload}  # fmt: skip
        ok(self.admin.post("/v1/events", {"events": [event]}))
        if settle:
            self.settle()

    @property
    def now(self) -> datetime:
        return datetime.fromisoformat(ok(self.admin.get("/v1/clock"))["business_now"])

    def settle(self) -> None:
        while resolve_waiting(self.house.db, system().door_kinds):
            pass
        while policy.catch_up(self.house.db, self.house.a.id):
            pass
        self.flows.settle(turns_max=2000)
        while commands.run(self.house.db, system()):
            self.flows.settle(turns_max=2000)
        while lending.wanting_tenants(self.house.db):
            lending.refill(self.house.db, self.house.a.id)
            self.flows.settle(turns_max=2000)

    def make_codes(self) -> None:
        placing.place_due(self.house.db, self.house.a.id)
        while codes.look_after(self.house.db, self.house.a.id):
            pass

    def who(self, number: str) -> dict[str, str]:
        """How the platform calls somebody."""
        return {"kind": "open_id", "value": f"wm{number}", "scope": self.scope}

    def friend(self, number: str, member: str, at: datetime, state: str = "") -> None:
        self.tell(
            "friend",
            {
                "identifiers": [self.who(number)],
                "member": member,
                "change": "added",
                "at": at.isoformat(),
                "state": state,
            },
            "wecom",
        )

    def order(self, number: str, at: datetime, total: str = "100.00", *, who: list[dict[str, str]] | None = None, source: str = "pos", **more: Any) -> None:  # fmt: skip
        line = {"line_no": 1, "product_id": "cream", "quantity": 1, "amount": total}
        payload = {
            "order_id": number, "identifiers": who or [], "status": "paid", "placed_at": at.isoformat(), "paid_at": at.isoformat(), "total": total,
            "store": "s1", "lines": [line],
        }  # fmt: skip
        self.tell("order", payload | more, source)

    def refund(self, number: str, order: str, amount: str, at: datetime, source: str = "pos") -> None:
        self.tell("refund", {"refund_id": number, "order_id": order, "amount": amount, "at": at.isoformat()}, source)

    def order_id(self, number: str) -> str:
        (found,) = ok(self.admin.get("/v1/orders", q=number))["items"]
        return str(found["id"])

    def credit(self, number: str) -> dict[str, Any]:
        """Whose an order is, with its entries."""
        return ok(self.admin.get(f"/v1/orders/{self.order_id(number)}/credit"))

    def sums(self, number: str) -> dict[str, int]:
        """What advisers have of an order, in cents."""
        found: dict[str, int] = {}
        for one in self.credit(number)["entries"]:
            found[one["name"]] = found.get(one["name"], 0) + one["amount_cents"]
        return {name: cents for name, cents in found.items() if cents}

    def happened(self, kind: str) -> list[dict[str, Any]]:
        return [row[0] for row in self.flows.owner("select payload from event where type = %(kind)s order by event_id", {"kind": kind})]  # fmt: skip


@contextmanager
def open_counter(database: Database) -> Iterator[Counter]:
    """A counter over a fresh database."""
    patch = pytest.MonkeyPatch()
    patch.setenv("TANDEM_SIMULATOR_URL", "http://simulated")
    patch.setenv("TANDEM_PUBLIC_URL", "https://crm.example.com")
    settings.cache_clear()
    simulation = Simulation(epoch=datetime.now(UTC) - timedelta(days=2), orders_before=1)
    transport = SimulatedTransport(simulation)
    wire.route.append(transport)
    try:
        with open_house(database) as house, working(house.db, house.a.id) as flows:
            yield _furnish(house, flows, simulation)
    finally:
        wire.route.remove(transport)
        patch.undo()
        settings.cache_clear()


def _furnish(house: House, flows: FlowHouse, simulation: Simulation) -> Counter:
    admin = house.person("admin")
    account = ok(admin.post("/v1/connector-accounts", {"connector": "wecom", "source": "wecom", "name": "企微", "simulated": True, "settings": {}}))["id"]  # fmt: skip
    scope = flows.owner("select config ->> 'corp_id' from source_account where id = %(id)s", {"id": account})[0][0]
    one = Counter(house, flows, account, scope, simulation)
    flows.owner("update source_account set status = 'active' where tenant_id = %(tenant)s")
    with house.db.tx("worker", tenant=house.a.id) as tx:
        advisers.keep(tx, UUID(one.account), [Member(LIN, "林晓彤"), Member(ZHAO, "赵敏")])
    role = next(one["id"] for one in ok(admin.get("/v1/roles"))["items"] if one["code"] == "agent")
    hers = {"login": "zhao", "name": "Zhao", "password": PASSWORD, "assignments": [{"role_id": role, "scope": "own"}]}
    zhao = ok(admin.post("/v1/users", hers))
    house.a.people["zhao"] = zhao["id"]
    stores = [("store", {"code": code, "name": f"{code} 店", "region": "north"}) for code in ("s1", "s2")]
    for kind, payload in [*stores, ("product", {"product_id": "cream", "name": "面霜"})]:
        one.tell(kind, payload, settle=False)
    for login, member, code in (("agent", LIN, "A01"), ("zhao", ZHAO, "A02")):
        user = house.a.people[login]
        ok(admin.put(f"/v1/sidebar-bindings/{account}/{member}", {"user_id": str(user)}))
        ok(admin.put(f"/v1/adviser-posts/{user}", {"code": code, "store_id": str(house.a.units["s1"])}))
    one.settle()
    return one
