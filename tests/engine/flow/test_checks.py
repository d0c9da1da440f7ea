"""Does the check before publishing find what is wrong, with its block and a way to mend it? Does nobody's draft get lost?"""

from __future__ import annotations

from datetime import time

import pytest

from harness.flows import EVERYTHING, FlowHouse, block, graph
from tandem.domains.messaging import service as messaging
from tandem.domains.messaging.policy import Limits
from tandem.flow import service
from tandem.flow.checks import check_graph
from tandem.flow.graph import parse_graph
from tandem.flow.kinds import unheard
from tandem.kernel.errors import Conflict, InvalidInput
from tandem.kernel.ids import new_id

START = block("start", "start.event", event_type="order.paid")
EXIT = block("exit", "flow.exit")


def findings(
    house: FlowHouse, drawn: dict[str, object], permissions: frozenset[str] = EVERYTHING
) -> set[tuple[str | None, str]]:
    with house.tx() as tx:
        found = check_graph(parse_graph(drawn), house.rooms.kinds, house.rooms.catalog, tx, permissions)
    assert all(
        one.finding.message.zh and one.finding.message.en and one.finding.mend.zh and one.finding.mend.en
        for one in found
    )
    return {(one.block, one.finding.code) for one in found}


def test_a_way_out_is_told_by_its_label(house: FlowHouse) -> None:
    """Publishing is refused in a person's words: a way's key is ours."""
    wait = block("wait", "wait.duration", span={"amount": "1", "unit": "hours"})
    drawn = graph([START, wait, EXIT], ["start.entered>wait", "start.entered>exit"])
    with house.tx() as tx:
        found = check_graph(parse_graph(drawn), house.rooms.kinds, house.rooms.catalog, tx, EVERYTHING)
    told = {one.finding.code: one.finding.message for one in found}
    assert told["port_open"].zh == "出口“完成”没有连到任何环节"
    assert told["port_twice"].zh == "出口“进入”连了多条线"
    assert told["port_twice"].en == "The way “Entered” has several arrows"


def test_each_mistake_is_found_at_its_block(house: FlowHouse) -> None:
    wait = block("wait", "wait.duration", span={"amount": "1", "unit": "hours"})
    assert findings(house, graph([START, wait, EXIT], ["start.entered>wait", "wait.done>exit"])) == set()
    assert findings(house, graph([wait, EXIT], ["wait.done>exit"])) == {(None, "start_missing")}
    assert findings(house, graph([START, wait, EXIT], ["start.entered>exit", "wait.done>exit"])) == {
        ("wait", "unreachable")
    }
    assert findings(house, graph([START, wait], ["start.entered>wait"])) == {("wait", "port_open")}
    assert findings(house, graph([START, block("x", "no.such"), EXIT], ["start.entered>x", "x.done>exit"])) == {
        ("x", "kind_unknown")
    }
    assert findings(house, graph([START, EXIT], ["start.entered>exit", "start.entered>exit"])) == {
        ("start", "port_twice")
    }
    assert findings(house, graph([START, EXIT], ["start.entered>exit", "start.nowhere>exit"])) == {
        ("start", "port_unknown")
    }
    event = block("start", "start.event", event_type="no.such")
    assert findings(house, graph([event, EXIT], ["start.entered>exit"])) == {("start", "event_unknown")}
    segment = block("start", "start.segment", segment_id=str(new_id()))
    assert findings(house, graph([segment, EXIT], ["start.entered>exit"])) == {("start", "segment_missing")}


def test_credentials_do_not_stand_in_a_drawing(house: FlowHouse) -> None:
    def found(header: str) -> set[tuple[str | None, str]]:
        call = block(
            "t", "integrate.http", url="https://erp.example.com/v1", headers=[{"name": header, "value": "s3cret"}]
        )
        return findings(house, graph([START, call, EXIT], ["start.entered>t", "t.ok>exit", "t.failed>exit"]))

    secret = [
        "Authorization",
        "proxy-authorization",
        "Cookie",
        "X-Api-Key",
        "X-Auth-Token",
        "client-secret",
        "x-signature",
    ]
    assert {name: found(name) for name in secret} == {name: {("t", "header_secret")} for name in secret}
    assert found("Idempotency-Key") == {("t", "header_ours")}
    assert found("X-Shop") == found("X-Keyboard") == set()


