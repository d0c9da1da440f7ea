"""Can an operator see who works, how fast, and how far behind they are?"""

from datetime import UTC, datetime, timedelta

from harness.house import House
from tandem.flow.delays import Delays
from tandem.flow.reports import Tally, leave
from tandem.flow.runs import Lane
from tandem.kernel.db import connect
from tandem.kernel.ids import new_id
from tandem.stream.events import NewEvent
from tandem.stream.inbox import emit


def test_workers_lanes_and_lags_are_told(house: House) -> None:
    admin = house.person("admin")
    empty = admin.get("/v1/health").json()
    assert empty["workers"] == []
    assert [one["lane"] for one in empty["lanes"]] == ["live", "normal", "bulk", "slow"]
    assert all(one["event_lag_seconds"] is None and one["run_lag_seconds"] is None for one in empty["lanes"])

    tally, worker, customer = Tally(), new_id(), new_id()
    tally.add(Lane.LIVE, events=30, moved=10, failed=1, seconds=0.5)
    tally.add(Lane.LIVE, events=0, moved=10, failed=0, seconds=0.25)
    with connect(house.db.url("worker")) as connection:
        tally.tell(connection, worker, 256)
        tally.tell(connection, worker, 128)
    with house.db.tx("door", tenant=house.a.id) as tx:
        made = NewEvent(
            type="order.paid",
            bucket=customer.bytes[15],
            customer_id=customer,
            occurred_at=tx.now - timedelta(hours=1),
            payload={},
        )
        emit(tx, [made, made])

    told = admin.get("/v1/health").json()
    (one,) = told["workers"]
    assert (one["id"], one["buckets"]) == (str(worker), 128)
    assert datetime.fromisoformat(one["reported_at"]) <= datetime.now(UTC) + timedelta(seconds=5)
    assert one["lanes"] == [
        {
            "lane": "live",
            "turns": 2,
            "events": 30,
            "moved": 20,
            "failed": 1,
            "rows_per_second": 66.7,
            "slowest_ms": 500.0,
        }
    ]
    live = told["lanes"][0]
    assert (live["events_waiting"], live["runs_due"], live["run_lag_seconds"]) == (2, 0, None)
    assert 0 <= live["event_lag_seconds"] < 600
    assert all(lane["events_waiting"] == 0 for lane in told["lanes"][1:])

    with connect(house.db.url("worker")) as connection:
        leave(connection, worker)
    assert admin.get("/v1/health").json()["workers"] == []


def test_who_may_not_see_settings_sees_no_health(house: House) -> None:
    assert house.person("agent").get("/v1/health").status_code == 403
    assert house.stranger().get("/v1/health").status_code == 401


def test_times_from_event_to_effect_are_told_by_minute_and_kind(house: House) -> None:
    own, flow = Delays(), new_id()
    own.add(house.a.id, flow, "tag", [3, 4, 9000])
    own.add(house.a.id, flow, "message", [40])
    own.add(house.a.id, new_id(), "tag", [3] * 57)
    own.add(house.b.id, flow, "coupon", [1])
    with connect(house.db.url("worker")) as connection:
        own.tell(connection)
    admin = house.person("admin")
    told = admin.get("/v1/health/delays").json()
    assert (told["limit_ms"], told["share"], told["broken"]) == (5000, 0.95, False)
    assert (told["whole"]["n"], told["whole"]["over"], told["whole"]["slowest_ms"]) == (61, 1, 9000)
    assert {one["what"]: one["n"] for one in told["kinds"]} == {"tag": 60, "message": 1}
    assert sum(one["n"] for one in told["minutes"]) == 61
    of_flow = admin.get("/v1/health/delays", flow_id=str(flow)).json()
    assert (of_flow["whole"]["n"], of_flow["broken"]) == (4, True)
    assert house.person("agent").get("/v1/health/delays").status_code == 403
