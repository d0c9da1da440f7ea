"""Why did she (not) enter a flow: every event that could have brought her in, judged as of its moment; segments, schedules, rules.

A customer's history is small, so it is read whole and judged event by event; conditions see her related rows as of then.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from tandem.catalog import Catalog, check
from tandem.catalog.label import Label
from tandem.flow.explain import words
from tandem.flow.explain.judge import judge
from tandem.flow.expressions import scope_of
from tandem.flow.graph import Graph, Reentry, parse_graph
from tandem.flow.node import Audience, Role, Trigger
from tandem.flow.plan import config_of
from tandem.flow.rehearsal.fields import EVERY_FIELD, past_fields
from tandem.flow.rehearsal.house import Rooms
from tandem.flow.rehearsal.scratch import as_of, own_features, past_views
from tandem.flow.rehearsal.sets import SETS, past_sets
from tandem.flow.rehearsal.things import as_it_was, stand_in
from tandem.flow.runs import HOLDOUT_ARM, HOPS_MAX, RunStatus
from tandem.flow.service import FlowDraft, get_flow
from tandem.flow.subjects import CUSTOMER, Home, entity_of
from tandem.kernel.db import Database, Tx, begin, connect
from tandem.kernel.errors import NotFound, TandemError
from tandem.kernel.ids import bucket_of
from tandem.kernel.turn import Turn
from tandem.stream.profile.facts import recompute_profile
from tandem.stream.projection import LIVE, Features
from tandem.stream.segment.definitions import definitions
from tandem.stream.segment.explain import Part, explain
from tandem.stream.segment.meaning import checked
from tandem.stream.things.catalogue import catalog_of

EVENTS_MAX: Final = 30
DAYS: Final = 180


@dataclass(frozen=True, slots=True)
class Past:
    """A run of hers in the flow, the control group's too."""

    id: UUID
    version: int
    status: int
    arm: int | None
    entered_at: datetime
    ended_at: datetime | None
    cause_id: UUID | None


@dataclass(frozen=True, slots=True)
class Try:
    """A moment at which she could have entered by a start block. `code` is one of `words.SENTENCES`; `said` is it as a sentence."""

    block: str
    at: datetime | None
    event_type: str | None
    code: str
    said: Label
    condition: Part | None = None
    run_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Why:
    """The answer: her runs, the moments she could have entered at, newest first, and what stands in her way now whatever happens."""

    flow: FlowDraft
    graph: Graph
    runs: list[Past]
    tries: list[Try]
    bars: list[Label]


@dataclass(frozen=True, slots=True)
class _Happened:
    event_id: UUID
    type: str
    occurred_at: datetime
    received_at: datetime
    mode: int
    hops: int
    payload: dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Version:
    number: int
    published_at: datetime
    graph: dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Start:
    block: str
    trigger: Trigger | None
    audience: Audience | None


def why(db: Database, rooms: Rooms, tenant: UUID, flow_id: UUID, subject: str, who: Home) -> Why:
    """Judge one flow for one customer (or thing) whom the caller may see. Raises NotFound for one about something else."""
    with session(db, tenant) as tx:
        flow = get_flow(tx, flow_id)
        versions = tx.all(
            _Version,
            "select number, published_at, graph from flow_version where tenant_id = %(tenant)s and flow_id = %(flow)s order by number",
            {"tenant": tenant, "flow": flow_id},
        )
        graph = parse_graph(versions[-1].graph if versions else flow.draft)
        if graph.settings.subject != subject:
            raise about_another()
        runs = _runs(tx, flow_id, subject, who)
        happened = _happened(tx, rooms, flow_id, graph, subject, who)
        bars = list(_bars(tx, flow, who.customer_id))
        catalog = catalog_of(tx, rooms.catalog)
        entity = entity_of(catalog, subject)
        own = frozenset[str]() if entity is None else frozenset({entity.table})
        then_views(tx, rooms, who, besides=own, subject=subject)
        if entity is not None:
            stand_in(tx, catalog, entity, who)
        judge = _Judge(tx, rooms, catalog, subject, who, graph, versions, runs)
        tries = [one for start in _starts(rooms, graph) for one in judge.start(start, happened)]
        tries.sort(key=lambda one: one.at or tx.now, reverse=True)
        return Why(flow, graph, runs, tries, bars)


