"""Does trying a flow out show what the engine would do, and leave nothing behind?"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

import psycopg
import pytest

from harness.database import Database
from harness.flows import EVERYTHING, FlowHouse, block, graph, open_flow_house
from tandem.flow.graph import parse_graph
from tandem.flow.module import KindRegistry
from tandem.flow.node import Audience
from tandem.flow.rehearsal import pick
from tandem.flow.rehearsal import replay as rehearsal
from tandem.flow.rehearsal.dryrun import Passage, Trial, Tried, dry_run
from tandem.flow.rehearsal.parts import Engagement, Tryout
from tandem.flow.rehearsal.report import Found
from tandem.flow.rehearsal.things import person
from tandem.kernel.ids import new_id
from tandem.kernel.schema import Base
from tandem.stream.profile.visits import VISIT_FACTS
from tandem.stream.projection import BACKFILL

START = block("start", "start.event", event_type="order.paid", condition="event.total >= 100")
EXIT = block("exit", "flow.exit")


@pytest.fixture(scope="module")
def house(module_database: Database) -> Iterator[FlowHouse]:
    with open_flow_house(module_database) as opened:
        yield opened


@pytest.fixture(scope="module")
def gifts(house: FlowHouse) -> dict[str, UUID]:
    """A message template and a coupon with a stock of three."""
    made = {"message": new_id(), "coupon": new_id(), "quota": new_id()}
    house.owner(
        "insert into message_template (id, tenant_id, name, channel, message_class, body, placeholders, required, created_at, updated_at)"
        " values (%(message)s, %(tenant)s, '问候', 'simulated', 'marketing', '您好，券码 {{coupon.code}}', '{coupon.code}', '{coupon.code}', now(), now())",
        made,
    )
    house.owner(
        "insert into quota (id, tenant_id, name, total, pool) values (%(quota)s, %(tenant)s, '三张', 3, 3)", made
    )
    house.owner(
        "insert into coupon_template (id, tenant_id, name, kind, value, currency, valid_days, quota_id, created_at, updated_at)"
        " values (%(coupon)s, %(tenant)s, '十元券', 'amount', 10, 'CNY', 30, %(quota)s, now(), now())",
        made,
    )
    return made


def drawn(gifts: dict[str, UUID], **settings: Any) -> dict[str, Any]:
    ways = [{"name": "east", "label": "华东", "condition": "customer.city = '上海'"}]
    return graph(
        [
            START,
            block("way", "decide.condition", ways=ways),
            block("gift", "marketing.issue_coupon", coupon_template=str(gifts["coupon"])),
            block("wait", "wait.duration", span={"amount": "2", "unit": "days"}),
            block("hello", "messaging.send", template=str(gifts["message"])),
            EXIT,
        ],
        [
            "start.entered>way",
            "way.east>gift",
            "way.else>exit",
            "gift.issued>wait",
            "gift.sold_out>exit",
            "gift.limit_reached>exit",
            "wait.done>hello",
            "hello.sent>exit",
            "hello.held>exit",
            "hello.skipped>exit",
        ],
        **settings,
    )


def tried(house: FlowHouse, drawing: dict[str, Any], *people: UUID, **trial: Any) -> Tried:
    return dry_run(
        house.db,
        house.rooms,
        house.tenant,
        new_id(),
        parse_graph(drawing),
        {},
        EVERYTHING,
        Trial([person(one) for one in people], **trial),
        closed=set(),
    )


def counts(house: FlowHouse) -> dict[str, int]:
    return {one.name: house.owner(f"select count(*) from {one.name}")[0][0] for one in Base.metadata.sorted_tables}


def way(tried: Tried, passage: Passage) -> list[str]:
    names = {one.number: one.id for one in tried.plan.blocks.values()}
    return [names[step.block] for step in passage.steps]


def test_a_dry_run_shows_each_ones_way_and_leaves_nothing(
    house: FlowHouse, gifts: dict[str, UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    (east,), (west,) = house.add_customers(1, city="上海"), house.add_customers(1, city="成都")
    house.event("order.paid", east, {"total": 120})
    house.settle()
    before = counts(house)

    allowed = socket.socket.connect

    def database_only(self: socket.socket, address: Any) -> Any:
        assert self.family == socket.AF_UNIX, f"a dry run called {address}"
        return allowed(self, address)

    monkeypatch.setattr(socket.socket, "connect", database_only)
    done = tried(house, drawn(gifts), east, west)
    first, second = done.passages
    assert way(done, first) == ["start", "way", "gift", "wait", "hello", "exit"]
    assert way(done, second) == ["start", "way", "exit"]
    assert first.steps[1].facts == {"customer.city": "上海"}
    assert [(one.what, one.outcome, one.title) for one in sorted(first.effects, key=lambda one: one.at)] == [
        ("coupon", "issued", "十元券"),
        ("message", "sent", "问候"),
    ]
    code = next(one.text for one in first.effects if one.what == "coupon")
    assert next(one.text for one in first.effects if one.what == "message") == f"您好，券码 {code}"
    # Waits are skipped: the clock of the dry run has moved on by them.
    assert done.ended - done.began >= timedelta(days=2)
    # She bought for enough; the other never bought, so what she would have entered by is made up.
    assert first.entry is not None
    assert first.entry.holds
    assert first.event is not None
    assert second.entry is None
    assert second.event is None
    assert counts(house) == before


def test_waits_end_as_one_says_and_a_draft_that_cannot_run_is_refused(house: FlowHouse, gifts: dict[str, UUID]) -> None:
    (one,) = house.add_customers(1)
    waits = graph(
        [
            START,
            block("wait", "wait.event", event_type="order.paid", condition="", timeout={"amount": "3", "unit": "days"}),
            block("points", "marketing.add_points", points=5, reason="回来了"),
            EXIT,
        ],
        ["start.entered>wait", "wait.happened>points", "wait.timeout>exit", "points.done>exit"],
    )
    late = tried(house, waits, one)
    assert way(late, late.passages[0]) == ["start", "wait", "exit"]
    back = tried(house, waits, one, answers={"wait": "happened"})
    assert way(back, back.passages[0]) == ["start", "wait", "points", "exit"]
    assert [(effect.what, effect.amount) for effect in back.passages[0].effects] == [("points", 5)]
    with pytest.raises(Exception, match="problems to be mended"):
        tried(
            house, graph([START, block("x", "messaging.send", template=str(new_id())), EXIT], ["start.entered>x"]), one
        )


def replayed(house: FlowHouse, drawing: dict[str, Any], told: Any = lambda _done, _total: None, **asked: Any) -> Found:
    question = rehearsal.Question(new_id(), parse_graph(drawing), {}, EVERYTHING, **asked)
    return rehearsal.replay(house.db, house.rooms, house.tenant, question, told)


DAY = 86_400


@pytest.fixture(scope="module")
def history(house: FlowHouse) -> list[UUID]:
    """Six people of Shanghai who bought on four days; one of them had a message of another flow just before hers is due."""
    people = house.add_customers(6, city="上海")
    for number, one in enumerate(people):
        house.event("order.paid", one, {"total": 150 if number < 5 else 20}, ago=(9 - number) * DAY)
    house.settle()
    house.owner("insert into frequency_cap (tenant_id, per_day) values (%(tenant)s, 1)")
    house.owner(
        "insert into outbox_message (bucket, id, tenant_id, customer_id, origin_id, channel, template_id, message_class, status, when_capped,"
        " planned_at, release_at, booked_at, finished_at) select tandem_bucket(%(one)s), tandem_new_id(), %(tenant)s, %(one)s, %(one)s, 'simulated',"
        " id, 'marketing', 'sent', 'hold', at, at, at, at from message_template, (select now() - interval '7 days 2 hours' as at) t",
        {"one": people[0]},
    )
    return people


@pytest.fixture(autouse=True)
def long_strides(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four hours a step: twelve days need no more steps than that to be told apart."""
    monkeypatch.setattr(rehearsal, "STEPS_AIMED", 72)


