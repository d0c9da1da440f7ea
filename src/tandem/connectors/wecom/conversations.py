"""Customer service (微信客服): what customers write. A callback brings a token to fetch it by; nothing is polled."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from tandem.connectors.kit.platform import Asking, Feed, Page, Seen, Stretch, Window, want
from tandem.connectors.kit.records import each, identified
from tandem.connectors.kit.values import epoch, ident, listed, member, must, word
from tandem.connectors.kit.wire import Call
from tandem.stream.door.kinds import Refused
from tandem.stream.sources.mapping import Mapped

RESOURCE: Final = "messages"
PAGE_SIZE: Final = 1000
TEXT_MAX: Final = 2000
BY_CUSTOMER: Final = 3
BY_SERVICER: Final = 5
ENDED: Final = 3
"""The change of a talk that ends it."""
_APART: Final = "|"


def told(message: Mapping[str, str]) -> Iterator[Mapped]:
    """A callback of customer service: fetch what is new. Its token is good for ten minutes and spares us the limit on calls without."""
    account, token = message.get("OpenKfId", ""), message.get("Token", "")
    if account:
        stamp = f"{message.get('CreateTime', '')}:{token[-40:]}"
        yield want(
            RESOURCE,
            f"{account}{_APART}{token}"[:200],
            stamp=stamp,
            at=must(epoch(dict(message), "CreateTime"), "CreateTime"),
        )


def nothing(asking: Asking, window: Window, at: str | None) -> Page:
    """A round asks nothing: without a token ten calls a minute are one too many (Q 0006e047caca30ab50ec916195b800)."""
    del asking, window, at
    return Page({"msg_list": []}, 0)


def account_of(thing: str) -> str:
    """The account of customer service that a callback named."""
    return thing.partition(_APART)[0]


def read_on(asking: Asking, thing: str, place: str) -> Stretch:
    """A page of messages after the cursor; without one, from the first that the platform still holds (three days)."""
    account, _, token = thing.partition(_APART)
    params = {
        "open_kfid": account,
        "limit": PAGE_SIZE,
        **({"cursor": place} if place else {}),
        **({"token": token} if token else {}),
    }
    page = asking.call(Call("kf/sync_msg", params, "POST", "/cgi-bin/kf/sync_msg"))
    found = listed(page, "msg_list")
    return Stretch({"msg_list": found}, len(found), word(page, "next_cursor"), bool(page.get("has_more")))


FEED: Final = Feed(account_of, read_on)


def read(body: Any, seen: Seen) -> Iterable[Mapped | Refused]:
    """What customers wrote, as texts to be recognised; and all that was said, for the desk that it was said at."""
    texts = [
        one
        for one in listed(body, "msg_list")
        if int(one.get("origin") or 0) == BY_CUSTOMER and one.get("msgtype") == "text"
    ]
    yield from each(texts, lambda one: _text(one, seen), "msg_list")
    told = [one for one in listed(body, "msg_list") if _at_desk(one)]
    yield from each(told, lambda one: _said(one, seen), "msg_list")


def _at_desk(one: dict[str, Any]) -> bool:
    """Said by a customer or a servicer, or the word that a talk is over. What the API itself sent is told by nobody, and is ours."""
    origin = int(one.get("origin") or 0)
    return origin == BY_CUSTOMER or (origin == BY_SERVICER and bool(one.get("servicer_userid"))) or _is_over(one)


def _is_over(one: dict[str, Any]) -> bool:
    event = member(one, "event") if one.get("msgtype") == "event" else {}
    return word(event, "event_type") == "session_status_change" and int(event.get("change_type") or 0) == ENDED


def _said(one: dict[str, Any], seen: Seen) -> Mapped:
    at = must(epoch(one, "send_time"), "send_time")
    over, kind = _is_over(one), word(one, "msgtype")
    external = ident(member(one, "event") if over else one, "external_userid")
    payload = {
        "identifiers": [identified("open_id", external, str(seen.settings.get("corp_id", "")))],
        "desk": ident(member(one, "event") if over else one, "open_kfid"),
        "number": ident(one, "msgid"),
        "at": at.isoformat(),
        "by": "customer" if int(one.get("origin") or 0) == BY_CUSTOMER else "staff",
        "kind": kind,
        "text": word(member(one, "text"), "content")[:TEXT_MAX] if kind == "text" else "",
        "member": word(one, "servicer_userid"),
        "choice": word(member(one, "text"), "menu_id")[:128],
        "over": over,
    }
    return Mapped(0, "desk_message", f"desk:{ident(one, 'msgid')}", at, payload)


def _text(one: dict[str, Any], seen: Seen) -> Mapped:
    at = must(epoch(one, "send_time"), "send_time")
    payload = {
        "identifiers": [identified("open_id", ident(one, "external_userid"), str(seen.settings.get("corp_id", "")))],
        "at": at.isoformat(),
        "text": word(member(one, "text"), "content")[:TEXT_MAX],
        "through": "kf",
    }
    return Mapped(0, "chat_message", f"kf:{ident(one, 'msgid')}", at, payload)
