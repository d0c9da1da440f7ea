"""Recompute what a turn's events changed: day facts by (customer, local day), and the profile row of each touched customer.

Facts are recomputed from the domains' own rows, never added up, so an event that is late, repeated or corrected leaves what a
punctual one would have left.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from operator import itemgetter
from typing import Any, Final, get_args
from uuid import UUID
from zoneinfo import ZoneInfo

from tandem.kernel.columns import dates, integers, smallints, uuids
from tandem.kernel.turn import Turn
from tandem.stream.profile import cuts, forecast
from tandem.stream.projection import AppliedEvent, DayFacts, FeatureColumn, Features, StreamSystem, Touch

COLUMNS: Final[tuple[FeatureColumn, ...]] = get_args(FeatureColumn)

_NOT_NULL: Final = frozenset({"order_count", "spend_total", "refund_total"})


def recompute(
    turn: Turn, system: StreamSystem, events: Sequence[AppliedEvent], touches: Mapping[Touch, AppliedEvent]
) -> None:
    """Bring day facts and profile rows of the touched customers up to date with the domains' tables."""
    zone = ZoneInfo(turn.zone)
    touched = {(touch.bucket, touch.customer_id) for touch in touches}
    # A source looks only at those whom its own events touched: a visit is no reason to add up orders.
    features: list[Features] = []
    wanted: dict[tuple[int, UUID], int] = {}
    present = {event.type for event in events}
    for source in system.facts:
        if not touches and present.isdisjoint(source.types):
            continue
        own = [event for event in events if event.type in source.types and event.customer_id is not None]
        if not own and not touches:
            continue
        if isinstance(source, DayFacts):
            recompute_days(turn, source, _days(own, source, zone, touches))
        else:
            bit = 1 << len(features)
            features.append(source)
            whose = {(event.bucket, event.customer_id) for event in own if event.customer_id is not None}
            for customer in whose | touched:
                wanted[customer] = wanted.get(customer, 0) | bit
    days = {event.occurred_at.astimezone(zone).date() for event in events} if features else set[date]()
    recompute_profile(turn, features, wanted, sorted(days))


def recompute_customers(turn: Turn, system: StreamSystem, customers: Iterable[tuple[int, UUID]]) -> None:
    """Recompute everything of these customers, all days: after a merge or a split, or when a fact's definition changed."""
    chosen = sorted(set(customers))
    if not chosen:
        return
    turn.tx.execute(
        """
        delete from customer_fact_day as f using unnest(%(t_buckets)s::smallint[], %(t_customers)s::uuid[]) as t(bucket, customer_id)
        where f.tenant_id = %(tenant)s and f.bucket = t.bucket and t.bucket = any(%(buckets)s::smallint[])
          and f.customer_id = t.customer_id
        """,
        _customer_params(turn, chosen),
    )
    for source in system.facts:
        if isinstance(source, DayFacts):
            recompute_days(turn, source, _logged_days(turn, source, chosen))
    features = [source for source in system.facts if isinstance(source, Features)]
    recompute_profile(turn, features, dict.fromkeys(chosen, (1 << len(features)) - 1))


def _days(
    events: Iterable[AppliedEvent],
    source: DayFacts,
    zone: ZoneInfo,
    touches: Iterable[Touch],
) -> set[tuple[int, UUID, date]]:
    days = {(touch.bucket, touch.customer_id, touch.day) for touch in touches if touch.day is not None}
    for event in events:
        if event.customer_id is None:
            continue
        days.add((event.bucket, event.customer_id, event.occurred_at.astimezone(zone).date()))
        for key in source.moments:
            moment = event.payload.get(key)
            if isinstance(moment, str):
                days.add((event.bucket, event.customer_id, datetime.fromisoformat(moment).astimezone(zone).date()))
    return days


