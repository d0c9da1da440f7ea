"""The people in a list, masked or whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from tandem.kernel.db import Tx
from tandem.stream.customer import store
from tandem.stream.customer.personal import Opener, mask
from tandem.stream.customer.shapes import CustomerLine
from tandem.stream.customer.view import lines


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in a list; name and identifiers as the export may show them."""

    line: CustomerLine
    name: str | None
    phone: str | None
    email: str | None
    member_no: str | None
    zone: ZoneInfo

    def local(self, moment: datetime | None) -> datetime | None:
        """A time in the tenant's zone."""
        return None if moment is None else moment.astimezone(self.zone)


def people(tx: Tx, ids: Sequence[UUID], *, plain: bool) -> dict[UUID, Person]:
    """These customers by id. A masked name keeps its first character, a masked number its ends."""
    wanted = list(dict.fromkeys(ids))
    if not wanted:
        return {}
    known = [row for row in store.identifiers(tx, wanted) if row.kind in {"phone", "email", "member_no"}]
    opener = Opener.of(tx, {row.origin_id for row in known})
    shown: dict[tuple[UUID, str], str] = {}
    for row in known:
        value = opener.open(row.origin_id, row.value_enc)
        if value is not None:
            shown.setdefault((row.customer_id, row.kind), value if plain else mask(row.kind, value))
    zone = ZoneInfo(tx.zone)
    return {
        line.id: Person(
            line,
            line.name if plain else masked_name(line.name),
            shown.get((line.id, "phone")),
            shown.get((line.id, "email")),
            shown.get((line.id, "member_no")),
            zone,
        )
        for line in lines(tx, wanted)
    }


def masked_name(name: str | None) -> str | None:
    """A name by its first character."""
    return f"{name[0]}{'*' * min(len(name) - 1, 3)}" if name else name
