"""Ready things for a first look at the demo: message templates, coupons, segments, a drawn win-back flow."""

from __future__ import annotations

from dataclasses import replace
from datetime import time
from decimal import Decimal
from typing import Any, Final, Protocol
from uuid import UUID

from tandem.catalog.model import Catalog
from tandem.demo.words import BABY_FOOD
from tandem.domains.marketing import service as marketing
from tandem.domains.marketing.coupons import NewCouponTemplate
from tandem.domains.messaging import service as messaging
from tandem.domains.messaging.policy import Limits
from tandem.domains.messaging.simulated import behaviour_of, set_behaviour
from tandem.flow import service as flows
from tandem.flow.graph import parse_graph
from tandem.kernel.db import Tx
from tandem.stream.segment import service as segments
from tandem.stream.tags import catalogue as tags


class Rooms(Protocol):
    """The part of the assembled system that this needs."""

    @property
    def catalog(self) -> Catalog: ...


_CATEGORIES: Final = ", ".join(f"'{name}'" for name in BABY_FOOD)
LAPSED_NAME: Final = "母婴流失预警：90 天买过两次辅食、30 天未再买"
LAPSED: Final = (
    f"count(purchases in last 90 days where category in [{_CATEGORIES}]) >= 2 "
    f"and not exists(purchases in last 30 days where category in [{_CATEGORIES}])"
)
#: A computed tag: it appears with the purchase and vanishes sixty days after the last one.
ACTIVE_PARENT: Final = "母婴活跃"
ACTIVE_PARENT_RULE: Final = f"exists(purchases in last 60 days where category in [{_CATEGORIES}])"
VALUABLE_NAME: Final = "高价值活跃客户"
VALUABLE: Final = "customer.spend_total >= 5000 and days_since(customer.last_order_at) <= 14"

_TEMPLATES: Final = (
    ("母婴回归·优惠券", "marketing", "{{customer.name|亲爱的家长}}，宝宝的辅食还够吗？送您一张{{coupon.name|优惠券}}，券码 {{coupon.code}}，有效期至 {{coupon.expires_at}}。"),
    ("母婴回归·积分", "marketing", "{{customer.name|亲爱的家长}}，好久不见！已为您存入 200 积分，现有积分 {{customer.points_balance}}，到店即可抵现。"),
    ("母婴回归·提醒", "marketing", "{{customer.name|亲爱的家长}}，您的专属优惠还在等您，本周到店有惊喜。"),
    ("订单付款通知", "transactional", "{{customer.name|亲}}，您的订单已付款，感谢光临。累计订单 {{customer.order_count}} 单。"),
)  # fmt: skip
_COUPONS: Final = (
    NewCouponTemplate(name="母婴满 100 减 20", kind="amount", value=Decimal(20), threshold=Decimal(100), valid_days=14, per_customer_limit=2, quota=500),
    NewCouponTemplate(name="全场九折", kind="percent", value=Decimal(10), valid_days=30, per_customer_limit=1),
    NewCouponTemplate(name="到店领婴儿湿巾", kind="gift", value=Decimal(15), gift="婴儿湿巾一包", valid_days=30, quota=100),
)  # fmt: skip


def prepare(tx: Tx, rooms: Rooms) -> None:
    """Make what is missing of the ready things; what people changed stays as it is."""
    known = {one.name: one.id for one in messaging.list_templates(tx, archived=True)}
    for name, kind, body in _TEMPLATES:
        if name not in known:
            known[name] = messaging.create_template(tx, rooms.catalog, name=name, body=body, message_class=kind)
    coupons = {one.name: one.id for one in marketing.list_templates(tx, archived=True)}
    for draft in _COUPONS:
        if draft.name not in coupons:
            coupons[draft.name] = marketing.create_template(tx, draft)
    if messaging.get_limits(tx) == Limits():
        messaging.set_limits(tx, Limits(per_day=1, per_week=3, per_month=8, quiet_from=time(22), quiet_until=time(8)))
        set_behaviour(tx, replace(behaviour_of(tx), people=True))
    made = {one.name: one.id for one in segments.lines(tx, limit=1000)}
    for name, text in ((LAPSED_NAME, LAPSED), (VALUABLE_NAME, VALUABLE)):
        if name not in made:
            made[name] = segments.create(tx, rooms.catalog, segments.Draft(name=name, text=text)).id
    if ACTIVE_PARENT not in {one.name for one in tags.lines(tx)}:
        tags.create(tx, rooms.catalog, ACTIVE_PARENT, expression=ACTIVE_PARENT_RULE)
    if not tx.value("select 1 from flow where tenant_id = %(tenant)s limit 1", {"tenant": tx.tenant_id}):
        drawn = win_back(made[LAPSED_NAME], coupons["母婴满 100 减 20"], [known[name] for name, _, _ in _TEMPLATES[:3]])
        flows.create_flow(tx, "母婴挽回", parse_graph(drawn), "草稿：发布后拨动时钟，看看谁会回来。")


def win_back(segment: UUID, coupon: UUID, templates: list[UUID]) -> dict[str, Any]:
    """The win-back flow: lapsed parents, a coupon or points, a message, a week for an order, a reminder for those who stay away."""
    with_coupon, with_points, reminder = (str(one) for one in templates)
    blocks: list[dict[str, Any]] = [
        _block("start", "start.segment", 184, 0, segment_id=str(segment)),
        _block("ab", "decide.split", 184, 160, arms=[
            {"name": "coupon", "label": "发券", "share": "50"},
            {"name": "points", "label": "送积分", "share": "50"},
        ]),
        _block("coupon", "marketing.issue_coupon", 0, 320, coupon_template=str(coupon)),
        _block("points", "marketing.add_points", 368, 320, points=200, reason="母婴回归", valid_days=90),
        _block("tell_coupon", "messaging.send", 0, 480, template=with_coupon),
        _block("tell_points", "messaging.send", 368, 480, template=with_points),
        _block("wait", "wait.event", 184, 640, event_type="order.paid", timeout={"amount": "7", "unit": "days"}),
        _block("goal", "flow.goal", 0, 800, name="7 天内回购"),
        _block("remind", "messaging.send", 368, 800, template=reminder),
        _block("exit", "flow.exit", 368, 960),
    ]  # fmt: skip
    arrows = [
        ("start", "entered", "ab"),
        ("ab", "coupon", "coupon"),
        ("ab", "points", "points"),
        ("coupon", "issued", "tell_coupon"),
        ("coupon", "sold_out", "points"),
        ("coupon", "limit_reached", "points"),
        ("points", "done", "tell_points"),
        *((name, port, "wait") for name in ("tell_coupon", "tell_points") for port in ("sent", "held", "skipped")),
        ("wait", "happened", "goal"),
        ("wait", "timeout", "remind"),
        *(("remind", port, "exit") for port in ("sent", "held", "skipped")),
    ]
    return {
        "blocks": blocks,
        "arrows": [{"from": source, "port": port, "to": target} for source, port, target in arrows],
        "settings": {"reentry": {"rule": "after_days", "days": 90}},
    }


def _block(block_id: str, kind: str, x: int, y: int, **config: Any) -> dict[str, Any]:
    return {"id": block_id, "kind": kind, "config": config, "position": {"x": x, "y": y}}
