"""What connectors tell of friends: that a friendship changed, and, at once, that somebody was added."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final, Literal

import msgspec

from tandem.catalog.label import Label
from tandem.domains.contact.calls import Told, file_told
from tandem.domains.contact.events import FRIEND_REPORTED
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


def _told(envelope: Envelope, said: Told) -> Normalised:
    # Whose account it is, the door knows better than the record.
    return Normalised(reference=msgspec.structs.replace(said, source=envelope.source))


DOOR_KINDS: Final = (
    DoorKind("friend", Label("好友关系", "Friendship"), FriendIn, _friend),
    DoorKind("friend_call", Label("新好友通知", "New friend told"), Told, _told, file_told, verified_only=True),
)
