"""A company at work: people in their browsers, a worker with its jobs in this process, a clock that can be moved.

Stories use nothing but the public API. Waiting is for a state the API shows, bounded by `PATIENCE_SECONDS`, never for a length of time.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from harness.database import Database
from harness.house import House, Person, ok, open_house
from tandem.assembly import system
from tandem.flow.worker import Worker, start_jobs

PATIENCE_SECONDS = 400.0
#: Each look is a request like any other.
LOOK_SECONDS = 0.15
BATCH = 1000
ZONE = ZoneInfo("Asia/Shanghai")
#: A story takes some minutes, and the hours that it moves beside days.
EVENING_HOUR = 21


@dataclass
class Town:
    """The house with somebody at work in it."""

    house: House
    _numbers: Iterator[int] = field(default_factory=lambda: iter(range(1, 10_000_000)))

    def person(self, login: str) -> Person:
        return self.house.person(login)

    @property
    def now(self) -> datetime:
        """Business time, as the clock on the screen shows it."""
        return datetime.fromisoformat(ok(self.person("admin").get("/v1/clock"))["business_now"])

    @property
    def today(self) -> date:
        """The tenant's day: in the evening of UTC it is tomorrow there."""
        return self.now.astimezone(ZONE).date()

    def ago(self, **length: float) -> str:
        return (self.now - timedelta(**length)).isoformat()

    def tell(self, *records: tuple[str, dict[str, Any]], mode: str = "live", source: str = "pos") -> dict[str, Any]:
        """What outside systems push: (kind, payload) pairs, through `POST /v1/events`."""
        answer: dict[str, Any] = {}
        at = self.now.isoformat()
        events = [
            {
                "source": source,
                "external_id": f"{kind}-{next(self._numbers)}",
                "kind": kind,
                "time": at,
                "payload": payload,
                "mode": mode,
            }
            for kind, payload in records
        ]
        for start in range(0, len(events), BATCH):
            answer = ok(self.person("operator").post("/v1/events", {"events": events[start : start + BATCH]}))
        return answer

    def until(self, what: Callable[[], Any], why: str) -> Any:
        """Wait until the API shows something; its value is returned."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        pause = threading.Event()
        while not (found := what()):
            assert time.monotonic() < deadline, f"never came true: {why}"
            pause.wait(LOOK_SECONDS)
        return found

    def leave_the_evening(self) -> None:
        """Go past midnight where it is near: what is told by days and hours then lies on the same days at every time of day."""
        hour = self.now.astimezone(ZONE).hour
        if hour >= EVENING_HOUR:
            self.move(hours=25 - hour)

    def move(self, **length: float) -> None:
        """Move the clock ahead and wait until it has arrived."""
        admin = self.person("admin")
        answer = admin.post("/v1/clock/move", {"seconds": int(timedelta(**length).total_seconds())})
        assert answer.status_code == 202, answer.text
        self.until(lambda: not ok(admin.get("/v1/clock"))["moving"], f"the clock arrives after {length}")


def order(
    number: object, member: str, at: str, *categories: str, total: str = "60.00", store: str = "s1", **more: Any
) -> tuple[str, dict[str, Any]]:
    """A paid order with one line per category; each category has one product of its own name."""
    each = f"{float(total) / max(1, len(categories)):.2f}"
    lines = [
        {"line_no": index, "product_id": category, "quantity": 1, "amount": each}
        for index, category in enumerate(categories, 1)
    ]
    payload = {
        "order_id": f"O{number}",
        "identifiers": [{"kind": "member_no", "value": member}],
        "status": "paid",
        "placed_at": at,
        "paid_at": at,
        "store": store,
        "total": total,
        "lines": lines,
    }
    return "order", payload | more


def member(number: object, name: str = "王芳", store: str = "s1", **more: Any) -> tuple[str, dict[str, Any]]:
    """A member as the member system tells of her."""
    return "customer", {
        "identifiers": [{"kind": "member_no", "value": f"M{number}"}],
        "name": name,
        "city": "上海",
        "store": store,
    } | more


def shop(*categories: str) -> list[tuple[str, dict[str, Any]]]:
    """Three stores and a product per category."""
    stores = [
        ("store", {"code": code, "name": f"{code} 店", "region": region})
        for code, region in (("s1", "north"), ("s2", "north"), ("s3", "south"))
    ]
    return [
        *stores,
        *(
            ("product", {"product_id": one, "name": f"{one}一号", "category": one, "department": "食品"})
            for one in categories
        ),
    ]


def block(block_id: str, kind: str, **config: Any) -> dict[str, Any]:
    return {"id": block_id, "kind": kind, "config": config}


def graph(blocks: Sequence[dict[str, Any]], arrows: Sequence[str], **settings: Any) -> dict[str, Any]:
    """A graph from blocks and arrows written `from.port>to`."""
    drawn: list[dict[str, str]] = []
    for arrow in arrows:
        left, _, to = arrow.partition(">")
        start, _, port = left.partition(".")
        drawn.append({"from": start, "port": port, "to": to})
    placed = [one | {"position": {"x": 220 * index, "y": 120}} for index, one in enumerate(blocks)]
    return {"blocks": placed, "arrows": drawn, "settings": settings}


def draw_and_publish(who: Person, name: str, drawn: dict[str, Any]) -> str:
    """What a person does on the canvas: make, draw, check, publish. Returns the flow's id."""
    flow = ok(who.post("/v1/flows", {"name": name}))
    ok(who.put(f"/v1/flows/{flow['id']}/draft", {"graph": drawn, "etag": flow["etag"]}))
    found = ok(who.post(f"/v1/flows/{flow['id']}/check"))["findings"]
    assert not [one for one in found if one["severity"] == "error"], found
    assert ok(who.post(f"/v1/flows/{flow['id']}/publish", {"running": "stay"}))["status"] == "running"
    return str(flow["id"])


@contextmanager
def open_town(database: Database) -> Iterator[Town]:
    """A company on a fresh database, with a worker and its jobs in threads."""
    with open_house(database) as house:
        worker = Worker(house.db.url("worker"), system())
        threads = [threading.Thread(target=worker.run, name="town-worker", daemon=True)]
        threads[0].start()
        threads += start_jobs(system().jobs, house.db, worker.stopping)
        try:
            yield Town(house)
        finally:
            worker.stopping.set()
            for thread in threads:
                thread.join(timeout=30)
