"""Tenants and data scopes on raw connections: what a forgotten WHERE could do with each database role, for every table."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import sql

from harness.database import Database
from harness.rows import APPLICATION_ROLES, GLOBAL_TABLES, Table, loosen, make_row, tables
from tandem.assembly import load_tables
from tandem.kernel.db import Scope, begin
from tandem.kernel.ids import bucket_of
from tandem.kernel.schema import Base, info_of
from tandem.kernel.settings import checkout

ROLES = ("web", "worker", "door")


@pytest.fixture(scope="module")
def walls(module_database: Database) -> tuple[Database, UUID, UUID, list[Table]]:
    """A database in which each of two tenants has a row in every table."""
    mine, theirs = uuid4(), uuid4()
    with module_database.connect() as owner:
        found = tables(owner)
        loosen(owner)
        for tenant in (mine, theirs):
            for table in found:
                # An event belongs to a customer or a subject; its key is made from whichever is there.
                given = {"customer_id": uuid4()} if "customer_id" in table.columns else {}
                make_row(owner, table, tenant, **given)
        owner.commit()
        for table in found:
            for tenant in (mine, theirs):
                count = owner.execute(_count(table), {"tenant": tenant}).fetchone()
                assert count == (1,), f"{table.name} has no row to try with"
    return module_database, mine, theirs, found


def _count(table: Table) -> sql.Composed:
    return sql.SQL("select count(*) from {} where {} = %(tenant)s").format(
        sql.Identifier(table.name), sql.Identifier(table.key)
    )


@contextmanager
def _as(database: Database, role: str, tenant: UUID | None) -> Iterator[psycopg.Connection[Any]]:
    with database.connect(role) as connection:  # pyright: ignore[reportArgumentType]
        if tenant is not None:
            begin(connection, tenant=tenant)
        yield connection
        connection.rollback()


def _tried(connection: psycopg.Connection[Any], statement: sql.Composed, params: dict[str, Any]) -> int | str:
    """How many rows a statement reached, or the SQLSTATE with which it was refused."""
    try:
        with connection.transaction(force_rollback=True):
            cursor = connection.execute(statement, params)
            return cursor.fetchone()[0] if cursor.description else cursor.rowcount  # pyright: ignore[reportOptionalSubscript]
    except psycopg.Error as error:
        return error.sqlstate or "refused"


REFUSED = "42501"


@pytest.mark.parametrize("role", ROLES)
def test_no_role_reads_changes_or_deletes_another_tenants_row(walls: tuple[Any, ...], role: str) -> None:
    database, mine, theirs, found = walls
    with _as(database, role, mine) as connection:
        for table in found:
            name, key = sql.Identifier(table.name), sql.Identifier(table.key)
            everything = sql.SQL("select count(*) from {} where {} <> %(mine)s").format(name, key)
            assert _tried(connection, _count(table), {"tenant": theirs}) in {0, REFUSED}, table.name
            assert _tried(connection, everything, {"mine": mine}) in {0, REFUSED}, table.name
            for column in table.plain:
                update = sql.SQL("update {} set {c} = {c} where {} = %(t)s").format(name, key, c=sql.Identifier(column))
                assert _tried(connection, update, {"t": theirs}) in {0, REFUSED}, (table.name, column)
            delete = sql.SQL("delete from {} where {} = %(t)s").format(name, key)
            assert _tried(connection, delete, {"t": theirs}) in {0, REFUSED}, table.name


@pytest.mark.parametrize("role", ROLES)
def test_no_role_writes_a_row_for_another_tenant(walls: tuple[Any, ...], role: str) -> None:
    database, mine, theirs, found = walls
    with _as(database, role, mine) as connection:
        for table in found:
            name, key = sql.Identifier(table.name), sql.Identifier(table.key)
            give_away = sql.SQL("update {} set {k} = %(theirs)s where {k} = %(mine)s").format(name, k=key)
            assert _tried(connection, give_away, {"mine": mine, "theirs": theirs}) in {0, REFUSED, "42P17"}, table.name
            copied = [sql.SQL("%(theirs)s::uuid") if one == table.key else sql.Identifier(one) for one in table.plain]
            plant = sql.SQL("insert into {} ({}) select {} from {} where {} = %(mine)s").format(
                name, sql.SQL(", ").join(map(sql.Identifier, table.plain)), sql.SQL(", ").join(copied), name, key
            )
            assert _tried(connection, plant, {"mine": mine, "theirs": theirs}) in {0, REFUSED}, table.name


@pytest.mark.parametrize("role", ROLES)
def test_without_a_tenant_nothing_is_there(walls: tuple[Any, ...], role: str) -> None:
    database, _mine, _theirs, found = walls
    with _as(database, role, None) as connection:
        for table in found:
            count = sql.SQL("select count(*) from {}").format(sql.Identifier(table.name))
            assert _tried(connection, count, {}) in {0, REFUSED}, table.name


@pytest.mark.parametrize("role", ROLES)
def test_ones_own_rows_are_there(walls: tuple[Any, ...], role: str) -> None:
    """The walls would also hold if nothing worked at all."""
    database, mine, _theirs, found = walls
    with _as(database, role, mine) as connection:
        seen = [table.name for table in found if _tried(connection, _count(table), {"tenant": mine}) == 1]
    assert len(seen) > len(found) * 2 // 3, {one.name for one in found} - set(seen)


def test_every_tenant_table_has_forced_policies_for_every_role(module_database: Database) -> None:
    with module_database.connect() as owner:
        rows = owner.execute(
            """
            select c.relname, c.relrowsecurity, c.relforcerowsecurity,
                   coalesce((select array_agg(distinct r.rolname::text) from pg_policy p, unnest(p.polroles) role(id)
                             join pg_roles r on r.oid = role.id where p.polrelid = c.oid), '{}'),
                   (select count(*) from pg_policy p where p.polrelid = c.oid and p.polroles = '{0}')
            from pg_class c join pg_namespace n on n.oid = c.relnamespace
            where n.nspname = 'public' and c.relkind in ('r', 'p') and not c.relispartition
            """
        ).fetchall()
        walled = {table.name for table in tables(owner)}
    assert {row[0] for row in rows} - walled <= set(GLOBAL_TABLES)
    for name, enabled, forced, roles, for_public in rows:
        if name in walled:
            assert (enabled, forced, for_public) == (True, True, 0), name
            assert set(APPLICATION_ROLES) <= set(roles), name


def test_application_roles_are_nobody_special(module_database: Database) -> None:
    with module_database.connect() as owner:
        rows = owner.execute(
            """
            select r.rolname::text, r.rolsuper or r.rolbypassrls or r.rolcreaterole or r.rolcreatedb or r.rolreplication,
                   (select count(*) from pg_class c where c.relowner = r.oid),
                   (select count(*) from pg_proc p where p.proowner = r.oid),
                   (select count(*) from pg_auth_members m where m.member = r.oid),
                   has_schema_privilege(r.oid, 'public', 'create')
            from pg_roles r where r.rolname = any(%s)
            """,
            (list(APPLICATION_ROLES),),
        ).fetchall()
    assert sorted(row[0] for row in rows) == sorted(APPLICATION_ROLES)
    for row in rows:
        assert row[1:] == (False, 0, 0, 0, False), row


def test_no_role_has_rights_on_a_partition(module_database: Database) -> None:
    with module_database.connect() as owner:
        rows = owner.execute(
            """
            select c.relname::text, role.name from pg_class c cross join unnest(%s::text[]) role(name)
            where c.relispartition and c.relkind = 'r'
              and has_table_privilege(role.name, c.oid, 'select, insert, update, delete, truncate, references, trigger')
            """,
            (list(APPLICATION_ROLES),),
        ).fetchall()
        partitions = owner.execute("select count(*) from pg_class where relispartition and relkind = 'r'").fetchone()
    assert partitions is not None
    assert partitions[0] > 0
    assert rows == []


def test_nobody_truncates_references_or_sets_triggers(module_database: Database) -> None:
    with module_database.connect() as owner:
        rows = owner.execute(
            """
            select c.relname::text, role.name from pg_class c join pg_namespace n on n.oid = c.relnamespace
            cross join unnest(%s::text[]) role(name)
            where n.nspname = 'public' and c.relkind in ('r', 'p')
              and has_table_privilege(role.name, c.oid, 'truncate, references, trigger')
            """,
            (list(APPLICATION_ROLES),),
        ).fetchall()
    assert rows == []


def test_views_ask_with_the_rights_of_whoever_reads_them(module_database: Database) -> None:
    with module_database.connect() as owner:
        rows = owner.execute(
            """
            select c.relname::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
            where n.nspname = 'public' and c.relkind in ('v', 'm')
              and not coalesce('security_invoker=true' = any(c.reloptions), false)
            """
        ).fetchall()
    assert rows == []


#: Functions that run with the owner's rights. Each is reviewed: what it takes, what it can give back (docs/security.md).
DEFINERS = {
    "tandem_begin": "sets the transaction's tenant and scope, gives back its clock",
    "tandem_make_partitions": "makes missing partitions of the tables that say so, nothing else",
    "tandem_drop_old_intake": "drops the oldest day of raw envelopes that is over, never yesterday's or later",
    "tandem_longest_kept": "for how many days any tenant keeps one kind of records, a number",
    "tandem_empty_old_partition": "empties one partition that no tenant keeps any more; which, follows from the settings alone",
    "tandem_drop_expired_exports": "empties exported files past their time, whose they are does not matter",
    "tandem_take_job": "hands a worker one job",
    "access_login": "one account by its log-in name",
    "access_session": "one session by its token's hash",
    "access_key": "one API key by its hash",
    "access_grants": "called by the three above; nobody else may",
    "access_unit_stores": "called by access_grants; nobody else may",
    "directory_sign_ins": "the ways to sign in that a company offers, by its code",
    "rights_blank_trail": "takes an erased person's values out of audit entries, nothing else",
    "trial_open": "makes a tenant marked as the trial of an existing company that filed it, nothing else",
    "trial_remove": "takes away a tenant marked as that company's trial, once it is being emptied",
    "trial_analyze": "refreshes statistics of tables, reads and changes no row",
    "flow_ready_beside": "the same for a worker that names how far its claims came",
    "flow_ready": "ids of tenants with due work, which lanes and buckets, and when, for workers",
}


def test_functions_with_the_owners_rights_are_known_pinned_and_not_public(module_database: Database) -> None:
    """A function that tells workers which tenants have work shows ids only and needs no line above."""
    with module_database.connect() as owner:
        rows = owner.execute(
            """
            select p.proname::text, pg_get_userbyid(p.proowner)::text, coalesce(p.proconfig::text, ''), r.rolsuper,
                   has_function_privilege('public', p.oid, 'execute'),
                   pg_get_function_result(p.oid) in ('TABLE(tenant_id uuid)', 'TABLE(id uuid)', 'SETOF uuid')
                     and not has_function_privilege('tandem_web', p.oid, 'execute')
            from pg_proc p join pg_namespace n on n.oid = p.pronamespace join pg_roles r on r.oid = p.proowner
            where n.nspname = 'public' and p.prosecdef
            """
        ).fetchall()
    for name, proprietor, config, superuser, public, only_tenants in rows:
        assert name in DEFINERS or only_tenants, f"{name} needs a review and a line in DEFINERS"
        assert "search_path" in config, name
        assert (proprietor, superuser) == ("tandem_owner", False), name
        assert not public or name == "tandem_begin", name


def test_each_of_them_is_in_the_documentation() -> None:
    text = (checkout() / "docs" / "security.md").read_text(encoding="utf-8")
    assert [name for name in (*DEFINERS, *GLOBAL_TABLES) if name != "alembic_version" and f"`{name}`" not in text] == []


def test_the_trail_can_be_written_but_not_rewritten(walls: tuple[Any, ...]) -> None:
    database, mine, _theirs, _found = walls
    for role in ROLES:
        with _as(database, role, mine) as connection:
            for statement in ("update audit_entry set action = 'x'", "delete from audit_entry", "truncate audit_entry"):
                assert _tried(connection, sql.SQL(statement).format(), {}) == REFUSED, (role, statement)


# ----------------------------------------------------------------------------------------------------------- scopes

load_tables()
OWNED = sorted(
    name for name, table in Base.metadata.tables.items() if info_of(table)["kind"] in {"customer", "subject"}
)


def _scope_of(name: str) -> str:
    return info_of(Base.metadata.tables[name]).get("scope", "opened")


@pytest.fixture(scope="module")
def shop(make_module_database: Database) -> dict[str, Any]:
    """One tenant whose tables each hold a row of shop 1's, shop 2's and an adviser's customer."""
    ids = {name: uuid4() for name in ("tenant", "store1", "store2", "adviser", "one", "two", "three")}
    with make_module_database.connect() as owner:
        found = {table.name: table for table in tables(owner)}
        loosen(owner)
        make_row(owner, found["tenant"], ids["tenant"])
        for name in OWNED:
            table = found[name]
            for customer, store, adviser in (
                ("one", "store1", None),
                ("two", "store2", None),
                ("three", "store2", "adviser"),
            ):
                given: dict[str, Any] = {
                    "customer_id": ids[customer],
                    "origin_id": ids[customer],
                    "bucket": bucket_of(ids[customer]),
                }
                if _scope_of(name) == "columns":
                    given |= {"store_id": ids[store], "owner_user_id": ids[adviser] if adviser else None}
                if name == "customer":
                    given["id"] = ids[customer]
                known = {key: value for key, value in given.items() if key in table.columns}
                make_row(owner, table, ids["tenant"], **known)
        owner.commit()
    return {"database": make_module_database, "found": found, **ids}


