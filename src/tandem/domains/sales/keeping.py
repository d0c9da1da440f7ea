"""Leads as they follow from what is told: asked about once or again, whose they become, and what came of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from tandem.domains.sales.events import (
    FRIEND_ADDED,
    LEAD_ASSIGNED,
    LEAD_CONTACTED,
    LEAD_CREATED,
    LEAD_OVERDUE,
    LEAD_REPORTED,
    LEAD_WON,
    ORDER_PAID,
)
from tandem.domains.sales.rules import OPEN, Rule, Seat, State, chosen, due_again, worth
from tandem.flow.module import TurnStep
from tandem.kernel.db import Tx
from tandem.kernel.ids import BUCKETS, derived_id
from tandem.kernel.turn import Turn
from tandem.stream.events import NewEvent, following
from tandem.stream.inbox import follow_up
from tandem.stream.projection import BACKFILL, AppliedEvent, Projection
from tandem.stream.rows import to_json

ALL_BUCKETS: Final = list(range(BUCKETS))


@dataclass(frozen=True, slots=True)
class Lead:
    """A lead as it stands."""

    bucket: int
    id: UUID
    customer_id: UUID
    origin_id: UUID
    store_id: UUID | None
    owner_user_id: UUID | None
    source: str
    subject: str
    campaign: str
    score: int
    reasons: dict[str, Any]
    times: int
    state: State
    why: str
    amount: Decimal | None
    order_id: str | None
    created_at: datetime
    asked_at: datetime
    assigned_at: datetime | None
    contacted_at: datetime | None
    friend_at: datetime | None
    ordered_at: datetime | None
    closed_at: datetime | None
    due_at: datetime | None
    reminded: int


COLUMNS: Final = (
    "bucket, id, customer_id, origin_id, store_id, owner_user_id, source, subject, campaign, score, reasons, times, state, why, amount, order_id,"
    " created_at, asked_at, assigned_at, contacted_at, friend_at, ordered_at, closed_at, due_at, reminded"
)
TYPED: Final = (
    "bucket smallint, id uuid, customer_id uuid, origin_id uuid, store_id uuid, owner_user_id uuid, source text, subject text, campaign text,"
    " score smallint, reasons jsonb, times int, state text, why text, amount numeric, order_id text, created_at timestamptz, asked_at timestamptz,"
    " assigned_at timestamptz, contacted_at timestamptz, friend_at timestamptz, ordered_at timestamptz, closed_at timestamptz, due_at timestamptz,"
    " reminded smallint"
)
_CHANGING: Final = (
    "owner_user_id", "score", "reasons", "times", "state", "why", "amount", "order_id", "asked_at", "assigned_at", "contacted_at", "friend_at",
    "ordered_at", "closed_at", "due_at", "reminded",
)  # fmt: skip
_HERS: Final = f"""
select {COLUMNS} from lead where tenant_id = %(tenant)s and bucket = any(%(buckets)s::smallint[]) and customer_id = any(%(ids)s::uuid[])
order by created_at, id
"""
# Whoever was erased between telling and this is not written down again.
_WRITE: Final = f"""
insert into lead (tenant_id, {COLUMNS})
select %(tenant)s, n.* from jsonb_to_recordset(%(rows)s::jsonb) as n({TYPED})
where exists (select from customer as c where c.bucket = n.bucket and c.bucket = any(%(buckets)s::smallint[]) and c.tenant_id = %(tenant)s
  and c.id = n.customer_id)
on conflict (bucket, id) do update set {", ".join(f"{one} = excluded.{one}" for one in _CHANGING)}
"""
_PEOPLE: Final = """
select c.id, c.store_id, c.owner_user_id, coalesce(p.order_count, 0) > 0 as bought,
  exists (select from friendship as f where f.bucket = c.bucket and f.bucket = any(%(buckets)s::smallint[]) and f.tenant_id = %(tenant)s
    and f.customer_id = c.id and f.added_at is not null and f.lost_at is null) as friend
