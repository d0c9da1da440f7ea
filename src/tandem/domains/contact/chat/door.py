"""What sources tell of messages that customers wrote."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final

import msgspec

from tandem.catalog.label import Label
from tandem.domains.contact.chat.events import CHAT_REPORTED
from tandem.stream.door.kinds import DoorKind, Envelope, EventOut, Identifier, Normalised, Text


class ChatMessageIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A message that a customer wrote. `through`: by which way (`kf`, a shop's desk); `member`: to whom, where somebody is named."""

    identifiers: Annotated[list[Identifier], msgspec.Meta(min_length=1, max_length=20)]
    at: Annotated[datetime, msgspec.Meta(tz=True)]
    text: Annotated[str, msgspec.Meta(max_length=2000)]
    through: Text = ""
    member: Text = ""


def _chat(envelope: Envelope, said: ChatMessageIn) -> Normalised:
    payload = {
        "text": said.text,
        "through": said.through or envelope.source,
        "member": said.member,
        "source": envelope.source,
    }
    return Normalised(
        identifiers=said.identifiers, events=(EventOut(CHAT_REPORTED, said.at, payload, once="reported"),)
    )


DOOR_KINDS: Final = (DoorKind("chat_message", Label("客户消息", "Customer's message"), ChatMessageIn, _chat),)
