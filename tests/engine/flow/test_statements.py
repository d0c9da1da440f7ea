"""Does every statement of a turn name tenant and bucket wherever it touches rows that live in buckets? (ENGINE_RULES, ARCHITECTURE)"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from harness.flows import FlowHouse, block, graph
from harness.statements import overheard, unnamed
from tandem.kernel.schema import Base

DAY = {"amount": "1", "unit": "days"}


@pytest.fixture
def seen() -> Iterator[set[str]]:
    with overheard() as statements:
        yield statements


def bucket_tables() -> set[str]:
    return {
        name
        for name, table in Base.metadata.tables.items()
        if name.startswith(("flow_", "human_task", "customer", "inbox", "event", "outbox", "points_", "coupon"))
        and "bucket" in table.columns
    }


def test_every_statement_of_a_turn_names_bucket_and_tenant(house: FlowHouse, seen: set[str]) -> None:
    house.add_customers(6, city="上海")
    house.owner(
        "insert into tag (tenant_id, name, label, kind, created_at) values (%(tenant)s, 'gold', '金卡', 'manual', now())"
    )
    arms = [{"name": "a", "label": "A", "share": "50"}, {"name": "b", "label": "B", "share": "50"}]
    ways = [{"name": "w1", "label": "有标签", "condition": "has_tag('gold') or customer.order_count > 3"}]
    house.publish(
        graph(
            [
                block("start", "start.event", event_type="order.paid", condition="event.total > 1"),
                block("way", "decide.condition", ways=ways),
                block("split", "decide.split", arms=arms),
                block("tag", "customer.add_tag", tag="gold"),
                block("untag", "customer.remove_tag", tag="gold"),
                block("points", "marketing.add_points", points=1, reason="t"),
                block("wait", "wait.event", event_type="refund.created", condition="event.amount > 1", timeout=DAY),
                block("task", "human.task", title="回访", due=DAY),
                block("goal", "flow.goal"),
            ],
            [
                "start.entered>way",
                "way.w1>split",
                "way.else>split",
                "split.a>tag",
                "split.b>points",
                "tag.done>untag",
                "untag.done>points",
                "points.done>wait",
                "wait.happened>task",
                "wait.timeout>task",
                "task.approved>goal",
                "task.refused>goal",
                "task.timeout>goal",
            ],
            goal={"event_type": "coupon.redeemed"},
            exit_when={"condition": "customer.level = 'gone'"},
            holdout_percent=10,
            reentry={"rule": "at_most", "times": 3},
        ),
    )
    seen.clear()
    house.events([("order.paid", one, {"total": 5}) for one in house.customers])
    house.settle()
    house.events([("refund.created", one, {"amount": 5}) for one in house.customers[:4]])
    house.settle()
    house.event("coupon.redeemed", house.customers[0])
    house.settle()
    house.forward(days=3)
    house.settle()
    tables = bucket_tables()
    mine = [one for one in seen if any(name in one for name in ("flow_", "human_task"))]
    assert len(mine) > 10
    wrong = {one.strip()[:300]: unnamed(one, tables) for one in mine if unnamed(one, tables)}
    assert wrong == {}
    untenanted = [one.strip()[:200] for one in mine if "%(tenant)s" not in one]
    assert untenanted == []


@pytest.mark.parametrize(
    ("statement", "caught"),
    [
        ("select 1 from flow_run r where r.id = %(id)s and r.tenant_id = %(tenant)s", ["flow_run"]),
        ("update flow_run r set status = 1 from final f where r.id = f.id", ["flow_run"]),
        ("delete from flow_due d using asked a where d.run_id = a.id", ["flow_due"]),
        ("select 1 from flow_run r where r.bucket = any(%(buckets)s) and r.tenant_id = %(tenant)s", []),
        ("insert into flow_due (bucket, tenant_id) select bucket, %(tenant)s from asked", []),
    ],
)
def test_the_reader_of_statements_sees_what_is_missing(statement: str, caught: list[str]) -> None:
    assert unnamed(statement, {"flow_run", "flow_due"}) == caught
