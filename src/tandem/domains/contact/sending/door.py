"""What the door understands of posts: that a customer liked one or commented on it, as reading found."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Final, Literal
from uuid import UUID

import msgspec

from tandem.catalog.label import Label
from tandem.domains.contact.sending.events import POST_COMMENTED, POST_LIKED
from tandem.domains.contact.sending.ports import Reaction
from tandem.kernel.db import Tx
from tandem.kernel.ids import derived_id
from tandem.stream.door.kinds import DoorKind, Envelope, EventOut, Identifier, Key, Normalised, Text
from tandem.stream.door.pending import take_in
from tandem.stream.door.wire import Item, Parsed
from tandem.stream.rows import to_json

REACTION: Final = "post_reaction"


class ReactionIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A customer's reaction to an adviser's post."""

    identifiers: Annotated[list[Identifier], msgspec.Meta(min_length=1, max_length=20)]
    how: Literal["like", "comment"]
    post_id: Key
    member: Key
    at: Annotated[datetime, msgspec.Meta(tz=True)]
    post: Text = ""


def _reacted(envelope: Envelope, said: ReactionIn) -> Normalised:
    del envelope
    payload = {"post": said.post, "post_id": said.post_id, "member": said.member}
    happened = POST_LIKED if said.how == "like" else POST_COMMENTED
    return Normalised(identifiers=said.identifiers, events=(EventOut(happened, said.at, payload, once="reacted"),))


def file_reactions(tx: Tx, source: str, send: UUID, member: str, name: str, told: Sequence[Reaction]) -> None:
    """File what customers made of a member's post. Told again it is a duplicate at the door."""
    items: list[Item] = []
    for index, one in enumerate(told):
        payload = {
            "identifiers": [dict(named) for named in one.identifiers], "how": one.how, "post_id": str(send), "member": member,
            "at": one.at.isoformat(), "post": name,
        }  # fmt: skip
        named = derived_id(send, member, one.key, one.how, one.at.timestamp())
        items.append(
            Item(index, source, f"post:{named}", REACTION, one.at, 0, to_json(payload).encode(), verified=True)
        )
    if items:
        take_in(tx, Parsed(items, [], {}))


DOOR_KINDS: Final = (
    DoorKind(REACTION, Label("朋友圈互动", "Reaction to a post"), ReactionIn, _reacted, verified_only=True),
)
