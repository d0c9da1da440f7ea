"""WeCom's customers and contact events as canonical records. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from tandem.connectors.kit.platform import Seen, want
from tandem.connectors.kit.records import Identifier, behaviour, customer, each, identified
from tandem.connectors.kit.values import epoch, ident, listed, member, must, texts, word
from tandem.stream.door.kinds import Refused
from tandem.stream.sources.mapping import Mapped

#: How a friendship began (CustomerAddWay); what is not here is told by its number.
WAYS: Final[Mapping[int, str]] = {
    0: "unknown", 1: "qr", 2: "phone_search", 3: "card", 4: "group", 5: "phone_book", 6: "wechat_contact", 7: "wechat_request",
    8: "third_party", 9: "email", 10: "video_account", 11: "calendar", 12: "meeting", 13: "wechat_friend", 14: "hardware", 16: "link",
    201: "shared", 202: "assigned",
}  # fmt: skip
#: What a contact event is called with us.
EVENTS: Final[Mapping[str, str]] = {
    "add_external_contact": "wecom.friend_added",
    "add_half_external_contact": "wecom.friend_added_unanswered",
    "del_external_contact": "wecom.friend_removed_by_staff",
    "del_follow_user": "wecom.friend_lost",
    "transfer_fail": "wecom.hand_over_failed",
}
#: After these her page is asked for anew; after a loss there may be nobody to ask about.
FETCHED: Final = {"add_external_contact", "add_half_external_contact", "edit_external_contact"}
PERSON: Final = 1
"""A WeChat user; 2 is somebody of another corporation, who has no union id."""


def whose(seen: Seen, external: str, unionid: str = "") -> list[Identifier]:
    """The customer's id counts for one corporation, the union id for the binding that the settings name."""
    found = [identified("open_id", external, str(seen.settings.get("corp_id", "")))]
    if unionid:
        found.append(identified("union_id", unionid, str(seen.settings.get("union_scope", ""))))
    return found


def read_people(body: Any, seen: Seen) -> Iterable[Mapped | Refused]:
    """Customers with all who follow them. What staff wrote of a phone names nobody: it is a remark, not an account."""
    return each(listed(body, "people"), lambda one: _person(one, seen), "people")


def _person(one: dict[str, Any], seen: Seen) -> Mapped:
    person, follows = member(one, "person"), listed(one, "follows")
    external = ident(person, "external_userid")
    began = [at for follow in follows if (at := epoch(follow, "createtime")) is not None]
    first: dict[str, Any] = min(follows, key=lambda follow: int(follow.get("createtime") or 0)) if follows else {}
    way = int(first.get("add_way") or 0)
    attrs = {
        "wecom_members": ", ".join(word(follow, "userid") for follow in follows),
        "wecom_way": WAYS.get(way, str(way)),
        "wecom_state": word(first, "state"),
        "wecom_tags": "、".join(sorted({tag for follow in follows for tag in _tags(follow)})),
    }
    unionid = word(person, "unionid") if int(person.get("type") or PERSON) == PERSON else ""
    return customer(
        customer_id=external,
        identifiers=whose(seen, external, unionid),
        name=word(person, "name"),
        at=min(began, default=None),
        attrs={name: value for name, value in attrs.items() if value},
    )


def _tags(follow: dict[str, Any]) -> Iterator[str]:
    """Tags by name where they are told, else by id."""
    yield from (word(tag, "tag_name") for tag in listed(follow, "tags"))
    yield from texts(follow, "tag_id")


def read_event(message: Mapping[str, str], seen: Seen) -> Iterator[Mapped]:
    """A contact event: what happened, and whose page to fetch. Other events are none of ours."""
    change, external = message.get("ChangeType", ""), message.get("ExternalUserID", "")
    if message.get("Event") != "change_external_contact" or not external:
        return
    at = must(epoch(dict(message), "CreateTime"), "CreateTime")
    if change in EVENTS:
        yield _happened(EVENTS[change], message, at, seen)
    if change in FETCHED:
        yield want("customers", external, stamp=fingerprint(message), at=at)


def _happened(name: str, message: Mapping[str, str], at: datetime, seen: Seen) -> Mapped:
    told = {"member": message.get("UserID"), "state": message.get("State"), "reason": message.get("FailReason")}
    return behaviour(
        name=name,
        behaviour_id=fingerprint(message),
        identifiers=whose(seen, message["ExternalUserID"]),
        at=at,
        **{key: value for key, value in told.items() if value},
    )


def fingerprint(message: Mapping[str, str]) -> str:
    """One event's id. Contact events all come from `sys`, so who wrote and when does not tell two of one second apart (D 96361)."""
    names = ("Event", "ChangeType", "UserID", "ExternalUserID", "ChatId", "CreateTime", "FailReason", "MsgId")
    return hashlib.sha256("\x1f".join(message.get(name, "") for name in names).encode()).hexdigest()[:40]
