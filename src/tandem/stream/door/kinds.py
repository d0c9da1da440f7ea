"""What a module tells the door about a kind of record: its wire type, and the pure function that says what a record means.

    ORDER = DoorKind(kind="order", label=Label("订单", "Order"), model=OrderIn, normalise=normalise_order)

`normalise(envelope, payload) -> Normalised` touches no database and no clock. It raises `Refused` (or lets `refuse` raise it) for what the
type alone cannot say. The door then finds the owner, keeps order per entity, lets events that come out once come out once, and files one
inbox row per event.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec

from tandem.catalog.label import Label
from tandem.kernel.db import Tx
from tandem.kernel.ids import derived_id

#: A text field of ordinary length; NUL characters are refused for the whole payload before it is decoded.
Text = Annotated[str, msgspec.Meta(max_length=500)]
Name = Annotated[str, msgspec.Meta(max_length=200)]
#: Something an outside system calls a thing by: never empty.
Key = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
LongText = Annotated[str, msgspec.Meta(max_length=20_000)]

IdentifierKind = Literal[
    "phone", "email", "member_no", "union_id", "open_id", "online_account", "device", "masked_phone", "encrypted_id"
]

PROFILE_FIELDS = ("gender", "birthday", "city", "district", "division", "location", "store")


class Refused(Exception):
    """A record breaks a rule of its kind. `where` is the path inside the payload (`lines[0].amount`)."""

    def __init__(self, where: str, zh: str, en: str) -> None:
        super().__init__(f"{where}: {en}")
        self.where = where
        self.zh = zh
        self.en = en


class Identifier(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True):
    """A value that names a customer, as sent. `scope` keeps apart what different issuers number alike (a card scheme, a binding)."""

    kind: IdentifierKind
    value: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    scope: Annotated[str, msgspec.Meta(max_length=100)] = ""


class Envelope(msgspec.Struct, frozen=True, gc=False):
    """What stands around a payload. `time` is when it happened by the sender's clock, in UTC; `mode` 0 live, 1 backfill."""

    tenant_id: UUID
    source: str
    external_id: str
    kind: str
    time: datetime
    mode: int = 0

    def entity_uuid(self, kind: str, entity_id: str) -> UUID:
        """The id that this outside thing always has with us: events name it as `subject_id`, domains may use it as their key."""
        return derived_id(self.tenant_id, self.source, kind, entity_id)


class EntityRef(msgspec.Struct, frozen=True, gc=False):
    """A thing named by an outside system: ("order", "A-17"). Unique per tenant and source."""

    kind: str
    id: str


class EventOut(msgspec.Struct, frozen=True, gc=False):
    """An event that a record means.

    `once`: with a name ("paid"), the event comes out a single time per entity (or, without an entity, per external id), however often and
    in whatever order the entity's records arrive. None: comes out for every version of the record that is not older than what is known.
    `payload` values are JSON-able; Decimal becomes text, datetime ISO 8601, UUID text.
    """

    type: str
    at: datetime
    payload: dict[str, Any]
    once: str | None = None


@dataclass(slots=True)
class Normalised:
    """What one record means.

    `entity`: the thing this record is (its records are resolved one after another; `modified_at` guards against older ones).
    `about`: the thing it belongs to and whose owner it takes where it names nobody itself (a refund's order); it becomes the events'
    subject, else `entity` does. `customer`: what it says of the person. A record without identifiers, entity and about may not have events.
    `reference`: the record is reference data, handed to `DoorKind.upsert`.
    """

    events: Sequence[EventOut] = ()
    identifiers: Sequence[Identifier] = ()
    entity: EntityRef | None = None
    about: EntityRef | None = None
    modified_at: datetime | None = None
    customer: CustomerFields | None = None
    needs_customer: bool = False
    """Refuse the record when none of its identifiers can name anybody (placeholders, shared values)."""
    reference: object | None = None

    def shops(self) -> set[str]:
        """Codes of the shops that the record names."""
        told = [
            None if self.customer is None else self.customer.store,
            *(one.payload.get("store") for one in self.events),
        ]
        return {code for code in told if isinstance(code, str) and code}


class CustomerFields(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What a source says about a person. None means that it says nothing. `store` is a store's code."""

    name: str | None = None
    gender: str | None = None
    birthday: str | None = None
    city: str | None = None
    district: str | None = None
    division: str | None = None
    """A GB/T 2260 code."""
    location: str | None = None
    """Longitude and latitude, as ``stream.places.point`` writes them."""
    store: str | None = None
    tags: tuple[str, ...] = ()
    attrs: dict[str, Any] = {}


Normalise = Callable[[Envelope, Any], Normalised]
Upsert = Callable[[Tx, Sequence[object]], None]


@dataclass(frozen=True, slots=True)
class DoorKind:
    """A kind of record the door understands. `upsert(tx, records)` writes reference data, set-based, in the door's transaction.

    `verified_only`: taken out of a delivery whose sender was verified and which nobody changed since, and from nowhere else. For what
    a platform says in its own name and a colleague must not be able to say for it.
    """

    kind: str
    label: Label
    model: type[msgspec.Struct]
    normalise: Normalise
    upsert: Upsert | None = None
    schema_version: str = "1"
    verified_only: bool = False
    decoder: msgspec.json.Decoder[Any] = field(init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "decoder", msgspec.json.Decoder(self.model))


class DoorKinds:
    """Every kind by name, as the assembly collected them."""

    def __init__(self, kinds: Sequence[DoorKind]) -> None:
        self._kinds = {kind.kind: kind for kind in kinds}
        if len(self._kinds) != len(kinds):
            message = "two modules claim the same kind of record"
            raise ValueError(message)

    def get(self, kind: str) -> DoorKind | None:
        """The kind of that name, or None."""
        return self._kinds.get(kind)

    def names(self) -> list[str]:
        """Every known name, sorted."""
        return sorted(self._kinds)
