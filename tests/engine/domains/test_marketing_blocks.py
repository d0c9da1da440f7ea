"""Coupons and points given by flows: once per visit, within limits, never more than the stock."""

from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from harness.flows import FlowHouse, block, graph
from tandem.domains.marketing import ledger, lending, service
from tandem.domains.marketing.coupons import NewCouponTemplate
from tandem.domains.marketing.nodes import AddPoints, AddPointsConfig
from tandem.flow import service as flows
from tandem.kernel.turn import in_bucket


def coupon(house: FlowHouse, **more: object) -> UUID:
    draft = {"name": f"券{more}", "kind": "amount", "value": Decimal(10), "valid_days": 30}
    with house.tx() as tx:
        return service.create_template(tx, NewCouponTemplate(**(draft | more)))


def coupon_flow(house: FlowHouse, template: UUID, **settings: object) -> UUID:
    return house.publish(
        graph(
            [
                block("s", "start.event", event_type="campaign.reached"),
                block("c", "marketing.issue_coupon", coupon_template=str(template)),
                block("p", "marketing.add_points", points=50, reason="到访"),
                block("e", "flow.exit"),
                block("x", "flow.exit"),
            ],
            ["s.entered>c", "c.issued>p", "p.done>e", "c.sold_out>x", "c.limit_reached>x"],
            **settings,
        )
    )


def settle(house: FlowHouse) -> None:
    """Turns and refills in turn, as a worker does them side by side."""
    for _ in range(50):
        house.settle(turns_max=1000)
        if not lending.wanting_tenants(house.db):
            return
        lending.refill(house.db, house.tenant)
    raise AssertionError("leases were never satisfied")


def enter(house: FlowHouse, customers: list[UUID]) -> None:
    house.events([("campaign.reached", one, {"campaign": "开业"}) for one in customers])


def test_a_run_gets_its_coupon_and_its_points_once(house: FlowHouse) -> None:
    flow = coupon_flow(house, coupon(house))
    (anna,) = house.add_customers(1)
    enter(house, [anna])
    settle(house)
    assert house.steps(flow) == [("s", 0), ("c", 0), ("p", 0), ("e", 0)]
    assert house.owner("select status, length(code) from coupon") == [("issued", 12)]
    assert house.owner("select k.customer_id from coupon_key k join coupon c on c.code = k.code") == [(anna,)]
    assert house.owner("select earned, remaining from points_lot") == [(50, 50)]
    assert house.owner("select from_account, to_account, amount, reason from points_entry") == [
        ("earned", "balance", 50, "到访")
    ]
    told = house.owner(
        "select type, count(*) from event where type like 'coupon.%%' or type like 'points.%%' group by type order by type"
    )
    assert told == [("coupon.issued", 1), ("points.earned", 1)]
    assert house.count("coupon_request") == 0


def test_a_small_stock_is_given_out_to_the_last_piece(house: FlowHouse) -> None:
    flow = coupon_flow(house, coupon(house, quota=7))
    enter(house, house.add_customers(40))
    settle(house)
    assert house.count("coupon") == 7
    ports = [port for name, port in house.steps(flow) if name == "c"]
    assert sorted(ports) == [0] * 7 + [1] * 33
    assert house.owner("select pool, closed from quota") == [(0, True)]
    assert house.owner("select sum(granted), sum(used), sum(wanted) from quota_lease") == [(7, 7, 0)]


def test_a_larger_stock_reopens(house: FlowHouse) -> None:
    template = coupon(house, quota=2)
    flow = coupon_flow(house, template)
    enter(house, house.add_customers(3))
    settle(house)
    with house.tx() as tx:
        service.change_template(tx, template, quota=4)
    enter(house, house.add_customers(3))
    settle(house)
    assert house.count("coupon") == 4
    assert sorted(port for name, port in house.steps(flow) if name == "c") == [0] * 4 + [1] * 2


def test_the_limit_per_customer_holds_within_one_batch(house: FlowHouse) -> None:
    template = coupon(house, per_customer_limit=1, quota=100)
    flow = coupon_flow(house, template, reentry={"rule": "always", "concurrent": True})
    (anna,) = house.add_customers(1)
    enter(house, [anna] * 4)
    settle(house)
    assert house.count("coupon") == 1
    assert sorted(port for name, port in house.steps(flow) if name == "c") == [0, 2, 2, 2]
    assert house.owner("select sum(used) from quota_lease") == [(1,)]


