"""What happens in marketing, as event types of the catalog."""

from typing import Final

from tandem.catalog.label import Label
from tandem.catalog.model import EventType, Field
from tandem.catalog.value_types import BOOL, NUMBER, TEXT, TIMESTAMP
from tandem.domains.marketing.words import POINTS

COUPON_ISSUED: Final = "coupon.issued"
COUPON_REDEEMED: Final = "coupon.redeemed"
COUPON_EXPIRED: Final = "coupon.expired"
COUPON_REVOKED: Final = "coupon.revoked"
POINTS_EARNED: Final = "points.earned"
POINTS_SPENT: Final = "points.spent"
POINTS_EXPIRED: Final = "points.expired"
POINTS_ADJUSTED: Final = "points.adjusted"
CAMPAIGN_REACHED: Final = "campaign.reached"
LOTTERY_DRAWN: Final = "lottery.drawn"
LEVEL_CHANGED: Final = "level.changed"
LEVEL_EXPIRING: Final = "level.expiring"
LEVEL_LAPSED: Final = "level.lapsed"

COUPON_EVENTS: Final = (COUPON_ISSUED, COUPON_REDEEMED, COUPON_EXPIRED, COUPON_REVOKED)
POINTS_EVENTS: Final = (POINTS_EARNED, POINTS_SPENT, POINTS_EXPIRED, POINTS_ADJUSTED)

_COUPON: Final = (
    Field("coupon_id", TEXT, Label("券编号", "Coupon id")),
    Field("template_id", TEXT, Label("券模板编号", "Template id")),
    Field("template", TEXT, Label("券名称", "Coupon")),
)
_POINTS: Final = (
    Field("amount", NUMBER, Label("积分数", "Points"), unit=POINTS, whole=True),
    Field("reason", TEXT, Label("事由", "Reason")),
)

_LEVEL: Final = (
    Field("level", TEXT, Label("等级", "Level")),
    Field("until", TIMESTAMP, Label("保级至", "Kept until")),
)

EVENT_TYPES: Final = (
    EventType(
        COUPON_ISSUED,
        Label("发放优惠券", "Coupon issued"),
        (*_COUPON, Field("expires_at", TIMESTAMP, Label("有效期至", "Expires at"))),
    ),
    EventType(
        COUPON_REDEEMED,
        Label("核销优惠券", "Coupon redeemed"),
        (
            *_COUPON,
            Field("template_code", TEXT, Label("外部券编码", "Outside coupon code")),
            Field("store", TEXT, Label("门店编码", "Store code")),
            Field("order_id", TEXT, Label("订单号", "Order number")),
        ),
    ),
    EventType(COUPON_EXPIRED, Label("优惠券过期", "Coupon expired"), _COUPON),
    EventType(COUPON_REVOKED, Label("优惠券作废", "Coupon revoked"), _COUPON),
    EventType(POINTS_EARNED, Label("获得积分", "Points earned"), _POINTS),
    EventType(POINTS_SPENT, Label("使用积分", "Points spent"), _POINTS),
    EventType(POINTS_EXPIRED, Label("积分过期", "Points expired"), _POINTS),
    EventType(POINTS_ADJUSTED, Label("调整积分", "Points adjusted"), _POINTS),
    EventType(
        LEVEL_CHANGED,
        Label("会员等级变化", "Member level changed"),
        (
            Field("old", TEXT, Label("原等级", "From")),
            Field("new", TEXT, Label("新等级", "To")),
            Field("rose", BOOL, Label("上升", "Rose")),
            Field("until", TIMESTAMP, Label("保级至", "Kept until")),
        ),
    ),
    EventType(LEVEL_EXPIRING, Label("会员等级将到期", "Member level about to run out"), _LEVEL),
    EventType(LEVEL_LAPSED, Label("会员等级到期", "Member level ran out"), _LEVEL),
    EventType(
        LOTTERY_DRAWN,
        Label("抽奖", "Drew a lot"),
        (
            Field("prize", TEXT, Label("奖项", "Prize")),
            Field("won", BOOL, Label("中奖", "Won")),
            Field("flow_id", TEXT, Label("流程编号", "Flow id")),
            Field("run_id", TEXT, Label("流程实例", "Run")),
        ),
    ),
    EventType(
        CAMPAIGN_REACHED,
        Label("营销活动触达", "Reached by a campaign"),
        (Field("campaign", TEXT, Label("活动", "Campaign")),),
    ),
)
