"""Whatever happens in whatever order: is live membership what a full recompute says, and do tags follow it?"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.stream.apply_world import NOON, World
from harness.database import Database
from tandem.kernel.ids import bucket_of
from tandem.stream.segment import service
from tandem.stream.segment.audit import audit
from tandem.stream.segment.fill import fill
from tandem.stream.segment.sweep import DUE_SQL, sweep_due
from tandem.stream.tags import catalogue
from tandem.stream.tags import service as tags

TEXTS = {
    "lapsed": "count(orders in last 90 days where category = '奶粉') >= 2 and days_since(last(orders.paid_at)) > 30",
    "recent": "exists(orders in last 7 days)",
    "big": "customer.spend_total >= 100 and customer.order_count <= 5",
    "never": "not exists(orders) and not has_tag('手动')",
    "birthday": "customer.last_order_at is missing or days_since(customer.last_order_at) between 3 and 12",
    "visitor": "count(visits in last 3 days) >= 1 and not has_tag('活跃')",
}
ACTIVE = "count(orders in last 14 days) >= 2"

steps = st.lists(
    st.one_of(
        st.tuples(st.just("order"), st.integers(0, 3), st.integers(0, 60 * 24), st.integers(1, 90), st.booleans()),
        st.tuples(st.just("visit"), st.integers(0, 3), st.integers(0, 5 * 24), st.just(0), st.booleans()),
        st.tuples(st.just("tag"), st.integers(0, 3), st.just(0), st.just(0), st.booleans()),
        st.tuples(st.just("clock"), st.just(0), st.integers(1, 40 * 24), st.just(0), st.booleans()),
        st.tuples(st.just("customer"), st.just(0), st.just(0), st.just(0), st.booleans()),
    ),
    min_size=4,
    max_size=14,
)


class Story:
    """One world, its segments, and the steps a story is made of."""

    def __init__(self, database: Database) -> None:
        self.world = World(database)
        self.customers = self.world.customers(4)
        with self.world.tx("web") as tx:
            catalogue.create(tx, self.world.catalog, "活跃", expression=ACTIVE)
            made = {
                name: service.create(tx, self.world.catalog, service.Draft(name=name, text=text)).id
                for name, text in TEXTS.items()
            }
            nested = f"in_segment('{made['recent']}') and not in_segment('{made['big']}')"
            made["nested"] = service.create(tx, self.world.catalog, service.Draft(name="nested", text=nested)).id
        self.segments: dict[str, UUID] = made
        self._until(lambda turn: fill(turn, self.world))
        self.world.settle()

    def _until(self, step: Callable[[Any], int]) -> None:
        while True:
            with self.world.turn() as turn:
                if not step(turn):
                    return

    def take(self, kind: str, who: int, hours: int, amount: int, flag: bool) -> None:
        world, customer = self.world, self.customers[who % len(self.customers)]
        at = world.now - timedelta(hours=hours, seconds=1)
        if kind == "order":
            payload = {"amount": str(amount), "category": "奶粉" if flag else "尿布"}
            world.file([world.event(customer, at=at, payload=payload, mode=int(hours > 48))])
        elif kind == "visit":
            world.file([world.event(customer, "visit.recorded", at=at)])
        elif kind == "tag":
            with world.turn() as turn:
                (tags.add if flag else tags.remove)(turn, [(bucket_of(customer), customer, "手动")])
        elif kind == "customer":
            (fresh,) = world.customers(1)
            self.customers.append(fresh)
            world.file([world.event(fresh, "customer.created")])
        else:
            self.clock(timedelta(hours=hours), stepwise=flag)

    def clock(self, step: timedelta, *, stepwise: bool) -> None:
        """Move the clock through every due moment, or in one jump as a worker that slept would."""
        world, target = self.world, self.world.now + step
        while stepwise:
            with world.turn() as turn:
                due = turn.tx.value(DUE_SQL, turn.params())
            if due is None or due > target:
                break
            world.now = max(world.now, due)
            self._until(lambda turn: sweep_due(turn, world))
            world.settle()
        world.now = target
        self._until(lambda turn: sweep_due(turn, world))

    def check(self) -> None:
        world = self.world
        world.settle()
        with world.turn() as turn:
            for name, segment in self.segments.items():
                assert audit(turn, world.catalog, segment, 1) == [], name
            inside = turn.tx.values(
                "select m.customer_id from segment_member m join segment s on s.id = m.segment_id where s.tag = '活跃' and s.tenant_id = %(t)s",
                {"t": world.tenant},
            )
            tagged = turn.tx.values(
                "select customer_id from customer_tag where tag = '活跃' and tenant_id = %(t)s", {"t": world.tenant}
            )
        assert sorted(inside) == sorted(tagged)


@pytest.mark.slow
@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(story=steps)
def test_membership_equals_a_full_recompute(
    module_database: Database, story: list[tuple[str, int, int, int, bool]]
) -> None:
    told = Story(module_database)
    for step in story:
        told.take(*step)
        told.check()
    assert told.world.now >= NOON
