"""Resolve: whose is it, what came out of it, one inbox row per event (the second of the three commits, ENGINE_RULES 2)."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from tandem.kernel.crypto import TenantKeys
from tandem.kernel.db import Tx
from tandem.kernel.ids import bucket_of
from tandem.stream.door import entities
from tandem.stream.door.entities import Entity, EntityKey
from tandem.stream.door.kinds import PROFILE_FIELDS, DoorKind, EntityRef, EventOut
from tandem.stream.door.understand import Understood
from tandem.stream.door.wire import Problem
from tandem.stream.events import LANE_BULK, LANE_LIVE, LIVE, NewEvent, owner_bucket
from tandem.stream.identity import filing, store
from tandem.stream.identity.assign import assign
from tandem.stream.identity.people import People
from tandem.stream.identity.portraits import read_rules
from tandem.stream.identity.verdict import Findings, Owner
from tandem.stream.inbox import emit

SHARED_ONLY: Final = (
    "没有可用的标识：给出的值被太多人共用",
    "no usable identifier: the values given are shared by too many people",
)


@dataclass(slots=True)
class Resolved:
    """What a batch became. Records with a problem had no effect at all."""

    events: list[NewEvent] = field(default_factory=list[NewEvent])
    problems: list[Problem] = field(default_factory=list[Problem])
    customers_made: int = 0


def resolve(tx: Tx, keys: TenantKeys, records: Sequence[Understood]) -> Resolved:
    """Find the owners of these records and file what they mean. Everything in a fixed number of statements."""
    if not records:
        return Resolved()
    _upsert_reference(tx, records)
    things = entities.lock(tx, (key for record in records for key in _entity_keys(record)))
    rules = read_rules(tx)
    if rules.weak:
        _weaken(records, rules.weak)
    findings = assign(tx, [record.strong for record in records], said=[record.said for record in records], rules=rules)
    batch = _Batch(tx, keys, records, findings, things)
    batch.run()
    return batch.resolved


def _weaken(records: Sequence[Understood], kinds: Sequence[str]) -> None:
    """Kinds that only suggest with this tenant are evidence and name nobody."""
    for record in records:
        record.weak += [key for key in record.strong if key.kind in kinds]
        record.strong = [key for key in record.strong if key.kind not in kinds]


def _entity_keys(record: Understood) -> list[EntityKey]:
    refs = (record.meaning.entity, record.meaning.about)
    return [(record.item.source, ref.kind, ref.id) for ref in refs if ref is not None]


def _upsert_reference(tx: Tx, records: Sequence[Understood]) -> None:
    """Hand reference data to the modules it belongs to, newest last."""
    by_kind: dict[str, tuple[DoorKind, list[object]]] = {}
    for record in records:
        if record.meaning.reference is not None:
            by_kind.setdefault(record.kind.kind, (record.kind, []))[1].append(record.meaning.reference)
    for kind, given in by_kind.values():
        if kind.upsert is not None:
            kind.upsert(tx, given)


class _Batch:
    """One batch on its way from records to inbox rows."""

    def __init__(
        self,
        tx: Tx,
        keys: TenantKeys,
        records: Sequence[Understood],
        findings: Findings,
        things: dict[EntityKey, Entity],
    ) -> None:
        self._tx = tx
        self._records = records
        self._findings = findings
        self._things = things
        self._people = People(tx, keys, findings)
        self._moves: dict[UUID, filing.Rehome] = {}
        self.resolved = Resolved()

    def run(self) -> None:
        self._find_living_owners()
        self._people.prepare(self._records)
        for record, owner in zip(self._records, self._findings.owners, strict=True):
            self._take(record, owner)
        self._people.write()
        self.resolved.customers_made = len(self._findings.created)
        self.resolved.events = self._people.events + self.resolved.events
        entities.write(self._tx, self._things.values())
        filing.file_rehomes(self._tx, list(self._moves.values()))
        emit(self._tx, self.resolved.events)

    def _find_living_owners(self) -> None:
        """A thing remembers for whom it came; merges and their undoing decide who that is today."""
        remembered = [(one, one.origin_id) for one in self._things.values() if one.origin_id is not None]
        roots = store.roots(self._tx, (origin for _, origin in remembered))
        for one, origin in remembered:
            living = roots.get(origin, origin)
            one.customer_id, one.bucket = living, bucket_of(living)

    def _take(self, record: Understood, owner: Owner | None) -> None:
        meaning = record.meaning
        if meaning.needs_customer and owner is None:
            self.resolved.problems.append(
                Problem(record.item.index, f"{record.item.place}.payload.identifiers", *SHARED_ONLY)
            )
            return
        if owner is not None:
            self._people.met(record, owner)
        thing = self._thing(record, meaning.entity)
        about = self._thing(record, meaning.about)
        fresh = thing.take(meaning.modified_at) if thing is not None else True
        if about is not None and about.version == 0:
            about.take(None)
        holder = about or thing
        # An order's own newest record says whose it is; anything else only where nobody is known yet.
        if holder is not None and owner is not None and (holder.customer_id is None or (fresh and about is None)):
            self._own(holder, owner)
        # Its shop likewise: what comes late, or is only about it, does not move it.
        if holder is not None and holder.customer_id is None and (holder.shop is None or (fresh and about is None)):
            holder.stand_in(meaning.shops())
        for event in meaning.events:
            if self._comes_out(record, event, thing, fresh=fresh):
                self.resolved.events.append(self._event(record, event, owner, holder))
        if meaning.customer is not None and owner is not None:
            self.resolved.events.append(self._recorded(record, owner))

    def _thing(self, record: Understood, ref: EntityRef | None) -> Entity | None:
        return None if ref is None else self._things[record.item.source, ref.kind, ref.id]

    @staticmethod
    def _comes_out(record: Understood, event: EventOut, thing: Entity | None, *, fresh: bool) -> bool:
        if event.once is None:
            return fresh
        return thing.mark(event.once) if thing is not None else record.version == 1

    def _own(self, holder: Entity, owner: Owner) -> None:
        """Give a thing its owner. What was already said of it stands elsewhere and follows by a command."""
        if holder.customer_id == owner.customer_id:
            return
        if holder.version > 1:
            first = self._moves.get(holder.subject_id)
            self._moves[holder.subject_id] = filing.Rehome(
                owner.customer_id,
                owner.origin_id,
                holder.kind,
                holder.subject_id,
                first.bucket if first else holder.bucket,
                first.previous_id if first else holder.origin_id,
            )
        holder.customer_id, holder.origin_id, holder.bucket = (
            owner.customer_id,
            owner.origin_id,
            bucket_of(owner.customer_id),
        )
        holder.changed = True

    def _event(self, record: Understood, event: EventOut, owner: Owner | None, holder: Entity | None) -> NewEvent:
        if holder is not None:
            customer, origin = holder.customer_id, holder.origin_id
        else:
            customer, origin = (None, None) if owner is None else (owner.customer_id, owner.origin_id)
        subject = holder.subject_id if holder is not None else None
        if customer is None and subject is None:
            # A walk-in without an order: the record itself is the subject.
            subject = record.envelope.entity_uuid(record.item.kind, record.item.external_id)
        return NewEvent(
            type=event.type,
            bucket=owner_bucket(customer, subject),
            occurred_at=event.at,
            payload=event.payload,
            customer_id=customer,
            origin_id=origin,
            lane=LANE_LIVE if record.item.mode == LIVE else LANE_BULK,
            mode=record.item.mode,
            subject_type=holder.kind if holder is not None else (record.item.kind if customer is None else None),
            subject_id=subject,
            identifier_hash=None if owner is None else owner.came_by.value_hash,
        )

    def _recorded(self, record: Understood, owner: Owner) -> NewEvent:
        """What a source says of a person: applied, with old and new value, by the profile room in the bucket's turn."""
        said = record.meaning.customer
        fields: dict[str, Any] = {name: value for name in PROFILE_FIELDS if (value := getattr(said, name)) is not None}
        payload: dict[str, Any] = {"source": record.item.source, "fields": fields}
        if said is not None and said.name:
            sealed, digest = self._people.seal_name(owner.origin_id, said.name)
            payload |= {"name_enc": b64encode(sealed).decode(), "name_hash": digest.hex()}
        if said is not None and said.tags:
            payload["tags"] = list(said.tags)
        if said is not None and said.attrs:
            payload["attrs"] = said.attrs
        return people_event("customer.recorded", record, owner, payload, record.envelope.time)


def people_event(kind: str, record: Understood, owner: Owner, payload: dict[str, Any], at: datetime) -> NewEvent:
    """An event about a person that a record caused."""
    return NewEvent(
        type=kind,
        bucket=bucket_of(owner.customer_id),
        occurred_at=at,
        payload=payload,
        customer_id=owner.customer_id,
        origin_id=owner.origin_id,
        lane=LANE_LIVE if record.item.mode == LIVE else LANE_BULK,
        mode=record.item.mode,
        identifier_hash=owner.came_by.value_hash,
    )
