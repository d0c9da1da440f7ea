"""A wait whose time has come may go on waiting: its condition does not hold yet, a branch is still out, the next level is to be done.

Asked before the runs pass their stretch, in the same savepoint. Who stays leaves no log row and no visit: it has not moved.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from tandem.flow.ids import Ids
from tandem.flow.node import Fragment
from tandem.flow.runs import RunStatus
from tandem.kernel.turn import Turn

#: Who stays and would be due at once is looked at again after this long: nobody holds a turn for himself.
NEXT_LOOK = timedelta(seconds=1)

_ROWS = (
    "r.bucket, r.id, r.customer_id, r.origin_id, r.visit, r.arm, r.lane, r.flow_id, r.entered_at, r.vars, r.cause_id, r.root_id, r.hops, r.signal,"
    " coalesce(r.subject_type, 'customer') as subject_type, coalesce(r.subject_id, r.customer_id) as subject_id"
)


@dataclass(frozen=True, slots=True)
class Staying:
    """The statement that asks. It answers (buckets, runs, how many) of those that go on, as array literals."""

    sql: str
    params: Mapping[str, object]


def staying(stretch: int, fragment: Fragment | None, steps_max: int) -> Staying | None:
    """The question of a wait's `resume` stretch; None for a kind whose runs always go on when they are due."""
    if fragment is None or fragment.stay is None:
        return None
    names = {"rows": "staying"} | {name: f"stay_{name}" for name in fragment.on_stay}

    def filled(text: str) -> str:
        for name, value in names.items():
            text = text.replace("{" + name + "}", value)
        return text

    effects = "".join(f", {names[name]} as ({filled(text)})" for name, text in fragment.on_stay.items())
    sql = f"""
with asked as materialized (
  select {_ROWS} from unnest(%(in_buckets)s::smallint[], %(in_ids)s::uuid[]) x(bucket, id)
  join flow_run r on r.bucket = x.bucket and r.id = x.id and r.tenant_id = %(tenant)s
  where r.stretch = {stretch} and r.status = {RunStatus.ACTIVE:d} and r.visit < {steps_max}),
judged as materialized (
  select r.*, coalesce({fragment.stay}, false) as stays, ({fragment.stay_until})::timestamptz as until from asked r {fragment.stay_joins}),
staying as (select r.*, case when r.until <= %(now)s then %(now)s::timestamptz + %(next_look)s::interval else r.until end as wake from judged r where r.stays){effects},
parked as (
  update flow_run r set wake_at = s.wake, signal = null from staying s where r.bucket = s.bucket and r.id = s.id and r.tenant_id = %(tenant)s),
timed as (
  insert into flow_due (bucket, tenant_id, lane, wake_at, run_id, stretch, customer_id, origin_id)
  select bucket, %(tenant)s, lane, wake, id, {stretch}, customer_id, origin_id from staying where wake is not null)
select coalesce(array_agg(bucket) filter (where not stays), '{{}}')::text, coalesce(array_agg(id) filter (where not stays), '{{}}')::text,
       count(*) filter (where not stays), count(*) from judged
"""
    return Staying(sql, fragment.params)


def ask(turn: Turn, asking: Staying, ids: Ids) -> tuple[Ids, int]:
    """Let those wait on that should. Returns who goes on, and how many stay; who is in neither is not here, or goes round in circles."""
    params = turn.params(in_buckets=ids.buckets, in_ids=ids.runs, next_look=NEXT_LOOK, **asking.params)
    row = turn.tx.cursor(asking.sql, params, prepare=True).fetchone()
    if row is None:
        raise AssertionError("an aggregate always answers one row")
    return Ids(ids.stretch, row[2], row[0], row[1]), row[3] - row[2]
