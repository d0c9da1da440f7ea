"""100,000 runs while workers, then PostgreSQL, are killed at random for two minutes; every effect is counted against a model.

    script/bench survival [--runs 100000] [--seconds 120] [--workers 2] [--stock 30000] [--seed 1]

Everybody of a segment passes branches, a fork whose limbs meet again, waits, a coupon of which there are fewer than people, and gains
points that depend on her city; meanwhile events start and end other runs. For half of the time a worker is killed every second or so, for
the other half PostgreSQL and all its children, as by a power cut, and workers as well; recoveries do not count as time. Then everything
comes to rest, and runs, steps, points, coupons, stock, events and statistics must be what a model in a few lines of Python says: none lost,
none twice. Prints one JSON object.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import tempfile
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any
from uuid import UUID

import psutil
import psycopg
import structlog

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "src"), str(ROOT / "bench"), str(ROOT / "tests")]

from _measure import versions  # noqa: E402

from harness.database import MASTER_KEY, Databases  # noqa: E402
from harness.flows import FlowHouse, block, graph, open_flow_house  # noqa: E402
from harness.herd import Herd, herd, until  # noqa: E402
from tandem.kernel.errors import Unavailable  # noqa: E402
from tandem.kernel.ids import new_id  # noqa: E402
from tandem.kernel.postgres import EmbeddedServer  # noqa: E402
from tandem.kernel.settings import settings  # noqa: E402

CITIES = ("上海", "北京", "成都")
AWAY = (Unavailable, psycopg.Error, OSError)
#: Between two kills, in seconds: of a worker, and of the database (whose recovery comes on top).
WORKER_EVERY = (0.4, 2.0)
SERVER_EVERY = (2.0, 7.0)
SETTLED_WITHIN = 1_200.0


def points(amount: int) -> dict[str, Any]:
    return {"points": amount, "reason": "t"}


def drawn(segment: UUID, coupon: UUID, seconds: float) -> dict[str, Any]:
    """The flow: its waits are spread over the time of the kills, so that they always find work."""
    wait = {"span": {"amount": str(round(seconds / 6, 1)), "unit": "seconds"}}
    ways = [{"name": "sh", "label": "上海", "condition": "customer.city = '上海'"}]
    limbs = [{"name": "p", "label": "P"}, {"name": "q", "label": "Q"}]
    return graph(
        [
            block("start", "start.segment", segment_id=str(segment)),
            block("city", "decide.condition", ways=ways),
            block("one", "marketing.add_points", **points(1)),
            block("two", "marketing.add_points", **points(2)),
            block("wait1", "wait.duration", **wait),
            block("fork", "flow.parallel", branches=limbs, enough=0),
            block("three", "marketing.add_points", **points(3)),
            block("pause", "wait.duration", **wait),
            block("four", "marketing.add_points", **points(4)),
            block("join", "flow.join"),
            block("wait2", "wait.duration", **wait),
            block("gift", "marketing.issue_coupon", coupon_template=str(coupon)),
            block("five", "marketing.add_points", **points(5)),
            block("wait3", "wait.duration", **wait),
            block("six", "marketing.add_points", **points(6)),
            block("exit", "flow.exit"),
        ],
        [
            *(
                "start.entered>city",
                "city.sh>one",
                "city.else>two",
                "one.done>wait1",
                "two.done>wait1",
                "wait1.done>fork",
            ),
            *(
                "fork.p>three",
                "three.done>join",
                "fork.q>pause",
                "pause.done>four",
                "four.done>join",
                "fork.done>wait2",
            ),
            *("wait2.done>gift", "gift.issued>wait3", "gift.sold_out>five", "five.done>wait3", "wait3.done>six"),
            *("gift.limit_reached>wait3", "six.done>exit"),
        ],
    )


class Trial:
    """A house under load, and what a model expects of it."""

    def __init__(self, house: FlowHouse, asked: argparse.Namespace) -> None:
        self.house, self.asked = house, asked
        self.filed = 0
        self.kills: Counter[str] = Counter()
        each = asked.runs // len(CITIES)
        self.people: dict[str, list[UUID]] = {city: house.add_customers(each, city=city) for city in CITIES}
        self.count = each * len(CITIES)
        segment, coupon, quota = new_id(), new_id(), new_id()
        for statement in _SETTING:
            house.owner(statement, {"segment": segment, "coupon": coupon, "quota": quota, "stock": asked.stock})
        self.quota = quota
        self.bulk = house.publish(drawn(segment, coupon, asked.seconds), "全员")
        waiting = block("wait", "wait.event", event_type="refund.created", timeout={"amount": "9", "unit": "days"})
        self.live = house.publish(
            graph(
                [block("start", "start.event", event_type="order.paid"), waiting, block("exit", "flow.exit")],
                ["start.entered>wait", "wait.happened>exit", "wait.timeout>exit"],
            ),
            "退款",
        )

    # ------------------------------------------------------------------------------------------------------ killing

    def torment(self, workers: Herd, server: EmbeddedServer) -> None:
        """Kill workers for half of the time, then the database, too."""
        chance = random.Random(self.asked.seed)
        began, recovering = time.monotonic(), 0.0
        while (passed := time.monotonic() - began - recovering) < self.asked.seconds:
            self._stream(200)
            late = passed > self.asked.seconds / 2
            time.sleep(chance.uniform(*(SERVER_EVERY if late else WORKER_EVERY)))
            if late and chance.random() < 0.75:
                fell = time.monotonic()
                kill_outright(server)
                server.start()
                until(self._answers)
                recovering += time.monotonic() - fell
                self.kills["database"] += 1
            else:
                workers.kill(chance.choice(workers.processes))
                workers.start()
                self.kills["worker"] += 1
            assert all(one.is_alive() for one in workers.processes), "a worker ended by itself"

    def _stream(self, count: int) -> None:
        """Each customer's order, then her refund."""
        batch = self.house.customers[self.filed : self.filed + count]
        self.house.events([(kind, one, {}) for one in batch for kind in ("order.paid", "refund.created")])
        self.filed += len(batch)

    def _answers(self) -> bool:
        with suppress(*AWAY):
            self.house.owner("select 1")
            return True
        return False

    def finished(self) -> bool:
        """Has everything come to rest? Asked once a second: counting takes a core from what is counted."""
        time.sleep(1.0)
        busy = "select exists (select from inbox) or exists (select from flow_due) or exists (select from flow_fanout)"
        ended = self.house.count("flow_run", "status = 1 and parent_id is null")
        return not self.house.owner(busy)[0][0] and ended == self.count + self.filed

    def state(self) -> object:
        """How far it has come, for the reader of a failure."""
        return self.house.owner(
            "select flow_id, status, stretch, count(*) from flow_run group by 1, 2, 3 order by 4 desc"
        )

    # --------------------------------------------------------------------------------------------------- accounting

    def account(self) -> dict[str, Any]:
        """(model, engine) of everything that can be counted. Raises AssertionError where they differ."""
        n, sh = self.count, len(self.people["上海"])
        issued = min(self.asked.stock, n)
        sold_out = n - issued
        earned = {city: (1 if city == "上海" else 2) + 3 + 4 + 6 for city in CITIES}
        per_customer = "select c.city, sum(e.amount)::bigint, count(*) from points_entry e join customer c on c.bucket = e.bucket and c.id = e.customer_id group by 1"
        found = {city: (total, entries) for city, total, entries in self.house.owner(per_customer)}
        entries_of = 4 * n + sold_out
        sums: dict[str, tuple[Any, Any]] = {
            "runs": (n + self.filed, self._one("select count(*) from flow_run where status = 1 and parent_id is null")),
            "limbs": (2 * n, self._one("select count(*) from flow_run where status = 1 and parent_id is not null")),
            "any_other_run": (0, self._one("select count(*) from flow_run where status <> 1")),
            "people": (n, self._one("select count(distinct customer_id) from flow_run where flow_id = %(bulk)s")),
            "points": (
                sum(len(who) * earned[city] for city, who in self.people.items()) + 5 * sold_out,
                sum(int(total) for total, _ in found.values()),
            ),
            "points_entries": (entries_of, sum(entries for _, entries in found.values())),
            "points_entries_by_visit": (
                entries_of,
                self._one("select count(distinct (run_id, block, visit)) from points_entry"),
            ),
            "customers_with_other_points": (0, self._one(_ODD_POINTS)),
            "coupons": (issued, self._one("select count(*) from coupon")),
            "coupon_owners": (issued, self._one("select count(distinct customer_id) from coupon")),
            "stock_used": (issued, self._one(_USED, quota=self.quota)),
            "shanghai_first_block": (sh, self._passed("one")),
            "others_first_block": (n - sh, self._passed("two")),
            "joined_and_went_on": (n, self._passed("six")),
            "orders": (self.filed, self._one("select count(*) from event where type = 'order.paid'")),
            "refunds": (self.filed, self._one("select count(*) from event where type = 'refund.created'")),
            "points_told": (entries_of, self._one("select count(*) from event where type = 'points.earned'")),
            "visits_with_gaps": (0, self._one(_GAPS)),
            "log_and_statistics_differ": (0, self._one(_DIFFER)),
            "parked": (0, self._one("select count(*) from flow_parked")),
        }
        wrong = {name: pair for name, pair in sums.items() if pair[0] != pair[1]}
        assert not wrong, f"(model, engine): {wrong}"
        return {name: pair[1] for name, pair in sums.items()}

    def _one(self, statement: str, **params: object) -> int:
        return int(self.house.owner(statement, {"bulk": self.bulk, **params})[0][0] or 0)

    def _passed(self, name: str) -> int:
        number = self.house.owner(
            "select (numbers ->> %(name)s)::int from flow where id = %(bulk)s", {"name": name, "bulk": self.bulk}
        )
        return self._one(
            "select count(*) from flow_step s join flow_run r on r.bucket = s.bucket and r.id = s.run_id"
            " where r.flow_id = %(bulk)s and s.block = %(number)s",
            number=number[0][0],
        )