def test_a_backtest_counts_what_would_have_been(house: FlowHouse, gifts: dict[str, UUID], history: list[UUID]) -> None:
    before = counts(house)
    steps: list[tuple[int, int]] = []
    found = replayed(house, drawn(gifts), lambda done, total: steps.append((done, total)), days=12)
    result = found.result
    # Five of the six bought for enough; the east one of the dry run is a sixth person of today.
    assert (result["entered"], result["customers"]) == (6, 6)
    assert result["blocks"]["gift"]["ports"] == {"issued": 3, "sold_out": 3}
    sums = {(one["what"], one["outcome"]): one["n"] for one in result["effects"]}
    # The first of the three had had a message two hours before: hers goes out a day later.
    assert sums == {("coupon", "issued"): 3, ("message", "sent"): 2, ("message", "late"): 1}
    assert [(one["reason"], one["n"]) for one in result["hindered"]] == [("capped", 1)]
    assert next(one["amount"] for one in result["effects"] if one["what"] == "coupon") == 30
    assert sum(one["entered"] for one in result["days"]) == 6
    assert sum(one["cost"] for one in result["days"]) == 30
    assert not any("city" in one["en"] for one in result["unknown"])
    assert steps[-1][0] == steps[-1][1]
    assert counts(house) == before
    marked = [one.customer_id for one in found.people if "coupon:gift:issued" in one.marks]
    assert len(marked) == 3
    assert history[0] in marked


