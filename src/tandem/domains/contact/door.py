"""What connectors tell of friends: that a friendship changed, and, at once, that somebody was added."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Final, Literal, cast

import msgspec

from tandem.catalog.label import Label
from tandem.domains.contact.acquiring.service import hear as hear_links
from tandem.domains.contact.calls import Told, file_told
from tandem.domains.contact.events import FRIEND_REPORTED, FRIEND_TAGS
from tandem.kernel.db import Tx
from tandem.stream.door.kinds import DoorKind, Envelope, EventOut, Identifier, Key, Normalised, Refused, Text

Change = Literal["added", "asked", "lost", "removed", "hand_over_failed"]


class FriendIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A friendship as a platform tells it. `read`: found while reading all friends, not told when it happened."""

    identifiers: Annotated[list[Identifier], msgspec.Meta(min_length=1, max_length=20)]
    member: Key
    change: Change
    at: Annotated[datetime, msgspec.Meta(tz=True)]
    state: Text = ""
    way: Text = ""
    reason: Text = ""
    read: bool = False


def _friend(envelope: Envelope, said: FriendIn) -> Normalised:
    named = next((one for one in said.identifiers if one.kind == "open_id"), None)
    if named is None:
        raise Refused("identifiers", "好友记录要有平台的客户编号", "a friend needs the platform's id of the customer")
    friendship = envelope.entity_uuid("friendship", f"{said.member}\x1f{named.value}")
    payload = {
        "friendship_id": str(friendship),
        "source": envelope.source,
        "member": said.member,
        "change": said.change,
        "state": said.state,
        "way": said.way,
        "reason": said.reason,
        "read": said.read,
    }
    return Normalised(
        identifiers=said.identifiers, events=(EventOut(FRIEND_REPORTED, said.at, payload, once="reported"),)
    )


class FriendTagsIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All tags that a member gave a customer, by the platform's ids, as of a moment."""

    identifiers: Annotated[list[Identifier], msgspec.Meta(min_length=1, max_length=20)]
    member: Key
    tags: Annotated[list[Key], msgspec.Meta(max_length=3000)]
    read_at: Annotated[datetime, msgspec.Meta(tz=True)]


class PlatformTagsIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The platform's list of tags is another."""

    source: Key


def _tagged(envelope: Envelope, said: FriendTagsIn) -> Normalised:
    named = next((one for one in said.identifiers if one.kind == "open_id"), None)
    if named is None:
        raise Refused(
            "identifiers", "好友标签要有平台的客户编号", "a friend's tags need the platform's id of the customer"
        )
    payload = {
        "friendship_id": str(envelope.entity_uuid("friendship", f"{said.member}\x1f{named.value}")),
        "source": envelope.source,
        "member": said.member,
        "tags": said.tags,
        "read_at": said.read_at.isoformat(),
    }
    return Normalised(identifiers=said.identifiers, events=(EventOut(FRIEND_TAGS, said.read_at, payload, once="read"),))


class LinkToldIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a platform tells of acquisition links: the balance runs out, a link was taken away."""

    change: Key
    link: Text = ""


def _link_told(envelope: Envelope, said: LinkToldIn) -> Normalised:
    return Normalised(reference=(envelope.source, said.change, said.link))


def _list_changed(envelope: Envelope, said: PlatformTagsIn) -> Normalised:
    del said
    return Normalised(reference=envelope.source)


def _read_lists(tx: Tx, sources: Sequence[object]) -> None:
    """Have the lists of some sources read now. Ordered, so that two doors never wait for each other crosswise."""
    tx.execute(
        """
        with due as materialized (
          select a.account_id from tag_account as a join source_account as s on s.tenant_id = %(tenant)s and s.id = a.account_id
          where a.tenant_id = %(tenant)s and s.source = any(%(sources)s::text[]) order by a.account_id for update of a)
        update tag_account as a set due_at = now() from due as d where a.tenant_id = %(tenant)s and a.account_id = d.account_id
        """,
        {"tenant": tx.tenant_id, "sources": sorted(set(cast("Sequence[str]", sources)))},
    )


def _told(envelope: Envelope, said: Told) -> Normalised:
    # Whose account it is, the door knows better than the record.
    return Normalised(reference=msgspec.structs.replace(said, source=envelope.source))


DOOR_KINDS: Final = (
    DoorKind("friend", Label("好友关系", "Friendship"), FriendIn, _friend),
    DoorKind("friend_call", Label("新好友通知", "New friend told"), Told, _told, file_told, verified_only=True),
    DoorKind("friend_tags", Label("员工所打标签", "An adviser's tags"), FriendTagsIn, _tagged),
    DoorKind(
        "link_told",
        Label("获客链接通知", "Acquisition links told"),
        LinkToldIn,
        _link_told,
        hear_links,
        verified_only=True,
    ),
    DoorKind(
        "platform_tags",
        Label("平台标签库变动", "The platform's tags changed"),
        PlatformTagsIn,
        _list_changed,
        _read_lists,
    ),
)
