"""1,000 coupons, thousands of runs, four workers that are killed or lose turns half-way: exactly 1,000 are issued (ENGINE_RULES 6)."""

import json
import os
import random
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from uuid import UUID

import pytest

from harness.database import Database
from harness.flows import FlowHouse, block, graph, open_flow_house
from harness.herd import herd, until
from tandem.domains.marketing import issue, lending, service
from tandem.domains.marketing.coupons import NewCouponTemplate
from tandem.kernel.db import begin, connect
from tandem.kernel.ids import new_id
from tandem.kernel.turn import Turn, lease, lock_leased, release_leases

COUPONS = 1_000
#: `TANDEM_SURVIVAL_RUNS` makes it smaller or larger.
REQUESTS = int(os.environ.get("TANDEM_SURVIVAL_RUNS", "20000"))
WORKERS = 4
ROUNDS_MAX = 4_000
LOST_TURNS = 0.1
AT_REST = "select (select count(*) from flow_run where status = 1), (select count(*) from inbox)"
"""Runs that came to their end, and events still to be applied, at one moment."""

pytestmark = [pytest.mark.fault]


def make(house: FlowHouse, coupons: int, requests: int) -> UUID:
    with house.tx() as tx:
        draft = NewCouponTemplate(name="双十一", kind="amount", value=Decimal(50), valid_days=7, quota=coupons)
        template = service.create_template(tx, draft)
    customers = house.add_customers(requests)
    house.owner(
        "insert into coupon_request (bucket, id, tenant_id, customer_id, origin_id, template_id)"
        " select tandem_bucket(i), tandem_new_id(), %(tenant)s, i, i, %(template)s from unnest(%(ids)s::uuid[]) i",
        {"ids": customers, "template": template},
    )
    return template


def worker(house: FlowHouse, seed: int, finished: Callable[[], bool]) -> bool:
    """A worker's loop without its sleep: renew leases, one turn over some of its buckets, one refill. False: it never came to an end."""
    chance = random.Random(seed)
    mine = new_id()
    connection = connect(house.db.url("worker"))
    try:
        for _ in range(ROUNDS_MAX):
            if finished():
                return True
            held = lease(connection, mine, seconds=30)
            connection.commit()
            some = chance.sample(held, min(len(held), chance.choice((8, 32, 64))))
            with connection.transaction(force_rollback=chance.random() < LOST_TURNS):
                locked = lock_leased(connection, mine, some)
                if locked:
                    issue.answer(Turn(begin(connection, tenant=house.tenant), locked), chance.choice((50, 400)))
            lending.refill(house.db, house.tenant)
        return False
    finally:
        connection.rollback()
        release_leases(connection, mine)
        connection.close()


def run_workers(house: FlowHouse, count: int) -> None:
    release_leases(house.worker, house.engine.worker)
    house.worker.commit()
    done = threading.Event()

    def finished() -> bool:
        if not done.is_set() and house.count("coupon_request") == 0:
            done.set()
        return done.is_set()

    with ThreadPoolExecutor(count) as crew:
        assert all(crew.map(lambda seed: worker(house, seed, finished), range(count)))


def check(house: FlowHouse, template: UUID, expected: int) -> None:
    assert house.count("inbox", "type = 'coupon.issued'") == expected
    check_stock(house, template, expected)


def check_stock(house: FlowHouse, template: UUID, expected: int) -> None:
    assert house.count("coupon") == expected
    assert house.count("coupon_key") == expected
    assert house.owner("select count(distinct customer_id) from coupon") == [(expected,)]
    assert house.owner("select pool, closed from quota") == [(0, True)]
    assert house.owner("select sum(granted), sum(used), sum(wanted) from quota_lease") == [(expected, expected, 0)]
    with house.tx() as tx:
        row = service.get_template(tx, template)
    assert (row.quota, row.issued) == (expected, expected)