_SETTING = (
    (
        "insert into segment (tenant_id, id, name, kind, version, created_at, updated_at)"
        " values (%(tenant)s, %(segment)s, '全部', 'static', 1, now(), now())"
    ),
    (
        "insert into segment_member (bucket, tenant_id, segment_id, customer_id, origin_id, since, version)"
        " select bucket, tenant_id, %(segment)s, id, id, now() - interval '1 day', 1 from customer where tenant_id = %(tenant)s"
    ),
    "insert into quota (id, tenant_id, name, total, pool) values (%(quota)s, %(tenant)s, 'stock', %(stock)s, %(stock)s)",
    (
        "insert into coupon_template (id, tenant_id, name, kind, value, currency, valid_days, quota_id, created_at, updated_at)"
        " values (%(coupon)s, %(tenant)s, 'ten', 'amount', 10, 'CNY', 30, %(quota)s, now(), now())"
    ),
)
# What one customer has follows from her city and from whether the stock held out: nothing else is right.
_ODD_POINTS = """
select count(*) from (
  select c.id from customer c
  left join points_entry e on e.bucket = c.bucket and e.customer_id = c.id and e.tenant_id = c.tenant_id
  where c.tenant_id = %(tenant)s
  group by c.id, c.bucket, c.city
  having coalesce(sum(e.amount), 0) <> case when c.city = '上海' then 14 else 15 end
    + case when exists (select from coupon k where k.bucket = c.bucket and k.customer_id = c.id) then 0 else 5 end) x
"""
_USED = "select sum(used) from quota_lease where quota_id = %(quota)s"
_GAPS = (
    "select count(*) from (select run_id from flow_step_log group by bucket, run_id"
    " having count(*) <> count(distinct visit) or max(visit) <> count(*) - 1) x"
)
_DIFFER = """
select count(*) from (select stretch, path, count(*) as n from flow_step_log group by 1, 2) a
full join (select stretch, path, sum(n)::bigint as n from flow_path_stat group by 1, 2) b using (stretch, path)
where a.n is distinct from b.n
"""