def test_expressions_are_checked_where_they_stand(house: FlowHouse) -> None:
    ways = [
        {"name": "w1", "label": "一", "condition": "customer.citi = 'x'"},
        {"name": "w2", "label": "二", "condition": "customer.city = 5"},
    ]
    drawn = graph(
        [START, block("way", "decide.condition", ways=ways), EXIT],
        ["start.entered>way", "way.w1>exit", "way.w2>exit", "way.else>exit"],
        goal={"event_type": "order.paid", "condition": "event.nothing > 1"},
    )
    with house.tx() as tx:
        found = check_graph(parse_graph(drawn), house.rooms.kinds, house.rooms.catalog, tx, EVERYTHING)
    assert [(one.block, one.finding.where) for one in found] == [
        ("way", "ways[0].condition"),
        ("way", "ways[1].condition"),
        (None, "settings.goal.condition"),
    ]
    assert "customer.city" in found[0].finding.mend.en


def test_the_event_is_that_of_the_starts_that_lead_to_a_block(house: FlowHouse) -> None:
    """Where starts of several types meet it cannot be read, before that each way reads its own."""
    paid = [{"name": "much", "label": "多", "condition": "event.total > 1"}]
    seen = [{"name": "here", "label": "这里", "condition": "event.store = 's1'"}]
    drawn = graph(
        [
            START,
            block("visit", "start.event", event_type="visit.recorded"),
            block("way", "decide.condition", ways=paid),
            block("other", "decide.condition", ways=seen),
            block("both", "decide.condition", ways=paid),
            EXIT,
        ],
        [
            "start.entered>way",
            "visit.entered>other",
            *(f"{one}>both" for one in ("way.much", "way.else", "other.here")),
            "other.else>exit",
            "both.much>exit",
            "both.else>exit",
        ],
    )
    with house.tx() as tx:
        found = check_graph(parse_graph(drawn), house.rooms.kinds, house.rooms.catalog, tx, EVERYTHING)
    assert [(one.block, one.finding.where) for one in found] == [("both", "ways[0].condition")]
    drawn["arrows"] = [one for one in drawn["arrows"] if one["to"] != "both"]
    drawn["arrows"] += [{"from": "way", "port": port, "to": "exit"} for port in ("much", "else")]
    drawn["arrows"] += [{"from": "other", "port": "here", "to": "exit"}]
    drawn["blocks"] = [one for one in drawn["blocks"] if one["id"] != "both"]
    drawn["arrows"] = [one for one in drawn["arrows"] if one["from"] != "both"]
    flow = house.publish(drawn, "两个入口")
    anna, bert = house.add_customers(2)
    house.event("order.paid", anna, {"total": 5})
    house.event("visit.recorded", bert, {"store": "s1"})
    house.settle()
    assert ("way", 0) in house.steps(flow, anna)
    assert ("other", 0) in house.steps(flow, bert)


def test_a_loop_must_wait_and_an_author_must_hold_the_rights(house: FlowHouse) -> None:
    house.owner(
        "insert into tag (tenant_id, name, label, kind, created_at) values (%(tenant)s, 'a', 'A', 'manual', now())"
    )
    loop = graph(
        [START, block("a", "customer.add_tag", tag="a"), block("b", "customer.remove_tag", tag="a")],
        ["start.entered>a", "a.done>b", "b.done>a"],
    )
    assert findings(house, loop) == {("a", "loop_without_wait")}
    straight = graph([START, block("a", "customer.add_tag", tag="a"), EXIT], ["start.entered>a", "a.done>exit"])
    assert findings(house, straight, frozenset({"flow.publish"})) == {("a", "right_missing")}
    with house.tx() as tx:
        (one,) = check_graph(
            parse_graph(straight), house.rooms.kinds, house.rooms.catalog, tx, frozenset({"flow.publish"})
        )
    assert "customer.write" not in one.finding.message.zh, "the right is named as the settings name it"


