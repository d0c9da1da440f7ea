"""What happens between customers and advisers, as event types of the catalog."""

from typing import Final

from tandem.catalog.label import Label
from tandem.catalog.model import EventType, Field
from tandem.catalog.value_types import BOOL, TEXT

FRIEND_REPORTED: Final = "friend.reported"
"""A platform's word, before it is known whether it is news; flows hear the four below."""
FRIEND_TAGS: Final = "friend.tags_reported"
"""A platform's word on the tags that an adviser gave a customer, all of them."""
FRIEND_ADDED: Final = "friend.added"
FRIEND_ASKED: Final = "friend.asked"
FRIEND_LOST: Final = "friend.lost"
FRIEND_REMOVED: Final = "friend.removed"
FRIEND_FOUND: Final = "friend.found"
"""She was called lost by a reading, and a later one finds her: nothing happened in between."""
FRIEND_HANDED_OVER: Final = "friend.handed_over"
HAND_OVER_FAILED: Final = "friend.hand_over_failed"

_MEMBER: Final = (
    Field("member", TEXT, Label("员工账号", "Adviser's account")),
    Field("adviser", TEXT, Label("员工姓名", "Adviser")),
)
_CODE: Final = (
    Field("live_code", TEXT, Label("渠道活码", "Live code")),
    Field("channel", TEXT, Label("获客渠道", "Source")),
    Field("state", TEXT, Label("渠道参数 state", "State")),
)
_ADDED: Final = (
    *_MEMBER,
    *_CODE,
    Field("way", TEXT, Label("添加方式", "How added")),
    Field("again", BOOL, Label("曾经是好友", "Was a friend before")),
)

EVENT_TYPES: Final = (
    EventType(FRIEND_REPORTED, Label("好友关系变动（平台原话）", "Friendship told by the platform"), _MEMBER[:1]),
    EventType(FRIEND_TAGS, Label("员工所打标签（平台原话）", "An adviser's tags told by the platform"), _MEMBER[:1]),
    EventType(FRIEND_ADDED, Label("新加好友", "Friend added"), _ADDED),
    EventType(FRIEND_ASKED, Label("申请加好友（未通过）", "Asked to be a friend"), _ADDED),
    EventType(
        FRIEND_LOST,
        Label("被客户删除", "Lost: removed by the customer"),
        (*_MEMBER, *_CODE, Field("by", TEXT, Label("由谁结束", "Ended by"))),
    ),
    EventType(FRIEND_REMOVED, Label("员工删除客户", "Removed by the adviser"), (*_MEMBER, *_CODE)),
    EventType(FRIEND_FOUND, Label("误判流失，仍是好友", "Called lost by mistake: still a friend"), (*_MEMBER, *_CODE)),
    EventType(
        FRIEND_HANDED_OVER,
        Label("客户已移交", "Handed over to another adviser"),
        (*_MEMBER[:1], Field("giver", TEXT, Label("原员工账号", "The adviser before"))),
    ),
    EventType(
        HAND_OVER_FAILED,
        Label("客户接替失败", "Hand-over failed"),
        (*_MEMBER, Field("reason", TEXT, Label("原因", "Reason"))),
    ),
)
