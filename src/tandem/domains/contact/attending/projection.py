"""Talks at desks as they follow from what the platform tells: who waits, who serves, and what the desk itself will say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from tandem.domains.contact.attending import knowledge
from tandem.domains.contact.attending.deciding import ASKS_PERSON, Desk, Plan, plan
from tandem.domains.contact.attending.events import DESK_TOLD
from tandem.domains.contact.attending.hours import hours_of, served_until
from tandem.domains.contact.attending.matching import Match, Verdict, near
from tandem.domains.contact.attending.sealing import Seals
from tandem.kernel.ids import derived_id
from tandem.kernel.turn import Turn
from tandem.stream.projection import LIVE, AppliedEvent, Projection
from tandem.stream.rows import to_json


@dataclass(frozen=True, slots=True)
class Talk:
    """A talk so far."""

    id: UUID
    bucket: int
    customer_id: UUID
    origin_id: UUID
    desk_id: UUID
    state: str
    member: str
    last_at: datetime
    asked_at: datetime | None = None
    waiting_since: datetime | None = None
    alarm_at: datetime | None = None
    alarmed_at: datetime | None = None
    offered: bool = False


_DESKS: Final = """
select id, active, answers, hours, threshold::float8 as threshold, polite, alarm_minutes, offers from service_desk
where tenant_id = %(tenant)s and id = any(%(desks)s::uuid[])
"""
_TALKS: Final = """
select id, bucket, customer_id, origin_id, desk_id, state, member, last_at, asked_at, waiting_since, alarm_at, alarmed_at, offered from desk_talk
where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s and id = any(%(ids)s::uuid[])
"""
# Whoever was erased between telling and this is not written down again.
_PUT_TALKS: Final = """
insert into desk_talk (tenant_id, id, bucket, customer_id, origin_id, desk_id, state, member, last_at, asked_at, waiting_since, alarm_at, alarmed_at,
  offered)
select %(tenant)s, n.* from jsonb_to_recordset(%(rows)s::jsonb) as n(id uuid, bucket smallint, customer_id uuid, origin_id uuid, desk_id uuid,
  state text, member text, last_at timestamptz, asked_at timestamptz, waiting_since timestamptz, alarm_at timestamptz, alarmed_at timestamptz,
  offered boolean)
where exists (select from customer as k where k.bucket = any(%(buckets)s::smallint[]) and k.tenant_id = %(tenant)s and k.bucket = n.bucket
  and k.id = n.customer_id)
on conflict (bucket, id) do update set state = excluded.state, member = excluded.member, last_at = excluded.last_at, asked_at = excluded.asked_at,
  waiting_since = excluded.waiting_since, alarm_at = excluded.alarm_at, alarmed_at = excluded.alarmed_at, offered = excluded.offered
returning id
"""
_PUT_MESSAGES: Final = """
insert into desk_message (tenant_id, bucket, id, customer_id, origin_id, talk_id, desk_id, number, at, said_by, member, kind, text_enc, state,
  article_id, choices, why, asks_person, due_at)
select %(tenant)s, n.bucket, n.id, n.customer_id, n.origin_id, n.talk_id, n.desk_id, n.number, n.at, n.said_by, n.member, n.kind,
  decode(n.sealed, 'hex'), n.state, n.article_id, n.choices, n.why, n.asks_person, case when n.state = 'planned' then now() end
from jsonb_to_recordset(%(rows)s::jsonb) as n(bucket smallint, id uuid, customer_id uuid, origin_id uuid, talk_id uuid, desk_id uuid, number text,
  at timestamptz, said_by text, member text, kind text, sealed text, state text, article_id uuid, choices jsonb, why text,
  asks_person boolean)
