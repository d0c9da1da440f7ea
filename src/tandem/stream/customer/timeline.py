"""A customer's history, newest first, each event with a sentence in both languages made from its type's own fields."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, cast
from uuid import UUID

from tandem.access.privacy import may_see
from tandem.catalog.label import Label
from tandem.catalog.model import Catalog, EventType, Field
from tandem.catalog.value_types import TIMESTAMP
from tandem.kernel.db import Tx
from tandem.kernel.ids import bucket_of
from tandem.stream.customer import store
from tandem.stream.customer.attributes import Classes
from tandem.stream.customer.codes import in_words
from tandem.stream.projection import BACKFILL

_SHOWN_MAX: Final = 4
_TEXT_MAX: Final = 60
_CODED: Final = frozenset({"source", "channel", "reason"})
"""Fields whose values are short codes of ours, or the names people gave their systems."""
_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Happening:
    """An applied event of a customer."""

    event_id: UUID
    type: str
    occurred_at: datetime
    mode: int
    payload: dict[str, Any]

    @property
    def is_backfill(self) -> bool:
        """Whether it came as history, which started nothing."""
        return self.mode == BACKFILL


KINDS: Final[dict[str, tuple[str, ...]]] = {
    "order": ("order", "refund"),
    "visit": ("visit", "behaviour", "radar", "parcel_card"),
    "message": ("message", "chat", "script", "desk", "post"),
    "benefit": ("coupon", "points", "level", "lottery", "campaign"),
    "label": ("tag", "segment"),
    "consent": ("consent",),
    "customer": ("customer", "friend", "group", "referral", "lead"),
    "flow": ("flow", "http", "survey"),
}
"""What a person looks for in a history, and the families of event types that it means."""


def happenings(
    tx: Tx,
    customer_id: UUID,
    *,
    before: tuple[datetime, UUID] | None,
    limit: int,
    kind: str | None = None,
) -> list[Happening]:
    """At most ``limit`` events of a customer before a place in time, newest first; only those of a `KINDS`. Raises NotFound."""
    store.visible(tx, customer_id)
    return tx.all(
        Happening,
        """
        select event_id, type, occurred_at, mode, payload from event
        where bucket = %(bucket)s and tenant_id = %(tenant)s and owner_id = %(id)s
          and (%(families)s::text[] is null or split_part(type, '.', 1) = any(%(families)s::text[]))
          and (%(at)s::timestamptz is null or (occurred_at, event_id) < (%(at)s, %(event)s::uuid))
        order by occurred_at desc, event_id desc limit %(limit)s
        """,
        {
            "bucket": bucket_of(customer_id),
            "tenant": tx.tenant_id,
            "id": customer_id,
            "at": before and before[0],
            "event": before and before[1],
            "families": None if kind is None else list(KINDS[kind]),
            "limit": limit,
        },
    )


def label_of(catalog: Catalog, happening: Happening) -> Label:
    """What the event's type is called."""
    known = catalog.event_types.get(happening.type)
    return known.label if known else Label(happening.type, happening.type)


def plain(catalog: Catalog, happening: Happening) -> dict[str, Any]:
    """The payload's values that the catalog knows and that are nobody's personal data."""
    known = catalog.event_types.get(happening.type)
    fields = known.fields if known else ()
    return {one.name: happening.payload[one.name] for one in fields if _is_shown(one, happening.payload)}


def summary(catalog: Catalog, happening: Happening, classes: Classes) -> Label | None:
    """The event's first few values in words, or None when its type says nothing more than its name; what is closed is left out."""
    changes = happening.payload.get("changes")
    if isinstance(changes, dict):
        told = cast("dict[str, Any]", changes)
        return _changes(catalog, {name: change for name, change in told.items() if classes.shows(name)})
    known = catalog.event_types.get(happening.type)
    return None if known is None else _sentence(known, happening.payload)


def facts(catalog: Catalog, happening: Happening) -> list[tuple[Label, Label]]:
    """Everything of the event that a person may read: what it is called, and the value in words."""
    known = catalog.event_types.get(happening.type)
    fields = known.fields if known else ()
    shown = [one for one in fields if _is_shown(one, happening.payload)]
    return [(one.label, _value(one, happening.payload)) for one in shown]


def _changes(catalog: Catalog, changes: Mapping[str, Any]) -> Label | None:
    """Which fields changed from what to what; a sealed value only that it did."""
    known = {field.name: field for field in catalog.entities["customer"].fields}
    zh: list[str] = []
    en: list[str] = []
    for name, change in list(changes.items())[:_SHOWN_MAX]:
        plain = name.removeprefix("attrs.")
        field = known.get(plain)
        if field is not None and not may_see(field.privacy):
            continue
        label = field.label if field else Label(plain, plain)
        old, new = (_shown(field, change.get(side)) for side in ("old", "new"))
        zh.append(f"{label.zh} {old.zh} → {new.zh}")
        en.append(f"{label.en.lower()} {old.en} → {new.en}")
    return Label("，".join(zh), ", ".join(en)) if zh else None


def _shown(field: Field | None, value: object) -> Label:
    if value is None:
        return Label("（空）", "(empty)")
    if isinstance(value, dict):
        return Label("***", "***")
    if field is not None:
        return _words(field, value)
    text = str(value)[:_TEXT_MAX]
    return Label(text, text)


def _sentence(known: EventType, payload: Mapping[str, Any]) -> Label | None:
    parts = [(one, _value(one, payload)) for one in known.fields if _is_shown(one, payload)][:_SHOWN_MAX]
    if not parts:
        return None
    zh = "，".join(f"{one.label.zh} {words.zh}" for one, words in parts)
    en = ", ".join(f"{one.label.en.lower()} {words.en}" for one, words in parts)
    return Label(zh, en)


def _is_shown(field: Field, payload: Mapping[str, Any]) -> bool:
    """Whether a person gains by reading it: not our own ids, nor moments, which would need the reader's zone."""
    value = payload.get(field.name)
    if field.privacy != "plain" or field.encrypted or field.type == TIMESTAMP or _UUID.fullmatch(str(value)):
        return False
    return isinstance(value, str | int | float | bool) and value != ""


def _value(field: Field, payload: Mapping[str, Any]) -> Label:
    """A field's value in words; an amount of a record in another currency is called by that currency."""
    currency = payload.get("currency")
    words = _words(field, payload[field.name])
    if field.unit is None or field.unit.en != "CNY" or not isinstance(currency, str) or currency == "CNY":
        return words
    text = f"{str(payload[field.name])[:_TEXT_MAX]} {currency}"
    return Label(text, text)


def _words(field: Field, value: object) -> Label:
    for option in field.options or ():
        if option.value == value:
            return option.label
    if isinstance(value, bool):
        return Label("是" if value else "否", "yes" if value else "no")
    text = str(value)[:_TEXT_MAX]
    if field.name in _CODED:
        return in_words(text)
    unit = field.unit
    return Label(f"{text} {unit.zh}", f"{text} {unit.en}") if unit else Label(text, text)
