"""The log of deliveries is kept for thirty days, dead letters included."""

from typing import Final
from uuid import UUID

from tandem.kernel.db import Database
from tandem.kernel.ids import BUCKETS
from tandem.kernel.roles import register_sql
from tandem.kernel.rounds import Rounds

KEEP_DAYS: Final = 30
AT_ONCE: Final = 5000
SECONDS_BETWEEN: Final = 3600.0
_ROUNDS: Final = Rounds("webhooks.retention")

register_sql("""
create or replace function webhook_aged_tenants() returns table (tenant_id uuid)
language sql stable security definer set search_path = public, pg_temp as $$
  select t.id from tenant t where exists (select from webhook_delivery d where d.tenant_id = t.id and d.filed_at < now() - interval '30 days')
    or exists (select from webhook_attempt a where a.tenant_id = t.id and a.at < now() - interval '30 days')
$$
""")
register_sql("revoke all on function webhook_aged_tenants() from public")
register_sql("grant execute on function webhook_aged_tenants() to tandem_worker")

_DROP: Final = """
delete from {table} as d where d.bucket = any(%(buckets)s::smallint[]) and d.tenant_id = %(tenant)s and d.ctid = any(array(
  select o.ctid from {table} as o where o.bucket = any(%(buckets)s::smallint[]) and o.tenant_id = %(tenant)s
    and o.{time} < now() - make_interval(days => %(days)s) limit %(limit)s))
"""


def drop_old(db: Database) -> float:
    """A worker's job: a bounded number of rows of each tenant. Returns the seconds until it should be called again."""
    with db.connection("worker") as connection:
        tenants = [row[0] for row in connection.execute("select tenant_id from webhook_aged_tenants()")]

    def drop(tenant: UUID) -> int:
        params = {"tenant": tenant, "buckets": list(range(BUCKETS)), "days": KEEP_DAYS, "limit": AT_ONCE}
        with db.tx("worker", tenant=tenant) as tx:
            attempts = tx.execute(_DROP.format(table="webhook_attempt", time="at"), params)
            return attempts + tx.execute(_DROP.format(table="webhook_delivery", time="filed_at"), params)

    return 0.0 if _ROUNDS.each(tenants, drop) else SECONDS_BETWEEN
