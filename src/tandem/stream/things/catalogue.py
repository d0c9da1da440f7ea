"""A company's own things as part of its catalog: what formulas may read of them, and the events about them."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import Final

from tandem.catalog.label import Label
from tandem.catalog.model import Catalog, Entity, EventType, Field, Option, Subject
from tandem.catalog.value_types import BOOL, DATE, NUMBER, TEXT, TIMESTAMP, Type
from tandem.kernel.db import Tx
from tandem.stream.things.types import ThingField, ThingKind, kinds

READ: Final = "thing.read"
_TYPES: Final[dict[str, tuple[Type, str]]] = {
    "text": (TEXT, ""),
    "number": (NUMBER, "::numeric"),
    "bool": (BOOL, "::boolean"),
    "date": (DATE, "::date"),
    "timestamp": (TIMESTAMP, "::timestamptz"),
}


def catalog_of(tx: Tx, catalog: Catalog) -> Catalog:
    """The house's catalog with what the transaction's company has defined of its own."""
    own = kinds(tx)
    if not own:
        return catalog
    events = {event.name: event for one in own for event in _events(one)}
    return replace(
        catalog,
        entities=MappingProxyType({**catalog.entities, **{one.name: _entity(one) for one in own}}),
        event_types=MappingProxyType({**catalog.event_types, **events}),
    )


# Each event carries the thing as it was then.
_PAST: Final = (
    "title = coalesce(p ->> 'title', t.title), stage = p ->> 'stage', stage_at = coalesce((p ->> 'stage_at')::timestamptz, t.stage_at),"
    " data = p - array['number', 'title', 'stage', 'stage_at', 'was'], updated_at = at"
)


def _entity(of: ThingKind) -> Entity:
    own = tuple(_field(one, f"({{alias}}.data ->> '{one.name}')") for one in of.every_field)
    return Entity(
        of.name,
        of.label,
        "thing",
        (*_common(of), Field("updated_at", TIMESTAMP, Label("更新时间", "Updated at")), *own),
        customer_owned=False,
        subject=Subject(
            "concat_ws(' · ', nullif({alias}.title, ''), {alias}.number)",
            of.events,
            READ,
            where=f"{{alias}}.type = '{of.name}'",
            past=_PAST,
            born="created_at",
        ),
    )


def _common(of: ThingKind) -> tuple[Field, ...]:
    stages = tuple(Option(one.name, Label(one.zh, one.en)) for one in of.stages)
    return (
        Field("number", TEXT, Label("编号", "Number")),
        Field("title", TEXT, Label("名称", "Title")),
        Field("stage", TEXT, Label("阶段", "Stage"), options=stages or None),
        Field("stage_at", TIMESTAMP, Label("进入阶段的时间", "In its stage since")),
    )


def _field(one: ThingField, sql: str | None = None) -> Field:
    kind, cast = _TYPES[one.type]
    label = Label(f"{one.zh}（已移除）", f"{one.en} (removed)") if one.retired else Label(one.zh, one.en)
    return Field(one.name, kind, label, sql=None if sql is None else sql + cast)


def _events(of: ThingKind) -> tuple[EventType, ...]:
    """Each carries the thing as it is then; a change of stage also the one before."""
    fields = (*_common(of), *(_field(one) for one in of.every_field))
    stages = fields[2].options
    created, changed, staged = of.events
    return (
        EventType(created, Label(f"{of.label.zh}：新建", f"{of.label.en}: created"), fields),
        EventType(changed, Label(f"{of.label.zh}：内容变化", f"{of.label.en}: changed"), fields),
        EventType(
            staged,
            Label(f"{of.label.zh}：阶段变化", f"{of.label.en}: stage changed"),
            (*fields, Field("was", TEXT, Label("原阶段", "Stage before"), options=stages)),
        ),
    )
