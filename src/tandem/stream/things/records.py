"""The things themselves: written set-based from wherever they come, each change an event about the thing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from tandem.kernel.db import Tx
from tandem.kernel.errors import Conflict, NotFound
from tandem.kernel.ids import bucket_of, derived_id, new_id
from tandem.stream.events import LANE_BULK, LANE_LIVE, LIVE, NewEvent
from tandem.stream.inbox import emit
from tandem.stream.rows import to_json
from tandem.stream.things.types import ThingKind


@dataclass(frozen=True, slots=True)
class Told:
    """What somebody says of a thing. None says nothing, and of a value in `fields` takes it away. `store` is a store's id."""

    number: str
    title: str | None = None
    stage: str | None = None
    store: UUID | None = None
    owner: UUID | None = None
    fields: Mapping[str, Any] | None = None
    at: datetime | None = None
    """When it was so; an older one than what is known is ignored. None: now, whatever is known."""


@dataclass(frozen=True, slots=True)
class Row:
    """A thing as it stands."""

    bucket: int
    id: UUID
    type: str
    number: str
    title: str
    stage: str | None
    stage_at: datetime
    store_id: UUID | None
    owner_user_id: UUID | None
    data: dict[str, Any]
    modified_at: datetime
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Cause:
    """What brought a change about: the run that made it, or nothing (a person, a source)."""

    cause_id: UUID | None = None
    root_id: UUID | None = None
    hops: int = 0


_COLUMNS: Final = "bucket, id, type, number, title, stage, stage_at, store_id, owner_user_id, data, modified_at, created_at, updated_at"
_INSERT: Final = f"""
insert into thing as t (tenant_id, {_COLUMNS})
select %(tenant)s, n.* from jsonb_to_recordset(%(rows)s::jsonb) as n(bucket smallint, id uuid, type text, number text, title text, stage text,
  stage_at timestamptz, store_id uuid, owner_user_id uuid, data jsonb, modified_at timestamptz, created_at timestamptz, updated_at timestamptz)
order by n.id
on conflict (bucket, id) do"""
_MAKE: Final = f"{_INSERT} nothing returning t.id"
_WRITE: Final = f"""{_INSERT} update set title = excluded.title, stage = excluded.stage, stage_at = excluded.stage_at, store_id = excluded.store_id,
  owner_user_id = excluded.owner_user_id, data = excluded.data, modified_at = excluded.modified_at, updated_at = excluded.updated_at
"""


def thing_id(tenant: UUID, kind: str, number: str) -> UUID:
    """The id of the thing of that number."""
    return derived_id(tenant, "thing", kind, number)


def write(
    tx: Tx,
    of: ThingKind,
    told: Sequence[Told],
    *,
    mode: int = LIVE,
    causes: Mapping[str, Cause] | None = None,
) -> list[Row]:
    """Make or change things of a sort; returns them as they are now. A number told twice is told in that order.

    Raises InvalidInput for what does not fit the sort, Conflict for a number of a thing that the caller may not see.
    A constant number of statements, whatever the number of things.
    """
    ids = {one.number: thing_id(tx.tenant_id, of.name, one.number) for one in told}
    made = _make(tx, of, ids, told)
    known = {row.id: row for row in _standing(tx, sorted(ids.values()))}
    if {*ids.values()} - made.keys() - known.keys():
        raise Conflict("thing_number_taken", "已有这个编号。", "There is one of this number already.")
    now: dict[UUID, Row] = {}
    events: list[NewEvent] = []
    for one in told:
        item = ids[one.number]
        before = now.get(item) or (None if item in made else known[item])
        after = _first(tx, of, one, item) if before is None else _changed(tx, of, before, one)
        if after is not None:
            now[item] = after
            why = (causes or {}).get(one.number, Cause())
            events += [
                _event(what, before, after, one.at or tx.now, mode, why) for what in _happened(of, before, after)
            ]
    if changed := [row for item, row in now.items() if row != made.get(item)]:
        tx.execute(_WRITE, {"tenant": tx.tenant_id, "rows": _json(changed)})
    if events:
        emit(tx, events)
    return [now.get(item) or known[item] for item in dict.fromkeys(ids.values())]


def _make(tx: Tx, of: ThingKind, ids: Mapping[str, UUID], told: Sequence[Told]) -> dict[UUID, Row]:
    """Make those that there are not, as they are first told of; returns these. Two who make one at the same time make it once."""
    firsts: dict[UUID, Row] = {}
    for one in told:
        if ids[one.number] not in firsts:
            firsts[ids[one.number]] = _first(tx, of, one, ids[one.number])
    made = tx.values(_MAKE, {"tenant": tx.tenant_id, "rows": _json(list(firsts.values()))})
    return {item: firsts[item] for item in made}


def _json(rows: Sequence[Row]) -> str:
    return to_json([asdict(row) for row in rows])


