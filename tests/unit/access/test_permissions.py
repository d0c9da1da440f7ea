"""What wildcards cover, how far grants reach, and that nobody can give more than they have."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tandem.access.builtin_roles import BUILT_IN_ROLES
from tandem.access.permissions import Grant, covers, expand, overlap, reach_of, refuse_escalation, unknown, within
from tandem.kernel.db import Scope
from tandem.kernel.errors import Forbidden

NAMES = ("customer.read", "customer.write", "flow.read", "flow.publish", "order.read")
PATTERNS = (*NAMES, "customer.*", "flow.*", "order.*", "*")
STORES = tuple(UUID(int=n) for n in range(1, 4))

held = st.frozensets(st.sampled_from(PATTERNS), max_size=4)
scopes = st.one_of(
    st.just(Scope.all()),
    st.just(Scope("own")),
    st.lists(st.sampled_from(STORES), unique=True, min_size=1).map(lambda ids: Scope("store", tuple(ids))),
)
grants = st.lists(
    st.builds(lambda names, scope: Grant(names, scope.kind, scope.store_ids), held, scopes), min_size=0, max_size=4
)


@pytest.mark.parametrize(
    ("patterns", "wanted", "covered"),
    [
        (["customer.read"], "customer.read", True),
        (["customer.read"], "customer.write", False),
        (["customer.*"], "customer.write", True),
        (["customer.*"], "customers.write", False),
        (["customer.*"], "customer.*", True),
        (["customer.*"], "*", False),
        (["*"], "*", True),
        (["*"], "anything.at_all", True),
        ([], "customer.read", False),
        (["customer"], "customer.read", False),
    ],
)
def test_wildcards_cover_their_area_and_nothing_else(patterns: list[str], wanted: str, covered: bool) -> None:
    assert covers(patterns, wanted) is covered


@given(held, held, st.sampled_from(NAMES))
def test_an_overlap_gives_exactly_what_both_give(one: frozenset[str], other: frozenset[str], name: str) -> None:
    assert covers(overlap(one, other), name) == (covers(one, name) and covers(other, name))


def test_the_widest_scope_wins_and_stores_add_up() -> None:
    first, second, third = STORES
    holding = [
        Grant(frozenset({"order.read"}), "store", (first,)),
        Grant(frozenset({"order.*"}), "region", (second, third)),
        Grant(frozenset({"flow.read"}), "all"),
    ]
    assert reach_of(holding, "order.read") == Scope("region", STORES)
    assert reach_of(holding, "flow.read") == Scope.all()
    assert reach_of(holding, "flow.publish") is None


def test_own_lies_within_everything_and_all_within_all_only() -> None:
    assert within(Scope("own"), Scope("store", STORES[:1]))
    assert not within(Scope.all(), Scope("region", STORES))
    assert not within(Scope("store", STORES), Scope("store", STORES[:2]))


@given(grants, held, scopes)
def test_what_may_be_given_is_never_more_than_what_is_held(
    actor: list[Grant], names: frozenset[str], scope: Scope
) -> None:
    try:
        refuse_escalation(actor, names, scope)
    except Forbidden:
        return
    given_grant = [Grant(names, scope.kind, scope.store_ids)]
    for name in NAMES:
        gained = reach_of(given_grant, name)
        if gained is not None:
            had = reach_of(actor, name)
            assert had is not None
            assert within(gained, had)


def test_unknown_names_are_told_apart_from_wildcards() -> None:
    assert unknown(["customer.read", "customer.*", "*", "custmer.read", "nothing.*"], NAMES) == [
        "custmer.read",
        "nothing.*",
    ]


def test_expanding_lists_what_screens_may_show() -> None:
    assert expand(["customer.*", "order.read"], NAMES) == ["customer.read", "customer.write", "order.read"]


def test_only_the_administrator_holds_everything() -> None:
    assert [role.code for role in BUILT_IN_ROLES if "*" in role.permissions] == ["admin"]
    assert len({role.code for role in BUILT_IN_ROLES}) == len(BUILT_IN_ROLES)
    finance = next(role for role in BUILT_IN_ROLES if role.code == "finance")
    assert not covers(finance.permissions, "customer.read")
