"""An official account's followers, events and messages as canonical records. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from tandem.connectors.kit.platform import Seen, want
from tandem.connectors.kit.records import Identifier, behaviour, customer, each, identified
from tandem.connectors.kit.values import epoch, ident, listed, must, word
from tandem.stream.door.kinds import Refused
from tandem.stream.sources.mapping import Mapped

#: What people do with the account, by the names that segments and flows know.
BEHAVIOURS: Final[Mapping[str, str]] = {
    "subscribe": "official_account_followed",
    "unsubscribe": "official_account_left",
    "SCAN": "official_account_scanned",
    "CLICK": "official_account_menu",
    "VIEW": "official_account_menu",
}
#: Messages without words, by what they are instead.
WORDLESS: Final[Mapping[str, str]] = {
    "image": "[图片]", "voice": "[语音]", "video": "[视频]", "shortvideo": "[小视频]", "location": "[位置]", "link": "[链接]",
}  # fmt: skip
TEXT_MAX: Final = 2000


def scope(seen: Seen) -> str:
    """An open id belongs to one account; senders of template messages look for it under the same name."""
    return f"wechat:{seen.settings.get('app_id', '')}"


def whose(seen: Seen, openid: str, unionid: str = "") -> list[Identifier]:
    """The open id counts for the account, the union id for the binding that the settings name."""
    found = [identified("open_id", openid, scope(seen))]
    if unionid:
        found.append(identified("union_id", unionid, str(seen.settings.get("union_scope", ""))))
    return found


def read_followers(body: Any, seen: Seen) -> Iterable[Mapped | Refused]:
    """Followers with what the platform still tells of them: it gives neither names nor pictures."""
    return each(listed(body, "people"), lambda one: _follower(one, seen), "people")


def _follower(one: Mapping[str, Any], seen: Seen) -> Mapped:
    openid = ident(one, "openid")
    follows = int(one.get("subscribe") or 0) == 1
    attrs = {
        "official_account": "following" if follows else "left",
        "official_account_scene": word(one, "qr_scene_str") or word(one, "subscribe_scene"),
    }
    return customer(
        customer_id=openid,
        identifiers=whose(seen, openid, word(one, "unionid")),
        at=epoch(one, "subscribe_time"),
        attrs={name: value for name, value in attrs.items() if value},
    )


def read_event(message: Mapping[str, str], seen: Seen) -> Iterator[Mapped]:
    """A push: something somebody did, a word of hers, or what became of a message of ours."""
    openid, kind = ident(message, "FromUserName"), message.get("MsgType", "")
    at = must(epoch(dict(message), "CreateTime"), "CreateTime")
    if kind == "event":
        yield from _event(message, openid, at, seen)
    elif kind == "text" or kind in WORDLESS:
        yield _chat(message, openid, at, seen)


def _event(message: Mapping[str, str], openid: str, at: datetime, seen: Seen) -> Iterator[Mapped]:
    event, key = message.get("Event", ""), message.get("EventKey", "")
    if event == "TEMPLATESENDJOBFINISH":
        yield _report(message, at)
        return
    if event not in BEHAVIOURS:
        return
    told = {"key": key.removeprefix("qrscene_")} if key else {}
    yield behaviour(
        name=BEHAVIOURS[event],
        behaviour_id=fingerprint(message),
        identifiers=whose(seen, openid),
        at=at,
        **told,
    )
    if event == "subscribe":
        # Her union id, by which she is one with herself elsewhere, comes with her details alone.
        yield want("customers", openid, stamp=fingerprint(message), at=at)
    if event == "unsubscribe":
        yield customer(
            customer_id=f"{openid}:left:{int(at.timestamp())}",
            identifiers=whose(seen, openid),
            at=at,
            attrs={"official_account": "left"},
        )


def _report(message: Mapping[str, str], at: datetime) -> Mapped:
    """`success`, `failed:user block` or `failed: system failed`: what became of a template message."""
    state, number = message.get("Status", ""), ident(message, "MsgID", "MsgId")
    delivered = state == "success"
    payload = {
        "channel": "official_account",
        "ref": number,
        "state": "delivered" if delivered else "undelivered",
        "at": at.isoformat(),
        "reason": "" if delivered else state.removeprefix("failed:").strip()[:500],
    }
    return Mapped(0, "message_report", f"report:{number}", at, payload)


def _chat(message: Mapping[str, str], openid: str, at: datetime, seen: Seen) -> Mapped:
    kind = message.get("MsgType", "")
    said = message.get("Content", "") or message.get("Recognition", "") or WORDLESS.get(kind, "")
    payload = {
        "identifiers": whose(seen, openid),
        "at": at.isoformat(),
        "text": said[:TEXT_MAX],
        "through": "official_account",
    }
    return Mapped(0, "chat_message", f"chat:{ident(message, 'MsgId')}", at, payload)


def fingerprint(message: Mapping[str, str]) -> str:
    """An event's id: who, when and what; the platform tells it again with the same."""
    names = ("FromUserName", "CreateTime", "Event", "EventKey")
    return hashlib.sha256("\x1f".join(message.get(name, "") for name in names).encode()).hexdigest()[:40]
