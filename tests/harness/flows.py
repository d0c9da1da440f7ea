"""A tenant with customers and the engines on a database: what tests of flows stand on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from harness.database import Database as TestDatabase
from tandem.access.service import create_tenant
from tandem.assembly import System, system
from tandem.flow import service
from tandem.flow.graph import Graph, parse_graph
from tandem.flow.runs import Lane
from tandem.flow.runtime import Engine, Worked
from tandem.kernel.crypto import MasterKey
from tandem.kernel.db import Connection, Database, Tx, connect
from tandem.kernel.ids import new_id
from tandem.kernel.settings import settings
from tandem.kernel.turn import lease
from tandem.stream.events import NewEvent
from tandem.stream.inbox import emit

EVERYTHING = frozenset({"*"})
ALL_BUCKETS = list(range(256))


@dataclass
class FlowHouse:
    """One demo tenant, its customers, one engine with a worker's connection."""

    db: Database
    tenant: UUID
    rooms: System
    engine: Engine
    worker: Connection
    customers: list[UUID] = field(default_factory=list)

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """What property tests print of it: not its pools and rooms."""
        printer.text(f"FlowHouse({self.tenant})")

    @contextmanager
    def tx(self, role: str = "web") -> Iterator[Tx]:
        with self.db.tx(role, tenant=self.tenant) as tx:  # type: ignore[arg-type]
            yield tx

    def owner(self, statement: str, params: dict[str, Any] | None = None) -> list[tuple[Any, ...]]:
        """Look at or change anything, past all policies."""
        with self.db.connection("owner") as connection:
            cursor = connection.execute(statement, {"tenant": self.tenant, **(params or {})})  # type: ignore[arg-type]
            return cursor.fetchall() if cursor.description else []

    def add_customers(self, count: int, **columns: Any) -> list[UUID]:
        """File customers straight into their table: these tests are about flows, not about the door."""
        made = [new_id() for _ in range(count)]
        names = "".join(f", {name}" for name in columns)
        values = "".join(f", %({name})s" for name in columns)
        self.owner(
            "insert into customer (bucket, id, origin_id, tenant_id, first_seen_at, created_at, updated_at, key_enc"
            + names
            + ")"
            " select tandem_bucket(i), i, i, %(tenant)s, now(), now(), now(), ''"
            + values
            + " from unnest(%(ids)s::uuid[]) i",
            {"ids": made, **columns},
        )
        self.customers += made
        return made

    def publish(self, graph: dict[str, Any] | Graph, name: str = "测试流程") -> UUID:
        """Make and publish a flow; returns its id."""
        drawn = graph if isinstance(graph, Graph) else parse_graph(graph)
        with self.tx() as tx:
            flow_id = service.create_flow(tx, name, drawn)
            service.publish(tx, self.rooms, flow_id, EVERYTHING)
        return flow_id

    def event(self, kind: str, customer: UUID, payload: dict[str, Any] | None = None, **more: Any) -> None:
        """File one event."""
        self.events([(kind, customer, payload or {})], **more)

    def events(self, which: Sequence[tuple[str, UUID, dict[str, Any]]], **more: Any) -> None:
        """File events that happen now (`ago` seconds before), in order."""
        ago = more.pop("ago", 0)
        with self.tx("worker") as tx:
            emit(
                tx,
                [
                    NewEvent(
                        type=kind,
                        bucket=customer.bytes[15],
                        customer_id=customer,
                        occurred_at=tx.now - timedelta(seconds=ago) + timedelta(microseconds=number),
                        payload=payload,
                        **more,
                    )
                    for number, (kind, customer, payload) in enumerate(which)
                ],
            )

    def turn(self, lane: Lane = Lane.LIVE) -> Worked:
        """One turn of a lane over all buckets, however slow the turns before it were: claims begin at the beginning (`flow.marks`)."""
        self.engine.marks.forget(self.tenant)
        return self.engine.turn(self.worker, self.tenant, ALL_BUCKETS, lane)

    def settle(self, turns_max: int = 200) -> int:
        """Run turns of every lane and of the steps until nothing moves; returns how many turns that took."""
        quiet = 0
        for number in range(turns_max):
            lanes = [self.turn(lane) for lane in (Lane.LIVE, Lane.NORMAL, Lane.BULK)]
            lanes.append(self.engine.steps(self.worker, self.tenant, ALL_BUCKETS, live_only=False))
            quiet = 0 if any(one.anything or one.more for one in lanes) else quiet + 1
            if quiet == 2:
                return number
        raise AssertionError(f"still moving after {turns_max} turns")

    def forward(self, **length: float) -> None:
        """Move the tenant's clock ahead (not stepwise: the tests of the stepper are elsewhere)."""
        self.owner(
            "update tenant set clock_offset = clock_offset + %(by)s where id = %(tenant)s", {"by": timedelta(**length)}
        )

    def now(self) -> datetime:
        with self.tx() as tx:
            return tx.now

    def runs(self, flow: UUID) -> list[dict[str, Any]]:
        """Every run of a flow."""
        with self.tx() as tx:
            return tx.dicts(
                "select r.*, s.block from flow_run r join flow_stretch s on s.id = r.stretch"
                " where r.tenant_id = %(tenant)s and r.flow_id = %(flow)s order by r.entered_at, r.id",
                {"tenant": self.tenant, "flow": flow},
            )

    def steps(self, flow: UUID, customer: UUID | None = None) -> list[tuple[str, int]]:
        """(block, port) passed, in order, of all runs or one customer's."""
        with self.tx() as tx:
            numbers = tx.value("select numbers from flow where id = %(flow)s", {"flow": flow})
            names = {number: name for name, number in numbers.items()}
            rows = tx.cursor(
                "select s.block, s.port from flow_step s join flow_run r on r.bucket = s.bucket and r.id = s.run_id"
                " where r.flow_id = %(flow)s and (%(customer)s::uuid is null or r.customer_id = %(customer)s)"
                " order by s.run_id, s.at, s.visit, s.position",
                {"flow": flow, "customer": customer},
            ).fetchall()
        return [(names[block], port) for block, port in rows]

    def count(self, table: str, where: str = "true") -> int:
        return int(self.owner(f"select count(*) from {table} where tenant_id = %(tenant)s and {where}")[0][0])


