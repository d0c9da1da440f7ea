"""The one fact the data-flow engine keeps by itself: visits, from its own log of events."""

from typing import Final

from tandem.stream.projection import DayFacts, Facts, Features

_DAYS: Final = """
select t.bucket, t.customer_id, t.day, 'visits' as fact, count(*) as n, 0::numeric as amount
from touched as t
join event as e
  on e.bucket = t.bucket and e.owner_id = t.customer_id and e.occurred_at >= t.starts_at and e.occurred_at < t.ends_at
  and e.tenant_id = %(tenant)s and e.type = 'visit.recorded'
where e.occurred_at >= %(earliest)s and e.occurred_at < %(latest)s
group by t.bucket, t.customer_id, t.day
"""

# The day comes from the day facts, which the turn has just brought up to date, so that only its partition of the log is read. Nearly always
# it is a day of the turn's own events: for those the bounds leave one or two partitions, where going through all costs most of the look.
_VISIT: Final = """
    select e.occurred_at from event as e
    where e.bucket = t.bucket and e.owner_id = t.customer_id and e.type = 'visit.recorded' and e.tenant_id = %(tenant)s
      and e.occurred_at >= d.day::timestamp at time zone %(zone)s and e.occurred_at < (d.day + 1)::timestamp at time zone %(zone)s
"""
_LAST: Final = f"""
select t.bucket, t.customer_id, v.last_visit_at
from touched as t
left join lateral (
  select max(x.occurred_at) as last_visit_at
  from (
    select max(f.day) as day from customer_fact_day as f
    where f.bucket = t.bucket and f.customer_id = t.customer_id and f.fact = 'visits'
      and f.tenant_id = %(tenant)s) as d
  cross join lateral (
    {_VISIT} and d.day between %(first_day)s and %(last_day)s
      and e.occurred_at >= %(earliest)s and e.occurred_at < %(latest)s
    union all
    {_VISIT} and (d.day between %(first_day)s and %(last_day)s) is not true) as x
) as v on true
"""

VISIT_FACTS: Final[tuple[Facts, ...]] = (
    DayFacts(facts=("visits",), types=("visit.recorded",), sql=_DAYS),
    Features(columns=("last_visit_at",), types=("visit.recorded",), sql=_LAST),
)
"""For the assembly, beside what the domains contribute."""
