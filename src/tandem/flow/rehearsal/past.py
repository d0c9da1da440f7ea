"""The past as a backtest plays it: the window's events in a scratch table, audiences and features as of a moment, and what is not known."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from tandem.catalog.label import Label
from tandem.flow import entry
from tandem.flow.fanout import everyone
from tandem.flow.node import Audience
from tandem.flow.plan import Plan, PlannedBlock
from tandem.flow.plans import TenantPlans
from tandem.flow.rehearsal.fields import asked
from tandem.flow.rehearsal.house import Rooms
from tandem.flow.rehearsal.sets import KeptSet
from tandem.flow.rehearsal.things import unknown
from tandem.flow.runs import Lane
from tandem.flow.subjects import CUSTOMER, entity_of
from tandem.kernel.db import Tx
from tandem.kernel.errors import TandemError
from tandem.kernel.ids import new_id
from tandem.kernel.turn import Turn
from tandem.stream.fields import FOLLOWS
from tandem.stream.profile.facts import SCORED_BY, recompute_profile
from tandem.stream.profile_tables import CUSTOMER_SOURCE, CustomerProfile
from tandem.stream.projection import LIVE, AppliedEvent, Features
from tandem.stream.segment.audit import recompute_sql
from tandem.stream.segment.definitions import definitions
from tandem.stream.segment.meaning import ALIAS, checked, joined

_FEATURES: Final = frozenset(column.name for column in CustomerProfile.__table__.columns) - {
    "bucket",
    "tenant_id",
    "customer_id",
    "origin_id",
    "updated_at",
} | {"lifetime_value", "expected_order_at"}
_SCORES: Final = frozenset(
    {"rfm_r", "rfm_f", "rfm_m", "rfm_score", "rfm_version", "usual_interval_days", "churn_risk", "expected_order_at"}
)
_WORD: Final = re.compile(r"[a-z_][a-z_0-9]*")
_CAUSED: Final = ("message.", "coupon.", "points.")

# One pass over the window's partitions; what follows reads this table by time.
_LOAD: Final = """
create temp table past_event as
select e.bucket, e.event_id, e.type, e.customer_id, e.origin_id, e.occurred_at, e.payload, e.subject_type, e.subject_id
from public.event as e
where e.bucket = any(%(buckets)s::smallint[]) and e.tenant_id = %(tenant)s and e.occurred_at > %(since)s and e.occurred_at <= %(until)s
  and (e.customer_id is not null or e.subject_type = %(subject)s) and (%(types)s::text[] is null or e.type = any(%(types)s))
"""
_TOUCHED: Final = """
create temp table past_touch as
select e.bucket, e.customer_id, e.occurred_at from public.event as e
where e.bucket = any(%(buckets)s::smallint[]) and e.tenant_id = %(tenant)s and e.occurred_at > %(since)s and e.occurred_at <= %(until)s
  and e.customer_id is not null and e.type = any(%(types)s)
