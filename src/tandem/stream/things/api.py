"""Routes of things: their sorts, the things, and what happened to each."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request

from tandem.access import audit
from tandem.access.http import Access, allowed
from tandem.access.paging import Cursor, Limit, LongLimit, Page, from_cursor, page_in_memory, to_cursor
from tandem.access.shapes import Label as LabelOut
from tandem.catalog.label import Label
from tandem.kernel.db import Tx
from tandem.kernel.errors import Conflict
from tandem.kernel.ids import bucket_of, new_id
from tandem.kernel.turn import in_bucket
from tandem.stream.system import catalog_of as house_catalog
from tandem.stream.things import catalogue, records, types
from tandem.stream.things import shapes as s

router = APIRouter(tags=["things"])

Reader = Annotated[Access, Depends(allowed("thing.read"))]
Writer = Annotated[Access, Depends(allowed("thing.write"))]
Definer = Annotated[Access, Depends(allowed("thing.define"))]


@router.get("/thing-types")
def list_thing_types(access: Reader, cursor: Cursor = None, limit: LongLimit = 1000) -> Page[s.ThingTypeOut]:
    """The sorts of things that the company has defined, with how many stand in each stage."""
    with access.tx() as tx:
        found = [_type_out(tx, one) for one in types.kinds(tx)]
    shown, following = page_in_memory(found, cursor, limit, "name")
    return Page(items=shown, next=following)


@router.post("/thing-types", status_code=201)
def create_thing_type(access: Definer, request: Request, body: s.NewThingType) -> s.ThingTypeOut:
    """Define a sort of things: what formulas can read of them, which stages they go through. Flows may then be about them."""
    with access.tx() as tx:
        made = types.create(tx, house_catalog(request), body.name, Label(body.zh, body.en), *_parts(body))
        return _type_out(tx, made)


@router.put("/thing-types/{name}")
def change_thing_type(access: Definer, name: str, body: s.ThingTypeChange) -> s.ThingTypeOut:
    """Redefine a sort of things; fields keep their types."""
    with access.tx() as tx:
        return _type_out(tx, types.change(tx, name, Label(body.zh, body.en), *_parts(body)))


@router.delete("/thing-types/{name}", status_code=204)
def delete_thing_type(access: Definer, name: str) -> None:
    """Delete a sort of which there is nothing and which no flow is about."""
    with access.tx() as tx:
        types.delete(tx, name)


@router.get("/things/{type_name}")
def list_things(
    access: Reader,
    *,
    type_name: str,
    q: Annotated[str | None, Query(max_length=100)] = None,
    stage: Annotated[str | None, Query(max_length=40)] = None,
    cursor: Cursor = None,
    limit: Limit = 50,
) -> Page[s.ThingRow]:
    """Things of a sort, the last changed first."""
    after = from_cursor(cursor, 2) if cursor else None
    with access.tx() as tx:
        types.kind(tx, type_name)
        rows = records.page(tx, type_name, q=q, stage=stage, after=after, limit=limit + 1)
    shown = rows[:limit]
    following = to_cursor(shown[-1].updated_at.isoformat(), shown[-1].id) if len(rows) > limit else None
    return Page(items=[_row_out(row) for row in shown], next=following)


@router.post("/things/{type_name}", status_code=201)
def create_thing(access: Writer, type_name: str, body: s.NewThing) -> s.ThingRow:
    """Make a thing; an event tells of it."""
    number = body.number or new_id().hex[-10:]
    with access.tx() as tx:
        of = types.kind(tx, type_name)
        item = records.thing_id(tx.tenant_id, of.name, number)
        in_bucket(tx, item)
        if tx.value(
            "select exists (select from thing where tenant_id = %(tenant)s and bucket = %(bucket)s and id = %(id)s)",
            _key(tx, item),
        ):
            raise Conflict("thing_number_taken", "已有这个编号。", "There is one of this number already.")
        return _written(tx, of, number, body, "thing.created")


@router.get("/things/{type_name}/{thing_id}")
def read_thing(access: Reader, type_name: str, thing_id: UUID) -> s.ThingRow:
    """One thing."""
    with access.tx() as tx:
        return _row_out(records.get(tx, type_name, thing_id))


@router.patch("/things/{type_name}/{thing_id}")
def change_thing(access: Writer, type_name: str, thing_id: UUID, body: s.ThingChange) -> s.ThingRow:
    """Change a thing; events tell of other values and of another stage."""
    with access.tx() as tx:
        in_bucket(tx, thing_id)
        row = records.get(tx, type_name, thing_id)
        return _written(tx, types.kind(tx, type_name), row.number, body, "thing.changed")


@router.get("/things/{type_name}/{thing_id}/events")
def list_thing_events(
    access: Reader, request: Request, type_name: str, thing_id: UUID, cursor: Cursor = None, limit: Limit = 50
) -> Page[s.ThingEvent]:
    """What happened to a thing, newest first."""
    after = from_cursor(cursor, 2) if cursor else None
    with access.tx() as tx:
        records.get(tx, type_name, thing_id)
        known = catalogue.catalog_of(tx, house_catalog(request)).event_types
        rows = tx.dicts(
            "select event_id, type, occurred_at, payload from event where tenant_id = %(tenant)s and bucket = %(bucket)s and owner_id = %(id)s"
            " and (%(at)s::timestamptz is null or (occurred_at, event_id) < (%(at)s::timestamptz, %(last)s::uuid))"
            " order by occurred_at desc, event_id desc limit %(limit)s",
            _key(tx, thing_id)
            | {"at": after[0] if after else None, "last": after[1] if after else None, "limit": limit + 1},
        )
    items = [
        s.ThingEvent(
            id=row["event_id"],
            type=row["type"],
            label=_label(known[row["type"]].label if row["type"] in known else Label(row["type"], row["type"])),
            at=row["occurred_at"],
            payload=row["payload"],
        )
        for row in rows[:limit]
    ]
    following = to_cursor(items[-1].at.isoformat(), items[-1].id) if len(rows) > limit else None
    return Page(items=items, next=following)


def _key(tx: Tx, item: UUID) -> dict[str, Any]:
    return {"tenant": tx.tenant_id, "bucket": bucket_of(item), "id": item}


def _written(tx: Tx, of: types.ThingKind, number: str, body: s.ThingChange, action: str) -> s.ThingRow:
    told = records.Told(number, body.title, body.stage, body.store_id, body.owner_user_id, body.fields)
    (row,) = records.write(tx, of, [told])
    audit.record(tx, action, of.name, row.id, after=body.model_dump(mode="json", exclude_unset=True))
    return _row_out(row)


def _parts(body: s.ThingTypeChange) -> tuple[list[types.ThingField], list[types.Stage]]:
    fields = [types.ThingField(one.name, one.zh, one.en, one.type) for one in body.fields]
    return fields, [types.Stage(one.name, one.zh, one.en) for one in body.stages]


def _label(label: Label) -> LabelOut:
    return LabelOut(zh=label.zh, en=label.en)


def _type_out(tx: Tx, of: types.ThingKind) -> s.ThingTypeOut:
    counted = records.stage_counts(tx, of.name)
    return s.ThingTypeOut(
        name=of.name,
        label=_label(of.label),
        fields=[
            s.ThingFieldOut(name=one.name, label=LabelOut(zh=one.zh, en=one.en), type=one.type) for one in of.fields
        ],
        stages=[
            s.StageOut(name=one.name, label=LabelOut(zh=one.zh, en=one.en), things=counted.get(one.name, 0))
            for one in of.stages
        ],
        updated_at=of.updated_at,
    )


def _row_out(row: records.Row) -> s.ThingRow:
    return s.ThingRow(
        id=row.id,
        type=row.type,
        number=row.number,
        title=row.title,
        stage=row.stage,
        stage_at=row.stage_at,
        store_id=row.store_id,
        owner_user_id=row.owner_user_id,
        fields=row.data,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
