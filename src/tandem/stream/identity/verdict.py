"""Who a record belongs to: a pure decision over a batch of records and what is known of their identifiers (ENGINE_RULES 9).

The door reads what is known, asks `judge`, and writes what it says. Records are taken in order, each seeing what those before it
established, so that a batch of a thousand gives the same answer as a thousand batches of one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

from tandem.stream.identity.identifiers import RANK, UNIQUE
from tandem.stream.identity.person import Doubt, Key, Person, contradiction, doubt
from tandem.stream.identity.portrait import Portrait
from tandem.stream.identity.rules import CONTESTABLE, DEFAULT, Rules

__all__ = ["Findings", "Key", "Owner", "Person", "Pointer", "contradiction", "judge", "unsettled"]

NO_ACCOUNT = frozenset({*CONTESTABLE, "phone_person"})
"""Kinds that a platform's account is not known by."""


class Pointer(NamedTuple):
    """Whom a key names now, for whom it was first given, and how often it was contradicted."""

    customer_id: UUID
    origin_id: UUID
    degree: int = 0
    demoted: bool = False


class Owner(NamedTuple):
    """Whose a record is: the customer, the history it stays with after an undo, and the identifier it came by."""

    customer_id: UUID
    origin_id: UUID
    came_by: Key


@dataclass(slots=True)
class Findings:
    """What a batch established. `owners` follows the records, None where nobody is named."""

    owners: list[Owner | None]
    given: dict[Key, tuple[UUID, UUID]]
    """Keys that had no owner -> (customer, origin)."""
    created: list[UUID]
    """Customers to make, in order."""
    merges: dict[tuple[UUID, UUID], Key] = field(default_factory=dict[tuple[UUID, UUID], Key])
    """(survivor, loser) that an identifier joins -> that identifier. Never executed here."""
    reviews: dict[tuple[UUID, UUID], Doubt] = field(default_factory=dict[tuple[UUID, UUID], Doubt])
    """(smaller id, larger id) that are joined by one thing and kept apart by another -> what keeps them apart."""
    contested: dict[Key, int] = field(default_factory=dict[Key, int])
    """Keys whose owner was contradicted, and how often."""


def judge(
    records: Sequence[Sequence[Key]],
    known: Mapping[Key, Pointer],
    people: Mapping[UUID, Person],
    new_id: Callable[[], UUID],
    *,
    said: Sequence[Portrait | None] | None = None,
    rules: Rules = DEFAULT,
) -> Findings:
    """Say whose each record is.

    `records` hold strong keys only, strongest first; `said` follows them with what each says of its person; `people` are those whom
    `unsettled` names. `new_id` gives ids for customers to make.
    """
    bench = _Bench(known, people, new_id, rules)
    verdicts = [bench.take(record, None if said is None else said[place]) for place, record in enumerate(records)]
    return bench.findings(verdicts)


def unsettled(records: Iterable[Sequence[Key]], known: Mapping[Key, Pointer]) -> set[UUID]:
    """Known customers of whom `judge` may ask more: those named by a record that also names somebody else or nobody yet."""
    asked: set[UUID] = set()
    for record in records:
        if len(record) < 2:
            continue  # it names one, or nobody yet
        named = {known[key].customer_id for key in record if key in known}
        if named and (len(named) > 1 or any(key not in known for key in record)):
            asked |= named
    return asked


Named = dict[Key, tuple[UUID, UUID]]


