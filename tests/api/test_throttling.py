"""Guessing gets slower per name and per address, and outlives a restart."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from harness.house import PASSWORD, House
from tandem.access import throttle
from tandem.kernel.db import Database
from tandem.kernel.settings import Settings
from tandem.web import create_app

#: A second to wait is over before a busy machine asks again.
SLOWED = 600


@pytest.fixture(autouse=True)
def slowed(monkeypatch: pytest.MonkeyPatch) -> None:
    wait_after = throttle.wait_after
    monkeypatch.setattr(throttle, "wait_after", lambda failures, free: SLOWED * wait_after(failures, free))


def _try(house: House, login: str, password: str = "wrong password") -> int:
    return house.stranger().post("/v1/session", {"login": login, "password": password}).status_code


def _clear(house: House) -> None:
    with house.database.connect() as connection:
        connection.execute("delete from login_attempt")


def _age(house: House, seconds: int) -> None:
    with house.database.connect() as connection:
        connection.execute("update login_attempt set last_at = last_at - make_interval(secs => %s)", (seconds,))


def test_after_five_failures_even_the_right_password_waits(house: House) -> None:
    _clear(house)
    assert [_try(house, "finance") for _ in range(5)] == [401] * 5
    answer = house.stranger().post("/v1/session", {"login": "finance", "password": PASSWORD})
    assert answer.status_code == 429
    assert answer.json()["error"]["code"] == "too_many_attempts"
    assert int(answer.headers["retry-after"]) >= 1


def test_the_wait_survives_a_restart_and_another_process(house: House) -> None:
    _clear(house)
    for _ in range(5):
        _try(house, "agent")
    db = Database(house.database.urls(), size=2)
    restarted = House(house.database, db, create_app(Settings(), db=db), house.a, house.b, house.trail)
    try:
        assert _try(restarted, "agent", PASSWORD) == 429
    finally:
        db.close()


def test_waiting_helps_and_success_forgets(house: House) -> None:
    _clear(house)
    for _ in range(6):
        _try(house, "shop1")
    _age(house, 3 * SLOWED)
    assert _try(house, "shop1", PASSWORD) == 200
    assert [_try(house, "shop1") for _ in range(5)] == [401] * 5


def test_names_that_nobody_has_are_throttled_alike(house: House) -> None:
    _clear(house)
    assert [_try(house, "no such person") for _ in range(6)] == [401] * 5 + [429]


def test_an_address_that_tries_many_names_is_throttled(house: House) -> None:
    _clear(house)
    codes = [_try(house, f"name{n}") for n in range(throttle.FREE_FAILURES["address"] + 1)]
    assert codes == [401] * throttle.FREE_FAILURES["address"] + [429]
    assert _try(house, "admin", PASSWORD) == 429
    _clear(house)
    assert _try(house, "admin", PASSWORD) == 200


def test_one_persons_failures_do_not_lock_out_another(house: House) -> None:
    _clear(house)
    for _ in range(6):
        _try(house, "north")
    assert _try(house, "operator", PASSWORD) == 200


def test_a_burst_cannot_outrun_the_count(house: House) -> None:
    _clear(house)
    with ThreadPoolExecutor(12) as crowd:
        codes = list(crowd.map(lambda _: _try(house, "finance"), range(24)))
    assert codes.count(401) <= throttle.FREE_FAILURES["login"]
    assert set(codes) == {401, 429}
    assert _try(house, "finance", PASSWORD) == 429
