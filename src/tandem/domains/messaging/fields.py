"""What messaging adds to the catalog: the messages a customer got, and the events of sending."""

from typing import Final

from tandem.catalog.label import Label
from tandem.catalog.model import Contribution, Field, Option, Relation
from tandem.catalog.value_types import TEXT, TIMESTAMP
from tandem.domains.messaging.events import CLASSES, EVENT_TYPES, MESSAGE_FAILED, MESSAGE_SENT

STATES: Final = (
    Option("planned", Label("已计划", "Planned")),
    Option("held", Label("暂缓中", "Held")),
    Option("released", Label("待发送", "Released")),
    Option("sending", Label("发送中", "Sending")),
    Option("handed", Label("已交员工，待确认", "Handed to staff")),
    Option("sent", Label("已发送", "Sent")),
    Option("failed", Label("发送失败", "Failed")),
    Option("unknown", Label("结果未知", "Unknown")),
    Option("cancelled", Label("已取消", "Cancelled")),
)

CONTRIBUTION: Final = Contribution(
    source="messaging",
    relations=(
        Relation(
            "messages",
            Label("收到的消息", "Messages"),
            "customer",
            "outbox_message",
            (
                Field("channel", TEXT, Label("触达渠道", "Channel")),
                Field("message_class", TEXT, Label("消息类别", "Class"), options=CLASSES),
                Field("sent_at", TIMESTAMP, Label("发送时间", "Sent at"), sql="{alias}.finished_at"),
            ),
            time_field="sent_at",
            where="{alias}.status = 'sent'",
            changed_by=(MESSAGE_SENT, MESSAGE_FAILED),
        ),
    ),
    event_types=EVENT_TYPES,
)
