"""Runs of a run: branches meet once, each thing has its turn, a called flow comes back, and nobody is left over whatever ends whom."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest

from harness.database import Database
from harness.flows import EVERYTHING, FlowHouse, block, graph, open_flow_house
from tandem.flow import service
from tandem.flow.graph import parse_graph
from tandem.flow.runs import HOPS_MAX, INSIDE, STRETCHES_MAX, Leaving, RunStatus
from tandem.kernel.ids import new_id
from tandem.stream.identity import commands

START = block("start", "start.event", event_type="order.paid")
EXIT = block("exit", "flow.exit")
JOIN = block("join", "flow.join")
HOUR = {"amount": "1", "unit": "hours"}
DAY = {"amount": "1", "unit": "days"}
POINTS = {"points": 1, "reason": "t"}
TWO = [{"name": "a", "label": "A"}, {"name": "b", "label": "B"}]


@pytest.fixture
def house(database: Database) -> Iterator[FlowHouse]:
    with open_flow_house(database) as opened:
        yield opened


def forked(**more: Any) -> dict[str, Any]:
    """Branch a gives points and waits an hour; branch b waits for a refund. Then more points, and out."""
    return graph(
        [
            START,
            block("fork", "flow.parallel", branches=TWO, **more),
            block("pa", "marketing.add_points", **POINTS),
            block("wa", "wait.duration", span=HOUR),
            block("wb", "wait.event", event_type="refund.created", timeout=DAY),
            block("pb", "marketing.add_points", **POINTS),
            JOIN,
            block("after", "marketing.add_points", **POINTS),
            EXIT,
        ],
        [
            "start.entered>fork",
            "fork.a>pa",
            "pa.done>wa",
            "wa.done>join",
            "fork.b>wb",
            "wb.happened>pb",
            "wb.timeout>join",
            "pb.done>join",
            "fork.done>after",
            "after.done>exit",
            *(["fork.timeout>exit"] if more.get("timeout") else []),
        ],
    )


def enter(house: FlowHouse, *customers: UUID) -> None:
    house.events([("order.paid", one, {}) for one in customers])
    house.settle()


def roots(house: FlowHouse, flow: UUID) -> list[dict[str, Any]]:
    return [run for run in house.runs(flow) if run["parent_id"] is None]


def nobody_left(house: FlowHouse) -> None:
    """No run is inside without its caller standing where it called, no timer without its run."""
    assert house.owner(
        "select count(*) from flow_run c left join flow_run p on p.bucket = c.bucket and p.id = c.parent_id and p.visit = c.parent_visit + 1"
        " where c.parent_id is not null and c.status in (0, 3, 5) and (p.id is null or p.status not in (0, 3, 5))"
    ) == [(0,)]
    assert house.owner(
        "select count(*) from flow_due d left join flow_run r on r.bucket = d.bucket and r.id = d.run_id and r.wake_at = d.wake_at and r.status = 0"
        " where r.id is null"
    ) == [(0,)]


def test_branches_go_side_by_side_and_meet_once(house: FlowHouse) -> None:
    quick, slow = house.add_customers(2)
    flow = house.publish(forked())
    enter(house, quick, slow)
    assert len(house.runs(flow)) == 6
    house.event("refund.created", quick)
    house.settle()
    assert house.count("points_lot") == 3, "branch a of both, branch b of one"
    house.forward(hours=2)
    house.settle()
    assert {run["customer_id"]: run["status"] for run in roots(house, flow)} == {
        quick: RunStatus.DONE,
        slow: RunStatus.ACTIVE,
    }
    house.forward(days=2)
    house.settle()
    assert {run["status"] for run in house.runs(flow)} == {RunStatus.DONE}
    assert house.count("points_lot", f"customer_id = '{quick}'") == 3
    assert house.count("points_lot", f"customer_id = '{slow}'") == 2
    nobody_left(house)


def test_a_conversion_counts_for_the_blocks_of_the_branches_too(house: FlowHouse) -> None:
    (anna,) = house.add_customers(1)
    drawn = forked()
    drawn["settings"]["goal"] = {"event_type": "coupon.redeemed", "name": "核销"}
    flow = house.publish(drawn)
    enter(house, anna)
    house.event("coupon.redeemed", anna)
    house.settle()
    ((numbers,),) = house.owner("select numbers from flow where id = %(flow)s", {"flow": flow})
    by_number = {int(number): name for name, number in numbers.items()}
    counted = house.owner(
        "select c.block, c.n from flow_conversion c join flow_version v on v.id = c.version_id where v.flow_id = %(flow)s and c.block > 0",
        {"flow": flow},
    )
    # Branch b stood at its wait and had passed nothing.
    assert {by_number[block]: n for block, n in counted} == {"start": 1, "fork": 1, "pa": 1}


@pytest.mark.parametrize("own_goal", [None, "setting", "block"])
def test_a_conversion_counts_for_the_blocks_of_a_called_flow_unless_it_has_a_goal(
    house: FlowHouse, *, own_goal: str | None
) -> None:
    (anna,) = house.add_customers(1)
    inner = called([{"name": "total", "type": "number"}])
    if own_goal == "setting":
        inner["settings"]["goal"] = {"event_type": "visit.recorded", "name": "到店"}
    elif own_goal == "block":
        inner["blocks"] = [block("exit", "flow.goal") if one["id"] == "exit" else one for one in inner["blocks"]]
    inner_flow = house.publish(inner, "被调用")
    outer = calling(inner_flow)
    outer["settings"]["goal"] = {"event_type": "coupon.redeemed", "name": "核销"}
    flow = house.publish(outer)
    house.event("order.paid", anna, {"total": 200})
    house.settle()
    house.event("coupon.redeemed", anna)
    house.settle()
    counted = house.owner(
        "select v.flow_id, array_agg(c.block order by c.block) from flow_conversion c join flow_version v on v.id = c.version_id group by 1"
    )
    found = dict(counted)
    assert sorted(found) == sorted([flow] if own_goal else [flow, inner_flow])
    # The called flow's own runs reached nothing: only the blocks they had passed count (start, way, keep).
    assert own_goal or found[inner_flow] == [1, 2, 3]


def test_enough_branches_end_the_others(house: FlowHouse) -> None:
    (anna,) = house.add_customers(1)
    flow = house.publish(forked(enough=1))
    enter(house, anna)
    house.forward(hours=2)
    house.settle()
    assert [run["status"] for run in roots(house, flow)] == [RunStatus.DONE]
    assert sorted(run["status"] for run in house.runs(flow)) == [RunStatus.DONE, RunStatus.DONE, RunStatus.LEFT]
    assert ("wb", int(Leaving.WITH_PARENT)) in house.steps(flow)
    house.event("refund.created", anna)
    house.settle()
    assert house.count("points_lot") == 2
    nobody_left(house)


def test_a_time_out_lets_the_run_go_on_without_its_branches(house: FlowHouse) -> None:
    (anna,) = house.add_customers(1)
    flow = house.publish(forked(timeout={"amount": "2", "unit": "hours"}))
    enter(house, anna)
    house.forward(hours=3)
    house.settle()
    assert house.count("points_lot") == 1
    assert {run["status"] for run in house.runs(flow)} == {RunStatus.DONE, RunStatus.LEFT}
    nobody_left(house)


@pytest.mark.parametrize("way", ["stop", "goal", "erase_block", "merge"])
def test_whatever_ends_the_run_ends_its_branches(house: FlowHouse, way: str) -> None:
    anna, bert = sorted(house.add_customers(2))
    drawn = forked()
    drawn["settings"] = {"goal": {"event_type": "coupon.redeemed"}}
    flow = house.publish(drawn)
    enter(house, anna, bert)
    if way == "stop":
        with house.tx() as tx:
            service.stop(tx, flow)
    elif way == "goal":
        house.events([("coupon.redeemed", one, {}) for one in (anna, bert)])
    elif way == "erase_block":
        replaced = graph(
            [START, block("other", "wait.duration", span=DAY), EXIT], ["start.entered>other", "other.done>exit"]
        )
        with house.tx() as tx:
            service.save_draft(tx, flow, parse_graph(replaced).stored(), service.get_flow(tx, flow).draft_etag)
            service.publish(tx, house.rooms, flow, EVERYTHING, running="move", successors={"fork": "other"})
    else:
        merge(house, anna, bert)
    house.settle()
    runs = house.runs(flow)
    assert all(run["id"] > run["parent_id"] for run in runs if run["parent_id"] is not None), (
        "work in slices comes to callers first"
    )
    inside = [run for run in runs if run["status"] in INSIDE]
    if way == "merge":
        assert {run["customer_id"] for run in house.runs(flow)} == {anna}
        assert [run["status"] for run in roots(house, flow)] == [RunStatus.ACTIVE, RunStatus.MERGED]
        assert len(inside) == 3, "the older goes on with both its branches"
    elif way == "erase_block":
        assert [run["block"] for run in inside] == ["other", "other"]
    else:
        assert inside == []
    if way == "goal":
        assert house.owner("select sum(n)::int from flow_conversion where block = 0") == [(2,)], (
            "a branch is no second conversion"
        )
    nobody_left(house)


def merge(house: FlowHouse, survivor: UUID, loser: UUID) -> None:
    with house.tx("worker") as tx:
        tx.execute(
            "insert into merge_command (tenant_id, id, verb, reason, filed_at, survivor_id, loser_id)"
            " values (%(tenant)s, %(id)s, 'merge', 'test', now(), %(survivor)s, %(loser)s)",
            {"tenant": house.tenant, "id": new_id(), "survivor": survivor, "loser": loser},
        )
    while commands.step(house.db, house.tenant, house.rooms) is not None:
        pass


def test_runs_move_to_a_new_version_with_their_branches(house: FlowHouse) -> None:
    (anna,) = house.add_customers(1)
    flow = house.publish(forked())
    enter(house, anna)
    with house.tx() as tx:
        service.publish(tx, house.rooms, flow, EVERYTHING, running="move")
    house.settle()
    house.event("refund.created", anna)
    house.forward(hours=2)
    house.settle()
    assert {run["status"] for run in house.runs(flow)} == {RunStatus.DONE}
    assert house.count("points_lot") == 3
    nobody_left(house)


def test_a_failed_branch_holds_the_run_until_it_is_mended(house: FlowHouse) -> None:
    from tandem.flow import fanout

    good, bad = house.add_customers(2)
    flow = house.publish(forked())
    house.owner(
        "insert into points_entry (bucket, id, tenant_id, customer_id, origin_id, from_account, to_account, amount, posted_at, reason)"
        " select tandem_bucket(%(c)s), tandem_new_id(), %(tenant)s, %(c)s, %(c)s, 'earned', 'balance', 1, now(), '?'",
        {"c": bad},
    )
    enter(house, good)
    house.owner(
        "create or replace function refuse() returns trigger language plpgsql as $$ begin if new.customer_id = '"
        + str(bad)
        + "' then raise exception 'refused'; end if; return new; end $$"
    )
    house.owner("create trigger refuse before insert on points_lot for each row execute function refuse()")
    enter(house, bad)
    house.events([("refund.created", one, {}) for one in (good, bad)])
    house.settle()
    house.forward(hours=2)
    house.settle()
    assert {run["customer_id"]: run["status"] for run in roots(house, flow)} == {
        good: RunStatus.DONE,
        bad: RunStatus.ACTIVE,
    }
    assert house.count("flow_parked") == 2
    house.owner("drop trigger refuse on points_lot")
    with house.tx() as tx:
        fanout.spread(tx, "retry", flow, {})
    house.settle()
    house.forward(hours=2)
    house.settle()
    assert {run["status"] for run in house.runs(flow)} == {RunStatus.DONE}
    assert house.count("points_lot") == 6
    nobody_left(house)


def caught(kind: str) -> dict[str, Any]:
    return graph(
        [
            START,
            block("catch", "flow.catch"),
            block("points", kind, **POINTS),
            block("tag", "customer.add_tag", tag="failed"),
            EXIT,
        ],
        ["start.entered>catch", "catch.on>points", "points.done>exit", "catch.failed>tag", "tag.done>exit"],
    )


def test_who_fails_goes_on_where_the_flow_says(house: FlowHouse) -> None:
    good, bad = house.add_customers(2)
    house.owner("insert into tag (tenant_id, name, label, created_at) values (%(tenant)s, 'failed', 'x', now())")
    flow = house.publish(caught("marketing.add_points"))
    house.owner(
        "create or replace function refuse() returns trigger language plpgsql as $$ begin if new.customer_id = '"
        + str(bad)
        + "' then raise exception 'refused'; end if; return new; end $$"
    )
    house.owner("create trigger refuse before insert on points_lot for each row execute function refuse()")
    enter(house, good, bad)
    assert {run["status"] for run in house.runs(flow)} == {RunStatus.DONE}
    assert house.owner("select customer_id from customer_tag") == [(bad,)]
    assert ("points", int(Leaving.CAUGHT)) in house.steps(flow, bad)
    assert house.count("flow_parked") == 0
    nobody_left(house)


def refusing(house: FlowHouse, customer: UUID) -> None:
    """From now on she gets no points: the block that gives them fails."""
    house.owner(
        "create or replace function refuse() returns trigger language plpgsql as $$ begin if new.customer_id = '"
        + str(customer)
        + "' then raise exception 'refused'; end if; return new; end $$"
    )
    house.owner("create trigger refuse before insert on points_lot for each row execute function refuse()")


def test_a_catch_is_for_the_run_and_not_for_its_branches(house: FlowHouse) -> None:
    (anna,) = house.add_customers(1)
    assert tagged(house, "failed")
    drawn = forked()
    drawn["blocks"] += [block("catch", "flow.catch"), block("tag", "customer.add_tag", tag="failed")]
    drawn["arrows"] = [one for one in drawn["arrows"] if one["from"] != "start"] + [
        {"from": "start", "port": "entered", "to": "catch"},
        {"from": "catch", "port": "on", "to": "fork"},
        {"from": "catch", "port": "failed", "to": "tag"},
        {"from": "tag", "port": "done", "to": "exit"},
    ]
    flow = house.publish(drawn)
    refusing(house, anna)
    enter(house, anna)
    assert house.count("customer_tag") == 0, "the branch does not escape into the way of the run"
    assert [run["status"] for run in roots(house, flow)] == [RunStatus.ACTIVE]
    assert [run["block"] for run in house.runs(flow) if run["status"] == RunStatus.FAILED] == ["pa"]
    house.owner("drop trigger refuse on points_lot")
    with house.tx() as tx:
        service.mend_failed(tx, flow, "retry")
    house.event("refund.created", anna)
    house.settle()
    refusing(house, anna)
    house.forward(hours=2)
    house.settle()
    assert ("after", int(Leaving.CAUGHT)) in house.steps(flow), "the run itself is caught"
    assert house.count("customer_tag") == 1
    assert {run["status"] for run in house.runs(flow)} == {RunStatus.DONE}
    nobody_left(house)


def test_a_catch_inside_a_branch_keeps_the_branch_going(house: FlowHouse) -> None:
    (anna,) = house.add_customers(1)
    assert tagged(house, "failed")
    drawn = forked()
    drawn["blocks"] += [block("catch", "flow.catch"), block("tag", "customer.add_tag", tag="failed")]
    drawn["arrows"] = [one for one in drawn["arrows"] if (one["from"], one["port"]) != ("fork", "a")] + [
        {"from": "fork", "port": "a", "to": "catch"},
        {"from": "catch", "port": "on", "to": "pa"},
        {"from": "catch", "port": "failed", "to": "tag"},
        {"from": "tag", "port": "done", "to": "join"},
    ]
    flow = house.publish(drawn)
    refusing(house, anna)
    enter(house, anna)
    assert ("pa", int(Leaving.CAUGHT)) in house.steps(flow)
    assert house.count("customer_tag") == 1
    assert house.count("flow_parked") == 0
    nobody_left(house)


def coupons(house: FlowHouse, customer: UUID, count: int) -> None:
    house.owner(
        "insert into coupon_template (id, tenant_id, name, kind, value, currency, valid_days, created_at, updated_at)"
        " values ('00000000-0000-4000-8000-000000000001', %(tenant)s, '券', 'amount', 5, 'CNY', 9, now(), now()) on conflict do nothing"
    )
    house.owner(
        "insert into coupon (bucket, id, tenant_id, customer_id, origin_id, template_id, code, status, issued_at, expires_at)"
        " select tandem_bucket(%(c)s), tandem_new_id(), %(tenant)s, %(c)s, %(c)s, '00000000-0000-4000-8000-000000000001', md5(g::text || %(c)s::text),"
        " case when g %% 2 = 1 then 'issued' else 'redeemed' end, now() - make_interval(hours => g), now() + interval '9 days' from generate_series(1, %(n)s) g",
        {"c": customer, "n": count},
    )


def test_each_thing_has_its_turn_and_none_goes_its_own_way(house: FlowHouse) -> None:
    many, none = house.add_customers(2)
    coupons(house, many, 7)
    ways = [{"name": "five", "label": "5 元", "condition": "item.value = 5 and item.status = 'issued'"}]
    flow = (
        house.publish(
            graph(
                [
                    START,
                    block("each", "flow.for_each", relation="coupons", where="status = 'issued'", most=3),
                    block("way", "decide.condition", ways=ways),
                    block("points", "marketing.add_points", **POINTS),
                    JOIN,
                    block("tag", "customer.add_tag", tag="none"),
                    EXIT,
                ],
                [
                    "start.entered>each",
                    "each.each>way",
                    "way.five>points",
                    "way.else>join",
                    "points.done>join",
                    "each.done>exit",
                    "each.none>tag",
                    "tag.done>exit",
                ],
            )
        )
        if tagged(house, "none")
        else None
    )
    assert flow is not None
    enter(house, many, none)
    assert {run["status"] for run in house.runs(flow)} == {RunStatus.DONE}
    assert house.count("points_lot", f"customer_id = '{many}'") == 3, "at most three, of four that are issued"
    assert house.owner("select customer_id from customer_tag") == [(none,)]
    nobody_left(house)


def tagged(house: FlowHouse, name: str) -> bool:
    house.owner(
        "insert into tag (tenant_id, name, label, created_at) values (%(tenant)s, %(n)s, %(n)s, now())", {"n": name}
    )
    return True


def called(inputs: list[dict[str, str]]) -> dict[str, Any]:
    ways = [{"name": "big", "label": "大", "condition": "run.total >= 100"}]
    values = [{"name": "verdict", "type": "text", "value": "'大单'"}]
    return graph(
        [
            block("called", "start.flow", inputs=inputs),
            block("way", "decide.condition", ways=ways),
            block("keep", "flow.remember", values=values),
            block("pause", "wait.duration", span=HOUR),
            EXIT,
        ],
        ["called.entered>way", "way.big>keep", "way.else>pause", "keep.done>pause", "pause.done>exit"],
    )


def calling(flow: UUID, **more: Any) -> dict[str, Any]:
    ways = [{"name": "big", "label": "大", "condition": "run.verdict = '大单'"}]
    call = block(
        "call",
        "flow.call",
        flow_id=str(flow),
        inputs=[{"name": "total", "value": "event.total"}],
        outputs=[{"name": "verdict", "type": "text"}],
        **more,
    )
    arrows = [
        "start.entered>call",
        "call.done>way",
        "call.unavailable>exit",
        "way.big>points",
        "way.else>exit",
        "points.done>exit",
    ]
    if more:
        arrows.append("call.timeout>exit")
    return graph(
        [
            START,
            call,
            block("way", "decide.condition", ways=ways),
            block("points", "marketing.add_points", **POINTS),
            EXIT,
        ],
        arrows,
    )


def test_a_called_flow_gets_values_and_brings_some_back(house: FlowHouse) -> None:
    big, small = house.add_customers(2)
    inner = house.publish(called([{"name": "total", "type": "number"}]), "被调用")
    outer = house.publish(calling(inner))
    house.events([("order.paid", big, {"total": 120}), ("order.paid", small, {"total": 20})])
    house.settle()
    assert {run["status"] for run in house.runs(outer)} == {RunStatus.ACTIVE}
    assert len(house.runs(inner)) == 2
    house.forward(hours=2)
    house.settle()
    assert {run["status"] for run in [*house.runs(outer), *house.runs(inner)]} == {RunStatus.DONE}
    assert house.owner("select customer_id from points_lot") == [(big,)]
    nobody_left(house)


def test_a_call_that_nobody_answers_goes_on_as_unavailable(house: FlowHouse) -> None:
    anna, bert, carl = house.add_customers(3)
    inner = house.publish(called([{"name": "total", "type": "number"}]), "被调用")
    outer = house.publish(calling(inner, timeout={"amount": "30", "unit": "minutes"}))
    house.event("order.paid", anna, {"total": 1})
    house.settle()
    house.forward(minutes=31)
    house.settle()
    assert dict(house.steps(outer, anna))["call"] == 2, "it took too long"
    house.event("order.paid", bert, {"total": 1})
    house.settle()
    with house.tx() as tx:
        service.stop(tx, inner)
    house.settle()
    assert dict(house.steps(outer, bert))["call"] == 1, "the called run was taken out"
    house.event("order.paid", carl, {"total": 1})
    house.settle()
    assert dict(house.steps(outer, carl))["call"] == 1, "there is no such flow at work"
    assert {run["status"] for run in house.runs(inner)} == {RunStatus.LEFT}
    nobody_left(house)


@pytest.mark.parametrize("alone", [True, False])
def test_who_skips_the_block_goes_past_its_branches_too(house: FlowHouse, alone: bool) -> None:
    from tandem.flow import people
    from tandem.flow.plans import PlanShelf
    from tandem.kernel.errors import InvalidInput

    (anna,) = house.add_customers(1)
    flow = house.publish(forked())
    house.owner(
        "create or replace function refuse() returns trigger language plpgsql as $$ begin"
        " if new.parent_id is not null then raise exception 'refused'; end if; return new; end $$"
    )
    house.owner("create trigger refuse before insert on flow_run for each row execute function refuse()")
    enter(house, anna)
    house.owner("drop trigger refuse on flow_run")
    (run,) = house.runs(flow)
    assert (run["block"], run["status"]) == ("fork", RunStatus.FAILED)
    shelf = PlanShelf(house.rooms.catalog, house.rooms.kinds)
    if alone:
        with house.tx() as tx, pytest.raises(InvalidInput):
            people.skip(tx, shelf, run["id"], 1)
        with house.tx() as tx:
            people.skip(tx, shelf, run["id"])
    else:
        with house.tx() as tx:
            service.mend_failed(tx, flow, "skip")
    house.settle()
    assert house.count("points_lot") == 1, "'after', and nothing of a branch"
    assert [one["status"] for one in house.runs(flow)] == [RunStatus.DONE]
    nobody_left(house)


def test_branches_that_lead_out_are_refused(house: FlowHouse) -> None:
    from tandem.flow.checks import check_graph

    drawn = forked()
    drawn["arrows"] = [one for one in drawn["arrows"] if one["from"] not in {"pa", "wa"}]
    drawn["arrows"] += [{"from": "pa", "port": "done", "to": "after"}, {"from": "wa", "port": "done", "to": "exit"}]
    drawn["arrows"] += [{"from": "pb", "port": "done", "to": "exit"}]
    drawn["arrows"] = [one for one in drawn["arrows"] if not (one["from"] == "pb" and one["to"] == "join")]
    with house.tx() as tx:
        found = check_graph(parse_graph(drawn), house.rooms.kinds, house.rooms.catalog, tx, EVERYTHING)
    codes = {(one.block, one.finding.code) for one in found}
    assert ("after", "branch_escapes") in codes
    assert ("exit", "branch_escapes") in codes
    with house.tx() as tx:
        assert check_graph(parse_graph(forked()), house.rooms.kinds, house.rooms.catalog, tx, EVERYTHING) == []


def test_a_run_as_deep_as_any_still_has_branches(house: FlowHouse) -> None:
    (anna,) = house.add_customers(1)
    flow = house.publish(forked())
    house.event("order.paid", anna, hops=HOPS_MAX)
    house.event("refund.created", anna)
    house.settle()
    house.forward(days=2)
    house.settle()
    assert [run["status"] for run in house.runs(flow)] == [RunStatus.DONE] * 3
    nobody_left(house)


def test_who_goes_round_in_circles_fails_at_a_wait_that_asks(house: FlowHouse) -> None:
    """A wait whose runs may stay is asked before they pass; who is past the last stretch is neither asked nor forgotten."""
    anna, bert = house.add_customers(2)
    flow = house.publish(forked())
    enter(house, anna, bert)
    house.owner(
        "update flow_run set visit = %(most)s where parent_id is null and customer_id = %(one)s",
        {"most": STRETCHES_MAX, "one": anna},
    )
    house.owner(
        "update flow_run set parent_visit = %(most)s - 1 where customer_id = %(one)s and parent_id is not null",
        {"most": STRETCHES_MAX, "one": anna},
    )
    house.forward(days=2)
    house.settle()
    assert {run["customer_id"]: run["status"] for run in roots(house, flow)} == {
        anna: RunStatus.FAILED,
        bert: RunStatus.DONE,
    }
    assert house.owner("select block from flow_parked") == [("fork",)]
    nobody_left(house)