"""


@dataclass(frozen=True, slots=True)
class Window:
    """From when until when events are played, and how far the clock goes at a time: what happens within one step happens at its end."""

    since: datetime
    until: datetime
    buckets: list[int]


@dataclass(slots=True)
class Past:
    """What a backtest reads. `unknown` says what cannot be known for the past."""

    rooms: Rooms
    plans: TenantPlans
    plan: Plan
    window: Window
    words: frozenset[str]
    unknown: list[Label] = field(default_factory=list[Label])
    members: dict[str, set[UUID]] = field(default_factory=dict[str, set[UUID]])
    sets: list[KeptSet] = field(default_factory=list[KeptSet])
    """What is read as it was, change by change."""
    fields: frozenset[str] = frozenset()
    """The customer's fields that are."""

    @property
    def reads_features(self) -> bool:
        """Does the flow ask for what is computed of a customer's orders and visits?"""
        return bool(self.words & _FEATURES)

    def load(self, tx: Tx) -> int:
        """Copy the window's events that matter. Returns how many there are."""
        types = None if self.plans.conditions else sorted(self.plans.listens())
        bounds = {"since": self.window.since, "until": self.window.until, "buckets": self.window.buckets}
        subject = self.plan.settings.subject
        tx.execute(_LOAD, {"tenant": tx.tenant_id, "types": types, "subject": subject, **bounds})
        tx.execute("create index on past_event (occurred_at)")
        if self.reads_features:
            wanted = sorted({kind for one in self._features() for kind in one.types})
            tx.execute(_TOUCHED, {"tenant": tx.tenant_id, "types": wanted, **bounds})
            tx.execute("create index on past_touch (occurred_at)")
        return int(tx.value("select count(*) from past_event"))

    def events(self, turn: Turn, after: datetime) -> list[AppliedEvent]:
        """The events of the step that ends now."""
        rows = turn.tx.cursor(
            "select bucket, event_id, type, customer_id, origin_id, occurred_at, payload, subject_type, subject_id from past_event"
            " where bucket = any(%(buckets)s::smallint[]) and occurred_at > %(after)s and occurred_at <= %(now)s order by occurred_at, event_id",
            turn.params(after=after),
            prepare=True,
        ).fetchall()
        return [_applied(*row) for row in rows]

    def features(self, turn: Turn, after: datetime | None) -> None:
        """Work out the features as of now: of everybody at first (`after` None), then of those to whom something happened."""
        if not self.reads_features:
            return
        found = self._features()
        source = (
            "select bucket, id from customer where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s and merged_into is null"
            if after is None
            else "select distinct bucket, customer_id from past_touch where bucket = any(%(buckets)s::smallint[]) and occurred_at > %(after)s"
            " and occurred_at <= %(now)s"
        )
        rows: list[tuple[int, UUID]] = turn.tx.cursor(source, turn.params(after=after)).fetchall()
        every = (1 << len(found)) - 1
        recompute_profile(turn, found, dict.fromkeys(rows, every), scores=self._reads_scores)

    def _features(self) -> list[Features]:
        """The sources of what the flow asks for, each narrowed to that."""
        wanted = {column for word in self.words & _FEATURES for column in FOLLOWS.get(word, (word,))}
        if self._reads_scores:
            wanted |= SCORED_BY
        every = [one for one in self.rooms.facts if isinstance(one, Features)]
        return [one.only(wanted) for one in every if wanted.intersection(one.columns)]

    @property
    def _reads_scores(self) -> bool:
        return bool(self.words & _SCORES)

    # ------------------------------------------------------------------------------------------------- audiences

    def enter(self, turn: Turn, after: datetime | None) -> None:
        """Let in the audiences whose moment lies in the step that ends now; at the beginning (`after` None) those inside at publishing."""
        for block in self.plan.starts():
            audience = block.kind.audience(block.config)
            if audience is None:
                continue
            if after is None:
                if audience.at_publish:
                    self._let_in(turn, block, audience)
                continue
            moment = audience.next_after(after, turn.zone) if audience.next_after is not None else None
            while moment is not None and moment <= turn.now:
                self._let_in(turn, block, audience)
                moment = audience.next_after(moment, turn.zone) if audience.next_after is not None else None

    def _let_in(self, turn: Turn, block: PlannedBlock, audience: Audience) -> None:
        thing = self._thing_sql(turn, audience)
        if thing is None:
            inside = self._audience_sql(turn, audience)
            if inside is None:
                return
            text, bound = inside
            source = (
                "asked as (select i.bucket, i.id as customer_id, i.id as origin_id, null::uuid as event_id, null::uuid as root_id, 0 as hops"
                f" from ({text}) as i)"
            )
        else:
            source, bound = thing
        entry.begin(
            turn, self.plan, block, source, vars_sql="null::jsonb", lane=Lane.BULK, due_lane=Lane.BULK, params=bound
        )

    def _thing_sql(self, turn: Turn, audience: Audience) -> tuple[str, dict[str, object]] | None:
        """Which things a start takes in now; None where the flow is about customers."""
        subject = self.plan.settings.subject
        if subject == CUSTOMER or self.plans.catalog is None:
            return None
        shown, table, such = everyone(self.plans.catalog, subject)
        condition = entry.condition_of(self.plans.catalog, audience.condition, None, turn.zone, "cond_", subject)
        known = " and r.customer_id is not null" if self.plan.needs_customer else ""
        return (
            "asked as (select r.bucket, r.customer_id, r.origin_id, r.subject_id, null::uuid as event_id, null::uuid as root_id, 0 as hops"
            f" from (select m.bucket, m.id, {shown} from {table} m where m.bucket = any(%(buckets)s::smallint[]) and m.tenant_id = %(tenant)s"
            f" and {such}) r {condition.joins} where {condition.sql}{known})"
        ), dict(condition.params)

    def _audience_sql(self, turn: Turn, audience: Audience) -> tuple[str, dict[str, object]] | None:
        """Whom a start takes in now: the members of its segment, or everybody, for whom its condition holds."""
        members = None if audience.segment_id is None else self._inside_sql(turn, audience.segment_id)
        if audience.segment_id is not None and (members is None or not audience.condition.strip()):
            return members
        condition = joined(checked(self.rooms.catalog, audience.condition or "true"), turn.zone, "a0_")
        text = (
            f"select {ALIAS}.bucket, {ALIAS}.id from {CUSTOMER_SOURCE} as {ALIAS} {' '.join(condition.joins)}"
            f" where {ALIAS}.bucket = any(%(buckets)s::smallint[]) and {ALIAS}.tenant_id = %(tenant)s and ({condition.text})"
        )
        if members is not None:
            text += f" and ({ALIAS}.bucket, {ALIAS}.id) in ({members[0]})"
        return text, {**(members[1] if members else {}), **condition.bound}

    def _inside_sql(self, turn: Turn, segment: UUID) -> tuple[str, dict[str, object]] | None:
        version = turn.tx.value(
            "select version from segment where tenant_id = %(tenant)s and id = %(segment)s",
            turn.params(segment=segment),
        )
        if version is None:
            return None
        meaning = definitions.meanings(turn.tx, self.rooms.catalog, [(segment, version)])[segment]
        if isinstance(meaning, TandemError):
            raise meaning
        return recompute_sql(meaning, turn.zone)

    # -------------------------------------------------------------------------- segments without a history of their own

    def young_segments(self, tx: Tx) -> dict[UUID, bool]:
        """Segments that starts listen to, and whether their changes were not written down over the whole window."""
        found: dict[UUID, bool] = {}
        for block in self.plan.starts():
            trigger = block.kind.trigger(block.config)
            named = trigger.match.get("segment_id") if trigger is not None else None
            if named is not None:
                made: datetime | None = tx.value(
                    "select created_at from segment where tenant_id = %(tenant)s and id = %(segment)s",
                    {"tenant": tx.tenant_id, "segment": named},
                )
                found[UUID(named)] = made is None or made > self.window.since
        return found

    def crossings(self, turn: Turn, segment: UUID, *, first: bool) -> list[AppliedEvent]:
        """Who is inside as of now and was not when last asked, and the reverse, as the events that the segment would have told."""
        inside = self._inside_sql(turn, segment)
        if inside is None:
            return []
        rows: list[tuple[int, UUID]] = turn.tx.cursor(inside[0], turn.params(**inside[1])).fetchall()
        buckets = {customer: bucket for bucket, customer in rows}
        now, before = set(buckets), self.members.get(str(segment), set[UUID]())
        self.members[str(segment)] = now
        if first:
            return []
        payload = {"segment_id": str(segment)}
        return [
            _applied(one.bytes[15], new_id(), kind, one, one, turn.now, payload)
            for kind, who in (("segment.entered", now - before), ("segment.left", before - now))
            for one in sorted(who)
        ]

    # ------------------------------------------------------------------------------------------- what is not known

    def mark(self, tx: Tx, young: Iterable[UUID]) -> list[Label]:
        """What this flow asks that the past cannot answer."""
        marks: list[Label] = []
        entity = entity_of(
            self.rooms.catalog if self.plans.catalog is None else self.plans.catalog, self.plan.settings.subject
        )
        if entity is not None:
            marks.append(unknown(entity))
        fields = sorted(asked(self.words) - self.fields) if entity is None or "customer" in self.words else []
        if fields:
            names = "、".join(fields)
            marks.append(
                Label(
                    f"流程自己会改客户资料，资料（{names}）从今天的样子算起",
                    f"The flow itself changes the customer: her fields ({', '.join(fields)}) begin as they are today",
                )
            )
        if "has_tag" in self.words and not any(one.function == "has_tag" for one in self.sets):
            marks.append(
                Label(
                    "流程自己会改标签，标签从今天的样子算起",
                    "The flow itself changes tags: they begin as they are today",
                )
            )
        if any(True for _ in young):
            marks.append(
                Label(
                    "分群建立得晚，过去的进出按天重新推算",
                    "A segment is younger than the window: its past comings and goings are worked out day by day",
                )
            )
        caused = sorted(one for one in self.plans.listens() if one.startswith(_CAUSED))
        if caused:
            marks.append(
                Label(
                    f"对本流程消息和券的反应（{'、'.join(caused)}）无从得知，只按历史上已发生的计",
                    f"How people would have answered this flow's messages and coupons ({', '.join(caused)}) is not known; only what really happened counts",
                )
            )
        return marks + self._unheard(tx)

    def _unheard(self, tx: Tx) -> list[Label]:
        known = set(tx.values("select distinct type from past_event"))
        missing = sorted(one for one in self.plans.listens() if one not in known and not one.startswith("segment."))
        if not missing:
            return []
        return [
            Label(f"这段时间没有发生过：{'、'.join(missing)}", f"Never happened in this time: {', '.join(missing)}")
        ]


