"""What the archive and the desk tell flows: never the words themselves."""

from typing import Final

from tandem.catalog.label import Label
from tandem.catalog.model import EventType, Field
from tandem.catalog.value_types import NUMBER, TEXT

KEYWORD_HIT: Final = "chat.keyword_hit"
UNANSWERED: Final = "chat.unanswered"

EVENT_TYPES: Final = (
    EventType(
        KEYWORD_HIT,
        Label("会话命中关键词", "Chat said a watched word"),
        (
            Field("list", TEXT, Label("词表", "Word list")),
            Field("word", TEXT, Label("关键词", "Word")),
            Field("said_by", TEXT, Label("由谁说出", "Said by")),
            Field("member", TEXT, Label("员工账号", "Adviser's account")),
        ),
    ),
    EventType(
        UNANSWERED,
        Label("客户消息超时未回复", "Customer is left without an answer"),
        (
            Field("through", TEXT, Label("来自", "Through")),
            Field("member", TEXT, Label("员工账号", "Adviser's account")),
            Field("minutes", NUMBER, Label("已等待（服务时间分钟）", "Waited (minutes of service)")),
        ),
    ),
)