@pytest.fixture(scope="module")
def make_module_database(databases: Any) -> Iterator[Database]:
    made = databases.create()
    yield made
    databases.drop(made)


def _seen(
    shop: dict[str, Any], table: str, scope: Scope, *, user: UUID | None = None, opened: tuple[UUID, ...] = ()
) -> int:
    with shop["database"].connect("web") as connection:
        tx = begin(connection, tenant=shop["tenant"], user=user, scope=scope)
        if opened:
            tx.open_customers(opened)
        count = tx.value(sql.SQL("select count(*) from {}").format(sql.Identifier(table)).as_string(connection))
        connection.rollback()
    return count


@pytest.mark.parametrize("table", [name for name in OWNED if _scope_of(name) == "columns"])
def test_a_shop_sees_its_own_rows_and_an_adviser_theirs(shop: dict[str, Any], table: str) -> None:
    assert _seen(shop, table, Scope.all()) == 3
    assert _seen(shop, table, Scope("store", (shop["store1"],))) == 1
    assert _seen(shop, table, Scope("region", (shop["store1"], shop["store2"]))) == 3
    assert _seen(shop, table, Scope("own"), user=shop["adviser"]) == 1
    assert _seen(shop, table, Scope("own"), user=uuid4()) == 0
    assert _seen(shop, table, Scope("store", ())) == 0
    assert _seen(shop, table, Scope("no such scope", (shop["store1"],)), user=None) <= 1


