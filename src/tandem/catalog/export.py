"""The catalog as JSON, for the web app: entities, fields, relations, event types, functions, operators."""

from __future__ import annotations

from typing import Any

from tandem.catalog.functions import AGGREGATES, GROUPS, LITERALS
from tandem.catalog.label import Label
from tandem.catalog.model import EVERY_PRIVACY, Catalog, Field, Lookup, Membership, Privacy, Relation
from tandem.catalog.value_types import BOOL, OPERATORS, TEXT


def catalog_json(catalog: Catalog, *, privacy: frozenset[Privacy] = EVERY_PRIVACY) -> dict[str, Any]:
    """Return everything that a person with the right to these privacy classes may use; encrypted fields are marked."""
    return {
        "entities": [
            {
                "name": e.name,
                "label": e.label.json(),
                "customer_owned": e.customer_owned,
                "fields": _fields(e.fields, privacy),
                "subject": None
                if e.subject is None
                else {"customer": e.subject.customer, "events": list(e.subject.events)},
            }
            for e in catalog.entities.values()
        ],
        "relations": [_relation(relation, privacy) for relation in catalog.relations.values()],
        "memberships": [_membership(membership) for membership in catalog.memberships.values()],
        "event_types": [
            {"name": e.name, "label": e.label.json(), "version": e.version, "fields": _fields(e.fields, privacy)}
            | ({"history": True} if e.history else {})
            for e in catalog.event_types.values()
        ],
        "functions": functions_json(),
        "areas": [{"kind": area.kind, "label": area.label.json()} for area in catalog.areas.values()],
        "lookups": [_lookup(lookup) for lookup in catalog.lookups.values()],
        "aggregates": [{"name": name, "help": help_.json()} for name, help_ in AGGREGATES.items()],
        "operators": {name: list(operators) for name, operators in OPERATORS.items()},
    }


def functions_json() -> list[dict[str, Any]]:
    """Return the functions that a person may write, one entry for each overload."""
    rows = [
        {
            "name": f.name,
            "signature": f.signature,
            "params": [str(p) for p in f.params],
            "variadic": f.variadic,
            "result": str(f.result),
            "cost": f.cost,
            "help": f.help.json(),
            "group": group,
            "example": f.example,
            "note": f.note.json() if f.note else None,
        }
        for group, functions in GROUPS.items()
        for f in functions
        if not f.hidden
    ]
    return rows + [_literal(name, help_) for name, help_ in LITERALS.items()]


def _literal(name: str, help_: Label) -> dict[str, Any]:
    signature = f"{name}(text)"
    return {
        "name": name,
        "signature": signature,
        "params": ["text"],
        "variadic": False,
        "result": name,
        "cost": "cheap",
        "help": help_.json(),
        "group": "time",
        "example": "",
        "note": None,
    }


def _fields(fields: tuple[Field, ...], privacy: frozenset[Privacy]) -> list[dict[str, Any]]:
    return [_field(field) for field in fields if field.privacy in privacy]


def _field(field: Field) -> dict[str, Any]:
    json: dict[str, Any] = {
        "name": field.name,
        "type": str(field.type),
        "label": field.label.json(),
        "privacy": field.privacy,
        "usable": not field.encrypted,
    }
    if field.unit is not None:
        json["unit"] = field.unit.json()
    if field.options is not None:
        json["options"] = [{"value": option.value, "label": option.label.json()} for option in field.options]
    return json


def _relation(relation: Relation, privacy: frozenset[Privacy]) -> dict[str, Any]:
    return {
        "name": relation.name,
        "label": relation.label.json(),
        "from": relation.from_entity,
        "time_field": relation.time_field,
        "fields": _fields(relation.fields, privacy),
    }


def _lookup(lookup: Lookup) -> dict[str, Any]:
    return {
        "name": lookup.name,
        "label": lookup.label.json(),
        "params": [str(param.entity or param.type) for param in lookup.params],
        "result": str(lookup.result),
    }


def _membership(membership: Membership) -> dict[str, Any]:
    return {
        "name": membership.name,
        "function": membership.function,
        "label": membership.label.json(),
        "from": membership.from_entity,
        "params": [str(TEXT)],
        "result": str(BOOL),
        "value": membership.column_type,
    }
