"""Runs begin: because of an event, or because an audience is let in. One statement judges re-entry and control group and files runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from tandem.catalog import Catalog, check
from tandem.flow.expressions import printed, scope_of
from tandem.flow.graph import Settings
from tandem.flow.node import Trigger
from tandem.flow.plan import Plan, PlannedBlock
from tandem.flow.runs import HOLDOUT_ARM, HOPS_MAX, Lane, RunStatus
from tandem.flow.subjects import CUSTOMER
from tandem.kernel.turn import Turn
from tandem.stream.projection import AppliedEvent

_ENCODER = msgspec.json.Encoder(decimal_format="string", uuid_format="canonical")
_INSIDE = f"({RunStatus.ACTIVE:d}, {RunStatus.FAILED:d}, {RunStatus.HELD:d}, {RunStatus.HOLDOUT:d})"

#: The events of a batch as the relation `r`, for conditions printed over a run's row.
EVENTS = """events as materialized (
  select e.b as bucket, e.c as customer_id, e.g as origin_id, e.e as event_id, e.r as root_id, e.n as hops, e.o as occurred_at, e.a as heard_at, e.t as type, e.p as payload,
         e.st as subject_type, e.s as subject_id
  from jsonb_to_recordset(%(events)s::jsonb) as e(b smallint, c uuid, g uuid, e uuid, r uuid, n smallint, o timestamptz, a timestamptz, t text, p jsonb, st text, s uuid))"""


@dataclass(frozen=True, slots=True)
class Condition:
    """A trigger's condition over the relation `r` of events, or of event and run."""

    sql: str
    joins: str
    params: dict[str, object]


def events_json(events: Sequence[AppliedEvent]) -> str:
    """A batch of events as one document for `EVENTS`: encoded in C, read in C."""
    return _ENCODER.encode(
        [
            {
                "b": one.bucket,
                "c": one.customer_id,
                "g": one.origin_id or one.customer_id,
                "e": one.event_id,
                "r": one.root_id or one.event_id,
                "n": one.hops,
                "o": one.occurred_at,
                "a": one.heard_at or one.received_at,
                "t": one.type,
                "p": one.payload,
                "st": one.subject_type,
                "s": one.subject_id,
            }
            for one in events
        ],
    ).decode()


def condition_of(
    catalog: Catalog, text: str, event_type: str | None, zone: str, prefix: str, subject: str = CUSTOMER
) -> Condition:
    """Print a trigger's condition. Raises ExpressionError for one that no longer fits the catalog."""
    if not text.strip():
        return Condition("true", "", {})
    checked = check(text, scope_of(catalog, event_type, subject), "bool")
    found = printed(checked, catalog, prefix=prefix, zone=zone, aliases={"event": "r.payload"}, subject=subject)
    return Condition(
        found.sql, " ".join(found.joins), {name: value for name, value in found.params.items() if name in found.sql}
    )


def matching(trigger: Trigger, events: Sequence[AppliedEvent]) -> list[AppliedEvent]:
    """The events that fit a trigger by type and payload, before its condition is asked."""
    wanted = trigger.match.items()
    return [
        one
        for one in events
        if one.type in trigger.types
        and all(str(one.payload.get(key)) == value for key, value in wanted)
        and (trigger.test is None or trigger.test(one.payload))
    ]


def start_by_events(
    turn: Turn, catalog: Catalog, plan: Plan, block: PlannedBlock, trigger: Trigger, events: Sequence[AppliedEvent]
) -> int:
    """Let the subjects of these events in, as far as condition and re-entry allow. Returns how many runs began.

    A round of events holds at most one of each customer and of each thing, so re-entry needs no look at the batch itself.
    """
    fitting = [one for one in matching(trigger, events) if one.hops <= HOPS_MAX and _is_about(plan, one)]
    if trigger.of_flow:
        fitting = [one for one in fitting if _is_for(plan, block, one)]
    if not fitting:
        return 0
    subject = plan.settings.subject
    condition = condition_of(catalog, trigger.condition, fitting[0].type, turn.zone, "cond_", subject)
    source = f"{EVENTS}, asked as (select r.* from events r {condition.joins} where {condition.sql})"
    keeps = "jsonb_build_object('event', a.payload, 'event_type', a.type, 'event_id', a.event_id, 'event_at', a.occurred_at)"
    if block.kind.remembers(block.config):
        keeps += " || jsonb_build_object('memory', coalesce(a.payload -> 'data', '{}'::jsonb))"
    return begin(
        turn,
        plan,
        block,
        source,
        vars_sql=keeps,
        lane=Lane.NORMAL,
        due_lane=Lane.LIVE,
        params={"events": events_json(fitting), **condition.params},
        heard="heard_at",
    )