def test_the_past_is_read_as_of_then(house: FlowHouse, history: list[UUID]) -> None:
    """A condition over earlier events sees those of its moment, not what came after."""
    del history
    (often,) = house.add_customers(1)
    for days in (8, 5, 2):
        house.event("visit.recorded", often, {"store": "s1"}, ago=days * DAY)
    house.settle()
    ways = [{"name": "again", "label": "来过", "condition": "count(visits) >= 2"}]
    drawing = graph(
        [block("start", "start.event", event_type="visit.recorded"), block("way", "decide.condition", ways=ways), EXIT],
        ["start.entered>way", "way.again>exit", "way.else>exit"],
        reentry={"rule": "always"},
    )
    assert replayed(house, drawing, days=10).result["blocks"]["way"]["ports"] == {"else": 1, "again": 2}


def test_tags_are_read_as_the_log_tells_them(house: FlowHouse) -> None:
    """One was given the tag between two visits, one lost it, one always had it; the log tells the first two."""
    given, lost, always = house.add_customers(3)
    house.owner(
        "insert into tag (tenant_id, name, label, kind, created_at) values (%(tenant)s, 'gold', '金卡', 'manual', now())"
    )
    for one in (given, always):
        house.owner(
            "insert into customer_tag (bucket, customer_id, origin_id, tenant_id, tag, source, set_at)"
            " values (tandem_bucket(%(one)s), %(one)s, %(one)s, %(tenant)s, 'gold', 'manual', now())",
            {"one": one},
        )
    for one in (given, lost, always):
        for days in (8, 2):
            house.event("coupon.redeemed", one, {}, ago=days * DAY)
    house.event("tag.added", given, {"tag": "gold", "source": "manual"}, ago=4 * DAY)
    house.event("tag.removed", lost, {"tag": "gold", "source": "manual"}, ago=4 * DAY)
    house.settle()
    ways = [{"name": "gold", "label": "金卡", "condition": "has_tag('gold')"}]
    blocks = [block("start", "start.event", event_type="coupon.redeemed"), block("way", "decide.condition", ways=ways)]
    drawing = graph(
        [*blocks, EXIT], ["start.entered>way", "way.gold>exit", "way.else>exit"], reentry={"rule": "always"}
    )
    result = replayed(house, drawing, days=10).result
    assert result["blocks"]["way"]["ports"] == {"gold": 4, "else": 2}
    assert not [one for one in result["unknown"] if "ags" in one["en"]]


