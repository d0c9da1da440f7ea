"""Do scores follow their cut points, fields the latest saying, and do tags come and go with their time?"""

from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from engine.stream.apply_world import NOON, World
from harness.database import Database
from tandem.kernel.ids import bucket_of
from tandem.stream.profile import cuts, forecast, priority_service, recorded, rfm
from tandem.stream.segment import service
from tandem.stream.segment.fill import fill
from tandem.stream.segment.sweep import sweep_due
from tandem.stream.tags import catalogue
from tandem.stream.tags import service as tags


def run_fill(world: World) -> None:
    while True:
        with world.turn() as turn:
            if not fill(turn, world):
                return


def refresh(world: World) -> int | None:
    with world.tx() as tx:
        return cuts.refresh(tx)


def test_scores_agree_with_the_rule_and_follow_new_cut_points(database: Database) -> None:
    world = World(database)
    customers = world.customers(25)
    for rank, customer in enumerate(customers):
        world.file([world.event(customer, at=NOON - timedelta(days=rank), payload={"amount": str(rank + 1)})])
    world.apply()
    assert world.value("select count(*) from customer_profile where rfm_score is not null") == 0
    assert refresh(world) == 1
    run_fill(world)
    rows = world.rows(
        "select customer_id, last_order_at, order_count, spend_total, rfm_r, rfm_f, rfm_m, rfm_score from customer_profile"
    )
    recency = rfm.quintiles([row[1] for row in rows], rfm.RECENCY_STEP)
    money = rfm.quintiles([row[3] for row in rows], rfm.MONEY_STEP)
    for _, last, count, spend, r, f, m, score in rows:
        assert (r, m) == (rfm.score(last, recency), rfm.score(spend, money))
        assert (f, count) == (1, 1)
        assert score == r * 100 + f * 10 + m
    # A new order is scored by the version there is; a new version moves the others.
    world.file([world.event(customers[0], payload={"amount": "500"})])
    world.apply()
    assert world.value("select rfm_m from customer_profile where customer_id = %s", customers[0]) == 5
    with world.tx() as tx:
        assert not cuts.is_stale(tx)
    world.after(days=1)
    with world.tx() as tx:
        assert cuts.is_stale(tx)


def test_new_cut_points_move_people_between_segments(database: Database) -> None:
    world = World(database)
    customers = world.customers(10)
    with world.tx("web") as tx:
        best = service.create(tx, world.catalog, service.Draft(name="高价值", text="customer.rfm_m = 5"))
    run_fill(world)
    for rank, customer in enumerate(customers):
        world.file([world.event(customer, payload={"amount": str(rank + 1)})])
    world.apply()
    refresh(world)
    run_fill(world)
    inside = {row[0] for row in world.rows("select customer_id from segment_member where segment_id = %s", best.id)}
    assert inside == set(customers[8:])


def test_no_buyers_give_no_cut_points(database: Database) -> None:
    world = World(database)
    world.customers(3)
    assert refresh(world) is None


def say(world: World, customer: UUID, *, minutes: int = 0, **fields: object) -> None:
    payload = {"source": "shop", "fields": fields, "tags": ["老客"], "attrs": {"size": 90}}
    world.file([world.event(customer, recorded.RECORDED, at=NOON + timedelta(minutes=minutes), payload=payload)])
    world.apply()


def test_what_sources_say_is_kept_by_its_time_and_told_with_old_and_new(database: Database) -> None:
    world = World(database)
    world.projections = (*world.projections, recorded.PROJECTION)
    (anna,) = world.customers(1)
    with world.tx("web") as tx:
        city = service.create(tx, world.catalog, service.Draft(name="杭州客户", text="customer.city = '杭州'"))
    run_fill(world)
    say(world, anna, minutes=10, city="上海", birthday="1990-02-28")
    say(world, anna, minutes=20, city="杭州")
    say(world, anna, minutes=5, city="北京")
    assert world.rows("select city, birthday::text, attrs from customer") == [("杭州", "1990-02-28", {"size": 90})]
    assert world.rows("select field, source, at from customer_field where field = 'city'") == [
        ("city", "shop", NOON + timedelta(minutes=20))
    ]
    world.settle()
    told = world.rows(
        "select payload -> 'changes' -> 'city' from event where type = 'customer.updated' order by received_at"
    )
    changes = [row[0] for row in told]
    assert changes == [{"old": None, "new": "上海"}, {"old": "上海", "new": "杭州"}]
    assert world.rows("select tag, source from customer_tag") == [("老客", "import")]
    assert world.value("select count(*) from event where type = 'tag.added'") == 1
    assert world.value("select count(*) from segment_member where segment_id = %s", city.id) == 1


def test_a_tag_comes_off_when_its_time_is_over(database: Database) -> None:
    world = World(database)
    (anna,) = world.customers(1)
    row = (bucket_of(anna), anna, "限时")
    with world.turn() as turn:
        assert tags.add(turn, [row], until=NOON + timedelta(hours=2)) == 1
        assert tags.add(turn, [row], until=NOON + timedelta(hours=1)) == 0
        assert turn.tx.value(tags.DUE_SQL, turn.params()) == NOON + timedelta(hours=2)
    world.after(hours=1)
    with world.turn() as turn:
        assert tags.expire(turn) == 0
    world.after(hours=1)
    with world.turn() as turn:
        assert tags.expire(turn) == 1
    assert world.value("select count(*) from customer_tag") == 0
    world.settle()
    assert world.rows("select type, payload->>'source' from event order by event_id") == [
        ("tag.added", "manual"),
        ("tag.removed", "expired"),
    ]


