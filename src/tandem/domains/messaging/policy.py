"""When a message may go out (W04): caps over all channels, quiet hours, the customer's wish. Pure; `allowance.py` says it in SQL."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

MessageClass = Literal["marketing", "transactional"]
WhenCapped = Literal["hold", "skip"]
Ruling = Literal["send", "hold", "skip", "fail"]

WINDOWS: Final[tuple[tuple[str, timedelta], ...]] = (
    ("per_day", timedelta(days=1)),
    ("per_week", timedelta(days=7)),
    ("per_month", timedelta(days=30)),
)
"""The caps' windows roll: never more than n in any 24 hours, 7 days, 30 days, so midnight opens no second helping."""
CAP_MAX: Final = 100
MISSING: Final = "missing_value:"
"""How the reason of a message begins that could not be written; the placeholder follows."""


@dataclass(frozen=True, slots=True)
class Limits:
    """A tenant's caps (None: no limit, else 1..CAP_MAX) and quiet hours in local time, which may span midnight."""

    per_day: int | None = None
    per_week: int | None = None
    per_month: int | None = None
    quiet_from: time | None = None
    quiet_until: time | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """`until`: when a held message is looked at again. `reason` is a stable word, None when the message goes."""

    ruling: Ruling
    reason: str | None = None
    until: datetime | None = None


def quiet_until(now: datetime, limits: Limits, zone: str) -> datetime | None:
    """When the quiet hours around `now` end, or None outside them. Equal ends mean no quiet hours."""
    start, end = limits.quiet_from, limits.quiet_until
    if start is None or end is None or start == end:
        return None
    local = now.astimezone(ZoneInfo(zone))
    moment = local.time()
    overnight = start > end
    inside = (moment >= start or moment < end) if overnight else start <= moment < end
    if not inside:
        return None
    day = local.date() + timedelta(days=1 if overnight and moment >= start else 0)
    return datetime.combine(day, end, ZoneInfo(zone)).astimezone(now.tzinfo)


def free_at(now: datetime, limits: Limits, booked: Sequence[datetime], ahead: int = 0) -> datetime | None:
    """When the caps allow another marketing message, or None when they do now.

    `booked` are the moments of the customer's counted messages, latest first; `ahead` how many more of this very batch come before it.
    """
    moments: list[datetime] = []
    for name, window in WINDOWS:
        limit: int | None = getattr(limits, name)
        if limit is None:
            continue
        if ahead >= limit:
            moments.append(now + window)
        elif len(booked) >= limit - ahead:
            moments.append(booked[limit - ahead - 1] + window)
    latest = max(moments, default=now)
    return latest if latest > now else None


def rule(
    *,
    now: datetime,
    zone: str,
    limits: Limits,
    message_class: MessageClass,
    when_capped: WhenCapped,
    refusal: str | None,
    booked: Sequence[datetime],
    ahead: int = 0,
    missing: str | None = None,
) -> Verdict:
    """Decide one message. `refusal` is a reason that no waiting mends (no customer, do not contact, template withdrawn).

    `missing` names a placeholder without its value: what may go now cannot be written then. A held message may have got it by its time.

    Transactional messages pass caps and quiet hours; where both hold a message back, the later moment counts and the cap gives the reason
    only when it is the later one.
    """
    if refusal is not None:
        return Verdict("skip", refusal)
    if message_class == "transactional":
        return _written(missing)
    quiet = quiet_until(now, limits, zone)
    free = free_at(now, limits, booked, ahead)
    until = max((moment for moment in (quiet, free) if moment is not None), default=None)
    if until is None:
        return _written(missing)
    reason = "capped" if free is not None and (quiet is None or free > quiet) else "quiet_hours"
    return Verdict("hold", reason, until) if when_capped == "hold" else Verdict("skip", reason)


def _written(missing: str | None) -> Verdict:
    return Verdict("send") if missing is None else Verdict("fail", f"{MISSING}{missing}")
