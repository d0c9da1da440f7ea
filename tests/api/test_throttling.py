"""Guessing gets slower per name and per address, and outlives a restart."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from fastapi.testclient import TestClient
from httpx import Response

from harness.house import PASSWORD, House
from tandem.access import throttle
from tandem.access.devices import party_of
from tandem.kernel.db import Database
from tandem.kernel.errors import Throttled
from tandem.kernel.ids import new_id
from tandem.kernel.settings import Settings
from tandem.stream.sources.guests import Guests
from tandem.stream.sources.limits import Limit
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


def _from(house: House, login: str, password: str, address: str, cookies: dict[str, str] | None = None) -> Response:
    browser = TestClient(house.app, client=(address, 1), raise_server_exceptions=False)
    browser.cookies.update(cookies or {})
    return browser.post("/v1/session", json={"login": login, "password": password})


def test_a_stranger_shuts_nobody_out_of_her_account(house: House) -> None:
    _clear(house)
    guesses = [_from(house, "shop2", "wrong password", "203.0.113.9").status_code for _ in range(6)]
    assert guesses == [401] * 5 + [429]
    # What he used up is his network's: she comes in from hers, and nobody else's address within his does.
    assert _from(house, "shop2", PASSWORD, "203.0.113.77").status_code == 429
    assert _from(house, "shop2", PASSWORD, "198.51.100.4").status_code == 200


def test_a_besieged_name_gives_strange_networks_one_guess_and_its_own_browser_all(house: House) -> None:
    _clear(house)
    own = _from(house, "north", PASSWORD, "198.51.100.4")
    device = {"tandem_device": own.cookies["tandem_device"]}
    with house.database.connect() as connection:
        connection.execute("update login_attempt set failures = %s where kind = 'name'", (throttle.BESIEGED,))
    assert [_from(house, "north", "wrong password", "203.0.113.9").status_code for _ in range(2)] == [401, 429]
    # Right at the first try from anywhere; and where she signed in before, she may mistype as ever, even from a guesser's network.
    assert _from(house, "north", PASSWORD, "192.0.2.1").status_code == 200
    tries = [_from(house, "north", "wrong password", "203.0.113.9", device).status_code for _ in range(4)]
    assert tries == [401] * 4
    assert _from(house, "north", PASSWORD, "203.0.113.9", device).status_code == 200
    # A cookie that somebody made up, or that is another name's, is a stranger's.
    forged = {"tandem_device": device["tandem_device"][:-1] + ("0" if device["tandem_device"][-1] != "0" else "1")}
    assert _from(house, "north", PASSWORD, "203.0.113.9", forged).status_code == 429
    assert _from(house, "finance", "wrong password", "203.0.113.9", device).status_code == 401


def test_an_ipv6_network_is_one_party_however_many_addresses_it_has(house: House) -> None:
    _clear(house)
    most = throttle.FREE_FAILURES["address"]
    codes = [_from(house, f"name{n}", "wrong password", f"2001:db8:7:1::{n:x}").status_code for n in range(1, most + 2)]
    assert codes == [401] * most + [429]
    assert _from(house, "admin", PASSWORD, "2001:db8:7:200::1").status_code == 200
    assert [party_of(one) for one in ("203.0.113.9", "::ffff:203.0.113.9", "testclient", None)] == [
        "203.0.113.9", "::ffff:203.0.113.9", "testclient", ""
    ]  # fmt: skip


def test_strangers_at_her_name_keep_nobody_from_changing_her_password(house: House) -> None:
    _clear(house)
    house.person("shop1")
    with house.database.connect() as connection:
        connection.execute("delete from login_attempt")
    for _ in range(5):
        _try(house, "shop1")
    assert _try(house, "shop1") == 429
    own = house.person("shop1")
    guess = {"old": "wrong password", "new": "another long password"}
    # Her own guesses are counted all the same: whoever sits at her open session guesses as slowly as at the door.
    codes = [own.post("/v1/me/password", guess).status_code for _ in range(6)]
    assert codes[:5].count(429) == 0
    assert codes[5] == 429


def test_strangers_at_an_accounts_door_use_up_nothing_of_others() -> None:
    now = [0.0]

    def limit(per_minute: int, burst: int) -> Limit:
        return Limit(per_minute, burst, lambda: now[0])

    door = Guests(limit(60, 30), limit(240, 120), limit(600, 200), limit(6, 4))
    account = new_id()
    for network in range(50):
        for _ in range(4):
            door.spend(account, f"n{network}", None)
    # All strangers together are too many: each network is slowed down, and a fresh one still comes in.
    for _ in range(4):
        door.spend(account, "n0", None)
    with pytest.raises(Throttled) as slow:
        door.spend(account, "n0", None)
    assert (slow.value.code, slow.value.retry_after_seconds) == ("door_crowded", 10)
    for _ in range(3):
        door.spend(account, "her own network", None)
    for _ in range(20):
        door.spend(account, "n0", "her browser")
    now[0] += 60
    door.spend(account, "n0", None)
