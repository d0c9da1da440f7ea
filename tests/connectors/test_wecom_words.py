"""The list of forbidden words as WeCom's rules: within its limits, changed with the list and with the staff, nothing left behind."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from harness.database import Database
from harness.offices import LIN, SUN, Office, opened
from tandem.domains.contact import advisers
from tandem.domains.contact.ruling import keeping
from tandem.domains.messaging.words import service as words
from tandem.domains.messaging.words.matching import Word


class Censor(Office):
    """One corporation whose staff are held to words."""

    def keep(self) -> int:
        return keeping.look_after(self.door.db, self.door.tenant)

    def due(self, *purposes: str) -> None:
        del purposes
        self.owner("update intercept_account set due_at = now(), leased_until = null")

    def rules(self) -> dict[str, dict[str, Any]]:
        """The rules as the platform holds them, by name."""
        return {one["rule_name"]: one for one in self.corp.store("intercept").values()}


@pytest.fixture(scope="module")
def censor(module_database: Database) -> Iterator[Censor]:
    with opened(Censor, module_database) as made:
        advisers.read_due(made.door.db, made.door.tenant)
        yield made


def test_words_are_shared_out_over_rules() -> None:
    listed = [Word(f"词{number}") for number in range(5)] + [
        Word("长" * 33),
        Word("提醒", "warn"),
        Word("短语", "allow"),
    ]
    found, skipped = keeping.wanted(listed, words_max=2, word_max=32)
    assert [(one.name, len(one.words)) for one in found] == [
        ("Tandem 拦截 1", 2), ("Tandem 拦截 2", 2), ("Tandem 拦截 3", 1), ("Tandem 提醒 1", 1),
    ]  # fmt: skip
    assert skipped == 1
    only, _ = keeping.wanted(listed, words_max=2, word_max=32, levels=["warn"], semantics=["phone", "email"])
    assert [(one.name, one.semantics) for one in only] == [("Tandem 提醒 1", ("email", "phone"))]


def test_rules_follow_the_list_and_the_staff(censor: Censor) -> None:
    with censor.door.tx("web") as tx:
        words.add_words(tx, [f"禁词{number}" for number in range(301)], "block")
        words.add_words(tx, ["最好"], "warn")
    censor.owner(
        "insert into intercept_account (tenant_id, account_id, enabled) values (%s, %s, true)",
        censor.door.tenant,
        censor.account,
    )
    assert censor.keep() == 1
    held = {name: (one["intercept_type"], len(one["word_list"])) for name, one in censor.rules().items()}
    assert held == {"Tandem 拦截 1": (1, 300), "Tandem 拦截 2": (1, 1), "Tandem 提醒 1": (2, 1)}
    assert LIN in censor.rules()["Tandem 提醒 1"]["applicable_range"]["user_list"]
    calls = len(censor.shop.calls)
    assert (censor.keep(), len(censor.shop.calls)) == (0, calls)
    # A word goes: one rule is changed, another is empty and goes too. Somebody leaves: she is held to nothing any more.
    with censor.door.tx("web") as tx:
        (row,), _ = words.list_words(tx, level=None, q="禁词300", cursor=None, limit=1)
        words.remove_word(tx, row.id)
    censor.corp.resign(SUN, censor.shop.now())
    with censor.door.tx("web") as tx:
        advisers.ask_again(tx)
    advisers.read_due(censor.door.db, censor.door.tenant)
    censor.keep()
    assert set(censor.rules()) == {"Tandem 拦截 1", "Tandem 提醒 1"}
    assert SUN not in censor.rules()["Tandem 拦截 1"]["applicable_range"]["user_list"]
    # Taken away in the console, and one whose making was never answered: both are found within the hour.
    store = censor.corp.store("intercept")
    store.pop(censor.rules()["Tandem 提醒 1"]["rule_id"])
    store["ruleLOST"] = {"rule_id": "ruleLOST", "rule_name": "Tandem 提醒 1", "create_time": 0, "word_list": ["最好"]}
    store["ruleTHEIRS"] = {"rule_id": "ruleTHEIRS", "rule_name": "客服自己的", "create_time": 0, "word_list": ["x"]}
    censor.due()
    censor.keep()
    assert set(censor.rules()) == {"Tandem 拦截 1", "Tandem 提醒 1", "客服自己的"}
    assert "ruleLOST" not in store
    # Beside words numbers of telephones and red packets, and of words the strict ones alone; then words again.
    censor.owner("update intercept_account set levels = '{block}', semantics = '{phone,red_packet}'")
    censor.keep()
    assert {name: one.get("semantics_list") for name, one in censor.rules().items()} == {
        "Tandem 拦截 1": [1, 3],
        "客服自己的": None,
    }
    censor.owner("update intercept_account set levels = '{block,warn}', semantics = '{}'")
    censor.keep()
    assert not any(one.get("semantics_list") for one in censor.rules().values())
    assert "Tandem 提醒 1" in censor.rules()
    censor.owner("update intercept_account set enabled = false")
    censor.keep()
    assert set(censor.rules()) == {"客服自己的"}
    assert censor.door.rows("select * from intercept_rule") == []


def test_a_refusal_is_shown_and_tried_again(censor: Censor) -> None:
    censor.owner("update intercept_account set enabled = true")
    censor.corp.limits["intercept_words"] = 100
    censor.due()
    censor.keep()
    assert censor.door.rows("select problem ->> 'code', failures from intercept_account") == [("41069", 1)]
    # The limit is data: said to be smaller, the words fit.
    censor.owner("update intercept_account set words_max = 100")
    censor.due()
    censor.keep()
    assert censor.door.rows("select problem, failures from intercept_account") == [(None, 0)]
    assert len(censor.rules()) == 5
