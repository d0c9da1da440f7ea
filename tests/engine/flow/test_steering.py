"""Results, winners, fights, alerts, limits, failures by cause: does what is said of a flow at work hold, and what is done help?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from harness.database import Database
from harness.flows import FlowHouse, block, graph, open_flow_house
from tandem.flow import reading, service, views
from tandem.flow.alerts import failures, figures, limits, suggestions, watch
from tandem.flow.alerts import heat as standing
from tandem.flow.alerts.remedies import remedies
from tandem.flow.experiments import adopt, contention, counts
from tandem.flow.experiments.counts import Slice
from tandem.flow.graph import parse_graph
from tandem.flow.ids import EVERY_BUCKET
from tandem.flow.results import BlockCount
from tandem.flow.runs import EVERY_FLOW, HOPS_MAX, RunStatus
from tandem.kernel.errors import Conflict
from tandem.kernel.ids import new_id

EXIT = block("exit", "flow.exit")
ARMS = [{"name": "a", "label": "甲", "share": "50"}, {"name": "b", "label": "乙", "share": "50"}]


@pytest.fixture(scope="module")
def house(module_database: Database) -> Iterator[FlowHouse]:
    with open_flow_house(module_database) as opened:
        yield opened


def start(name: str) -> dict[str, Any]:
    return block("start", "start.event", event_type="behaviour.recorded", condition=f"event.name = '{name}'")


def do(house: FlowHouse, name: str, people: list[UUID]) -> None:
    house.events([("behaviour.recorded", one, {"name": name}) for one in people])
    house.settle()


def split_flow(house: FlowHouse) -> UUID:
    drawn = graph(
        [
            start("split"),
            block("split", "decide.split", arms=ARMS),
            block("wait", "wait.duration", span={"amount": "9", "unit": "days"}),
            EXIT,
        ],
        ["start.entered>split", "split.a>wait", "split.b>wait", "wait.done>exit"],
        goal={"event_type": "order.paid", "name": "买了"},
        holdout_percent=20,
    )
    return house.publish(drawn)


def test_results_by_arm_against_the_control_and_a_winner_that_is_adopted(house: FlowHouse) -> None:
    flow = split_flow(house)
    people = house.add_customers(600)
    do(house, "split", people)
    runs = house.runs(flow)
    arms: dict[int | None, list[UUID]] = {}
    for run in runs:
        arms.setdefault(run["arm"], []).append(run["customer_id"])
    number = house.owner("select numbers from flow where id = %(flow)s", {"flow": flow})[0][0]["split"] * 64
    buyers = [*arms[number][:100], *arms[number + 1][:20], *arms[-1][:5]]
    house.events([("order.paid", one, {}) for one in buyers])
    house.settle()
    with house.tx() as tx:
        found = counts.cohort(tx, flow, Slice())
        assert (found.treated.entered, found.treated.converted) == (600 - len(arms[-1]), 120)
        assert (found.control.entered, found.control.converted) == (len(arms[-1]), 5)
        by_block = counts.conversions(tx, flow, Slice())
        numbers = service.numbers_of(tx, flow)
        assert by_block[numbers["split"], number] == 100
        assert by_block[numbers["wait"], number + 1] == 20
        assert counts.cohort(tx, flow, Slice(version=2)).treated.entered == 0
        adopt.decide(tx, flow, "split", automatic=True, each_min=100)
    assert adopt.adopt_won(house.db, house.rooms, house.tenant) == 1
    assert adopt.adopt_won(house.db, house.rooms, house.tenant) == 0
    with house.tx() as tx:
        now = service.get_flow(tx, flow)
        arms_now = service.published_graph(tx, now)["blocks"][1]["config"]["arms"]
        assert [arm["share"] for arm in arms_now] == ["100", "0"]
        assert now.version_number == 2
        notes = [
            row[0] for row in house.owner("select note from flow_version where flow_id = %(flow)s", {"flow": flow})
        ]
        assert "采用“甲”组 | Arm “甲” is adopted" in notes
        kept = adopt.experiments(tx, flow)["split"]
        assert (kept.adopted_port, kept.adopted_by) == ("a", None)
    assert house.count("audit_entry", "action = 'flow.winner_adopted'") == 1
    # Everybody new is led to the winner; who had an arm keeps it.
    new = house.add_customers(40)
    do(house, "split", new)
    fresh = {run["arm"] for run in house.runs(flow) if run["customer_id"] in set(new) and run["arm"] != -1}
    assert fresh == {number}


def failing(house: FlowHouse, name: str) -> tuple[UUID, list[UUID]]:
    """A flow in which everybody fails at a block: 25 of them."""
    people = house.add_customers(25)
    wait = block("wait", "wait.duration", span={"amount": "1", "unit": "days"})
    flow = house.publish(graph([start(name), wait, EXIT], ["start.entered>wait", "wait.done>exit"]))
    do(house, name, people)
    house.owner(
        "insert into flow_parked (bucket, run_id, tenant_id, flow_id, customer_id, origin_id, kind, stretch, block, reason, at)"
        " select bucket, id, tenant_id, flow_id, customer_id, origin_id, 'failed', stretch, 'wait',"
        " case when right(id::text, 1) < '8' then '甲因' else '乙因' end, now() from flow_run where flow_id = %(flow)s",
        {"flow": flow},
    )
    house.owner("update flow_run set status = 3, wake_at = null where flow_id = %(flow)s", {"flow": flow})
    house.owner(
        "delete from flow_due d using flow_run r where r.flow_id = %(flow)s and d.run_id = r.id", {"flow": flow}
    )
    return flow, people


def test_who_goes_on_to_another_split_counts_in_the_one_before_too(house: FlowHouse) -> None:
    """A block keeps some out, the others are split again: a run bears the last arm only."""
    drawn = graph(
        [
            start("kept out"),
            block("keep", "decide.holdout", percent="50"),
            block("split", "decide.split", arms=ARMS),
            block("wait", "wait.duration", span={"amount": "9", "unit": "days"}),
            EXIT,
        ],
        [
            "start.entered>keep",
            "keep.treated>split",
            "keep.held_out>wait",
            "split.a>wait",
            "split.b>wait",
            "wait.done>exit",
        ],
        goal={"event_type": "order.paid", "name": "买了"},
    )
    flow, people = house.publish(drawn), house.add_customers(40)
    do(house, "kept out", people)
    house.events([("order.paid", one, {}) for one in people])
    house.settle()
    with house.tx() as tx:
        now = service.get_flow(tx, flow)
        shown, cohort = service.published_graph(tx, now), counts.cohort(tx, flow, Slice())
        arms = adopt.arms_of(shown, house.rooms, now.numbers, cohort.arms)
        served, kept_out, keeping = adopt.against(shown, cohort, arms)
        assert keeping == "keep"
        taken = arms["split"]
        assert served.entered == served.converted == sum(one.entered for one in taken.values()) > 0
        assert kept_out.entered == kept_out.converted == 40 - served.entered > 0
        blocks = reading.block_counts(tx, now, shown, house.rooms.kinds)
        said = {one.name: one for one in reading.arm_counts(tx, now, shown, house.rooms.kinds, blocks)}
        assert (said["keep.treated"].entered, said["keep.treated"].converted) == (served.entered, served.converted)


def test_failures_are_mended_by_cause_alone(house: FlowHouse) -> None:
    flow, _ = failing(house, "causes")
    with house.tx() as tx:
        first, second = failures.causes(tx, flow)
        assert first.n + second.n == 25
        failures.mend(tx, flow, first.block, first.reason, "skip")
    house.settle()
    with house.tx() as tx:
        assert [(one.reason, one.n) for one in failures.causes(tx, flow)] == [(second.reason, second.n)]
        failures.mend(tx, flow, second.block, second.reason, "retry")
    house.settle()
    states = [RunStatus(run["status"]) for run in house.runs(flow)]
    # Skipped ones went past the wait and out; retried ones stand at it again.
    assert states.count(RunStatus.FAILED) == 0
    assert states.count(RunStatus.DONE) >= first.n


def kinds(house: FlowHouse, flow: UUID) -> dict[str, watch.Alert]:
    with house.tx() as tx:
        return {one.kind: one for one in watch.alerts(tx, flow_id=flow, is_open=True, before=None, limit=50)}


def test_alerts_open_pause_and_close_by_themselves(house: FlowHouse) -> None:
    flow, people = failing(house, "alarm")
    house.owner("update flow_parked set reason = '同一原因' where flow_id = %(flow)s", {"flow": flow})
    watch.watch(house.db, house.rooms, house.tenant)
    watch.watch(house.db, house.rooms, house.tenant)
    found = kinds(house, flow)
    assert (found["failures"].n, found["failures"].block, found["failures"].paused) == (25, "wait", False)
    with house.tx() as tx:
        failures.mend(tx, flow, "wait", "同一原因", "retry")
    house.settle()
    watch.watch(house.db, house.rooms, house.tenant)
    assert kinds(house, flow) == {}

    with house.tx() as tx:
        limits.decide(tx, EVERY_FLOW, limits.Limits(runs_per_hour=30))
    watch.watch(house.db, house.rooms, house.tenant)
    near = kinds(house, flow)["near_runaway"]
    assert (near.n, near.paused, near.detail["limit"]) == (25, False, 30)
    with house.tx() as tx:
        limits.decide(tx, EVERY_FLOW, limits.Limits())
        limits.decide(tx, flow, limits.Limits(runs_per_hour=20))
    watch.watch(house.db, house.rooms, house.tenant)
    runaway = kinds(house, flow)["runaway"]
    assert (runaway.n, runaway.paused, runaway.detail["limit"]) == (25, True, 20)
    with house.tx() as tx:
        assert service.get_flow(tx, flow).status == "paused"
    do(house, "alarm", house.add_customers(3))
    assert len(house.runs(flow)) == len(people)
    # What paused a flow stays until somebody has looked.
    with house.tx() as tx:
        limits.decide(tx, flow, limits.Limits())
    watch.watch(house.db, house.rooms, house.tenant)
    assert "runaway" in kinds(house, flow)
    with house.tx() as tx:
        assert watch.close(tx, runaway.id)
    assert kinds(house, flow) == {}


def test_who_goes_round_in_circles_is_stopped_where_the_house_says(house: FlowHouse) -> None:
    wait = block("wait", "wait.duration", span={"amount": "1", "unit": "days"})
    drawn = graph([start("round"), wait, EXIT], ["start.entered>wait", "wait.done>exit"])
    mine, other = house.publish(drawn), house.publish(drawn)
    do(house, "round", house.add_customers(2))
    with house.tx() as tx:
        limits.decide(tx, EVERY_FLOW, limits.Limits(steps_per_run=40))
        limits.decide(tx, other, limits.Limits(steps_per_run=60))
    house.owner("update flow_run set visit = 40 where flow_id = any(%(both)s)", {"both": [mine, other]})
    watch.watch(house.db, house.rooms, house.tenant)
    assert {one.n for one in (kinds(house, mine)["near_circling"],)} == {40}
    assert "near_circling" not in kinds(house, other)
    house.forward(days=2)
    house.settle()
    assert [run["status"] for run in house.runs(mine)] == [RunStatus.FAILED] * 2
    assert [run["status"] for run in house.runs(other)] == [RunStatus.DONE] * 2
    watch.watch(house.db, house.rooms, house.tenant)
    found = kinds(house, mine)["circling"]
    assert (found.n, found.block, found.detail["limit"]) == (2, "wait", 40)
    assert "40" in remedies(found)[0].en
    with house.tx() as tx:
        limits.decide(tx, EVERY_FLOW, limits.Limits())
    house.forward(days=-2)


def test_flows_that_set_each_other_off_are_told(house: FlowHouse) -> None:
    drawn = graph([start("chain"), EXIT], ["start.entered>exit"])
    flow, other = house.publish(drawn), house.publish(graph([start("elsewhere"), EXIT], ["start.entered>exit"]))
    (one,) = house.add_customers(1)
    do(house, "elsewhere", [one])
    do(house, "chain", [one])
    (run,) = house.runs(flow)
    house.events([("behaviour.recorded", one, {"name": "chain"})], hops=HOPS_MAX + 1, root_id=run["root_id"])
    house.settle()
    watch.watch(house.db, house.rooms, house.tenant)
    assert (kinds(house, flow)["loop"].n, kinds(house, flow)["loop"].detail["limit"]) == (1, HOPS_MAX)
    assert kinds(house, other) == {}


def test_stuck_steps_say_how_long_and_who_and_flows_say_whom_they_fight_for(house: FlowHouse) -> None:
    people = house.add_customers(3)
    wait = block("wait", "wait.event", event_type="order.paid", timeout={"amount": "30", "unit": "days"})
    drawn = graph([start("heat"), wait, EXIT], ["start.entered>wait", "wait.happened>exit", "wait.timeout>exit"])
    one, other = house.publish(drawn), house.publish(drawn)
    do(house, "heat", people)
    house.forward(hours=5)
    with house.tx() as tx:
        (hot,) = standing.heat(tx, one)
        assert (hot.block, hot.inside, hot.overdue) == ("wait", 3, 0)
        assert 4.9 < hot.median_hours < 5.2
        number = service.numbers_of(tx, one)["start"]
        assert {run.customer_id for run in standing.passed(tx, one, number, 0, after=None, limit=9)} == set(people)
        assert len(standing.chosen(tx, one, "entered", after=None, limit=9)) == 3
        fight = next(
            each
            for each in contention.fights(tx, house.rooms.tryouts, days=30)
            if {each.flow_id, each.other_id} == {one, other}
        )
        assert (fight.both, fight.times) == (3, 0)
    house.forward(hours=-5)


def test_a_flow_does_not_fight_those_it_calls_and_a_warning_names_its_step(house: FlowHouse) -> None:
    wait = block("wait", "wait.event", event_type="order.paid", timeout={"amount": "30", "unit": "days"})
    inner = house.publish(
        graph(
            [block("called", "start.flow"), wait, EXIT],
            ["called.entered>wait", "wait.happened>exit", "wait.timeout>exit"],
        )
    )
    call = block("call", "flow.call", flow_id=str(inner), timeout=None) | {"label": "请店员跟进"}
    outer = house.publish(
        graph(
            [start("calls"), call, EXIT],
            ["start.entered>call", "call.done>exit", "call.unavailable>exit", "call.timeout>exit"],
        )
    )
    do(house, "calls", house.add_customers(2))
    with house.tx() as tx:
        limits.decide(tx, outer, limits.Limits(stuck_hours=1))
        fights = contention.fights(tx, house.rooms.tryouts, days=30)
    assert not [one for one in fights if {one.flow_id, one.other_id} == {inner, outer}]
    house.forward(hours=3)
    watch.watch(house.db, house.rooms, house.tenant)
    with house.tx() as tx:
        (stall,) = watch.alerts(tx, flow_id=outer, is_open=True, before=None, limit=9)
        (drawn,) = watch.drawings(tx, {outer})
    label = views.Naming(drawn.graph, house.rooms.kinds, drawn.numbers).label(stall.block)
    assert (stall.kind, label and label.zh) == ("stall", "请店员跟进")
    # Whoever waits has not failed: to skip failures would help nobody.
    assert [action for action, _ in remedies(stall)[1]] == ["people", "send_on", "edit", "pause"]
    house.forward(hours=-3)


def test_a_leak_is_named_and_mended_in_the_draft(house: FlowHouse) -> None:
    coupon = new_id()
    house.owner(
        "insert into coupon_template (id, tenant_id, name, kind, value, currency, valid_days, created_at, updated_at)"
        " values (%(coupon)s, %(tenant)s, '十元券', 'amount', 10, 'CNY', 30, now(), now())",
        {"coupon": coupon},
    )
    wait = block("wait", "wait.event", event_type="order.paid", timeout={"amount": "1", "unit": "hours"})
    wait, out = wait | {"position": {"x": 0, "y": 168}}, EXIT | {"position": {"x": 0, "y": 336}}
    flow = house.publish(
        graph([start("leak"), wait, out], ["start.entered>wait", "wait.happened>exit", "wait.timeout>exit"])
    )
    do(house, "leak", house.add_customers(40))
    house.forward(hours=2)
    house.settle()
    with house.tx() as tx:
        now = service.get_flow(tx, flow)
        drawing = service.published_graph(tx, now)
        passed = reading.block_counts(tx, now, drawing, house.rooms.kinds)
        found = suggestions.suggestions(tx, house.rooms.kinds, now, drawing, passed)
        assert [one.key for one in found] == ["coupon.wait.timeout", "person.wait.timeout"]
        assert (found[0].passed, found[0].share) == (40, 1.0)
        etag, name = suggestions.draft(tx, house.rooms.kinds, flow, found[0], now.draft_etag)
        assert etag == now.draft_etag + 1
        problems = service.check_flow(tx, house.rooms, flow, frozenset({"*"}))
        assert [one.finding.code for one in problems if one.severity == "error"] == []
        draft = service.get_flow(tx, flow).draft
        arrows = {(one["from"], one["port"]): one["to"] for one in draft["arrows"]}
        heights = {one["id"]: one["position"]["y"] for one in draft["blocks"]}
        # What stood below made room.
        assert (heights["wait"], heights[name], heights["exit"]) == (168, 336, 504)
        assert arrows["wait", "timeout"] == name
        assert arrows[name, "issued"] == "exit"
        with pytest.raises(Exception, match="has it already"):
            suggestions.draft(tx, house.rooms.kinds, flow, found[0], etag)


def suggested(house: FlowHouse, flow: UUID) -> dict[str, suggestions.Suggestion]:
    with house.tx() as tx:
        now = service.get_flow(tx, flow)
        drawing = service.published_graph(tx, now)
        passed = reading.block_counts(tx, now, drawing, house.rooms.kinds)
        found = suggestions.suggestions(tx, house.rooms.kinds, now, drawing, passed)
    return {one.key: one for one in found}


def drafted(
    house: FlowHouse, flow: UUID, one: suggestions.Suggestion
) -> tuple[dict[str, Any], dict[tuple[str, str], str]]:
    """Draw it; the draft passes its checks, cannot be drawn twice, and is laid aside again. Returns its blocks, and its arrows."""
    with house.tx() as tx:
        before = service.get_flow(tx, flow)
        etag, _ = suggestions.draft(tx, house.rooms.kinds, flow, one, before.draft_etag)
        problems = service.check_flow(tx, house.rooms, flow, frozenset({"*"}))
        assert [(item.block, item.finding.code) for item in problems if item.severity == "error"] == []
        drawn = service.get_flow(tx, flow).draft
        if one.how != "remove":
            with pytest.raises(Conflict, match="suggestion_done"):
                suggestions.draft(tx, house.rooms.kinds, flow, one, etag)
        service.save_draft(tx, flow, before.draft, etag)
    places = [tuple(block["position"].values()) for block in drawn["blocks"] if "position" in block]
    assert len(set(places)) == len(places), "no block lies on another"
    blocks = {block["id"]: block for block in drawn["blocks"]}
    return blocks, {(arrow["from"], arrow["port"]): arrow["to"] for arrow in drawn["arrows"]}


def template(house: FlowHouse) -> UUID:
    made = new_id()
    house.owner(
        "insert into message_template (id, tenant_id, name, channel, message_class, body, placeholders, required, created_at, updated_at)"
        " values (%(id)s, %(tenant)s, %(id)s::text, 'simulated', 'transactional', '您好', '{}', '{}', now(), now())",
        {"id": made},
    )
    return made


def asking(house: FlowHouse, name: str, *, gate: str, timeout: dict[str, str], **settings: Any) -> UUID:
    """A gate, a message, a wait for an order."""
    message = block("m", "messaging.send", template=str(template(house)), message_class="transactional")
    blocks = [
        start(name),
        block("gate", "decide.filter", condition=gate),
        message,
        block("wait", "wait.event", event_type="order.paid", timeout=timeout),
        EXIT,
    ]
    ways = ["start.entered>gate", "gate.passed>m", "m.sent>wait", "wait.happened>exit", "wait.timeout>exit"]
    drawn = [one | {"position": {"x": 0, "y": 168 * place}} for place, one in enumerate(blocks)]
    return house.publish(graph(drawn, ways, **settings))


def test_few_answers_suggest_a_reminder_other_words_a_longer_wait_and_no_gate(house: FlowHouse) -> None:
    flow = asking(house, "few", gate="customer.city = '上海'", timeout={"amount": "1", "unit": "days"})
    inside = house.add_customers(30, city="上海")
    do(house, "few", [*inside, *house.add_customers(130)])
    house.forward(hours=25)
    house.settle()
    house.events([("order.paid", one, {}) for one in inside[:6]])
    house.settle()
    house.forward(hours=25)
    found = suggested(house, flow)
    assert {"gate.gate.passed", "again.wait.timeout", "split.m.in", "longer.wait.timeout"} <= found.keys()
    assert (found["gate.gate.passed"].passed, found["gate.gate.passed"].share) == (160, 130 / 160)
    assert (found["longer.wait.timeout"].passed, found["longer.wait.timeout"].share) == (30, 0.2)
    assert "20%" in found["longer.wait.timeout"].reason.en
    with house.tx() as tx:
        number = service.get_flow(tx, flow).numbers["wait"]
        wait = figures.Wait(int(number), 0, 1, "order.paid", timedelta(days=1))
        # Whoever is in some buckets is told apart from all, and asked first.
        some, every = (figures._answers(tx, flow, wait, one).missed for one in (figures.SOME, EVERY_BUCKET))
        assert (some < every, every) == (True, 30)
    blocks, arrows = drafted(house, flow, found["gate.gate.passed"])
    assert ("gate" in blocks, arrows["start", "entered"]) == (False, "m")
    blocks, arrows = drafted(house, flow, found["longer.wait.timeout"])
    assert blocks["wait"]["config"]["timeout"]["amount"] == "2"
    blocks, arrows = drafted(house, flow, found["again.wait.timeout"])
    reminder = arrows["wait", "timeout"]
    assert blocks[reminder]["config"] == blocks["m"]["config"]
    second = arrows[reminder, "sent"]
    assert (blocks[second]["kind"], arrows[second, "happened"], arrows[second, "timeout"]) == (
        "wait.event",
        "exit",
        "exit",
    )
    blocks, arrows = drafted(house, flow, found["split.m.in"])
    divided = arrows["gate", "passed"]
    copy = arrows[divided, "new"]
    assert (arrows[divided, "now"], blocks[copy]["kind"], arrows[copy, "sent"]) == ("m", blocks["m"]["kind"], "wait")
    house.forward(hours=-50)


def test_quick_answers_suggest_a_shorter_wait_and_success_by_the_hour_a_better_one(house: FlowHouse) -> None:
    goal = {"event_type": "visit.recorded", "name": "到店", "leave": False}
    flow = asking(house, "hour", gate="true", timeout={"amount": "10", "unit": "days"}, goal=goal)
    local = house.now().astimezone(ZoneInfo("Asia/Shanghai"))
    until_ten = (34 - local.hour) * 3600 + (30 - local.minute) * 60
    house.forward(seconds=until_ten)
    morning, evening = house.add_customers(40), house.add_customers(40)
    do(house, "hour", morning)
    house.forward(hours=8)
    do(house, "hour", evening)
    house.events([("visit.recorded", one, {}) for one in [*morning[:2], *evening[:30]]])
    house.events([("order.paid", one, {}) for one in [*morning, *evening]])
    house.settle()
    found = suggested(house, flow)
    assert {"hour.m.in", "shorter.wait.timeout"} <= found.keys()
    assert not {"longer.wait.timeout", "gate.gate.passed"} & found.keys()
    better = found["hour.m.in"]
    assert (dict(better.config), better.passed, better.share) == ({"start": "17:00", "until": "22:00"}, 40, 0.7)
    blocks, arrows = drafted(house, flow, better)
    window = arrows["gate", "passed"]
    assert (blocks[window]["kind"], arrows[window, "done"]) == ("wait.window", "m")
    blocks, _ = drafted(house, flow, found["shorter.wait.timeout"])
    assert blocks["wait"]["config"]["timeout"] == {"amount": "13", "unit": "hours"}
    house.forward(hours=-8, seconds=-until_ten)


def test_messages_that_do_not_go_out_are_sent_by_another_channel(house: FlowHouse) -> None:
    text = str(new_id())
    sms = block("m", "messaging.sms", template=text, message_class="transactional")
    drawing = graph([start("sms"), sms, EXIT], ["start.entered>m", "m.sent>exit", "m.failed>exit"])
    count = BlockCount(entered=100, ports={"sent": 40, "failed": 60})
    with house.tx() as tx:
        flow = service.create_flow(tx, "发不出", parse_graph(drawing))
        draft = service.get_flow(tx, flow)
        found = suggestions.suggestions(tx, house.rooms.kinds, draft, drawing, {"m": count})
        assert [one.key for one in found] == ["channel.m.failed", "person.m.failed"]
        _, name = suggestions.draft(tx, house.rooms.kinds, flow, found[0], 1)
        drawn = service.get_flow(tx, flow).draft
    added = next(one for one in drawn["blocks"] if one["id"] == name)
    assert (added["kind"], added["config"]) == (
        "messaging.preferred",
        {"template": text, "message_class": "transactional"},
    )
    arrows = {(one["from"], one["port"]): one["to"] for one in drawn["arrows"]}
    assert (arrows["m", "failed"], arrows[name, "sent"], arrows["m", "sent"]) == (name, "exit", "exit")


def test_who_stands_in_an_older_version_is_sent_on_only_by_the_same_step_and_way(house: FlowHouse) -> None:
    """A step may have been another kind before, or one at which a person decides: nobody goes by a way that was not meant."""
    day = {"amount": "9", "unit": "days"}
    told = block("told", "marketing.add_points", points=1, reason="t")

    def drawn(asked: dict[str, Any], *ways: str) -> dict[str, Any]:
        return graph([start("older"), asked, told, EXIT], ["start.entered>ask", *ways, "told.done>exit"])

    approval = block("ask", "human.approval", role="clerk", due=day)
    approved = drawn(approval, "ask.approved>exit", "ask.refused>told", "ask.timeout>exit")
    wait = block("ask", "wait.event", event_type="order.paid", timeout=day)
    waits = drawn(wait, "ask.happened>told", "ask.timeout>exit")
    flow = house.publish(approved)

    def again(graph_: dict[str, Any]) -> None:
        with house.tx() as tx:
            service.save_draft(tx, flow, parse_graph(graph_), service.get_flow(tx, flow).draft_etag)
        with house.tx() as tx:
            service.publish(tx, house.rooms, flow, frozenset({"*"}))

    older, marked, younger = house.add_customers(1), house.add_customers(1), house.add_customers(1)
    do(house, "older", older)
    again(drawn(wait | {"human": True}, "ask.happened>told", "ask.timeout>exit"))
    do(house, "older", marked)
    again(waits)
    do(house, "older", younger)
    with house.tx() as tx:
        service.send_on(tx, house.rooms.kinds, flow, "ask")
    house.settle()
    inside = {run["customer_id"] for run in house.runs(flow) if run["status"] == RunStatus.ACTIVE}
    assert inside == {*older, *marked}
    assert house.count("human_task", f"customer_id = '{older[0]}' and state = 'open'") == 1


def test_nobody_answers_for_the_person_whom_a_step_asks(house: FlowHouse) -> None:
    approval = block("ask", "human.approval", role="clerk", due={"amount": "9", "unit": "days"})
    ways = ["start.entered>ask", "ask.approved>exit", "ask.refused>exit", "ask.timeout>exit"]
    flow = house.publish(graph([start("asked"), approval, EXIT], ways))
    with house.tx() as tx:
        with pytest.raises(Conflict):
            service.send_on(tx, house.rooms.kinds, flow, "ask", "approved")
        service.send_on(tx, house.rooms.kinds, flow, "ask")


def test_who_was_answered_just_now_goes_by_the_answer(house: FlowHouse) -> None:
    wait = block("wait", "wait.event", event_type="order.paid", timeout={"amount": "9", "unit": "days"})
    told = block("told", "marketing.add_points", points=1, reason="t")
    ways = ["start.entered>wait", "wait.happened>told", "wait.timeout>exit", "told.done>exit"]
    flow = house.publish(graph([start("answered"), wait, told, EXIT], ways))
    people = house.add_customers(1)
    do(house, "answered", people)
    house.owner("update flow_run set signal = 0 where tenant_id = %(tenant)s and flow_id = %(flow)s", {"flow": flow})
    with house.tx() as tx:
        service.send_on(tx, house.rooms.kinds, flow, "wait")
    house.settle()
    assert [run["status"] for run in house.runs(flow)] == [RunStatus.ACTIVE]
