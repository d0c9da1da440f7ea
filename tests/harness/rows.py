"""One made-up row per table and tenant, so that walls can be tested on every table there is, also those of rooms not yet built."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, LiteralString, cast
from uuid import UUID

import psycopg
from psycopg import sql

APPLICATION_ROLES = ("tandem_web", "tandem_worker", "tandem_door")
#: Tables without a tenant, and why that is right.
GLOBAL_TABLES = {
    "bucket_lease": "the 256 buckets are shared by all tenants and hold no data",
    "worker_presence": "which worker processes live",
    "worker_report": "what worker processes count of themselves: turns, rows, seconds; no tenant is named",
    "login_attempt": "counted before any tenant is known; keys are hashes",
    "alembic_version": "the schema's own version",
}


@dataclass(frozen=True)
class Table:
    """A table that holds a tenant's rows; `key` names the tenant, `plain` are the columns that are not generated."""

    name: str
    key: str
    columns: tuple[str, ...]
    plain: tuple[str, ...]


def tables(connection: psycopg.Connection[Any]) -> list[Table]:
    """Every table of the schema but partitions, read from the catalogue and not from our own models."""
    found = connection.execute(
        """
        select c.relname, array_agg(a.attname::text order by a.attnum),
               array_agg(a.attname::text order by a.attnum) filter (where a.attgenerated = '' and a.attidentity = '')
        from pg_class c join pg_namespace n on n.oid = c.relnamespace
        join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
        where n.nspname = 'public' and c.relkind in ('r', 'p') and not c.relispartition
        group by c.relname order by c.relname
        """
    ).fetchall()
    return [
        Table(name, "id" if name == "tenant" else "tenant_id", tuple(columns), tuple(plain))
        for name, columns, plain in found
        if "tenant_id" in columns or name == "tenant"
    ]


def loosen(owner: psycopg.Connection[Any]) -> None:
    """Drop checks and references in this throw-away database: the rows made up here are about walls, not about sense."""
    rows = owner.execute(
        """
        select format('alter table %I drop constraint %I', c.relname, k.conname)
        from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace
        where n.nspname = 'public' and k.contype in ('c', 'f') and not c.relispartition and k.conparentid = 0
        order by k.contype desc
        """
    ).fetchall()
    for (statement,) in rows:
        owner.execute(cast("LiteralString", statement))


def make_row(owner: psycopg.Connection[Any], table: Table, tenant: UUID, **given: Any) -> None:
    """Insert a row of the tenant with something in every column that must have something; `given` values win."""
    needed = owner.execute(
        """
        select a.attname::text, format_type(a.atttypid, null)
        from pg_attribute a join pg_class c on c.oid = a.attrelid
        left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
        where c.relname = %s and a.attnum > 0 and not a.attisdropped and a.attgenerated = '' and a.attidentity = ''
          and (a.attnotnull or a.attname = any(%s))
        """,
        (table.name, list(given)),
    ).fetchall()
    values = {name: sql.Literal(given[name]) if name in given else sql.SQL(_value(kind)) for name, kind in needed}
    values[table.key] = sql.Literal(tenant)
    owner.execute(
        sql.SQL("insert into {} ({}) values ({}) on conflict do nothing").format(
            sql.Identifier(table.name),
            sql.SQL(", ").join(map(sql.Identifier, values)),
            sql.SQL(", ").join(values.values()),
        )
    )


def _value(kind: str) -> LiteralString:
    made: dict[str, LiteralString] = {
        "uuid": "gen_random_uuid()",
        "text": "md5(random()::text)",
        "character varying": "md5(random()::text)",
        "smallint": "1",
        "integer": "(random() * 1000000)::int",
        "bigint": "(random() * 1000000)::int",
        "numeric": "1",
        "real": "1",
        "double precision": "1",
        "boolean": "false",
        "jsonb": "'{}'",
        "bytea": "decode(md5(random()::text), 'hex')",
        "date": "current_date",
        "interval": "interval '0'",
        "timestamp with time zone": "now()",
        "time without time zone": "localtime",
    }
    return "'{}'" if kind.endswith("[]") else made[kind]
