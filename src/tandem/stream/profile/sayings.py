"""What sources and people say about a customer's fields: which saying holds, pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec

from tandem.stream.profile.priority import UNDONE, Priority

COLUMNS: Final = (
    "gender",
    "birthday",
    "city",
    "district",
    "division",
    "location",
    "stage",
    "level",
    "store_id",
    "owner_user_id",
    "do_not_contact",
)
"""Plain columns of `customer`; values are JSON (dates and ids as text)."""
NAME: Final = "name"
ATTRIBUTE: Final = "attrs."


class SealedName(msgspec.Struct, frozen=True, gc=False):
    """A name under its customer's data key, with its keyed hash; equal hashes are equal names."""

    sealed: bytes
    digest: bytes
    origin: bytes | None = None
    """The same under the key of the customer it was said of, where that is another."""


Value = str | int | float | bool | SealedName | None


class Said(msgspec.Struct, frozen=True, gc=False):
    """Somebody said at a business time that a field of a customer has this value; None says that it has none."""

    customer: tuple[int, UUID]
    field: str
    value: Value
    at: datetime
    source: str
    event_id: UUID | None = None
    origin: UUID | None = None
    """The customer it was said of, where she was merged into the one named; an undo divides by it."""


class Standing(msgspec.Struct, frozen=True, gc=False):
    """The saying that holds: whose, since when, and whether it says that there is no value."""

    source: str
    at: datetime
    empty: bool = False


class Known(msgspec.Struct, frozen=True, gc=False):
    """What a customer shows, and by which sayings each of her fields holds: one, and those of people merged into her."""

    values: Mapping[str, Value]
    said: Mapping[str, Sequence[Standing]]


class Changed(msgspec.Struct, frozen=True, gc=False):
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


def settle(
    sayings: Iterable[Said], known: Mapping[tuple[int, UUID], Known], priority: Priority | None = None
) -> list[Changed]:
    """Return the sayings that hold: for each customer and field the strongest source's latest, unless what stands is above it.

    A stronger source holds whenever it spoke, so that the order of arrival does not matter; of equals the later one holds, and of two
    about the same moment the one heard last. What stands and says nothing gives way to any later word. Sayings about unknown customers
    are left out.
    """
    rules = priority or Priority()
    best: dict[tuple[tuple[int, UUID], str], Said] = {}
    for said in sayings:
        key = (said.customer, said.field)
        if key not in best or _weight(rules, said, said.field) >= _weight(rules, best[key], said.field):
            best[key] = said
    changed: list[Changed] = []
    for said in best.values():
        person = known.get(said.customer)
        if person is None:
            continue
        if all(_outdoes(rules, said, standing) for standing in person.said.get(said.field, ())):
            changed.append(Changed(said, person.values.get(said.field)))
    return changed


def _weight(rules: Priority, said: Said | Standing, field: str) -> tuple[int, datetime]:
    return (0 if said.source == UNDONE else -rules.rank(field, said.source)), said.at


def _outdoes(rules: Priority, said: Said, standing: Standing) -> bool:
    new, old = _weight(rules, said, said.field), _weight(rules, standing, said.field)
    gives_way = standing.empty or standing.source == UNDONE
    return new >= old or (gives_way and said.at >= standing.at)


def shown(value: Value) -> Any:
    """A value as an event's payload holds it: a name only sealed."""
    return {"sealed": value.sealed.hex()} if isinstance(value, SealedName) else value