def words_of(graph: Mapping[str, Any], segments: Sequence[str]) -> frozenset[str]:
    """Every word of the graph's settings and of the expressions of the segments it names."""
    return frozenset(_WORD.findall(json.dumps(graph, ensure_ascii=False) + " ".join(segments)))


def audience_texts(tx: Tx, plan: Plan) -> list[str]:
    """The expressions of the segments that starts take in or listen to, and those of audiences without one."""
    asked = [one for block in plan.starts() if (one := block.kind.audience(block.config)) is not None]
    texts = tx.values(
        "select v.text from segment s join segment_version v on v.tenant_id = %(tenant)s and v.segment_id = s.id and v.number = s.version"
        " where s.tenant_id = %(tenant)s and s.id = any(%(ids)s::uuid[])",
        {"tenant": tx.tenant_id, "ids": [str(one) for one in _segments(plan)]},
    )
    return [*texts, *(one.condition for one in asked)]


def _segments(plan: Plan) -> Iterator[UUID]:
    for block in plan.starts():
        audience, trigger = block.kind.audience(block.config), block.kind.trigger(block.config)
        if audience is not None and audience.segment_id is not None:
            yield audience.segment_id
        if trigger is not None and "segment_id" in trigger.match:
            yield UUID(trigger.match["segment_id"])


def _applied(
    bucket: int,
    event_id: UUID,
    kind: str,
    customer: UUID | None,
    origin: UUID | None,
    at: datetime,
    payload: dict[str, Any],
    subject_type: str | None = None,
    subject_id: UUID | None = None,
) -> AppliedEvent:
    return AppliedEvent(
        bucket=bucket,
        event_id=event_id,
        type=kind,
        customer_id=customer,
        origin_id=origin or customer,
        occurred_at=at,
        received_at=at,
        lane=int(Lane.LIVE),
        mode=LIVE,
        payload=payload,
        subject_type=subject_type,
        subject_id=subject_id,
    )