def _standing(tx: Tx, ids: Sequence[UUID]) -> list[Row]:
    return tx.all(
        Row,
        f"select {_COLUMNS} from thing where tenant_id = %(tenant)s and bucket = any(%(buckets)s::smallint[]) and id = any(%(ids)s::uuid[])"
        " order by id for no key update",
        {"tenant": tx.tenant_id, "buckets": sorted({bucket_of(one) for one in ids}), "ids": list(ids)},
    )


def _first(tx: Tx, of: ThingKind, one: Told, item: UUID) -> Row:
    """A thing as it is told of first."""
    at = one.at or tx.now
    return Row(
        bucket_of(item),
        item,
        of.name,
        one.number,
        one.title or "",
        of.at_stage(one.stage) or (of.stages[0].name if of.stages else None),
        at,
        one.store,
        one.owner,
        {name: value for name, value in of.fitting(one.fields or {}).items() if value is not None},
        modified_at=at,
        created_at=tx.now,
        updated_at=tx.now,
    )


def _changed(tx: Tx, of: ThingKind, before: Row, one: Told) -> Row | None:
    """The thing as it is told to be; None where that is what it is already, or where something newer is known."""
    given = of.fitting(one.fields or {})
    stage = of.at_stage(one.stage)
    if one.at is not None and one.at < before.modified_at:
        return None
    at = one.at or tx.now
    after = replace(
        before,
        title=before.title if one.title is None else one.title,
        stage=stage or before.stage,
        stage_at=at if stage is not None and stage != before.stage else before.stage_at,
        store_id=one.store or before.store_id,
        owner_user_id=one.owner or before.owner_user_id,
        data={name: value for name, value in {**before.data, **given}.items() if value is not None},
    )
    since = max(at, before.modified_at)
    if after == before:
        return None if since == before.modified_at else replace(before, modified_at=since)
    return replace(after, modified_at=since, updated_at=tx.now)


def _happened(of: ThingKind, before: Row | None, after: Row) -> list[str]:
    created, changed, staged = of.events
    if before is None:
        return [created]
    found = [changed] if (before.title, before.data) != (after.title, after.data) else []
    return [*found, staged] if before.stage != after.stage else found


def _event(what: str, before: Row | None, after: Row, at: datetime, mode: int, why: Cause) -> NewEvent:
    payload = {"number": after.number, "title": after.title, "stage": after.stage, **after.data}
    payload["stage_at"] = after.stage_at.isoformat()
    if before is not None and before.stage != after.stage:
        payload["was"] = before.stage
    return NewEvent(
        type=what,
        bucket=after.bucket,
        subject_type=after.type,
        subject_id=after.id,
        occurred_at=at,
        mode=mode,
        lane=LANE_LIVE if mode == LIVE else LANE_BULK,
        event_id=new_id(),
        payload=payload,
        cause_id=why.cause_id,
        root_id=why.root_id,
        hops=why.hops,
    )


def get(tx: Tx, kind: str, item: UUID) -> Row:
    """One thing that the caller may see. Raises NotFound."""
    found = tx.maybe(
        Row,
        f"select {_COLUMNS} from thing where tenant_id = %(tenant)s and bucket = %(bucket)s and id = %(id)s and type = %(type)s",
        {"tenant": tx.tenant_id, "bucket": bucket_of(item), "id": item, "type": kind},
    )
    if found is None:
        raise NotFound("thing_missing", "没有这个对象。", "There is no such thing.")
    return found


def numbers(tx: Tx, items: Sequence[UUID]) -> dict[UUID, str]:
    """The numbers of these things, by id."""
    rows = tx.cursor(
        "select id, number from thing where tenant_id = %(tenant)s and bucket = any(%(buckets)s::smallint[]) and id = any(%(ids)s::uuid[])",
        {"tenant": tx.tenant_id, "buckets": sorted({bucket_of(one) for one in items}), "ids": list(items)},
    )
    return dict(rows.fetchall())


def page(
    tx: Tx, kind: str, *, q: str | None, stage: str | None, after: Sequence[str | None] | None, limit: int
) -> list[Row]:
    """Things of a sort, the last changed first. `after`: `updated_at` and id of the last one shown."""
    return tx.all(
        Row,
        f"select {_COLUMNS} from thing where tenant_id = %(tenant)s and type = %(type)s"
        " and (%(q)s::text is null or strpos(lower(title || ' ' || number), lower(%(q)s)) > 0)"
        " and (%(stage)s::text is null or stage = %(stage)s)"
        " and (%(at)s::timestamptz is null or (updated_at, id) < (%(at)s::timestamptz, %(id)s::uuid))"
        " order by updated_at desc, id desc limit %(limit)s",
        {
            "tenant": tx.tenant_id,
            "type": kind,
            "q": q,
            "stage": stage,
            "at": after[0] if after else None,
            "id": after[1] if after else None,
            "limit": limit,
        },
    )


def stage_counts(tx: Tx, kind: str) -> dict[str, int]:
    """How many things stand in each stage, of those the caller may see."""
    rows = tx.cursor(
        "select stage, count(*) from thing where tenant_id = %(tenant)s and type = %(type)s and stage is not null group by stage",
        {"tenant": tx.tenant_id, "type": kind},
    )
    return {stage: int(n) for stage, n in rows}
