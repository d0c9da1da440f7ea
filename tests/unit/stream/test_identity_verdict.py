"""Whose a record is, decided on plain values."""

import itertools
from uuid import UUID

from tandem.stream.identity.person import Doubt, Key, Person, contradiction
from tandem.stream.identity.portrait import Portrait
from tandem.stream.identity.rules import DEFAULT, Rules
from tandem.stream.identity.verdict import Findings, Pointer, judge, unsettled

A, B = UUID(int=1), UUID(int=2)


def phone(number: int) -> Key:
    return Key("phone", "", bytes([number]))


def email(number: int) -> Key:
    return Key("email", "", bytes([number]))


def member(number: int, scope: str = "") -> Key:
    return Key("member_no", scope, bytes([number]))


def ask(
    *records: list[Key],
    known: dict[Key, Pointer] | None = None,
    claims: dict[UUID, dict[tuple[str, str], set[bytes]]] | None = None,
    portraits: dict[UUID, list[Portrait]] | None = None,
    said: list[Portrait | None] | None = None,
    rules: Rules = DEFAULT,
) -> Findings:
    fresh = (UUID(int=number) for number in itertools.count(1000))
    held = {one: Person(values) for one, values in (claims or {}).items()}
    for one, sayings in (portraits or {}).items():
        held.setdefault(one, Person()).portraits = sayings
    return judge(records, known or {}, held, lambda: next(fresh), said=said, rules=rules)


def test_an_unknown_identifier_makes_a_customer_once() -> None:
    found = ask([phone(1)], [phone(1), email(1)], [email(1)])
    assert len(found.created) == 1
    assert {one.customer_id for one in found.owners if one} == set(found.created)
    assert set(found.given) == {phone(1), email(1)}


def test_a_record_that_joins_two_new_ones_leaves_one_customer() -> None:
    found = ask([phone(1)], [email(1)], [phone(1), email(1)])
    assert len(found.created) == 1
    assert found.merges == {}
    assert len({one.customer_id for one in found.owners if one}) == 1


def test_two_known_customers_go_to_the_oldest_and_a_merge_is_asked_for() -> None:
    found = ask([email(1), phone(1)], known={phone(1): Pointer(A, A), email(1): Pointer(B, B)})
    assert found.owners[0] is not None
    assert found.owners[0].customer_id == A
    assert found.merges == {(A, B): email(1)}
    assert found.created == []


def test_another_member_number_vetoes_and_contests_the_phone() -> None:
    known = {phone(1): Pointer(A, A)}
    claims = {A: {("member_no", ""): {member(1).value_hash}}}
    found = ask([member(2), phone(1)], known=known, claims=claims)
    made = found.created[0]
    assert found.owners[0] is not None
    assert found.owners[0].customer_id == made
    assert found.merges == {}
    assert found.reviews == {(A, made): Doubt("member_no", "phone")}
    assert found.contested == {phone(1): 1}


def test_member_numbers_of_different_scopes_do_not_contradict() -> None:
    claims = {A: {("member_no", "shop"): {member(1).value_hash}}}
    found = ask([member(2, "club"), phone(1)], known={phone(1): Pointer(A, A)}, claims=claims)
    assert found.given == {member(2, "club"): (A, A)}


def test_a_shared_value_is_demoted_after_too_many_contradictions() -> None:
    landline = phone(9)
    records = [[member(number), landline] for number in range(1, 12)]
    found = ask(*records, [landline])
    assert len(found.created) == 11
    assert found.owners[-1] is None
    assert found.contested[landline] == 6


def test_a_demoted_value_names_nobody() -> None:
    found = ask([phone(1)], [phone(1), email(2)], known={phone(1): Pointer(A, A, 9, demoted=True)})
    assert found.owners[0] is None
    assert found.owners[1] is not None
    assert found.owners[1].customer_id == found.created[0]
    assert found.merges == {}


def test_a_record_stays_with_the_history_its_strongest_identifier_came_from() -> None:
    known = {member(1): Pointer(A, B), phone(1): Pointer(A, A)}
    found = ask([member(1), phone(1), email(7)], known=known)
    assert found.owners[0] is not None
    assert (found.owners[0].customer_id, found.owners[0].origin_id) == (A, B)
    assert found.given == {email(7): (A, B)}


def test_unsettled_names_only_customers_that_need_a_closer_look() -> None:
    known = {phone(1): Pointer(A, A), phone(2): Pointer(B, B), email(2): Pointer(B, B)}
    assert unsettled([[phone(2), email(2)]], known) == set()
    assert unsettled([[phone(1), email(1)], [phone(2)]], known) == {A}
    assert unsettled([[phone(1), phone(2)]], known) == {A, B}


def test_contradiction_needs_the_same_scope() -> None:
    one = Person({("union_id", "x"): {b"1"}})
    assert contradiction(one, Person({("union_id", "x"): {b"2"}, ("member_no", ""): {b"3"}})) == "union_id"
    assert contradiction(one, Person({("union_id", "y"): {b"2"}})) is None
    assert contradiction(one, Person({("union_id", "x"): {b"1", b"2"}})) is None
