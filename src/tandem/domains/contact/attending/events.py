"""What is said at desks, as event types of the catalog."""

from typing import Final

from tandem.catalog.label import Label
from tandem.catalog.model import EventType, Field
from tandem.catalog.value_types import TEXT

DESK_TOLD: Final = "desk.told"
"""A platform's word of something said at a desk."""

EVENT_TYPES: Final = (
    EventType(
        DESK_TOLD,
        Label("客服会话（平台原话）", "Said at a service desk"),
        (Field("text", TEXT, Label("消息内容", "Text"), privacy="sensitive"),),
    ),
)
