"""The people of a batch: those it makes, what seals their values, and the evidence for every identifier they gain."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final, Protocol
from uuid import UUID

import msgspec

from tandem.kernel.crypto import TenantKeys
from tandem.kernel.db import Tx
from tandem.kernel.ids import bucket_of
from tandem.stream.events import LANE_BULK, LANE_LIVE, LIVE, NewEvent
from tandem.stream.identity import store
from tandem.stream.identity.composite import JOINT
from tandem.stream.identity.identifiers import last_four
from tandem.stream.identity.portrait import Portrait
from tandem.stream.identity.portraits import hear
from tandem.stream.identity.store import Evidence, NewCustomer
from tandem.stream.identity.verdict import Findings, Key, Owner
from tandem.stream.keys import data_key
from tandem.stream.rows import to_json

NAME_KIND: Final = "name"


class Met(Protocol):
    """What people need to know of a record (the door's `Understood`)."""

    @property
    def strong(self) -> Sequence[Key]: ...
    @property
    def weak(self) -> Sequence[Key]: ...
    @property
    def values(self) -> dict[Key, str]: ...
    @property
    def source(self) -> str: ...
    @property
    def time(self) -> datetime: ...
    @property
    def mode(self) -> int: ...
    @property
    def names_person(self) -> bool: ...
    @property
    def said(self) -> Portrait | None: ...


class _Gained(msgspec.Struct, gc=False):
    """Identifiers that a customer who was there before gained from one record."""

    owner: Owner
    met: Met
    evidence: list[Evidence]


class People:
    """Collects while records are taken, writes once. `events` is what the inbox gets: created, identified."""

    def __init__(self, tx: Tx, keys: TenantKeys, findings: Findings) -> None:
        self._tx = tx
        self._keys = keys
        self._findings = findings
        self._made: dict[UUID, tuple[bytes, bytes]] = {one: keys.new_data_key() for one in findings.created}
        self._opened: dict[UUID, bytes] = {one: key for one, (key, _) in self._made.items()}
        self._first: dict[UUID, tuple[Met, Owner]] = {}
        self._seen: set[tuple[UUID, Key]] = set()
        self._evidence: list[Evidence] = []
        self._gained: dict[tuple[UUID, UUID], _Gained] = {}
        self._heard: list[tuple[UUID, UUID, Portrait]] = []
        self.events: list[NewEvent] = []

    def prepare(self, records: Sequence[Met]) -> None:
        """Open the data keys of customers whose values will be sealed."""
        needed: set[UUID] = {origin for _, origin in self._findings.given.values()}
        for record, owner in zip(records, self._findings.owners, strict=True):
            if owner is not None and (record.names_person or record.weak):
                needed.add(owner.origin_id)
        for customer, wrapped in store.wrapped_keys(self._tx, needed - self._opened.keys()).items():
            self._opened[customer] = data_key(self._keys, wrapped)

    def met(self, record: Met, owner: Owner) -> None:
        """Note that a record named this owner."""
        customer = owner.customer_id
        is_made = customer in self._made
        if is_made:
            first = self._first.get(customer)
            if first is None or record.time < first[0].time:
                self._first[customer] = (record, owner)
        if record.said is not None:
            self._heard.append((customer, owner.origin_id, record.said))
        given = self._findings.given
        for key in record.strong:
            if key.kind in JOINT:
                # Made of values that are witnessed themselves; its text would lay a name beside a number.
                continue
            whose = given.get(key)
            if whose is not None and whose[0] == customer:
                self._gain(record, owner, key, whose[1], "first" if is_made else "joined")
            elif is_made and key in self._findings.contested:
                self._gain(record, owner, key, owner.origin_id, "contested")
        for key in record.weak:
            self._gain(record, owner, key, owner.origin_id, "weak")

    def _gain(self, record: Met, owner: Owner, key: Key, origin: UUID, rule: str) -> None:
        if (owner.customer_id, key) in self._seen:
            return
        self._seen.add((owner.customer_id, key))
        value = record.values[key]
        evidence = Evidence(
            c=owner.customer_id,
            b=bucket_of(owner.customer_id),
            g=origin,
            k=key.kind,
            s=key.scope,
            h=key.value_hash,
            e=self._keys.seal(self._opened[origin], value),
            l=last_four(value),
            u=record.source,
            r=rule,
            o=record.time,
        )
        if owner.customer_id in self._made:
            self._evidence.append(evidence)
        else:
            gained = self._gained.setdefault(
                (owner.customer_id, origin), _Gained(owner._replace(origin_id=origin), record, [])
            )
            gained.evidence.append(evidence)

    def seal_name(self, origin: UUID, name: str) -> tuple[bytes, bytes]:
        """A name under the origin's data key, and its keyed hash."""
        return self._keys.seal(self._opened[origin], name), self._keys.blind(NAME_KIND, "", name.strip().casefold())

    def write(self) -> None:
        """Make the customers, keep their evidence, and say what happened."""
        made = [
            NewCustomer(customer, bucket_of(customer), self._first[customer][0].time, wrapped)
            for customer, (_, wrapped) in self._made.items()
        ]
        store.make(self._tx, made)
        store.witness(self._tx, self._evidence, first=True)
        hear(self._tx, self._heard)
        for record, owner in self._first.values():
            self.events.append(_event("customer.created", record, owner, {"source": record.source}))
        known = _already_witnessed(
            self._tx, [one for gained in self._gained.values() for one in gained.evidence if one.r == "weak"]
        )
        for gained in self._gained.values():
            news = [one for one in gained.evidence if (one.c, one.k, one.s, one.h) not in known]
            if news:
                payload = {"identifiers": [_identified(one) for one in news]}
                self.events.append(_event("customer.identified", gained.met, gained.owner, payload))


def _event(kind: str, record: Met, owner: Owner, payload: dict[str, Any]) -> NewEvent:
    return NewEvent(
        type=kind,
        bucket=bucket_of(owner.customer_id),
        occurred_at=record.time,
        payload=payload,
        customer_id=owner.customer_id,
        origin_id=owner.origin_id,
        lane=LANE_LIVE if record.mode == LIVE else LANE_BULK,
        mode=record.mode,
        identifier_hash=owner.came_by.value_hash,
    )


def _identified(one: Evidence) -> dict[str, str]:
    return {
        "kind": one.k,
        "scope": one.s,
        "hash": b64encode(one.h).decode(),
        "value_enc": b64encode(one.e).decode(),
        "last4": one.l,
        "source": one.u,
        "rule": one.r,
    }


_WITNESSED: Final = """
select r.c, r.k, r.s, i.value_hash
from jsonb_to_recordset(%(rows)s::jsonb) as r(b smallint, c uuid, k text, s text, h text)
join customer_identifier as i
  on i.bucket = r.b and i.bucket = any(%(buckets)s::smallint[]) and i.tenant_id = %(tenant)s
 and i.customer_id = r.c and i.kind = r.k and i.scope = r.s and i.value_hash = decode(r.h, 'base64')
"""


def _already_witnessed(tx: Tx, evidence: Iterable[Evidence]) -> set[tuple[UUID, str, str, bytes]]:
    """Weak evidence that is on record: a device seen again is no news."""
    rows = [{"b": one.b, "c": one.c, "k": one.k, "s": one.s, "h": one.h} for one in evidence]
    if not rows:
        return set()
    params = {"tenant": tx.tenant_id, "buckets": sorted({one["b"] for one in rows}), "rows": to_json(rows)}
    return {(customer, kind, scope, bytes(value)) for customer, kind, scope, value in tx.cursor(_WITNESSED, params)}
