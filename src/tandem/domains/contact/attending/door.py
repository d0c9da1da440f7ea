"""What sources tell of talks at service desks: customers, servicers, and that a talk is over."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final, Literal

import msgspec

from tandem.catalog.label import Label
from tandem.domains.contact.attending.events import DESK_TOLD
from tandem.stream.door.kinds import DoorKind, Envelope, EventOut, Identifier, Key, Normalised, Refused, Text


class DeskMessageIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Something said at a desk. `desk` and `number` are the platform's ids of the desk and the message; `over`: the talk was ended.

    `choice`: which line of a menu of the desk's she touched.
    """

    identifiers: Annotated[list[Identifier], msgspec.Meta(min_length=1, max_length=20)]
    desk: Key
    number: Key
    at: Annotated[datetime, msgspec.Meta(tz=True)]
    by: Literal["customer", "staff"] = "customer"
    kind: Text = "text"
    text: Annotated[str, msgspec.Meta(max_length=2000)] = ""
    member: Text = ""
    choice: Annotated[str, msgspec.Meta(max_length=128)] = ""
    over: bool = False


def _told(envelope: Envelope, said: DeskMessageIn) -> Normalised:
    named = next((one for one in said.identifiers if one.kind == "open_id"), None)
    if named is None:
        raise Refused(
            "identifiers", "客服消息要有平台的客户编号", "a desk's message needs the platform's id of the customer"
        )
    payload = {
        "talk_id": str(envelope.entity_uuid("desk_talk", f"{said.desk}\x1f{named.value}")),
        "desk_id": str(envelope.entity_uuid("desk", said.desk)),
        "message_id": str(envelope.entity_uuid("desk_message", said.number)),
        "number": said.number,
        "by": said.by,
        "kind": said.kind,
        "text": said.text,
        "member": said.member,
        "choice": said.choice,
        "over": said.over,
    }
    return Normalised(identifiers=said.identifiers, events=(EventOut(DESK_TOLD, said.at, payload, once="told"),))


DOOR_KINDS: Final = (DoorKind("desk_message", Label("客服会话", "Service desk"), DeskMessageIn, _told),)
