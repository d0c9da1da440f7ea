"""What a browser sends, taken apart and made smaller before anything of it is kept. Pure.

The body is JSON under `text/plain`, so that a browser asks no permission first and can send it while the page closes.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Final, Literal
from urllib.parse import parse_qsl, urlsplit, urlunsplit

import msgspec

from tandem.stream.door.kinds import Identifier, Key
from tandem.stream.door.wire import decoded

BODY_BYTES_MAX: Final = 64_000
"""What browsers let a page send while it closes."""
EVENTS_MAX: Final = 50
OLDEST: Final = timedelta(days=7)
"""A queue that waited longer in a browser tells of the past: it is taken as a week old."""
ADDRESS_LENGTH_MAX: Final = 500

Id = Annotated[str, msgspec.Meta(pattern="^[A-Za-z0-9_-]{8,64}$")]
Moment = Annotated[datetime, msgspec.Meta(tz=True)]
Plain = str | int | float | bool | None


class Seen(msgspec.Struct, frozen=True):
    """One thing done on a page. `mark` is what a clicked element is called; `name` is a custom event's own."""

    id: Id
    type: Literal["page", "click", "event", "identify"]
    at: Moment
    name: Key | None = None
    url: str = ""
    title: str = ""
    referrer: str = ""
    mark: str = ""
    properties: Annotated[dict[Key, Plain], msgspec.Meta(max_length=30)] = {}


class Call(msgspec.Struct, frozen=True):
    """What one visit sends at a time. `device` counts only with `consent`; `token` says who it is."""

    sent_at: Moment
    events: Annotated[list[Seen], msgspec.Meta(min_length=1, max_length=EVENTS_MAX)]
    consent: bool = False
    device: Id | None = None
    token: str | None = None


class Told(msgspec.Struct, frozen=True):
    """One thing as it is kept. `seconds_ago` counts back from when it was received: a browser's clock may be anything."""

    id: str
    name: str
    seconds_ago: float
    properties: dict[str, Plain]


class Kept(msgspec.Struct, frozen=True):
    """A call as it is kept. `device` stands only where the visitor agreed."""

    events: list[Told]
    device: str | None = None
    identifiers: list[Identifier] = []


_DECODER: Final = msgspec.json.Decoder(Call)
_NAMES: Final = {"page": "page_view", "click": "click", "identify": "identify"}


def read(body: bytes) -> Call:
    """Take a body apart. Raises InvalidInput with the place of what is wrong."""
    return decoded(
        _DECODER, body, "bad_beacon", "埋点数据格式不正确。", "The beacon's body does not have the right shape."
    )


def kept(call: Call, identifiers: tuple[Identifier, ...] | None) -> Kept:
    """What of a call is kept, now that it is known whether its visitor says who they are."""
    return Kept(
        events=[_told(one, call.sent_at) for one in call.events],
        device=call.device if call.consent else None,
        identifiers=list(identifiers or ()),
    )


def _told(seen: Seen, sent_at: datetime) -> Told:
    ago = min(max((sent_at - seen.at).total_seconds(), 0.0), OLDEST.total_seconds())
    address, campaign = _address(seen.url)
    ours: dict[str, Plain] = {
        "url": address,
        "title": seen.title[:200],
        "referrer": _address(seen.referrer)[0],
        "mark": seen.mark[:200],
        **campaign,
    }
    properties = {name: value for name, value in ours.items() if value} | seen.properties
    return Told(seen.id, _NAMES.get(seen.type) or seen.name or "event", ago, _storable(properties))


def _address(text: str) -> tuple[str, dict[str, str]]:
    """An address without what may name somebody (its query and anchor), and the campaign its query names."""
    try:
        parts = urlsplit(text[:4_000])
        query = dict(parse_qsl(parts.query, max_num_fields=100))
    except ValueError:
        return "", {}
    campaign = {name: query[name][:100] for name in ("utm_source", "utm_medium", "utm_campaign") if query.get(name)}
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, host, parts.path, "", ""))[:ADDRESS_LENGTH_MAX], campaign


def _storable(properties: dict[str, Plain]) -> dict[str, Plain]:
    """No text holds what PostgreSQL cannot, or is longer than a behaviour's may be."""
    return {
        name.replace("\x00", ""): value.replace("\x00", "")[:1000] if isinstance(value, str) else value
        for name, value in properties.items()
    }
