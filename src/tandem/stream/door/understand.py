"""From a raw payload to what it means: pure, apart from the tenant's hashing key."""

from __future__ import annotations

from datetime import datetime
from hashlib import blake2b
from uuid import UUID

import msgspec

from tandem.kernel.crypto import TenantKeys
from tandem.stream.door.kinds import DoorKind, DoorKinds, Envelope, Identifier, Normalised, Refused
from tandem.stream.door.spelling import misspelt
from tandem.stream.door.wire import PAYLOAD_BYTES_MAX, Item, Problem, explain, out_of_range, utc_within
from tandem.stream.identity.identifiers import RANK, UNIQUE, WEAK, Malformed, canonical
from tandem.stream.identity.verdict import Key

HASH_BYTES = 16


class Understood(msgspec.Struct, gc=False):
    """A record and what it means. `strong` keys are sorted, strongest first; `values` are their canonical spellings, for sealing."""

    item: Item
    envelope: Envelope
    kind: DoorKind
    meaning: Normalised
    strong: list[Key]
    weak: list[Key]
    values: dict[Key, str]
    payload_hash: bytes
    version: int = 1

    @property
    def source(self) -> str:
        """Who sent it."""
        return self.item.source

    @property
    def time(self) -> datetime:
        """When it happened, in UTC."""
        return self.envelope.time

    @property
    def mode(self) -> int:
        """0 live, 1 backfill."""
        return self.item.mode

    @property
    def names_person(self) -> bool:
        """Whether it carries a name to be sealed."""
        return self.meaning.customer is not None and self.meaning.customer.name is not None


class Interpreter:
    """Understands records of one tenant at one business time."""

    def __init__(self, kinds: DoorKinds, keys: TenantKeys, tenant_id: UUID, now: datetime) -> None:
        self._kinds = kinds
        self._keys = keys
        self._tenant_id = tenant_id
        self._now = now

    def read(self, item: Item) -> Understood | Problem:
        """What the record means, or the first thing that is wrong with it."""
        kind = self._kinds.get(item.kind)
        if kind is None:
            return _unknown_kind(item, self._kinds)
        when = utc_within(item.time, self._now)
        if when is None:
            return out_of_range(item, "time")
        if len(item.payload) > PAYLOAD_BYTES_MAX:
            return _problem(item, "payload", "单条记录最大 1 MB", "a record may have at most 1 MB")
        try:
            return self._understand(item, kind, when)
        except (msgspec.ValidationError, Refused) as error:
            where, zh, en = misspelt(kind.model, error) or explain(error)
            return _problem(item, f"payload.{where}" if where else "payload", zh, en)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            return _problem(item, "payload", f"不是合法的 JSON：{error}", f"not JSON: {error}")

    def _understand(self, item: Item, kind: DoorKind, when: datetime) -> Understood | Problem:
        payload = kind.decoder.decode(item.payload)
        envelope = Envelope(self._tenant_id, item.source, item.external_id, item.kind, when, item.mode)
        meaning = kind.normalise(envelope, payload)
        for event in meaning.events:
            if utc_within(event.at, self._now) is None:
                return out_of_range(item, f"payload ({event.type})")
        strong, weak, values = self._keys_of(meaning)
        return Understood(item, envelope, kind, meaning, strong, weak, values, hash_of(item))

    def _keys_of(self, meaning: Normalised) -> tuple[list[Key], list[Key], dict[Key, str]]:
        strong: list[Key] = []
        weak: list[Key] = []
        values: dict[Key, str] = {}
        for place, one in enumerate(meaning.identifiers):
            value = _canonical(place, one)
            if value is None:
                continue
            key = Key(one.kind, one.scope, self._keys.blind(one.kind, one.scope, value))
            if key in values:
                continue
            values[key] = value
            if one.kind in WEAK:
                weak.append(key)
            else:
                _check_single(place, key, strong)
                strong.append(key)
        if len(strong) > 1:
            strong.sort(key=_rank)
        if meaning.needs_customer and not strong:
            raise Refused(
                "identifiers",
                "没有可用的标识（为空、占位号码、打码号码或仅有设备号）",
                "no usable identifier (none, a placeholder, a masked number, or a device only)",
            )
        return strong, weak, values


def hash_of(item: Item) -> bytes:
    """A digest of what the record says: key order and spacing do not matter, so a re-serialised redelivery stays a duplicate."""
    plain = msgspec.json.encode(msgspec.json.decode(item.payload), order="sorted")
    return blake2b(plain, digest_size=HASH_BYTES, key=item.kind.encode()[:64]).digest()


def _canonical(place: int, one: Identifier) -> str | None:
    try:
        return canonical(one.kind, one.value)
    except Malformed as error:
        raise Refused(f"identifiers[{place}].value", error.zh, str(error)) from error


def _check_single(place: int, key: Key, strong: list[Key]) -> None:
    if key.kind in UNIQUE and any(other.kind == key.kind and other.scope == key.scope for other in strong):
        raise Refused(
            f"identifiers[{place}]",
            f"一条记录里同一范围有两个不同的 {key.kind}",
            f"a record names two different values of {key.kind} in one scope",
        )


def _rank(key: Key) -> int:
    return RANK[key.kind]


def _unknown_kind(item: Item, kinds: DoorKinds) -> Problem:
    names = ", ".join(kinds.names())
    return _problem(
        item, "kind", f"未知的类型“{item.kind}”，可用：{names}", f"unknown kind {item.kind!r}; there are: {names}"
    )


def _problem(item: Item, where: str, zh: str, en: str) -> Problem:
    return Problem(item.index, f"{item.place}.{where}", zh, en)
