"""Does each kind of block do to a batch of runs what it promises?"""

from __future__ import annotations

from collections import Counter

from harness.flows import FlowHouse, block, graph
from tandem.flow import people
from tandem.flow.kinds.decide import SplitConfig, arm_of
from tandem.flow.runs import RunStatus
from tandem.kernel.ids import new_id

START = block("start", "start.event", event_type="order.paid")
EXIT = block("exit", "flow.exit")
DAY = {"amount": "1", "unit": "days"}


def test_an_event_starts_a_run_only_where_its_condition_holds(house: FlowHouse) -> None:
    rich, poor = house.add_customers(2)
    start = block("start", "start.event", event_type="order.paid", condition="event.total >= 100")
    flow = house.publish(graph([start, EXIT], ["start.entered>exit"]))
    house.events([("order.paid", rich, {"total": 120}), ("order.paid", poor, {"total": 20})])
    house.settle()
    assert [run["customer_id"] for run in house.runs(flow)] == [rich]
    assert house.steps(flow) == [("start", 0), ("exit", 0)]


def test_conditions_are_asked_in_order_and_say_why(house: FlowHouse) -> None:
    shanghai = house.add_customers(3, city="上海")
    beijing = house.add_customers(2, city="北京", level="vip")
    other = house.add_customers(1)
    ways = [
        {"name": "east", "label": "华东", "condition": "customer.city in ['上海', '杭州']"},
        {"name": "vip", "label": "VIP", "condition": "customer.level = 'vip'"},
    ]
    flow = house.publish(
        graph(
            [START, block("way", "decide.condition", ways=ways), EXIT],
            ["start.entered>way", "way.east>exit", "way.vip>exit", "way.else>exit"],
        ),
    )
    house.events([("order.paid", one, {}) for one in house.customers])
    house.settle()
    taken = {one: dict(house.steps(flow, one))["way"] for one in house.customers}
    assert taken == dict.fromkeys(shanghai, 0) | dict.fromkeys(beijing, 1) | dict.fromkeys(other, 2)
    facts = house.owner(
        "select facts from flow_step where customer_id = %(one)s and facts is not null", {"one": beijing[0]}
    )
    assert facts == [({"customer.city": "北京", "customer.level": "vip"},)]


def test_a_split_keeps_its_arm_over_reentry_and_changed_shares(house: FlowHouse) -> None:
    customers = house.add_customers(200)
    arms = [{"name": "a", "label": "A", "share": "30"}, {"name": "b", "label": "B", "share": "70"}]

    def drawn(shares: list[dict[str, str]]) -> dict[str, object]:
        return graph(
            [START, block("split", "decide.split", arms=shares, experiment="coupon"), EXIT],
            ["start.entered>split", "split.a>exit", "split.b>exit"],
            reentry={"rule": "always"},
        )

    flow = house.publish(drawn(arms))
    house.events([("order.paid", one, {}) for one in customers])
    house.settle()
    first = {one: dict(house.steps(flow, one))["split"] for one in customers}
    assert first == {one: arm_of(SplitConfig.model_validate({"arms": arms}), "coupon", one) for one in customers}
    assert 10 < Counter(first.values())[0] < 110
    again = house.publish(
        drawn([{"name": "a", "label": "A", "share": "90"}, {"name": "b", "label": "B", "share": "10"}]), "两次"
    )
    house.events([("order.paid", one, {}) for one in customers])
    house.settle()
    assert {one: dict(house.steps(again, one))["split"] for one in customers} == first


