"""The database's own guards: roles, row-level security, grants and partitions, derived from the tables' `info`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, LiteralString, cast

import psycopg
from psycopg import sql
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable

from tandem.kernel.ids import BUCKETS
from tandem.kernel.partitions import partition_function
from tandem.kernel.schema import Base, TableInfo, info_of, partition_bounds
from tandem.kernel.settings import LOGIN_ROLES, role_password

OWNER = "tandem_owner"
WEB = "tandem_web"
WORKER = "tandem_worker"
DOOR = "tandem_door"
APPLICATION_ROLES = (WEB, WORKER, DOOR)
ALL_RIGHTS = "select, insert, update, delete"

# Sub-selects make each setting one InitPlan of the statement instead of a call per row.
_TENANT = "tenant_id = (select nullif(current_setting('tandem.tenant_id', true), '')::uuid)"
_SCOPE_ALL = "(select current_setting('tandem.scope', true)) = 'all'"
_OPENED = "customer_id = any ((select coalesce(nullif(current_setting('tandem.customer_ids', true), ''), '{}')::uuid[])::uuid[])"
_STORES = (
    "store_id = any ((select coalesce(nullif(current_setting('tandem.store_ids', true), ''), '{}')::uuid[])::uuid[])"
)
_OWN = "owner_user_id = (select nullif(current_setting('tandem.user_id', true), '')::uuid)"
# Her own row says whether a customer is in scope. The planner asks it by key for a few rows and hashes the customers in scope once for
# many; the two conditions repeat the policy of `customer` (which holds here as well) so that its indexes can be used.
_IN_SCOPE = (
    "exists (select from customer as scoped where scoped.bucket = $table.bucket and scoped.id = $table.customer_id"
    f" and scoped.{_TENANT} and (scoped.{_STORES} or scoped.{_OWN}))"
)


def _scoped(table: str, scope: str, also: str | None) -> str:
    """The rule of a table for the web, where people may see less than their tenant."""
    if scope == "tenant":
        return _TENANT
    if scope == "columns":
        return f"{_TENANT} and ({_SCOPE_ALL} or {_STORES} or {_OWN})"
    in_scope = _IN_SCOPE.replace("$table", table)
    beside = "" if also is None else f" or ({also.replace('$table', table)})"
    return f"{_TENANT} and ({_SCOPE_ALL} or {_OPENED} or {in_scope}{beside})"


FUNCTIONS = (
    """
create or replace function tandem_bucket(id uuid) returns smallint
language sql immutable parallel safe strict as $$ select get_byte(uuid_send(id), 15)::smallint $$
""",
    """
create or replace function tandem_begin(tenant uuid, staff uuid, scope text, stores uuid[])
returns table (business_now timestamptz, machine_now timestamptz, zone text, currency text)
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  perform set_config('tandem.tenant_id', coalesce(tenant::text, ''), true);
  perform set_config('tandem.user_id', coalesce(staff::text, ''), true);
  perform set_config('tandem.scope', scope, true);
  perform set_config('tandem.store_ids', coalesce(stores::text, ''), true);
  perform set_config('tandem.customer_ids', '', true);
  return query select now() + t.clock_offset, now(), t.zone, t.currency from tenant t where t.id = tenant;
end $$
""",
)
_UUID_NATIVE = """
create or replace function tandem_new_id() returns uuid language sql volatile parallel safe as $$ select uuidv7() $$
"""
# PostgreSQL 16 and 17 have no uuidv7(): the first 48 bits of a random UUID become the milliseconds, the next 16 the version and what part
# of the millisecond has passed, as in 18. Ids made one after the other are in order then, and no two take the same time.
_UUID_BUILT = """
create or replace function tandem_new_id() returns uuid language sql volatile parallel safe as $$
  select encode(overlay(overlay(uuid_send(gen_random_uuid())
    placing substring(int8send(t.us / 1000) from 3) from 1 for 6)
    placing int2send((28672 + mod(t.us, 1000) * 4096 / 1000)::smallint) from 7 for 2), 'hex')::uuid
  from (select (extract(epoch from clock_timestamp()) * 1000000)::bigint as us) as t
