"""The two functions that tell workers where work is: `flow_ready`, and `flow_ready_beside` for a worker that knows lanes through which it
need not walk (decisions 110 and 186). They show tenant ids, lanes and times; only the worker may call them.
"""

from __future__ import annotations

from typing import Final

from tandem.kernel.roles import register_sql

# Which tenants have work in which buckets, found by hopping from (tenant, lane) to (tenant, lane) through the indexes (a loose scan),
# never by reading the queues.
_TIMER: Final = """
timer(bucket, tenant_id, lane, at) as (
    select b.bucket, f.tenant_id, f.lane, f.wake_at from unnest(held) b(bucket) cross join lateral (
      select d.tenant_id, d.lane, d.wake_at from flow_due d where d.bucket = b.bucket
      order by d.tenant_id, d.lane, d.wake_at limit 1) f
    union all
    select t.bucket, n.tenant_id, n.lane, n.wake_at from timer t cross join lateral (
      select d.tenant_id, d.lane, d.wake_at from flow_due d
      where d.bucket = t.bucket and (d.tenant_id, d.lane) > (t.tenant_id, t.lane)
      order by d.tenant_id, d.lane, d.wake_at limit 1) n
  )"""
# The same between lanes whose claims have marks: these are asked after their marks alone, since what lies before them is taken rows that an
# old snapshot still sees. From and to are the bounds of what lies between them, excluded.
_TIMER_BESIDE: Final = """
timer(bucket, tenant_id, lane, at, to_tenant, to_lane) as (
    select b.bucket, f.tenant_id, f.lane, f.wake_at, e.to_tenant, e.to_lane
    from unnest(held) b(bucket)
    cross join unnest(from_tenants, from_lanes, to_tenants, to_lanes) e(from_tenant, from_lane, to_tenant, to_lane)
    cross join lateral (
      select d.tenant_id, d.lane, d.wake_at from flow_due d where d.bucket = b.bucket
        and (d.tenant_id, d.lane) > (e.from_tenant, e.from_lane) and (d.tenant_id, d.lane) < (e.to_tenant, e.to_lane)
      order by d.tenant_id, d.lane, d.wake_at limit 1) f
    union all
    select t.bucket, n.tenant_id, n.lane, n.wake_at, t.to_tenant, t.to_lane from timer t cross join lateral (
      select d.tenant_id, d.lane, d.wake_at from flow_due d where d.bucket = t.bucket
        and (d.tenant_id, d.lane) > (t.tenant_id, t.lane) and (d.tenant_id, d.lane) < (t.to_tenant, t.to_lane)
      order by d.tenant_id, d.lane, d.wake_at limit 1) n
  ), marked(bucket, tenant_id, lane, at) as (
    select m.bucket, m.tenant_id, m.lane, f.wake_at
    from unnest(m_buckets, m_tenants, m_lanes, m_ats, m_runs) m(bucket, tenant_id, lane, at, run) cross join lateral (
      select d.wake_at from flow_due d where d.bucket = m.bucket and d.tenant_id = m.tenant_id and d.lane = m.lane
        and (d.wake_at, d.run_id) > (m.at, m.run) order by d.wake_at, d.run_id limit 1) f
  )"""
_REST: Final = """
filed(bucket, tenant_id, lane) as (
    select b.bucket, f.tenant_id, f.lane from unnest(held) b(bucket) cross join lateral (
      select i.tenant_id, i.lane from inbox i where i.bucket = b.bucket order by i.tenant_id, i.lane limit 1) f
    union all
    select t.bucket, n.tenant_id, n.lane from filed t cross join lateral (
      select i.tenant_id, i.lane from inbox i where i.bucket = t.bucket and (i.tenant_id, i.lane) > (t.tenant_id, t.lane)
      order by i.tenant_id, i.lane limit 1) n
  ), fanned(bucket, tenant_id) as (
    select b.bucket, f.tenant_id from unnest(held) b(bucket) cross join lateral (
      select o.tenant_id from flow_fanout o where o.bucket = b.bucket and not (o.kind in ('enter_segment', 'enter_everyone')
        and exists (select from flow w where w.id = o.flow_id and w.tenant_id = o.tenant_id and w.status = 'paused'))
      order by o.tenant_id limit 1) f
    union all
    select t.bucket, n.tenant_id from fanned t cross join lateral (
      select o.tenant_id from flow_fanout o where o.bucket = t.bucket and o.tenant_id > t.tenant_id
        and not (o.kind in ('enter_segment', 'enter_everyone')
        and exists (select from flow w where w.id = o.flow_id and w.tenant_id = o.tenant_id and w.status = 'paused'))
      order by o.tenant_id limit 1) n
  ), work as (
    select w.bucket, w.tenant_id, w.lane, w.at - t.clock_offset as at, 1 as bit from timer w join tenant t on t.id = w.tenant_id
    union all select f.bucket, f.tenant_id, f.lane, '-infinity', 2 from filed f
    union all select f.bucket, f.tenant_id, 2::smallint, '-infinity', 4 from fanned f
  )
  select w.tenant_id, w.lane, array_agg(distinct w.bucket) filter (where w.at <= now()), min(w.at),
         coalesce(bit_or(w.bit) filter (where w.at <= now()), 0)::smallint
  from work w group by 1, 2
"""
_ANSWER: Final = "returns table (tenant_id uuid, lane smallint, buckets smallint[], next_at timestamptz, work smallint)"
_HOW: Final = "language sql stable security definer set search_path = public, pg_temp"
_MARKS: Final = (
    "from_tenants uuid[], from_lanes smallint[], to_tenants uuid[], to_lanes smallint[],"
    " m_buckets smallint[], m_tenants uuid[], m_lanes smallint[], m_ats timestamptz[], m_runs uuid[]"
)
_TIMERS: Final = "select w.bucket, w.tenant_id, w.lane, w.at - t.clock_offset as at, 1 as bit from timer w join tenant t on t.id = w.tenant_id"


def register_readiness() -> None:
    """File both functions, called by the tables they look at."""
    both = _REST.replace(_TIMERS, f"{_TIMERS}\n    union all {_TIMERS.replace('from timer w', 'from marked w')}")
    for name, given, sql in (
        ("flow_ready", "held smallint[]", f"{_TIMER}, {_REST}"),
        ("flow_ready_beside", f"held smallint[], {_MARKS}", f"{_TIMER_BESIDE}, {both}"),
    ):
        kinds = ", ".join(one.strip().split(" ")[1] for one in given.split(","))
        register_sql(f"drop function if exists {name}({kinds})")
        register_sql(f"create or replace function {name}({given}) {_ANSWER} {_HOW} as $$ with recursive {sql} $$")
        register_sql(f"revoke all on function {name}({kinds}) from public")
        register_sql(f"grant execute on function {name}({kinds}) to tandem_worker")
