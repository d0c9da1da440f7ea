"""Messages: written by a flow, released within caps and quiet hours, sent once, shown with their reasons."""

from datetime import datetime, time, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from harness.flows import FlowHouse, block, graph
from tandem.domains.marketing import service as marketing
from tandem.domains.marketing.coupons import NewCouponTemplate
from tandem.domains.messaging import service
from tandem.domains.messaging.nodes import SendConfig, SendMessage
from tandem.domains.messaging.policy import Limits
from tandem.domains.messaging.sender import send_waiting
from tandem.domains.messaging.simulated import Behaviour, set_behaviour
from tandem.flow import reading
from tandem.flow import service as flows
from tandem.flow.checks import check_graph
from tandem.flow.graph import parse_graph
from tandem.flow.node import NodeKind
from tandem.flow.results import BlockCount
from tandem.flow.runs import RunStatus
from tandem.kernel.errors import InvalidInput
from tandem.kernel.roles import UUIDV7_SINCE, statements


def template(house: FlowHouse, body: str = "{{customer.city|亲}}，您好", message_class: str = "marketing") -> UUID:
    with house.tx() as tx:
        return service.create_template(
            tx, house.rooms.catalog, name=f"模板{body[:20]}{message_class}", body=body, message_class=message_class
        )


def limits(house: FlowHouse, **given: Any) -> None:
    with house.tx() as tx:
        service.set_limits(tx, Limits(**given))


def message_flow(house: FlowHouse, template_id: UUID, **config: object) -> UUID:
    return house.publish(
        graph(
            [
                block("s", "start.event", event_type="campaign.reached"),
                block("m", "messaging.send", template=str(template_id), **config),
                block("e", "flow.exit"),
            ],
            ["s.entered>m", "m.sent>e", "m.held>e", "m.skipped>e"],
            reentry={"rule": "always", "concurrent": True},
        ),
        name=f"消息{config}",
    )


def people(house: FlowHouse, send: Any, count: int) -> list[UUID]:
    """Customers who came through the door, with names under keys of their own."""
    send(
        *(
            ("customer", {"identifiers": [{"kind": "member_no", "value": f"M{n}"}], "name": f"王{n}", "city": "上海"})
            for n in range(count)
        )
    )
    house.settle()
    return [row[0] for row in house.owner("select id from customer order by id")]


def enter(house: FlowHouse, customers: list[UUID]) -> None:
    house.events([("campaign.reached", one, {"campaign": "开业"}) for one in customers])
    house.settle()


def states(house: FlowHouse) -> list[tuple[str, str | None, int]]:
    return house.owner("select status, reason, count(*) from outbox_message group by 1, 2 order by 1, 2")


def send_all(house: FlowHouse) -> int:
    sent = 0
    while more := send_waiting(house.db, house.rooms.catalog, house.tenant):
        sent += more
    house.settle()
    return sent


def test_a_message_is_filled_and_arrives_once(house: FlowHouse, send: Any) -> None:
    (anna,) = people(house, send, 1)
    message_flow(
        house, template(house, "{{customer.name}}，{{customer.city}}新店开业，满 {{customer.order_count}} 单有礼")
    )
    enter(house, [anna])
    assert states(house) == [("released", None, 1)]
    assert send_all(house) == 1, states(house)
    assert states(house) == [("sent", None, 1)]
    assert send_all(house) == 0
    with house.tx() as tx:
        (phone,), _ = service.simulated_inbox(tx, customer_id=anna, cursor=None, limit=10)
    assert phone.text == "王0，上海新店开业，满 0 单有礼"
    assert house.count("event", "type = 'message.sent'") == 1
    assert house.owner("select fact, n from customer_fact_day") == [("messages", 1)]


def test_no_personal_value_stands_in_plain(house: FlowHouse, send: Any) -> None:
    (anna,) = people(house, send, 1)
    message_flow(house, template(house, "{{customer.name}}"))
    enter(house, [anna])
    send_all(house)
    for table in ("outbox_message", "simulated_inbox", "event", "inbox", "flow_step_log"):
        assert not house.owner(f"select 1 from {table} t where t::text like '%%王0%%'")


