"""What a card's code says of whoever comes by it, and where a card leads. Pure."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

LETTER: Final = "p"
STATE_LENGTH: Final = 1 + 22
"""WeCom takes 30 characters at most (D 92228)."""
GIFT_DAYS: Final = 60
VISITORS_FEW: Final = 2


def state_of(card: UUID) -> str:
    """What a card's code says of whoever comes by it."""
    return LETTER + base64.urlsafe_b64encode(card.bytes).rstrip(b"=").decode()


def read_state(state: str) -> UUID | None:
    """The card, or None for a state that is none of ours."""
    if len(state) != STATE_LENGTH or not state.startswith(LETTER):
        return None
    try:
        return UUID(bytes=base64.b64decode(state[1:] + "==", altchars=b"-_", validate=True))
    except (ValueError, binascii.Error):
        return None


def route(routes: Sequence[Mapping[str, Any]], city: str | None, store: UUID | None, otherwise: UUID) -> UUID:
    """The live code of the first route that fits where the parcel went; a route without conditions fits everybody."""
    for one in routes:
        cities: Sequence[str] = one.get("cities") or ()
        wanted = one.get("store_id")
        if cities and (city or "").removesuffix("市") not in {name.removesuffix("市") for name in cities}:
            continue
        if wanted is not None and str(store) != str(wanted):
            continue
        return UUID(str(one["live_code_id"]))
    return otherwise


@dataclass(frozen=True, slots=True)
class Witness:
    """What is known beside a card when its friend and its order's buyer might be one."""

    paid_at: datetime | None
    claimed_at: datetime
    visitors: int
    buyer_friends: bool
    """The buyer is somebody's friend already, as somebody else."""
    friend_buys: bool
    """The friend has bought from the same source under another account."""


def guards(seen: Witness) -> list[str]:
    """What makes it likely that the card was passed on: it is a bearer's, and presents are sent in parcels. Empty: nothing."""
    found = [
        ("late", seen.paid_at is None or seen.claimed_at - seen.paid_at > timedelta(days=GIFT_DAYS)),
        ("many_visitors", seen.visitors > VISITORS_FEW),
        ("buyer_is_friend", seen.buyer_friends),
        ("friend_is_buyer", seen.friend_buys),
    ]
    return [name for name, is_so in found if is_so]


def least_busy(members: Sequence[str], load: Mapping[str, int]) -> str | None:
    """Whoever of these was given the fewest cards lately; among equals the first."""
    return min(members, key=lambda one: (load.get(one, 0), members.index(one)), default=None)
