"""What happens to messages, as event types of the catalog."""

from typing import Final

from tandem.catalog.label import Label
from tandem.catalog.model import EventType, Field, Option
from tandem.catalog.value_types import TEXT

MESSAGE_SENT: Final = "message.sent"
MESSAGE_FAILED: Final = "message.failed"

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
)