def test_the_coupon_of_the_same_run_is_named(house: FlowHouse, send: Any) -> None:
    (anna,) = people(house, send, 1)
    with house.tx() as tx:
        draft = NewCouponTemplate(name="满减", kind="amount", value=Decimal(10), valid_days=9)
        coupon = marketing.create_template(tx, draft)
    house.publish(
        graph(
            [
                block("s", "start.event", event_type="campaign.reached"),
                block("c", "marketing.issue_coupon", coupon_template=str(coupon)),
                block(
                    "m",
                    "messaging.send",
                    template=str(template(house, "券码 {{coupon.code}}，{{coupon.name}} {{coupon.value}} 元")),
                ),
                block("e", "flow.exit"),
            ],
            ["s.entered>c", "c.issued>m", "m.sent>e"],
        )
    )
    enter(house, [anna])
    send_all(house)
    ((code,),) = house.owner("select code from coupon")
    with house.tx() as tx:
        (phone,), _ = service.simulated_inbox(tx, customer_id=None, cursor=None, limit=10)
    assert phone.text == f"券码 {code}，满减 10 元"


def test_caps_hold_or_skip_and_both_are_counted(house: FlowHouse, send: Any) -> None:
    (anna,) = people(house, send, 1)
    limits(house, per_day=1)
    hold, skip = (message_flow(house, template(house, f"{how}"), when_capped=how) for how in ("hold", "skip"))
    enter(house, [anna])
    assert sorted(port for flow in (hold, skip) for name, port in house.steps(flow) if name == "m") in ([0, 1], [0, 2])
    enter(house, [anna])
    assert states(house) in (
        [("cancelled", "capped", 1), ("held", "capped", 2), ("released", None, 1)],
        [("cancelled", "capped", 2), ("held", "capped", 1), ("released", None, 1)],
    )
    send_all(house)
    house.forward(days=1, seconds=1)
    house.settle()
    send_all(house)
    assert [row for row in states(house) if row[0] == "sent"] == [("sent", None, 2)]


def test_runs_of_one_customer_in_a_batch_share_her_cap(house: FlowHouse, send: Any) -> None:
    anna, bert = people(house, send, 2)
    limits(house, per_day=2)
    span = {"amount": 1, "unit": "hours"}
    house.publish(
        graph(
            [
                block("s", "start.event", event_type="campaign.reached"),
                block("w", "wait.duration", span=span),
                block("m", "messaging.send", template=str(template(house)), when_capped="skip"),
                block("e", "flow.exit"),
            ],
            ["s.entered>w", "w.done>m", "m.sent>e", "m.held>e", "m.skipped>e"],
            reentry={"rule": "always", "concurrent": True},
        )
    )
    for wave in ([anna, bert], [anna], [anna]):
        enter(house, wave)
    house.forward(hours=2)
    house.settle()
    told = house.owner(
        "select customer_id, status, count(*), count(distinct id) from outbox_message group by 1, 2 order by 1, 2"
    )
    assert sorted(told) == sorted([(anna, "cancelled", 1, 1), (anna, "released", 2, 2), (bert, "released", 1, 1)])


@pytest.mark.parametrize("server", [UUIDV7_SINCE - 1, UUIDV7_SINCE])
def test_two_notices_of_one_statement_have_ids_of_their_own(house: FlowHouse, send: Any, server: int) -> None:
    """They share the run's part; their times differ on servers without `uuidv7()`, too, and tell which came first."""
    house.owner(next(one for one in statements(server) if "tandem_new_id()" in one and "replace function" in one))
    crowd = people(house, send, 20)
    notices = [
        block(
            name, "messaging.send", template=str(template(house, name, "transactional")), message_class="transactional"
        )
        for name in ("m1", "m2", "m3")
    ]
    house.publish(
        graph(
            [block("s", "start.event", event_type="campaign.reached"), *notices, block("e", "flow.exit")],
            ["s.entered>m1", "m1.sent>m2", "m2.sent>m3", "m3.sent>e"],
            reentry={"rule": "always", "concurrent": True},
        )
    )
    enter(house, crowd * 2)
    assert house.owner(
        "select count(*), count(distinct id), count(distinct run_id), count(distinct right(id::text, 18)), bool_and(substr(id::text, 15, 1) = '7'),"
        " bool_and(substr(id::text, 20, 1) in ('8', '9', 'a', 'b')) from outbox_message"
    ) == [(120, 120, 40, 40, True, True)]
    assert house.owner("select count(*) from flow_parked") == [(0,)]
    made = house.owner("select tandem_new_id() from generate_series(1, 500)")
    assert [str(left[0])[:18] <= str(right[0])[:18] for left, right in pairwise(made)].count(False) < 5


