"""What customers' messages are about: each is held against the topics, and flows hear the answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from tandem.domains.contact.chat.events import CHAT_RECEIVED, CHAT_REPORTED
from tandem.domains.contact.material.matching import asks, recognise
from tandem.domains.contact.material.topics import live_topics
from tandem.kernel.turn import Turn
from tandem.stream.events import NewEvent, following
from tandem.stream.inbox import follow_up
from tandem.stream.projection import AppliedEvent, Projection


def project_chats(turn: Turn, events: Sequence[AppliedEvent]) -> None:
    """Tell what each message is about."""
    mine = [event for event in events if event.customer_id is not None]
    if not mine:
        return
    topics = live_topics(turn.tx)
    news: list[NewEvent] = []
    for event in mine:
        text = str(event.payload.get("text") or "")
        found = recognise(text, topics)
        payload: dict[str, Any] = {**event.payload, "question": asks(text)}
        if found is not None:
            payload |= {"topic": found.name, "topic_id": str(found.id), "product": found.product}
            payload |= {"material_id": str(found.material_id)} if found.material_id else {}
        news.append(following(event, CHAT_RECEIVED, payload))
    follow_up(turn, news)


PROJECTIONS: Final = (Projection((CHAT_REPORTED,), project_chats, "contact.chats"),)
