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
#: The ports of `marketing.issue_coupon`, in order.
ANSWERS: Final[tuple[Answer, ...]] = ("issued", "sold_out", "limit_reached")
POINTS: Final = Label("分", "points")
YUAN: Final = Label("元", "CNY")
