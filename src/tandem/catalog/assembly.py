"""Join what the domains contribute into one catalog, refusing what does not fit together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Protocol, TypeVar

from tandem.catalog.definitions import (
    Area,
    CatalogError,
    Contribution,
    Entity,
    EventType,
    Field,
    Lookup,
    Membership,
    Relation,
    is_event_name,
    is_name,
    is_table,
)
from tandem.catalog.functions import AGGREGATES, FUNCTIONS


class _Named(Protocol):
    @property
    def name(self) -> str: ...


N = TypeVar("N", bound=_Named)


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything that was contributed, by name."""

    entities: Mapping[str, Entity]
    relations: Mapping[str, Relation]
    memberships: Mapping[str, Membership]
    event_types: Mapping[str, EventType]
    areas: Mapping[str, Area]
    lookups: Mapping[str, Lookup]


def assemble(contributions: Iterable[Contribution]) -> Parts:
    """Join all contributions; CatalogError when names clash or refer to nothing."""
    parts = list(contributions)
    entities = _unique(parts, "entity", lambda c: c.entities)
    relations = _unique(parts, "relation", lambda c: c.relations)
    memberships = _unique(parts, "membership", lambda c: c.memberships)
    event_types = _unique(parts, "event type", lambda c: c.event_types)
    areas = _unique(parts, "area", lambda c: c.areas)
    lookups = _unique(parts, "lookup", lambda c: c.lookups)
    _add_fields(parts, entities, relations)
    joined = Parts(
        MappingProxyType(entities),
        MappingProxyType(relations),
        MappingProxyType(memberships),
        MappingProxyType(event_types),
        MappingProxyType(areas),
        MappingProxyType(lookups),
    )
    _check(joined)
    return joined


def _unique(parts: list[Contribution], what: str, pick: Callable[[Contribution], tuple[N, ...]]) -> dict[str, N]:
    found: dict[str, N] = {}
    origin: dict[str, str] = {}
    for part in parts:
        for item in pick(part):
            if item.name in found:
                _refuse(f"the {what} {item.name!r} is contributed by {origin[item.name]!r} and by {part.source!r}")
            found[item.name] = item
            origin[item.name] = part.source
    return found


def _add_fields(parts: list[Contribution], entities: dict[str, Entity], relations: dict[str, Relation]) -> None:
    for part in parts:
        for target, fields in part.fields.items():
            if target in entities:
                entities[target] = replace(entities[target], fields=entities[target].fields + fields)
            elif target in relations:
                relations[target] = replace(relations[target], fields=relations[target].fields + fields)
            else:
                _refuse(f"{part.source!r} adds fields to {target!r}, which nobody contributes")


def _check(catalog: Parts) -> None:
    for entity in catalog.entities.values():
        _check_table(entity.name, entity.table)
        _check_fields(entity.name, entity.fields)
    for relation in catalog.relations.values():
        _check_relation(catalog, relation)
    for membership in catalog.memberships.values():
        _check_from(catalog, membership)
    for event_type in catalog.event_types.values():
        _check_event_type(event_type)
    for area in catalog.areas.values():
        _check_table(area.kind, area.table)
    for lookup in catalog.lookups.values():
        _check_lookup(catalog, lookup)


def _check_relation(catalog: Parts, relation: Relation) -> None:
    _check_from(catalog, relation)
    _check_fields(relation.name, relation.fields)
    if relation.time_field and relation.time_field not in {f.name for f in relation.fields}:
        _refuse(f"the relation {relation.name!r} names the time field {relation.time_field!r}, which it does not have")


def _check_from(catalog: Parts, item: Relation | Membership) -> None:
    _check_table(item.name, item.table)
    if item.from_entity not in catalog.entities:
        _refuse(f"{item.name!r} starts from the entity {item.from_entity!r}, which nobody contributes")


def _check_lookup(catalog: Parts, lookup: Lookup) -> None:
    if not is_name(lookup.name) or lookup.name in FUNCTIONS or lookup.name in AGGREGATES:
        _refuse(f"the lookup {lookup.name!r} must have a lower-case name that no function has")
    for param in lookup.params:
        if (param.type is None) == (param.entity is None) or (param.entity and param.entity not in catalog.entities):
            _refuse(
                f"the parameter {param.name!r} of {lookup.name!r} is neither of a type nor of an entity that exists"
            )


def _check_event_type(event_type: EventType) -> None:
    if not is_event_name(event_type.name):
        _refuse(f"the event type {event_type.name!r} is not named like `order.paid`")
    _check_fields(event_type.name, event_type.fields)


def _check_table(name: str, table: str) -> None:
    if not is_name(name) or not is_table(table):
        _refuse(f"{name!r} and its table {table!r} must be lower-case names")


def _check_fields(owner: str, fields: tuple[Field, ...]) -> None:
    seen: set[str] = set()
    for each in fields:
        if not is_name(each.name):
            _refuse(f"the field {each.name!r} of {owner!r} must be a lower-case name")
        if each.name in seen:
            _refuse(f"the field {each.name!r} of {owner!r} is contributed twice")
        seen.add(each.name)


def _refuse(why: str) -> None:
    raise CatalogError("catalog_does_not_fit", f"语义目录无法组装：{why}", f"The catalog cannot be assembled: {why}")
