"""What the blocks of the wider palette decide: each asked where its answer could be wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from harness.database import Database
from harness.flows import FlowHouse, block, graph, open_flow_house
from tandem.flow import answers, asking, bandit, http_calls, people
from tandem.flow.runs import RunStatus
from tandem.kernel.errors import InvalidInput
from tandem.kernel.ids import new_id
from tandem.stream.webhooks.post import Answer

START = block("start", "start.event", event_type="order.paid")
EXIT = block("exit", "flow.exit")
REACHED = block("start", "start.event", event_type="campaign.reached")
HOUR = {"amount": "1", "unit": "hours"}
DAY = {"amount": "1", "unit": "days"}


@pytest.fixture
def whole(database: Database) -> Iterator[FlowHouse]:
    with open_flow_house(database, whole=True) as opened:
        yield opened


def one(house: FlowHouse, tested: dict[str, Any], start: dict[str, Any] = START, **settings: Any) -> UUID:
    """A flow of one block, all of whose ports lead out."""
    kind = house.rooms.kinds.get(tested["kind"], 1)
    assert kind is not None
    ports = [port.name for port in kind.ports(kind.config.model_validate(tested["config"]))]
    return house.publish(
        graph([start, tested, EXIT], ["start.entered>t", *(f"t.{port}>exit" for port in ports)], **settings),
        f"{tested['kind']} {start['kind']}",
    )


def port(house: FlowHouse, flow: UUID, customer: UUID) -> int | None:
    return dict(house.steps(flow, customer)).get("t")


def test_until_true_is_asked_again_by_events_and_by_time(house: FlowHouse) -> None:
    already, moved, aged, never = house.add_customers(4, city="北京")
    house.owner("update customer set city = '上海' where id = %(c)s", {"c": already})
    condition = "customer.city = '上海' or customer.birthday = today()"
    flow = one(house, block("t", "wait.until", condition=condition, timeout={"amount": "3", "unit": "days"}))
    house.owner(
        "update customer set birthday = (now() at time zone 'Asia/Shanghai')::date + 2 where id = %(c)s", {"c": aged}
    )
    house.events([("order.paid", who, {}) for who in (already, moved, aged, never)])
    house.settle()
    assert [port(house, flow, who) for who in (already, moved, aged, never)] == [0, None, None, None]
    house.event("customer.updated", moved, {"changes": {}})
    house.settle()
    assert port(house, flow, moved) is None, "it was asked, and does not hold yet"
    house.owner("update customer set city = '上海' where id = %(c)s", {"c": moved})
    house.event("customer.updated", moved, {"changes": {}})
    house.settle()
    assert port(house, flow, moved) == 0
    house.forward(days=2)
    house.settle()
    assert [port(house, flow, who) for who in (aged, never)] == [0, None], "nothing happened to her but time"
    house.forward(days=2)
    house.settle()
    assert port(house, flow, never) == 1
    assert house.count("flow_due") == 0


def test_the_first_of_several_events_chooses_and_others_come_too_late(house: FlowHouse) -> None:
    a, b, c = house.add_customers(3)
    ways = [
        {"name": "big", "label": "大额退款", "event_type": "refund.created", "condition": "event.amount > 10"},
        {"name": "any", "label": "退款", "event_type": "refund.created"},
        {"name": "visit", "label": "到店", "event_type": "visit.recorded"},
    ]
    flow = one(house, block("t", "wait.first_of", ways=ways, timeout=HOUR))
    house.events([("order.paid", who, {}) for who in (a, b, c)])
    house.settle()
    house.events(
        [("refund.created", a, {"amount": 50}), ("visit.recorded", b, {}), ("refund.created", b, {"amount": 50})]
    )
    house.settle()
    house.forward(hours=2)
    house.settle()
    assert [port(house, flow, who) for who in (a, b, c)] == [0, 2, 3]


def test_a_bandit_moves_shares_to_what_works_and_steps_name_the_version(house: FlowHouse) -> None:
    crowd = house.add_customers(120)
    arms = [{"name": "a", "label": "A"}, {"name": "b", "label": "B"}]
    drawn = graph(
        [START, block("t", "decide.bandit", arms=arms), block("w", "wait.duration", span=DAY), EXIT],
        ["start.entered>t", "t.a>w", "t.b>w", "w.done>exit"],
        goal={"event_type": "coupon.redeemed"},
    )
    flow = house.publish(drawn)
    house.events([("order.paid", who, {}) for who in crowd])
    house.settle()
    first = {who: port(house, flow, who) for who in crowd}
    assert 20 < Counter(first.values())[0] < 100
    house.events([("coupon.redeemed", who, {}) for who in crowd if first[who] == 1])
    house.settle()
    with house.db.tx("worker", tenant=house.tenant) as tx:
        assert bandit.allocate(tx, house.rooms.kinds) == 1
        assert bandit.allocate(tx, house.rooms.kinds) == 0, "nothing new to learn"
    ((shares,),) = house.owner("select shares from flow_allocation")
    assert shares["b"] > 9000
    assert shares["a"] + shares["b"] == 10_000
    late = house.add_customers(100)
    house.events([("order.paid", who, {}) for who in late])
    house.settle()
    assert Counter(port(house, flow, who) for who in late)[1] > 70
    assert house.owner(
        "select distinct facts ->> 'allocation' from flow_step where facts ? 'allocation' order by 1"
    ) == [("0",), ("1",)]


def test_shares_follow_the_counts_and_never_starve_an_arm() -> None:
    found = bandit.shares({"a": (1000, 10), "b": (1000, 100), "c": (0, 0)}, 500, "x")
    assert sum(found.values()) == bandit.WHOLE
    assert min(found.values()) >= 500
    assert found["b"] > found["a"]
    assert found == bandit.shares({"a": (1000, 10), "b": (1000, 100), "c": (0, 0)}, 500, "x")
    even = bandit.shares({"a": (0, 0), "b": (0, 0)}, 0, "y")
    assert 4000 < even["a"] < 6000


ASKED = block(
    "t",
    "integrate.http",
    url="https://erp.example.com/v1/check",
    body=[{"name": "city", "value": "customer.city"}, {"name": "total", "value": "event.total"}],
    answers=[{"name": "limit", "type": "number", "path": "data.0.limit"}],
    attempts=2,
    timeout=HOUR,
)


def asked(house: FlowHouse, answer: Answer) -> list[http_calls.Call]:
    """One round of the sender with this answer to everything; what was asked."""
    seen: list[http_calls.Call] = []

    def reply(call: http_calls.Call) -> Answer:
        seen.append(call)
        return answer

    http_calls.ask_due(house.db, house.tenant, asker=reply)
    house.settle()
    return seen


@pytest.fixture
def long_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two seconds before the next try, five for an address that fails: a busy machine needs as long to look."""
    real = http_calls.judge

    def patient(call: http_calls.Call, answer: Answer) -> http_calls.Told:
        told = real(call, answer)
        return replace(told, pause=600 * told.pause)

    monkeypatch.setattr(http_calls, "judge", patient)
    monkeypatch.setattr(http_calls, "REST_FIRST", http_calls.REST_MAX)