def about_another() -> NotFound:
    """The error for a flow about something else than what is asked of."""
    return NotFound("flow_about_another", "这个流程的主体不是它。", "This flow is about something else.")


def then_views(
    tx: Tx, rooms: Rooms, who: Home, *, besides: frozenset[str] = frozenset(), subject: str = CUSTOMER
) -> None:
    """Let the rest of the transaction read her as of a moment within `DAYS`; `besides`: tables that something else stands before."""
    own_features(tx)
    past_views(tx, rooms.catalog, rooms.tryouts, besides=besides, subject=subject)
    if who.customer_id is not None:
        since = tx.now - timedelta(days=DAYS)
        past_sets(tx, SETS, since, buckets=[who.bucket], owner=who.customer_id)
        past_fields(tx, EVERY_FIELD, since, buckets=[who.bucket], owner=who.customer_id)


def judge_event(
    tx: Tx,
    rooms: Rooms,
    trigger: Trigger,
    event_type: str,
    payload: Mapping[str, Any],
    who: Home,
    at: datetime,
    *,
    subject: str = CUSTOMER,
    catalog: Catalog | None = None,
) -> Part | None:
    """A start's condition for an event as of its moment, None where it has none. Wants `then_views`, of a thing its `stand_in`."""
    if not trigger.condition.strip():
        return None
    known = catalog or rooms.catalog
    found = check(trigger.condition, scope_of(known, event_type, subject), "bool")
    as_of(tx, at)
    then = replace(tx, now=at)
    if who.customer_id is not None:
        features = [one for one in rooms.facts if isinstance(one, Features)]
        recompute_profile(Turn(then, [who.bucket]), features, {(who.bucket, who.customer_id): (1 << len(features)) - 1})
    entity = entity_of(known, subject)
    if entity is not None:
        as_it_was(tx, entity, who, at)
    return judge(then, known, found, subject, who, payload)


@contextmanager
def session(db: Database, tenant: UUID) -> Generator[Tx]:
    """A transaction of a session of its own, undone at the end."""
    with closing(connect(db.url("worker"))) as connection, connection.transaction(force_rollback=True):
        yield begin(connection, tenant=tenant)


def _starts(rooms: Rooms, graph: Graph) -> Iterator[_Start]:
    for block in graph.blocks:
        kind = rooms.kinds.get(block.kind, block.version)
        if kind is None or kind.role is not Role.START:
            continue
        try:
            config = config_of(kind, block.config)
        except TandemError:
            continue
        yield _Start(block.id, kind.trigger(config), kind.audience(config))


def _runs(tx: Tx, flow_id: UUID, subject: str, who: Home) -> list[Past]:
    column = "customer_id" if subject == CUSTOMER else "subject_id"
    return tx.all(
        Past,
        "select r.id, v.number as version, r.status, r.arm, r.entered_at, r.ended_at, r.cause_id from flow_run r"
        " join flow_stretch t on t.id = r.stretch and t.tenant_id = %(tenant)s"
        " join flow_version v on v.id = t.version_id and v.tenant_id = %(tenant)s"
        f" where r.tenant_id = %(tenant)s and r.bucket = any(%(buckets)s::smallint[]) and r.{column} = %(who)s and r.flow_id = %(flow)s"
        " order by r.entered_at desc limit 100",
        {"tenant": tx.tenant_id, "buckets": [who.bucket], "who": who.id, "flow": flow_id},
    )


