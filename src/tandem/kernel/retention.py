"""Raw envelopes are kept for a set number of days and then dropped, a whole day's partition at a time.

Dropping a partition locks its parent for a moment. Nobody waits behind that: whoever cannot have the lock at once comes back later, and
each partition is a transaction of its own. The roles own nothing, so a function with the owner's rights does it and can do nothing else.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import psycopg
import structlog

from tandem.kernel.db import Database
from tandem.kernel.roles import WORKER, register_sql
from tandem.kernel.settings import settings

log = structlog.get_logger(__name__)

SECONDS_BETWEEN: Final = timedelta(days=1).total_seconds()
BUSY_SECONDS: Final = 60.0

# A day with an envelope that is not resolved yet stays, and all later ones with it. A day's key goes last, unless quarantine needs it.
register_sql("""
create or replace function tandem_drop_old_intake(keep_days integer) returns text
language plpgsql volatile security definer set search_path = public, pg_temp set lock_timeout = '200ms' as $$
declare
  cut date := (now() at time zone 'UTC')::date - greatest(keep_days, 1);
  waiting date;
  victim text;
begin
  if not pg_try_advisory_xact_lock(hashtext('tandem.retention')) then
    return null;
  end if;
  select (min(received_at) at time zone 'UTC')::date into waiting from intake_pending;
  cut := least(cut, waiting);
  select c.relname into victim from pg_inherits i join pg_class c on c.oid = i.inhrelid
  where i.inhparent = 'intake'::regclass and c.relname ~ '^intake_p[0-9]{8}$' and to_date(right(c.relname, 8), 'YYYYMMDD') < cut
  order by c.relname limit 1;
  if victim is null then
    delete from intake_day_key k
    where k.day < cut and not exists (select from quarantine q where q.tenant_id = k.tenant_id and q.key_day = k.day);
  else
    execute format('drop table %I', victim);
  end if;
  return victim;
end $$
""")
register_sql("revoke all on function tandem_drop_old_intake(integer) from public")
register_sql(f"grant execute on function tandem_drop_old_intake(integer) to {WORKER}")


def drop_old_intake(db: Database) -> float:
    """A worker's job: what is older than `TANDEM_INTAKE_RETENTION_DAYS` goes. Returns the seconds until it should be called again."""
    try:
        while (dropped := _drop_one(db, settings().intake_retention_days)) is not None:
            log.info("intake_dropped", partition=dropped)
    except psycopg.errors.LockNotAvailable:
        log.info("intake_in_use", again_in_seconds=BUSY_SECONDS)
        return BUSY_SECONDS
    return SECONDS_BETWEEN


def _drop_one(db: Database, keep_days: int) -> str | None:
    with db.connection("worker") as connection:
        row = connection.execute("select tandem_drop_old_intake(%s)", (keep_days,)).fetchone()
    return None if row is None else row[0]
