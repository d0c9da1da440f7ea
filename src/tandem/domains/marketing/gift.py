"""The block that gives a gift: a gift coupon, fetched in the shop against its code."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from tandem.catalog.label import Label
from tandem.domains.marketing.nodes import IssueCoupon, IssueCouponConfig
from tandem.flow.node import CheckContext, Finding


class GiveGift(IssueCoupon):
    """A gift out of its stock."""

    kind: ClassVar[str] = "marketing.gift"
    label: ClassVar[Label] = Label("赠送礼品", "Give a gift")
    help: ClassVar[Label] = Label(
        "送客户一份礼品：发一张礼品券，到店凭券码领取，领取即核销。送完走“已发完”，达到每人限领数走“已达上限”。后面的消息可用 {{coupon.code}} 写出券码。",
        "Gives the customer a gift: a gift coupon whose code fetches it in the shop. Leaves by sold out or limit reached otherwise. Later messages may "
        "say {{coupon.code}}.",
    )
    icon: ClassVar[str] = "gift"

    def check(self, config: IssueCouponConfig, ctx: CheckContext) -> Iterable[Finding]:
        """As for any coupon, and it is a gift."""
        yield from super().check(config, ctx)
        kind = ctx.tx.value(
            "select kind from coupon_template where tenant_id = %(tenant)s and id = %(id)s",
            {"tenant": ctx.tx.tenant_id, "id": config.coupon_template},
        )
        if kind not in {None, "gift"}:
            yield Finding(
                "not_a_gift",
                Label("所选的券不是礼品券。", "The coupon is not a gift."),
                Label("请选择一张礼品券，或改用“发放优惠券”。", "Choose a gift coupon, or use “issue a coupon”."),
                "coupon_template",
            )
