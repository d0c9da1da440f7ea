"""Words of marketing that several of its rooms say."""

from typing import Final, Literal

from tandem.catalog.label import Label
from tandem.catalog.model import Option

CouponKind = Literal["amount", "percent", "gift"]
Answer = Literal["issued", "sold_out", "limit_reached"]

COUPON_KINDS: Final = (
    Option("amount", Label("满减券", "Amount off")),
    Option("percent", Label("折扣券", "Per cent off")),
    Option("gift", Label("礼品券", "Gift")),
)
COUPON_STATES: Final = (
    Option("issued", Label("未使用", "Issued")),
    Option("redeemed", Label("已核销", "Redeemed")),
    Option("expired", Label("已过期", "Expired")),
    Option("revoked", Label("已作废", "Revoked")),
)
#: What became of a reported redemption that was not counted where it arrived.
REPORT_STATES: Final = (
    Option("forwarded", Label("券属于另一位客户，已转给其记录", "The coupon is another customer's: handed on")),
    Option("unknown_code", Label("没有这个券码", "There is no coupon with this code")),
    Option("already_redeemed", Label("这张券已经核销过", "The coupon had already been redeemed")),
    Option("revoked", Label("这张券已作废", "The coupon has been revoked")),
    Option("not_here", Label("客户正在合并，暂时找不到这张券", "The owner was being merged: the coupon was not found")),
)
#: The ports of `marketing.issue_coupon`, in order.
ANSWERS: Final[tuple[Answer, ...]] = ("issued", "sold_out", "limit_reached")
POINTS: Final = Label("分", "points")
YUAN: Final = Label("元", "CNY")
