"""Partitions are made ahead: at every start, every hour by a worker, and before a demo clock leaps.

The application's roles own nothing, so they make them through one function with the owner's rights that can do nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from tandem.kernel.db import Connection, Database
from tandem.kernel.schema import Base, info_of

SECONDS_BETWEEN = timedelta(hours=1).total_seconds()

_FUNCTION = """
create or replace function tandem_make_partitions(upto date) returns integer
language plpgsql volatile security definer set search_path = public, pg_temp set lock_timeout = '5s' as $$
declare
  plan record;
  slot date;
  name text;
  horizon date;
  made integer := 0;
begin
  -- Two workers at once: the second waits and finds everything made.
  perform pg_advisory_xact_lock(hashtext('tandem.partitions'));
  select greatest(upto, now()::date, (max(now() + clock_offset) at time zone 'UTC')::date) into horizon from tenant;
  for plan in select * from (values {plans}) p(parent, every, back, ahead) loop
    slot := date_trunc(plan.every, now()::date - (plan.back || ' ' || plan.every)::interval)::date;
    while slot <= horizon + (plan.ahead || ' ' || plan.every)::interval loop
      name := plan.parent || '_p' || to_char(slot, case plan.every when 'day' then 'YYYYMMDD' else 'YYYYMM' end);
      if to_regclass(name) is null then
        -- Attaching takes a weaker lock on the parent than creating in place would: writers go on meanwhile.
        execute format('create table %I (like %I including defaults including constraints including generated)', name, plan.parent);
        execute format('alter table %I attach partition %I for values from (%L) to (%L)', plan.parent, name,
          slot || ' 00:00:00+00', (slot + ('1 ' || plan.every)::interval)::date || ' 00:00:00+00');
        made := made + 1;
      end if;
      slot := (slot + ('1 ' || plan.every)::interval)::date;
    end loop;
  end loop;
  return made;
end $$
"""

# What is beyond the longest that any tenant keeps goes as a whole: a partition that would be made again is emptied, an older one dropped.
# Whoever cannot have the lock at once comes back later, so nobody ever waits behind it.
_LONGEST = """
create or replace function tandem_longest_kept(wanted text) returns integer
language sql stable security definer set search_path = public, pg_temp as $$
  select max(greatest(coalesce(s.days, p.days), p.least)) from (values {plans}) p(parent, every, back, what, days, least)
  cross join tenant t left join retention_setting s on s.tenant_id = t.id and s.what = p.what where p.parent = wanted
$$
"""
_EMPTY_OLD = """
create or replace function tandem_empty_old_partition(wanted text) returns text
language plpgsql volatile security definer set search_path = public, pg_temp set lock_timeout = '200ms' as $$
declare
  plan record;
  victim record;
  cut date := (now() at time zone 'UTC')::date - tandem_longest_kept(wanted);
  filled boolean;
begin
  if cut is null or not pg_try_advisory_xact_lock(hashtext('tandem.retention')) then
    return null;
  end if;
  select * into plan from (values {plans}) p(parent, every, back, what, days, least) where p.parent = wanted;
  for victim in
    select c.relname as name, to_date(substring(c.relname from '[0-9]+$'), case plan.every when 'day' then 'YYYYMMDD' else 'YYYYMM' end) as slot
    from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = wanted::regclass and c.relname ~ ('^' || wanted || '_p[0-9]+$') order by c.relname
  loop
    exit when victim.slot + ('1 ' || plan.every)::interval > cut;
    if victim.slot < date_trunc(plan.every, now()::date - (plan.back || ' ' || plan.every)::interval)::date then
      execute format('drop table %I', victim.name);
      return victim.name;
    end if;
    execute format('select exists (select from %I)', victim.name) into filled;
    if filled then
      execute format('truncate %I', victim.name);
      return victim.name;
    end if;
  end loop;
  return null;
end $$
"""


def partition_function() -> tuple[str, ...]:
    """The function and who may call it, from what the tables say of themselves; empty when no table is partitioned."""
    found = [(table.name, info_of(table).get("partition")) for table in Base.metadata.sorted_tables]
    plans = ", ".join(
        f"('{name}', '{plan['every']}', {plan['back']}, {plan['ahead']})" for name, plan in found if plan is not None
    )
    if not plans:
        return ()
    return (
        _FUNCTION.replace("{plans}", plans),
        "revoke all on function tandem_make_partitions(date) from public",
        "grant execute on function tandem_make_partitions(date) to tandem_worker",
        *_retention_functions(),
    )


def _retention_functions() -> Iterator[str]:
    """What may be emptied, and when, is written into the functions: nobody who calls them can ask for more."""
    plans: list[str] = []
    for table in Base.metadata.sorted_tables:
        partition, kept = info_of(table).get("partition"), info_of(table).get("retention")
        if partition is not None and kept is not None:
            plans.append(
                f"('{table.name}', '{partition['every']}', {partition['back']}, '{kept['what']}', {kept['days']}, {kept['least']})"
            )
    if not plans:
        return
    for text, name in ((_LONGEST, "tandem_longest_kept"), (_EMPTY_OLD, "tandem_empty_old_partition")):
        yield text.replace("{plans}", ", ".join(plans))
        yield f"revoke all on function {name}(text) from public"
        yield f"grant execute on function {name}(text) to tandem_worker"


def make_partitions(connection: Connection, upto: date) -> int:
    """Make what is missing up to a day (and up to every tenant's business day) plus each table's lead. Returns how many were made."""
    row = connection.execute("select tandem_make_partitions(%s)", (upto,)).fetchone()
    return 0 if row is None else int(row[0])


def keep_ahead(db: Database) -> float:
    """A worker's job: partitions are there before the first row wants them. Returns the seconds until it should be called again."""
    with db.connection("worker") as connection:
        connection.execute("select tandem_make_partitions(now()::date)")
    return SECONDS_BETWEEN
