"""What an expression depends on, so that an event re-evaluates only what it can change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from tandem.catalog import typed as t
from tandem.catalog.checker import Checked
from tandem.catalog.functions import FUNCTIONS
from tandem.catalog.model import EventType, Scope, relation_field
from tandem.catalog.related_sets import every_node

ANY: Final = "*"
"""Stands for every tag or segment, where the expression computes which."""


@dataclass(frozen=True, slots=True)
class Dependencies:
    """`fields` are dotted names (`customer.city`, `orders.paid_at`); `event_types` are those whose arrival can change the
    value; `areas` (`geofence:east-china`) and `lookups` are reference data, whose change
    re-evaluates by fan-out; `clock` says that the value can change by time alone.
    """

    fields: frozenset[str]
    relations: frozenset[str]
    event_types: frozenset[str]
    tags: frozenset[str]
    segments: frozenset[str]
    areas: frozenset[str]
    lookups: frozenset[str]
    clock: bool

    def json(self) -> dict[str, object]:
        return {
            "fields": sorted(self.fields),
            "relations": sorted(self.relations),
            "event_types": sorted(self.event_types),
            "tags": sorted(self.tags),
            "segments": sorted(self.segments),
            "areas": sorted(self.areas),
            "lookups": sorted(self.lookups),
            "clock": self.clock,
        }


def uses_clock(scope: Scope, node: t.Node) -> bool:
    """Tell whether the value can change by time alone."""
    return any(
        isinstance(part, t.Call) and FUNCTIONS[part.name][part.signature].clock != "none"
        for part in every_node(scope, node)
    )


def dependencies(checked: Checked) -> Dependencies:
    """Return what a checked expression depends on."""
    scope = checked.scope
    nodes = every_node(scope, checked.typed)
    related = [node for node in nodes if isinstance(node, t.Related)]
    return Dependencies(
        fields=frozenset(name for node in nodes for name in _field_names(node)),
        relations=frozenset(node.relation for node in related),
        event_types=frozenset(name for node in nodes for name in _event_types(scope, node)),
        tags=_members(scope, nodes, "tags"),
        segments=_members(scope, nodes, "segments"),
        areas=frozenset(f"{node.area}:{node.name}" for node in nodes if isinstance(node, t.Within)),
        lookups=frozenset(node.name for node in nodes if isinstance(node, t.Lookup)),
        clock=uses_clock(scope, checked.typed),
    )


def _field_names(node: t.Node) -> list[str]:
    match node:
        case t.RootField(root=root, field=name):
            return [f"{root}.{name}"]
        case t.RowField(relation=relation, field=name):
            return [f"{relation}.{name}"]
        case t.Related(relation=relation, field=str() as name):
            return [f"{relation}.{name}"]
        case _:
            return []


def _event_types(scope: Scope, node: t.Node) -> tuple[str, ...]:
    match node:
        case t.Related(relation=name):
            relation = scope.catalog.relations[name]
            field = None if node.field is None else relation_field(relation, node.field)
            return (*relation.changed_by, *(field.changed_by if field else ()))
        case t.RowField(relation=name, field=field_name):
            field = relation_field(scope.catalog.relations[name], field_name)
            return field.changed_by if field else ()
        case t.RootField(root=root, field=name):
            of = scope.roots[root]
            field = scope.field(root, name)
            return (of.name,) if isinstance(of, EventType) else (field.changed_by if field else ())
        case t.Within(area=area):
            return scope.catalog.areas[area].changed_by
        case t.Lookup(name=name):
            return scope.catalog.lookups[name].changed_by
        case _:
            return ()


def _members(scope: Scope, nodes: list[t.Node], membership: str) -> frozenset[str]:
    by_function = {function: of.name for function, (_, of) in scope.memberships().items()}
    found: set[str] = set()
    for node in nodes:
        if isinstance(node, t.Member) and by_function[node.function] == membership:
            constant = isinstance(node.value, t.Const) and isinstance(node.value.value, str)
            found.add(str(node.value.value) if isinstance(node.value, t.Const) and constant else ANY)
    return frozenset(found)
