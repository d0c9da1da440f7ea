"""Readings as they follow from what pages tell, and the events that flows hear: each once for one opening."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from tandem.domains.contact.radar import events as kinds
from tandem.kernel.ids import derived_id
from tandem.kernel.turn import Turn
from tandem.stream.events import NewEvent, following
from tandem.stream.inbox import follow_up
from tandem.stream.projection import AppliedEvent, Projection
from tandem.stream.rows import to_json

FINISHED_PERCENT: Final = 90


@dataclass(frozen=True, slots=True)
class Reading:
    """One opening so far."""

    id: UUID
    bucket: int
    customer_id: UUID
    origin_id: UUID
    material_id: UUID
    member: str
    device: str
    foreign_hand: bool
    opened_at: datetime
    seconds: int = 0
    depth: int = 0
    has_left: bool = False
    liked: bool = False
    forwarded: bool = False


def after(before: Reading, told: dict[str, Any]) -> tuple[Reading, list[str]]:
    """A reading after a page told more of it, and what of that is news. Nothing ever becomes less: calls may come out of order. Pure."""
    what = told["what"]
    now = replace(
        before,
        seconds=max(before.seconds, int(told["seconds"])),
        depth=max(before.depth, int(told["depth"])),
        has_left=before.has_left or what == "left",
        liked=before.liked or what == "liked",
        forwarded=before.forwarded or what == "forwarded",
    )
    news = [
        name
        for name, is_now, was in (
            (kinds.RADAR_READ, now.has_left, before.has_left),
            (kinds.RADAR_FINISHED, now.depth >= FINISHED_PERCENT, before.depth >= FINISHED_PERCENT),
            (kinds.RADAR_LIKED, now.liked, before.liked),
            (kinds.RADAR_FORWARDED, now.forwarded, before.forwarded),
        )
        if is_now and not was
    ]
    return now, [] if now.foreign_hand else news


_COLUMNS: Final = "id, bucket, customer_id, origin_id, material_id, member, device, foreign_hand, opened_at, seconds, depth, has_left, liked, forwarded"
_KNOWN: Final = f"""
select {_COLUMNS} from radar_visit
where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s and id = any(%(ids)s::uuid[])
"""
_HERS: Final = """
select distinct on (customer_id, material_id) customer_id, material_id, device from radar_visit
where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s and customer_id = any(%(customers)s::uuid[])
  and material_id = any(%(materials)s::uuid[]) and not foreign_hand
order by customer_id, material_id, opened_at
"""
# Whoever was erased between telling and this is not written down again.
_WRITE: Final = f"""
insert into radar_visit (tenant_id, {_COLUMNS})
select %(tenant)s, n.* from jsonb_to_recordset(%(rows)s::jsonb) as n(id uuid, bucket smallint, customer_id uuid, origin_id uuid, material_id uuid,
  member text, device text, foreign_hand boolean, opened_at timestamptz, seconds int, depth smallint, has_left boolean, liked boolean,
  forwarded boolean)
where exists (select from customer as k where k.bucket = any(%(buckets)s::smallint[]) and k.tenant_id = %(tenant)s and k.bucket = n.bucket
  and k.id = n.customer_id)
on conflict (bucket, id) do update set seconds = excluded.seconds, depth = excluded.depth, has_left = excluded.has_left, liked = excluded.liked,
  forwarded = excluded.forwarded
returning id
"""


def project_readings(turn: Turn, events: Sequence[AppliedEvent]) -> None:
    """Bring readings up to what was told and tell what is news."""
    mine = [one for one in events if one.customer_id is not None]
    if not mine:
        return
    known = {one.id: one for one in turn.tx.all(Reading, _KNOWN, turn.params(ids=[_id(one) for one in mine]))}
    hers = _devices(turn, mine)
    materials: dict[UUID, tuple[str, str]] = {
        one[0]: (one[1], one[2])
        for one in turn.tx.cursor(
            "select id, name, product from material where tenant_id = %(tenant)s and id = any(%(ids)s::uuid[])",
            turn.params(ids=[one.payload["material_id"] for one in mine]),
        ).fetchall()
    }
    changed: dict[UUID, Reading] = {}
    news: list[tuple[UUID, NewEvent]] = []
    for event in mine:
        reading = known.get(_id(event))
        if reading is None:
            reading = _first(event, hers)
            opening = kinds.RADAR_PASSED_ON if reading.foreign_hand else kinds.RADAR_OPENED
            news.append((reading.id, _news(event, reading, opening, materials)))
        reading, more = after(reading, event.payload)
        news += [(reading.id, _news(event, reading, name, materials)) for name in more]
        known[reading.id] = changed[reading.id] = reading
    written = set(turn.tx.values(_WRITE, turn.params(rows=to_json([_row(one) for one in changed.values()]))))
    follow_up(turn, [one for reading, one in news if reading in written])


def _id(event: AppliedEvent) -> UUID:
    return UUID(event.payload["visit_id"])


def _devices(turn: Turn, events: Sequence[AppliedEvent]) -> dict[tuple[UUID, UUID], str]:
    """On which device each customer opened each material first: the link went to her, so that one is hers."""
    rows = turn.tx.cursor(
        _HERS,
        turn.params(
            customers=[one.customer_id for one in events], materials=[one.payload["material_id"] for one in events]
        ),
    ).fetchall()
    return {(row[0], row[1]): row[2] for row in rows}


def _first(event: AppliedEvent, hers: dict[tuple[UUID, UUID], str]) -> Reading:
    told, customer = event.payload, event.customer_id or event.event_id
    material = UUID(told["material_id"])
    own = hers.setdefault((customer, material), told["device"])
    return Reading(
        _id(event), event.bucket, customer, event.origin_id or customer, material, told["member"], told["device"], own != told["device"],
        event.occurred_at,
    )  # fmt: skip


def _row(one: Reading) -> dict[str, Any]:
    return {name: getattr(one, name) for name in Reading.__slots__}


def _news(event: AppliedEvent, one: Reading, kind: str, materials: dict[UUID, tuple[str, str]]) -> NewEvent:
    name, product = materials.get(one.material_id, ("", ""))
    payload: dict[str, Any] = {
        "material": name, "material_id": str(one.material_id), "product": product, "member": one.member, "seconds": one.seconds,
        "depth": one.depth,
    }  # fmt: skip
    return following(event, kind, payload, event_id=derived_id(one.id, kind))


PROJECTIONS: Final = (Projection((kinds.RADAR_TOLD,), project_readings, "contact.readings"),)
