"""J21: levels by spend and orders: risen at once, protected for a time, lost one step at a time, with a word before."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from pydantic import ValidationError

from harness.flows import FlowHouse, block, graph
from tandem.domains.marketing.levels import Level, LevelConfig, Standing, assess, earned

LADDER = [
    {"name": "silver", "label": "银卡", "spend": "100"},
    {"name": "gold", "label": "金卡", "spend": "1000", "orders": 2},
    {"name": "black", "label": "黑卡", "spend": "5000", "orders": 2},
]


def spent(house: FlowHouse, who: UUID, amount: int, orders: int, fact: str = "orders") -> None:
    house.owner(
        "insert into customer_fact_day (bucket, tenant_id, customer_id, origin_id, day, fact, n, amount)"
        " values (tandem_bucket(%(who)s), %(tenant)s, %(who)s, %(who)s, (%(now)s at time zone 'Asia/Shanghai')::date, %(fact)s, %(n)s, %(amount)s)",
        {"who": who, "now": house.now(), "n": orders, "amount": amount, "fact": fact},
    )


def test_levels_rise_are_kept_and_fall_one_step(house: FlowHouse) -> None:
    drawn = [
        block("s", "start.event", event_type="campaign.reached"),
        block("again", "start.event", event_type="level.lapsed"),
        block("l", "marketing.member_level", levels=LADDER, window_days=5, keep_days=40),
        block("p", "marketing.add_points", points=100),
        block("e", "flow.exit"),
    ]
    ways = [
        "s.entered>l",
        "again.entered>l",
        "l.silver>e",
        "l.gold>p",
        "l.black>e",
        "l.kept>e",
        "l.fallen>e",
        "p.done>e",
    ]
    flow = house.publish(graph(drawn, ways, reentry={"rule": "always"}))
    gold, none = house.add_customers(2)
    spent(house, gold, 1500, 3)
    spent(house, gold, 200, 1, "refunds")
    spent(house, none, 50, 1)
    house.events([("campaign.reached", one, {}) for one in (gold, none)])
    house.settle()
    assert house.owner("select customer_id, level from level_standing where level is not null") == [(gold, "gold")]
    assert house.owner("select level from customer where id = %(c)s", {"c": gold}) == [("金卡",)]
    assert house.owner("select customer_id from points_lot") == [(gold,)]
    # Her orders leave the window; the level is protected until its time, and she hears of it before.
    house.forward(days=21)
    house.event("campaign.reached", gold)
    house.settle()
    assert house.owner("select level from level_standing where customer_id = %(c)s", {"c": gold}) == [("gold",)]
    assert house.count("event", "type = 'level.expiring'") == 1
    house.forward(days=20)
    house.settle()
    assert house.count("event", "type = 'level.lapsed'") == 1
    assert house.owner("select level from level_standing where customer_id = %(c)s", {"c": gold}) == [("silver",)]
    house.forward(days=41)
    house.settle()
    house.forward(days=1)
    house.settle()
    assert house.owner("select level, until from level_standing where customer_id = %(c)s", {"c": gold}) == [
        (None, None)
    ]
    assert house.owner("select level from customer where id = %(c)s", {"c": gold}) == [(None,)]
    changes = house.owner(
        "select payload ->> 'old', payload ->> 'new' from event where type = 'level.changed' order by occurred_at"
    )
    assert changes == [(None, "金卡"), ("金卡", "银卡"), ("银卡", None)]
    assert [port for name, port in house.steps(flow, gold) if name == "l"] == [1, 3, 4, 4]


def test_of_two_standings_of_a_merge_the_best_protected_counts_and_is_told_of_once(house: FlowHouse) -> None:
    """A short level is warned of halfway, so that a flow that assesses on the warning comes to an end."""
    drawn = [
        block("s", "start.event", event_type="campaign.reached"),
        block("soon", "start.event", event_type="level.expiring"),
        block("l", "marketing.member_level", levels=LADDER, window_days=60, keep_days=10),
        block("e", "flow.exit"),
    ]
    ways = ["s.entered>l", "soon.entered>l", *(f"l.{port}>e" for port in ("silver", "gold", "black", "kept", "fallen"))]
    house.publish(graph(drawn, ways, reentry={"rule": "always"}))
    (who,) = house.add_customers(1)
    spent(house, who, 200, 1)
    house.event("campaign.reached", who)
    house.settle()
    assert house.count("event", "type = 'level.expiring'") == 0
    # A merge brings a better standing, changed earlier and protected for less long; her own was told of before.
    house.owner(
        "insert into level_standing (bucket, customer_id, origin_id, tenant_id, level, rank, until, next_at, changed_at)"
        " values (tandem_bucket(%(who)s), %(who)s, tandem_new_id(), %(tenant)s, 'gold', 1, %(now)s + interval '6 days', %(now)s + interval '1 day',"
        " %(now)s - interval '1 day')",
        {"who": who, "now": house.now()},
    )
    house.owner("update level_standing set next_at = %(now)s where level = 'silver'", {"now": house.now()})
    house.settle()
    assert house.count("event", "type = 'level.expiring'") == 0
    house.forward(days=2)
    house.settle()
    # Assessed upon the warning, she stays gold for as long as that was protected, and her profile says so.
    assert house.owner("select payload ->> 'level' from event where type = 'level.expiring'") == [("gold",)]
    assert house.owner("select level from customer where id = %(c)s", {"c": who}) == [("金卡",)]
    house.forward(days=9)
    house.settle()
    assert house.owner("select payload ->> 'level' from event where type = 'level.lapsed'") == [("gold",)]
    assert house.count("event", "type = 'level.expiring'") == 1
    assert house.count("level_standing", "next_at is null") == 2


def test_assessing_is_pure_and_falls_no_deeper_than_a_step() -> None:
    now, keep = datetime(2026, 1, 1, tzinfo=UTC), timedelta(days=10)
    ladder = [Level.model_validate(one) for one in LADDER]
    assert [
        earned(ladder, Decimal(spend), orders) for spend, orders in ((99, 9), (100, 0), (9999, 1), (1000, 2), (5000, 2))
    ] == [-1, 0, 0, 1, 2]
    assert assess(now, Standing(0, now), 2, keep).outcome == "risen"
    protected = assess(now, Standing(2, now + keep), -1, keep)
    assert (protected.rank, protected.until, protected.outcome) == (2, now + keep, "kept")
    fallen = assess(now, Standing(2, now), -1, keep)
    assert (fallen.rank, fallen.until, fallen.outcome) == (1, now + keep, "fallen")
    assert assess(now, Standing(0, now), -1, keep).until is None
    for wrong in ([LADDER[1], LADDER[0]], [LADDER[0], {**LADDER[0], "name": "x"}], [{"name": "kept", "label": "x"}]):
        with pytest.raises(ValidationError):
            LevelConfig.model_validate({"levels": wrong})
