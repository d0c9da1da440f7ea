"""What makes a trial a company that works: organisation and roles before its year, segments, tags, letters, flows and spending after it."""

from __future__ import annotations

from dataclasses import replace
from datetime import time
from decimal import Decimal
from random import Random
from typing import Any, Final, Protocol
from uuid import UUID

from tandem.access.service import create_org_unit, seed_roles
from tandem.catalog.model import Catalog
from tandem.demo.first_look import win_back
from tandem.demo.trial.trade import Trade
from tandem.demo.trial.year import LIVE, MALL
from tandem.domains.insight import service as insight
from tandem.domains.marketing import service as marketing
from tandem.domains.marketing.coupons import NewCouponTemplate
from tandem.domains.messaging import service as messaging
from tandem.domains.messaging.policy import Limits
from tandem.domains.messaging.simulated import behaviour_of, set_behaviour
from tandem.flow import service as flows
from tandem.flow.graph import parse_graph
from tandem.kernel.db import Tx
from tandem.kernel.ids import BUCKETS
from tandem.stream.segment import service as segments
from tandem.stream.tags import catalogue as tags

COLOURS: Final = ("blue", "green", "orange", "purple", "red")


class Rooms(Protocol):
    """The part of the assembled system that this needs."""

    @property
    def catalog(self) -> Catalog: ...


def lay_ground(tx: Tx, code: str, name: str) -> None:
    """The brand and the built-in roles; what is there stays."""
    if not tx.value("select 1 from org_unit where tenant_id = %(tenant)s and kind = 'brand'", {"tenant": tx.tenant_id}):
        create_org_unit(tx, kind="brand", code=code, name=name, parent_id=None)
    seed_roles(tx)


def furnish(tx: Tx, rooms: Rooms, trade: Trade) -> None:
    """Segments, tags, letters, a coupon, two drawn flows, and what the channels cost. Safe to repeat."""
    made = _segments(tx, rooms, trade)
    _tags(tx, rooms, trade)
    letters = _letters(tx, rooms, trade)
    coupon = _coupon(tx, trade)
    if messaging.get_limits(tx) == Limits():
        messaging.set_limits(tx, Limits(per_day=1, per_week=3, per_month=8, quiet_from=time(22), quiet_until=time(8)))
        set_behaviour(tx, replace(behaviour_of(tx), people=True))
    if not tx.value("select 1 from flow where tenant_id = %(tenant)s limit 1", {"tenant": tx.tenant_id}):
        name, other = trade.segments[0][0], trade.segments[1][0]
        flows.create_flow(
            tx,
            f"挽回：{name}"[:60],
            parse_graph(win_back(made[name], coupon, letters)),
            "草稿：发布后拨动时钟，看看谁会回来。",
        )
        flows.create_flow(
            tx,
            f"关怀：{other}"[:60],
            parse_graph(_greet(made[other], letters[2])),
            "草稿：进入分群的客户收到一条消息。",
        )
    _spend(tx, trade)


def _segments(tx: Tx, rooms: Rooms, trade: Trade) -> dict[str, UUID]:
    made = {one.name: one.id for one in segments.lines(tx, limit=1000)}
    for name, text in trade.segments:
        if name not in made:
            made[name] = segments.create(tx, rooms.catalog, segments.Draft(name=name, text=text)).id
    return made


def _tags(tx: Tx, rooms: Rooms, trade: Trade) -> None:
    known = {one.name for one in tags.lines(tx)}
    for number, name in enumerate(trade.hand_tags):
        if name not in known:
            tags.create(tx, rooms.catalog, name, colour=COLOURS[number % len(COLOURS)])
    for name, text in trade.tags:
        if name not in known:
            tags.create(tx, rooms.catalog, name, expression=text)


def _letters(tx: Tx, rooms: Rooms, trade: Trade) -> list[UUID]:
    known = {one.name: one.id for one in messaging.list_templates(tx, archived=True)}
    names = (f"{trade.label.zh}·优惠券", f"{trade.label.zh}·积分", f"{trade.label.zh}·提醒")
    for name, body in zip(names, trade.letters, strict=True):
        if name not in known:
            known[name] = messaging.create_template(tx, rooms.catalog, name=name, body=body, message_class="marketing")
    return [known[name] for name in names]


def _coupon(tx: Tx, trade: Trade) -> UUID:
    known = {one.name: one.id for one in marketing.list_templates(tx, archived=True)}
    if trade.coupon not in known:
        threshold, value = (
            Decimal("".join(char for char in part if char.isdigit())) for part in trade.coupon.split("减")
        )
        draft = NewCouponTemplate(
            name=trade.coupon,
            kind="amount",
            value=value,
            threshold=threshold,
            valid_days=30,
            per_customer_limit=2,
            quota=1000,
        )
        known[trade.coupon] = marketing.create_template(tx, draft)
    return known[trade.coupon]


def _greet(segment: UUID, letter: UUID) -> dict[str, Any]:
    blocks: list[tuple[str, str, dict[str, str]]] = [
        ("start", "start.segment", {"segment_id": str(segment)}),
        ("m", "messaging.send", {"template": str(letter)}),
        ("exit", "flow.exit", {}),
    ]
    arrows = [("start", "entered", "m"), *(("m", port, "exit") for port in ("sent", "held", "skipped"))]
    return {
        "blocks": [
            {"id": block, "kind": kind, "config": config, "position": {"x": 0, "y": 160 * row}}
            for row, (block, kind, config) in enumerate(blocks)
        ],
        "arrows": [{"from": source, "port": port, "to": target} for source, port, target in arrows],
        "settings": {"reentry": {"rule": "after_days", "days": 90}},
    }


def _spend(tx: Tx, trade: Trade) -> None:
    """A year of weekly spending for the two online channels: a share of what they sold, as an agency would have charged."""
    if tx.value("select 1 from source_spend where tenant_id = %(tenant)s limit 1", {"tenant": tx.tenant_id}):
        return
    dice = Random(trade.code)  # noqa: S311 - a made-up year must come out alike
    sold = tx.cursor(
        """
        select sales_channel, (date_trunc('week', placed_at at time zone %(zone)s))::date as week, sum(home_total) from sales_order
        where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s and sales_channel = any(%(channels)s) group by 1, 2 order by 1, 2
        """,
        {"tenant": tx.tenant_id, "zone": tx.zone, "buckets": list(range(BUCKETS)), "channels": [LIVE, MALL]},
    ).fetchall()
    lines = [
        insight.Spend(
            channel,
            week,
            round(total * Decimal(dice.randrange(8, 26) if channel == LIVE else dice.randrange(2, 7)) / 100, 2),
            "周投放",
        )
        for channel, week, total in sold
        if total > 0
    ]
    if lines:
        insight.enter_spend(tx, "channel", lines)
