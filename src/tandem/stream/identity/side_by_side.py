"""Two customers beside one another: what a person needs to see to say whether they are one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from pydantic import BaseModel

from tandem.access.shapes import Label
from tandem.kernel.db import Tx
from tandem.kernel.ids import bucket_of
from tandem.stream.customer import store as customers
from tandem.stream.customer.personal import Opener, mask
from tandem.stream.identity import words

IDENTIFIERS_MAX: Final = 12


class MoneyLine(BaseModel):
    """An amount as exact text."""

    amount: str
    currency: str


class ShownIdentifier(BaseModel):
    """An identifier, masked; `shared`: the other one has it as well."""

    kind: str
    masked: str
    source: str
    shared: bool


class PersonLine(BaseModel):
    """A customer beside another; the phone masked."""

    id: UUID
    name: str | None
    phone: str | None
    member_no: str | None
    city: str | None
    stage: str | None
    level: str | None
    tags: list[str]
    order_count: int
    spend_total: MoneyLine
    last_order_at: datetime | None
    first_seen_at: datetime
    identifiers: list[ShownIdentifier]


class FieldPair(BaseModel):
    """A field of both; where both have one and they differ, a person may choose."""

    field: str
    label: Label
    first: str | None
    second: str | None
    differs: bool


class Finding(BaseModel):
    """What one comparison of the nightly pass found; `bits` above 0 speak for one person."""

    label: Label
    found: Label
    bits: float


class Evidence(BaseModel):
    """Why the pair is asked about. `days`: how long one's number was silent; `probability` of the nightly comparison."""

    joined_by: Label | None
    against: Label
    days: int | None
    probability: float | None
    findings: list[Finding]


class PairLine(BaseModel):
    """Two customers who may be one. Pairs with one `pattern` have the same evidence."""

    first: PersonLine
    second: PersonLine
    reason: Label
    pattern: str
    filed_at: datetime | None
    evidence: Evidence
    fields: list[FieldPair]


@dataclass(frozen=True, slots=True)
class Asked:
    """A pair and why it is asked about."""

    a_id: UUID
    b_id: UUID
    reason: str
    pattern: str
    evidence: dict[str, Any]
    filed_at: datetime | None


@dataclass(frozen=True, slots=True)
class _Fields:
    id: UUID
    name_enc: bytes | None
    gender: str | None
    birthday: date | None
    city: str | None
    district: str | None
    store_id: str | None
    owner_user_id: str | None
    stage: str | None
    level: str | None
    first_seen_at: datetime


_FIELDS: Final = """
select c.id, c.name_enc, c.gender, c.birthday, c.city, c.district, o.name as store_id, u.name as owner_user_id, c.stage, c.level, c.first_seen_at
from customer as c
left join org_unit as o on o.tenant_id = %(tenant)s and o.id = c.store_id
left join staff_user as u on u.tenant_id = %(tenant)s and u.id = c.owner_user_id
where c.bucket = any(%(homes)s::smallint[]) and c.tenant_id = %(tenant)s and c.id = any(%(ids)s::uuid[])
"""


class Table:
    """The people of some pairs, read in a fixed number of statements."""

    def __init__(self, tx: Tx, pairs: Sequence[Asked]) -> None:
        ids = sorted({one for pair in pairs for one in (pair.a_id, pair.b_id)})
        self._currency = tx.currency
        self._lines = {line.id: line for line in customers.lines(tx, ids)} if ids else {}
        self._evidence = customers.identifiers(tx, ids) if ids else []
        params = {"tenant": tx.tenant_id, "ids": ids, "homes": sorted({bucket_of(one) for one in ids})}
        self._fields = {row.id: row for row in tx.all(_Fields, _FIELDS, params)}
        self._opener = Opener.of(tx, [*ids, *(row.origin_id for row in self._evidence)])
        self._values = self._opened()

    def line(self, pair: Asked) -> PairLine:
        """A pair with both sides and what differs between them."""
        return PairLine(
            first=self._person(pair.a_id, pair.b_id),
            second=self._person(pair.b_id, pair.a_id),
            reason=words.DOUBTS.get(pair.reason, words.KINDS["by_hand"]),
            pattern=pair.pattern,
            filed_at=pair.filed_at,
            evidence=_evidence(pair),
            fields=[self._field(name, pair) for name in words.FIELDS],
        )

    def _opened(self) -> dict[UUID, list[tuple[str, str, str]]]:
        values: dict[UUID, list[tuple[str, str, str]]] = {}
        for row in self._evidence:
            value = self._opener.open(row.origin_id, row.value_enc)
            if value is not None:
                values.setdefault(row.customer_id, []).append((row.kind, value, row.source))
        return values

    def _person(self, one: UUID, other: UUID) -> PersonLine:
        line, fields = self._lines[one], self._fields[one]
        theirs = {(kind, value) for kind, value, _ in self._values.get(other, ())}
        mine = self._values.get(one, [])
        first = {kind: mask(kind, value) for kind, value, _ in reversed(mine)}
        return PersonLine(
            id=one,
            name=self._opener.open(one, fields.name_enc),
            phone=first.get("phone"),
            member_no=first.get("member_no"),
            city=line.city,
            stage=line.stage,
            level=line.level,
            tags=line.tags,
            order_count=line.order_count,
            spend_total=MoneyLine(amount=str(line.spend_total), currency=self._currency),
            last_order_at=line.last_order_at,
            first_seen_at=fields.first_seen_at,
            identifiers=[
                ShownIdentifier(kind=kind, masked=mask(kind, value), source=source, shared=(kind, value) in theirs)
                for kind, value, source in mine[:IDENTIFIERS_MAX]
            ],
        )

    def _field(self, name: str, pair: Asked) -> FieldPair:
        one, other = self._shown(name, pair.a_id), self._shown(name, pair.b_id)
        return FieldPair(
            field=name,
            label=words.FIELDS[name],
            first=one,
            second=other,
            differs=one is not None and other is not None and one != other,
        )

    def _shown(self, name: str, customer: UUID) -> str | None:
        fields = self._fields[customer]
        if name == "name":
            return self._opener.open(customer, fields.name_enc)
        value: object = getattr(fields, name)
        return None if value is None else str(value)


def _evidence(pair: Asked) -> Evidence:
    said: Mapping[str, Any] = pair.evidence
    return Evidence(
        joined_by=words.KINDS.get(said.get("joined_by") or ""),
        against=words.DOUBTS.get(pair.reason, words.KINDS["by_hand"]),
        days=said.get("days"),
        probability=said.get("probability"),
        findings=[
            Finding(label=words.COLUMNS[column], found=words.LEVELS[level], bits=bits)
            for column, level, bits in said.get("levels") or ()
        ],
    )