def test_fields_are_read_as_the_log_tells_them(house: FlowHouse) -> None:
    """One moved between two visits, one lost a custom field, one was always like that; today's values alone would say otherwise."""
    moved, forgot, always = house.add_customers(3, city="上海")
    for one in (moved, forgot, always):
        for days in (8, 6, 2):
            house.event("points.earned", one, {}, ago=days * DAY)
    house.owner(
        "insert into customer_field (bucket, customer_id, origin_id, tenant_id, field, source, at, holds, value) select tandem_bucket(i), i, i, %(tenant)s,"
        " 'attrs.shoe', 'crm', now(), true, '38' from unnest(%(ids)s::uuid[]) i",
        {"ids": [moved, always]},
    )

    def changed(one: UUID, days: int, **changes: tuple[Any, Any]) -> None:
        told = {name.replace("_", "."): {"old": old, "new": new} for name, (old, new) in changes.items()}
        house.event("customer.updated", one, {"source": "crm", "changes": told}, ago=days * DAY)

    changed(moved, 7, city=("北京", "杭州"))
    changed(moved, 4, city=("杭州", "上海"))
    changed(forgot, 4, attrs_shoe=("38", None))
    house.settle()
    ways = [
        {
            "name": "here",
            "label": "上海",
            "condition": "customer.city = '上海' and exists(attributes where name = 'shoe')",
        },
        {"name": "there", "label": "北京", "condition": "customer.city = '北京'"},
    ]
    blocks = [block("start", "start.event", event_type="points.earned"), block("way", "decide.condition", ways=ways)]
    arrows = ["start.entered>way", "way.here>exit", "way.there>exit", "way.else>exit"]
    result = replayed(house, graph([*blocks, EXIT], arrows, reentry={"rule": "always"}), days=10).result
    # Moved: Beijing, Hangzhou, Shanghai. Forgot: two of three times with a shoe. Always: three times.
    assert result["blocks"]["way"]["ports"] == {"here": 6, "there": 1, "else": 2}
    assert not [one for one in result["unknown"] if "city" in one["en"]]


def test_what_somebody_came_with_was_hers_before(house: FlowHouse) -> None:
    """What was told with her, or as history, is no change: only who told her city later had none before."""
    came, imported, learnt = crowd = house.add_customers(3, city="上海")
    for one in crowd:
        for days in (8, 6, 2):
            house.event("points.adjusted", one, {}, ago=days * DAY)
    told = {"source": "crm", "changes": {"city": {"old": None, "new": "上海"}}}
    house.event("customer.created", came, {"source": "crm"}, ago=4 * DAY)
    house.event("customer.updated", came, told, ago=4 * DAY - 5)
    house.event("customer.updated", imported, told, ago=4 * DAY, mode=BACKFILL)
    house.event("customer.updated", learnt, told, ago=4 * DAY)
    house.settle()
    ways = [{"name": "here", "label": "上海", "condition": "customer.city = '上海'"}]
    blocks = [block("start", "start.event", event_type="points.adjusted"), block("way", "decide.condition", ways=ways)]
    drawing = graph(
        [*blocks, EXIT], ["start.entered>way", "way.here>exit", "way.else>exit"], reentry={"rule": "always"}
    )
    assert replayed(house, drawing, days=10).result["blocks"]["way"]["ports"] == {"here": 7, "else": 2}


def test_the_last_visit_is_that_of_then(house: FlowHouse) -> None:
    (one,) = house.add_customers(1)
    for days in (9, 3):
        house.event("visit.recorded", one, {"store": "s1"}, ago=days * DAY)
    for days in (6, 2):
        house.event("points.spent", one, {}, ago=days * DAY)
    house.settle()
    house.owner(
        "insert into customer_fact_day (bucket, customer_id, origin_id, tenant_id, day, fact, n, amount)"
        " select bucket, customer_id, customer_id, tenant_id, (occurred_at at time zone 'Asia/Shanghai')::date, 'visits', 1,"
        " extract(epoch from occurred_at) from event where customer_id = %(one)s and type = 'visit.recorded'",
        {"one": one},
    )
    ways = [{"name": "lately", "label": "来过", "condition": "customer.last_visit_at >= now() - 2 days"}]
    blocks = [block("start", "start.event", event_type="points.spent"), block("way", "decide.condition", ways=ways)]
    drawing = graph(
        [*blocks, EXIT], ["start.entered>way", "way.lately>exit", "way.else>exit"], reentry={"rule": "always"}
    )
    house.rooms = replace(house.rooms, facts=VISIT_FACTS)
    assert replayed(house, drawing, days=10).result["blocks"]["way"]["ports"] == {"lately": 1, "else": 1}