def offer(house: FlowHouse, coupons: int, people: int) -> tuple[UUID, UUID]:
    """A flow that offers everybody a coupon; returns template and flow. Everybody enters at once."""
    template = make(house, coupons, 0)
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
    blocks = [
        block("start", "start.segment", segment_id=str(segment)),
        block("coupon", "marketing.issue_coupon", coupon_template=str(template)),
        block("got", "marketing.add_points", points=1, reason="got", valid_days=None),
        block("exit", "flow.exit"),
    ]
    ports = ("coupon.issued>got", "coupon.sold_out>exit", "coupon.limit_reached>exit", "got.done>exit")
    return template, house.publish(graph(blocks, ["start.entered>coupon", *ports]), "双十一")


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_thousands_of_runs_on_four_worker_processes_get_exactly_the_stock(database: Database) -> None:
    """Real runs, real processes; one is killed outright after each quarter of the coupons was issued."""
    with open_flow_house(database) as house:
        release_leases(house.worker, house.engine.worker)
        house.worker.commit()
        template, flow = offer(house, COUPONS, REQUESTS)
        with herd(database.url("worker"), WORKERS, json.dumps(database.urls()), "marketing.fill_leases") as workers:
            for quarter in range(1, 4):
                until(lambda share=quarter: house.count("coupon") >= share * COUPONS // 4)
                workers.kill(workers.processes[0])
                workers.start()
            until(lambda: house.owner(AT_REST) == [(REQUESTS, 0)])
        assert house.owner("select count(*), count(distinct customer_id) from flow_run") == [(REQUESTS, REQUESTS)]
        assert house.count("coupon_request") == house.count("flow_due") == house.count("flow_parked") == 0
        # What the log says people were answered, and what those who were lucky got next.
        answers = dict(
            house.owner(
                "select facts ->> 'answer', count(*) from flow_step where facts ? 'answer' and run_id in (select id from flow_run where flow_id = %(flow)s) group by 1",
                {"flow": flow},
            )
        )
        assert answers == {"issued": COUPONS, "sold_out": REQUESTS - COUPONS}
        assert house.owner("select count(*), count(distinct run_id) from points_entry") == [(COUPONS, COUPONS)]
        assert house.owner("select count(*) from coupon join points_entry using (run_id)") == [(COUPONS,)]
        assert house.count("event", "type = 'coupon.issued'") == COUPONS
        check_stock(house, template, COUPONS)


@pytest.mark.slow
def test_exactly_the_stock_is_issued(database: Database) -> None:
    with open_flow_house(database, size=12) as house:
        template = make(house, COUPONS, REQUESTS)
        run_workers(house, 4)
        check(house, template, COUPONS)


def test_less_stock_than_buckets_reaches_the_last_piece(database: Database) -> None:
    with open_flow_house(database, size=12) as house:
        template = make(house, 37, 600)
        run_workers(house, 3)
        check(house, template, 37)


def test_lots_lent_to_idle_buckets_come_back(database: Database) -> None:
    """A bucket that asked once keeps a spare lot; when the pool is empty, another bucket's want takes it back."""
    with open_flow_house(database) as house:
        template = make(house, 2_000, 0)
        first, second = (UUID(int=(7 << 64) + bucket) for bucket in (3, 200))
        for customer, wanted in ((first, 1), (second, 2_500)):
            house.owner(
                "insert into coupon_request (bucket, id, tenant_id, customer_id, origin_id, template_id)"
                " select tandem_bucket(%(who)s), tandem_new_id(), %(tenant)s, %(who)s, %(who)s, %(template)s from generate_series(1, %(n)s)",
                {"who": customer, "template": template, "n": wanted},
            )
            for _ in range(60):
                with house.worker.transaction():
                    turn = Turn(begin(house.worker, tenant=house.tenant), [3, 200])
                    issue.answer(turn, 400)
                lending.refill(house.db, house.tenant)
                if customer == first:
                    assert house.owner("select sum(granted) from quota_lease")[0][0] in (None, 4, 0)
        assert house.owner("select count(*) from coupon") == [(2_000,)]
        assert house.count("coupon_request") == 0
