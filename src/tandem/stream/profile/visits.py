"""The one fact the data-flow engine keeps by itself: visits, from its own log of events."""

from typing import Final

from tandem.stream.projection import DayFacts, Facts, Features

_DAYS: Final = """
select t.bucket, t.customer_id, t.day, 'visits' as fact, count(*) as n, 0::numeric as amount
from touched as t
join event as e
  on e.bucket = t.bucket and e.owner_id = t.customer_id and e.occurred_at >= t.starts_at and e.occurred_at < t.ends_at
  and e.tenant_id = %(tenant)s and e.type = 'visit.recorded'
group by t.bucket, t.customer_id, t.day
"""

# The day comes from the day facts, which the turn has just brought up to date, so that only its partition of the log is read.
_LAST: Final = """
select t.bucket, t.customer_id, v.last_visit_at
from touched as t
left join lateral (
  select max(e.occurred_at) as last_visit_at
  from (
    select max(f.day) as day from customer_fact_day as f
    where f.bucket = t.bucket and f.customer_id = t.customer_id and f.fact = 'visits'
      and f.tenant_id = %(tenant)s) as d
  join event as e
    on e.bucket = t.bucket and e.owner_id = t.customer_id and e.type = 'visit.recorded'
    and e.tenant_id = %(tenant)s
    and e.occurred_at >= d.day::timestamp at time zone %(zone)s and e.occurred_at < (d.day + 1)::timestamp at time zone %(zone)s
) as v on true
"""

VISIT_FACTS: Final[tuple[Facts, ...]] = (
    DayFacts(facts=("visits",), types=("visit.recorded",), sql=_DAYS),
    Features(columns=("last_visit_at",), types=("visit.recorded",), sql=_LAST),
)
"""For the assembly, beside what the domains contribute."""
