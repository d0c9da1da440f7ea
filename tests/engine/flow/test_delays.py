"""Is every effect counted once, by how long ago the event behind it was received, and nothing that waited on purpose?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

import pytest

from harness.database import Database
from harness.flows import FlowHouse, block, graph, open_flow_house
from tandem.domains.messaging import sender
from tandem.domains.messaging.channel import Delivery, Outgoing
from tandem.flow import delays
from tandem.flow.alerts import watch
from tandem.flow.alerts.remedies import remedies
from tandem.flow.delays import Ages, Delays
from tandem.flow.runs import Lane
from tandem.kernel.ids import new_id

EXIT = block("exit", "flow.exit")
PEOPLE = 20


@pytest.fixture(scope="module")
def house(module_database: Database) -> Iterator[FlowHouse]:
    with open_flow_house(module_database) as opened:
        opened.owner(
            "insert into tag (tenant_id, name, label, kind, created_at) values (%(tenant)s, 'gold', '金卡', 'manual', now())"
        )
        yield opened


class Takes:
    """A channel that takes everything."""

    name = "simulated"
    idempotent = True

    def deliver(self, db: Any, tenant: UUID, batch: Sequence[Outgoing], until: float) -> list[Delivery]:
        del db, tenant, until
        return [Delivery(one.key, "sent") for one in batch]


@pytest.fixture
def counted(house: FlowHouse, monkeypatch: pytest.MonkeyPatch) -> Delays:
    own = Delays()
    monkeypatch.setattr(house.engine, "delays", own)
    monkeypatch.setattr(sender, "DELAYS", own)
    monkeypatch.setattr(sender, "CHANNELS", {"simulated": Takes()})
    return own


def coupon(house: FlowHouse, name: str) -> UUID:
    made = new_id()
    house.owner(
        "insert into coupon_template (id, tenant_id, name, kind, value, currency, valid_days, created_at, updated_at)"
        " values (%(coupon)s, %(tenant)s, %(name)s, 'amount', 5, 'CNY', 30, now(), now())",
        {"coupon": made, "name": name},
    )
    return made


def gifts(house: FlowHouse) -> dict[str, UUID]:
    made = {"message": new_id(), "coupon": new_id()}
    house.owner(
        "insert into message_template (id, tenant_id, name, channel, message_class, body, placeholders, created_at, updated_at)"
        " values (%(message)s, %(tenant)s, '问候', 'simulated', 'transactional', '您好', '{}', now(), now())",
        made,
    )
    house.owner(
        "insert into coupon_template (id, tenant_id, name, kind, value, currency, valid_days, created_at, updated_at)"
        " values (%(coupon)s, %(tenant)s, '十元券', 'amount', 10, 'CNY', 30, now(), now())",
        made,
    )
    return made


def heard(house: FlowHouse, kind: str, people: list[UUID], seconds: int) -> None:
    """Events that were received so many seconds ago and are applied only now."""
    house.events([(kind, one, {}) for one in people])
    house.owner(
        "update inbox set received_at = received_at - make_interval(secs => %(s)s) where tenant_id = %(tenant)s",
        {"s": seconds},
    )
    house.settle()


def told(house: FlowHouse, own: Delays, flow: UUID) -> dict[str | None, Ages]:
    own._told_at = -1e9  # pyright: ignore[reportPrivateUsage]
    own.tell(house.worker)
    with house.tx() as tx:
        return delays.together(delays.read(tx, 10, flow))


def test_effects_are_counted_by_the_age_of_their_event(house: FlowHouse, counted: Delays) -> None:
    made = gifts(house)
    way = [{"name": "few", "label": "少数", "condition": "customer.city = '上海'"}]
    flow = house.publish(
        graph(
            [
                block("start", "start.event", event_type="order.paid"),
                block("way", "decide.condition", ways=way),
                block("tag", "customer.add_tag", tag="gold"),
                block("gift", "marketing.issue_coupon", coupon_template=str(made["coupon"])),
                block("hello", "messaging.send", template=str(made["message"])),
                block("wait", "wait.duration", span={"amount": "1", "unit": "hours"}),
                block("untag", "customer.remove_tag", tag="gold"),
                EXIT,
            ],
            [
                "start.entered>way",
                "way.few>tag",
                "way.else>exit",
                "tag.done>gift",
                *(f"gift.{port}>hello" for port in ("issued", "sold_out", "limit_reached")),
                *(f"hello.{port}>wait" for port in ("sent", "held", "skipped")),
                "wait.done>untag",
                "untag.done>exit",
            ],
        )
    )
    here, elsewhere = house.add_customers(2, city="上海"), house.add_customers(3, city="北京")
    heard(house, "order.paid", [*here, *elsewhere], 7)
    assert sender.send_waiting(house.db, house.rooms.catalog, house.tenant) == 2
    found = told(house, counted, flow)
    assert {what: one.n for what, one in found.items()} == {"tag": 2, "coupon": 2, "message": 2, None: 6}
    assert all(one.over() == one.n and one.slowest >= 7000 for one in found.values())
    # What a timer set moving follows from no event, and telling again counts nothing twice.
    house.forward(hours=2)
    house.settle()
    assert house.owner("select count(*) from customer_tag where tenant_id = %(tenant)s") == [(0,)]
    assert {what: one.n for what, one in told(house, counted, flow).items()} == {
        "tag": 2,
        "coupon": 2,
        "message": 2,
        None: 6,
    }


def test_blocks_without_a_fragment_and_runs_of_a_run_are_counted_too(house: FlowHouse, counted: Delays) -> None:
    inner = house.publish(
        graph(
            [block("called", "start.flow"), block("tag", "customer.add_tag", tag="gold"), EXIT],
            ["called.entered>tag", "tag.done>exit"],
        ),
        "被调用",
    )
    two = [{"name": "a", "label": "甲"}, {"name": "b", "label": "乙"}]
    outer = house.publish(
        graph(
            [
                block("start", "start.event", event_type="order.placed"),
                block("stage", "customer.set_stage", stage="vip"),
                block("fork", "flow.parallel", branches=two),
                block("left", "customer.add_tag", tag="gold"),
                block("call", "flow.call", flow_id=str(inner)),
                block("join", "flow.join"),
                EXIT,
            ],
            [
                "start.entered>stage",
                "stage.done>fork",
                "fork.a>left",
                "left.done>join",
                "fork.b>call",
                *(f"call.{port}>join" for port in ("done", "unavailable", "timeout")),
                "fork.done>exit",
                "fork.timeout>exit",
            ],
        ),
        "调用",
    )
    heard(house, "order.placed", house.add_customers(3), 7)
    found = told(house, counted, outer)
    assert {what: one.n for what, one in found.items()} == {"field": 3, "tag": 3, None: 6}
    assert found[None].over() == 6
    assert {what: one.n for what, one in told(house, counted, inner).items()} == {"tag": 3, None: 3}


def test_what_flows_set_off_in_each_other_is_as_old_as_the_first_event(house: FlowHouse, counted: Delays) -> None:
    gift = coupon(house, "二元券")
    first = [
        block("start", "start.event", event_type="campaign.reached"),
        block("tag", "customer.add_tag", tag="gold"),
        block("gift", "marketing.issue_coupon", coupon_template=str(gift)),
        block("stage", "customer.set_stage", stage="vip"),
        block("wait", "wait.duration", span={"amount": "1", "unit": "hours"}),
        block("untag", "customer.remove_tag", tag="gold"),
        EXIT,
    ]
    arrows = [
        "start.entered>tag",
        "tag.done>gift",
        *(f"gift.{one}>stage" for one in ("issued", "sold_out", "limit_reached")),
    ]
    house.publish(graph(first, [*arrows, "stage.done>wait", "wait.done>untag", "untag.done>exit"]), "先")
    then: dict[str, UUID] = {}
    for kind in ("tag.added", "coupon.issued", "customer.updated", "tag.removed"):
        blocks = [
            block("start", "start.event", event_type=kind),
            block("points", "marketing.add_points", points=1),
            EXIT,
        ]
        settings = {"reentry": {"rule": "always"}}
        then[kind] = house.publish(graph(blocks, ["start.entered>points", "points.done>exit"], **settings), kind)
    heard(house, "campaign.reached", house.add_customers(2), 7)
    for kind in ("tag.added", "coupon.issued", "customer.updated"):
        found = told(house, counted, then[kind])["points"]
        assert (kind, found.n, found.over()) == (kind, 2, 2)
    # What a timer brought about is as old as its own event.
    house.forward(hours=2)
    house.settle()
    late = told(house, counted, then["tag.removed"])["points"]
    assert (late.n, late.over()) == (2, 0)


def test_an_event_of_a_month_ago_is_the_longest_age_there_is(house: FlowHouse, counted: Delays) -> None:
    blocks = [
        block("start", "start.event", event_type="coupon.redeemed"),
        block("tag", "customer.add_tag", tag="gold"),
        EXIT,
    ]
    flow = house.publish(graph(blocks, ["start.entered>tag", "tag.done>exit"]), "很久以后")
    heard(house, "coupon.redeemed", house.add_customers(1), 40 * 86_400)
    assert told(house, counted, flow)["tag"].slowest == delays.LONGEST_MS


def test_a_tenant_that_was_taken_away_holds_up_nobody_elses_figures(house: FlowHouse, counted: Delays) -> None:
    flow = new_id()
    for tenant in (new_id(), house.tenant):
        counted.add(tenant, flow, "tag", [5])
    assert told(house, counted, flow)["tag"].n == 1


def test_a_coupon_is_not_counted_once_its_run_has_stood_still(house: FlowHouse, counted: Delays) -> None:
    made = coupon(house, "五元券")
    gift = block("gift", "marketing.issue_coupon", coupon_template=str(made))
    arrows = ["start.entered>gift", *(f"gift.{port}>exit" for port in ("issued", "sold_out", "limit_reached"))]
    flow = house.publish(
        graph([block("start", "start.event", event_type="refund.created"), gift, EXIT], arrows), "停过"
    )
    house.events([("refund.created", one, {}) for one in house.add_customers(1)])
    house.turn(Lane.LIVE)
    assert house.owner("select heard_at is not null from coupon_request") == [(True,)]
    house.owner("update flow_run set heard_at = null where flow_id = %(flow)s", {"flow": flow})
    house.settle()
    assert house.owner("select count(*) from coupon where template_id = %(coupon)s", {"coupon": made}) == [(1,)]
    assert "coupon" not in told(house, counted, flow)


def test_effects_that_come_too_late_raise_an_alert_of_their_flow(house: FlowHouse, counted: Delays) -> None:
    flow = house.publish(
        graph(
            [
                block("start", "start.event", event_type="visit.recorded"),
                block("tag", "customer.add_tag", tag="gold"),
                EXIT,
            ],
            ["start.entered>tag", "tag.done>exit"],
        ),
        "到店打标签",
    )
    quick = house.add_customers(PEOPLE)
    heard(house, "visit.recorded", quick, 0)
    assert told(house, counted, flow)["tag"].n == PEOPLE

    def slow() -> list[tuple[int, str]]:
        watch.watch(house.db, house.rooms, house.tenant)
        with house.tx() as tx:
            rows = watch.alerts(tx, flow_id=flow, is_open=True, before=None, limit=10)
        return [(one.n, remedies(one)[0].en) for one in rows if one.kind == "slow"]

    assert slow() == []
    heard(house, "visit.recorded", house.add_customers(2), 8)
    assert told(house, counted, flow)[None].over() == 2
    [(late, said)] = slow()
    assert late == 2
    assert "more than 5 s" in said
    house.owner("update effect_delay set minute = minute - interval '10 minutes' where tenant_id = %(tenant)s")
    assert slow() == []


def test_a_histogram_answers_between_its_edges() -> None:
    ages = Ages()
    assert ages.quantile(0.95) is None
    ages.add([1, 1, 1, 4000, 5000, 5001])
    assert (ages.n, ages.slowest, ages.over()) == (6, 5001, 1)
    assert ages.quantile(0.5) == 2
    assert ages.quantile(1.0) == 5001
    ages.add([2**40])
    assert ages.slowest == delays.LONGEST_MS
    other = Ages()
    other.merge(ages.bins, ages.slowest)
    assert other == ages
