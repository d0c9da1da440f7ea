"""Moving a customer's rows to another customer's bucket and back, for every customer-owned table in the metadata.

A row is copied and deleted, never updated in its bucket (ENGINE_RULES 10). `origin_id` stays, which is what an undo divides by. A row that
finds no place beside the survivor's own under the same key is set aside in `displaced_row` and put back when there is room again.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from psycopg import sql
from sqlalchemy import Table

from tandem.kernel.db import Tx, identifier
from tandem.kernel.ids import bucket_of
from tandem.kernel.schema import Base, info_of

#: The row itself never moves; its rows elsewhere do.
_STAYS: Final = frozenset({"customer"})
_FIXED: Final = {
    "bucket": "%(to_bucket)s::smallint",
    "customer_id": "%(to_customer)s::uuid",
    "owner_id": "%(to_customer)s::uuid",
}


@dataclass(frozen=True, slots=True)
class Move:
    """Rows of `source` go to `target`; with `origins` only those that were created for one of these."""

    source: UUID
    target: UUID
    origins: tuple[UUID, ...] | None = None

    def params(self, tx: Tx, **more: object) -> dict[str, Any]:
        """What the statements of this room bind."""
        return {
            "tenant": tx.tenant_id,
            "buckets": sorted({bucket_of(self.source), bucket_of(self.target)}),
            "from_bucket": bucket_of(self.source),
            "to_bucket": bucket_of(self.target),
            "from_customer": self.source,
            "to_customer": self.target,
            "origins": None if self.origins is None else list(self.origins),
            **more,
        }


def owned_tables() -> list[Table]:
    """Every table whose rows follow a customer, in a fixed order."""
    return [
        table
        for table in Base.metadata.sorted_tables
        if info_of(table)["kind"] in {"customer", "subject"}
        and "customer_id" in table.columns
        and table.name not in _STAYS
    ]


def is_derived(table: Table) -> bool:
    """Whether its rows are recomputed rather than moved."""
    return info_of(table).get("merge", {}).get("how") == "derived"


def rows_of(tx: Tx, move: Move, most: int) -> dict[str, int]:
    """How many rows would move, by table, each counted no further than a little past `most`; tables without any are missing."""
    return {name: n for name, n in tx.cursor(_census_sql(), move.params(tx, most=most + 1), prepare=True) if n}


def move_rows(tx: Tx, move: Move, limit: int) -> int:
    """Move at most `limit` rows; a full answer means that more may be left."""
    moved = 0
    waiting = rows_of(tx, move, limit)
    for table in owned_tables():
        if table.name in waiting and moved < limit:
            moved += tx.value(_move_sql(table), move.params(tx, limit=limit - moved))
    return moved


def drop_derived(tx: Tx, customer: UUID) -> None:
    """Remove what can be recomputed of a customer who is no longer alive."""
    for table in owned_tables():
        if is_derived(table):
            tx.execute(
                f"delete from {identifier(table.name)} where bucket = %(bucket)s and tenant_id = %(tenant)s and customer_id = %(customer)s",
                {"tenant": tx.tenant_id, "bucket": bucket_of(customer), "customer": customer},
            )


def resurface(tx: Tx, customer: UUID) -> int:
    """Put displaced rows of this customer back where there is room for them now; returns how many."""
    params = {"tenant": tx.tenant_id, "bucket": bucket_of(customer), "customer": customer}
    names = tx.values(
        "select distinct table_name from displaced_row where bucket = %(bucket)s and tenant_id = %(tenant)s and customer_id = %(customer)s",
        params,
    )
    known = {table.name: table for table in owned_tables()}
    return sum(tx.execute(_resurface_sql(known[name]), params) for name in sorted(names) if name in known)


def check_again(tx: Tx, survivor: UUID) -> None:
    """Set rows back that were checked for one of the two alone: pending messages, whose caps are now added up."""
    for table in owned_tables():
        rule = info_of(table).get("merge", {}).get("reset")
        if rule is not None:
            tx.execute(
                _reset_sql(table, rule), {"tenant": tx.tenant_id, "bucket": bucket_of(survivor), "customer": survivor}
            )


def _columns(table: Table) -> list[str]:
    return [column.name for column in table.columns if column.computed is None]


def _key(table: Table) -> list[str]:
    return [column.name for column in table.primary_key.columns]


def _mine(alias: str) -> str:
    return (
        f"{alias}.bucket = %(from_bucket)s and {alias}.bucket = any(%(buckets)s::smallint[]) and {alias}.tenant_id = %(tenant)s "
        f"and {alias}.customer_id = %(from_customer)s "
        f"and (%(origins)s::uuid[] is null or coalesce({alias}.origin_id, {alias}.customer_id) = any(%(origins)s::uuid[]))"
    )


@lru_cache(maxsize=1)
def _census_sql() -> str:
    """One statement over all tables, planned once per connection: most customers have rows in few of them."""
    return " union all ".join(
        f"select {sql.Literal(table.name).as_string(None)}, (select count(*) from "
        f"(select 1 from {identifier(table.name)} as t where {_mine('t')} limit %(most)s) as counted)"
        for table in owned_tables()
        if not is_derived(table)
    )


@lru_cache(maxsize=256)
def _move_sql(table: Table) -> str:
    name = identifier(table.name)
    columns = _columns(table)
    moved = ", ".join(_moved(column) for column in columns)
    listed = ", ".join(identifier(column) for column in columns)
    key = _key(table)
    same = (
        " and ".join(f"p.{identifier(column)} = g.{identifier(column)}" for column in key if column not in _FIXED)
        or "true"
    )
    returned = ", ".join(identifier(column) for column in key)
    # One statement per table: what leaves, what arrives, what has no place. A unique rule of any kind sets the newcomer aside.
    return f"""
    with gone as (
      delete from {name} as t where {_mine("t")}
        and (t.tableoid, t.ctid) in (select s.tableoid, s.ctid from {name} as s where {_mine("s")} limit %(limit)s)
      returning t.*
    ), put as (
      insert into {name} ({listed}) select {moved} from gone as g
      on conflict do nothing returning {returned}
    ), aside as (
      insert into displaced_row (bucket, tenant_id, customer_id, origin_id, table_name, row)
      select %(to_bucket)s, g.tenant_id, %(to_customer)s, coalesce(g.origin_id, %(from_customer)s::uuid), {sql.Literal(table.name).as_string(None)},
             to_jsonb(g)
      from gone as g where not exists (select 1 from put as p where {same})
    )
    select count(*) from gone
    """


def _moved(column: str) -> str:
    if column in _FIXED:
        return _FIXED[column]
    if column == "origin_id":
        return "coalesce(g.origin_id, %(from_customer)s::uuid)"
    return f"g.{identifier(column)}"


@lru_cache(maxsize=256)
def _resurface_sql(table: Table) -> str:
    name = identifier(table.name)
    columns = _columns(table)
    listed = ", ".join(identifier(column) for column in columns)
    values = ", ".join(f"(d.r).{identifier(column)}" for column in columns)
    key = [column for column in _key(table) if column not in _FIXED]
    distinct = ", ".join(f"(r).{identifier(column)}" for column in key) or "true"
    same = " and ".join(f"(d.r).{identifier(column)} = p.{identifier(column)}" for column in key) or "true"
    returned = ", ".join(identifier(column) for column in _key(table))
    # The customer's own row comes before those of people merged into her, older ones before younger.
    return f"""
    with waiting as (
      select w.id, w.origin_id = %(customer)s as own,
             jsonb_populate_record(null::{name}, w.row || jsonb_build_object('bucket', %(bucket)s::int, 'customer_id', %(customer)s::uuid)) as r
      from displaced_row as w
      where w.bucket = %(bucket)s and w.tenant_id = %(tenant)s and w.customer_id = %(customer)s
        and w.table_name = {sql.Literal(table.name).as_string(None)}
    ), d as (
      select distinct on ({distinct}) id, r from waiting order by {distinct}, own desc, id
    ), put as (
      insert into {name} ({listed}) select {values} from d on conflict do nothing returning {returned}
    )
    delete from displaced_row as w using d, put as p
    where w.bucket = %(bucket)s and w.tenant_id = %(tenant)s and w.customer_id = %(customer)s and w.id = d.id and {same}
    """


def _reset_sql(table: Table, rule: dict[str, Any]) -> str:
    return f"""
    update {identifier(table.name)} as t set {_assignments(rule["to"])}
    where t.bucket = %(bucket)s and t.tenant_id = %(tenant)s and t.customer_id = %(customer)s and {_conditions("t", rule["when"])}
    """


def _assignments(values: dict[str, Any]) -> str:
    return ", ".join(f"{identifier(column)} = {sql.Literal(value).as_string(None)}" for column, value in values.items())


def _conditions(alias: str, when: dict[str, list[Any]]) -> str:
    return " and ".join(
        f"{alias}.{identifier(column)} in ({', '.join(sql.Literal(value).as_string(None) for value in values)})"
        for column, values in when.items()
    )