def again(house: FlowHouse) -> None:
    house.owner("update http_call set next_at = now() - interval '1 second' where state in ('pending', 'sending')")


@pytest.mark.usefixtures("long_pauses")
def test_an_answer_comes_back_as_values_and_failures_are_tried_again(house: FlowHouse) -> None:
    good, refused, broken, late = house.add_customers(4, city="上海")
    ways = [{"name": "rich", "label": "高", "condition": "run.limit >= 100"}]
    flow = house.publish(
        graph(
            [START, ASKED, block("way", "decide.condition", ways=ways), EXIT],
            [
                "start.entered>t",
                "t.ok>way",
                "t.refused>exit",
                "t.failed>exit",
                "t.timeout>exit",
                "way.rich>exit",
                "way.else>exit",
            ],
        )
    )
    house.event("order.paid", good, {"total": 12.5})
    house.settle()
    (call,) = asked(house, Answer(200, 1, None, '{"data": [{"limit": 250}]}'))
    assert (call.method, call.body) == ("POST", '{"city": "上海", "total": 12.5}')
    assert dict(house.steps(flow, good)) == {"start": 0, "t": 0, "way": 0, "exit": 0}
    house.event("order.paid", refused, {})
    house.settle()
    asked(house, Answer(422, 1, "answered 422"))
    assert port(house, flow, refused) == 1
    house.event("order.paid", broken, {})
    house.settle()
    assert len(asked(house, Answer(503, 1, "answered 503"))) == 1
    assert port(house, flow, broken) is None
    assert asked(house, Answer(200, 1)) == [], "it waits before it tries again"
    again(house)
    (second,) = asked(house, Answer(None, 1, "timed out"))
    assert second.attempts == 2
    assert port(house, flow, broken) == 2
    house.event("order.paid", late, {})
    house.settle()
    house.forward(hours=2)
    house.settle()
    assert port(house, flow, late) == 3
    assert asked(house, Answer(200, 1)) == [], "nobody waits for it any more"
    assert house.owner("select state from http_call order by id") == [
        ("answered",),
        ("failed",),
        ("failed",),
        ("late",),
    ]
    assert house.owner("select count(*) from http_call where body is not null") == [(0,)], "what was asked is not kept"