def _happened(tx: Tx, rooms: Rooms, flow_id: UUID, graph: Graph, subject: str, who: Home) -> list[_Happened]:
    """The latest events that could have brought her in. Who was asked into another flow was not asked into this one."""
    triggers = [one.trigger for one in _starts(rooms, graph) if one.trigger is not None]
    types = sorted({kind for one in triggers for kind in one.types})
    return tx.all(
        _Happened,
        "select event_id, type, occurred_at, received_at, mode, hops, payload from event where tenant_id = %(tenant)s"
        " and bucket = any(%(buckets)s::smallint[]) and owner_id = %(owner)s and type = any(%(types)s) and occurred_at > %(since)s"
        " and (%(subject)s = 'customer' or (subject_type = %(subject)s and subject_id = %(who)s))"
        " and (type <> all(%(of_flow)s::text[]) or payload->>'flow_id' = %(flow)s)"
        " order by occurred_at desc limit %(limit)s",
        {
            "tenant": tx.tenant_id,
            "buckets": [who.bucket],
            "owner": who.customer_id or who.id,
            "who": who.id,
            "subject": subject,
            "types": types,
            "of_flow": sorted({kind for one in triggers if one.of_flow for kind in one.types}),
            "flow": str(flow_id),
            "since": tx.now - timedelta(days=DAYS),
            "limit": EVENTS_MAX,
        },
    )


def _bars(tx: Tx, flow: FlowDraft, customer: UUID | None) -> Iterator[Label]:
    """What keeps her out now, whatever happens."""
    if flow.status != "running":
        yield words.STATUS[flow.status]
    if customer is None:
        return
    row = tx.cursor(
        "select merged_into, held, do_not_contact from customer where tenant_id = %(tenant)s and bucket = any(%(buckets)s::smallint[])"
        " and id = %(customer)s",
        {"tenant": tx.tenant_id, "buckets": [bucket_of(customer)], "customer": customer},
    ).fetchone()
    if row is None or row[0] is not None:
        yield words.said("merged")
    elif row[1]:
        yield words.said("held")
    if row is not None and row[2]:
        yield words.said("do_not_contact")


