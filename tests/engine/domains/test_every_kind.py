"""Every kind of block at work: none waits for the outside, and a run that a real block cannot move fails alone."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any, NoReturn
from uuid import UUID

import pytest

from harness.flows import FlowHouse, block, graph
from tandem.domains.marketing import service as marketing
from tandem.domains.marketing.coupons import NewCouponTemplate
from tandem.domains.marketing.nodes import AddPoints, AddPointsConfig
from tandem.domains.messaging import service as messaging
from tandem.flow import fanout
from tandem.flow.node import NodeKind
from tandem.flow.runs import RunStatus
from tandem.kernel.ids import new_id

HOUR = {"amount": "1", "unit": "hours"}
START = block("start", "start.event", event_type="campaign.reached")
EXIT = block("exit", "flow.exit")


def segment_of(house: FlowHouse, members: list[UUID]) -> UUID:
    made = new_id()
    house.owner(
        "insert into segment (tenant_id, id, name, kind, version, created_at, updated_at)"
        " values (%(tenant)s, %(id)s, '会员', 'static', 1, now(), now())",
        {"id": made},
    )
    house.owner(
        "insert into segment_member (bucket, tenant_id, segment_id, customer_id, origin_id, since, version)"
        " select tandem_bucket(c), %(tenant)s, %(id)s, c, c, now() - interval '1 day', 1 from unnest(%(ids)s::uuid[]) c",
        {"id": made, "ids": members},
    )
    return made


def all_kinds(house: FlowHouse) -> tuple[list[dict[str, Any]], list[str]]:
    """A path of blocks from `first` on that holds every kind but the starts."""
    house.owner("insert into tag (tenant_id, name, label, created_at) values (%(tenant)s, 'vip', 'vip', now())")
    with house.tx() as tx:
        coupon = marketing.create_template(tx, NewCouponTemplate(name="券", kind="amount", value=1, valid_days=9))  # type: ignore[arg-type]
        text = messaging.create_template(
            tx, house.rooms.catalog, name="问候", body="您好", message_class="transactional"
        )
    ways = [{"name": "y", "label": "是", "condition": "customer.city = '上海'"}]
    arms = [{"name": "a", "label": "A", "share": "50"}, {"name": "b", "label": "B", "share": "50"}]
    answers = [{"name": "ok", "label": "好"}, {"name": "no", "label": "否"}]
    blocks = [
        block("first", "customer.add_tag", tag="vip", keep_for=HOUR),
        block("points", "marketing.add_points", points=5, reason="t"),
        block("coupon", "marketing.issue_coupon", coupon_template=str(coupon)),
        block("message", "messaging.send", template=str(text), message_class="transactional"),
        block("way", "decide.condition", ways=ways),
        block("split", "decide.split", arms=arms),
        block("pause", "wait.duration", span=HOUR),
        block("event", "wait.event", event_type="refund.created", timeout=HOUR),
        block("task", "human.task", title="回访", due=HOUR, answers=answers),
        block("untag", "customer.remove_tag", tag="vip"),
        block("goal", "flow.goal"),
        EXIT,
    ]
    arrows = ["first.done>points", "points.done>coupon", "coupon.issued>message", "coupon.sold_out>exit"]
    arrows += [
        "coupon.limit_reached>exit",
        "message.sent>way",
        "message.held>way",
        "message.skipped>way",
        "way.y>split",
    ]
    arrows += ["way.else>split", "split.a>pause", "split.b>pause", "pause.done>event", "event.happened>task"]
    arrows += ["event.timeout>task", "task.ok>untag", "task.no>untag", "task.timeout>untag", "untag.done>goal"]
    return blocks, arrows


def no_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forbid every connection of Python's; the database's own goes through libpq in C and stays."""

    def refuse(*_: object, **__: object) -> NoReturn:
        raise AssertionError("a block talked to the outside")

    for name in ("connect", "connect_ex", "send", "sendall", "sendto", "bind"):
        monkeypatch.setattr(socket.socket, name, refuse)
    for name in ("create_connection", "getaddrinfo", "gethostbyname"):
        monkeypatch.setattr(socket, name, refuse)


def starts(segment: UUID) -> list[dict[str, Any]]:
    return [
        START,
        block("start", "start.segment", segment_id=str(segment), include_present=True),
        block("start", "start.schedule", segment_id=str(segment), every="day", at="10:00"),
    ]


def test_no_kind_waits_for_the_outside(house: FlowHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    crowd = house.add_customers(3)
    segment = segment_of(house, crowd)
    blocks, arrows = all_kinds(house)
    drawn = [graph([start, *blocks], ["start.entered>first", *arrows]) for start in starts(segment)]
    no_outside(monkeypatch)
    with pytest.raises(AssertionError, match="outside"):
        socket.create_connection(("127.0.0.1", 9))
    flows = [house.publish(one, f"全部{number}") for number, one in enumerate(drawn)]
    house.events([("campaign.reached", one, {"campaign": "x"}) for one in crowd])
    for _ in range(30):
        house.settle(turns_max=1000)
        house.forward(hours=1)
    for flow in flows:
        passed = {name for name, _ in house.steps(flow)}
        assert passed >= {one["id"] for one in blocks} - {"exit"}
        assert RunStatus.FAILED not in {run["status"] for run in house.runs(flow)}
    assert house.count("flow_parked") == 0


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
    by_arrays = {kind.kind for kind in FIELD_KINDS}
    channels = {"messaging.sms", "messaging.email", "messaging.official_account", "messaging.mini_program"}
    assert both - by_arrays == {"marketing.add_points", "messaging.send", *channels}, (
        "the channels' blocks share the message block's two ways"
    )