def test_blocks_that_set_fields_are_tried_before_the_customers_own_rows(house: FlowHouse) -> None:
    """None of them has a fragment that says what it writes; what each has set the next one reads, and nobody's row is touched."""
    (one,) = house.add_customers(1, city="上海")
    house.event("campaign.reached", one, {}, ago=2 * DAY)
    house.settle()
    ways = [{"name": "moved", "label": "北京", "condition": "customer.city = '北京' and customer.stage = 'vip'"}]
    spend = [{"name": "silver", "label": "银卡"}]
    blocks = [
        block("start", "start.event", event_type="campaign.reached"),
        block("city", "customer.set_field", field="city", value="北京"),
        block("shoe", "customer.set_field", attribute="shoe", value="38"),
        block("stage", "customer.set_stage", stage="vip"),
        block("more", "customer.increase", attribute="visits", by="1"),
        block("score", "customer.score", by="5"),
        block("still", "customer.do_not_contact", on=True),
        block("level", "marketing.member_level", levels=spend),
        block("way", "decide.condition", ways=ways),
        EXIT,
    ]
    names = [each["id"] for each in blocks[1:7]]
    arrows = [f"{a}.done>{b}" for a, b in pairwise([*names, "level"])]
    arrows += [
        "start.entered>city",
        *(f"level.{port}>way" for port in ("silver", "kept", "fallen")),
        "way.moved>exit",
        "way.else>exit",
    ]
    before = counts(house)
    (passage,) = tried(house, graph(blocks, arrows), one).passages
    result = replayed(house, graph(blocks, arrows), days=4).result
    assert (result["entered"], result["blocks"]["way"]["ports"]) == (1, {"moved": 1})
    assert passage.steps[-1].block == len(blocks)
    assert any("city" in each["en"] for each in result["unknown"])
    assert counts(house) == before


def test_a_backtest_that_is_stopped_or_killed_leaves_nothing(
    house: FlowHouse, gifts: dict[str, UUID], history: list[UUID]
) -> None:
    del history
    temporary = "select count(*) from pg_class where relpersistence = 't' and relkind = 'r'"

    class Stopped(Exception):
        pass

    def stop(done: int, _total: int) -> None:
        if done == 3:
            assert house.owner(temporary)[0][0] > 10
            raise Stopped

    def kill(done: int, _total: int) -> None:
        if done == 3:
            house.owner(
                "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'tandem rehearsal' and datname = current_database()"
            )

    before = counts(house)
    with pytest.raises(Stopped):
        replayed(house, drawn(gifts), stop, days=12)
    with pytest.raises(psycopg.OperationalError):
        replayed(house, drawn(gifts), kill, days=12)
    for _ in range(200):
        if house.owner(temporary)[0][0] == 0:
            break
    assert house.owner(temporary)[0][0] == 0
    assert counts(house) == before


def test_a_block_cannot_write_past_the_scratch(house: FlowHouse, gifts: dict[str, UUID]) -> None:
    """PostgreSQL itself refuses what no scratch table stands for."""
    (one,) = house.add_customers(1)
    rooms = replace(house.rooms, tryouts=tuple(each for each in house.rooms.tryouts if each.name != "marketing"))
    points = graph(
        [START, block("gift", "marketing.issue_coupon", coupon_template=str(gifts["coupon"])), EXIT],
        ["start.entered>gift", "gift.issued>exit"],
    )
    stray = replace(
        rooms, tryouts=(Tryout("stray", after=lambda turn: turn.tx.execute("delete from coupon_template")),)
    )
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        dry_run(
            house.db,
            stray,
            house.tenant,
            new_id(),
            parse_graph(points),
            {},
            EVERYTHING,
            Trial([person(one)]),
            closed=set(),
        )


def test_an_audience_without_a_segment_enters_at_its_moments(house: FlowHouse) -> None:
    """Everybody for whom a condition holds, judged as of each moment."""
    twice, once, _never = house.add_customers(3, city="丽江")
    for one, days in ((twice, 8), (twice, 5), (once, 5)):
        house.event("visit.recorded", one, {"store": "s1"}, ago=days * DAY)
    house.settle()
    now = house.now()

    class Everybody(type(house.rooms.kinds.get("start.schedule", 1))):  # type: ignore[misc]
        kind = "start.everybody"

        def check(self, config: Any, ctx: Any) -> list[Any]:
            del config, ctx
            return []

        def audience(self, config: Any) -> Audience:
            del config
            moments = [now - timedelta(days=days) for days in (7, 4)]
            return Audience(
                None,
                next_after=lambda at, _zone: next((one for one in moments if one > at), None),
                condition="customer.city = '丽江' and count(visits) = 1",
            )

    rooms = replace(house.rooms, kinds=KindRegistry([*house.rooms.kinds.newest(), Everybody()]))
    drawing = graph(
        [block("start", "start.everybody", segment_id=str(new_id()), every="day"), EXIT], ["start.entered>exit"]
    )
    question = rehearsal.Question(new_id(), parse_graph(drawing), {}, EVERYTHING, days=9)
    found = rehearsal.replay(house.db, rooms, house.tenant, question, lambda _done, _total: None)
    # Seven days ago only one had come; four days ago she had for the second time, and another for the first.
    assert found.result["entered"] == 2
    assert {one.customer_id for one in found.people} == {twice, once}