class _Bench:
    """The state of a batch while its records are taken one after another."""

    def __init__(
        self, known: Mapping[Key, Pointer], people: Mapping[UUID, Person], new_id: Callable[[], UUID], rules: Rules
    ) -> None:
        self._known = known
        self._people = {one: held.copy() for one, held in people.items()}
        self._new_id = new_id
        self._rules = rules
        self._given: Named = {}
        self._created: dict[UUID, None] = {}
        self._absorbed: dict[UUID, tuple[UUID, UUID]] = {}
        self._merges: dict[tuple[UUID, UUID], Key] = {}
        self._reviews: dict[tuple[UUID, UUID], Doubt] = {}
        self._contested: dict[Key, int] = {}

    def take(self, record: Sequence[Key], said: Portrait | None) -> Owner | None:
        owner = self._by_one(record[0]) if len(record) == 1 else None
        if owner is None:
            return self._weigh(record, said)
        if said is not None and not said.says_nothing:
            self._person(owner.customer_id).hear(said)
        return owner

    def _by_one(self, key: Key) -> Owner | None:
        """Whose a record is that has this key alone, where that was settled before this batch and nothing shakes it: nine in ten."""
        pointer = self._known.get(key)
        if pointer is None or pointer.degree or pointer.demoted or self._contested:
            return None
        return Owner(pointer.customer_id, pointer.origin_id, key)

    def _weigh(self, record: Sequence[Key], said: Portrait | None) -> Owner | None:
        keys = [key for key in record if not self._is_demoted(key)]
        if not keys:
            return None
        named = {key: found for key in keys if (found := self._owner(key)) is not None}
        first = named.get(keys[0])
        if first is not None and len(named) == len(keys) and all(found[0] == first[0] for found in named.values()):
            owner = Owner(*first, keys[0])
        else:
            owner = self._settle(keys, named, [] if said is None else [said])
        if said is not None and not said.says_nothing:
            self._person(owner.customer_id).hear(said)
        return owner

    def _settle(self, keys: list[Key], named: Named, said: list[Portrait]) -> Owner:
        against = self._against(keys, named, said)
        fitting = {key: found for key, found in named.items() if found[0] not in against}
        free = [key for key in keys if key not in named]
        if fitting:
            customer = min({person for person, _ in fitting.values()}, key=lambda one: (one in self._created, one))
            came_by = min(
                (key for key, found in fitting.items() if found[0] == customer), key=lambda key: RANK[key.kind]
            )
            origin = fitting[came_by][1]
        elif free:
            customer = origin = self._new_id()
            self._created[customer] = None
            came_by = free[0]
        else:
            came_by = keys[0]
            customer, origin = named[came_by]
        self._join(customer, origin, fitting, said)
        self._contest(customer, against, named, is_news=bool(free))
        for key in free:
            self._given[key] = (customer, origin)
            self._person(customer).learn(key)
        return Owner(customer, origin, came_by)

    def _against(self, keys: list[Key], named: Named, said: list[Portrait]) -> dict[UUID, Doubt]:
        """Whom the record names and cannot be, with why."""
        unique = [key for key in keys if key.kind in UNIQUE]
        has_account = any(key.kind not in NO_ACCOUNT for key in keys)
        against: dict[UUID, Doubt] = {}
        for person in {found[0] for found in named.values()}:
            by = [key for key, found in named.items() if found[0] == person]
            kind = self._person(person).differs_from(unique)
            if kind is not None:
                against[person] = Doubt(kind, _contestable(by))
            elif all(key.kind in CONTESTABLE for key in by) and len(by) < len(keys):
                found = doubt(self._rules, [(key, self._degree(key)) for key in by], said, self._person(person))
                if found is not None and (has_account or found.reason in {"surname", "recycled"}):
                    against[person] = found
        return against

    def _join(self, customer: UUID, origin: UUID, fitting: Named, said: list[Portrait]) -> None:
        """Ask for the others that the record names to be merged; one that was only made in this batch is simply never made."""
        for key, (other, _) in fitting.items():
            if other == customer or self._current(other, other)[0] == customer:
                continue
            one, two = self._person(customer), self._person(other)
            kind = contradiction(one, two)
            objection = None if kind is None else Doubt(kind, key.kind)
            if objection is None and key.kind in CONTESTABLE:
                objection = doubt(self._rules, [(key, self._degree(key))], [*one.portraits, *said], two)
            if objection is not None:
                self._review(customer, other, objection)
            elif other in self._created:
                self._absorb(other, customer, origin)
            else:
                self._merges.setdefault((customer, other), key)

    def _contest(self, customer: UUID, against: Mapping[UUID, Doubt], named: Named, *, is_news: bool) -> None:
        """Lay the pairs before a person, and count against the values. A record that brings nothing new was counted before."""
        for key, (person, _) in named.items():
            if person in against and person != customer:
                self._review(customer, person, against[person])
                if is_news and key.kind not in UNIQUE:
                    self._contested[key] = self._contested.get(key, 0) + 1

    def _absorb(self, made: UUID, customer: UUID, origin: UUID) -> None:
        del self._created[made]
        self._absorbed[made] = (customer, origin)
        self._person(customer).take_in(self._people.pop(made, Person()))

    def _person(self, customer: UUID) -> Person:
        return self._people.setdefault(customer, Person())

    def _owner(self, key: Key) -> tuple[UUID, UUID] | None:
        pointer = self._known.get(key)
        if pointer is not None:
            return pointer.customer_id, pointer.origin_id
        given = self._given.get(key)
        return None if given is None else self._current(*given)

    def _current(self, customer: UUID, origin: UUID) -> tuple[UUID, UUID]:
        while customer in self._absorbed:
            customer, origin = self._absorbed[customer]
        return customer, origin

    def _degree(self, key: Key) -> int:
        pointer = self._known.get(key)
        return self._contested.get(key, 0) + (0 if pointer is None else pointer.degree)

    def _is_demoted(self, key: Key) -> bool:
        pointer = self._known.get(key)
        return (pointer is not None and pointer.demoted) or self._degree(key) > self._rules.contradictions_max

    def _review(self, one: UUID, other: UUID, why: Doubt) -> None:
        self._reviews.setdefault((min(one, other), max(one, other)), why)

    def findings(self, verdicts: list[Owner | None]) -> Findings:
        """Close the batch: customers that were made and then absorbed vanish from every answer."""
        reviews: dict[tuple[UUID, UUID], Doubt] = {}
        for (one, other), why in self._reviews.items():
            a, b = self._current(one, one)[0], self._current(other, other)[0]
            if a != b:
                reviews.setdefault((min(a, b), max(a, b)), why)
        merges: dict[tuple[UUID, UUID], Key] = {}
        for (survivor, loser), key in self._merges.items():
            current = self._current(survivor, survivor)[0]
            if current != loser:
                merges.setdefault((min(current, loser), max(current, loser)), key)
        if self._absorbed:
            verdicts = [
                None if one is None else Owner(*self._current(one.customer_id, one.origin_id), one.came_by)
                for one in verdicts
            ]
            self._given = {key: self._current(*pair) for key, pair in self._given.items()}
        return Findings(
            owners=verdicts,
            given=self._given,
            created=list(self._created),
            merges=merges,
            reviews=reviews,
            contested=self._contested,
        )


def _contestable(keys: Sequence[Key]) -> str:
    """The kind to name as what joins: one that others may use, where there is one."""
    return next((key.kind for key in keys if key.kind in CONTESTABLE), keys[0].kind)
