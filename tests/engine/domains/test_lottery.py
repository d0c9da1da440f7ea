"""Draws: at the stated odds, never more than the stock, each on record so that anybody can compute it again."""

import hashlib
from collections import Counter
from decimal import Decimal
from uuid import UUID

import pytest
from pydantic import ValidationError

from engine.domains.test_marketing_blocks import settle
from harness.flows import FlowHouse, block, graph
from tandem.domains.marketing import lottery, service
from tandem.domains.marketing.coupons import NewCouponTemplate
from tandem.domains.marketing.lottery import LotteryConfig


def coupon(house: FlowHouse, **more: object) -> UUID:
    with house.tx() as tx:
        draft = {"name": f"奖{more}", "kind": "amount", "value": Decimal(10), "valid_days": 30}
        return service.create_template(tx, NewCouponTemplate(**(draft | more)))  # type: ignore[arg-type]


def test_draws_keep_the_odds_and_the_stock_and_can_be_computed_again(house: FlowHouse) -> None:
    prizes = [
        {"name": "gold", "label": "一等奖", "odds": "20", "coupon_template": str(coupon(house, quota=5))},
        {"name": "thanks", "label": "积分", "odds": "30.5"},
    ]
    flow = house.publish(
        graph(
            [
                block("s", "start.event", event_type="campaign.reached"),
                block("d", "marketing.lottery", prizes=prizes),
                block("p", "marketing.add_points", points=5, reason="抽中"),
                block("e", "flow.exit"),
            ],
            ["s.entered>d", "d.gold>e", "d.thanks>p", "p.done>e", "d.none>e"],
        )
    )
    crowd = house.add_customers(400)
    house.events([("campaign.reached", one, {}) for one in crowd])
    settle(house)
    ways = Counter(port for name, port in house.steps(flow) if name == "d")
    assert sum(ways.values()) == 400
    assert ways[0] == house.count("coupon") == 5, "no more than the stock"
    with house.tx() as tx:
        page, following = lottery.draws(tx, flow_id=flow, cursor=None, limit=250)
        rest, end = lottery.draws(tx, flow_id=flow, cursor=following, limit=250)
    drawn = [*page, *rest]
    assert (len({one.id for one in drawn}), end) == (400, None)
    for one in drawn:
        seed = hashlib.md5(f"{one.run_id}:{one.block}:{one.visit}".encode(), usedforsecurity=False).hexdigest()
        assert one.roll == int(seed[:8], 16) % lottery.WHOLE
        assert one.prize == (0 if one.roll < 20_000 else 1 if one.roll < 50_500 else 2)
        assert [(each["name"], each["odds"]) for each in one.odds] == [("gold", "20"), ("thanks", "30.5")]
    outcomes = Counter(one.outcome for one in drawn if one.prize == 0)
    assert outcomes["issued"] == 5
    assert set(outcomes) == {"issued", "sold_out"}
    assert {one.outcome for one in drawn if one.prize > 0} == {None}
    assert ways[1] == sum(one.prize == 1 for one in drawn) == house.count("points_lot")
    assert 60 < ways[1] < 185
    assert house.count("event", "type = 'lottery.drawn'") == 400


def test_odds_never_exceed_the_whole() -> None:
    def config(*odds: str) -> LotteryConfig:
        return LotteryConfig.model_validate(
            {"prizes": [{"name": f"p{place}", "label": "奖", "odds": one} for place, one in enumerate(odds)]}
        )

    assert len(config("60", "40").prizes) == 2
    for wrong in (("60", "41"), ("0",), ("0.0001",)):
        with pytest.raises(ValidationError):
            config(*wrong)