def test_a_wait_ends_when_its_time_comes(house: FlowHouse) -> None:
    (customer,) = house.add_customers(1)
    flow = house.publish(
        graph([START, block("wait", "wait.duration", span=DAY), EXIT], ["start.entered>wait", "wait.done>exit"])
    )
    house.event("order.paid", customer)
    house.settle()
    assert [(run["status"], run["block"]) for run in house.runs(flow)] == [(RunStatus.ACTIVE, "wait")]
    house.forward(hours=23)
    house.settle()
    assert house.runs(flow)[0]["status"] == RunStatus.ACTIVE
    house.forward(hours=2)
    house.settle()
    assert house.runs(flow)[0]["status"] == RunStatus.DONE
    assert house.steps(flow) == [("start", 0), ("wait", 0), ("exit", 0)]
    assert house.count("flow_due") == 0


def waiting(condition: str = "") -> dict[str, object]:
    return graph(
        [START, block("wait", "wait.event", event_type="refund.created", condition=condition, timeout=DAY), EXIT],
        ["start.entered>wait", "wait.happened>exit", "wait.timeout>exit"],
    )


def test_a_wait_for_an_event_ends_by_the_event_or_by_its_timeout(house: FlowHouse) -> None:
    woken, late, unlike = house.add_customers(3)
    flow = house.publish(waiting("event.amount > 10"))
    house.events([("order.paid", one, {}) for one in house.customers])
    house.settle()
    house.forward(hours=1)
    house.events([("refund.created", woken, {"amount": 30}), ("refund.created", unlike, {"amount": 5})])
    house.settle()
    assert dict(house.steps(flow, woken))["wait"] == 0
    assert len(house.steps(flow, unlike)) == 1
    house.forward(days=1)
    house.settle()
    assert {one: dict(house.steps(flow, one))["wait"] for one in (late, unlike)} == {late: 1, unlike: 1}
    assert house.count("flow_due") == 0


def test_two_events_of_one_batch_start_a_run_and_end_its_wait(house: FlowHouse) -> None:
    (customer,) = house.add_customers(1)
    flow = house.publish(waiting())
    house.events([("order.paid", customer, {}), ("refund.created", customer, {"amount": 1})])
    house.settle()
    assert house.steps(flow) == [("start", 0), ("wait", 0), ("exit", 0)]


def test_history_and_late_events_start_and_wake_nothing_and_are_counted(house: FlowHouse) -> None:
    told, old = house.add_customers(2)
    flow = house.publish(waiting())
    house.event("order.paid", told, mode=1)
    house.event("order.paid", old, ago=3 * 86400)
    house.settle()
    assert house.runs(flow) == []
    assert sorted(house.owner("select reason, sum(n)::int from flow_ignored group by 1")) == [
        ("backfill", 1),
        ("late", 1),
    ]


def test_tags_come_and_go_as_events(house: FlowHouse) -> None:
    customers = house.add_customers(3)
    house.owner(
        "insert into tag (tenant_id, name, label, kind, created_at) values (%(tenant)s, 'gold', '金卡', 'manual', now())"
    )
    flow = house.publish(
        graph(
            [
                START,
                block("tag", "customer.add_tag", tag="gold"),
                block("untag", "customer.remove_tag", tag="gold"),
                EXIT,
            ],
            ["start.entered>tag", "tag.done>untag", "untag.done>exit"],
        ),
    )
    keep = house.publish(
        graph([block("start", "start.event", event_type="tag.added"), EXIT], ["start.entered>exit"]), "标签后续"
    )
    house.events([("order.paid", one, {}) for one in customers])
    house.settle()
    assert len(house.runs(flow)) == 3
    assert len(house.runs(keep)) == 3
    assert house.owner("select type, count(*) from event where type like 'tag.%%' group by 1 order by 1") == [
        ("tag.added", 3),
        ("tag.removed", 3),
    ]


