"""What flows are about: a customer, or a thing of an entity that the catalog offers as a subject (an order, a stock item, a contract).

Runs, waits and steps of a thing stand in its bucket under (subject_type, subject_id); its customer, where it has one, stands beside it
(ENGINE_RULES 8, docs/decisions/0135-flows-about-things.md).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from tandem.catalog import Catalog, Entity
from tandem.catalog.label import Label
from tandem.catalog.model import Subject
from tandem.kernel.db import Tx

CUSTOMER: Final = "customer"
#: Alias of the thing's row beside the row `r` of a run or an event.
ALIAS: Final = "thing"

#: Does the event `e` concern the run `{run}`, which is about a thing? Of things of its sort only it itself; all else through its customer.
_ABOUT: Final = (
    "e.bucket = {run}.bucket and case when e.subject_type = {run}.subject_type then e.subject_id = {run}.subject_id"
    " else e.customer_id = {run}.customer_id end"
)
_OF_CUSTOMER: Final = "e.bucket = {run}.bucket and e.customer_id = {run}.customer_id"


@dataclass(frozen=True, slots=True)
class Thing:
    """A thing as lists show it."""

    type: str
    id: UUID
    title: str


@dataclass(frozen=True, slots=True)
class Home:
    """Where a thing lives, and whose it is."""

    id: UUID
    bucket: int
    customer_id: UUID | None
    origin_id: UUID | None


def entity_of(catalog: Catalog, subject: str) -> Entity | None:
    """The entity of a flow's subject; None for the customer and for a name that the catalog does not offer."""
    found = None if subject == CUSTOMER else catalog.entities.get(subject)
    return found if found is not None and found.subject is not None else None


def offered(catalog: Catalog) -> list[tuple[Entity, Subject]]:
    """Every entity beside the customer that a flow may be about."""
    return [(one, one.subject) for one in catalog.entities.values() if one.subject is not None]


def label_of(catalog: Catalog, subject: str) -> Label:
    """What people call such a subject."""
    found = catalog.entities.get(subject)
    return Label(subject, subject) if found is None else found.label


def has_customer(catalog: Catalog, subject: str) -> bool:
    """May a customer stand beside such a subject, or is she the subject itself?"""
    found = entity_of(catalog, subject)
    return found is None or (found.subject is not None and found.subject.customer)


def join_of(entity: Entity) -> str:
    """The join that brings the thing of the row `r` in, as `ALIAS`."""
    return (
        f"left join {entity.table} {ALIAS} on {ALIAS}.bucket = r.bucket and {ALIAS}.id = r.subject_id"
        f" and {ALIAS}.{entity.tenant_column} = %(tenant)s"
    )


def concerns(subject: str, run: str) -> str:
    """SQL: does the event `e` concern the run, by whatever alias it goes?"""
    return (_OF_CUSTOMER if subject == CUSTOMER else _ABOUT).format(run=run)


def rows_of(entity: Entity, alias: str) -> str:
    """SQL: is the row of the entity's table such a thing?"""
    return "true" if entity.subject is None else entity.subject.where.replace("{alias}", alias)


def homes(tx: Tx, entity: Entity, ids: Sequence[UUID]) -> list[Home]:
    """Those of these things that the caller may see, with where they live."""
    owned = entity.subject is not None and entity.subject.customer
    whose = "t.customer_id, t.origin_id" if owned else "null::uuid as customer_id, null::uuid as origin_id"
    return tx.all(
        Home,
        f"select t.id, t.bucket, {whose} from {entity.table} t"
        f" where t.{entity.tenant_column} = %(tenant)s and t.id = any(%(ids)s::uuid[]) and {rows_of(entity, 't')} order by t.id",
        {"tenant": tx.tenant_id, "ids": list(ids)},
    )


def short_of(one: UUID) -> str:
    """What somebody without a name is told apart by: the end of an id, since ids begin with the time and so all alike."""
    return f"#{str(one)[-6:].upper()}"


def things(tx: Tx, catalog: Catalog, wanted: Iterable[tuple[str | None, UUID | None]]) -> dict[UUID, Thing]:
    """What these things are called, by id, as far as the caller may see them; one statement for each sort."""
    by_type: defaultdict[str, set[UUID]] = defaultdict(set)
    for kind, one in wanted:
        if kind is not None and one is not None:
            by_type[kind].add(one)
    found: dict[UUID, Thing] = {}
    for kind, ids in by_type.items():
        found |= {one: Thing(kind, one, short_of(one)) for one in ids}
        entity = entity_of(catalog, kind)
        if entity is None or entity.subject is None:
            continue
        rows: list[tuple[Any, ...]] = tx.cursor(
            f"select t.id, {entity.subject.title.replace('{alias}', 't')} from {entity.table} t"
            f" where t.{entity.tenant_column} = %(tenant)s and t.id = any(%(ids)s::uuid[])",
            {"tenant": tx.tenant_id, "ids": list(ids)},
        ).fetchall()
        found |= {one: Thing(kind, one, title) for one, title in rows if title}
    return found
