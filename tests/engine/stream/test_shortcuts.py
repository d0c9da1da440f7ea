"""What a turn leaves out because nothing of it can have changed: is the result what doing it would have given?"""

import random
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from engine.stream.apply_world import NOON, World
from harness.database import Database
from harness.statements import overheard
from tandem.kernel.ids import bucket_of
from tandem.stream.profile import cuts, facts, forecast, recorded, said_store
from tandem.stream.profile.sayings import Said
from tandem.stream.segment import service, trend
from tandem.stream.segment.fill import fill
from tandem.stream.segment.meaning import checked
from tandem.stream.segment.preview import preview

PROFILE = "select * from customer_profile order by customer_id"


def _bought_and_scored(world: World) -> list[UUID]:
    customers = world.customers(12)
    for rank, customer in enumerate(customers[:10]):
        for order in range(1 + rank % 3):
            at = NOON - timedelta(days=3 * rank + 11 * order)
            world.file([world.event(customer, at=at, payload={"amount": str(rank + 1)})])
    world.apply()
    with world.tx() as tx:
        cuts.refresh(tx)
    with world.turn() as turn:
        while fill(turn, world):
            pass
    return customers


def test_a_visit_leaves_the_scores_that_counting_again_gives(database: Database) -> None:
    world = World(database)
    customers = _bought_and_scored(world)
    visits = [world.event(one, "visit.recorded", at=NOON - timedelta(minutes=5)) for one in customers]
    world.file(visits)
    world.apply()
    kept = world.rows(PROFILE)
    assert (
        world.value("select count(*) from customer_profile where churn_risk is not null and rfm_score is not null")
        == 10
    )
    with world.turn() as turn:
        facts.recompute_customers(turn, world, [(bucket_of(one), one) for one in customers])
    assert world.rows(PROFILE) == kept
    assert (
        world.value("select count(*) from customer_profile where last_visit_at = %s", NOON - timedelta(minutes=5)) == 12
    )


def test_a_visit_under_new_cut_points_is_scored_by_them(database: Database) -> None:
    world = World(database)
    customers = _bought_and_scored(world)
    world.after(days=40)
    with world.tx() as tx:
        version = cuts.refresh(tx)
    # Before the slices come round, who visits is scored by the version there is, and her risk as of now.
    world.file([world.event(customers[0], "visit.recorded", at=world.now)])
    world.apply()
    found = "select rfm_version, churn_risk, first_order_at from customer_profile where customer_id = %s"
    (visitor,) = world.rows(found, customers[0])
    gap = world.value("select mean_gap from rfm_cut order by version desc limit 1")
    assert visitor[0] == version
    assert float(visitor[1]) == pytest.approx(forecast.churn_risk(visitor[2], world.now, 1, float(gap)), abs=0.006)


def test_standing_down_only_whom_somebody_outdoes_changes_nothing(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[list[tuple[Any, ...]]] = []
    for shortcut in (True, False):
        if not shortcut:
            monkeypatch.setattr(said_store, "_outdoes_another", lambda said, known: True)
        world = World(database)
        customers = world.customers(3)
        chance = random.Random(7)
        for _ in range(40):
            said = [
                Said(
                    (bucket_of(customer), customer),
                    chance.choice(("city", "gender", "level")),
                    chance.choice(("上海", "杭州", "female", None)),
                    NOON + timedelta(minutes=chance.randrange(60)),
                    chance.choice(("till", "crm", "manual", "import.1")),
                )
                for customer in chance.sample(customers, 2)
            ]
            with world.turn() as turn:
                recorded.write(turn, said)
        order = {customer: place for place, customer in enumerate(customers)}
        rows = world.rows(
            "select customer_id, field, source, at, holds, value from customer_field where tenant_id = %s", world.tenant
        )
        told.append(sorted((order[one[0]], *one[1:3], str(one[3:])) for one in rows))
        assert len(rows) > 20
    assert told[0] == told[1]


def test_a_days_changes_are_counted_once_a_segment(database: Database) -> None:
    world = World(database)
    with world.tx() as tx:
        made = service.create(
            tx, world.catalog, service.Draft(name="到店", text="count(visits where at >= now() - 7 days) >= 1")
        )
    with world.turn() as turn:
        while fill(turn, world):
            pass
    customers = world.customers(30)
    world.file([world.event(one, "visit.recorded", at=NOON) for one in customers])
    world.apply()
    assert world.rows("select sum(entered)::int, count(*) from segment_day where segment_id = %s", made.id) == [(30, 1)]
    with world.tx() as tx:
        (today,) = trend.trend(tx, made.id, 1)
    assert (today.count, today.entered, today.left) == (30, 30, 0)


def test_a_look_finds_whom_membership_has_while_orders_come_in(database: Database) -> None:
    world = World(database)
    customers = _bought_and_scored(world)
    text = "customer.rfm_r >= 3 and customer.rfm_m >= 3"
    with world.tx() as tx:
        made = service.create(tx, world.catalog, service.Draft(name="好客", text=text))
    with world.turn() as turn:
        while fill(turn, world):
            pass
    counts: set[int] = set()
    chance = random.Random(3)
    for _ in range(8):
        world.after(hours=1)
        buyer = chance.choice(customers)
        world.file([world.event(buyer, payload={"amount": str(chance.randrange(40))})])
        world.settle()
        with world.tx() as tx:
            tx.execute("set local enable_seqscan = off")
            found = preview(tx, checked(world.catalog, text))
        members = world.rows("select customer_id from segment_member where segment_id = %s", made.id)
        assert {one for (one,) in members} >= set(found.sample_ids)
        assert found.count == len(members)
        counts.add(found.count)
    assert len(counts) > 1


def test_two_hundred_live_segments_follow_one_tenants_orders(database: Database) -> None:
    world = World(database)
    bounds = {n: (n % 5, 7 * n) for n in range(200)}
    with world.tx() as tx:
        made = {
            n: service.create(
                tx,
                world.catalog,
                service.Draft(
                    name=f"分群{n}", text=f"customer.order_count >= {least} and customer.spend_total <= {most}"
                ),
            ).id
            for n, (least, most) in bounds.items()
        }
        # Nobody is there yet: the fills, four turns each, would find that out one after another.
        tx.execute("update stream_fanout set done_at = now()")
    customers = world.customers(10)
    chance = random.Random(5)
    with overheard() as first:
        world.file([world.event(one, payload={"amount": str(chance.randrange(400))}) for one in customers])
        world.apply()
    for _ in range(2):
        buyers = chance.sample(customers, 4)
        world.file([world.event(one, payload={"amount": str(chance.randrange(400))}) for one in buyers])
        world.apply()
    profiles = world.rows("select customer_id, order_count, spend_total from customer_profile")
    held: dict[UUID, set[UUID]] = {one: set() for one in made.values()}
    for segment, customer in world.rows("select segment_id, customer_id from segment_member"):
        held[segment].add(customer)
    for n, (least, most) in bounds.items():
        assert held[made[n]] >= {one for one, orders, spend in profiles if orders >= least and spend <= most}
        assert not held[made[n]] & {one for one, orders, spend in profiles if orders < least or spend > most}
    assert sum(map(len, held.values())) > 200
    # However many segments and people: a handful of statements judges them all.
    assert sum("segment_member" in one for one in first) < 20