def kill_outright(server: EmbeddedServer) -> None:
    """As a power cut would: the postmaster and all its children at once."""
    assert server.pid is not None
    postmaster = psutil.Process(server.pid)
    everyone = [postmaster, *postmaster.children(recursive=True)]
    for one in everyone:
        with suppress(psutil.NoSuchProcess):
            one.kill()
    psutil.wait_procs(everyone, timeout=30)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=120.0)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--stock", type=int, default=30_000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    os.environ.setdefault("TANDEM_MASTER_KEY", MASTER_KEY)
    settings.cache_clear()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(40))
    with tempfile.TemporaryDirectory(prefix="tandem-bench-") as home, EmbeddedServer(Path(home)) as server:
        databases = Databases(server.url(), "survival")
        databases.ensure_template()
        database = databases.create()
        with open_flow_house(database) as house:
            # The harness's own engine gives its leases up: here processes do the work.
            house.owner("update bucket_lease set owner = null, leased_until = null")
            house.owner("delete from worker_presence")
            house.worker.close()
            trial = Trial(house, asked)
            # What was made for the trial is on disk before it begins: recoveries replay the trial, not its preparation.
            house.owner("checkpoint")
            began = time.monotonic()
            # Beside the flows one job: it lends the stock.
            urls = json.dumps(database.urls())
            with herd(database.url("worker"), asked.workers, urls, "marketing.fill_leases") as workers:
                trial.torment(workers, server)
                tormented = time.monotonic() - began
                until(trial.finished, trial.state, patience=SETTLED_WITHIN)
            found = trial.account()
            with house.db.connection("owner") as connection:
                known = versions(connection)
    print(
        json.dumps(
            {
                "what": "survival",
                "runs": trial.count,
                "events": 2 * trial.filed,
                "killed": dict(trial.kills),
                "tormented_s": round(tormented, 1),
                "at_rest_after_s": round(time.monotonic() - began, 1),
                "as_the_model_says": found,
                "load": round(os.getloadavg()[0], 2),
                "versions": known,
            },
            ensure_ascii=False,
        )
    )


if __name__ == "__main__":
    main()