def test_a_held_message_waits_for_morning(house: FlowHouse, send: Any) -> None:
    (anna,) = people(house, send, 1)
    local = house.now().astimezone(ZoneInfo("Asia/Shanghai"))
    night = (local - timedelta(hours=1)).time().replace(microsecond=0)
    morning = (local + timedelta(hours=2)).time().replace(microsecond=0)
    limits(house, quiet_from=night, quiet_until=morning)
    message_flow(house, template(house))
    message_flow(house, template(house, "验证码", "transactional"), message_class="transactional")
    enter(house, [anna])
    assert states(house) == [("held", "quiet_hours", 1), ("released", None, 1)]
    house.forward(hours=2, seconds=1)
    house.settle()
    assert send_all(house) == 2


def test_whom_not_to_contact_is_skipped(house: FlowHouse, send: Any) -> None:
    (anna,) = people(house, send, 1)
    house.owner("update customer set do_not_contact = true")
    message_flow(house, template(house))
    enter(house, [anna])
    assert states(house) == [("cancelled", "do_not_contact", 1)]


def test_a_refused_message_gives_the_cap_back(house: FlowHouse, send: Any) -> None:
    (anna,) = people(house, send, 1)
    limits(house, per_week=1)
    flow = message_flow(house, template(house))
    with house.tx() as tx:
        set_behaviour(tx, Behaviour("fail"))
    enter(house, [anna])
    send_all(house)
    assert states(house) == [("failed", "refused_by_channel", 1)]
    with house.tx() as tx:
        set_behaviour(tx, Behaviour("deliver"))
    enter(house, [anna])
    assert [port for name, port in house.steps(flow) if name == "m"] == [0, 0]
    send_all(house)
    assert house.count("simulated_inbox") == 1


def test_a_time_out_is_unknown_and_still_counts(house: FlowHouse, send: Any) -> None:
    (anna,) = people(house, send, 1)
    limits(house, per_week=1)
    message_flow(house, template(house), when_capped="skip")
    with house.tx() as tx:
        set_behaviour(tx, Behaviour("answer_lost"))
    enter(house, [anna])
    send_all(house)
    enter(house, [anna])
    assert states(house) == [("cancelled", "capped", 1), ("unknown", "timed_out", 1)]


def counts(house: FlowHouse, flow: UUID, block_id: str = "m") -> BlockCount:
    with house.tx() as tx:
        drawn = flows.get_flow(tx, flow)
        return reading.block_counts(tx, drawn, drawn.draft, house.rooms.kinds)[block_id]


def failed_people(house: FlowHouse, flow: UUID) -> list[tuple[UUID | None, str | None]]:
    with house.tx() as tx:
        rows = reading.people(tx, flow, "m", failed=True, after=None, limit=10)
    return [(row.customer_id, row.reason) for row in rows]


def nameless(house: FlowHouse, send: Any) -> tuple[UUID, UUID]:
    """Somebody with a name and somebody without."""
    records = [{"identifiers": [{"kind": "member_no", "value": f"M{n}"}]} for n in range(2)]
    records[0]["name"] = "王芳"  # type: ignore[assignment]
    send(*(("customer", one) for one in records))
    house.settle()
    (named,), (other,) = house.owner("select id from customer order by name_enc is null")
    return named, other


def test_a_message_that_cannot_be_written_does_not_leave_as_sent(house: FlowHouse, send: Any) -> None:
    named, other = nameless(house, send)
    flow = message_flow(house, template(house, "{{customer.name}}，您好"))
    enter(house, [named, other])
    assert states(house) == [("failed", "missing_value:customer.name", 1), ("released", None, 1)]
    assert sorted(port for name, port in house.steps(flow) if name == "m") == [0, 3]
    assert [run["status"] for run in house.runs(flow)] == [RunStatus.DONE] * 2
    assert house.steps(flow, other)[-1] == ("e", 0), "without an arrow of its own it goes where skipped goes"
    send_all(house)
    assert states(house) == [("failed", "missing_value:customer.name", 1), ("sent", None, 1)]
    count = counts(house, flow)
    assert (count.entered, count.failed, count.ports) == (2, 1, {"sent": 1, "failed": 1})
    ((who, why),) = failed_people(house, flow)
    assert who == other
    assert "customer.name" in (why or "")
    assert house.count("event", "type = 'message.failed'") == 1
    assert house.owner("select count(*) from outbox_message where booked_at is not null") == [(1,)]