def test_people_are_drawn_without_sorting_everybody_and_the_same_salt_draws_the_same(house: FlowHouse) -> None:
    house.add_customers(300)
    drawn = parse_graph(graph([block("start", "start.hand"), block("exit", "flow.exit")], ["start.entered>exit"]))
    with house.tx() as tx:
        first, again, other = (pick.pick(tx, house.rooms.kinds, drawn, "random", 20, one) for one in ("a", "a", "b"))
        everybody = tx.value("select count(*) from customer where tenant_id = %(tenant)s", {"tenant": house.tenant})
        assert first == again
        assert first != other
        assert len(set(first)) == 20
        assert len({one.bytes[15] for one in first}) <= sum(pick.ROUNDS[:2])
        every = pick.pick(tx, house.rooms.kinds, drawn, "random", everybody + 1, "a")
        assert len(every) == len(set(every)) == everybody


@pytest.mark.parametrize(
    ("engagement", "port"), [("nothing", "sent"), ("read", "read"), ("clicked", "clicked"), ("replied", "replied")]
)
def test_who_tries_says_what_people_do_with_messages(
    house: FlowHouse, gifts: dict[str, UUID], engagement: Engagement, port: str
) -> None:
    (anna,) = house.add_customers(1)
    before = counts(house)
    drawing = graph(
        [
            START,
            block("gift", "marketing.issue_coupon", coupon_template=str(gifts["coupon"])),
            block("hello", "messaging.send", template=str(gifts["message"])),
            block("heard", "wait.event", event_type="message.read", timeout={"amount": "1", "unit": "days"}),
            block("how", "decide.engagement", block="hello"),
            EXIT,
        ],
        [
            "start.entered>gift",
            "gift.issued>hello",
            "gift.sold_out>exit",
            "gift.limit_reached>exit",
            *(f"hello.{one}>heard" for one in ("sent", "held", "skipped")),
            "heard.happened>how",
            "heard.timeout>how",
            *(f"how.{one}>exit" for one in ("replied", "clicked", "read", "delivered", "sent", "failed", "waiting")),
        ],
    )
    found = tried(house, drawing, anna, engagement=engagement)
    (one,) = found.passages
    by_name = {found.plan.by_number(step.block): step for step in one.steps}
    ports = {block.id: block.ports[step.port].name for block, step in by_name.items() if block and block.ports}
    assert ports["heard"] == ("timeout" if engagement == "nothing" else "happened")
    assert ports["how"] == port
    assert counts(house) == before


def test_the_flow_that_a_draft_calls_stands_still(house: FlowHouse) -> None:
    """Its stretches have numbers of their own: what it would do is neither done by the draft's blocks nor counted among them."""
    (one,) = house.add_customers(1, city="蓬莱")
    called = graph(
        [block("start", "start.flow"), block("p", "marketing.add_points", points=7, reason="t"), EXIT],
        ["start.entered>p", "p.done>exit"],
    )
    flow = house.publish(called)
    house.event("campaign.reached", one, {}, ago=2 * DAY)
    house.settle()
    try:
        draft = graph(
            [
                block("start", "start.event", event_type="campaign.reached", condition="customer.city = '蓬莱'"),
                block("call", "flow.call", flow_id=str(flow), timeout={"amount": "1", "unit": "hours"}),
                EXIT,
            ],
            ["start.entered>call", "call.done>exit", "call.timeout>exit"],
        )
        (passage,) = tried(house, draft, one).passages
        result = replayed(house, draft, days=4).result
    finally:
        house.owner("update flow set status = 'stopped' where id = %(flow)s", {"flow": flow})
        house.owner("update flow_epoch set epoch = epoch + 1")
    assert [step.block for step in passage.steps] == [1, 2, 3]
    assert {name: block["entered"] for name, block in result["blocks"].items()} == {"start": 1, "call": 1, "exit": 1}
