"""Worker processes to be killed, stopped and continued, and the account to be drawn up afterwards."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from multiprocessing.context import ForkServerProcess
from typing import Any
from uuid import UUID

from harness import flow_worker
from harness.flows import FlowHouse, block, graph
from harness.nursery import nursery
from tandem.kernel.ids import bucket_of, new_id
from tandem.stream.events import NewEvent
from tandem.stream.inbox import emit

LEASE_SECONDS = 1.5
PATIENCE_SECONDS = 400.0
#: What is asked counts tens of thousands of rows: oftener, and the looking is a tenth of the work.
LOOK_SECONDS = 0.15


@dataclass
class Herd:
    """Some worker processes on one database."""

    url: str
    more: tuple[str, ...] = ()
    """What else a worker process is told: the addresses for its jobs, and which."""
    processes: list[ForkServerProcess] = field(default_factory=list)

    def start(self) -> ForkServerProcess:
        process = nursery().Process(target=flow_worker.main, args=(self.url, str(LEASE_SECONDS), *self.more))
        process.start()
        self.processes.append(process)
        return process

    def kill(self, process: ForkServerProcess) -> None:
        process.kill()
        process.join()
        self.processes.remove(process)

    def signal(self, process: ForkServerProcess, number: int) -> None:
        """Stop it or continue it."""
        assert process.pid is not None
        os.kill(process.pid, number)

    def end(self) -> None:
        for process in self.processes:
            self.signal(process, signal.SIGCONT)
            process.kill()
            process.join()
        self.processes.clear()


@contextmanager
def herd(url: str, count: int, *more: str) -> Iterator[Herd]:
    made = Herd(url, more)
    try:
        for _ in range(count):
            made.start()
        yield made
    finally:
        made.end()


def until(
    done: Callable[[], bool], told: Callable[[], object] | None = None, *, patience: float = PATIENCE_SECONDS
) -> None:
    """Look again and again until something is so; fail, saying how it stands, when it takes longer than patience."""
    deadline = time.monotonic() + patience
    while not done():
        if time.monotonic() > deadline:
            raise AssertionError(f"it did not come to an end: {told() if told else None}")
        time.sleep(LOOK_SECONDS)


@dataclass
class Load:
    """20,000 people in one flow and streams of events for two others: of customers, and of stock items that belong to nobody."""

    house: FlowHouse
    people: int
    bulk: UUID
    live: UUID
    things: UUID
    filed: int = 0
    items: int = 0

    def stream(self, count: int) -> None:
        """File another batch of events: each customer's order, then her refund; and a tenth as many items that are low, then restored."""
        batch = self.house.customers[self.filed : self.filed + count]
        self.house.events([(kind, one, {}) for one in batch for kind in ("order.paid", "refund.created")])
        self.filed += len(batch)
        items = [new_id() for _ in range(count // 10)]
        with self.house.tx("worker") as tx:
            emit(tx, [_of_item(tx.now, one, number) for number, one in enumerate(each for each in items for _ in "ab")])
        self.items += len(items)

    def passed(self) -> int:
        """Stretches passed so far, by all runs."""
        return self.house.count("flow_step_log")

    def state(self) -> dict[str, object]:
        """How far it has come, for the reader of a failure."""
        tables = ("inbox", "flow_due", "flow_fanout", "flow_parked", "inbox_failed", "flow_step_log", "event")
        runs = self.house.owner(
            "select flow_id = %(bulk)s, stretch, status, count(*) from flow_run group by 1, 2, 3", {"bulk": self.bulk}
        )
        return {name: self.house.count(name) for name in tables} | {
            "runs": runs,
            "leases": self.house.owner("select owner, count(*) from bucket_lease group by 1"),
        }

    def finished(self) -> bool:
        """Has everything come to rest?"""
        return (
            self.house.count("inbox") == 0
            and self.house.count("flow_due") == 0
            and self.house.count("flow_fanout") == 0
            and self.house.count("flow_run", "status = 1") == self.people + self.filed + self.items
        )


def _of_item(now: datetime, item: UUID, number: int) -> NewEvent:
    """An item is low with its even number, restored with its odd one."""
    return NewEvent(
        type="stock.restored" if number % 2 else "stock.low",
        bucket=bucket_of(item),
        subject_type="stock_item",
        subject_id=item,
        occurred_at=now + timedelta(microseconds=number),
        payload={},
    )


def _there_and_back(subject: str, first: str, then: str) -> dict[str, Any]:
    """A flow that one event starts and another lets out."""
    return graph(
        [
            block("start", "start.event", event_type=first),
            block("wait", "wait.event", event_type=then, timeout={"amount": "1", "unit": "days"}),
            block("exit", "flow.exit"),
        ],
        ["start.entered>wait", "wait.happened>exit", "wait.timeout>exit"],
        subject=subject,
    )


def load(house: FlowHouse, people: int) -> Load:
    """Publish the flows; the bulk one lets everybody in at once."""
    customers = house.add_customers(people)
    segment = new_id()
    house.owner(
        "insert into segment (tenant_id, id, name, kind, version, created_at, updated_at)"
        " values (%(tenant)s, %(id)s, '全部', 'static', 1, now(), now())",
        {"id": segment},
    )
    house.owner(
        "insert into segment_member (bucket, tenant_id, segment_id, customer_id, origin_id, since, version)"
        " select tandem_bucket(c), %(tenant)s, %(id)s, c, c, now() - interval '1 day', 1 from unnest(%(ids)s::uuid[]) c",
        {"id": segment, "ids": customers},
    )
    points = {"points": 1, "reason": "test", "valid_days": None}
    bulk = house.publish(
        graph(
            [
                block("start", "start.segment", segment_id=str(segment)),
                block("first", "marketing.add_points", **points),
                block("wait", "wait.duration", span={"amount": "0.05", "unit": "seconds"}),
                block("second", "marketing.add_points", **points),
                block("exit", "flow.exit"),
            ],
            ["start.entered>first", "first.done>wait", "wait.done>second", "second.done>exit"],
        ),
        "全员",
    )
    live = house.publish(_there_and_back("customer", "order.paid", "refund.created"), "退款")
    things = house.publish(_there_and_back("stock_item", "stock.low", "stock.restored"), "补货")
    return Load(house, people, bulk, live, things)


def settle_accounts(load: Load) -> None:
    """No run lost or doubled, every event applied once, every effect once, and the statistics say the same as the log."""
    house, people, filed, items = load.house, load.people, load.filed, load.items
    one = _answers(house, load.bulk)
    assert one == {"runs": people, "done": people, "customers": people, "visits": 2 * people, "doubled": 0, "gaps": 0}
    two = _answers(house, load.live)
    assert two == {"runs": filed, "done": filed, "customers": filed, "visits": 2 * filed, "doubled": 0, "gaps": 0}
    three = _answers(house, load.things)
    assert three == {"runs": items, "done": items, "customers": 0, "visits": 2 * items, "doubled": 0, "gaps": 0}
    assert house.owner(
        "select count(*), count(distinct (run_id, block, visit)) from points_entry where run_id is not null"
    ) == [(2 * people, 2 * people)]
    assert house.owner("select sum(remaining)::int from points_lot") == [(2 * people,)]
    events = dict(house.owner("select type, count(*) from event group by 1"))
    told = {"order.paid": filed, "refund.created": filed, "points.earned": 2 * people}
    assert events == told | ({"stock.low": items, "stock.restored": items} if items else {})
    assert house.owner("select count(*) from event where type = 'points.earned'") == [(2 * people,)]
    logged = house.owner("select stretch, path, count(*) from flow_step_log group by 1, 2 order by 1, 2")
    counted = house.owner("select stretch, path, sum(n)::bigint from flow_path_stat group by 1, 2 order by 1, 2")
    assert logged == counted
    assert house.count("flow_parked") == 0


def _answers(house: FlowHouse, flow: UUID) -> dict[str, Any]:
    names = ("runs", "done", "customers", "visits", "doubled", "gaps")
    rows = house.owner(
        """
        with mine as (select * from flow_run where flow_id = %(flow)s),
        seen as (select l.run_id, count(*) as n, count(distinct l.visit) as visits, max(l.visit) as last
                 from flow_step_log l join mine m on m.bucket = l.bucket and m.id = l.run_id group by 1)
        select (select count(*) from mine), (select count(*) from mine where status = 1),
               (select count(distinct customer_id) from mine), (select coalesce(sum(n), 0)::bigint from seen),
               (select count(*) from seen where n <> visits), (select count(*) from seen where last <> visits - 1)
        """,
        {"flow": flow},
    )
    return dict(zip(names, rows[0], strict=True))