def test_a_way_of_its_own_for_what_cannot_be_sent(house: FlowHouse, send: Any) -> None:
    _, other = nameless(house, send)
    flow = house.publish(
        graph(
            [
                block("s", "start.event", event_type="campaign.reached"),
                block("m", "messaging.send", template=str(template(house, "{{customer.name}}，您好"))),
                block("p", "marketing.add_points", points=1),
                block("e", "flow.exit"),
            ],
            ["s.entered>m", "m.sent>e", "m.failed>p", "p.done>e"],
        )
    )
    enter(house, [other])
    assert house.steps(flow) == [("s", 0), ("m", 3), ("p", 0), ("e", 0)]


def test_what_the_channel_refuses_counts_at_its_block_and_not_as_sent(house: FlowHouse, send: Any) -> None:
    anna, bert = people(house, send, 2)
    flow = message_flow(house, template(house))
    enter(house, [anna])
    send_all(house)
    with house.tx() as tx:
        set_behaviour(tx, Behaviour("fail"))
    enter(house, [bert])
    assert counts(house, flow).ports == {"sent": 2}
    send_all(house)
    count = counts(house, flow)
    assert (count.entered, count.failed, count.ports) == (2, 1, {"sent": 1})
    assert failed_people(house, flow) == [(bert, "渠道拒收 | refused by the channel")]


def test_a_coupon_must_have_been_issued_on_every_way_to_its_message(house: FlowHouse) -> None:
    with house.tx() as tx:
        draft = NewCouponTemplate(name="满减", kind="amount", value=Decimal(10), valid_days=9)
        coupon = marketing.create_template(tx, draft)
    text, careful = (template(house, f"您的券 {{{{coupon.code{more}}}}}") for more in ("", "|见卡包"))

    def found(arrows: list[str], body: UUID = text) -> list[tuple[str | None, str, str]]:
        ways = [{"name": "y", "label": "是", "condition": "customer.city = '上海'"}]
        drawn = graph(
            [
                block("s", "start.event", event_type="campaign.reached"),
                block("w", "decide.condition", ways=ways),
                block("c", "marketing.issue_coupon", coupon_template=str(coupon)),
                block("d", "wait.duration", span={"amount": "1", "unit": "days"}),
                block("m", "messaging.send", template=str(body)),
                block("e", "flow.exit"),
            ],
            arrows,
        )
        with house.tx() as tx:
            placed = check_graph(parse_graph(drawn), house.rooms.kinds, house.rooms.catalog, tx, frozenset({"*"}))
        return [
            (one.block, one.finding.code, one.finding.message.zh) for one in placed if one.finding.severity == "error"
        ]

    tail = ["d.done>m", "m.sent>e"]
    assert found(["s.entered>w", "w.y>c", "w.else>c", "c.issued>d", *tail]) == []
    ((where, code, why),) = found(["s.entered>w", "w.y>c", "w.else>d", "c.issued>d", *tail])
    assert (where, code) == ("m", "placeholder_not_given")
    assert "coupon.code" in why
    assert "等待一段时间" in why
    ((where, code, why),) = found(["s.entered>w", "w.y>c", "w.else>c", "c.issued>d", "c.sold_out>d", *tail])
    assert (where, code) == ("m", "placeholder_not_given")
    assert "发放优惠券（已发完）" in why
    assert found(["s.entered>w", "w.y>c", "w.else>d", "c.issued>d", *tail], careful) == []
    # Round a loop: whoever comes back has been given one, whoever comes the first time has not.
    looped = ["s.entered>m", "m.sent>w", "w.y>c", "w.else>e", "c.issued>d", "d.done>m"]
    assert [one[:2] for one in found(looped)] == [("m", "placeholder_not_given")]


