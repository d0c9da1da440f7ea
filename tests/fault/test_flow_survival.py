"""What survives when workers are killed, stopped, and when the database goes away under load?"""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from harness.database import Database, Databases
from harness.flows import FlowHouse, open_flow_house
from harness.herd import Load, herd, load, settle_accounts, until
from tandem.kernel.errors import Unavailable
from tandem.kernel.postgres import EmbeddedServer

pytestmark = [pytest.mark.fault, pytest.mark.slow, pytest.mark.timeout(600)]

#: `TANDEM_SURVIVAL_RUNS` makes it smaller or larger;
#: `script/bench survival` takes 100,000. Kills fall into the middle of the work either way.
PEOPLE = int(os.environ.get("TANDEM_SURVIVAL_RUNS", "20000"))
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
    under = load(house, 3_000)
    with herd(house.db.url("worker"), 2) as workers:
        until(lambda: under.passed() > 500)
        sleeper = workers.processes[0]
        workers.signal(sleeper, signal.SIGSTOP)
        under.stream(500)
        # The other one takes its buckets over and finishes; then the sleeper wakes to find nothing of its own.
        until(under.finished, under.state)
        workers.signal(sleeper, signal.SIGCONT)
        under.stream(500)
        until(under.finished, under.state)
    settle_accounts(under)


def test_a_database_that_dies_and_comes_back_under_load_costs_nothing(tmp_path: Path) -> None:
    """Once stopped in good order, twice killed outright: workers reconnect, and turns that were not yet on disk are run again."""
    with EmbeddedServer(tmp_path / "home") as server:
        databases = Databases(server.url(), "restart")
        databases.ensure_template()
        with open_flow_house(databases.create()) as house:
            house.owner("update bucket_lease set owner = null, leased_until = null")
            house.owner("delete from worker_presence")
            house.worker.close()
            under = load(house, 2_500)
            with herd(house.db.url("worker"), 2) as workers:
                for number in range(1, 4):
                    until(lambda share=number: passed(under) > share * 700)
                    if number == 1:
                        server.stop()
                    else:
                        kill_outright(server)
                    server.start()
                    until(lambda: answers(house))
                    under.stream(200)
                assert all(process.is_alive() for process in workers.processes)
                until(under.finished, under.state)
            settle_accounts(under)


def kill_outright(server: EmbeddedServer) -> None:
    """As a power cut would: the postmaster and all its children at once."""
    assert server.pid is not None
    postmaster = psutil.Process(server.pid)
    children = postmaster.children(recursive=True)
    for process in (postmaster, *children):
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs([postmaster, *children], timeout=120)


def answers(house: FlowHouse) -> bool:
    """Does the database answer again?"""
    try:
        house.owner("select 1")
    except (Unavailable, psycopg.Error):
        return False
    return True


def passed(under: Load) -> int:
    """Stretches passed, 0 while the database is away."""
    try:
        return under.passed()
    except (Unavailable, psycopg.Error):
        return 0
