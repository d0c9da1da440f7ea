"""Can the schema be spread over several database machines: bucket first, keys of their own, no reference between customers?

The rules are ARCHITECTURE's "what that asks of the schema from day one": rows of customers and other subjects live in their bucket, what
must be unique across them lives in key tables, everything else is configuration that every machine holds.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import ForeignKeyConstraint, Identity, MetaData, Sequence, Table, UniqueConstraint

from harness.database import WATCHES, Database
from tandem.assembly import load_tables
from tandem.kernel.schema import Base, info_of

load_tables()

SPREAD = frozenset({"customer", "subject"})
TABLES = Base.metadata.sorted_tables
#: Numbers from a sequence, and why order between customers does not hang on them.
NUMBERED = {
    "customer_merge.seq": "merges of one pair's chain, each written under the locks of both buckets",
    "flow_stretch.id": "a short name for a stretch; nothing is ordered by it",
}


def kind(table: Table) -> str:
    return info_of(table)["kind"]


def uniques(table: Table) -> list[list[str]]:
    """The columns of the primary key and of every unique constraint and index."""
    found = [[column.name for column in table.primary_key.columns]]
    found += [[c.name for c in one.columns] for one in table.constraints if isinstance(one, UniqueConstraint)]
    found += [[c.name for c in one.columns] for one in table.indexes if one.unique]
    return found


def without_bucket(tables: Iterable[Table]) -> list[str]:
    return [
        f"{table.name}: {columns}"
        for table in tables
        if kind(table) in SPREAD
        for columns in uniques(table)
        if columns[:1] != ["bucket"]
    ]


def test_whatever_is_unique_in_a_customers_rows_is_so_within_a_bucket() -> None:
    assert without_bucket(TABLES) == []


def test_every_table_but_the_global_ones_carries_its_tenant() -> None:
    bare = [table.name for table in TABLES if kind(table) != "global" and "tenant_id" not in table.columns]
    assert bare == ["tenant"]


def test_key_tables_are_spread_by_a_key_of_their_own() -> None:
    wrong = [
        f"{table.name}: {columns}"
        for table in TABLES
        if kind(table) == "key"
        for columns in uniques(table)
        if columns[:1] != ["tenant_id"] or columns == ["tenant_id"]
    ]
    assert wrong == []


def test_customer_owned_rows_say_whose_they_are_and_were() -> None:
    wrong = [
        table.name
        for table in TABLES
        if kind(table) == "customer"
        and table.name != "customer"
        and not {"customer_id", "origin_id"} <= set(table.columns.keys())
    ]
    assert wrong == []


def test_no_row_of_a_bucket_refers_to_another_by_foreign_key() -> None:
    wrong = [
        f"{table.name} -> {key.referred_table.name}"
        for table in TABLES
        for key in table.constraints
        if isinstance(key, ForeignKeyConstraint) and SPREAD & {kind(table), kind(key.referred_table)}
    ]
    assert wrong == []


def test_order_is_never_taken_from_a_sequence() -> None:
    counted = [
        f"{table.name}.{column.name}"
        for table in TABLES
        for column in table.columns
        if isinstance(column.server_default, Identity) or isinstance(column.default, Sequence)
    ]
    assert sorted(counted) == sorted(NUMBERED)


def test_the_database_itself_holds_no_sequence_and_no_trigger_with_business_logic(module_database: Database) -> None:
    with module_database.connect() as owner:
        sequences = owner.execute(
            "select relname from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.relkind = 'S' and n.nspname = 'public'"
        ).fetchall()
        triggers = owner.execute("select tgname from pg_trigger where not tgisinternal order by 1").fetchall()
    assert len(sequences) == len(NUMBERED)
    assert [name for (name,) in triggers] == list(WATCHES), "those that the tests themselves put there"


def test_the_rule_catches_a_table_that_breaks_it() -> None:
    from sqlalchemy import Column, Integer

    wrong = Table(
        "stray",
        MetaData(),
        Column("id", Integer(), primary_key=True),
        Column("bucket", Integer()),
        info={"kind": "customer"},
    )
    assert without_bucket([wrong]) == ["stray: ['id']"]
