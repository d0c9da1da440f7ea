"""Who a record belongs to: a pure decision over a batch of records and what is known of their identifiers (ENGINE_RULES 9).

The door reads what is known, asks `judge`, and writes what it says. Records are taken in order, each seeing what those before it
established, so that a batch of a thousand gives the same answer as a thousand batches of one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

from tandem.stream.identity.identifiers import CONTRADICTIONS_MAX, RANK, UNIQUE


class Key(NamedTuple):
    """An identifier as the key table knows it: kind, scope, keyed hash of the canonical value."""

    kind: str
    scope: str
    value_hash: bytes


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


Claims = Mapping[UUID, Mapping[tuple[str, str], AbstractSet[bytes]]]
"""Values of unique kinds that a customer already has: customer -> (kind, scope) -> hashes."""


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
    reviews: dict[tuple[UUID, UUID], str] = field(default_factory=dict[tuple[UUID, UUID], str])
    """(smaller id, larger id) that are joined by one identifier and kept apart by another -> the kind that keeps them apart."""
    contested: dict[Key, int] = field(default_factory=dict[Key, int])
    """Keys whose owner was contradicted, and how often."""


def judge(
    records: Sequence[Sequence[Key]],
    known: Mapping[Key, Pointer],
    claims: Claims,
    new_id: Callable[[], UUID],
) -> Findings:
    """Say whose each record is. `records` hold strong keys only, strongest first; `new_id` gives ids for customers to make."""
    bench = _Bench(known, claims, new_id)
    verdicts = [bench.take(record) for record in records]
    return bench.findings(verdicts)


def unsettled(records: Iterable[Sequence[Key]], known: Mapping[Key, Pointer]) -> set[UUID]:
    """Known customers whose claims `judge` may ask for: those named by a record that also names somebody else or nobody yet."""
    asked: set[UUID] = set()
    for record in records:
        named = {known[key].customer_id for key in record if key in known}
        if named and (len(named) > 1 or any(key not in known for key in record)):
            asked |= named
    return asked


def contradiction(claims: Claims, one: UUID, other: UUID) -> str | None:
    """The unique kind in which two customers differ within one scope, or None: what vetoes a merge."""
    theirs = claims.get(other, {})
    for scoped, values in claims.get(one, {}).items():
        if scoped in theirs and values.isdisjoint(theirs[scoped]):
            return scoped[0]
    return None


class _Bench:
    """The state of a batch while its records are taken one after another."""

    def __init__(self, known: Mapping[Key, Pointer], claims: Claims, new_id: Callable[[], UUID]) -> None:
        self._known = known
        self._claims = {one: {scoped: set(values) for scoped, values in held.items()} for one, held in claims.items()}
        self._new_id = new_id
        self._given: dict[Key, tuple[UUID, UUID]] = {}
        self._created: dict[UUID, None] = {}
        self._absorbed: dict[UUID, tuple[UUID, UUID]] = {}
        self._merges: dict[tuple[UUID, UUID], Key] = {}
        self._reviews: dict[tuple[UUID, UUID], str] = {}
        self._contested: dict[Key, int] = {}

    def take(self, record: Sequence[Key]) -> Owner | None:
        keys = [key for key in record if not self._is_demoted(key)]
        if not keys:
            return None
        named = {key: found for key in keys if (found := self._owner(key)) is not None}
        first = named.get(keys[0])
        if first is not None and len(named) == len(keys) and all(found[0] == first[0] for found in named.values()):
            return Owner(*first, keys[0])
        return self._settle(keys, named)

    def _settle(self, keys: list[Key], named: dict[Key, tuple[UUID, UUID]]) -> Owner:
        unique = [key for key in keys if key.kind in UNIQUE]
        against = {
            person: kind for person, _ in named.values() if (kind := self._contradicts(person, unique)) is not None
        }
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
        self._join(customer, origin, fitting)
        self._contest(customer, against, named)
        for key in free:
            self._give(key, customer, origin)
        return Owner(customer, origin, came_by)

    def _join(self, customer: UUID, origin: UUID, fitting: dict[Key, tuple[UUID, UUID]]) -> None:
        """Ask for the others that the record names to be merged; one that was only made in this batch is simply never made."""
        for key, (other, _) in fitting.items():
            if other == customer or self._current(other, other)[0] == customer:
                continue
            kind = contradiction(self._claims, customer, other)
            if kind is not None:
                self._review(customer, other, kind)
            elif other in self._created:
                self._absorb(other, customer, origin)
            else:
                self._merges.setdefault((customer, other), key)

    def _contest(self, customer: UUID, against: dict[UUID, str], named: dict[Key, tuple[UUID, UUID]]) -> None:
        for key, (person, _) in named.items():
            if person in against and person != customer:
                self._review(customer, person, against[person])
                if key.kind not in UNIQUE:
                    self._contested[key] = self._contested.get(key, 0) + 1

    def _absorb(self, made: UUID, customer: UUID, origin: UUID) -> None:
        del self._created[made]
        self._absorbed[made] = (customer, origin)
        for scoped, values in self._claims.pop(made, {}).items():
            self._claims.setdefault(customer, {}).setdefault(scoped, set()).update(values)

    def _give(self, key: Key, customer: UUID, origin: UUID) -> None:
        self._given[key] = (customer, origin)
        if key.kind in UNIQUE:
            self._claims.setdefault(customer, {}).setdefault((key.kind, key.scope), set()).add(key.value_hash)

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

    def _contradicts(self, person: UUID, unique: list[Key]) -> str | None:
        claims = self._claims.get(person, {})
        for key in unique:
            theirs = claims.get((key.kind, key.scope))
            if theirs and key.value_hash not in theirs:
                return key.kind
        return None

    def _is_demoted(self, key: Key) -> bool:
        pointer = self._known.get(key)
        degree = self._contested.get(key, 0)
        if pointer is None:
            return degree > CONTRADICTIONS_MAX
        return pointer.demoted or degree + pointer.degree > CONTRADICTIONS_MAX

    def _review(self, one: UUID, other: UUID, kind: str) -> None:
        self._reviews.setdefault((min(one, other), max(one, other)), kind)

    def findings(self, verdicts: list[Owner | None]) -> Findings:
        """Close the batch: customers that were made and then absorbed vanish from every answer."""
        reviews: dict[tuple[UUID, UUID], str] = {}
        for (one, other), kind in self._reviews.items():
            a, b = self._current(one, one)[0], self._current(other, other)[0]
            if a != b:
                reviews.setdefault((min(a, b), max(a, b)), kind)
        merges: dict[tuple[UUID, UUID], Key] = {}
        for (survivor, loser), key in self._merges.items():
            current = self._current(survivor, survivor)[0]
            if current != loser:
                merges.setdefault((min(current, loser), max(current, loser)), key)
        return Findings(
            owners=[
                None if one is None else Owner(*self._current(one.customer_id, one.origin_id), one.came_by)
                for one in verdicts
            ],
            given={key: self._current(*pair) for key, pair in self._given.items()},
            created=list(self._created),
            merges=merges,
            reviews=reviews,
            contested=self._contested,
        )