@pytest.mark.parametrize("table", [name for name in OWNED if _scope_of(name) == "opened"])
def test_a_customers_rows_are_seen_by_whoever_sees_the_customer(shop: dict[str, Any], table: str) -> None:
    narrow = Scope("store", (shop["store1"],))
    assert _seen(shop, table, Scope.all()) == 3
    assert _seen(shop, table, narrow) == 1
    assert _seen(shop, table, Scope("region", (shop["store1"], shop["store2"]))) == 3
    assert _seen(shop, table, Scope("own"), user=shop["adviser"]) == 1
    assert _seen(shop, table, Scope("own"), user=uuid4()) == 0
    assert _seen(shop, table, Scope("store", ())) == 0
    # An order of this shop shows its lines, whosever customer bought.
    assert _seen(shop, table, narrow, opened=(shop["two"],)) == 2


@pytest.mark.parametrize("table", [name for name in OWNED if _scope_of(name) == "columns"])
def test_a_shop_can_neither_change_others_rows_nor_push_its_own_away(shop: dict[str, Any], table: str) -> None:
    with shop["database"].connect("web") as connection:
        begin(connection, tenant=shop["tenant"], scope=Scope("store", (shop["store1"],)))
        name = sql.Identifier(table)
        theirs = {"theirs": shop["store2"], "ours": shop["store1"]}
        take = sql.SQL("update {} set store_id = %(ours)s where store_id = %(theirs)s").format(name)
        assert _tried(connection, take, theirs) == 0
        push = sql.SQL("update {} set store_id = %(theirs)s where store_id = %(ours)s").format(name)
        assert _tried(connection, push, theirs) == REFUSED
        remove = sql.SQL("delete from {} where store_id = %(theirs)s").format(name)
        assert _tried(connection, remove, theirs) == 0
        connection.rollback()
