"""A shop over the house of the API tests: outside systems tell it things, and a worker in this process takes them in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from harness.flows import FlowHouse, working
from harness.house import House, Person, ok
from tandem.assembly import system
from tandem.stream.door.pending import resolve_waiting


@dataclass
class Shop:
    """A house with a worker in this process."""

    house: House
    flows: FlowHouse
    number: int = 0

    @property
    def admin(self) -> Person:
        return self.house.person("admin")

    @property
    def now(self) -> str:
        return ok(self.admin.get("/v1/clock"))["business_now"]

    def tell(self, kind: str, payload: dict[str, Any], source: str = "pos") -> None:
        self.number += 1
        number = f"{kind}{self.number}"
        event = {"source": source, "external_id": number, "kind": kind, "time": self.now, "payload": payload}
        ok(self.admin.post("/v1/events", {"events": [event]}))
        while resolve_waiting(self.house.db, system().door_kinds):
            pass
        self.settle()

    def settle(self) -> None:
        self.flows.settle(turns_max=2000)

    def customer(self, number: str) -> str:
        return ok(self.admin.get("/v1/customers", q=number))["items"][0]["id"]


Kind = TypeVar("Kind", bound=Shop)


@contextmanager
def open_shop(house: House, kind: type[Kind]) -> Iterator[Kind]:
    """A shop whose messages know no quiet hours."""
    with working(house.db, house.a.id) as flows:
        flows.owner("update frequency_cap set quiet_from = null, quiet_until = null where tenant_id = %(tenant)s")
        yield kind(house, flows)


def card(number: str) -> list[dict[str, str]]:
    """A member's number, as records name her."""
    return [{"kind": "member_no", "value": number}]