@dataclass(frozen=True, slots=True)
class _Judge:
    tx: Tx
    rooms: Rooms
    catalog: Catalog
    subject: str
    who: Home
    graph: Graph
    versions: Sequence[_Version]
    runs: Sequence[Past]

    def start(self, start: _Start, happened: Sequence[_Happened]) -> Iterator[Try]:
        """Everything by which this start could have taken her in."""
        found = False
        for one in happened:
            if start.trigger is not None and one.type in start.trigger.types:
                if start.trigger.of_flow and one.payload.get("block") not in {None, start.block}:
                    continue
                found = True
                yield self._event(start, start.trigger, one)
        if start.audience is not None and start.audience.segment_id is None:
            yield self._anybody(start, start.audience)
        elif start.audience is not None or (start.trigger is not None and "segment_id" in start.trigger.match):
            yield self._member(start)
        elif not found and start.trigger is not None:
            kinds = "、".join(start.trigger.types)
            yield Try(start.block, None, kinds, "no_event", words.said("no_event", event=kinds, days=DAYS))

    def _event(self, start: _Start, trigger: Trigger, one: _Happened) -> Try:
        def answer(code: str, condition: Part | None = None, run: UUID | None = None, **more: object) -> Try:
            said = words.said(code, **more)
            return Try(start.block, one.occurred_at, one.type, code, said, condition, run)

        entered = next((run for run in self.runs if run.cause_id == one.event_id), None)
        condition = self._condition(trigger, one)
        if entered is not None:
            code = "held_out" if entered.arm == HOLDOUT_ARM else "entered"
            return answer(code, condition, entered.id)
        if any(str(one.payload.get(key)) != value for key, value in trigger.match.items()):
            return answer("other_event")
        barred = self._barred(one)
        if barred is not None:
            return answer(barred, hours=self.graph.settings.late_hours)
        if condition is not None and not condition.holds:
            return answer("condition", condition)
        earlier = _reentry(self.graph.settings.reentry, self.runs, one.occurred_at)
        if earlier is not None:
            return answer("reentry", condition, earlier.id, rule=words.rule(self.graph.settings.reentry))
        return answer("unclear", condition)

    def _barred(self, one: _Happened) -> str | None:
        """What keeps such an event from starting anything, whoever it is about. Publishing and arrival are machine time."""
        if not self.versions or one.received_at < self.versions[0].published_at:
            return "not_published"
        if one.mode != LIVE:
            return "backfill"
        if one.hops > HOPS_MAX:
            return "hops"
        # A demo's clock is ahead of the machine's by a step that has grown since: only what is late by both is surely late.
        late = timedelta(hours=self.graph.settings.late_hours)
        return "late" if one.occurred_at < one.received_at - late else None

    def _condition(self, trigger: Trigger, one: _Happened) -> Part | None:
        return judge_event(
            self.tx,
            self.rooms,
            trigger,
            one.type,
            one.payload,
            self.who,
            one.occurred_at,
            subject=self.subject,
            catalog=self.catalog,
        )

    def _anybody(self, start: _Start, audience: Audience) -> Try:
        """A start that takes in everybody for whom a condition holds at its moment: does it hold for her now, and when is the next?"""
        as_of(self.tx, self.tx.now)
        text = audience.condition.strip()
        part = None
        if text and self.subject == CUSTOMER:
            part = explain(self.tx, checked(self.rooms.catalog, text), self.who.id)
        elif text:
            entity = entity_of(self.catalog, self.subject)
            if entity is not None:
                as_it_was(self.tx, entity, self.who, self.tx.now)
            found = check(text, scope_of(self.catalog, None, self.subject), "bool")
            part = judge(self.tx, self.catalog, found, self.subject, self.who)
        upcoming = audience.next_after(self.tx.now, self.tx.zone) if audience.next_after is not None else None
        code = "condition" if part is not None and not part.holds else "due" if self.versions else "not_published"
        return Try(start.block, upcoming, None, code, words.said(code), part)

    def _member(self, start: _Start) -> Try:
        """A segment's start: is she inside, and by which part of its expression?"""
        match: Mapping[str, str] = start.trigger.match if start.trigger is not None else {}
        named = start.audience.segment_id if start.audience is not None else None
        segment = named or UUID(match["segment_id"])
        tx, zone = self.tx, self.tx.zone
        as_of(tx, tx.now)
        params = {
            "tenant": tx.tenant_id,
            "buckets": [self.who.bucket],
            "customer": self.who.id,
            "segment": segment,
        }
        row = tx.cursor(
            "select s.name, s.version, m.since from segment s left join public.segment_member m on m.tenant_id = %(tenant)s"
            " and m.bucket = any(%(buckets)s::smallint[]) and m.segment_id = s.id and m.customer_id = %(customer)s"
            " where s.tenant_id = %(tenant)s and s.id = %(segment)s",
            params,
        ).fetchone()
        if row is None:
            return Try(start.block, None, None, "no_segment", words.said("no_segment"))
        name, version, since = row
        meaning = definitions.meanings(tx, self.rooms.catalog, [(segment, version)])[segment]
        condition = None if isinstance(meaning, TandemError) else explain(tx, meaning.checked, self.who.id)
        if not self.versions:
            return Try(start.block, since, None, "not_published", words.said("not_published"), condition)
        upcoming = start.audience.next_after(tx.now, zone) if start.audience and start.audience.next_after else None
        if since is None:
            return Try(start.block, None, None, "not_member", words.said("not_member", segment=name), condition)
        if upcoming is not None:
            return Try(start.block, upcoming, None, "scheduled", words.said("scheduled", segment=name), condition)
        entered = next((run for run in self.runs if run.cause_id is None), None)
        code = "entered" if entered is not None else "member_unmoved"
        return Try(
            start.block, since, None, code, words.said(code, segment=name), condition, entered.id if entered else None
        )


def _reentry(rule: Reentry, runs: Sequence[Past], at: datetime) -> Past | None:
    """The run that kept her from entering (again) at a moment, as `entry.reentry` judges."""
    before = [run for run in runs if run.entered_at <= at]
    inside = {RunStatus.ACTIVE, RunStatus.FAILED, RunStatus.HELD, RunStatus.HOLDOUT}
    still = next((run for run in before if (run.ended_at is None and run.status in inside) or _over(run, at)), None)
    if still is not None and not rule.concurrent and rule.rule != "never":
        return still
    match rule.rule:
        case "never":
            return before[0] if before else None
        case "after_days":
            return next((run for run in before if run.entered_at > at - timedelta(days=rule.days)), None)
        case "at_most":
            return before[0] if len(before) >= rule.times else None
        case _:
            return None


def _over(run: Past, at: datetime) -> bool:
    """Was the run still going on then?"""
    return run.ended_at is not None and run.ended_at > at