def test_a_withdrawn_coupon_is_sold_out(house: FlowHouse) -> None:
    template = coupon(house)
    flow = coupon_flow(house, template)
    with house.tx() as tx:
        service.change_template(tx, template, archived=True)
    enter(house, house.add_customers(1))
    settle(house)
    assert house.steps(flow)[1] == ("c", 1)


def test_coupons_expire_when_their_time_is_over(house: FlowHouse) -> None:
    coupon_flow(house, coupon(house, valid_days=3))
    enter(house, house.add_customers(2))
    settle(house)
    house.forward(days=2)
    settle(house)
    assert house.count("coupon", "status = 'issued'") == 2
    house.forward(days=1, seconds=1)
    settle(house)
    assert house.count("coupon", "status = 'expired'") == 2
    assert house.count("event", "type = 'coupon.expired'") == 2


def test_points_expire_and_the_ledger_sums(house: FlowHouse) -> None:
    (anna,) = house.add_customers(1)
    with house.tx() as tx:
        ledger.add(in_bucket(tx, anna), anna, 100, "手工", account="adjusted", valid_days=30)
        service.adjust_points(tx, anna, -30, "更正")
    house.forward(days=31)
    settle(house)
    with house.tx() as tx:
        balance, lots, entries = service.points_of(tx, anna)
    assert (balance, lots) == (0, [])
    assert [(one.from_account, one.to_account, one.amount) for one in entries] == [
        ("balance", "expired", 70),
        ("balance", "adjusted", 30),
        ("adjusted", "balance", 100),
    ]


def test_a_coupon_is_asked_for_directly(house: FlowHouse) -> None:
    template = coupon(house, quota=5)
    (anna,) = house.add_customers(1)
    with house.tx() as tx:
        service.request_coupon(in_bucket(tx, anna), anna, template)
    settle(house)
    assert house.count("coupon") == 1


def test_a_request_of_a_stopped_flow_is_dropped(house: FlowHouse) -> None:
    flow = coupon_flow(house, coupon(house, quota=5))
    enter(house, house.add_customers(3))
    house.turn()
    assert house.count("coupon_request") == 3
    with house.tx() as tx:
        flows.stop(tx, flow)
    house.settle(turns_max=1000)
    assert house.count("coupon_request") == 0
    assert house.count("coupon") == 0


class ByRun(AddPoints):
    """The same block through `run`."""

    def fragment(self, config: AddPointsConfig, ctx: object) -> None:  # type: ignore[override]
        del config, ctx


def test_points_are_the_same_both_ways(house: FlowHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    def tell() -> list[Any]:
        flow = house.publish(
            graph(
                [
                    block("s", "start.event", event_type="campaign.reached"),
                    block("p", "marketing.add_points", points=30, reason="到访", valid_days=10),
                    block("e", "flow.exit"),
                ],
                ["s.entered>p", "p.done>e"],
                reentry={"rule": "always", "concurrent": True},
            ),
            name=f"积分{len(house.owner('select 1 from flow'))}",
        )
        crowd = house.add_customers(4)
        enter(house, [*crowd, crowd[0]])
        settle(house)
        with house.tx() as tx:
            flows.stop(tx, flow)
        found = [
            house.owner("select earned, remaining, expires_at - earned_at, count(*) from points_lot group by 1, 2, 3"),
            house.owner(
                "select from_account, to_account, amount, reason, block, count(*) from points_entry group by 1, 2, 3, 4, 5"
            ),
            house.owner(
                "select payload->'amount', payload->'reason', lane, mode, hops, count(*) from event where type = 'points.earned' group by 1, 2, 3, 4, 5"
            ),
            house.owner("select sum(remaining) from points_lot"),
        ]
        for table in ("points_lot", "points_entry", "event"):
            house.owner(f"delete from {table}")
        return found

    fused = tell()
    monkeypatch.setitem(house.rooms.kinds._kinds, ("marketing.add_points", 1), ByRun())
    assert tell() == fused
    assert fused[-1] == [(150,)]
