"""What happens to messages, as event types of the catalog."""

from typing import Final

from tandem.catalog.label import Label
from tandem.catalog.model import EventType, Field, Option
from tandem.catalog.value_types import NUMBER, TEXT

MESSAGE_SENT: Final = "message.sent"
MESSAGE_FAILED: Final = "message.failed"
MESSAGE_DELIVERED: Final = "message.delivered"
MESSAGE_READ: Final = "message.read"
MESSAGE_CLICKED: Final = "message.clicked"
MESSAGE_REPLIED: Final = "message.replied"
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

EVENT_TYPES: Final = (
    EventType(MESSAGE_SENT, Label("消息已送达渠道", "Message sent"), _FIELDS),
    EventType(
        MESSAGE_FAILED,
        Label("消息发送失败", "Message failed"),
        (*_FIELDS, Field("reason", TEXT, Label("原因", "Reason"))),
    ),
    EventType(MESSAGE_DELIVERED, Label("消息已送达客户", "Message delivered"), _FIELDS),
    EventType(MESSAGE_READ, Label("消息已读", "Message read"), _FIELDS),
    EventType(
        MESSAGE_CLICKED, Label("消息被点击", "Message clicked"), (*_FIELDS, Field("link", TEXT, Label("链接", "Link")))
    ),
    EventType(MESSAGE_REPLIED, Label("消息被回复", "Message replied to"), _FIELDS),
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
