"""Whether a new friend counts for whoever brought her. Pure."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal
from uuid import UUID

Verdict = Literal["held", "counted", "suspect", "refused", "left"]
LETTER: Final = "f"
CODE_LENGTH: Final = 6
STATE_LENGTH: Final = 1 + CODE_LENGTH + 22
"""WeCom takes 30 characters at most (D 92228): the campaign's code and the inviter's id stand in them whole, so nothing is looked up."""


def state_of(code: str, inviter: UUID) -> str:
    """What an inviter's code says of every friend who comes by it."""
    return LETTER + code + base64.urlsafe_b64encode(inviter.bytes).rstrip(b"=").decode()


def read_state(state: str) -> tuple[str, UUID] | None:
    """The campaign's code and the inviter, or None for a state that is none of ours."""
    if len(state) != STATE_LENGTH or not state.startswith(LETTER):
        return None
    try:
        plain = base64.b64decode(state[1 + CODE_LENGTH :] + "==", altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        return None
    return state[1 : 1 + CODE_LENGTH], UUID(bytes=plain)


@dataclass(frozen=True, slots=True)
class Rules:
    """What a campaign allows."""

    running: bool
    hold_days: int
    friends_max: int
    daily_max: int
    burst_friends: int
    burst_minutes: int


@dataclass(frozen=True, slots=True)
class Came:
    """Somebody who came. `known`: she bought or was somebody's friend before. `again`: she was this adviser's friend before.

    `person_id`: who she is by now, where she was merged.
    """

    friend_id: UUID
    inviter_id: UUID
    at: datetime
    known: bool
    again: bool
    person_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Before:
    """Somebody who came earlier by the same inviter."""

    friend_id: UUID
    at: datetime
    verdict: Verdict


def judge(came: Came, rules: Rules, before: Sequence[Before], day_begins: datetime) -> tuple[Verdict, str]:
    """The verdict on somebody who came, and why. Nothing counts at once: a friend has to stay (`hold_days`)."""
    mine = [one for one in before if one.verdict in {"held", "counted", "suspect"}]
    refusals = (
        (came.inviter_id in {came.friend_id, came.person_id}, "self"),
        (any(one.friend_id == came.friend_id for one in before), "twice"),
        (came.again, "friend_before"),
        (came.known, "customer_before"),
        (not rules.running, "ended"),
        (len(mine) >= rules.friends_max, "friends_max"),
        (sum(one.at >= day_begins for one in mine) >= rules.daily_max, "daily_max"),
    )
    for holds, reason in refusals:
        if holds:
            return "refused", reason
    since = came.at - timedelta(minutes=rules.burst_minutes)
    if 1 + sum(one.at > since for one in mine) >= rules.burst_friends:
        return "suspect", "burst"
    return "held", ""


@dataclass(frozen=True, slots=True)
class Tier:
    """So many friends, and what that brings."""

    friends: int
    points: int | None
    coupon: UUID | None


def tiers_of(given: Sequence[dict[str, Any]]) -> list[Tier]:
    """Tiers as they are stored."""
    return [
        Tier(int(one["friends"]), one.get("points"), UUID(str(one["coupon"])) if one.get("coupon") else None)
        for one in given
    ]


def reached(tiers: Sequence[Tier], counted: int, rewarded: Sequence[int]) -> list[Tier]:
    """The tiers whose reward is due now: reached and not given."""
    return [one for one in tiers if one.friends <= counted and one.friends not in rewarded]
