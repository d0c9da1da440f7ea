"""Release: the bucket step shortly before sending that asks everything again and books the cap (ENGINE_RULES 15)."""

from datetime import timedelta
from typing import Final

from tandem.domains.messaging.allowance import allowance
from tandem.domains.messaging.tables import OutboxMessage
from tandem.flow.module import TurnStep
from tandem.flow.rehomed import carry
from tandem.flow.runs import RunStatus
from tandem.kernel.turn import Turn

STALE: Final = timedelta(seconds=60)
"""A released message that no sender took within this long is released anew: what was true may no longer be."""
PER_BUCKET_MIN: Final = 20

_ASKED: Final = allowance(
    "m_",
    template="r.template_id",
    channel="r.channel",
    marketing="(r.message_class = 'marketing')",
    zone="%(zone)s::text",
    # What went stale together is ruled on together: each of them comes before or after another, and is not counted as booked besides.
    exclude="and o.id not in (select s.id from stale as s)",
)
_COLUMNS: Final = ", ".join(f"{sql} as {name}" for name, sql in _ASKED.columns.items())

# Planned and held rows that are due, and released ones that went stale, by bucket so that no bucket starves another (ENGINE_RULES 4).
# Only released rows are shared with senders, outside the bucket's lock: one that a sender has just taken is left to it.
_DUE: Final = """
waiting as materialized (
  select o.* from unnest(%(buckets)s::smallint[]) as b(bucket)
  cross join lateral (
    select m.* from outbox_message as m
    where m.bucket = b.bucket and m.bucket = any(%(buckets)s::smallint[]) and m.tenant_id = %(tenant)s
      and m.status in ('planned', 'held') and m.release_at <= %(now)s
    order by m.release_at limit %(per_bucket)s) as o
  limit %(limit)s
), stale as materialized (
  select m.* from outbox_message as m
  where m.bucket = any(%(buckets)s::smallint[]) and m.tenant_id = %(tenant)s and m.status = 'released' and m.released_at <= %(stale)s
  order by m.bucket, m.released_at limit %(limit)s for update skip locked
), due as (select * from waiting union all select * from stale)"""

_RELEASE: Final = f"""
with {_DUE}, asked as materialized (
  select r.bucket, r.id, r.message_class, r.when_capped, r.valid_until, g.status as run_status, g.goal_at, {_COLUMNS}
  from due as r
  left join flow_run as g on g.bucket = r.bucket and g.bucket = any(%(buckets)s::smallint[]) and g.tenant_id = %(tenant)s and g.id = r.run_id
  {_ASKED.joins}
), ruled as (
  select r.bucket, r.id, r.message_class, {_ASKED.until()} as until,
    case when r.valid_until < %(now)s then 'skip' when r.goal_at is not null or r.run_status in %(gone)s then 'skip'
         else {_ASKED.ruling("r.when_capped")} end as ruling,
    case when r.valid_until < %(now)s then 'expired' when r.goal_at is not null then 'goal_reached'
         when r.run_status in %(gone)s then 'run_left' else {_ASKED.reason()} end as reason
  from asked as r
)
update outbox_message as o set
  status = case r.ruling when 'send' then 'released' when 'hold' then 'held' else 'cancelled' end,
  reason = r.reason,
  release_at = coalesce(r.until, o.release_at),
  released_at = case when r.ruling = 'send' then %(now)s::timestamptz end,
  booked_at = case when r.ruling = 'send' and r.message_class = 'marketing' then %(now)s::timestamptz end,
  finished_at = case when r.ruling = 'skip' then %(now)s::timestamptz end
from ruled as r
where o.bucket = any(%(buckets)s::smallint[]) and o.tenant_id = %(tenant)s and o.bucket = r.bucket and o.id = r.id
"""
_GONE: Final = f"({int(RunStatus.LEFT)}, {int(RunStatus.MERGED)})"


def release(turn: Turn, limit: int) -> int:
    """Rule on at most `limit` due messages of the turn: released and booked, held on, or cancelled with a reason."""
    per_bucket = max(PER_BUCKET_MIN, -(-2 * limit // len(turn.buckets)))
    return turn.tx.execute(
        _RELEASE.replace("%(gone)s", _GONE),
        turn.params(zone=turn.zone, stale=turn.now - STALE, limit=limit, per_bucket=per_bucket),
    )


# A run about an order that found another owner writes to her: what has not left the house yet goes along and is ruled on as hers, at once
# where somebody else's caps or hours held it back. What a sender has, or her predecessor got, stays where it was.
carry(
    OutboxMessage,
    where="t.status in ('planned', 'held', 'released')",
    status="'planned'",
    reason="null::text",
    release_at="case g.status when 'planned' then g.release_at else %(now)s::timestamptz end",
    released_at="null::timestamptz",
    booked_at="null::timestamptz",
)
RELEASE: Final = TurnStep(
    name="messaging.release",
    run=release,
    due_sql="""
select min(release_at) from outbox_message
where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s and status in ('planned', 'held')
""",
)