$$
"""
UUIDV7_SINCE = 180000


def create_all(connection: psycopg.Connection[Any], master_key: bytes | None = None) -> None:
    """Bring a database from anything to the current tables, policies and grants. Safe to repeat.

    `connection` must be allowed to create roles and tables; it is left in the transaction state it came in (autocommit or not).
    With `master_key` the application roles may log in, each with its derived password.
    """
    ensure_roles(connection, master_key)
    with connection.transaction():
        for statement in statements(connection.info.server_version):
            connection.execute(_trusted(statement))
        ensure_partitions(connection)
        grant(connection)


def statements(server_version: int) -> Iterator[str]:
    """The DDL of tables, indexes and functions, in order, run as the owner."""
    dialect = postgresql.dialect()
    yield f"grant create, usage on schema public to {OWNER}"
    yield "select pg_advisory_xact_lock(hashtext('tandem.schema'))"
    yield f"set local role {OWNER}"
    # Functions first: columns may default to them.
    yield _UUID_NATIVE if server_version >= UUIDV7_SINCE else _UUID_BUILT
    yield from FUNCTIONS
    for table in Base.metadata.sorted_tables:
        partition = info_of(table).get("partition")
        if partition is not None:
            table.dialect_options["postgresql"]["partition_by"] = f"range ({partition['by']})"
        yield str(CreateTable(table, if_not_exists=True).compile(dialect=dialect))
        for index in sorted(table.indexes, key=lambda one: str(one.name)):
            yield str(CreateIndex(index, if_not_exists=True).compile(dialect=dialect))
    yield from partition_function()
    yield from extra_statements()
    yield f"insert into bucket_lease (bucket) select generate_series(0, {BUCKETS - 1}) on conflict do nothing"
    for table in Base.metadata.sorted_tables:
        yield from policies(table.name, info_of(table))


_EXTRA: list[str] = []


def register_sql(statement: str) -> None:
    """Add a repeatable statement (`create or replace function ...`, views) of a room, run as owner after all tables exist.

    A security-definer function must set its search_path and apply tenant and scope itself; each is listed in docs/security.md.
    """
    if statement not in _EXTRA:
        _EXTRA.append(statement)


def extra_statements() -> tuple[str, ...]:
    """What rooms have registered, in order of registration."""
    return tuple(_EXTRA)


def policies(table: str, info: TableInfo) -> Iterator[str]:
    """Row-level security of one table: the tenant for every role, and the data scope for the web."""
    if info["kind"] == "global":
        return
    owned = info["kind"] in {"customer", "subject"}
    scope = info.get("scope", "opened" if owned else "tenant")
    yield f"alter table {table} enable row level security"
    yield f"alter table {table} force row level security"
    tenant = _TENANT.replace("tenant_id =", "id =") if table == "tenant" else _TENANT
    rules = {
        OWNER: "true",
        WORKER: tenant,
        DOOR: tenant,
        WEB: tenant if scope == "tenant" else _scoped(table, scope, info.get("also")),
    }
    for role, rule in rules.items():
        name = f"{table}_{role.removeprefix('tandem_')}"
        yield f"drop policy if exists {name} on {table}"
        yield f"create policy {name} on {table} to {role} using ({rule}) with check ({rule})"


def grant(connection: psycopg.Connection[Any]) -> None:
    """Give each role what its tables' info says, and nothing on partitions."""
    for role in APPLICATION_ROLES:
        connection.execute(_trusted(f"grant usage on schema public to {role}"))
        for table in Base.metadata.sorted_tables:
            rights = info_of(table).get("grants", {}).get(role, ALL_RIGHTS)
            connection.execute(_trusted(f"revoke all on {table.name} from {role}"))
            if rights:
                connection.execute(_trusted(f"grant {rights} on {table.name} to {role}"))
        connection.execute(_trusted(f"grant usage on all sequences in schema public to {role}"))


def ensure_partitions(connection: psycopg.Connection[Any], today: datetime | None = None) -> None:
    """Make the missing partitions of every partitioned table around `today` (default: now)."""
    day = (today or datetime.now(UTC)).date()
    for table in Base.metadata.sorted_tables:
        partition = info_of(table).get("partition")
        if partition is None:
            continue
        for suffix, start, end in partition_bounds(partition, day):
            connection.execute(
                _trusted(
                    f"create table if not exists {table.name}_p{suffix} partition of {table.name} "
                    f"for values from ('{start} 00:00:00+00') to ('{end} 00:00:00+00')",
                ),
            )


def ensure_roles(connection: psycopg.Connection[Any], master_key: bytes | None) -> None:
    """Make the four roles; with `master_key`, let the application roles log in by their derived passwords."""
    for role in (OWNER, *APPLICATION_ROLES):
        connection.execute(
            _trusted(
                f"do $$ begin create role {role} nologin; exception when duplicate_object or unique_violation then null; end $$",
            ),
        )
    connection.execute(_trusted(f"grant {OWNER} to current_user"))
    if master_key is None:
        return
    for role in LOGIN_ROLES:
        password = sql.Literal(role_password(role, master_key))
        connection.execute(
            sql.SQL("alter role {} login password {}").format(sql.Identifier(f"tandem_{role}"), password)
        )


def _trusted(text: str) -> LiteralString:
    # Built from the models' own names, never from outside data.
    return cast("LiteralString", text)