def test_a_foreign_answer_harms_nobody_but_itself(house: FlowHouse) -> None:
    replies = {
        "NUL": '{"data": [{"limit": "a\\u0000b"}]}',
        "deep": "[" * 20_000,
        "other type": '{"data": [{"limit": "250"}]}',
        "good": '{"data": [{"limit": 7}]}',
    }
    crowd = dict(zip(house.add_customers(4), replies, strict=True))
    kept = [{"name": "word", "type": "text", "path": "data.0.limit"}]
    declared = {**ASKED, "config": {**ASKED["config"], "answers": kept}}
    text, number = one(house, declared), one(house, ASKED)
    house.events([("order.paid", who, {}) for who in crowd])
    house.settle()

    def reply(call: http_calls.Call) -> Answer:
        return Answer(200, 1, None, replies[crowd[call.customer_id]])

    assert http_calls.ask_due(house.db, house.tenant, asker=reply) == 8
    house.settle()
    assert {named: port(house, text, who) for who, named in crowd.items()} == dict.fromkeys(replies, 0)
    assert {named: port(house, number, who) for who, named in crowd.items()} == {
        "NUL": 2,
        "deep": 0,
        "other type": 2,
        "good": 0,
    }
    assert answers.mapped({"w": ["data.0.limit", "text"]}, replies["NUL"]) == {"w": "ab"}


