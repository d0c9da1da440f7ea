"""A run that a real block cannot move fails alone, and both ways of a block agree. All kinds over one batch: `test_every_kind_batch`."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from harness.flows import FlowHouse, block, graph
from tandem.domains.marketing.nodes import AddPoints, AddPointsConfig
from tandem.flow import fanout
from tandem.flow.node import NodeKind
from tandem.flow.runs import RunStatus

HOUR = {"amount": "1", "unit": "hours"}
START = block("start", "start.event", event_type="campaign.reached")
EXIT = block("exit", "flow.exit")


class ByRun(AddPoints):
    """The same block through `run`."""

    def fragment(self, config: AddPointsConfig, ctx: object) -> None:  # type: ignore[override]
        del config, ctx


def fused(house: FlowHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    del house, monkeypatch


def by_run(house: FlowHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(house.rooms.kinds._kinds, ("marketing.add_points", 1), ByRun())


Way = Callable[[FlowHouse, pytest.MonkeyPatch], None]


@pytest.mark.parametrize("way", [fused, by_run])
def test_a_run_whose_points_clash_fails_alone_and_is_retried(
    house: FlowHouse, monkeypatch: pytest.MonkeyPatch, way: Way
) -> None:
    """The ledger refuses a second entry of one visit: what a broken restore would leave behind for one customer."""
    way(house, monkeypatch)
    crowd = house.add_customers(20)
    flow = house.publish(
        graph(
            [START, block("w", "wait.duration", span=HOUR), block("p", "marketing.add_points", points=7), EXIT],
            ["start.entered>w", "w.done>p", "p.done>exit"],
        )
    )
    house.events([("campaign.reached", one, {"campaign": "x"}) for one in crowd])
    house.settle()
    house.owner(
        "insert into points_entry (bucket, id, tenant_id, customer_id, origin_id, from_account, to_account, amount, posted_at, reason, run_id,"
        " block, visit) select r.bucket, tandem_new_id(), %(tenant)s, r.customer_id, r.customer_id, 'earned', 'balance', 1, now(), '?', r.id,"
        " 'p', v from flow_run r, generate_series(0, 5) v where r.customer_id = %(one)s",
        {"one": crowd[7]},
    )
    house.forward(hours=2)
    house.settle()
    states = {run["customer_id"]: run["status"] for run in house.runs(flow)}
    assert states == dict.fromkeys(crowd, RunStatus.DONE) | {crowd[7]: RunStatus.FAILED}
    ((reason,),) = house.owner("select reason from flow_parked")
    assert "points_entry" in reason
    assert house.count("points_lot") == 19, "nothing half-done is left of the one that failed"
    house.owner("delete from points_entry where reason = '?'")
    with house.tx() as tx:
        fanout.spread(tx, "retry", flow, {})
    house.settle()
    assert {run["status"] for run in house.runs(flow)} == {RunStatus.DONE}
    assert (house.count("points_lot"), house.count("flow_parked")) == (20, 0)


@pytest.mark.parametrize("way", [fused, by_run])
def test_beyond_the_limit_of_causes_points_agree_both_ways(
    house: FlowHouse, monkeypatch: pytest.MonkeyPatch, way: Way
) -> None:
    """The points are given; their event is parked with its reason, under the lot's id, whichever way the block went."""
    way(house, monkeypatch)
    (anna,) = house.add_customers(1)
    house.publish(
        graph([START, block("p", "marketing.add_points", points=7), EXIT], ["start.entered>p", "p.done>exit"])
    )
    house.events([("campaign.reached", anna, {"campaign": "x"})], hops=16)
    house.settle()
    ((lot,),) = house.owner("select id from points_lot")
    cause = house.owner("select event_id from event where type = 'campaign.reached'")[0][0]
    assert house.owner("select event_id, type, hops, lane, mode, cause_id, root_id, origin_id from inbox_failed") == [
        (lot, "points.earned", 17, 1, 0, cause, cause, anna)
    ]
    assert house.count("event", "type = 'points.earned'") == 0


def test_kinds_that_have_both_ways_are_known() -> None:
    """Each of these has a test that both ways agree: points here and in `test_marketing_blocks`, messages in `test_messaging_blocks`."""
    from tandem.assembly import system
    from tandem.flow.kinds.fields import AssignOwner, DoNotContact, Increase, Score, SetField, SetStage

    # These have `run` alone.
    FIELD_KINDS = (AssignOwner, DoNotContact, Increase, Score, SetField, SetStage)  # noqa: N806
    both = {kind.kind for kind in system().kinds.newest() if type(kind).run is not NodeKind.run}
    by_arrays = {kind.kind for kind in FIELD_KINDS} | {"marketing.member_level", "thing.set"}
    channels = {
        f"messaging.{one}" for one in ("sms", "email", "official_account", "mini_program", "dingtalk", "feishu", "page")
    }
    assert both - by_arrays == {"marketing.add_points", "messaging.send", *channels}, (
        "the channels' blocks share the message block's two ways"
    )
