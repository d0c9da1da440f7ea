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
_ASKED: Final = allowance("m_", template=None, channel=f"'{CHANNEL}'", marketing="true", zone="%(zone)s::text")
_COLUMNS: Final = ", ".join(f"{sql} as {name}" for name, sql in _ASKED.columns.items())

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
  select p.bucket, p.id, p.customer_id, p.member, p.mass_send_id, s.account_id, s.status as send_status
  from mass_send_person as p join mass_send as s on s.tenant_id = %(tenant)s and s.id = p.mass_send_id
  where p.bucket = any(%(buckets)s::smallint[]) and p.tenant_id = %(tenant)s and p.state = %(state)s and p.due_at <= %(now)s
  order by p.due_at limit %(limit)s
), asked as materialized (
  select r.bucket, r.id, r.customer_id, r.mass_send_id, r.send_status, {_COLUMNS},
    (select count(*) from mass_send_person as o join mass_send as os on os.tenant_id = %(tenant)s and os.id = o.mass_send_id
     where o.bucket = r.bucket and o.bucket = any(%(buckets)s::smallint[]) and o.tenant_id = %(tenant)s and o.customer_id = r.customer_id
       and o.id <> r.id and os.account_id = r.account_id and o.booked_at >= {QUOTA_SINCE}) >= {QUOTA_MOST} as spent,
    coalesce(a.status, 'away') = 'away' as away
  from due as r
  left join mass_account as q on q.tenant_id = %(tenant)s and q.account_id = r.account_id
  left join adviser as a on a.tenant_id = %(tenant)s and a.account_id = r.account_id and a.member = r.member
  {_ASKED.joins}
), ruled as (
  select r.bucket, r.id, r.customer_id, r.mass_send_id, r.m_quiet as quiet, r.m_free as free,
    case when r.send_status = 'cancelled' then 'cancelled' when r.m_refusal is not null then r.m_refusal when r.away then 'adviser_away'
         when r.m_free is not null then 'capped' when r.spent then 'platform_quota' end as reason
  from asked as r
)"""
_CHECK: Final = f"""{_RULE}
update mass_send_person as p set state = case when r.reason is null then 'ready' else 'held' end, reason = r.reason, until = r.free, due_at = null
from ruled as r
where p.bucket = any(%(buckets)s::smallint[]) and p.tenant_id = %(tenant)s and p.bucket = r.bucket and p.id = r.id
"""
_BOOK: Final = f"""{_RULE}, moved as (
  update mass_send_person as p set
    state = case when r.reason is not null then 'held' when r.quiet is not null then 'booking' else 'booked' end,
    reason = coalesce(r.reason, case when r.quiet is not null then 'quiet_hours' end), until = coalesce(r.free, r.quiet),
    due_at = case when r.reason is null then r.quiet end,
    booked_at = case when r.reason is null and r.quiet is null then %(now)s::timestamptz end
  from ruled as r
  where p.bucket = any(%(buckets)s::smallint[]) and p.tenant_id = %(tenant)s and p.bucket = r.bucket and p.id = r.id
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
    checked = turn.tx.execute(_CHECK, params)
    booked: int = turn.tx.value(_BOOK, params | {"state": "booking"})
    return checked + booked


RULE: Final = TurnStep(
    name="contact.mass_sending",
    run=rule,
    due_sql="""
select min(due_at) from mass_send_person
where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s and due_at is not null
""",
)
