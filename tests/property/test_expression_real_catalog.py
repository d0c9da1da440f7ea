"""Does every field, relation, set and event type that the domains contribute run against the real schema?"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

import pytest

from harness.database import Database
from tandem.catalog import Catalog, Checked, check, compile_sql, next_change_sql
from tandem.catalog.model import Entity, Field

ZONE: Final = "Asia/Shanghai"
PARAMS: Final[dict[str, Any]] = {
    "now": datetime(2026, 6, 1, tzinfo=UTC),
    "tenant": UUID(int=1),
    "buckets": list(range(256)),
    "payload": "{}",
}


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    from tandem.assembly import system

    return system().catalog


# Compared with a value of its type, so that a column of another type than its field says is found here.
_TESTS: Final = {
    "number": "{} > 1 and {} + 1 > 2",
    "text": "{} = 'x' and {} < 'y'",
    "bool": "{} and {} = true",
    "date": "{} < today() and days_since({}) > 3",
    "timestamp": "{} < now() and days_since({}) > 3",
}


def asked(field: Field, prefix: str = "") -> str:
    """Ask a field something that its type allows."""
    name = prefix + field.name
    asking = _TESTS.get(str(field.type), "{} is missing").replace("{}", name)
    return (
        asking.replace("'x'", f"'{field.options[0].value}'").replace("'y'", f"'{field.options[-1].value}'")
        if field.options
        else asking
    )


def usable(fields: tuple[Field, ...]) -> list[Field]:
    return [field for field in fields if not field.encrypted]


def run(connection: Any, case: Checked, root: str, source: str, alias: str) -> None:
    for mode in ("correlated", "joined"):
        compiled = compile_sql(case, alias={root: alias}, mode=mode, zone=ZONE)  # type: ignore[arg-type]
        due = next_change_sql(case, alias={root: alias}, zone=ZONE)
        joins = " ".join(compiled.joins)
        connection.execute(
            f"select {due.sql} from {source} {joins} where {compiled.sql}", PARAMS | compiled.params | due.params
        )


def texts(catalog: Catalog, entity: Entity) -> list[str]:
    found = [asked(field, f"{entity.name}.") for field in usable(entity.fields)]
    for relation in catalog.relations.values():
        if relation.from_entity == entity.name:
            window = "in last 90 days " if relation.time_field else ""
            found.append(f"count({relation.name} {window}) >= 2")
            found += [f"exists({relation.name} {window}where {asked(field)})" for field in usable(relation.fields)]
            found += [f"count({relation.name}.{field.name} {window}) > 3" for field in usable(relation.fields)]
    for membership in catalog.memberships.values():
        value = "0190a000-0000-7000-8000-00000000000a" if membership.column_type == "uuid" else "x"
        if membership.from_entity == entity.name:
            found.append(f"not {membership.function}('{value}')")
    return found


def test_entities_and_their_related_sets(module_database: Database, catalog: Catalog) -> None:
    with module_database.connect() as connection:
        for entity in catalog.entities.values():
            scope = catalog.scope(**{entity.name: entity.name})
            for text in texts(catalog, entity):
                run(connection, check(text, scope), entity.name, f"{entity.table} as x", "x")


def test_event_types(module_database: Database, catalog: Catalog) -> None:
    with module_database.connect() as connection:
        for event_type in catalog.event_types.values():
            scope = catalog.scope(event=event_type.name)
            for field in usable(event_type.fields):
                run(
                    connection,
                    check(asked(field, "event."), scope),
                    "event",
                    "(select %(payload)s::jsonb as payload) as x",
                    "x.payload",
                )


def test_the_story_of_the_first_light(module_database: Database, catalog: Catalog) -> None:
    text = "count(purchases where category = '奶粉' and paid_at >= now() - 90 days) >= 2 and days_since(last(orders.paid_at)) > 30"
    with module_database.connect() as connection:
        run(connection, check(text, catalog.scope(customer="customer")), "customer", "customer_view as x", "x")