def test_what_cannot_be_recorded_fails_alone_and_nothing_is_asked_without_end(
    house: FlowHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, good = house.add_customers(2)
    flow = one(house, ASKED)
    house.events([("order.paid", who, {}) for who in (bad, good)])
    house.settle()
    real = http_calls.judge

    def unfit(call: http_calls.Call, answer: Answer) -> http_calls.Told:
        told = real(call, answer)
        return replace(told, data={"limit": "\x00"}) if call.customer_id == bad else told

    monkeypatch.setattr(http_calls, "judge", unfit)
    asked(house, Answer(200, 1, None, "{}"))
    assert (port(house, flow, bad), port(house, flow, good)) == (2, 0)
    (third,) = house.add_customers(1)
    house.event("order.paid", third, {})
    house.settle()
    house.owner("update http_call set state = 'sending', attempts = attempts_max where state = 'pending'")
    again(house)
    assert asked(house, Answer(200, 1, None, "{}")) == [], "asked often enough, by senders that died"
    assert house.owner("select state, count(*) from http_call group by 1 order by 1") == [
        ("answered", 1),
        ("failed", 2),
    ]


@pytest.mark.usefixtures("long_pauses")
def test_an_address_that_keeps_failing_is_left_alone(house: FlowHouse) -> None:
    crowd = house.add_customers(http_calls.TROUBLES)
    one(house, ASKED)
    house.events([("order.paid", who, {}) for who in crowd])
    house.settle()
    assert len(asked(house, Answer(None, 1, "refused"))) == http_calls.TROUBLES
    again(house)
    assert asked(house, Answer(200, 1, None, "{}")) == [], "the circuit is open"
    house.owner("update http_circuit set until = now() - interval '1 second'")
    assert len(asked(house, Answer(200, 1, None, "{}"))) == http_calls.TROUBLES
    assert house.count("http_circuit") == 0


def test_starts_by_field_tag_day_and_hand(house: FlowHouse) -> None:
    a, b = house.add_customers(2)
    field = one(house, block("t", "flow.catch"), block("start", "start.field", field="stage", to="active"))
    house.owner("insert into tag (tenant_id, name, label, created_at) values (%(tenant)s, 'vip', 'vip', now())")
    tag = one(house, block("t", "flow.catch"), block("start", "start.tag", tag="vip"))
    hand = one(house, block("t", "flow.catch"), block("start", "start.hand", inputs=[{"name": "why", "type": "text"}]))
    day = one(house, block("t", "flow.catch"), block("start", "start.date", which="birthday", offset=-7, at="10:00"))
    house.events(
        [
            ("customer.updated", a, {"changes": {"stage": {"old": "new", "new": "active"}}}),
            ("customer.updated", b, {"changes": {"stage": {"old": "active", "new": "new"}}}),
            ("tag.added", b, {"tag": "vip"}),
            ("tag.added", a, {"tag": "other"}),
        ]
    )
    house.owner(
        "update customer set birthday = (%(now)s at time zone 'Asia/Shanghai' + interval '8 days')::date - interval '30 years' where id = %(c)s",
        {"c": a, "now": house.now()},
    )
    house.owner(
        "update customer set birthday = (%(now)s at time zone 'Asia/Shanghai' + interval '2 days')::date - interval '30 years' where id = %(c)s",
        {"c": b, "now": house.now()},
    )
    with house.tx() as tx:
        assert asking.ask_in(tx, hand, [a, a, new_id()], data={"why": "电话"}) == 1
    house.settle()
    assert [run["customer_id"] for run in house.runs(field)] == [a]
    assert [run["customer_id"] for run in house.runs(tag)] == [b]
    assert [(run["customer_id"], run["vars"]["memory"]) for run in house.runs(hand)] == [(a, {"why": "电话"})]
    # Nobody worked for three days: each day's people enter all the same.
    house.forward(days=3)
    house.settle()
    assert [run["customer_id"] for run in house.runs(day)] == [a]


def test_people_fill_in_forms_pass_levels_and_stand_in(house: FlowHouse) -> None:
    (anna,) = house.add_customers(1)
    fields = [{"name": "size", "label": "面积", "type": "number"}]
    form = one(house, block("t", "human.form", fields=fields, due=DAY))
    levels = one(house, block("t", "human.levels", levels=[{"title": "一"}, {"title": "二"}], due=DAY))
    approval = one(house, block("t", "human.approval", role="clerk", stand_in="manager", due=HOUR, more=HOUR))
    house.event("order.paid", anna)
    house.settle()

    def open_tasks() -> dict[str, UUID]:
        with house.tx() as tx:
            return {task.title: task.id for task in people.tasks(tx, is_open=True, after=None, limit=20)}

    with house.tx() as tx, pytest.raises(InvalidInput):
        people.decide(tx, open_tasks()["填写表单 | Fill in a form"], "done", "", {"size": "large"})
    with house.tx() as tx:
        people.decide(tx, open_tasks()["填写表单 | Fill in a form"], "done", "", {"size": 88})
    assert set(open_tasks()) == {"一", "审批 | Approval"}
    with house.tx() as tx:
        people.decide(tx, open_tasks()["一"], "done", "")
    house.settle()
    assert port(house, form, anna) == 0
    assert house.runs(form)[0]["vars"]["memory"] == {"size": 88}
    assert port(house, levels, anna) is None
    with house.tx() as tx:
        people.decide(tx, open_tasks()["二"], "done", "")
    house.settle()
    assert port(house, levels, anna) == 0
    house.forward(hours=1, minutes=1)
    house.settle()
    assert house.owner("select role, state from human_task where block = 't' and role <> ''") == [("manager", "open")]
    with house.tx() as tx:
        people.decide(tx, open_tasks()["审批 | Approval"], "refused", "")
    house.settle()
    assert port(house, approval, anna) == 1
    assert {run["status"] for run in house.runs(approval)} == {RunStatus.DONE}


def test_figures_add_up_within_a_batch_and_a_word_is_no_figure(whole: FlowHouse) -> None:
    house = whole
    twice, wordy = house.add_customers(2)
    house.owner('update customer set attrs = \'{"visits": "many"}\' where id = %(c)s', {"c": wordy})
    flow = one(
        house,
        block("t", "customer.increase", attribute="visits", by="2"),
        start=REACHED,
        reentry={"rule": "always", "concurrent": True},
    )
    score = one(
        house, block("t", "customer.score", by="70"), start=REACHED, reentry={"rule": "always", "concurrent": True}
    )
    house.events([("campaign.reached", twice, {}), ("campaign.reached", twice, {}), ("campaign.reached", wordy, {})])
    house.settle()
    assert house.owner("select attrs from customer where id = %(c)s", {"c": twice}) == [({"visits": 4, "score": 100},)]
    assert [run["status"] for run in house.runs(flow) if run["customer_id"] == wordy] == [RunStatus.FAILED]
    assert {run["status"] for run in house.runs(score)} == {RunStatus.DONE}
    assert house.count("event", "type = 'customer.updated'") >= 2


def test_points_are_taken_by_expiry_or_not_at_all(whole: FlowHouse) -> None:
    house = whole
    rich, poor = house.add_customers(2)
    for who, parts in ((rich, [30, 50, 40]), (poor, [20])):
        for number, part in enumerate(parts):
            house.owner(
                "insert into points_lot (bucket, id, tenant_id, customer_id, origin_id, earned, remaining, earned_at, expires_at)"
                " values (tandem_bucket(%(c)s), tandem_new_id(), %(tenant)s, %(c)s, %(c)s, %(p)s, %(p)s, now(), now() + make_interval(days => %(d)s))",
                {"c": who, "p": part, "d": 30 - number * 10},
            )
    flow = one(
        house,
        block("t", "marketing.deduct_points", points=60),
        start=REACHED,
        reentry={"rule": "always", "concurrent": True},
    )
    house.events(
        [
            ("campaign.reached", rich, {}),
            ("campaign.reached", rich, {}),
            ("campaign.reached", rich, {}),
            ("campaign.reached", poor, {}),
        ]
    )
    house.settle()
    assert sorted(step for name, step in house.steps(flow, rich) if name == "t") == [0, 0, 1]
    assert port(house, flow, poor) == 1
    assert house.owner("select customer_id, sum(remaining)::int from points_lot group by 1 order by 2") == [
        (rich, 0),
        (poor, 20),
    ]
    assert house.owner("select sum(amount)::int from points_entry where to_account = 'spent'") == [(120,)]
    assert house.count("event", "type = 'points.spent'") == 2


def test_friends_and_codes_start_flows(whole: FlowHouse) -> None:
    house = whole
    a, b, c, d = house.add_customers(4)
    friend = one(house, block("t", "flow.catch"), block("start", "start.friend", code="store-1"))
    scan = one(house, block("t", "flow.catch"), block("start", "start.scan"))
    house.events(
        [
            ("friend.added", a, {"member": "anna"}),
            ("friend.added", b, {"member": "anna", "state": "store-1"}),
            ("friend.added", c, {"member": "anna", "state": "store-2"}),
            ("behaviour.recorded", d, {"name": "code.scanned"}),
            ("behaviour.recorded", a, {"name": "product_viewed"}),
            ("friend.lost", a, {"member": "anna", "state": "store-1"}),
        ]
    )
    house.settle()
    assert {run["customer_id"] for run in house.runs(friend)} == {b}
    assert {run["customer_id"] for run in house.runs(scan)} == {b, c, d}
