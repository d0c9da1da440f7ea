"""What a process remembers of accounts: bounded, and not to be emptied by somebody who invents ids."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID, uuid4

import pytest

from tandem.stream.sources import accounts
from tandem.stream.sources.accounts import Accounts
from tandem.stream.sources.connector import Account
from tandem.stream.sources.limits import Limit

NOWHERE = cast("Any", None)


@pytest.fixture
def looked(monkeypatch: pytest.MonkeyPatch) -> list[UUID]:
    """The ids that the database was asked for; even ones are accounts."""
    asked: list[UUID] = []

    def look(_self: Accounts, _db: object, account_id: UUID, _role: str) -> Account | None:
        asked.append(account_id)
        if account_id.int % 2:
            return None
        return Account(uuid4(), account_id, "webhook", "s", "active", {}, None, "secret")

    monkeypatch.setattr(Accounts, "_look", look)
    return asked


def test_invented_accounts_push_out_no_real_one(looked: list[UUID], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accounts, "UNKNOWN_MAX", 10)
    known = Accounts()
    real = UUID(int=2)
    assert known.get(NOWHERE, real) is not None
    for number in range(5_000):
        assert known.get(NOWHERE, UUID(int=2 * number + 1)) is None
    looked.clear()
    assert known.get(NOWHERE, real) is not None
    assert looked == [], "still remembered"
    assert known.get(NOWHERE, UUID(int=2 * 4_999 + 1)) is None
    assert looked == [], "the last invented one too"
    assert len(known._unknown) == 10


def test_of_many_real_ones_the_one_longest_not_looked_at_goes(
    looked: list[UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accounts, "KNOWN_MAX", 3)
    known = Accounts()
    for number in (2, 4, 6, 8):
        known.get(NOWHERE, UUID(int=number))
    looked.clear()
    for number in (4, 6, 8, 2):
        known.get(NOWHERE, UUID(int=number))
    assert looked == [UUID(int=2)]


def test_new_keys_give_nobody_who_is_held_back_a_full_bucket(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tandem.stream.sources.limits.KEYS_MAX", 5)
    limit = Limit(60, 1, clock=lambda: 0.0)
    others = iter(range(100))
    for _ in range(3):
        limit.take(next(others))
    assert limit.take("held") == 0
    limit.take(next(others))
    limit.take(next(others))
    assert limit.take("held") > 0
