"""The kit's promises where several workers meet: one refresh, one budget, nothing secret in what is kept."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from harness.database import Database
from harness.door import Door
from tandem.connectors.kit import grants, limits
from tandem.connectors.kit.failures import NotAuthorised, Passing, TooMany
from tandem.connectors.kit.grants import Tokens
from tandem.connectors.kit.limits import Limits
from tandem.connectors.kit.manifest import Rate
from tandem.connectors.kit.masking import HIDDEN, mask
from tandem.connectors.kit.platform import Grant
from tandem.kernel.db import Database as Pool
from tandem.kernel.ids import new_id


@pytest.fixture(scope="module")
def door(module_database: Database) -> Iterator[Door]:
    made = Door(module_database)
    yield made
    made.close()


class Bank:
    """Counts how often a token was asked for; each is worth two hours."""

    def __init__(self) -> None:
        self.asked = 0
        self.failure: Exception | None = None

    def __call__(self, grant: Grant | None) -> Grant:
        self.asked += 1
        if self.failure is not None:
            raise self.failure
        return Grant(f"token-{self.asked}", datetime.now(UTC) + timedelta(hours=2), f"refresh-{self.asked}")


def test_many_workers_refresh_once(door: Door) -> None:
    """Eight workers with pools of their own, as eight processes have, find the token over at the same moment."""
    account, bank, found = new_id(), Bank(), []
    start = threading.Barrier(8)

    def worker() -> None:
        pool = Pool(door.database.urls(), size=2)
        try:
            start.wait()
            found.append(Tokens(pool, door.tenant, account, bank).current().grant.access)
        finally:
            pool.close()

    threads = [threading.Thread(target=worker) for _ in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert (bank.asked, set(found), len(found)) == (1, {"token-1"}, 8)


def test_a_token_that_the_platform_refuses_is_renewed_and_one_that_somebody_renewed_is_taken(door: Door) -> None:
    account, bank = new_id(), Bank()
    tokens = Tokens(door.db, door.tenant, account, bank)
    first = tokens.current()
    second = tokens.current(not_generation=first.generation)
    assert (first.grant.access, second.grant.access) == ("token-1", "token-2")
    assert tokens.current(not_generation=first.generation).grant.access == "token-2"
    assert bank.asked == 2


def test_who_dies_while_refreshing_holds_up_nobody_for_ever(door: Door) -> None:
    account, bank = new_id(), Bank()
    Tokens(door.db, door.tenant, account, bank).current()
    with door.database.connect() as owner:
        owner.execute(
            "update connector_grant set expires_at = now(), refresher = %s, refreshing_until = now() + interval '1 hour' where account_id = %s",
            (new_id(), account),
        )
    waited: list[float] = []
    tokens = Tokens(door.db, door.tenant, account, bank, waited.append)

    def grow_old(seconds: float) -> None:
        waited.append(seconds)
        with door.database.connect() as owner:
            owner.execute("update connector_grant set refreshing_until = now() where account_id = %s", (account,))

    tokens.pause = grow_old
    assert tokens.current().grant.access == "token-2"
    assert len(waited) == 1


@pytest.mark.parametrize(("failure", "state"), [(NotAuthorised("over"), "refused"), (Passing("down"), "authorised")])
def test_only_a_refusal_ends_an_authorisation(door: Door, failure: Exception, state: str) -> None:
    account, bank = new_id(), Bank()
    tokens = Tokens(door.db, door.tenant, account, bank)
    generation = tokens.current().generation
    bank.failure = failure
    with pytest.raises(type(failure)):
        tokens.current(not_generation=generation)
    assert door.value(f"select state from connector_grant where account_id = '{account}'") == state


def test_tokens_are_sealed(door: Door) -> None:
    account = new_id()
    with door.tx("worker") as tx:
        grants.store(tx, account, Grant("very secret access", None, "very secret refresh"))
    row = door.rows(f"select g::text from connector_grant g where account_id = '{account}'")[0][0]
    assert "very secret" not in row
    assert b"very secret".hex() not in row


def drained(door: Door, account: UUID, rate: Rate) -> int:
    """How many tokens are given at once before one has to wait."""
    count = 0
    while True:
        with door.tx("worker") as tx:
            if limits.take(tx, account, "op", rate):
                return count
        count += 1


def test_workers_share_one_budget(door: Door) -> None:
    account, rate = new_id(), Rate(0.001, 5)
    assert drained(door, account, rate) == 5
    pool = Pool(door.database.urls(), size=1)
    shared = Limits(pool, door.tenant, account, lambda _: None)
    with pytest.raises(TooMany) as told:
        shared.spend("op", rate)
    pool.close()
    assert told.value.retry_after_seconds is not None
    assert told.value.retry_after_seconds > 900
    assert drained(door, new_id(), rate) == 5, "another shop has its own"


def test_what_the_platform_says_to_wait_holds_for_everybody(door: Door) -> None:
    account, rate = new_id(), Rate(100, 5)
    Limits(door.db, door.tenant, account).block("op", 60)
    with door.tx("worker") as tx:
        assert 50 < limits.take(tx, account, "op", rate) <= 60
        assert limits.take(tx, account, "another", rate) == 0


@pytest.mark.parametrize(
    "text",
    [
        "https://x.example/?access_token=abc123def&page=1",
        '{"access_token": "abc123def", "page": 1}',
        "x-shopify-access-token: abc123def",
        "app_key=1&sign=0F3A&session=6100abc123def",
        '{"client_secret":"abc\\"123def"}',
        "nothing names abc123def here",
    ],
)
def test_secrets_are_hidden_by_name_and_by_value(text: str) -> None:
    shown = mask(text, ["abc123def"])
    assert "123def" not in shown
    assert "6100" not in shown
    assert HIDDEN in shown
