"""The door's judgement over a population with the key tables in memory: the same pure functions that `assign` calls, no database."""

from __future__ import annotations

import datetime as dt
import itertools
import sys
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import numpy as np
from _population import Population

from tandem.stream.identity.composite import Value, derived, mask_of
from tandem.stream.identity.identifiers import RANK, WEAK, canonical, masked_phone
from tandem.stream.identity.names import read_name
from tandem.stream.identity.person import Doubt, Key, Person, objection
from tandem.stream.identity.portrait import Portrait, latest
from tandem.stream.identity.rules import DEFAULT, Rules
from tandem.stream.identity.verdict import Pointer, judge, unsettled

BATCH = 1000
EPOCH = dt.date(1950, 1, 1)
BEGIN = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
DAYS = 1000
GENDERS = ("male", "female")


@dataclass(frozen=True, slots=True)
class Record:
    """An account as the door understands it."""

    strong: list[Key]
    weak: list[Key]
    said: Portrait | None


def read(people: Population, row: int) -> Record:
    """What `door/understand.py` makes of it; values stand for their own hashes."""
    platform = int(people.platform[row])
    values = [Value("online_account", f"p{platform}", f"{platform}-{people.person[row]}")]
    if phone := people.phone_text(row):
        if (number := canonical("phone", phone)) is not None:
            values.append(Value("phone", "", number))
        elif (mask := masked_phone(phone)) is not None:
            values.append(Value("masked_phone", "", mask))
    if people.email[row] != -1:
        values.append(Value("email", "", f"m{people.email[row]}@mail.cn"))
    if people.union[row] != -1:
        values.append(Value("union_id", "wx", f"u{people.union[row]}"))
    if people.device[row] != -1 and (device := canonical("device", _device(int(people.device[row])))) is not None:
        values.append(Value("device", "", device))
    name = read_name(people.name[row]) if people.name[row] else None
    city = None if people.city[row] == -1 else f"c{people.city[row]}"
    values += derived(values, name, city)
    said = Portrait(
        name=None if name is None else name.text.encode(),
        surname=None if name is None or not name.surname else name.surname.encode(),
        gender=None if people.gender[row] == -1 else GENDERS[people.gender[row]],
        birthday=None if people.birthday[row] == -1 else str(EPOCH + dt.timedelta(int(people.birthday[row]))),
        city=city,
        district=None if people.district[row] == -1 else f"d{people.district[row]}",
        at=BEGIN + dt.timedelta(days=DAYS * row / len(people)),
    )
    keys = [Key(kind, scope, sys.intern(text).encode()) for kind, scope, text in values]
    strong = sorted((key for key in keys if key.kind not in WEAK), key=lambda key: RANK[key.kind])
    return Record(strong, [key for key in keys if key.kind in WEAK], None if said.says_nothing else said)


def _device(index: int) -> str:
    return "00000000" if index < -1 else f"device-{index}"


@dataclass
class Door:
    """Key tables, people and the review queue in memory."""

    people: Population
    rules: Rules = DEFAULT
    table: dict[Key, Pointer] = field(default_factory=dict)
    persons: dict[UUID, Person] = field(default_factory=lambda: defaultdict(Person))
    keys_of: dict[UUID, list[Key]] = field(default_factory=lambda: defaultdict(list))
    reviews: dict[tuple[UUID, UUID], Doubt] = field(default_factory=dict)
    owners: list[UUID] = field(default_factory=list)
    into: dict[UUID, UUID] = field(default_factory=dict)
    records: list[Record] = field(default_factory=list)

    def run(self) -> Door:
        """Every account in order of arrival, in batches; merges between them, as the worker does."""
        ids = itertools.count(1)
        for start in range(0, len(self.people), BATCH):
            batch = [read(self.people, row) for row in range(start, min(start + BATCH, len(self.people)))]
            self.records += batch
            self._take(batch, ids)
        return self

    def _take(self, batch: Sequence[Record], ids: Any) -> None:
        records = [record.strong for record in batch]
        known = {key: found for record in records for key in record if (found := self.table.get(key)) is not None}
        asked = {one: self.persons[one] for one in unsettled(records, known)}
        found = judge(
            records, known, asked, lambda: UUID(int=next(ids)), said=[one.said for one in batch], rules=self.rules
        )
        for record, owner in zip(batch, found.owners, strict=True):
            assert owner is not None
            self.owners.append(owner.customer_id)
            if record.said is not None:
                self.persons[owner.customer_id].hear(record.said)
        for key, (customer, origin) in found.given.items():
            self.table[key] = Pointer(customer, origin)
            self.persons[customer].learn(key)
            self.keys_of[customer].append(key)
        for key, times in found.contested.items():
            if (pointer := self.table.get(key)) is not None:
                degree = pointer.degree + times
                self.table[key] = pointer._replace(degree=degree, demoted=degree > self.rules.contradictions_max)
        for pair, why in found.reviews.items():
            self.reviews.setdefault(pair, why)
        for (survivor, loser), key in found.merges.items():
            self.merge(survivor, loser, key.kind)

    def merge(self, one: UUID, other: UUID, kind: str) -> bool:
        """A filed merge, asked again as the worker does."""
        one, other = self.root(one), self.root(other)
        if one == other:
            return False
        survivor, loser = min(one, other), max(one, other)
        held, theirs = self.persons[survivor], self.persons[loser]
        why = objection(self.rules, kind, held, theirs)
        if why is not None:
            self.reviews.setdefault((survivor, loser), why)
            return False
        held.take_in(self.persons.pop(loser))
        for key in self.keys_of.pop(loser, ()):
            self.table[key] = self.table[key]._replace(customer_id=survivor)
            self.keys_of[survivor].append(key)
        self.into[loser] = survivor
        return True

    def root(self, one: UUID) -> UUID:
        while one in self.into:
            one = self.into[one]
        return one

    @property
    def first_rows(self) -> dict[UUID, int]:
        """Of every customer ever made the first account."""
        rows: dict[UUID, int] = {}
        for row, owner in enumerate(self.owners):
            rows.setdefault(owner, row)
        return rows

    @property
    def labels(self) -> np.ndarray[Any, np.dtype[np.int64]]:
        """Whose each account is now."""
        return np.array([self.root(one).int for one in self.owners], dtype=np.int64)

    def reviews_by_reason(self) -> dict[str, int]:
        """The review queue: pairs that still are two, by what keeps them apart."""
        return dict(
            Counter(why.reason for pair, why in self.reviews.items() if self.root(pair[0]) != self.root(pair[1]))
        )


def customers(door: Door) -> list[dict[str, Any]]:
    """The living customers as the nightly comparison reads them."""
    mask: dict[UUID, set[str]] = defaultdict(set)
    devices: dict[UUID, set[str]] = defaultdict(set)
    for owner, record in zip(door.owners, door.records, strict=True):
        root = door.root(owner)
        for key in (*record.strong, *record.weak):
            if key.kind in {"phone", "masked_phone"}:
                value = key.value_hash.decode()
                mask[root].add((mask_of(value) or value) if key.kind == "phone" else value)
            elif key.kind == "device":
                devices[root].add(key.value_hash.decode())
    rows: list[dict[str, Any]] = []
    for one in {door.root(owner) for owner in door.owners}:
        said = latest(door.persons[one].portraits)
        rows.append({"unique_id": str(one), **said, "mask": sorted(mask[one]), "device": sorted(devices[one])})
    return sorted(rows, key=lambda row: row["unique_id"])