def test_a_goal_watched_the_whole_time_ends_runs_and_counts_blocks_and_arm(house: FlowHouse) -> None:
    customers = house.add_customers(20)
    arms = [{"name": "a", "label": "A", "share": "50"}, {"name": "b", "label": "B", "share": "50"}]
    flow = house.publish(
        graph(
            [START, block("split", "decide.split", arms=arms), block("wait", "wait.duration", span=DAY), EXIT],
            ["start.entered>split", "split.a>wait", "split.b>wait", "wait.done>exit"],
            goal={"event_type": "coupon.redeemed", "name": "核销"},
        ),
    )
    house.events([("order.paid", one, {}) for one in customers])
    house.settle()
    house.events([("coupon.redeemed", one, {}) for one in customers[:5]])
    house.settle()
    runs = {run["customer_id"]: run for run in house.runs(flow)}
    assert all(runs[one]["goal_at"] is not None and runs[one]["status"] == RunStatus.DONE for one in customers[:5])
    assert all(runs[one]["goal_at"] is None for one in customers[5:])
    assert house.count("flow_due") == 15
    by_block = dict(house.owner("select block, sum(n)::int from flow_conversion group by 1"))
    assert by_block == {0: 5, 1: 5, 2: 5, 3: 5}
    assert house.owner("select sum(n)::int from flow_conversion where block = 0 and arm > 0") == [(5,)]


def test_a_goal_block_counts_as_conversion(house: FlowHouse) -> None:
    house.add_customers(4)
    flow = house.publish(
        graph(
            [START, block("wait", "wait.duration", span=DAY), block("goal", "flow.goal")],
            ["start.entered>wait", "wait.done>goal"],
        ),
    )
    house.events([("order.paid", one, {}) for one in house.customers])
    house.settle()
    house.forward(days=2)
    house.settle()
    assert all(run["goal_at"] is not None for run in house.runs(flow))
    assert dict(house.owner("select block, sum(n)::int from flow_conversion group by 1")) == {0: 4, 1: 4, 2: 4, 3: 4}


def test_an_exit_condition_takes_runs_out_when_facts_change(house: FlowHouse) -> None:
    stays, leaves = house.add_customers(2, level="plain")
    flow = house.publish(
        graph(
            [START, block("wait", "wait.duration", span=DAY), EXIT],
            ["start.entered>wait", "wait.done>exit"],
            exit_when={"condition": "customer.level = 'blocked'"},
        ),
    )
    house.events([("order.paid", one, {}) for one in (stays, leaves)])
    house.settle()
    house.owner("update customer set level = 'blocked' where id = %(one)s", {"one": leaves})
    house.event("refund.created", leaves)
    house.settle()
    status = {run["customer_id"]: run["status"] for run in house.runs(flow)}
    assert status == {stays: RunStatus.ACTIVE, leaves: RunStatus.LEFT}
    assert house.count("flow_due") == 1


def test_a_task_waits_for_a_person_or_expires(house: FlowHouse) -> None:
    decided, expired = house.add_customers(2)
    task = block("task", "human.task", title="电话回访", due=DAY)
    flow = house.publish(
        graph(
            [START, task, EXIT], ["start.entered>task", "task.approved>exit", "task.refused>exit", "task.timeout>exit"]
        )
    )
    house.events([("order.paid", one, {}) for one in (decided, expired)])
    house.settle()
    assert house.count("human_task", "state = 'open'") == 2
    ((offered,), _) = house.owner("select ports from human_task")
    assert [one["label"] for one in offered] == [{"zh": "同意", "en": "Approve"}, {"zh": "拒绝", "en": "Refuse"}]
    with house.tx() as tx:
        ((mine,),) = house.owner("select id from human_task where customer_id = %(one)s", {"one": decided})
        people.decide(tx, mine, "refused", "不需要")
    house.settle()
    assert dict(house.steps(flow, decided))["task"] == 1
    house.forward(days=2)
    house.settle()
    assert dict(house.steps(flow, expired))["task"] == 2
    assert house.owner("select state, count(*) from human_task group by 1 order by 1") == [("done", 1), ("expired", 1)]


