"""WeCom's customers and contact events as canonical records. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final, cast

import msgspec

from tandem.connectors.kit.platform import Seen, want
from tandem.connectors.kit.records import Identifier, customer, each, identified
from tandem.connectors.kit.values import epoch, ident, listed, member, must, texts, word
from tandem.connectors.wecom import conversations
from tandem.domains.contact.calls import Told
from tandem.stream.door.kinds import Refused
from tandem.stream.sources.mapping import Mapped

#: How a friendship began (CustomerAddWay); what is not here is told by its number.
WAYS: Final[Mapping[int, str]] = {
    0: "unknown", 1: "qr", 2: "phone_search", 3: "card", 4: "group", 5: "phone_book", 6: "wechat_contact", 7: "wechat_request",
    8: "third_party", 9: "email", 10: "video_account", 11: "calendar", 12: "meeting", 13: "wechat_friend", 14: "hardware", 16: "link",
    201: "shared", 202: "assigned",
}  # fmt: skip
#: What a contact event says of a friendship.
EVENTS: Final[Mapping[str, str]] = {
    "add_external_contact": "added",
    "add_half_external_contact": "asked",
    "del_external_contact": "removed",
    "del_follow_user": "lost",
    "transfer_fail": "hand_over_failed",
}
#: After these her page is asked for anew; after a loss there may be nobody to ask about.
FETCHED: Final = {"add_external_contact", "add_half_external_contact", "edit_external_contact"}
CALLS: Final = {"add_external_contact", "add_half_external_contact"}
"""Events that bring a code for a welcome."""
LINKS_TOLD: Final = {"balance_low", "balance_exhausted", "balance_increased", "link_unavailable", "delete_link"}
"""Of `customer_acquisition`; the others tell of people whom the contact events tell as well."""
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
    people = listed(body, "people")
    yield from each(people, lambda one: _person(one, seen), "people")
    read_at = cast("dict[str, Any]", body).get("read_at") if isinstance(body, dict) else None
    for one in people:
        yield from each(listed(one, "follows"), lambda follow, one=one: _known(one, follow, seen), "follows")
        if isinstance(read_at, str):
            yield from each(
                listed(one, "follows"), lambda follow, one=one: _tagged(one, follow, read_at, seen), "follows"
            )


def _tagged(one: dict[str, Any], follow: dict[str, Any], read_at: str, seen: Seen) -> Mapped:
    """All tags that a member gave her, as of a moment. A reading of everybody says none: whoever compares does so with what is known."""
    external, userid = ident(member(one, "person"), "external_userid"), ident(follow, "userid")
    at = datetime.fromisoformat(read_at)
    given = sorted({word(tag, "tag_id") for tag in listed(follow, "tags")} | set(texts(follow, "tag_id")) - {""})
    named = hashlib.sha256(f"{userid}\x1f{external}\x1f{read_at}".encode()).hexdigest()[:40]
    payload = {"identifiers": whose(seen, external), "member": userid, "tags": given, "read_at": read_at}
    return Mapped(0, "friend_tags", f"tags:{named}", at, payload)


def _known(one: dict[str, Any], follow: dict[str, Any], seen: Seen) -> Mapped:
    """A friendship found by reading: news only where no event told of it."""
    external, userid = ident(member(one, "person"), "external_userid"), ident(follow, "userid")
    at, way = must(epoch(follow, "createtime"), "createtime"), int(follow.get("add_way") or 0)
    named = hashlib.sha256(f"{userid}\x1f{external}\x1f{at.timestamp():.0f}".encode()).hexdigest()[:40]
    more = {"state": word(follow, "state"), "way": WAYS.get(way, str(way)), "read": True}
    return _friend(whose(seen, external), "added", userid, at, f"read:{named}", **more)


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
    """What happened, and whose page or which group to fetch. Other events are none of ours."""
    change, external = message.get("ChangeType", ""), message.get("ExternalUserID", "")
    if message.get("Event") == "change_external_chat" and change in {"create", "update", "dismiss"}:
        yield _group_told(message, change)
    if message.get("Event") == "kf_msg_or_event":
        yield from conversations.told(message)
        return
    if message.get("Event") == "change_external_tag":
        yield _tags_changed(message, seen)
        return
    if message.get("Event") == "customer_acquisition" and change in LINKS_TOLD:
        yield _link_told(message, change)
    if message.get("Event") != "change_external_contact" or not external:
        return
    at = must(epoch(dict(message), "CreateTime"), "CreateTime")
    if change in EVENTS:
        yield _happened(EVENTS[change], message, at, seen)
    if change in CALLS:
        told = welcome_call(message, seen)
        yield Mapped(0, "friend_call", f"call:{told.id}", told.at, msgspec.to_builtins(told))
    if change in FETCHED:
        yield want("customers", external, stamp=fingerprint(message), at=at)


def _link_told(message: Mapping[str, str], change: str) -> Mapped:
    """The balance of acquisition links runs out or grew, or a link leads nowhere any more."""
    at = must(epoch(dict(message), "CreateTime"), "CreateTime")
    named = hashlib.sha256("\x1f".join(f"{name}={message[name]}" for name in sorted(message)).encode()).hexdigest()[:40]
    return Mapped(0, "link_told", f"link:{named}", at, {"change": change, "link": message.get("LinkId", "")})


def _group_told(message: Mapping[str, str], change: str) -> Mapped:
    """A group changed: what it is now has to be read, the event says little."""
    at = must(epoch(dict(message), "CreateTime"), "CreateTime")
    payload = {"chat_id": ident(dict(message), "ChatId"), "change": change, "at": at.isoformat()}
    return Mapped(0, "group_told", f"chat:{fingerprint(message)}", at, payload)


def _tags_changed(message: Mapping[str, str], seen: Seen) -> Mapped:
    """A tag or a group of the corporation was made, changed or taken away in the console: the list is to be read."""
    at = must(epoch(dict(message), "CreateTime"), "CreateTime")
    named = hashlib.sha256("\x1f".join(f"{name}={message[name]}" for name in sorted(message)).encode()).hexdigest()[:40]
    return Mapped(0, "platform_tags", f"tag_list:{named}", at, {"source": seen.source})


def _happened(change: str, message: Mapping[str, str], at: datetime, seen: Seen) -> Mapped:
    more = {"state": message.get("State", ""), "reason": message.get("FailReason", "")}
    return _friend(
        whose(seen, message["ExternalUserID"]), change, message.get("UserID", ""), at, fingerprint(message), **more
    )


def _friend(identifiers: list[Identifier], change: str, userid: str, at: datetime, named: str, **more: Any) -> Mapped:
    payload: dict[str, Any] = {
        "identifiers": identifiers,
        "member": userid,
        "change": change,
        "at": at.isoformat(),
        **more,
    }
    return Mapped(0, "friend", f"friend:{named}", at, payload)


def welcome_call(message: Mapping[str, str], seen: Seen) -> Told:
    """Somebody was added: what cannot wait, since the code for her welcome is good for 20 seconds."""
    return Told(
        id=fingerprint(message),
        source=seen.source,
        member=message["UserID"],
        external=message["ExternalUserID"],
        at=must(epoch(dict(message), "CreateTime"), "CreateTime"),
        state=message.get("State", ""),
        welcome_code=message.get("WelcomeCode", ""),
    )


def calls(message: Mapping[str, str], seen: Seen) -> list[Told]:
    """What of an event cannot wait."""
    if message.get("Event") != "change_external_contact" or message.get("ChangeType") not in CALLS:
        return []
    return [welcome_call(message, seen)]


def fingerprint(message: Mapping[str, str]) -> str:
    """One event's id. Contact events all come from `sys`, so who wrote and when does not tell two of one second apart (D 96361)."""
    names = (
        "Event", "ChangeType", "UserID", "ExternalUserID", "ChatId", "CreateTime", "FailReason", "MsgId", "UpdateDetail", "JoinScene", "QuitScene",
        "MemChangeCnt", "CurMemVer",
    )  # fmt: skip
    return hashlib.sha256("\x1f".join(message.get(name, "") for name in names).encode()).hexdigest()[:40]
