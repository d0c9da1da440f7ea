"""Is a batch applied once, whole, in order, and is a poison event alone in failing?"""

from datetime import timedelta
from decimal import Decimal

from engine.stream.apply_world import ALL_BUCKETS, NOON, World
from harness.database import Database
from tandem.kernel.ids import bucket_of, new_id
from tandem.stream.apply import SLOW_LANE, retry
from tandem.stream.apply.isolation import FAILURES_MAX
from tandem.stream.projection import BACKFILL


def test_a_batch_leaves_the_inbox_and_becomes_log_facts_and_profile(database: Database) -> None:
    world = World(database)
    anna, bela = world.customers(2)
    world.file(
        [
            world.event(anna, at=NOON - timedelta(days=2), payload={"amount": "30.00"}),
            world.event(anna, payload={"amount": "20.50"}),
            world.event(bela, payload={"amount": "7.00"}),
            world.event(bela, "visit.recorded", at=NOON - timedelta(hours=1)),
        ]
    )
    applied = world.apply()
    assert [event.occurred_at for event in applied.events] == sorted(event.occurred_at for event in applied.events)
    assert applied.touched == {(bucket_of(anna), anna), (bucket_of(bela), bela)}
    assert world.value("select count(*) from inbox") == 0
    assert world.value("select count(*) from event") == 4
    assert world.rows(
        "select order_count, spend_total, first_order_at, last_order_at, average_order_value, last_visit_at from customer_profile"
        " order by spend_total"
    ) == [
        (1, Decimal("7.00"), NOON, NOON, Decimal("7.00"), NOON - timedelta(hours=1)),
        (2, Decimal("50.50"), NOON - timedelta(days=2), NOON, Decimal("25.25"), None),
    ]
    assert world.rows(
        "select fact, day::text, n, amount from customer_fact_day where customer_id = %s order by day", anna
    ) == [
        ("orders", "2026-11-18", 1, Decimal("30.00")),
        ("orders", "2026-11-20", 1, Decimal("20.50")),
    ]


def test_late_and_disordered_events_leave_what_punctual_ones_would(database: Database) -> None:
    world = World(database)
    late, punctual = world.customers(2)
    days = [0, 9, 3, 3, 27, 1]
    for customer, order in ((punctual, sorted(days, reverse=True)), (late, days)):
        for day in order:
            world.file([world.event(customer, at=NOON - timedelta(days=day), payload={"amount": f"{day + 1}"})])
            world.apply()
    facts = "select day, fact, n, amount from customer_fact_day where customer_id = %s order by day"
    assert world.rows(facts, late) == world.rows(facts, punctual)
    profile = (
        "select order_count, spend_total, first_order_at, last_order_at from customer_profile where customer_id = %s"
    )
    assert world.rows(profile, late) == world.rows(profile, punctual)


def test_a_moment_in_the_payload_touches_its_own_local_day(database: Database) -> None:
    world = World(database)
    (anna,) = world.customers(1)
    paid_at = NOON - timedelta(days=5, hours=14)  # 2026-11-14 14:00 UTC is already the 14th at 22:00 in Shanghai
    world.file([world.event(anna, payload={"amount": "5", "paid_at": paid_at.isoformat()})])
    world.apply()
    assert world.rows("select day::text, n from customer_fact_day") == [("2026-11-14", 1)]


def test_the_limit_is_shared_fairly_between_buckets(database: Database) -> None:
    world = World(database)
    # Enough of them that some are in other buckets than the crowd's; two alone share one in two hundred and fifty-six.
    crowd, *others = world.customers(9)
    quiet = next(one for one in others if bucket_of(one) != bucket_of(crowd))
    world.file([world.event(crowd, at=NOON - timedelta(minutes=minute)) for minute in range(200)])
    world.file([world.event(quiet)])
    first = world.apply(limit=50)
    assert len(first.events) == 50 - 50 + len(first.events) <= 50
    assert (bucket_of(quiet), quiet) in first.touched
    while world.apply(limit=50).events:
        pass
    assert world.value("select count(*) from event") == 201


