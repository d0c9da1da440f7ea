"""What sources and people say about a customer's fields: which saying holds, pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

COLUMNS: Final = (
    "gender",
    "birthday",
    "city",
    "district",
    "stage",
    "level",
    "store_id",
    "owner_user_id",
    "do_not_contact",
)
"""Plain columns of `customer`; values are JSON (dates and ids as text)."""
NAME: Final = "name"
ATTRIBUTE: Final = "attrs."


@dataclass(frozen=True, slots=True)
class SealedName:
    """A name under its customer's data key, with its keyed hash; equal hashes are equal names."""

    sealed: bytes
    digest: bytes


Value = str | int | float | bool | SealedName | None


@dataclass(frozen=True, slots=True)
class Said:
    """Somebody said at a business time that a field of a customer has this value; None says that it has none."""

    customer: tuple[int, UUID]
    field: str
    value: Value
    at: datetime
    source: str
    event_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """What a customer shows, and since when each of her fields has been said."""

    values: Mapping[str, Value]
    said_at: Mapping[str, datetime]


@dataclass(frozen=True, slots=True)
class Changed:
    """A field that takes another value; ``old`` and ``new`` may be equal where only the time of the saying moved."""

    said: Said
    old: Value

    @property
    def is_new(self) -> bool:
        """Whether the value differs, not only who said it when."""
        old, new = self.old, self.said.value
        if isinstance(old, SealedName) and isinstance(new, SealedName):
            return old.digest != new.digest
        return old != new


def settle(sayings: Iterable[Said], known: Mapping[tuple[int, UUID], Known]) -> list[Changed]:
    """Return the sayings that hold: for each customer and field the latest, unless a later one was heard before.

    Of two sayings about the same moment the one heard last holds. Sayings about unknown customers are left out.
    """
    latest: dict[tuple[tuple[int, UUID], str], Said] = {}
    for said in sayings:
        key = (said.customer, said.field)
        if key not in latest or said.at >= latest[key].at:
            latest[key] = said
    changed: list[Changed] = []
    for said in latest.values():
        person = known.get(said.customer)
        if person is None:
            continue
        before = person.said_at.get(said.field)
        if before is None or said.at >= before:
            changed.append(Changed(said, person.values.get(said.field)))
    return changed


def shown(value: Value) -> Any:
    """A value as an event's payload holds it: a name only sealed."""
    return {"sealed": value.sealed.hex()} if isinstance(value, SealedName) else value