def _logged_days(turn: Turn, source: DayFacts, customers: Sequence[tuple[int, UUID]]) -> set[tuple[int, UUID, date]]:
    """The days on which these customers' logged events may have left this source's facts."""
    rows = turn.tx.cursor(
        """
        select distinct e.bucket, e.customer_id, (m.moment at time zone %(zone)s)::date
        from unnest(%(t_buckets)s::smallint[], %(t_customers)s::uuid[]) as t(bucket, customer_id)
        join event as e on e.bucket = t.bucket and e.owner_id = t.customer_id
          and t.bucket = any(%(buckets)s::smallint[]) and e.tenant_id = %(tenant)s and e.type = any(%(types)s)
        cross join lateral (
          select e.occurred_at as moment
          union select (e.payload->>k)::timestamptz from unnest(%(moments)s::text[]) as k where e.payload ? k) as m
        where m.moment is not null
        """,
        _customer_params(turn, customers)
        | {"zone": turn.zone, "types": list(source.types), "moments": list(source.moments)},
    )
    return {(bucket, customer_id, day) for bucket, customer_id, day in rows}


def recompute_days(turn: Turn, source: DayFacts, days: Iterable[tuple[int, UUID, date]]) -> None:
    """Recompute one source's facts for these (bucket, customer, local day) triples, in one statement."""
    # Neighbours in a table and its indexes are looked up one after another; ids are dear to compare.
    chosen = sorted(set(days), key=itemgetter(0))
    if chosen:
        params = turn.params(
            zone=turn.zone,
            facts=list(source.facts),
            # A day wider than the days at both ends, whatever the zone and its clock changes.
            earliest=datetime.combine(min(one[2] for one in chosen), time.min, UTC) - timedelta(days=1),
            latest=datetime.combine(max(one[2] for one in chosen), time.min, UTC) + timedelta(days=2),
            t_buckets=smallints([one[0] for one in chosen]),
            t_customers=uuids([one[1] for one in chosen]),
            t_days=dates([one[2] for one in chosen]),
        )
        turn.tx.execute(_days_statement(source.sql), params, prepare=True)


def _around(days: Sequence[date]) -> dict[str, Any]:
    """The first and the last of these days, and moments that lie around them whatever the zone: none without days."""
    if not days:
        return dict.fromkeys(("first_day", "last_day", "earliest", "latest"))
    first, last = min(days), max(days)
    return {
        "first_day": first,
        "last_day": last,
        "earliest": datetime.combine(first, time.min, UTC) - timedelta(days=1),
        "latest": datetime.combine(last, time.min, UTC) + timedelta(days=2),
    }


# The list of buckets is named where the customers come in: as a condition of each look it would be sorted anew for every customer.
@lru_cache(maxsize=256)
def _days_statement(fresh: str) -> str:
    return f"""
with touched as materialized (
  select t.bucket, t.customer_id, t.day,
         t.day::timestamp at time zone %(zone)s as starts_at, (t.day + 1)::timestamp at time zone %(zone)s as ends_at
  from unnest(%(t_buckets)s::smallint[], %(t_customers)s::uuid[], %(t_days)s::date[]) as t(bucket, customer_id, day)
  where t.bucket = any(%(buckets)s::smallint[])
), fresh as materialized ({fresh}
), gone as (
  delete from customer_fact_day as f using touched as t
  where f.tenant_id = %(tenant)s and f.bucket = t.bucket and f.customer_id = t.customer_id and f.day = t.day and f.fact = any(%(facts)s::text[])
    and not exists (
      select from fresh as n where n.bucket = f.bucket and n.customer_id = f.customer_id and n.day = f.day and n.fact = f.fact)
)
insert into customer_fact_day as f (bucket, customer_id, origin_id, tenant_id, day, fact, n, amount)
select n.bucket, n.customer_id, n.customer_id, %(tenant)s, n.day, n.fact, n.n, coalesce(n.amount, 0)
from fresh as n where n.fact = any(%(facts)s::text[])
on conflict (bucket, customer_id, day, fact) do update set n = excluded.n, amount = excluded.amount
where (f.n, f.amount) is distinct from (excluded.n, excluded.amount)
"""


def recompute_profile(
    turn: Turn,
    sources: Sequence[Features],
    wanted: Mapping[tuple[int, UUID], int],
    days: Sequence[date] = (),
    *,
    scores: bool = True,
) -> None:
    """Recompute columns of these customers, the average and the RFM scores, in one statement.

    ``wanted`` has a bit for each source that is to look at a customer; the columns of the others stay as they are. ``days`` are those of
    the events that make it necessary: a hint where to look first. Without ``scores``, those and the forecasts stay as they are.
    """
    if not wanted:
        return
    chosen = sorted(wanted, key=itemgetter(0))
    params = _customer_params(turn, chosen) | _around(days) | cuts.params(turn)
    params |= {"zone": turn.zone, "t_wants": integers([wanted[one] for one in chosen])}
    turn.tx.execute(
        _profile_statement(tuple((source.columns, source.sql) for source in sources), scores=scores),
        params,
        prepare=True,
    )


