"""Erasure: in one transaction that holds her buckets, through every table; what could not be seen then is swept in a second one."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from sqlalchemy import Table

from tandem.kernel.db import Tx
from tandem.kernel.ids import bucket_of, new_id
from tandem.kernel.roles import WORKER, register_sql
from tandem.kernel.turn import in_bucket
from tandem.stream.keys import tenant_keys
from tandem.stream.rights import hooks, raw, suppression
from tandem.stream.rights.person import Person, person
from tandem.stream.rights.rules import owned_tables, treatment
from tandem.stream.segment import departed

# The trail cannot be rewritten by any role; this takes a person's values out of her entries and can do nothing else.
register_sql("""
create or replace function rights_blank_trail(customers uuid[]) returns integer
language plpgsql volatile security definer set search_path = public, pg_temp as $$
declare
  changed integer;
begin
  update audit_entry a set before = null, after = '{"erased": true}'::jsonb
  where a.tenant_id = nullif(current_setting('tandem.tenant_id', true), '')::uuid and a.entity = 'customer'
    and a.entity_id = any (select c::text from unnest(customers) c) and (a.before is not null or a.after is not null);
  get diagnostics changed = row_count;
  return changed;
end $$
""")
register_sql("revoke all on function rights_blank_trail(uuid[]) from public")
register_sql(f"grant execute on function rights_blank_trail(uuid[]) to {WORKER}")

_OTHERS: Final = {
    "identifier": "delete from identifier where tenant_id = %(tenant)s and (customer_id = any(%(ids)s::uuid[]) or origin_id = any(%(ids)s::uuid[]))",
    "identity_portrait": "delete from identity_portrait where tenant_id = %(tenant)s and (customer_id = any(%(ids)s::uuid[]) or origin_id = any(%(ids)s::uuid[]))",
    "customer_merge": "delete from customer_merge where tenant_id = %(tenant)s and (survivor_id = any(%(ids)s::uuid[]) or loser_id = any(%(ids)s::uuid[]))",
    "merge_command": "delete from merge_command where tenant_id = %(tenant)s and (survivor_id = any(%(ids)s::uuid[]) or loser_id = any(%(ids)s::uuid[]))",
    "merge_review": "delete from merge_review where tenant_id = %(tenant)s and (a_id = any(%(ids)s::uuid[]) or b_id = any(%(ids)s::uuid[]))",
    "rights_file": """
delete from rights_file as f using rights_request as q
where f.tenant_id = %(tenant)s and q.tenant_id = %(tenant)s and q.id = f.request_id and q.customer_id = any(%(ids)s::uuid[])""",
    "entity_key": """
update entity_key set customer_id = null, origin_id = null
where tenant_id = %(tenant)s and (customer_id = any(%(ids)s::uuid[]) or origin_id = any(%(ids)s::uuid[]))""",
    "coupon_key": "update coupon_key set customer_id = %(nobody)s where tenant_id = %(tenant)s and customer_id = any(%(ids)s::uuid[])",
}
KEPT: Final = frozenset({"entity_key", "coupon_key"})


class Counts(dict[str, dict[str, int]]):
    """Rows by table: how many were `deleted`, how many were kept `unnamed`, how many entries `blanked`."""

    def add(self, table: str, what: str, rows: int) -> None:
        """Count rows; none leave no trace."""
        if rows:
            of = self.setdefault(table, {})
            of[what] = of.get(what, 0) + rows


def erase(tx: Tx, customer_id: UUID) -> tuple[Person, Counts]:
    """Erase a person in this transaction; returns who she was and what became of her rows. Raises NotFound."""
    who = person(tx, customer_id)
    turn = in_bucket(tx, *who.ids)
    counts = Counts()
    found = list(raw.copies(tx, tenant_keys(tx), who))
    hooks.before_erasure(turn, who.ids)
    departed.note(tx, who.ids)
    suppressed = suppression.suppress(tx, tenant_keys(tx), who.names)
    for table, rows in raw.drop(tx, found).items():
        counts.add(table, "deleted", rows)
    sweep(tx, who, counts)
    # Last, so that nothing above misses its owner: with the row goes the data key, and with that whatever copy is left anywhere.
    gone = tx.execute(
        "delete from customer where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s and id = any(%(ids)s::uuid[])",
        {"buckets": who.buckets, "tenant": tx.tenant_id, "ids": list(who.ids)},
    )
    counts.add("customer", "deleted", gone)
    counts.add("suppression", "added", suppressed)
    return who, counts


def sweep(tx: Tx, who: Person, counts: Counts) -> None:
    """Every table's rows of hers, by the table's own rule. May be repeated: what came in meanwhile goes too."""
    nobody = {bucket: _nobody(bucket) for bucket in who.buckets}
    params: dict[str, Any] = {"tenant": tx.tenant_id, "ids": list(who.ids), "nobody": nobody[bucket_of(who.root)]}
    for table in owned_tables():
        if treatment(table) == "delete":
            counts.add(table.name, "deleted", tx.execute(_delete_sql(table), {**params, "buckets": who.buckets}))
            continue
        for bucket, stand_in in nobody.items():
            bound = {**params, "bucket": bucket, "nobody": stand_in}
            counts.add(table.name, "unnamed", tx.execute(_unname_sql(table), bound))
    for name, statement in _OTHERS.items():
        counts.add(name, "unnamed" if name in KEPT else "deleted", tx.execute(statement, params))
    blanked = tx.value("select rights_blank_trail(%(ids)s::uuid[])", params)
    counts.add("audit_entry", "blanked", blanked)


def _delete_sql(table: Table) -> str:
    return (
        f"delete from {table.name} where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s"
        " and customer_id = any(%(ids)s::uuid[])"
    )


def _unname_sql(table: Table) -> str:
    """A row without the person: nobody where the column allows it, else an id that names nobody, in the same bucket."""
    column = table.columns["customer_id"]
    value = "null" if column.nullable else "%(nobody)s"
    origin = f", origin_id = {value}" if "origin_id" in table.columns else ""
    return (
        f"update {table.name} set customer_id = {value}{origin} where bucket = %(bucket)s and tenant_id = %(tenant)s"
        " and customer_id = any(%(ids)s::uuid[])"
    )


def _nobody(bucket: int) -> UUID:
    """A fresh id of a bucket: rows of one erasure stay together, and lead to nobody."""
    return UUID(bytes=new_id().bytes[:15] + bytes([bucket]))