def test_one_poison_event_fails_alone_and_can_be_retried(database: Database) -> None:
    world = World(database)
    customers = world.customers(40)
    events = [world.event(one) for one in customers]
    bad = world.event(customers[17], payload={"amount": "poison"}, at=NOON + timedelta(seconds=1))
    world.file([*events, bad])
    applied = world.apply()
    assert len(applied.events) == 40
    assert [failure.event.payload for failure in applied.failures] == [{"amount": "poison"}]
    assert world.value("select count(*) from event") == 40
    ((reason, event_id, bucket),) = world.rows("select reason, event_id, bucket from inbox_failed")
    assert reason.startswith("22P02: invalid input syntax")
    assert world.value("select order_count from customer_profile where customer_id = %s", customers[17]) == 1
    with world.database.connect() as owner:
        owner.execute("""update inbox_failed set payload = '{"amount": "3"}'""")
    with world.turn([bucket]) as turn:
        assert retry(turn, [event_id]) == 1
    world.apply()
    assert world.value("select order_count from customer_profile where customer_id = %s", customers[17]) == 2
    assert world.value("select count(*) from inbox_failed") == 0


def test_after_too_many_failures_the_rest_goes_one_at_a_time(database: Database) -> None:
    world = World(database)
    customers = world.customers(50)
    world.file([world.event(one, payload={"amount": "poison"}) for one in customers])
    world.file([world.event(one, at=NOON + timedelta(seconds=1)) for one in customers])
    applied = world.apply()
    assert len(applied.failures) == FAILURES_MAX
    assert applied.returned == world.value("select count(*) from inbox where lane = %s", SLOW_LANE) > 0
    world.settle()
    assert world.value("select count(*) from inbox") == 0
    assert world.value("select count(*) from inbox_failed") == 50
    assert world.value("select count(*) from event") == 50
    assert world.value("select sum(order_count) from customer_profile") == 50


def test_an_event_of_a_merged_customer_is_forwarded(database: Database) -> None:
    world = World(database)
    survivor, loser = world.customers(2)
    with world.database.connect() as owner:
        owner.execute("update customer set merged_into = %s where id = %s", (survivor, loser))
    world.file([world.event(loser)])
    assert world.apply().events == []
    assert world.rows("select bucket, customer_id, origin_id from inbox") == [(bucket_of(survivor), survivor, loser)]
    world.apply()
    assert world.rows("select customer_id, order_count from customer_profile") == [(survivor, 1)]


def test_history_and_news_of_one_turn_are_told_apart(database: Database) -> None:
    world = World(database)
    (anna,) = world.customers(1)
    world.file([world.event(anna, at=NOON - timedelta(days=3)), world.event(anna, mode=BACKFILL)])
    applied = world.apply()
    assert [event.mode for event in applied.events] == [1, 0]
    assert world.value("select order_count from customer_profile") == 2


def test_another_tenant_sees_and_takes_nothing(database: Database) -> None:
    ours, theirs = World(database), World(database)
    (anna,) = ours.customers(1)
    ours.file([ours.event(anna)])
    assert theirs.apply().events == []
    assert len(ours.apply().events) == 1
    assert theirs.tenant != ours.tenant
    assert new_id() != ours.tenant
    assert len(ALL_BUCKETS) == 256


def test_an_event_that_is_filed_again_is_applied_once_and_stops_nobody(database: Database) -> None:
    world = World(database)
    anna, bela = world.customers(2)
    told = world.event(anna, payload={"amount": "30.00"}, event_id=new_id())
    world.file([told])
    world.apply()
    both = world.event(bela, payload={"amount": "5.00"}, event_id=new_id())
    world.file([told, both, world.event(bela, payload={"amount": "7.00"})])
    world.file([told, both])
    with database.connect() as owner:
        owner.execute("update inbox set heard_at = received_at where payload ->> 'amount' = '5.00'")
    again = world.apply()
    assert again.touched == {(bucket_of(bela), bela)}
    assert len(again.events) == 2, "what listens hears each once"
    assert again.failures == []
    assert world.value("select count(*) from inbox") == 0
    assert world.value("select count(*) from event") == 3
    assert world.rows("select spend_total from customer_profile order by 1") == [
        (Decimal("12.00"),),
        (Decimal("30.00"),),
    ]