from customer as c
left join customer_profile as p on p.bucket = c.bucket and p.bucket = any(%(buckets)s::smallint[]) and p.tenant_id = %(tenant)s and p.customer_id = c.id
where c.bucket = any(%(buckets)s::smallint[]) and c.tenant_id = %(tenant)s and c.id = any(%(ids)s::uuid[])
"""
# When somebody got her last lead follows from the leads: a mark of it on her seat would be one row that customers of all buckets share.
_SEATS: Final = """
select s.user_id, s.store_id, (select max(l.assigned_at) from lead as l where l.tenant_id = %(tenant)s and l.bucket = any(%(every)s::smallint[])
  and l.owner_user_id = s.user_id) as got_at, (select count(*) from lead as l where l.tenant_id = %(tenant)s and l.bucket = any(%(every)s::smallint[])
  and l.owner_user_id = s.user_id and l.state in ('new', 'assigned', 'contacted'))::int as load
from lead_seat as s join staff_user as u on u.tenant_id = %(tenant)s and u.id = s.user_id and u.active
where s.tenant_id = %(tenant)s order by s.user_id
"""
_NAMES: Final = "select id, name from staff_user where tenant_id = %(tenant)s and id = any(%(ids)s::uuid[])"


@dataclass(frozen=True, slots=True)
class _Person:
    id: UUID
    store_id: UUID | None
    owner_user_id: UUID | None
    bought: bool
    friend: bool


@dataclass(slots=True)
class Batch:
    """What a batch of events changes."""

    rule: Rule
    leads: dict[UUID, list[Lead]]
    people: dict[UUID, _Person] = field(default_factory=dict[UUID, _Person])
    seats: list[Seat] = field(default_factory=list[Seat])
    changed: dict[UUID, Lead] = field(default_factory=dict[UUID, Lead])
    news: list[tuple[AppliedEvent, str, Lead, str]] = field(default_factory=list[tuple[AppliedEvent, str, Lead, str]])

    def keep(self, lead: Lead) -> None:
        """Take a lead in its new form."""
        mine = self.leads.setdefault(lead.customer_id, [])
        self.leads[lead.customer_id] = [*(one for one in mine if one.id != lead.id), lead]
        self.changed[lead.id] = lead


def rule_of(tx: Tx) -> Rule:
    """How the tenant keeps its leads."""
    asked = "select assign, same_days, remind_minutes, win_days from lead_rule where tenant_id = %(tenant)s"
    return tx.maybe(Rule, asked, {"tenant": tx.tenant_id}) or Rule()


def seats_of(tx: Tx) -> list[Seat]:
    """Who gets leads, with what each has and when she got the last. The transaction must see every customer."""
    return tx.all(Seat, _SEATS, {"tenant": tx.tenant_id, "every": ALL_BUCKETS})


def report(turn: Turn, events: Sequence[AppliedEvent]) -> None:
    """Make leads of what people asked: a new one, or the one they have about the same thing once more."""
    mine = [event for event in events if event.customer_id is not None]
    if not mine:
        return
    batch = load(turn, mine)
    ids = list(batch.leads)
    batch.people = {one.id: one for one in turn.tx.all(_Person, _PEOPLE, turn.params(ids=ids))}
    batch.seats = seats_of(turn.tx)
    for event in mine:
        _report(batch, event)
    write(turn, batch)


def outcome(turn: Turn, events: Sequence[AppliedEvent]) -> None:
    """A friendship means that she was contacted, an order that a lead is won."""
    mine = [event for event in events if event.customer_id is not None]
    if not mine:
        return
    batch = load(turn, mine)
    if not any(batch.leads.values()):
        return
    for event in mine:
        _friend(batch, event) if event.type == FRIEND_ADDED else _paid(turn.tx, batch, event)
    write(turn, batch)


def load(turn: Turn, events: Sequence[AppliedEvent]) -> Batch:
    """The leads of the customers whom events are about, to be changed."""
    ids = list({event.customer_id: None for event in events if event.customer_id is not None})
    leads: dict[UUID, list[Lead]] = {one: [] for one in ids}
    for lead in turn.tx.all(Lead, _HERS, turn.params(ids=ids)):
        leads[lead.customer_id].append(lead)
    return Batch(rule_of(turn.tx), leads)


def _report(batch: Batch, event: AppliedEvent) -> None:
    said, at, who = event.payload, event.occurred_at, batch.people.get(event.customer_id or event.event_id)
    if who is None:
        return
    source, subject, campaign = (str(said.get(one) or "") for one in ("source", "subject", "campaign"))
    known = _same(batch, who.id, source, subject, at)
    if known is not None:
        score, reasons = worth(
            subject=known.subject, campaign=known.campaign, friend=who.friend, bought=who.bought, times=known.times + 1
        )
        batch.keep(
            replace(known, times=known.times + 1, asked_at=max(known.asked_at, at), score=score, reasons=reasons)
        )
        return
    score, reasons = worth(subject=subject, campaign=campaign, friend=who.friend, bought=who.bought, times=1)
    owner = (
        None
        if event.mode == BACKFILL
        else chosen(batch.seats, batch.rule, store=who.store_id, owner=who.owner_user_id, at=at)
    )
    lead = Lead(
        bucket=event.bucket, id=derived_id(event.event_id, "lead"), customer_id=who.id, origin_id=event.origin_id or who.id,
        store_id=who.store_id, owner_user_id=owner, source=source, subject=subject, campaign=campaign, score=score, reasons=dict(reasons),
        times=1, state="new" if owner is None else "assigned", why="", amount=None, order_id=None, created_at=at, asked_at=at,
        assigned_at=None if owner is None else at, contacted_at=None, friend_at=None, ordered_at=None, closed_at=None,
        due_at=None if event.mode == BACKFILL else due_again(at, batch.rule, 0), reminded=0,
    )  # fmt: skip
    batch.keep(lead)
    batch.news.append((event, LEAD_CREATED, lead, ""))
    if owner is not None:
        batch.news.append((event, LEAD_ASSIGNED, lead, ""))


def _same(batch: Batch, who: UUID, source: str, subject: str, at: datetime) -> Lead | None:
    """Her lead about this from there that is open, or so young that asking again counts to it."""
    since = at - timedelta(days=batch.rule.same_days)
    for lead in reversed(batch.leads.get(who, [])):
        if (lead.source, lead.subject) == (source, subject) and (lead.state in OPEN or lead.asked_at >= since):
            return lead
    return None


def _friend(batch: Batch, event: AppliedEvent) -> None:
    for lead in list(batch.leads.get(event.customer_id or event.event_id, [])):
        if lead.friend_at is not None or lead.created_at > event.occurred_at:
            continue
        after = replace(lead, friend_at=event.occurred_at)
        if lead.state in {"new", "assigned"}:
            after = replace(after, state="contacted", why="friend", contacted_at=event.occurred_at, due_at=None)
            batch.news.append((event, LEAD_CONTACTED, after, "friend"))
        batch.keep(after)


def _paid(tx: Tx, batch: Batch, event: AppliedEvent) -> None:
    said, at = event.payload, event.occurred_at
    amount = Decimal(str(said.get("total") or 0)) if said.get("currency") in (None, tx.currency) else None
    until = timedelta(days=batch.rule.win_days)
    for lead in list(batch.leads.get(event.customer_id or event.event_id, [])):
        if lead.state not in OPEN or not lead.created_at <= at <= lead.created_at + until:
            continue
        after = replace(
            lead, state="won", why="order", ordered_at=at, closed_at=at, due_at=None, amount=amount, order_id=str(said.get("order_id") or "")
        )  # fmt: skip
        batch.keep(after)
        batch.news.append((event, LEAD_WON, after, "order"))
        # An order is what one lead came to: the oldest that is open.
        return


def write(turn: Turn, batch: Batch) -> None:
    """Write what was changed, and tell of it."""
    if batch.changed:
        rows = [{one: getattr(lead, one) for one in Lead.__slots__} for lead in batch.changed.values()]
        turn.tx.execute(_WRITE, turn.params(rows=to_json(rows)))
    names = names_of(turn.tx, [lead.owner_user_id for _, _, lead, _ in batch.news])
    follow_up(turn, [_news(event, kind, lead, why, names) for event, kind, lead, why in batch.news])


def names_of(tx: Tx, users: Sequence[UUID | None]) -> dict[UUID, str]:
    """What members of staff are called."""
    ids = sorted({one for one in users if one is not None})
    return {row["id"]: row["name"] for row in tx.dicts(_NAMES, {"tenant": tx.tenant_id, "ids": ids})} if ids else {}


def told(lead: Lead, names: dict[UUID, str], why: str = "") -> dict[str, Any]:
    """What an event of a lead says of it."""
    payload: dict[str, Any] = {
        "lead_id": str(lead.id), "source": lead.source, "subject": lead.subject, "campaign": lead.campaign, "score": lead.score,
        "owner": names.get(lead.owner_user_id) if lead.owner_user_id else None, "reason": why,
        "amount": None if lead.amount is None else str(lead.amount),
    }  # fmt: skip
    return {name: value for name, value in payload.items() if value not in (None, "")}


def _news(event: AppliedEvent, kind: str, lead: Lead, why: str, names: dict[UUID, str]) -> NewEvent:
    return following(event, kind, told(lead, names, why), event_id=derived_id(event.event_id, kind, lead.id))


def has_leads(turn: Turn) -> bool:
    """Whether the tenant keeps leads at all: whoever has none is spared the look at every order."""
    asked = (
        "select exists (select from lead where tenant_id = %(tenant)s and bucket = any(%(every)s::smallint[]) limit 1)"
    )
    return bool(turn.tx.value(asked, turn.params(every=ALL_BUCKETS)))


# ------------------------------------------------------------------------------------------------------------ reminders

_DUE: Final = f"""
with due as materialized (
  select d.bucket, d.id from lead as d where d.bucket = any(%(buckets)s::smallint[]) and d.tenant_id = %(tenant)s and d.due_at <= %(now)s
  order by d.due_at limit %(limit)s)
