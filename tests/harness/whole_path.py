"""A shop whose records come in by the door while people walk through a flow, with an account of what everything must come to."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from harness.flows import FlowHouse, block, graph
from tandem.domains.marketing import service as marketing
from tandem.domains.marketing.coupons import NewCouponTemplate
from tandem.domains.messaging import service as messaging
from tandem.flow.runs import RunStatus
from tandem.kernel.ids import BUCKETS
from tandem.kernel.turn import Turn
from tandem.stream.door.pending import take_in
from tandem.stream.door.service import accept
from tandem.stream.door.wire import parse
from tandem.stream.segment import audit
from tandem.stream.segment import service as segments
from tandem.stream.tags import catalogue

POINTS = 30
BIG_SPENDER = Decimal(120)
#: Every so many-th customer buys a second time; every so many-th order is a walk-in's.
TWICE_EVERY, WALK_IN_EVERY = 4, 20
#: Between her two purchases so many others buy twice: both may come in one batch, or in two.
APART = 25

Record = dict[str, Any]


@dataclass
class Shop:
    """What was told to the door, and what hangs on it."""

    house: FlowHouse
    people: int
    quota: int
    flow: UUID
    segment: UUID
    records: list[Record] = field(default_factory=list)
    """All purchases that will be told, in order."""
    told: int = 0
    refunded: set[str] = field(default_factory=set)

    @property
    def totals(self) -> dict[str, Decimal]:
        """What each order comes to, by its number."""
        return {one["payload"]["order_id"]: Decimal(one["payload"]["total"]) for one in self.records}

    @property
    def spent(self) -> list[Decimal]:
        """What each customer spends in all."""
        found = [Decimal(0)] * self.people
        for order_id, total in self.totals.items():
            if order_id[0] in "AB":
                found[int(order_id[1:])] += total
        return found

    def tell_purchases(self, count: int) -> None:
        """Tell the next purchases: by turns only received, for workers to resolve, or resolved at once. Half a batch is told twice."""
        batch = self.records[self.told : self.told + count]
        later = (self.told // count) % 2 == 1
        self.told += len(batch)
        for part in (batch, batch[: len(batch) // 2]):
            self._tell(part, later=later)

    def tell_refunds(self) -> None:
        """Give part of the money back to everybody who waits for it."""
        waiting = self.house.owner(
            """
            select o.external_id from flow_run r join flow_stretch s on s.id = r.stretch
            join sales_order o on o.bucket = r.bucket and o.customer_id = r.customer_id
            where r.flow_id = %(flow)s and r.status = %(active)s and s.block = 'wait' and s.mode = 'resume' and o.external_id like 'A%%'
            """,
            {"flow": self.flow, "active": int(RunStatus.ACTIVE)},
        )
        fresh = sorted({row[0] for row in waiting} - self.refunded)
        self.refunded |= set(fresh)
        self._tell([_refund(one) for one in fresh], later=False)

    def _tell(self, records: Sequence[Record], *, later: bool) -> None:
        if not records:
            return
        parsed = parse(json.dumps({"events": records}).encode())
        with self.house.tx("door") as tx:
            if later:
                take_in(tx, parsed)
            else:
                accept(tx, self.house.rooms.door_kinds, parsed)

    def done(self) -> int:
        """How many events were applied and stretches passed so far."""
        return self.house.count("event") + self.house.count("flow_step_log")

    def finished(self) -> bool:
        """Has everything come to rest? A message whose sender died is looked at after five minutes; here they pass in a moment."""
        if self.told < len(self.records) or len(self.refunded) < self.people:
            return False
        self.house.owner(
            "update outbox_message set sending_since = sending_since - interval '10 minutes'"
            " where tenant_id = %(tenant)s and status = 'sending'"
        )
        # One statement sees one moment: work that leaves one queue for another is never between two looks.
        queues = ("intake_pending", "inbox", "flow_due", "flow_fanout", "coupon_request")
        left = [f"(select count(*) from {one})" for one in queues]
        left.append("(select count(*) from outbox_message where status in ('released', 'sending'))")
        left.append("(select count(*) from merge_command where status in ('queued', 'moving'))")
        return self.house.owner(f"select {' + '.join(left)}") == [(0,)]

    def state(self) -> dict[str, object]:
        """How far it has come, for the reader of a failure."""
        tables = (
            "intake_pending",
            "inbox",
            "inbox_failed",
            "event",
            "flow_due",
            "flow_parked",
            "coupon_request",
            "outbox_message",
        )
        runs = self.house.owner(
            "select block, mode, r.status, count(*) from flow_run r join flow_stretch s on s.id = r.stretch group by 1, 2, 3"
        )
        return {one: self.house.count(one) for one in tables} | {
            "told": self.told,
            "refunded": len(self.refunded),
            "runs": runs,
        }


def open_shop(house: FlowHouse, people: int, quota: int) -> Shop:
    """Coupons, a message, a live segment, a computed tag and the flow; nobody has bought anything yet."""
    catalog = house.rooms.catalog
    with house.tx() as tx:
        draft = NewCouponTemplate(name="满减", kind="amount", value=Decimal(20), valid_days=14, quota=quota)
        coupon = marketing.create_template(tx, draft)
        hello = messaging.create_template(
            tx, catalog, name="感谢", body="{{customer.name|亲}}，感谢惠顾", message_class="marketing"
        )
        regulars = segments.create(tx, catalog, segments.Draft(name="回头客", text="customer.order_count >= 2"))
        catalogue.create(tx, catalog, "大客", expression=f"customer.spend_total >= {BIG_SPENDER}")
    flow = house.publish(_graph(coupon, hello), "下单有礼")
    shop = Shop(house, people, quota, flow, regulars.id)
    for number in range(people):
        shop.records.append(_order(f"A{number}", number, 40 + number % 100))
        if number % TWICE_EVERY == 0 and number >= TWICE_EVERY * APART:
            before = number - TWICE_EVERY * APART
            shop.records.append(_order(f"B{before}", before, 60))
        if number % WALK_IN_EVERY == 0:
            shop.records.append(_order(f"W{number}", None, 15))
    return shop


def _graph(coupon: UUID, hello: UUID) -> dict[str, Any]:
    arms = [{"name": "coupon", "label": "发券", "share": "50"}, {"name": "points", "label": "送积分", "share": "50"}]
    return graph(
        [
            block("start", "start.event", event_type="order.paid"),
            block("ab", "decide.split", arms=arms),
            block("coupon", "marketing.issue_coupon", coupon_template=str(coupon)),
            block("points", "marketing.add_points", points=POINTS, reason="下单有礼", valid_days=90),
            block("tell", "messaging.send", template=str(hello)),
            block("wait", "wait.event", event_type="refund.created", timeout={"amount": "7", "unit": "days"}),
            block("exit", "flow.exit"),
        ],
        [
            "start.entered>ab",
            "ab.coupon>coupon",
            "ab.points>points",
            "coupon.issued>tell",
            "coupon.sold_out>points",
            "coupon.limit_reached>exit",
            "points.done>tell",
            *(f"tell.{port}>wait" for port in ("sent", "held", "skipped")),
            "wait.happened>exit",
            "wait.timeout>exit",
        ],
        reentry={"rule": "never"},
    )


def _order(order_id: str, customer: int | None, total: int) -> Record:
    at = datetime.now(UTC).isoformat()
    payload = {
        "order_id": order_id,
        "identifiers": [] if customer is None else [{"kind": "phone", "value": f"1371{customer:07d}"}],
        "status": "paid",
        "placed_at": at,
        "paid_at": at,
        "total": str(total),
        "lines": [{"line_no": 1, "product_id": "p1", "quantity": 1, "amount": str(total)}],
    }
    return {"source": "pos", "external_id": f"order-{order_id}", "kind": "order", "time": at, "payload": payload}


def _refund(order_id: str) -> Record:
    at = datetime.now(UTC).isoformat()
    payload = {"refund_id": f"R{order_id}", "order_id": order_id, "amount": "5", "at": at}
    return {"source": "pos", "external_id": f"refund-{order_id}", "kind": "refund", "time": at, "payload": payload}


# ------------------------------------------------------------------------------------------------------ the accounts


def settle_records(shop: Shop) -> None:
    """Every record is one event, applied once: the log, the orders, the facts, segment and tag say the same as what was told."""
    house, people, totals = shop.house, shop.people, shop.totals
    assert (house.count("inbox_failed"), house.count("quarantine")) == (0, 0)
    assert house.count("intake_key") == len(shop.records) + people
    assert house.owner("select count(*) - count(distinct event_id) from event") == [(0,)]
    events = dict(house.owner("select type, count(*) from event group by 1"))
    regulars = sum(order_id[0] == "B" for order_id in totals)
    big = sum(one >= BIG_SPENDER for one in shop.spent)
    wanted = {
        "order.paid": len(totals),
        "refund.created": people,
        "customer.created": people,
        "segment.entered": regulars,
        "tag.added": big,
    }
    assert {one: events.get(one, 0) for one in wanted} == wanted
    assert not {"order.changed", "segment.left", "tag.removed", "customer.merged"} & events.keys()

    orders = house.owner("select external_id, total, refunded_total, version, customer_id is null from sales_order")
    assert sorted(orders) == sorted(
        (one, total, Decimal(5 * (one[0] == "A")), 1, one[0] == "W") for one, total in totals.items()
    )
    assert house.owner("select count(*), sum(amount) from refund") == [(people, Decimal(5 * people))]
    assert house.count("order_line") == len(totals)
    mine = """
        select (select array_agg(o.external_id order by o.external_id) from sales_order o where o.customer_id = c.id), {what}
        from customer c join {table} f on f.bucket = c.bucket and f.customer_id = c.id
    """
    bought = {number: [f"A{number}", *([f"B{number}"] if f"B{number}" in totals else [])] for number in range(people)}
    profiles = house.owner(mine.format(what="f.order_count, f.spend_total, f.refund_total", table="customer_profile"))
    expected = [(bought[number], len(bought[number]), spent, Decimal(5)) for number, spent in enumerate(shop.spent)]
    assert sorted(profiles) == sorted(expected)
    days = house.owner(
        "select fact, sum(n)::int, sum(amount) from customer_fact_day where fact in ('orders', 'refunds') group by 1"
    )
    assert sorted(days) == [("orders", people + regulars, sum(shop.spent)), ("refunds", people, Decimal(5 * people))]

    assert house.count("segment_member", f"segment_id = '{shop.segment}'") == regulars
    assert house.count("customer_tag", "tag = '大客'") == big
    with house.tx("worker") as tx:
        turn = Turn(tx, list(range(BUCKETS)))
        live = tx.values("select id from segment where tenant_id = %(tenant)s", {"tenant": tx.tenant_id})
        assert [audit.audit(turn, house.rooms.catalog, one, 1) for one in live] == [[], []]


def settle_runs(shop: Shop) -> None:
    """One run a customer; nothing given, sent or logged twice, and nothing left out."""
    house, people = shop.house, shop.people
    assert house.owner("select count(*), count(distinct customer_id) from flow_run where status = 1") == [
        (people, people)
    ]
    assert (house.count("flow_run"), house.count("flow_parked")) == (people, 0)
    assert house.owner(
        "select count(*), count(distinct (run_id, visit)), count(distinct run_id) from flow_step_log"
    ) == [(house.owner("select sum(visit)::bigint from flow_run")[0][0],) * 2 + (people,)]
    arms = dict(house.owner("select port, count(*) from flow_arm group by 1"))
    assert sum(arms.values()) == people

    issued = min(shop.quota, arms["coupon"])
    assert house.owner("select count(*), count(distinct run_id), count(distinct code) from coupon") == [(issued,) * 3]
    assert house.owner("select sum(pool)::int, (select sum(used)::int from quota_lease) from quota") == [
        (shop.quota - issued - _lent(shop), issued)
    ]
    rewarded = people - issued
    assert house.owner("select count(*), count(distinct run_id), sum(amount)::int from points_entry") == [
        (rewarded, rewarded, rewarded * POINTS)
    ]
    assert house.owner("select sum(remaining)::int from points_lot") == [(rewarded * POINTS,)]
    assert house.owner("select count(*) from coupon c join points_entry p using (run_id)") == [(0,)]

    assert house.owner(
        "select status, count(*), count(distinct (run_id, block, visit)) from outbox_message group by 1"
    ) == [("sent", people, people)]
    assert house.owner("select count(*), count(distinct customer_id) from simulated_inbox") == [(people, people)]
    told = dict(
        house.owner(
            "select type, count(*) from event where type in ('coupon.issued', 'points.earned', 'message.sent') group by 1"
        )
    )
    assert told == {"coupon.issued": issued, "points.earned": rewarded, "message.sent": people}
    logged = house.owner("select stretch, path, count(*) from flow_step_log group by 1, 2 order by 1, 2")
    assert logged == house.owner("select stretch, path, sum(n)::bigint from flow_path_stat group by 1, 2 order by 1, 2")


def _lent(shop: Shop) -> int:
    return int(shop.house.owner("select coalesce(sum(granted - used), 0)::int from quota_lease")[0][0])