def _is_about(plan: Plan, event: AppliedEvent) -> bool:
    """Has the event a subject for this flow? A thing must be of its sort, and have a customer where some block needs one."""
    subject = plan.settings.subject
    if subject == CUSTOMER:
        return event.customer_id is not None
    known = event.subject_type == subject and event.subject_id is not None
    return known and (event.customer_id is not None or not plan.needs_customer)


def _is_for(plan: Plan, block: PlannedBlock, event: AppliedEvent) -> bool:
    """Does the event name this flow, and this start or none?"""
    named = event.payload.get("block")
    return event.payload.get("flow_id") == str(plan.flow_id) and (named is None or named == block.id)


def begin(
    turn: Turn,
    plan: Plan,
    block: PlannedBlock,
    source: str,
    *,
    vars_sql: str,
    lane: Lane,
    due_lane: Lane,
    params: dict[str, Any],
    heard: str = "null::timestamptz",
) -> int:
    """File a run for each row of the relation `asked` that `source` ends with, unless re-entry forbids it.

    `asked` has bucket, customer_id, origin_id, event_id, root_id, hops; of a flow about a thing its subject_id too. Those
    drawn for the control group get a run that never moves.
    What was started for somebody who was merged into the customer keeps her as its origin, and leaves with her should she be split off.
    """
    thing = plan.settings.subject != CUSTOMER
    sql = f"""
with {source},
admitted as (
  select a.*, tandem_new_id() as run_id, {_holdout(plan)} as held_out from asked a
  {"left " if thing else ""}join customer k on k.bucket = a.bucket and k.id = a.customer_id and k.tenant_id = %(tenant)s and k.merged_into is null and not k.held
  where {reentry(plan.settings)}{" and (a.customer_id is null or k.id is not null)" if thing else ""}),
filed as (
  insert into flow_run (bucket, id, tenant_id, customer_id, origin_id, flow_id, stretch, status, lane, arm, hops, entered_at, wake_at,
                        heard_at, cause_id, root_id, vars{", subject_type, subject_id" if thing else ""})
  select bucket, run_id, %(tenant)s, customer_id, coalesce(origin_id, customer_id), %(flow)s, %(stretch)s,
         case when held_out then {RunStatus.HOLDOUT:d} else {RunStatus.ACTIVE:d} end, %(lane)s,
         case when held_out then {HOLDOUT_ARM} end, coalesce(hops, 0), %(now)s, case when not held_out then %(now)s::timestamptz end,
         {heard}, event_id, coalesce(root_id, run_id), {vars_sql.replace("a.", "")}{", %(subject)s, subject_id" if thing else ""}
  from admitted),
timed as (
  insert into flow_due (bucket, tenant_id, lane, wake_at, run_id, stretch, customer_id, origin_id)
  select bucket, %(tenant)s, %(due_lane)s, %(now)s, run_id, %(stretch)s, customer_id, coalesce(origin_id, customer_id)
  from admitted where not held_out)
select count(*) from admitted
"""
    more = turn.params(
        flow=plan.flow_id,
        stretch=plan.stretches[block.id, "enter"],
        lane=int(lane),
        due_lane=int(due_lane),
        **({"subject": plan.settings.subject} if thing else {}),
        **{name: value for name, value in params.items() if name != "flow"},
    )
    row = turn.tx.cursor(sql, more, prepare=True).fetchone()
    return 0 if row is None else int(row[0])


def _holdout(plan: Plan) -> str:
    """SQL: is the subject drawn for the control group? A hash of flow and customer, so that the answer never changes."""
    share = round(plan.settings.holdout_percent * 100)
    if share == 0:
        return "false"
    who = "a.customer_id" if plan.settings.subject == CUSTOMER else "a.subject_id"
    return f"('x' || left(md5('holdout' || %(flow)s::text || {who}::text), 7))::bit(28)::int % 10000 < {share}".replace(
        "% 10000", "%% 10000"
    )


def reentry(settings: Settings) -> str:
    """SQL over `a` (bucket, customer_id or subject_id) and the parameters flow, tenant and now: may it enter (again)?"""
    rule = settings.reentry
    same = "customer_id" if settings.subject == CUSTOMER else "subject_id"
    earlier = f"from flow_run h where h.bucket = a.bucket and h.{same} = a.{same} and h.flow_id = %(flow)s and h.tenant_id = %(tenant)s and h.parent_id is null"
    inside = "true" if rule.concurrent else f"not exists (select 1 {earlier} and h.status in {_INSIDE})"
    match rule.rule:
        case "never":
            return f"not exists (select 1 {earlier})"
        case "always" | "after_leaving":
            return inside
        case "after_days":
            recent = f"h.entered_at > %(now)s::timestamptz - make_interval(days => {rule.days})"
            return f"{inside} and not exists (select 1 {earlier} and {recent})"
        case "at_most":
            return f"{inside} and (select count(*) {earlier}) < {rule.times}"