def test_what_is_wrong_cannot_be_published_and_leaves_no_trace(house: FlowHouse) -> None:
    with house.tx() as tx:
        flow = service.create_flow(tx, "草稿", parse_graph(graph([START], [])))
    with pytest.raises(InvalidInput) as raised, house.tx() as tx:
        service.publish(tx, house.rooms, flow, EVERYTHING)
    assert raised.value.code == "flow_not_publishable"
    assert raised.value.details[0].where == "start.ports.entered"
    assert house.count("flow_version") == 0
    assert house.count("flow_epoch") == 0


def test_a_draft_is_never_overwritten_unseen(house: FlowHouse) -> None:
    with house.tx() as tx:
        flow = service.create_flow(tx, "草稿")
        etag = service.get_flow(tx, flow).draft_etag
        assert service.save_draft(tx, flow, graph([START], []), etag) == etag + 1
    with pytest.raises(Conflict) as raised, house.tx() as tx:
        service.save_draft(tx, flow, graph([EXIT], []), etag)
    assert raised.value.code == "flow_draft_changed"
    with house.tx() as tx:
        assert [one["id"] for one in service.get_flow(tx, flow).draft["blocks"]] == ["start"]


def test_reentry_holds_and_the_control_group_stays_out(house: FlowHouse) -> None:
    customers = house.add_customers(120)
    never = house.publish(graph([START, EXIT], ["start.entered>exit"], reentry={"rule": "never"}), "一次")
    twice = house.publish(graph([START, EXIT], ["start.entered>exit"], reentry={"rule": "at_most", "times": 2}), "两次")
    held = house.publish(
        graph(
            [START, EXIT],
            ["start.entered>exit"],
            holdout_percent=50,
            goal={"event_type": "coupon.redeemed", "leave": True},
        ),
        "对照",
    )
    for _ in range(3):
        house.events([("order.paid", one, {}) for one in customers])
        house.settle()
    assert len(house.runs(never)) == 120
    assert len(house.runs(twice)) == 240
    arms = {run["customer_id"]: run["arm"] for run in house.runs(held)}
    out = [one for one, arm in arms.items() if arm == -1]
    assert 20 < len(out) < 100, "half of them; more than seven standard deviations away is no chance"
    house.event("coupon.redeemed", out[0])
    house.settle()
    reached = [run["customer_id"] for run in house.runs(held) if run["goal_at"] is not None]
    assert reached == [out[0]]


def test_a_wait_for_what_never_happens_is_warned_of(house: FlowHouse) -> None:
    """Only where other things do happen: a company that has just begun has no past to judge by."""
    first = {"ways": [{"name": "w", "label": "甲", "event_type": "order.placed"}]}
    drawn = graph(
        [START, block("a", "wait.event", event_type="refund.created"), block("b", "wait.first_of", **first), EXIT],
        ["start.entered>a", "a.happened>b", "a.timeout>b", "b.w>exit", "b.timeout>exit"],
    )
    assert findings(house, drawn) == set()
    unheard._known.clear()
    (who,) = house.add_customers(1)
    house.events([("order.paid", who, {}), ("refund.created", who, {})])
    house.settle()
    assert findings(house, drawn) == {("b", "event_unheard")}
    house.forward(days=60)
    house.event("order.paid", who)
    house.forward(days=60)
    house.settle()
    unheard._known.clear()
    assert findings(house, drawn) == {("a", "event_unheard"), ("b", "event_unheard")}


def test_marketing_without_quiet_hours_is_warned_of(house: FlowHouse) -> None:
    with house.tx() as tx:
        text = messaging.create_template(tx, house.rooms.catalog, name="促销", body="来", message_class="marketing")
    drawn = graph([START, block("m", "messaging.sms", template=str(text)), EXIT], ["start.entered>m", "m.sent>exit"])
    assert findings(house, drawn) == {("m", "quiet_hours_missing")}
    with house.tx() as tx:
        messaging.set_limits(tx, Limits(quiet_from=time(22), quiet_until=time(8)))
    assert findings(house, drawn) == set()