update lead as l set reminded = l.reminded + 1, due_at = null from due
where l.bucket = any(%(buckets)s::smallint[]) and l.tenant_id = %(tenant)s and l.bucket = due.bucket and l.id = due.id
returning {", ".join("l." + one.strip() for one in COLUMNS.split(","))}
"""
_AGAIN: Final = """
update lead as l set due_at = n.due_at from jsonb_to_recordset(%(rows)s::jsonb) as n(bucket smallint, id uuid, due_at timestamptz)
where l.bucket = any(%(buckets)s::smallint[]) and l.tenant_id = %(tenant)s and l.bucket = n.bucket and l.id = n.id
"""


def remind(turn: Turn, limit: int) -> int:
    """Tell of leads that nobody followed up in time; returns how many."""
    due = turn.tx.all(Lead, _DUE, turn.params(limit=limit))
    if not due:
        return 0
    rule = rule_of(turn.tx)
    again = [{"bucket": one.bucket, "id": one.id, "due_at": due_again(turn.now, rule, one.reminded)} for one in due]
    turn.tx.execute(_AGAIN, turn.params(rows=to_json([one for one in again if one["due_at"] is not None])))
    names = names_of(turn.tx, [one.owner_user_id for one in due])
    # An id of its own each time: whoever gets the lead next is reminded from the beginning.
    events = [
        NewEvent(
            type=LEAD_OVERDUE, bucket=one.bucket, customer_id=one.customer_id, origin_id=one.origin_id, occurred_at=turn.now,
            payload=told(one, names),
        )
        for one in due
    ]  # fmt: skip
    follow_up(turn, events)
    return len(due)


PROJECTIONS: Final = (
    Projection((LEAD_REPORTED,), report, "sales.leads"),
    Projection((FRIEND_ADDED, ORDER_PAID), outcome, "sales.outcomes", wanted=has_leads),
)
REMIND: Final = TurnStep(
    "sales.reminders",
    remind,
    "select min(due_at) from lead where tenant_id = %(tenant)s and bucket = any(%(buckets)s::smallint[]) and due_at is not null",
)
