"""The demo clock is asked to move here; the worker moves it."""

from datetime import datetime, timedelta

from harness.house import House
from tandem.access.clock import JOB_KIND, read_clock
from tandem.kernel.jobs import JobRun, run_next


def _finish(house: House) -> list[dict]:
    payloads: list[dict] = []

    def arrive(run: JobRun) -> None:
        payloads.append(run.payload)
        with run.tx() as tx:
            tx.execute(
                "update tenant set clock_offset = clock_offset + (%(to)s::timestamptz - %(from)s::timestamptz) where id = %(tenant)s",
                {**run.payload, "tenant": run.tenant_id},
            )

    while run_next(house.db, {JOB_KIND: arrive}):
        pass
    return payloads


def test_a_move_is_filed_shown_and_arrives(house: House) -> None:
    person = house.person("marketing")
    before = datetime.fromisoformat(person.get("/v1/clock").json()["business_now"])
    moving = person.post("/v1/clock/move", {"seconds": 7 * 86400})
    assert moving.status_code == 202
    assert moving.json()["moving"] is True
    target = datetime.fromisoformat(moving.json()["target"])
    assert timedelta(days=7) <= target - before < timedelta(days=7, minutes=1)
    assert person.post("/v1/clock/move", {"seconds": 60}).json()["error"]["code"] == "clock_moving"
    assert len(_finish(house)) == 1
    clock = person.get("/v1/clock").json()
    assert clock["moving"] is False
    assert datetime.fromisoformat(clock["business_now"]) >= target
    assert person.get("/v1/me").status_code == 200, "sessions live by machine time"
    assert read_clock(house.db, house.a.id).business_now >= target


def test_the_clock_never_goes_back_and_not_too_far(house: House) -> None:
    person = house.person("marketing")
    for body in (
        {"seconds": 0},
        {"seconds": -60},
        {"to": "2001-01-01T00:00:00Z"},
        {"to": "9999-12-31T23:59:59Z"},
        {"seconds": 10**15},
        {},
        {"seconds": 60, "to": "2999-01-01T00:00:00Z"},
    ):
        answer = person.post("/v1/clock/move", body)
        assert (answer.status_code, answer.json()["error"]["code"]) == (422, "bad_clock_target"), body
    assert person.get("/v1/clock").json()["moving"] is False
    assert person.post("/v1/clock/move", {"to": "2030-01-01T00:00:00"}).status_code == 422, "a time has a zone"


def test_only_demo_tenants_move_and_only_with_the_right(house: House) -> None:
    assert house.person("b.marketing").post("/v1/clock/move", {"seconds": 60}).json()["error"]["code"] == "not_a_demo"
    assert house.person("finance").post("/v1/clock/move", {"seconds": 60}).status_code == 403
    assert house.person("finance").get("/v1/clock").status_code == 200
    assert house.person("b.admin").get("/v1/clock").json()["movable"] is False


def test_moving_is_on_the_trail(house: House) -> None:
    house.person("marketing").post("/v1/clock/move", {"seconds": 3600})
    _finish(house)
    entry = house.person("admin").get("/v1/audit", action="clock.moved").json()["items"][0]
    assert entry["user_name"] == "Marketing"
    assert entry["before"]["at"] < entry["after"]["at"]
