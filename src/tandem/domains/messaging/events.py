"""What happens to messages, as event types of the catalog."""

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from tandem.catalog.label import Label
from tandem.catalog.model import EventType, Field, Option
from tandem.catalog.value_types import NUMBER, TEXT

MESSAGE_SENT: Final = "message.sent"
MESSAGE_FAILED: Final = "message.failed"
MESSAGE_DELIVERED: Final = "message.delivered"
MESSAGE_UNDELIVERED: Final = "message.undelivered"
MESSAGE_READ: Final = "message.read"
MESSAGE_CLICKED: Final = "message.clicked"
MESSAGE_REPLIED: Final = "message.replied"
MESSAGE_OPTED_OUT: Final = "message.opted_out"
"""She answered that she wants no more of them by this way."""
SURVEY_ANSWERED: Final = "survey.answered"

CLASSES: Final = (
    Option("marketing", Label("营销", "Marketing")),
    Option("transactional", Label("服务通知", "Transactional")),
)
_FIELDS: Final = (
    Field("message_id", TEXT, Label("消息编号", "Message id")),
    Field("template_id", TEXT, Label("模板编号", "Template id")),
    Field("template", TEXT, Label("模板名称", "Template")),
    Field("channel", TEXT, Label("触达渠道", "Channel")),
    Field("message_class", TEXT, Label("消息类别", "Class"), options=CLASSES),
    Field("run_id", TEXT, Label("流程实例", "Run")),
)


@dataclass(frozen=True, slots=True)
class Told:
    """A message as its events tell of it."""

    id: UUID
    bucket: int
    customer_id: UUID
    run_id: UUID | None
    flow_id: UUID | None
    block: str | None
    channel: str
    message_class: str
    template_id: UUID
    template: str
    cause_id: UUID | None
    root_id: UUID | None
    hops: int

    def payload(self) -> dict[str, Any]:
        """What each of them says."""
        return {
            "message_id": str(self.id),
            "template_id": str(self.template_id),
            "template": self.template,
            "channel": self.channel,
            "message_class": self.message_class,
            "flow_id": str(self.flow_id) if self.flow_id else None,
            "run_id": str(self.run_id) if self.run_id else None,
            "block": self.block,
        }


EVENT_TYPES: Final = (
    EventType(MESSAGE_SENT, Label("消息已送达渠道", "Message sent"), _FIELDS),
    EventType(
        MESSAGE_FAILED,
        Label("消息发送失败", "Message failed"),
        (*_FIELDS, Field("reason", TEXT, Label("原因", "Reason"))),
    ),
    EventType(MESSAGE_DELIVERED, Label("消息已送达客户", "Message delivered"), _FIELDS),
    EventType(
        MESSAGE_UNDELIVERED,
        Label("消息未送达客户", "Message not delivered"),
        (*_FIELDS, Field("reason", TEXT, Label("原因", "Reason"))),
    ),
    EventType(MESSAGE_READ, Label("消息已读", "Message read"), _FIELDS),
    EventType(
        MESSAGE_CLICKED, Label("消息被点击", "Message clicked"), (*_FIELDS, Field("link", TEXT, Label("链接", "Link")))
    ),
    EventType(MESSAGE_REPLIED, Label("消息被回复", "Message replied to"), _FIELDS),
    EventType(
        MESSAGE_OPTED_OUT,
        Label("回复退订", "Opted out by an answer"),
        (Field("channel", TEXT, Label("触达渠道", "Channel")), Field("source", TEXT, Label("来源", "Source"))),
    ),
    EventType(
        SURVEY_ANSWERED,
        Label("收到问卷回答", "Survey answered"),
        (
            Field("survey", TEXT, Label("问卷", "Survey")),
            Field("score", NUMBER, Label("分数", "Score")),
            Field("comment", TEXT, Label("意见", "Comment"), privacy="sensitive"),
        ),
    ),
)
