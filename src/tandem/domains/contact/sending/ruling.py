"""Who of a mass message may be written to: asked in each customer's own turn, like every message (ENGINE_RULES 15), and booked there.

Checking shows what would be held back; booking asks everything again and counts. In quiet hours booking waits for their end; whoever is
held back for another reason is left out, with the reason. The rule is `messaging.allowance`, and the platform's own quota beside it.
"""

from __future__ import annotations

from typing import Final

from tandem.domains.messaging.service import allowance
from tandem.flow.module import TurnStep
from tandem.kernel.turn import Turn

CHANNEL: Final = "wecom"
ASKED: Final = allowance("m_", template=None, channel=f"'{CHANNEL}'", marketing="true", zone="%(zone)s::text")
_COLUMNS: Final = ", ".join(f"{sql} as {name}" for name, sql in ASKED.columns.items())

# The platform counts in its own calendar. A task that was made counts, whoever may still confirm it; what came to nothing does not.
QUOTA_SINCE: Final = """case coalesce(q.quota, 'month_days')
  when 'per_week' then %(now)s::timestamptz - interval '7 days'
  when 'per_day' then date_trunc('day', %(now)s::timestamptz at time zone %(zone)s) at time zone %(zone)s
  else date_trunc('month', %(now)s::timestamptz at time zone %(zone)s) at time zone %(zone)s end"""
QUOTA_MOST: Final = """case coalesce(q.quota, 'month_days')
  when 'month_days' then extract(day from date_trunc('month', %(now)s::timestamptz at time zone %(zone)s) + interval '1 month - 1 day')::int
  else q.quota_n end"""

_RULE: Final = f"""
with due as materialized (
  select p.bucket, p.id, p.customer_id, p.member, p.mass_send_id, s.account_id
  from mass_send_person as p join mass_send as s on s.tenant_id = %(tenant)s and s.id = p.mass_send_id
  where p.bucket = any(%(buckets)s::smallint[]) and p.tenant_id = %(tenant)s and p.state = %(state)s and p.due_at <= %(now)s and s.status <> 'cancelled'
    -- One of a customer's at a time, so that each counts for the next.
    and (p.state <> 'booking' or not exists (
      select from mass_send_person as e where e.bucket = p.bucket and e.bucket = any(%(buckets)s::smallint[]) and e.tenant_id = %(tenant)s
        and e.customer_id = p.customer_id and e.state = 'booking' and e.due_at <= %(now)s and e.id < p.id))
  order by p.due_at limit %(limit)s
), asked as materialized (
  select r.bucket, r.id, r.customer_id, r.mass_send_id, {_COLUMNS},
    (select count(*) from mass_send_person as o join mass_send as os on os.tenant_id = %(tenant)s and os.id = o.mass_send_id
     where o.bucket = r.bucket and o.bucket = any(%(buckets)s::smallint[]) and o.tenant_id = %(tenant)s and o.customer_id = r.customer_id
       and o.id <> r.id and os.account_id = r.account_id and o.booked_at >= {QUOTA_SINCE}) >= {QUOTA_MOST} as spent,
    coalesce(a.status, 'away') = 'away' as away
  from due as r
  left join mass_account as q on q.tenant_id = %(tenant)s and q.account_id = r.account_id
  left join adviser as a on a.tenant_id = %(tenant)s and a.account_id = r.account_id and a.member = r.member
  {ASKED.joins}
), ruled as (
  select r.bucket, r.id, r.customer_id, r.mass_send_id, r.m_quiet as quiet, r.m_free as free,
    case when r.m_refusal is not null then r.m_refusal when r.away then 'adviser_away'
         when r.m_free is not null then 'capped' when r.spent then 'platform_quota' end as reason
  from asked as r
)"""
_CHECK: Final = f"""{_RULE}
update mass_send_person as p set state = case when r.reason is null then 'ready' else 'held' end, reason = r.reason, until = r.free, due_at = null
from ruled as r
where p.bucket = any(%(buckets)s::smallint[]) and p.tenant_id = %(tenant)s and p.bucket = r.bucket and p.id = r.id and p.state = %(state)s
"""
_BOOK: Final = f"""{_RULE}, moved as (
  update mass_send_person as p set
    state = case when r.reason is not null then 'held' when r.quiet is not null then 'booking' else 'booked' end,
    reason = coalesce(r.reason, case when r.quiet is not null then 'quiet_hours' end), until = coalesce(r.free, r.quiet),
    due_at = case when r.reason is null then r.quiet end,
    booked_at = case when r.reason is null and r.quiet is null then %(now)s::timestamptz end
  from ruled as r
  where p.bucket = any(%(buckets)s::smallint[]) and p.tenant_id = %(tenant)s and p.bucket = r.bucket and p.id = r.id and p.state = %(state)s
  returning p.bucket, p.id, p.customer_id, p.origin_id, p.mass_send_id, p.state
), counted as (
  insert into outbox_message (bucket, id, tenant_id, customer_id, origin_id, channel, template_id, message_class, status, when_capped, planned_at,
    release_at, booked_at)
  select bucket, id, %(tenant)s, customer_id, origin_id, '{CHANNEL}', mass_send_id, 'marketing', 'handed', 'skip', %(now)s, %(now)s, %(now)s
  from moved where state = 'booked'
  on conflict (bucket, id) do nothing
)
select count(*) from moved
"""


# Of a mass message that was cancelled: whoever is in no task is given back here, where nobody books her at the same time.
_GIVE_BACK: Final = """
with due as materialized (
  select p.bucket, p.id from mass_send_person as p join mass_send as s on s.tenant_id = %(tenant)s and s.id = p.mass_send_id
  where p.bucket = any(%(buckets)s::smallint[]) and p.tenant_id = %(tenant)s and p.due_at <= %(now)s and s.status = 'cancelled'
  order by p.due_at limit %(limit)s
), stopped as (
  update mass_send_person as p set state = 'cancelled', reason = 'cancelled', until = null, due_at = null, booked_at = null, settled_at = %(now)s
  from due as d
  where p.bucket = any(%(buckets)s::smallint[]) and p.tenant_id = %(tenant)s and p.bucket = d.bucket and p.id = d.id and p.task_id is null
    and p.state in ('waiting', 'ready', 'booking', 'booked')
  returning p.bucket, p.id
), counted as (
  update outbox_message as o set status = 'cancelled', reason = 'cancelled', booked_at = null, finished_at = %(now)s from stopped as s
  where o.bucket = any(%(buckets)s::smallint[]) and o.tenant_id = %(tenant)s and o.bucket = s.bucket and o.id = s.id and o.status = 'handed'
)
select count(*) from stopped
"""


# Most turns have nobody to rule on: they ask an index and go on.
_ANY: Final = """
select 1 from mass_send_person
where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s and due_at <= %(now)s limit 1
"""


def rule(turn: Turn, limit: int) -> int:
    """Rule on some people of mass messages in the turn's buckets; returns how many."""
    if turn.tx.value(_ANY, turn.params()) is None:
        return 0
    params = turn.params(zone=turn.zone, limit=limit, state="waiting")
    given_back: int = turn.tx.value(_GIVE_BACK, params)
    checked = turn.tx.execute(_CHECK, params)
    booked: int = turn.tx.value(_BOOK, params | {"state": "booking"})
    return given_back + checked + booked


RULE: Final = TurnStep(
    name="contact.mass_sending",
    run=rule,
    due_sql="""
select min(due_at) from mass_send_person
where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s and due_at is not null
""",
)
