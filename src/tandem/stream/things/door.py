"""Things as outside systems and files tell of them: one kind of record for every sort that a company has defined."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Final, cast

import msgspec

from tandem.catalog.label import Label
from tandem.kernel.db import Tx
from tandem.stream.door.kinds import DoorKind, Envelope, Key, Name, Normalised
from tandem.stream.things import records, types


class ThingIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A thing as it stands, or what has changed of it. `type` is the sort's key; a field that is null is taken away."""

    type: Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9_]{1,39}$")]
    number: Key
    title: Name | None = None
    stage: Name | None = None
    fields: dict[str, str | float | bool | None] = {}


class _Said(msgspec.Struct, frozen=True):
    told: ThingIn
    at: datetime
    mode: int


def _normalise(envelope: Envelope, thing: ThingIn) -> Normalised:
    return Normalised(reference=_Said(thing, envelope.time, envelope.mode))


def _upsert(tx: Tx, given: Sequence[object]) -> None:
    """Write them, sort by sort. A record of a sort that is not defined, or that does not fit it, raises and so fails alone."""
    by_kind: defaultdict[tuple[str, int], list[_Said]] = defaultdict(list)
    for one in cast("Sequence[_Said]", given):
        by_kind[one.told.type, one.mode].append(one)
    for (name, mode), said in sorted(by_kind.items(), key=lambda pair: pair[0]):
        told = [
            records.Told(
                one.told.number,
                one.told.title,
                one.told.stage,
                fields=cast("dict[str, Any]", one.told.fields),
                at=one.at,
            )
            for one in said
        ]
        records.write(tx, types.kind(tx, name), told, mode=mode)


THING: Final = DoorKind("thing", Label("自定义对象", "Custom object"), ThingIn, _normalise, _upsert)
