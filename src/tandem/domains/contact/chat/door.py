"""What sources tell of messages that customers wrote."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final, Literal

import msgspec

from tandem.catalog.label import Label
from tandem.domains.contact.chat.events import CHAT_ANSWERED, CHAT_REPORTED
from tandem.stream.door.kinds import DoorKind, Envelope, EventOut, Identifier, Normalised, Text


class ChatMessageIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A message that a customer wrote, or the answer she got (`by`). `through`: by which way (`kf`, a shop's desk); `member`: to whom,
    where somebody is named; `conversation`: the platform's number of it; `about`: the order it is about, where one is named.
    """

    identifiers: Annotated[list[Identifier], msgspec.Meta(min_length=1, max_length=20)]
    at: Annotated[datetime, msgspec.Meta(tz=True)]
    text: Annotated[str, msgspec.Meta(max_length=2000)]
    through: Text = ""
    member: Text = ""
    by: Literal["customer", "staff"] = "customer"
    conversation: Text = ""
    about: Text = ""


def _chat(envelope: Envelope, said: ChatMessageIn) -> Normalised:
    payload = {
        "text": said.text,
        "through": said.through or envelope.source,
        "member": said.member,
        "source": envelope.source,
        **{name: value for name, value in (("conversation", said.conversation), ("about", said.about)) if value},
    }
    # What the shop answered is told as it is: nobody asks what it is about.
    kind, once = (CHAT_REPORTED, "reported") if said.by == "customer" else (CHAT_ANSWERED, "answered")
    return Normalised(identifiers=said.identifiers, events=(EventOut(kind, said.at, payload, once=once),))


DOOR_KINDS: Final = (DoorKind("chat_message", Label("客户消息", "Customer's message"), ChatMessageIn, _chat),)