where n.talk_id = any(%(talks)s::uuid[])
on conflict do nothing
"""


def project_desks(turn: Turn, events: Sequence[AppliedEvent]) -> None:
    """Take what was said, and plan what is answered."""
    mine = [event for event in events if event.customer_id is not None]
    if not mine:
        return
    desks = {one.id: one for one in turn.tx.all(Desk, _DESKS, turn.params(desks=[_id(one, "desk_id") for one in mine]))}
    talks = {one.id: one for one in turn.tx.all(Talk, _TALKS, turn.params(ids=[_id(one, "talk_id") for one in mine]))}
    seals = Seals(turn.tx, [one.origin_id or one.customer_id or one.event_id for one in mine])
    judge = knowledge.Judge(turn.tx)
    rows: list[dict[str, Any]] = []
    for event in mine:
        rows += _take(turn, event, desks, talks, seals, judge)
    written = turn.tx.values(_PUT_TALKS, turn.params(rows=to_json([_row(one) for one in talks.values()])))
    turn.tx.execute(_PUT_MESSAGES, turn.params(rows=to_json(rows), talks=written))


def _id(event: AppliedEvent, name: str) -> UUID:
    return UUID(event.payload[name])


def _row(talk: Talk) -> dict[str, Any]:
    return {name: getattr(talk, name) for name in Talk.__slots__}


def _take(
    turn: Turn,
    event: AppliedEvent,
    desks: Mapping[UUID, Desk],
    talks: dict[UUID, Talk],
    seals: Seals,
    judge: knowledge.Judge,
) -> list[dict[str, Any]]:
    """One thing that was said: the talk after it, and the rows that it makes."""
    told, desk = event.payload, desks.get(_id(event, "desk_id"))
    talk = talks.get(_id(event, "talk_id")) or _begun(event)
    talk = replace(talk, last_at=max(talk.last_at, event.occurred_at))
    if told["over"]:
        talks[talk.id] = _served(talk, "open")
        return []
    row = _message(event, talk, seals, told)
    if told["by"] == "staff":
        talks[talk.id] = _served(talk, "person", told["member"])
        return [row]
    if desk is not None and talk.waiting_since is None:
        due = served_until(hours_of(desk.hours), event.occurred_at, desk.alarm_minutes, ZoneInfo(turn.zone))
        talk = replace(talk, waiting_since=event.occurred_at, alarm_at=due, alarmed_at=None)
    found = _planned(turn, event, talk, desk, judge)
    row["why"] = found.why
    answer = _answer(turn, event, talk, desk, found, seals, judge)
    if answer is not None:
        talk = replace(talk, offered=bool(found.offer))
    if found.asks_person:
        talk = replace(talk, state="asked", asked_at=turn.now)
    talks[talk.id] = talk
    return [row] if answer is None else [row, answer]


def _served(talk: Talk, state: str, member: str = "") -> Talk:
    """The talk with nobody waiting in it, after a person's word or its end."""
    nobody = replace(talk, waiting_since=None, alarm_at=None, alarmed_at=None, offered=False)
    return replace(nobody, state=state, member=member)


def _begun(event: AppliedEvent) -> Talk:
    customer = event.customer_id or event.event_id
    return Talk(
        _id(event, "talk_id"), event.bucket, customer, event.origin_id or customer, _id(event, "desk_id"), "open", "", event.occurred_at
    )  # fmt: skip


def _message(event: AppliedEvent, talk: Talk, seals: Seals, told: Mapping[str, Any]) -> dict[str, Any]:
    origin = event.origin_id or talk.customer_id
    sealed = seals.seal(origin, told["text"])
    return {
        "bucket": talk.bucket, "id": told["message_id"], "customer_id": talk.customer_id, "origin_id": origin, "talk_id": talk.id,
        "desk_id": talk.desk_id, "number": told["number"], "at": event.occurred_at, "said_by": told["by"], "member": told["member"],
        "kind": told["kind"], "sealed": None if sealed is None else sealed.hex(), "state": "heard", "article_id": None, "choices": None, "why": "",
        "asks_person": False,
    }  # fmt: skip


def _planned(turn: Turn, event: AppliedEvent, talk: Talk, desk: Desk | None, judge: knowledge.Judge) -> Plan:
    if desk is None:
        return Plan("off")
    told = event.payload
    # What was told before menus there were has no choice.
    choice = str(told.get("choice") or "")

    def judged() -> Verdict:
        chosen = next((one for one in judge.titles() if one.hex == choice), None) if choice else None
        if chosen is not None:
            return Verdict("chosen", Match(chosen, 1.0, "", ()))
        found, came_near = judge(told["text"], desk.threshold)
        return replace(found, near=near(came_near))

    return plan(
        desk,
        state=talk.state,
        kind=told["kind"],
        at=event.occurred_at,
        now=turn.now,
        live=event.mode == LIVE,
        zone=ZoneInfo(turn.zone),
        judge=judged,
        offered=talk.offered,
        choice=choice,
    )


def _answer(
    turn: Turn,
    event: AppliedEvent,
    talk: Talk,
    desk: Desk | None,
    found: Plan,
    seals: Seals,
    judge: knowledge.Judge,
) -> dict[str, Any] | None:
    """The desk's own words, waiting to be sent. Their id follows from what they answer, so nothing is answered twice."""
    if desk is None or not (found.article or found.polite or found.offer):
        return None
    origin = event.origin_id or talk.customer_id
    if found.article is not None:
        text = knowledge.words_of(turn.tx, found.article, talk.customer_id)
    else:
        text = knowledge.OFFER if found.offer else desk.polite or knowledge.POLITE
    number = derived_id(_id(event, "message_id"), "answer")
    sealed = seals.seal(origin, text)
    if sealed is None:
        return None
    return {
        "bucket": talk.bucket, "id": number, "customer_id": talk.customer_id, "origin_id": origin, "talk_id": talk.id, "desk_id": talk.desk_id,
        "number": number.hex, "at": turn.now, "said_by": "desk", "member": "", "kind": "menu" if found.offer else "text", "sealed": sealed.hex(), "state": "planned",
        "article_id": found.article, "choices": _choices(found.offer, judge.titles()) if found.offer else None, "why": found.why, "asks_person": found.asks_person,
    }  # fmt: skip


def _choices(offer: Sequence[UUID], titles: Mapping[UUID, str]) -> list[dict[str, str]]:
    lines = [{"id": one.hex, "label": titles[one]} for one in offer]
    return [*lines, {"id": ASKS_PERSON, "label": knowledge.OFFER_PERSON}]


PROJECTIONS: Final = (Projection((DESK_TOLD,), project_desks, "contact.desks"),)
