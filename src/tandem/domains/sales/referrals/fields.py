"""What referrals add to the catalog: by whom a customer came, and whom she brought."""

from typing import Final

from tandem.catalog.label import Label
from tandem.catalog.model import Field, Option, Relation
from tandem.catalog.value_types import NUMBER, TEXT, TIMESTAMP
from tandem.domains.sales.events import ORDER_CANCELLED, ORDER_MOVED, ORDER_PAID, REFUND_CREATED, YUAN
from tandem.domains.sales.referrals.events import REFERRAL_REPORTED, REFERRAL_STANDING, REFERRAL_WITHDRAWN

STATES: Final = (
    Option("came", Label("还没有下单", "Has not ordered yet")),
    Option("paid", Label("已付首单", "Paid a first order")),
    Option("known", Label("推荐前已是客户", "Was a customer before")),
)
SOURCES: Final = (
    Option("campaign", Label("裂变活动", "Referral campaign")),
    Option("staff", Label("员工登记", "Noted by staff")),
)
_MERGES: Final = ("customer.merged", "customer.unmerged")
_OF_BOTH: Final = (
    Field("campaign", TEXT, Label("推荐活动", "Campaign")),
    Field("state", TEXT, Label("状态", "State"), options=STATES),
    Field("came_at", TIMESTAMP, Label("推荐时间", "Referred at")),
    Field("paid_at", TIMESTAMP, Label("首单付款时间", "First order paid at")),
    Field("amount", NUMBER, Label("首单金额", "First order"), unit=YUAN),
)
RELATIONS: Final = (
    Relation(
        "referrals",
        Label("推荐来的客户", "Customers she referred"),
        "customer",
        "referral_made",
        _OF_BOTH,
        time_field="came_at",
        changed_by=(REFERRAL_STANDING, *_MERGES),
    ),
    Relation(
        "referred_by",
        Label("她的推荐人", "By whom she was referred"),
        "customer",
        "referral",
        (*_OF_BOTH, Field("source", TEXT, Label("登记方式", "Told by"), options=SOURCES)),
        time_field="came_at",
        changed_by=(
            REFERRAL_REPORTED, REFERRAL_WITHDRAWN, ORDER_PAID, ORDER_CANCELLED, ORDER_MOVED, REFUND_CREATED, *_MERGES,
        ),
    ),
)  # fmt: skip
