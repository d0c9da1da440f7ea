"""The things themselves: written set-based from wherever they come, each change an event about the thing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from tandem.kernel.db import Tx
from tandem.kernel.errors import NotFound
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
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Cause:
    """What brought a change about: the run that made it, or nothing (a person, a source)."""

    cause_id: UUID | None = None
    root_id: UUID | None = None
    hops: int = 0


_COLUMNS: Final = (
    "bucket, id, type, number, title, stage, stage_at, store_id, owner_user_id, data, created_at, updated_at"
)
_WRITE: Final = f"""
insert into thing as t (tenant_id, {_COLUMNS})
select %(tenant)s, n.* from jsonb_to_recordset(%(rows)s::jsonb) as n(bucket smallint, id uuid, type text, number text, title text, stage text,
  stage_at timestamptz, store_id uuid, owner_user_id uuid, data jsonb, created_at timestamptz, updated_at timestamptz)
order by n.id
on conflict (bucket, id) do update set title = excluded.title, stage = excluded.stage, stage_at = excluded.stage_at, store_id = excluded.store_id,
  owner_user_id = excluded.owner_user_id, data = excluded.data, updated_at = excluded.updated_at
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

    Raises InvalidInput for what does not fit the sort. A constant number of statements, whatever the number of things.
    """
    ids = {one.number: thing_id(tx.tenant_id, of.name, one.number) for one in told}
    known = {row.id: row for row in _standing(tx, sorted(ids.values()))}
    first = of.stages[0].name if of.stages else None
    now: dict[UUID, Row] = {}
    events: list[NewEvent] = []
    for one in told:
        item = ids[one.number]
        before = now.get(item) or known.get(item)
        after = _changed(tx, of, before, one, item, first)
        if after is not None:
            now[item] = after
            why = (causes or {}).get(one.number, Cause())
            events += [
                _event(what, before, after, one.at or tx.now, mode, why) for what in _happened(of, before, after)
            ]
    if now:
        tx.execute(_WRITE, {"tenant": tx.tenant_id, "rows": to_json([asdict(row) for row in now.values()])})
        emit(tx, events)
    return [now.get(item) or known[item] for item in dict.fromkeys(ids.values())]


def _standing(tx: Tx, ids: Sequence[UUID]) -> list[Row]:
    return tx.all(
        Row,
        f"select {_COLUMNS} from thing where tenant_id = %(tenant)s and bucket = any(%(buckets)s::smallint[]) and id = any(%(ids)s::uuid[])"
        " order by id for no key update",
        {"tenant": tx.tenant_id, "buckets": sorted({bucket_of(one) for one in ids}), "ids": list(ids)},
    )


def _changed(tx: Tx, of: ThingKind, before: Row | None, one: Told, item: UUID, first: str | None) -> Row | None:
    """The thing as it is told to be; None where that is what it is already."""
    given = of.fitting(one.fields or {})
    stage = of.at_stage(one.stage)
    data = {name: value for name, value in {**(before.data if before else {}), **given}.items() if value is not None}
    if before is None:
        title = one.title or ""
        return Row(
            bucket_of(item), item, of.name, one.number, title, stage or first, tx.now, one.store, one.owner, data, tx.now, tx.now
        )  # fmt: skip
    moved = stage is not None and stage != before.stage
    after = Row(
        before.bucket,
        item,
        of.name,
        one.number,
        before.title if one.title is None else one.title,
        stage or before.stage,
        tx.now if moved else before.stage_at,
        one.store or before.store_id,
        one.owner or before.owner_user_id,
        data,
        before.created_at,
        before.updated_at,
    )
    return None if after == before else replace(after, updated_at=tx.now)


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
