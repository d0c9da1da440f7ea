"""What happens in customer groups, as event types of the catalog."""

from typing import Final

from tandem.catalog.label import Label
from tandem.catalog.model import EventType, Field
from tandem.catalog.value_types import BOOL, NUMBER, TEXT

GROUP_REPORTED: Final = "group.reported"
"""A platform's word on somebody in a group, before it is known whether it is news; flows hear the two below."""
GROUP_JOINED: Final = "group.joined"
GROUP_LEFT: Final = "group.left"

_GROUP: Final = (
    Field("group", TEXT, Label("客户群", "Group")),
    Field("group_id", TEXT, Label("客户群编号", "Group's id")),
    Field("owner", TEXT, Label("群主", "Owner")),
    Field("live_code", TEXT, Label("群活码", "Group code")),
    Field("channel", TEXT, Label("获客渠道", "Source")),
    Field("state", TEXT, Label("渠道参数 state", "State")),
    Field("group_count", NUMBER, Label("所在客户群数", "Number of groups"), whole=True),
)

EVENT_TYPES: Final = (
    EventType(GROUP_REPORTED, Label("群成员变动（平台原话）", "Group member told by the platform"), ()),
    EventType(
        GROUP_JOINED,
        Label("加入客户群", "Joined a group"),
        (
            *_GROUP,
            Field("scene", TEXT, Label("入群方式", "How she came")),
            Field("again", BOOL, Label("曾在此群", "Was there before")),
        ),
    ),
    EventType(GROUP_LEFT, Label("离开客户群", "Left a group"), _GROUP),
)
