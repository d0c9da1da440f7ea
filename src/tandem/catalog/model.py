"""The catalog: what all domains say exists, assembled once and never changed; and scopes, the names one expression may use."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from tandem.catalog.assembly import assemble
from tandem.catalog.definitions import (
    CUSTOMER_JOIN,
    EVERY_PRIVACY,
    Area,
    CatalogError,
    Contribution,
    Entity,
    EventType,
    Field,
    JoinColumns,
    Lookup,
    Membership,
    Option,
    Parameter,
    Privacy,
    Relation,
    Subject,
    relation_field,
)

__all__ = [
    "CUSTOMER_JOIN",
    "EVERY_PRIVACY",
    "Area",
    "Catalog",
    "CatalogError",
    "Contribution",
    "Entity",
    "EventType",
    "Field",
    "JoinColumns",
    "Lookup",
    "Membership",
    "Option",
    "Parameter",
    "Privacy",
    "Relation",
    "Root",
    "Scope",
    "Subject",
    "relation_field",
]

Root = Entity | EventType


@dataclass(frozen=True, eq=False)
class Catalog:
    """Everything that exists, by name. Build it with `assemble`."""

    entities: Mapping[str, Entity]
    relations: Mapping[str, Relation]
    memberships: Mapping[str, Membership]
    event_types: Mapping[str, EventType]
    areas: Mapping[str, Area]
    lookups: Mapping[str, Lookup]
    privacy: frozenset[Privacy] = EVERY_PRIVACY
    """The classes of data that scopes opened here may read, unless they say otherwise."""

    def narrowed(self, privacy: frozenset[Privacy]) -> Catalog:
        """The same catalog for somebody who may see only these classes of data."""
        return self if privacy == self.privacy else replace(self, privacy=privacy)

    @staticmethod
    def assemble(contributions: Iterable[Contribution]) -> Catalog:
        """Join the domains' contributions; CatalogError names both domains when two claim one name."""
        parts = assemble(contributions)
        return Catalog(
            parts.entities, parts.relations, parts.memberships, parts.event_types, parts.areas, parts.lookups
        )

    def root(self, name: str) -> Root:
        """Return an entity by its name or an event type by its dotted name."""
        if name in self.entities:
            return self.entities[name]
        if name in self.event_types:
            return self.event_types[name]
        raise CatalogError(
            "catalog_unknown_root", f"目录中没有“{name}”", f"The catalog has no entity or event type {name!r}"
        )

    def scope(self, *, privacy: frozenset[Privacy] | None = None, **roots: str) -> Scope:
        """Open a scope: `catalog.scope(customer="customer", event="order.paid")`."""
        return Scope(
            self, MappingProxyType({name: self.root(of) for name, of in roots.items()}), privacy or self.privacy
        )


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
