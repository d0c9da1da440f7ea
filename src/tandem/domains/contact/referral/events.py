"""What happens in referral campaigns, as event types of the catalog. All of them are the inviter's."""

from typing import Final

from tandem.catalog.label import Label
from tandem.catalog.model import EventType, Field, Option
from tandem.catalog.value_types import NUMBER, TEXT

REFERRAL_TOLD: Final = "referral.told"
"""A friend's history says that she came by somebody, or left; filed in the inviter's inbox (ENGINE_RULES 7)."""
REFERRAL_BEGUN: Final = "referral.begun"
REFERRAL_JOINED: Final = "referral.joined"
REFERRAL_COUNTED: Final = "referral.counted"
REFERRAL_LEFT: Final = "referral.left"
REFERRAL_REWARDED: Final = "referral.rewarded"

_VERDICTS: Final = (
    Option("held", Label("待留存", "Has to stay")),
    Option("counted", Label("已计入", "Counts")),
    Option("suspect", Label("可疑", "Suspicious")),
    Option("refused", Label("不计", "Does not count")),
    Option("left", Label("已流失", "Left")),
)
_CAMPAIGN: Final = (Field("campaign", TEXT, Label("裂变活动", "Referral campaign")),)
_FRIENDS: Final = (*_CAMPAIGN, Field("counted", NUMBER, Label("已计入的好友数", "Friends that count"), whole=True))

EVENT_TYPES: Final = (
    EventType(REFERRAL_TOLD, Label("裂变好友动态（原始）", "A referred friend came or left"), _CAMPAIGN),
    EventType(REFERRAL_BEGUN, Label("参加裂变活动", "Began to invite"), _CAMPAIGN),
    EventType(
        REFERRAL_JOINED,
        Label("邀请的好友已添加", "An invited friend came"),
        (*_CAMPAIGN, Field("verdict", TEXT, Label("判定", "Verdict"), options=_VERDICTS)),
    ),
    EventType(REFERRAL_COUNTED, Label("邀请的好友留存达标", "An invited friend stayed"), _FRIENDS),
    EventType(REFERRAL_LEFT, Label("邀请的好友流失", "An invited friend left"), _CAMPAIGN),
    EventType(
        REFERRAL_REWARDED,
        Label("裂变奖励已发放", "Rewarded for inviting"),
        (*_FRIENDS, Field("tier", NUMBER, Label("达到的人数", "Friends of the tier"), whole=True)),
    ),
)
