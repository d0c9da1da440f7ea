"""What messages do to a talk: who waits since when, how soon she was answered, what may be kept. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from tandem.domains.contact.archive.ports import Said
from tandem.domains.contact.attending.hours import served_seconds, served_until
from tandem.domains.contact.choosing import Hours

Consent = Literal["unknown", "agreed", "refused"]


@dataclass(frozen=True, slots=True)
class Talk:
    """A talk so far. `first_at` is None before its first message."""

    id: UUID
    bucket: int
    customer_id: UUID
    origin_id: UUID
    account_id: UUID
    member: str
    consent: Consent = "unknown"
    consent_at: datetime | None = None
    first_at: datetime | None = None
    last_at: datetime | None = None
    messages: int = 0
    waiting_since: datetime | None = None
    alarm_at: datetime | None = None
    alarmed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """A question that was answered. `seconds` of service hours."""

    asked_at: datetime
    answered_at: datetime
    seconds: int
    late: bool


@dataclass(frozen=True, slots=True)
class Rules:
    """How an account's talks are looked at."""

    hours: Sequence[Hours]
    alarm_minutes: int
    zone: ZoneInfo


@dataclass(slots=True)
class Folded:
    """What one message came to."""

    talk: Talk
    kept: bool = False
    reply: Reply | None = None
    withheld: bool = field(default=False)


def fold(talk: Talk, said: Said, rules: Rules) -> Folded:
    """A talk after one more row of the archive."""
    if said.what in {"agree", "refuse"}:
        return Folded(_consents(talk, said))
    if talk.consent != "agreed" or (
        talk.consent_at is not None and said.at < talk.consent_at and said.what == "message"
    ):
        # What was said before she agreed is not kept either, however late the archive brings it.
        return Folded(talk, withheld=said.what == "message")
    if said.what != "message":
        return Folded(talk)
    now = replace(
        talk,
        first_at=said.at if talk.first_at is None else min(talk.first_at, said.at),
        last_at=said.at if talk.last_at is None else max(talk.last_at, said.at),
        messages=talk.messages + 1,
    )
    if said.by == "customer":
        return Folded(_asks(now, said.at, rules), kept=True)
    return _answers(now, said.at, rules)


def _consents(talk: Talk, said: Said) -> Talk:
    if talk.consent_at is not None and said.at < talk.consent_at:
        return talk
    if said.what == "agree":
        return replace(talk, consent="agreed", consent_at=said.at)
    return replace(talk, consent="refused", consent_at=said.at, waiting_since=None, alarm_at=None, alarmed_at=None)


def _asks(talk: Talk, at: datetime, rules: Rules) -> Talk:
    if talk.waiting_since is not None:
        return talk
    return replace(
        talk, waiting_since=at, alarm_at=served_until(rules.hours, at, rules.alarm_minutes, rules.zone), alarmed_at=None
    )


def _answers(talk: Talk, at: datetime, rules: Rules) -> Folded:
    asked = talk.waiting_since
    if asked is None or at < asked:
        return Folded(talk, kept=True)
    seconds = served_seconds(rules.hours, asked, at, rules.zone)
    reply = Reply(asked, at, seconds, late=seconds > rules.alarm_minutes * 60)
    return Folded(replace(talk, waiting_since=None, alarm_at=None, alarmed_at=None), kept=True, reply=reply)