def test_a_computed_tag_vanishes_on_its_day_and_is_retired_from_everybody(database: Database) -> None:
    world = World(database)
    anna, bela = world.customers(2)
    with world.tx("web") as tx:
        catalogue.create(
            tx, world.catalog, "母婴活跃", expression="count(orders in last 14 days where category = '奶粉') >= 1"
        )
    run_fill(world)
    for customer, days in ((anna, 0.5), (bela, 13)):
        payload = {"amount": "1", "category": "奶粉"}
        world.file([world.event(customer, at=NOON - timedelta(days=days), payload=payload)])
    world.apply()
    assert world.value("select count(*) from customer_tag") == 2
    world.after(days=1, seconds=1)
    with world.turn() as turn:
        sweep_due(turn, world)
    assert world.rows("select customer_id, source from customer_tag") == [(anna, "computed")]
    world.settle()
    with world.tx("web") as tx:
        catalogue.retire(tx, world.catalog, "母婴活跃")
    run_fill(world)
    assert world.value("select count(*) from customer_tag") == 0
    assert world.value("select count(*) from segment_member") == 0
    assert world.value("select sum(spend_total) from customer_profile") == Decimal(2)


def test_the_expected_order_and_the_risk_are_those_of_the_rule_and_change_overnight(database: Database) -> None:
    world = World(database)
    weekly, once = world.customers(2)
    days = (42, 35, 28, 21, 14, 7, 0)
    world.file([world.event(weekly, at=NOON - timedelta(days=day)) for day in days])
    world.file([world.event(once, at=NOON - timedelta(days=100))])
    world.settle()
    assert forecasts(world) == {weekly: (None, None), once: (None, None)}
    refresh(world)
    run_fill(world)
    gap = 7.0
    first = NOON - timedelta(days=42)
    fresh = round(forecast.churn_risk(first, NOON, len(days), gap), 2)
    lapsed = round(forecast.churn_risk(NOON - timedelta(days=100), NOON, 1, gap), 2)
    assert forecasts(world) == {weekly: (7.0, fresh), once: (gap, lapsed)}
    assert fresh < 0.05 < lapsed < 0.5
    expected = world.rows("select id, expected_order_at from customer_view")
    assert dict(expected) == {weekly: NOON + timedelta(days=7), once: NOON - timedelta(days=93)}
    # Nobody orders: the night alone moves the risk, and a segment over it.
    with world.tx("web") as tx:
        made = service.create(
            tx,
            world.catalog,
            service.Draft(name="要走了", text="customer.churn_risk > 0.3 and customer.expected_order_at < now()"),
        )
    run_fill(world)
    world.after(days=125)
    refresh(world)
    run_fill(world)
    assert {row[0] for row in world.rows("select customer_id from segment_member where segment_id = %s", made.id)} == {
        weekly,
        once,
    }
    # An order is the best news: known in the turn that brings it.
    world.file([world.event(weekly)])
    world.settle()
    assert forecasts(world)[weekly][1] < 0.4
    assert {row[0] for row in world.rows("select customer_id from segment_member where segment_id = %s", made.id)} == {
        once
    }


def forecasts(world: World) -> dict[UUID, tuple[float | None, float | None]]:
    return {
        row[0]: (None if row[1] is None else float(row[1]), None if row[2] is None else float(row[2]))
        for row in world.rows("select customer_id, usual_interval_days, churn_risk from customer_profile")
    }


def say_by(world: World, customer: UUID, source: str, minutes: int, **fields: object) -> None:
    payload = {"source": source, "fields": fields}
    world.file([world.event(customer, recorded.RECORDED, at=NOON + timedelta(minutes=minutes), payload=payload)])


def test_a_weaker_source_never_overwrites_and_is_kept_beside(database: Database) -> None:
    world = World(database)
    world.projections = (*world.projections, recorded.PROJECTION)
    (anna,) = world.customers(1)
    for source, minutes, city in (("import", 40, "广州"), ("crm", 10, "杭州"), ("pos", 30, "上海"), ("crm", 5, "北京")):
        say_by(world, anna, source, minutes, city=city)
        world.apply()
    assert world.rows("select city from customer") == [("杭州",)]
    kept = world.rows("select source, value #>> '{}', holds from customer_field where field = 'city' order by source")
    assert kept == [("crm", "杭州", True), ("import", "广州", False), ("pos", "上海", False)]


def test_all_at_once_comes_to_the_same_as_one_by_one(database: Database) -> None:
    world = World(database)
    world.projections = (*world.projections, recorded.PROJECTION)
    (anna,) = world.customers(1)
    for source, minutes, city in (("import", 40, "广州"), ("crm", 10, "杭州"), ("pos", 30, "上海"), ("crm", 5, "北京")):
        say_by(world, anna, source, minutes, city=city)
    world.apply()
    kept = world.rows("select source, value #>> '{}', holds from customer_field where field = 'city' order by source")
    assert kept == [("crm", "杭州", True), ("import", "广州", False), ("pos", "上海", False)]


def test_a_tenant_s_order_holds_for_what_is_said_from_then_on(database: Database) -> None:
    world = World(database)
    world.projections = (*world.projections, recorded.PROJECTION)
    (anna,) = world.customers(1)
    say_by(world, anna, "crm", 10, city="杭州", gender="female")
    world.apply()
    with world.tx("web") as tx:
        priority_service.decide(tx, "city", ["pos", "crm", "*"])
    say_by(world, anna, "pos", 20, city="上海", gender="male")
    world.apply()
    assert world.rows("select city, gender from customer") == [("上海", "female")]
    with world.tx("web") as tx:
        priority_service.decide(tx, "city", None)
    say_by(world, anna, "crm", 15, city="苏州")
    world.apply()
    assert world.rows("select city from customer") == [("苏州",)]
    assert world.rows("select source from customer_field where field = 'city' and holds") == [("crm",)]
