"""What marketing adds to the catalog: the balance of points, coupons as a relation and as something a message may name."""

from typing import Final

from tandem.catalog.label import Label
from tandem.catalog.model import Contribution, Entity, Field, Relation
from tandem.catalog.value_types import NUMBER, TEXT, TIMESTAMP
from tandem.domains.marketing.events import COUPON_EVENTS, EVENT_TYPES, POINTS_EVENTS
from tandem.domains.marketing.words import COUPON_STATES, POINTS, YUAN

# Expired lots are emptied by a step of the turn, so what remains is what can be spent.
_BALANCE: Final = """coalesce((select sum(l.remaining) from points_lot as l
where l.bucket = {alias}.bucket and l.tenant_id = {alias}.tenant_id and l.customer_id = {alias}.id and l.remaining > 0), 0)"""


def _of_template(column: str) -> str:
    return f"(select t.{column} from coupon_template as t where t.id = {{alias}}.template_id)"


_COUPON_FIELDS: Final = (
    Field("status", TEXT, Label("状态", "Status"), options=COUPON_STATES),
    Field("name", TEXT, Label("券名称", "Name"), sql=_of_template("name")),
    Field("value", NUMBER, Label("面值", "Value"), unit=YUAN, sql=_of_template("value")),
    Field("issued_at", TIMESTAMP, Label("发放时间", "Issued at")),
    Field("expires_at", TIMESTAMP, Label("有效期至", "Expires at")),
    Field("redeemed_at", TIMESTAMP, Label("核销时间", "Redeemed at")),
)

CONTRIBUTION: Final = Contribution(
    source="marketing",
    entities=(
        Entity(
            "coupon",
            Label("优惠券", "Coupon"),
            "coupon",
            (Field("code", TEXT, Label("券码", "Code")), *_COUPON_FIELDS),
        ),
    ),
    relations=(
        Relation(
            "coupons",
            Label("优惠券", "Coupons"),
            "customer",
            "coupon",
            _COUPON_FIELDS,
            time_field="issued_at",
            changed_by=COUPON_EVENTS,
        ),
        # Tills name the order by its number.
        Relation(
            "used_coupons",
            Label("本单使用的券", "Coupons used on this order"),
            "order",
            "coupon",
            _COUPON_FIELDS,
            time_field="redeemed_at",
            join=(("bucket", "bucket"), ("customer_id", "customer_id"), ("redeemed_order_id", "external_id")),
            changed_by=COUPON_EVENTS,
            order="{alias}.id",
            # In the past the customer's unused ones stand in the same table.
            since="{alias}.issued_at",
        ),
        Relation(
            "redemptions",
            Label("核销记录", "Redemptions"),
            "customer",
            "redemption",
            (
                Field("template_code", TEXT, Label("外部券编码", "Outside coupon code")),
                Field("redeemed_at", TIMESTAMP, Label("核销时间", "Redeemed at")),
            ),
            time_field="redeemed_at",
            changed_by=("coupon.redeemed",),
        ),
        Relation(
            "points_entries",
            Label("积分流水", "Points entries"),
            "customer",
            "points_entry",
            (
                Field("from_account", TEXT, Label("转出", "From")),
                Field("to_account", TEXT, Label("转入", "To")),
                Field("amount", NUMBER, Label("积分数", "Points"), unit=POINTS, whole=True),
                Field("posted_at", TIMESTAMP, Label("记账时间", "Posted at")),
            ),
            time_field="posted_at",
            changed_by=POINTS_EVENTS,
        ),
    ),
    fields={
        "customer": (
            Field(
                "points_balance",
                NUMBER,
                Label("积分余额", "Points balance"),
                unit=POINTS,
                sql=_BALANCE,
                changed_by=POINTS_EVENTS,
            ),
        ),
    },
    event_types=EVENT_TYPES,
)
