"""What survives when workers are killed, stopped, and when the database goes away under load?"""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from harness.database import Database
from harness.flows import FlowHouse, open_flow_house
from harness.herd import herd, load, settle_accounts, until

pytestmark = [pytest.mark.fault, pytest.mark.slow, pytest.mark.timeout(600)]

PEOPLE = 20_000
KILLS = 6


@pytest.fixture
def house(database: Database) -> Iterator[FlowHouse]:
    with open_flow_house(database) as opened:
        # The tests' own engine gives its leases up: here processes do the work.
        opened.owner("update bucket_lease set owner = null, leased_until = null")
        opened.owner("delete from worker_presence")
        yield opened


def test_nothing_is_lost_or_doubled_while_workers_are_killed_again_and_again(house: FlowHouse) -> None:
    under = load(house, PEOPLE)
    with herd(house.db.url("worker"), 2) as workers:
        for number in range(1, KILLS + 1):
            under.stream(500)
            # Each kill falls into the middle of the work: after another share of it was done.
            until(lambda share=number: under.passed() > share * PEOPLE // (KILLS + 2))
            workers.kill(workers.processes[number % 2])
            workers.start()
        until(under.finished, under.state)
    settle_accounts(under)


def test_a_worker_that_slept_past_its_lease_does_no_harm_when_it_wakes(house: FlowHouse) -> None:
    under = load(house, 6_000)
    with herd(house.db.url("worker"), 2) as workers:
        until(lambda: under.passed() > 500)
        sleeper = workers.processes[0]
        sleeper.send_signal(signal.SIGSTOP)
        under.stream(500)
        # The other one takes its buckets over and finishes; then the sleeper wakes to find nothing of its own.
        until(under.finished, under.state)
        sleeper.send_signal(signal.SIGCONT)
        under.stream(500)
        until(under.finished, under.state)
    settle_accounts(under)
