"""From a raw payload to what it means: pure, apart from the tenant's hashing key."""

from __future__ import annotations

from datetime import datetime
from hashlib import blake2b
from uuid import UUID

import msgspec

from tandem.kernel.crypto import TenantKeys
from tandem.stream.door.kinds import CustomerFields, DoorKind, DoorKinds, Envelope, Identifier, Normalised, Refused
from tandem.stream.door.spelling import misspelt, unlisted
from tandem.stream.door.wire import PAYLOAD_BYTES_MAX, Item, Problem, Range, explain, out_of_range
from tandem.stream.identity.composite import Value, derived
from tandem.stream.identity.identifiers import RANK, UNIQUE, WEAK, Malformed, canonical, masked_phone
from tandem.stream.identity.names import PersonName, read_name
from tandem.stream.identity.person import Key
from tandem.stream.identity.portrait import Portrait

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
    said: Portrait | None = None
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
        self._range = Range.around(now)

    def read(self, item: Item) -> Understood | Problem:
        """What the record means, or the first thing that is wrong with it."""
        kind = self._kinds.get(item.kind)
        if kind is None or (kind.verified_only and not item.verified):
            return _not_taken(item, kind, self._kinds)
        when = self._range.utc(item.time)
        if when is None:
            return out_of_range(item, "time")
        if len(item.payload) > PAYLOAD_BYTES_MAX:
            return _problem(item, "payload", "单条记录最大 1 MB", "a record may have at most 1 MB")
        try:
            return self._understand(item, kind, when)
        except (msgspec.ValidationError, Refused) as error:
            where, zh, en = misspelt(kind.model, error) or unlisted(kind.model, error) or explain(error)
            return _problem(item, f"payload.{where}" if where else "payload", zh, en)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            return _problem(item, "payload", f"不是合法的 JSON：{error}", f"not JSON: {error}")

    def _understand(self, item: Item, kind: DoorKind, when: datetime) -> Understood | Problem:
        payload = kind.decoder.decode(item.payload)
        envelope = Envelope(self._tenant_id, item.source, item.external_id, item.kind, when, item.mode)
        meaning = kind.normalise(envelope, payload)
        for event in meaning.events:
            if event.at is not item.time and self._range.utc(event.at) is None:
                return out_of_range(item, f"payload ({event.type})")
        name = read_name(meaning.customer.name) if meaning.customer is not None and meaning.customer.name else None
        strong, weak, values = self._keys_of(meaning, envelope.source, name)
        said = None if meaning.customer is None else self._portrait(meaning.customer, name, when)
        return Understood(item, envelope, kind, meaning, strong, weak, values, hash_of(item), said)

    def _portrait(self, said: CustomerFields, name: PersonName | None, at: datetime) -> Portrait | None:
        portrait = Portrait(
            name=None if name is None else self._keys.blind("name", "", name.text),
            surname=None if name is None or not name.surname else self._keys.blind("surname", "", name.surname),
            gender=said.gender,
            birthday=said.birthday,
            city=said.city,
            district=said.district,
            at=at,
        )
        return None if portrait.says_nothing else portrait

    def _keys_of(
        self, meaning: Normalised, source: str, name: PersonName | None
    ) -> tuple[list[Key], list[Key], dict[Key, str]]:
        strong: list[Key] = []
        weak: list[Key] = []
        values: dict[Key, str] = {}
        spelt = [value for place, one in enumerate(meaning.identifiers) if (value := spelling(place, one, source))]
        if name is not None and meaning.customer is not None:
            spelt += list(derived(spelt, name, meaning.customer.city))
        if len(spelt) == 1 and spelt[0][0] not in WEAK:  # nine in ten
            kind, scope, text = spelt[0]
            key = Key(kind, scope, self._keys.blind(kind, scope, text))
            return [key], weak, {key: text}
        for place, (kind, scope, text) in enumerate(spelt):
            key = Key(kind, scope, self._keys.blind(kind, scope, text))
            if key in values:
                continue
            values[key] = text
            if kind in WEAK:
                weak.append(key)
            else:
                if strong:
                    _check_single(place, key, strong)
                strong.append(key)
        if len(strong) > 1:
            strong.sort(key=_rank)
        if meaning.needs_customer and not strong:
            raise Refused(
                "identifiers",
                "没有可用的标识（为空、占位号码、缺姓名或城市的打码号码，或仅有设备号）",
                "no usable identifier (none, a placeholder, a masked number without name and city, or a device only)",
            )
        return strong, weak, values


def hash_of(item: Item) -> bytes:
    """A digest of what the record says: key order and spacing do not matter, so a re-serialised redelivery stays a duplicate."""
    digest = blake2b(item.kind.encode() + b"\x1f", digest_size=HASH_BYTES)
    digest.update(_sorted(_plain(item.payload)))
    return digest.digest()


_plain = msgspec.json.Decoder().decode
_sorted = msgspec.json.Encoder(order="sorted").encode


def spelling(place: int, one: Identifier, source: str) -> Value | None:
    """An identifier in its one spelling; None when it names nobody. A masked number is evidence of its own kind. Raises Refused."""
    try:
        text = canonical(one.kind, one.value)
    except Malformed as error:
        raise Refused(f"identifiers[{place}].value", error.zh, str(error)) from error
    if text is not None:
        # What a platform encrypts is one shop's: the same text of another shop is another buyer.
        return Value(one.kind, one.scope or source if one.kind == "encrypted_id" else one.scope, text)
    mask = masked_phone(one.value) if one.kind == "phone" and "*" in one.value else None
    return None if mask is None else Value("masked_phone", "", mask)


def _check_single(place: int, key: Key, strong: list[Key]) -> None:
    if key.kind in UNIQUE and any(other.kind == key.kind and other.scope == key.scope for other in strong):
        raise Refused(
            f"identifiers[{place}]",
            f"一条记录里同一范围有两个不同的 {key.kind}",
            f"a record names two different values of {key.kind} in one scope",
        )


def _rank(key: Key) -> int:
    return RANK[key.kind]


def _not_taken(item: Item, kind: DoorKind | None, kinds: DoorKinds) -> Problem:
    if kind is not None:
        return _problem(
            item,
            "kind",
            f"“{item.kind}”只接受平台推送来的、未经改动的记录",
            f"{item.kind} is only taken as its platform pushed it",
        )
    names = ", ".join(kinds.names())
    return _problem(
        item, "kind", f"未知的类型“{item.kind}”，可用：{names}", f"unknown kind {item.kind!r}; there are: {names}"
    )


def _problem(item: Item, where: str, zh: str, en: str) -> Problem:
    return Problem(item.index, f"{item.place}.{where}", zh, en)
