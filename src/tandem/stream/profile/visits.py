"""The one fact the data-flow engine keeps by itself: visits, from its own log of events."""

from typing import Final

from tandem.stream.projection import DayFacts, Facts, Features

# The fact's amount is the moment of the day's last visit, in seconds since 1970: the profile then needs no second look at the log, all of
# whose partitions a statement would have to open to find the last one.
_DAYS: Final = """
select t.bucket, t.customer_id, t.day, 'visits' as fact, count(*) as n, extract(epoch from max(e.occurred_at)) as amount
from touched as t
join event as e
  on e.bucket = t.bucket and e.owner_id = t.customer_id and e.occurred_at >= t.starts_at and e.occurred_at < t.ends_at
  and e.tenant_id = %(tenant)s and e.type = 'visit.recorded'
where e.occurred_at >= %(earliest)s and e.occurred_at < %(latest)s
group by t.bucket, t.customer_id, t.day
"""

# The turn has just brought the day facts up to date.
_LAST: Final = """
select t.bucket, t.customer_id, timestamptz 'epoch' + d.amount * interval '1 second' as last_visit_at
from touched as t
left join lateral (
  select f.amount from customer_fact_day as f
  where f.bucket = t.bucket and f.customer_id = t.customer_id and f.fact = 'visits' and f.tenant_id = %(tenant)s
  order by f.day desc limit 1) as d on true
"""

VISIT_FACTS: Final[tuple[Facts, ...]] = (
    DayFacts(facts=("visits",), types=("visit.recorded",), sql=_DAYS),
    Features(columns=("last_visit_at",), types=("visit.recorded",), sql=_LAST),
)
"""For the assembly, beside what the domains contribute."""
