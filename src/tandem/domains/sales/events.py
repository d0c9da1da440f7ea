"""What happens to leads, as event types of the catalog."""

from typing import Final

from tandem.catalog.label import Label
from tandem.catalog.model import EventType, Field, Option
from tandem.catalog.value_types import NUMBER, TEXT

YUAN: Final = Label("元", "CNY")
#: What other domains tell, heard here.
ORDER_PAID: Final = "order.paid"
ORDER_CANCELLED: Final = "order.cancelled"
ORDER_MOVED: Final = "order.moved"
REFUND_CREATED: Final = "refund.created"
FRIEND_ADDED: Final = "friend.added"

LEAD_REPORTED: Final = "lead.reported"
"""A form, a flow or a person says that somebody asked; whether that is a lead of its own, the rules say."""
LEAD_CREATED: Final = "lead.created"
LEAD_ASSIGNED: Final = "lead.assigned"
LEAD_OVERDUE: Final = "lead.overdue"
LEAD_CONTACTED: Final = "lead.contacted"
LEAD_WON: Final = "lead.won"
LEAD_LOST: Final = "lead.lost"
NEWS: Final = (LEAD_CREATED, LEAD_ASSIGNED, LEAD_OVERDUE, LEAD_CONTACTED, LEAD_WON, LEAD_LOST)

WHY: Final = (
    Option("friend", Label("已加好友", "Became a friend")),
    Option("hand", Label("员工跟进", "Followed up by staff")),
    Option("order", Label("已下单", "Ordered")),
    Option("refunded", Label("已全额退款或取消", "Given back or cancelled")),
    Option("left", Label("原跟进人已离职", "Its owner left")),
    Option("price", Label("价格原因", "Price")),
    Option("elsewhere", Label("在别处买了", "Bought elsewhere")),
    Option("no_answer", Label("联系不上", "No answer")),
    Option("not_meant", Label("没有购买意向", "Did not mean to buy")),
    Option("other", Label("其他", "Other")),
)
LOST_WHY: Final = ("price", "elsewhere", "no_answer", "not_meant", "other")

_LEAD: Final = (
    Field("source", TEXT, Label("线索来源", "Source")),
    Field("subject", TEXT, Label("咨询内容", "Asked about")),
    Field("campaign", TEXT, Label("活动", "Campaign")),
)
_KEPT: Final = (
    *_LEAD,
    Field("score", NUMBER, Label("线索评分", "Score")),
    Field("owner", TEXT, Label("跟进人", "Owner")),
    Field("reason", TEXT, Label("原因", "Reason"), options=WHY),
    Field("lead_id", TEXT, Label("线索编号", "Lead id")),
)
EVENT_TYPES: Final = (
    EventType(LEAD_REPORTED, Label("留下线索", "Asked about something"), _LEAD),
    EventType(LEAD_CREATED, Label("新线索", "New lead"), _KEPT),
    EventType(LEAD_ASSIGNED, Label("线索已分配", "Lead assigned"), _KEPT),
    EventType(LEAD_OVERDUE, Label("线索未及时跟进", "Lead not followed up in time"), _KEPT),
    EventType(LEAD_CONTACTED, Label("线索已联系", "Lead contacted"), _KEPT),
    EventType(
        LEAD_WON,
        Label("线索成交", "Lead won"),
        (*_KEPT, Field("amount", NUMBER, Label("成交金额", "Amount"), unit=YUAN)),
    ),
    EventType(LEAD_LOST, Label("线索流失", "Lead lost"), _KEPT),
)
