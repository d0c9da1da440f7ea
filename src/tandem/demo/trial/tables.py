"""Which trials a company has, and the two things only the owner of the database may do: make a trial's tenant and take it away."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from tandem.kernel.ids import BUCKETS
from tandem.kernel.roles import WORKER, register_sql
from tandem.kernel.schema import Base, TenantRow


class Trial(TenantRow, Base):
    """A trial tenant, kept with the company that opened it. `id` is the trial's own tenant id. Machine times."""

    __tablename__ = "trial"
    __table_args__ = (
        CheckConstraint("status in ('opening', 'ready', 'failed', 'emptying')", name="status"),
        Index("ix_trial_opened", "tenant_id", "opened_at"),
        {"info": {"kind": "tenant"}},
    )
    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    trade: Mapped[str]
    name: Mapped[str]
    status: Mapped[str]
    customers: Mapped[int]
    records: Mapped[int]
    done: Mapped[int]
    """Records told, or tables emptied."""
    opened_by: Mapped[UUID | None]
    opened_at: Mapped[datetime]
    ready_at: Mapped[datetime | None]
    problem: Mapped[dict[str, Any] | None]


# `tenant.trial_of` is written here and by nobody else: what it marks may be taken away, and no role can mark a company that works.
register_sql("""
create or replace function trial_open(host uuid, trial uuid, title text, wrapped_key bytea) returns boolean
language sql volatile security definer set search_path = public, pg_temp as $$
  insert into tenant (id, code, name, zone, currency, language, demo, key_enc, trial_of)
  select trial, 'trial-' || right(replace(trial::text, '-', ''), 12), title, h.zone, h.currency, h.language, true, wrapped_key, h.id
  from tenant h where h.id = host and h.trial_of is null
    and exists (select from trial t where t.tenant_id = host and t.id = trial and t.status = 'opening')
  on conflict do nothing
  returning true
$$
""")
# The locks of all buckets: no turn is under way, so nothing is written behind what is deleted. All customers of all tenants wait for it,
# so rows are found by their keys, and only tables that something still referred to get another round.
register_sql(f"""
create or replace function trial_remove(host uuid, trial uuid) returns boolean
language plpgsql volatile security definer set search_path = public, pg_temp set lock_timeout = '20s' as $$
declare
  victim record;
  left_over text[];
  later text[];
begin
  if not exists (select from tenant n join trial t on t.tenant_id = host and t.id = n.id and t.status = 'emptying'
                 where n.id = trial and n.trial_of = host) then
    return false;
  end if;
  perform from bucket_lease order by bucket for no key update;
  for attempt in 1..4 loop
    for victim in
      select c.relname::text as name, coalesce(b.attnotnull, false) as bucketed
      from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped
      left join pg_attribute b on b.attrelid = c.oid and b.attname = 'bucket' and not b.attisdropped
      where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
        and (attempt = 1 or c.relname::text = any(left_over))
    loop
      begin
        execute format('delete from %I where tenant_id = $1', victim.name)
          || case when victim.bucketed then ' and bucket = any(array(select generate_series(0, {BUCKETS - 1}))::smallint[])' else '' end
          using trial;
      exception when foreign_key_violation then
        later := later || victim.name;
      end;
    end loop;
    exit when later is null;
    left_over := later;
    later := null;
  end loop;
  delete from tenant where id = trial and trial_of = host;
  return true;
end $$
""")
for _function in ("trial_open(uuid, uuid, text, bytea)", "trial_remove(uuid, uuid)"):
    register_sql(f"revoke all on function {_function} from public")
    register_sql(f"grant execute on function {_function} to {WORKER}")

# Statistics of the tables a trial's year goes through: the workers own none of them.
register_sql("""
create or replace function trial_analyze() returns void
language plpgsql volatile security definer set search_path = public, pg_temp as $$
begin
  if pg_try_advisory_xact_lock(hashtext('trial.analyze')) then
    analyze inbox, identifier, intake_key, entity_key, customer, customer_identifier, customer_profile, customer_fact_day, customer_field,
      customer_tag, sales_order, order_line, refund, identity_portrait;
  end if;
end $$
""")
register_sql("revoke all on function trial_analyze() from public")
register_sql(f"grant execute on function trial_analyze() to {WORKER}")
