"""The catalog: what domains say exists (entities, fields, relations, event types), assembled once and never changed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Literal

from tandem.catalog.label import Label
from tandem.catalog.value_types import Type
from tandem.kernel.errors import Misconfigured

Privacy = Literal["plain", "personal", "sensitive"]
EVERY_PRIVACY: Final[frozenset[Privacy]] = frozenset({"plain", "personal", "sensitive"})

_NAME: Final = re.compile(r"[a-z][a-z0-9_]*\Z")
_EVENT_NAME: Final = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+\Z")
_TABLE: Final = re.compile(r"[a-z_][a-z0-9_]*\Z")


class CatalogError(Misconfigured):
    """What domains contributed does not fit together (a name given twice, a relation from an unknown entity)."""


@dataclass(frozen=True, slots=True)
class Option:
    """One allowed value of an enumerated text field."""

    value: str
    label: Label


@dataclass(frozen=True, slots=True)
class Field:
    """One readable value of an entity, a relation's row or an event.

    `sql` is a template in which `{alias}` stands for the quoted row alias; without one the column of the same name is
    read. `whole` says that the column is an integer, so that its index serves comparisons with whole numbers.
    An `encrypted` field is listed but refused by the checker. `changed_by` names the event types that change it.
    """

    name: str
    type: Type
    label: Label
    unit: Label | None = None
    privacy: Privacy = "plain"
    sql: str | None = None
    encrypted: bool = False
    options: tuple[Option, ...] | None = None
    whole: bool = False
    changed_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Entity:
    """A table of things that an expression can start from; `key` are its key columns, bucket first."""

    name: str
    label: Label
    table: str
    fields: tuple[Field, ...]
    customer_owned: bool = True
    key: tuple[str, ...] = ("bucket", "id")
    tenant_column: str = "tenant_id"


# (column of the relation's table, column of the entity's table)
JoinColumns = tuple[tuple[str, str], ...]
CUSTOMER_JOIN: Final[JoinColumns] = (("bucket", "bucket"), ("customer_id", "id"))


@dataclass(frozen=True, slots=True)
class Relation:
    """A set of rows belonging to one row of `from_entity`.

    `time_field` is the field that orders the rows and that a window looks at. `joins` is SQL after the table
    (`join product p on p.id = {alias}.product_id`) for fields that live in reference tables; `where` is SQL that always
    holds (`not {alias}.void`). `changed_by` names the event types that add or change rows.
    """

    name: str
    label: Label
    from_entity: str
    table: str
    fields: tuple[Field, ...]
    time_field: str | None = None
    join: JoinColumns = CUSTOMER_JOIN
    tenant_column: str = "tenant_id"
    bucket_column: str = "bucket"
    joins: str = ""
    where: str = ""
    changed_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Membership:
    """A table that says "is in this set" (tags, segments) and the function that asks it, `has_tag` or `in_segment`."""

    name: str
    function: str
    label: Label
    from_entity: str
    table: str
    column: str
    column_type: Literal["text", "uuid"] = "text"
    join: JoinColumns = CUSTOMER_JOIN
    tenant_column: str = "tenant_id"
    bucket_column: str = "bucket"


@dataclass(frozen=True, slots=True)
class EventType:
    """Something that happens, named in the past tense (`order.paid`), with a typed payload."""

    name: str
    label: Label
    fields: tuple[Field, ...]
    version: int = 1


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one domain adds. `fields` adds fields to an entity or relation of another domain, by its name."""

    source: str
    entities: tuple[Entity, ...] = ()
    relations: tuple[Relation, ...] = ()
    memberships: tuple[Membership, ...] = ()
    event_types: tuple[EventType, ...] = ()
    fields: Mapping[str, tuple[Field, ...]] = field(default_factory=dict[str, tuple[Field, ...]])


Root = Entity | EventType


@dataclass(frozen=True, eq=False)
class Catalog:
    """Everything that exists, by name. Build it with `assemble`."""

    entities: Mapping[str, Entity]
    relations: Mapping[str, Relation]
    memberships: Mapping[str, Membership]
    event_types: Mapping[str, EventType]

    @staticmethod
    def assemble(contributions: Iterable[Contribution]) -> Catalog:
        """Join the domains' contributions; CatalogError names both domains when two claim one name."""
        from tandem.catalog.assembly import assemble

        return assemble(contributions)

    def root(self, name: str) -> Root:
        """Return an entity by its name or an event type by its dotted name."""
        if name in self.entities:
            return self.entities[name]
        if name in self.event_types:
            return self.event_types[name]
        raise CatalogError(
            "catalog_unknown_root", f"目录中没有“{name}”", f"The catalog has no entity or event type {name!r}"
        )

    def scope(self, *, privacy: frozenset[Privacy] = EVERY_PRIVACY, **roots: str) -> Scope:
        """Open a scope: `catalog.scope(customer="customer", event="order.paid")`."""
        return Scope(self, MappingProxyType({name: self.root(of) for name, of in roots.items()}), privacy)


@dataclass(frozen=True, eq=False)
class Scope:
    """The names one expression may use; `privacy` holds the classes the person may read."""

    catalog: Catalog
    roots: Mapping[str, Root]
    privacy: frozenset[Privacy] = EVERY_PRIVACY

    def field(self, root: str, name: str) -> Field | None:
        of = self.roots.get(root)
        return next((f for f in of.fields if f.name == name), None) if of else None

    def relations(self) -> dict[str, tuple[str, Relation]]:
        """Return relation name -> (root it starts from, relation) for the relations that the roots have."""
        found: dict[str, tuple[str, Relation]] = {}
        for root, of in self.roots.items():
            if isinstance(of, Entity):
                for relation in self.catalog.relations.values():
                    if relation.from_entity == of.name:
                        found.setdefault(relation.name, (root, relation))
        return found

    def memberships(self) -> dict[str, tuple[str, Membership]]:
        """Return function name -> (root, membership)."""
        found: dict[str, tuple[str, Membership]] = {}
        for root, of in self.roots.items():
            if isinstance(of, Entity):
                for membership in self.catalog.memberships.values():
                    if membership.from_entity == of.name:
                        found.setdefault(membership.function, (root, membership))
        return found


def relation_field(relation: Relation, name: str) -> Field | None:
    return next((f for f in relation.fields if f.name == name), None)


def is_name(text: str) -> bool:
    return bool(_NAME.match(text))


def is_event_name(text: str) -> bool:
    return bool(_EVENT_NAME.match(text))


def is_table(text: str) -> bool:
    return bool(_TABLE.match(text))