def test_a_segment_lets_in_those_inside_and_those_who_enter(house: FlowHouse) -> None:
    inside = house.add_customers(900)
    segment = new_id()
    house.owner(
        "insert into segment (tenant_id, id, name, kind, version, created_at, updated_at) values (%(tenant)s, %(id)s, '会员', 'static', 1, now(), now())",
        {"id": segment},
    )
    house.owner(
        "insert into segment_member (bucket, tenant_id, segment_id, customer_id, origin_id, since, version)"
        " select tandem_bucket(c), %(tenant)s, %(id)s, c, c, now() - interval '1 day', 1 from unnest(%(ids)s::uuid[]) c",
        {"id": segment, "ids": inside},
    )
    flow = house.publish(
        graph([block("start", "start.segment", segment_id=str(segment)), EXIT], ["start.entered>exit"]), "分群"
    )
    house.settle()
    assert len(house.runs(flow)) == 900
    (later,) = house.add_customers(1)
    house.event("segment.entered", later, {"segment_id": str(segment)})
    house.event("segment.entered", inside[0], {"segment_id": str(new_id())})
    house.settle()
    assert len(house.runs(flow)) == 901
    assert house.count("flow_fanout") == 0


def test_a_schedule_takes_its_audience_in_again_and_again(house: FlowHouse) -> None:
    members = house.add_customers(50)
    segment = new_id()
    house.owner(
        "insert into segment (tenant_id, id, name, kind, version, created_at, updated_at) values (%(tenant)s, %(id)s, '群发', 'static', 1, now(), now())",
        {"id": segment},
    )
    house.owner(
        "insert into segment_member (bucket, tenant_id, segment_id, customer_id, origin_id, since, version)"
        " select tandem_bucket(c), %(tenant)s, %(id)s, c, c, now() - interval '1 day', 1 from unnest(%(ids)s::uuid[]) c",
        {"id": segment, "ids": members},
    )
    flow = house.publish(
        graph(
            [block("start", "start.schedule", segment_id=str(segment), every="day", at="10:00"), EXIT],
            ["start.entered>exit"],
        )
    )
    house.settle()
    assert house.runs(flow) == []
    for day in (1, 2):
        house.forward(days=1)
        house.settle()
        assert len(house.runs(flow)) == 50 * day


def test_a_task_that_nobody_answers_passes_to_the_stand_in_once(house: FlowHouse) -> None:
    """F17: an owner, a deadline and a stand-in."""
    answered, left = house.add_customers(2)
    hour = {"amount": "1", "unit": "hours"}
    task = block("task", "human.task", title="核价", role="clerk", stand_in="manager", due=hour, more=hour)
    ways = ["start.entered>task", "task.approved>exit", "task.refused>exit", "task.timeout>exit"]
    flow = house.publish(graph([START, task, EXIT], ways))
    house.events([("order.paid", one, {}) for one in (answered, left)])
    house.settle()
    house.forward(minutes=61)
    house.settle()
    assert house.owner("select distinct role, state, level from human_task") == [("manager", "open", 1)]
    ((mine,),) = house.owner("select id from human_task where customer_id = %(one)s", {"one": answered})
    with house.tx() as tx:
        people.decide(tx, mine, "approved", "")
    house.settle()
    house.forward(minutes=61)
    house.settle()
    assert (dict(house.steps(flow, answered))["task"], dict(house.steps(flow, left))["task"]) == (0, 2)
    assert house.owner("select state, count(*) from human_task group by 1 order by 1") == [("done", 1), ("expired", 1)]


def test_an_event_takes_the_timer_with_it_in_whatever_lane_it_stands(house: FlowHouse) -> None:
    (anna,) = house.add_customers(1)
    wait = block("wait", "wait.event", event_type="refund.created", timeout=DAY)
    house.publish(graph([START, wait, EXIT], ["start.entered>wait", "wait.happened>exit", "wait.timeout>exit"]))
    house.event("order.paid", anna)
    house.settle()
    house.owner("update flow_due set lane = 3")
    house.event("refund.created", anna)
    house.settle()
    assert house.count("flow_due") == 0
