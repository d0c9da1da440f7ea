"""What a domain says exists: entities, fields, relations, memberships, event types."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
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
class Subject:
    """That a flow may be about a thing of this entity. Its table has the columns bucket, id and tenant_id.

    `title` is SQL text in which `{alias}` stands for the row: what people call it. `events` are about such a thing: their `subject_type`
    is the entity's name. `customer`: the table's customer_id and origin_id say whose it is, and it lives in her bucket; without it, it
    hashes on its own. `permission`: the right to see such things.
    """

    title: str
    events: tuple[str, ...]
    permission: str
    customer: bool = False
    where: str = "true"
    """What else holds of the table's rows that are such things; `{alias}` stands for the row."""
    past: str = ""
    """What the thing was after an event of its own: SQL assignments over the row `t`, the event's payload `p` and its time `at`."""
    born: str = ""
    """Column of the time since which there is such a thing; empty: not known."""


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
    subject: Subject | None = None


# (column of the relation's table, column of the entity's table)
JoinColumns = tuple[tuple[str, str], ...]
CUSTOMER_JOIN: Final[JoinColumns] = (("bucket", "bucket"), ("customer_id", "id"))


@dataclass(frozen=True, slots=True)
class Relation:
    """A set of rows belonging to one row of `from_entity`.

    `time_field` is the field that orders the rows and that a window looks at. `joins` is SQL after the table
    (`join product p on p.id = {alias}.product_id`) for fields that live in reference tables; `where` is SQL that always
    holds (`not {alias}.void`). `changed_by` names the event types that add or change rows. `ahead`: the rows are a log that takes nothing
    from further ahead than this, so that a look at a window need not open its partitions of the future. `order`: SQL by which rows come one
    after the other that no time sets apart (`{alias}.line_no`). `since`: SQL of when a row came to be, where no field of its own says it.
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
    ahead: timedelta | None = None
    order: str = ""
    since: str = ""


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
class Area:
    """A table of named areas that `within(point, '<kind>:<name>')` asks, one row for each ring of an area.

    `xs` and `ys` are columns of type `numeric[]`: longitudes and latitudes of the corners. `changed_by` names the event types by which a
    change of an area is told, so that what depends on it is judged again.
    """

    kind: str
    label: Label
    table: str
    key_column: str = "key"
    xs: str = "xs"
    ys: str = "ys"
    tenant_column: str = "tenant_id"
    changed_by: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return self.kind


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a lookup: a value of a type, or a whole thing of an entity (`market_price(item, …)`)."""

    name: str
    label: Label
    type: Type | None = None
    entity: str | None = None


@dataclass(frozen=True, slots=True)
class Lookup:
    """A function over reference tables: `market_price(item, customer.region)`.

    `sql` is a template: `{0}` is a value's SQL or, for an entity, its row alias; `{tenant}` the tenant. It is missing when a
    value given is. In Python the record's `lookups` hold a function of that name, which gets values and, for an entity, its record.
    """

    name: str
    label: Label
    params: tuple[Parameter, ...]
    result: Type
    sql: str
    changed_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EventType:
    """Something that happens, named in the past tense (`order.paid`), with a typed payload.

    `history`: it is only ever told as history, which sets no flow moving.
    """

    name: str
    label: Label
    fields: tuple[Field, ...]
    version: int = 1
    history: bool = False


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one domain adds. `fields` adds fields to an entity or relation of another domain, by its name."""

    source: str
    entities: tuple[Entity, ...] = ()
    relations: tuple[Relation, ...] = ()
    memberships: tuple[Membership, ...] = ()
    event_types: tuple[EventType, ...] = ()
    areas: tuple[Area, ...] = ()
    lookups: tuple[Lookup, ...] = ()
    fields: Mapping[str, tuple[Field, ...]] = field(default_factory=dict[str, tuple[Field, ...]])


def relation_field(relation: Relation, name: str) -> Field | None:
    return next((f for f in relation.fields if f.name == name), None)


def is_name(text: str) -> bool:
    return bool(_NAME.match(text))


def is_event_name(text: str) -> bool:
    return bool(_EVENT_NAME.match(text))


def is_table(text: str) -> bool:
    return bool(_TABLE.match(text))