@lru_cache(maxsize=256)
def _profile_statement(sources: tuple[tuple[tuple[FeatureColumn, ...], str], ...], *, scores: bool) -> str:
    fresh = "".join(
        f""", f{index} as materialized (
  with touched as materialized (select w.bucket, w.customer_id from wanted as w where w.wants & {1 << index} <> 0)
  {text}
)"""
        for index, (_, text) in enumerate(sources)
    )
    joins = "\n".join(
        f"  left join f{index} on f{index}.bucket = w.bucket and f{index}.customer_id = w.customer_id"
        for index in range(len(sources))
    )
    given = {
        column: f"case when w.wants & {1 << index} <> 0 then f{index}.{column} else p.{column} end"
        for index, (columns, _) in enumerate(sources)
        for column in columns
    }
    merged = ", ".join(_column(column, given.get(column, f"p.{column}")) for column in COLUMNS)
    names = ", ".join(COLUMNS)
    judges = sum(1 << index for index, (columns, _) in enumerate(sources) if not SCORED_BY.isdisjoint(columns))
    stands = f"w.wants & {judges} = 0 and p.rfm_version is not distinct from %(rfm_version)s::int" if scores else "true"
    return f"""
with wanted as materialized (
  select w.bucket, w.customer_id, w.wants
  from unnest(%(t_buckets)s::smallint[], %(t_customers)s::uuid[], %(t_wants)s::int[]) as w(bucket, customer_id, wants)
  where w.bucket = any(%(buckets)s::smallint[])
){fresh}, merged as (
  select w.bucket, w.customer_id, {merged}, {", ".join(f"p.{one} as had_{one}" for one in _SCORED)},
         {stands} as stands
  from wanted as w
  left join customer_profile as p
    on p.bucket = w.bucket and p.customer_id = w.customer_id and p.tenant_id = %(tenant)s
{joins}
), scored as (
  select m.bucket, m.customer_id, {names}, {cuts.SCORES} from merged as m{forecast.SEEN_SQL} where not m.stands
  union all
  select m.bucket, m.customer_id, {names}, {", ".join(f"m.had_{one}" for one in _SCORED)} from merged as m where m.stands
)
insert into customer_profile as p (bucket, customer_id, origin_id, tenant_id, {names}, {_DERIVED}, updated_at)
select bucket, customer_id, customer_id, %(tenant)s, {names}, round(spend_total / nullif(order_count, 0), 2), rfm_r, rfm_f, rfm_m,
       rfm_r * 100 + rfm_f * 10 + rfm_m, %(rfm_version)s::int, usual_interval_days, churn_risk, %(now)s
from scored
on conflict (bucket, customer_id) do update set
  {", ".join(f"{name} = excluded.{name}" for name in (*COLUMNS, *_DERIVED.split(", ")))}, updated_at = excluded.updated_at
where {_tuple("p")} is distinct from {_tuple("excluded")}
"""


# Scores, interval and risk follow from these and from the cut points: whose none of them can have changed keeps hers, unread.
SCORED_BY: Final = frozenset({"order_count", "spend_total", "first_order_at", "last_order_at"})
_SCORED: Final = ("rfm_r", "rfm_f", "rfm_m", "usual_interval_days", "churn_risk")
_DERIVED: Final = "average_order_value, rfm_r, rfm_f, rfm_m, rfm_score, rfm_version, usual_interval_days, churn_risk"


def _column(name: str, source: str) -> str:
    return f"coalesce({source}, 0) as {name}" if name in _NOT_NULL else f"{source} as {name}"


def _tuple(alias: str) -> str:
    return "(" + ", ".join(f"{alias}.{name}" for name in (*COLUMNS, *_DERIVED.split(", "))) + ")"


def _customer_params(turn: Turn, chosen: Sequence[tuple[int, UUID]]) -> dict[str, Any]:
    return turn.params(t_buckets=smallints([one[0] for one in chosen]), t_customers=uuids([one[1] for one in chosen]))
