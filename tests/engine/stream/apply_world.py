"""A tenant with a small domain of its own, so that the engine is tested without any real one.

The domain's rows are the logged events themselves: `order.paid` carries `amount` and maybe `paid_at`, `order.cancelled` names an
order by `order`. An order event whose amount is "poison" breaks its projection.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg

from harness.database import Database as TestDatabase
from tandem.assembly import load_tables
from tandem.catalog.label import Label
from tandem.catalog.model import Catalog, Contribution, Field, Relation
from tandem.catalog.value_types import NUMBER, TEXT, TIMESTAMP
from tandem.kernel.db import Tx, begin, connect
from tandem.kernel.ids import bucket_of, new_id
from tandem.kernel.turn import Turn
from tandem.stream import fields, inbox
from tandem.stream.apply import apply
from tandem.stream.events import NewEvent
from tandem.stream.profile.visits import VISIT_FACTS
from tandem.stream.projection import Applied, AppliedEvent, DayFacts, Facts, Features, Projection

load_tables()

NOON = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
ALL_BUCKETS = list(range(256))

_DAY_SQL = """
select t.bucket, t.customer_id, t.day, 'orders' as fact, count(*) as n, sum((e.payload->>'amount')::numeric) as amount
from touched as t
join event as e on e.bucket = t.bucket and e.owner_id = t.customer_id and e.type = 'order.paid'
  and e.bucket = any(%(buckets)s::smallint[]) and e.tenant_id = %(tenant)s
  and coalesce((e.payload->>'paid_at')::timestamptz, e.occurred_at) >= t.starts_at
  and coalesce((e.payload->>'paid_at')::timestamptz, e.occurred_at) < t.ends_at
group by 1, 2, 3
"""
_FEATURE_SQL = """
select t.bucket, t.customer_id, count(e.*) as order_count, sum((e.payload->>'amount')::numeric) as spend_total,
       min(e.occurred_at) as first_order_at, max(e.occurred_at) as last_order_at
from touched as t
left join event as e on e.bucket = t.bucket and e.owner_id = t.customer_id and e.type = 'order.paid'
  and e.bucket = any(%(buckets)s::smallint[]) and e.tenant_id = %(tenant)s
group by 1, 2
"""
FACTS: tuple[Facts, ...] = (
    DayFacts(facts=("orders",), types=("order.paid",), sql=_DAY_SQL, moments=("paid_at",)),
    Features(
        columns=("order_count", "spend_total", "first_order_at", "last_order_at"),
        types=("order.paid",),
        sql=_FEATURE_SQL,
    ),
    *VISIT_FACTS,
)
ORDERS = Relation(
    "orders",
    Label("订单", "Orders"),
    "customer",
    "event",
    (
        Field("paid_at", TIMESTAMP, Label("支付时间", "Paid"), sql="{alias}.occurred_at"),
        Field("amount", NUMBER, Label("金额", "Amount"), sql="({alias}.payload->>'amount')::numeric"),
        Field("category", TEXT, Label("品类", "Category"), sql="({alias}.payload->>'category')"),
    ),
    time_field="paid_at",
    join=(("bucket", "bucket"), ("owner_id", "id")),
    where="{alias}.type = 'order.paid'",
    changed_by=("order.paid",),
)


def _refuse_poison(turn: Turn, events: Sequence[AppliedEvent]) -> None:
    """Stand for a domain's projection: PostgreSQL itself refuses the bad amount."""
    turn.tx.execute(
        "select sum(a::numeric) from unnest(%(amounts)s::text[]) as a",
        {"amounts": [str(event.payload["amount"]) for event in events]},
    )


_open: dict[tuple[str, str], psycopg.Connection[Any]] = {}


def close_connections() -> None:
    """Let go of the databases that the test's worlds were in."""
    while _open:
        _open.popitem()[1].close()


@dataclass
class World:
    """One tenant in a fresh database, its clock in the test's hand."""

    database: TestDatabase
    tenant: UUID = field(default_factory=new_id)
    projections: tuple[Projection, ...] = (Projection(("order.paid",), _refuse_poison),)
    facts: tuple[Facts, ...] = FACTS
    now: datetime = NOON
    catalog: Catalog = field(init=False)

    def __post_init__(self) -> None:
        self.catalog = Catalog.assemble([fields.contribution(self.facts), Contribution("orders", relations=(ORDERS,))])
        with self.database.connect() as owner:
            owner.execute(
                "insert into tenant (id, code, name, demo, key_enc) values (%s, %s, '试用', true, ''::bytea)",
                (self.tenant, str(self.tenant)),
            )

    @contextmanager
    def tx(self, role: str = "worker") -> Iterator[Tx]:
        """A transaction at the world's business time."""
        key = (self.database.name, role)
        if key not in _open:
            _open[key] = connect(self.database.url(role))  # type: ignore[arg-type]
        with _open[key].transaction():
            tx = begin(_open[key], tenant=self.tenant)
            tx.now = self.now
            yield tx

    @contextmanager
    def turn(self, buckets: list[int] | None = None) -> Iterator[Turn]:
        with self.tx() as tx:
            yield Turn(tx, buckets or ALL_BUCKETS)

    def customers(self, count: int, **values: Any) -> list[UUID]:
        """Make customers out of nothing."""
        ids = [new_id() for _ in range(count)]
        names = [
            "bucket",
            "id",
            "tenant_id",
            "origin_id",
            "first_seen_at",
            "created_at",
            "updated_at",
            "key_enc",
            *values,
        ]
        with self.database.connect() as owner, owner.cursor() as cursor:
            cursor.executemany(
                f"insert into customer ({', '.join(names)}) values ({', '.join(['%s'] * len(names))})",
                [
                    (bucket_of(one), one, self.tenant, one, self.now, self.now, self.now, b"", *values.values())
                    for one in ids
                ],
            )
        return ids

    def event(self, customer: UUID, type_: str = "order.paid", *, at: datetime | None = None, **more: Any) -> NewEvent:
        payload = more.pop("payload", None) or {"amount": "10.00"}
        return NewEvent(
            type=type_,
            bucket=bucket_of(customer),
            customer_id=customer,
            occurred_at=at or self.now,
            payload=payload,
            **more,
        )

    def file(self, events: Sequence[NewEvent]) -> None:
        with self.tx() as tx:
            inbox.emit(tx, events)

    def apply(self, limit: int = 1000, lane: int = 0, listens: frozenset[str] | None = None) -> Applied:
        with self.turn() as turn:
            return apply(turn, self, limit, lane, listens)

    def settle(self, limit: int = 1000, listens: frozenset[str] | None = None) -> list[AppliedEvent]:
        """Apply everything in all lanes, what turns emit included."""
        events: list[AppliedEvent] = []
        while True:
            done = [self.apply(limit, lane, listens) for lane in (0, 1, 2)]
            events += [event for one in done for event in one.events]
            if not any(one.events or one.failures or one.returned for one in done):
                return events

    def rows(self, statement: str, *params: object) -> list[tuple[Any, ...]]:
        with self.database.connect() as owner:
            return owner.execute(statement, params).fetchall()

    def value(self, statement: str, *params: object) -> Any:
        return self.rows(statement, *params)[0][0]

    def after(self, **step: float) -> None:
        """Move the business clock."""
        self.now += timedelta(**step)


__all__ = ["ALL_BUCKETS", "FACTS", "NOON", "ORDERS", "World", "close_connections", "psycopg"]
