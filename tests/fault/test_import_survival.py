"""Is a file taken in exactly once when its worker is killed in the middle, again and again?"""

from __future__ import annotations

import io
import time
from multiprocessing.context import ForkServerProcess
from typing import Any

import pytest

from harness import import_worker
from harness.database import Database
from harness.house import House, open_house
from harness.nursery import nursery
from tandem.stream.imports import cutting

pytestmark = [pytest.mark.fault, pytest.mark.slow, pytest.mark.timeout(600)]

ROWS = 6_000
KILLS = 3


def worker(url: str) -> ForkServerProcess:
    started = nursery().Process(target=import_worker.main, args=(url,))
    started.start()
    return started


def until(house: House, import_id: str, enough: Any) -> dict[str, Any]:
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline:
        now = house.person("admin").get(f"/v1/imports/{import_id}").json()
        if enough(now):
            return now
        time.sleep(0.05)
    raise AssertionError(now)


def test_a_killed_worker_loses_no_row_and_takes_none_twice(database: Database) -> None:
    with open_house(database, audited=False) as house:
        admin = house.person("admin")
        body = "phone,name\n" + "".join(f"1375{number:07d},n{number}\n" for number in range(ROWS))
        made = admin.client.post(
            "/v1/imports",
            files={"file": ("a.csv", io.BytesIO(body.encode()), "text/csv")},
            data={"kind": "customer"},
            headers={"X-CSRF-Token": admin.csrf},
        ).json()
        admin.post(f"/v1/imports/{made['id']}/start", {})
        url = database.urls()["worker"]
        for kill in range(1, KILLS + 1):
            running = worker(url)
            until(house, made["id"], lambda now, share=kill: now["rows_done"] >= share * ROWS // (KILLS + 2))
            running.kill()
            running.join()
        last = worker(url)
        try:
            done = until(house, made["id"], lambda now: now["state"] in {"done", "failed"})
        finally:
            last.kill()
            last.join()
        assert (done["state"], done["rows_done"], done["accepted"], done["refused"]) == ("done", ROWS, ROWS, 0)
        assert done["people_made"] == ROWS
        with database.connect() as owner:
            counts = owner.execute(
                """
                select (select count(*) from intake_key), (select count(*) from identifier), (select count(*) from customer),
                       (select count(*) from inbox where type = 'customer.recorded'), (select count(*) from import_piece),
                       (select count(*) from import_trace)
                """
            ).fetchone()
        assert counts == (ROWS, ROWS, ROWS, ROWS, 0, ROWS // cutting.PIECE_ROWS)