def test_goal_reached_meanwhile_takes_the_message_back(house: FlowHouse, send: Any) -> None:
    (anna,) = people(house, send, 1)
    limits(house, per_day=1)
    flow = message_flow(house, template(house))
    enter(house, [anna])
    enter(house, [anna])
    assert states(house) == [("held", "capped", 1), ("released", None, 1)]
    house.owner("update flow_run set goal_at = now() where flow_id = %(flow)s", {"flow": flow})
    house.forward(days=1, seconds=1)
    house.settle()
    assert states(house) == [("cancelled", "goal_reached", 2)]


def test_one_recipient_gets_messages_in_order(house: FlowHouse, send: Any) -> None:
    anna, bert = people(house, send, 2)
    message_flow(house, template(house))
    message_flow(house, template(house, "码", "transactional"), message_class="transactional")
    enter(house, [anna, bert])
    assert send_waiting(house.db, house.rooms.catalog, house.tenant) == 2
    assert house.owner("select distinct message_class from outbox_message where status = 'sent'") == [
        ("transactional",)
    ]
    assert send_waiting(house.db, house.rooms.catalog, house.tenant) == 2


def test_unknown_placeholders_are_refused(house: FlowHouse) -> None:
    with pytest.raises(InvalidInput) as refused:
        template(house, "您好 {{customer.phone}} {{custmer.city}}")
    assert [one.where for one in refused.value.details] == ["body[3]", "body[22]"]


class ByRun(SendMessage):
    """The same block through `run`."""

    def fragment(self, config: SendConfig, ctx: object) -> None:  # type: ignore[override]
        del config, ctx


@pytest.mark.parametrize(
    "config", [{"when_capped": "hold"}, {"when_capped": "skip"}, {"message_class": "transactional"}]
)
def test_run_and_fragment_agree(
    house: FlowHouse, send: Any, config: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    crowd = people(house, send, 6)
    kinds: dict[Any, NodeKind[Any]] = house.rooms.kinds._kinds
    limits(house, per_day=2, per_month=3, quiet_from=time(3), quiet_until=time(4))
    house.owner("update customer set do_not_contact = true where id = %(id)s", {"id": crowd[0]})
    kind = "transactional" if "message_class" in config else "marketing"
    template_id = template(house, "{{customer.name}}，{{customer.district|}}您好", kind)
    house.owner("update customer set name_enc = null where id = %(id)s", {"id": crowd[2]})
    waves = [crowd, crowd[:3] * 2, crowd[1:5] * 3]

    def tell() -> list[tuple[Any, ...]]:
        flow = message_flow(house, template_id, **config)
        for wave in waves:
            enter(house, wave)
        told = house.owner(
            "select o.customer_id, o.status, o.reason, o.booked_at is not null, o.released_at is not null, o.valid_until - o.planned_at, count(*)"
            " from outbox_message o where o.flow_id = %(flow)s group by 1, 2, 3, 4, 5, 6 order by 1, 2, 3, 4",
            {"flow": flow},
        )
        ports = sorted(port for name, port in house.steps(flow) if name == "m")
        house.owner("update flow set status = 'stopped' where id = %(flow)s", {"flow": flow})
        house.owner("update flow_epoch set epoch = epoch + 1")
        house.owner("delete from outbox_message")
        return [*told, tuple(ports)]

    fused = tell()
    monkeypatch.setitem(kinds, ("messaging.send", 1), ByRun(lambda: house.rooms.catalog))
    by_run = tell()
    assert fused == by_run
    assert len(fused) > 6


def test_held_messages_name_their_moment(house: FlowHouse, send: Any) -> None:
    (anna,) = people(house, send, 1)
    limits(house, per_day=1)
    flow = message_flow(house, template(house))
    enter(house, [anna])
    before = house.now()
    enter(house, [anna])
    ((release_at,),) = house.owner("select release_at from outbox_message where status = 'held'")
    assert isinstance(release_at, datetime)
    assert before - timedelta(minutes=5) < release_at - timedelta(days=1) <= before
    ((facts,),) = house.owner(
        "select s.facts from flow_step s join flow_run r on r.id = s.run_id where r.flow_id = %(flow)s and s.facts->>'ruling' = 'hold'",
        {"flow": flow},
    )
    assert facts["reason"] == "capped"