@contextmanager
def working(db: Database, tenant: UUID, *, whole: bool = True) -> Iterator[FlowHouse]:
    """Somebody at work for a tenant, in this process; without `whole` events are what a flow reads and no more.

    What domains make of whole orders is their tests' business.
    """
    rooms = system()
    engine = Engine(rooms if whole else replace(rooms, projections=(), facts=()), new_id())
    worker = connect(db.url("worker"))
    lease(worker, engine.worker, seconds=3600)
    worker.commit()
    try:
        yield FlowHouse(db, tenant, rooms, engine, worker)
    finally:
        worker.close()


@contextmanager
def open_flow_house(database: TestDatabase, *, size: int = 4, whole: bool = False) -> Iterator[FlowHouse]:
    """A tenant on a fresh database; `whole` has everything that domains make of events, too."""
    db = Database({role: database.url(role) for role in ("owner", "web", "worker", "door")}, size=size)  # type: ignore[misc]
    with db.connection("owner") as connection:
        master = MasterKey(settings().master_key_bytes())
        tenant = create_tenant(connection, master, code="flows", name="流程测试", demo=True)
    try:
        with working(db, tenant, whole=whole) as house:
            yield house if whole else replace(house, rooms=house.engine.system)
    finally:
        db.close()


def block(name: str, kind: str, **config: Any) -> dict[str, Any]:
    return {"id": name, "kind": kind, "config": config}


def graph(blocks: Sequence[dict[str, Any]], arrows: Sequence[str], **settings_: Any) -> dict[str, Any]:
    """A graph from blocks and arrows written `from.port>to`."""
    drawn: list[dict[str, str]] = []
    for arrow in arrows:
        left, _, to = arrow.partition(">")
        start, _, port = left.partition(".")
        drawn.append({"from": start, "port": port, "to": to})
    return {"blocks": list(blocks), "arrows": drawn, "settings": settings_}
