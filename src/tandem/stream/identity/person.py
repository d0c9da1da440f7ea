"""What decides whether two are one person: values they may have once, what was said of them, how many accounts they have. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from tandem.stream.identity.identifiers import BASIS, UNIQUE
from tandem.stream.identity.portrait import SILENT, Portrait, compare, last_said
from tandem.stream.identity.rules import CONTESTABLE, Rules


class Key(NamedTuple):
    """An identifier as the key table knows it: kind, scope, keyed hash of the canonical value."""

    kind: str
    scope: str
    value_hash: bytes


class Doubt(NamedTuple):
    """Why two are kept apart until a person decides: `reason` speaks against, `joined_by` is the kind of identifier they share.

    `days`: silence between what was last said of the one and the record of the other, where a number may have changed hands.
    """

    reason: str
    joined_by: str = ""
    days: int | None = None


@dataclass(slots=True)
class Person:
    """What is known of a customer, people merged into her included."""

    claims: dict[tuple[str, str], set[bytes]] = field(default_factory=dict[tuple[str, str], set[bytes]])
    """Values of kinds that must be unique: (kind, scope) -> hashes."""
    portraits: list[Portrait] = field(default_factory=list[Portrait])
    accounts: int = 0
    """How many identifiers she has that no other person may use."""

    def learn(self, key: Key) -> None:
        """Note an identifier that is hers now."""
        if key.kind in UNIQUE:
            self.claims.setdefault((key.kind, key.scope), set()).add(key.value_hash)
        self.accounts += key.kind not in CONTESTABLE

    def hear(self, said: Portrait) -> None:
        """Note what a record said of her."""
        if said not in self.portraits:
            self.portraits.append(said)

    def take_in(self, other: Person) -> None:
        """Note that somebody else turned out to be her."""
        for scoped, values in other.claims.items():
            self.claims.setdefault(scoped, set()).update(values)
        self.portraits += [said for said in other.portraits if said not in self.portraits]
        self.accounts += other.accounts

    def copy(self) -> Person:
        """A copy that may be changed."""
        return Person({scoped: set(held) for scoped, held in self.claims.items()}, list(self.portraits), self.accounts)

    def differs_from(self, keys: Iterable[Key]) -> str | None:
        """The unique kind of which she has another value than these."""
        for key in keys:
            held = self.claims.get((key.kind, key.scope))
            if held and key.value_hash not in held:
                return key.kind
        return None


def contradiction(one: Person, other: Person) -> str | None:
    """The unique kind in which two differ within one scope, or None: what vetoes a merge."""
    for scoped, values in one.claims.items():
        if scoped in other.claims and values.isdisjoint(other.claims[scoped]):
            return scoped[0]
    return None


LIKELY: Final = "likely"
"""What joins two whom the nightly comparison found likely to be one."""


def objection(rules: Rules, kind: str, one: Person, other: Person) -> Doubt | None:
    """Why two customers must not be merged by an identifier of this kind (or by likelihood) without a person's word."""
    against = contradiction(one, other)
    if against is not None:
        return Doubt(against, kind)
    if kind in CONTESTABLE:
        # How often the value was contradicted was weighed when the merge was filed.
        return doubt(rules, [(Key(kind, "", b""), 0)], one.portraits, other)
    opinion = compare(one.portraits, other.portraits) if kind == LIKELY and rules.names_speak else SILENT
    return Doubt(opinion.why, kind) if opinion.weight < 0 else None


def doubt(
    rules: Rules,
    shared_by: Sequence[tuple[Key, int]],
    said: Sequence[Portrait],
    person: Person,
) -> Doubt | None:
    """Why contestable identifiers alone must not join what was said to this person; None when they may.

    `shared_by` are those identifiers with how often each was contradicted. Two of them that do not depend on one another (a phone and
    an e-mail) outweigh one slip of a birthday or a gender, never a name.
    """
    joined_by = shared_by[0][0].kind
    if person.accounts >= rules.accounts_max:
        return Doubt("too_many_accounts", joined_by)
    opinion = compare(said, person.portraits) if rules.names_speak else SILENT
    weight = opinion.weight + len({BASIS.get(key.kind, key.kind) for key, _ in shared_by}) - 1
    if opinion.weight <= -2 or weight < 0:
        days = _silence(said, person)
        is_recycled = days is not None and days > rules.recycled_days and opinion.why in {"name", "surname"}
        return Doubt("recycled" if is_recycled else opinion.why, joined_by, days)
    if weight <= 0 and all(times >= rules.shared_after for _, times in shared_by):
        return Doubt("shared", joined_by)
    return None


def _silence(said: Sequence[Portrait], person: Person) -> int | None:
    now, before = last_said(said), last_said(person.portraits)
    return None if now is None or before is None else abs((now - before).days)
