"""Whose word on a tag holds, for every case of what is said, known and had."""

from itertools import product
from typing import get_args

from tandem.domains.contact.tagging.deciding import Changed, Told, Wins, change, hear


def test_what_is_known_already_changes_nothing() -> None:
    for same, ours, elsewhere, met in product((False, True), repeat=4):
        for wins in get_args(Wins):
            assert hear(said=same, known=same, ours=ours, elsewhere=elsewhere, wins=wins, met=met) == Told()


def test_before_both_sides_met_nothing_is_set_back() -> None:
    for wins in get_args(Wins):
        assert hear(said=True, known=False, ours=False, elsewhere=False, wins=wins, met=False) == Told(take=True)


def test_the_last_word_holds_unless_somebody_else_gives_the_tag() -> None:
    assert hear(said=False, known=True, ours=True, elsewhere=False, wins="last", met=True) == Told(take=False)
    assert hear(said=False, known=True, ours=True, elsewhere=True, wins="last", met=True) == Told()
    assert hear(said=False, known=True, ours=False, elsewhere=False, wins="platform", met=True) == Told()
    assert hear(said=True, known=False, ours=True, elsewhere=False, wins="last", met=True) == Told()


def test_where_ours_holds_the_platform_is_told_again() -> None:
    for ours in (False, True):
        told = hear(said=not ours, known=ours, ours=ours, elsewhere=False, wins="ours", met=True)
        assert told == Told(push=ours, conflict=True)
    # It says what we have anyway.
    assert not hear(said=True, known=False, ours=True, elsewhere=False, wins="ours", met=True).conflict


def test_our_changes_are_told_set_back_or_nobodys_business() -> None:
    assert change(ours=True, there=False, wins="last") == Changed(push=True)
    assert change(ours=False, there=True, wins="ours") == Changed(push=False)
    assert change(ours=True, there=False, wins="platform") == Changed(back=False)
    assert change(ours=True, there=True, wins="platform") == Changed()
    assert change(ours=True, there=False, wins="off") == Changed()
