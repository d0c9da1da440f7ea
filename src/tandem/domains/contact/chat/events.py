"""What customers write, as event types of the catalog."""

from typing import Final

from tandem.catalog.label import Label
from tandem.catalog.model import EventType, Field
from tandem.catalog.value_types import BOOL, TEXT

CHAT_REPORTED: Final = "chat.reported"
"""A platform's word that a customer wrote; flows hear the one below, which says what it is about."""
CHAT_RECEIVED: Final = "chat.received"

_TOLD: Final = (
    Field("text", TEXT, Label("消息内容", "Text"), privacy="sensitive"),
    Field("through", TEXT, Label("来自", "Through")),
    Field("member", TEXT, Label("员工账号", "Adviser's account")),
)

EVENT_TYPES: Final = (
    EventType(CHAT_REPORTED, Label("客户来消息（平台原话）", "Message told by the platform"), _TOLD),
    EventType(
        CHAT_RECEIVED,
        Label("客户来消息", "Customer wrote"),
        (
            *_TOLD,
            Field("question", BOOL, Label("像是提问", "Sounds like a question")),
            Field("topic", TEXT, Label("识别出的主题", "Topic")),
            Field("topic_id", TEXT, Label("主题编号", "Topic id")),
            Field("product", TEXT, Label("相关商品", "Product")),
            Field("material_id", TEXT, Label("主题的素材编号", "Topic's material")),
        ),
    ),
)
