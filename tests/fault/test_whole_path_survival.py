"""From the door to the phone with everything assembled: what survives when whole workers, jobs and all, are killed again and again?"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator

import pytest

from harness.database import Database
from harness.flows import FlowHouse, open_flow_house
from harness.herd import herd, until
from harness.whole_path import Shop, open_shop, settle_records, settle_runs

pytestmark = [pytest.mark.fault, pytest.mark.slow, pytest.mark.timeout(600)]

PEOPLE = 2_000
QUOTA = 600
BATCH = 150
KILLS = 8
#: The killing rhythm: no two kills come closer together, and each comes after another share of the work was done.
RHYTHM_SECONDS = 1.0
#: Less than what is certainly done in all: two events of each purchase and refund, three stretches of each run.
WORK_LEAST = 7 * PEOPLE
#: The door waits while so much is undone, so that records stream in as long as workers die.
BACKLOG_MOST = 1_500


@pytest.fixture
def house(database: Database) -> Iterator[FlowHouse]:
    with open_flow_house(database, whole=True) as opened:
        opened.owner("update bucket_lease set owner = null, leased_until = null")
        opened.owner("delete from worker_presence")
        yield opened


def serve(shop: Shop) -> None:
    """What the shop does next: tell of purchases, of refunds."""
    if shop.house.count("inbox") + shop.house.count("intake_pending") < BACKLOG_MOST:
        shop.tell_purchases(BATCH)
    shop.tell_refunds()


def test_from_door_to_phone_nothing_is_lost_or_doubled_while_workers_are_killed(
    house: FlowHouse, database: Database
) -> None:
    shop = open_shop(house, PEOPLE, QUOTA)
    kills, last = 0, time.monotonic()
    with herd(database.url("worker"), 2, json.dumps(database.urls()), "*") as workers:

        def quiet() -> bool:
            nonlocal kills, last
            serve(shop)
            ripe = kills < KILLS and shop.done() > kills * WORK_LEAST // KILLS
            if ripe and time.monotonic() - last > RHYTHM_SECONDS:
                # The eldest: it is in the middle of things, and of leases and jobs of its own.
                workers.kill(workers.processes[0])
                workers.start()
                kills, last = kills + 1, time.monotonic()
            return kills == KILLS and shop.finished()

        until(quiet, shop.state)
        assert all(process.is_alive() for process in workers.processes)
    settle_records(shop)
    settle_runs(shop)
