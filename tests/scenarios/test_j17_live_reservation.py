"""J17: one tap books the live stream, her group (or else she) is reminded when it starts, and what is bought then is counted for it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest
from town import ZONE, ok

from harness.database import Database
from harness.flows import FlowHouse, working
from harness.house import House, open_house
from tandem.assembly import system
from tandem.domains.contact.sending import driving
from tandem.kernel.ids import new_id
from tandem.stream.door.pending import resolve_waiting

BOOKED, STARTS = "预约成功", "开播了"


class Studio:
    """A house with a worker in this process and a clock that leaps."""

    def __init__(self, house: House, flows: FlowHouse) -> None:
        self.house, self.flows, self.admin, self.numbers = house, flows, house.person("admin"), count(1)

    @property
    def now(self) -> datetime:
        return datetime.fromisoformat(ok(self.admin.get("/v1/clock"))["business_now"])

    def tell(self, kind: str, member: str, **payload: Any) -> None:
        who = {"identifiers": [{"kind": "member_no", "value": member}]}
        event = {"source": "live", "external_id": f"j17-{next(self.numbers)}", "kind": kind, "time": self.now.isoformat(), "payload": who | payload}  # fmt: skip
        ok(self.admin.post("/v1/events", {"events": [event]}))
        while resolve_waiting(self.house.db, system().door_kinds):
            pass
        self.flows.settle(turns_max=2000)

    def until(self, hour: int, minute: int = 0) -> None:
        """Move the clock to the next such moment of the company's day."""
        now = self.now.astimezone(ZONE)
        then = now.replace(hour=hour, minute=minute, second=0, microsecond=0)
        self.flows.forward(seconds=((then if then > now else then + timedelta(days=1)) - now).total_seconds())
        self.flows.settle(turns_max=2000)

    def books(self, member: str) -> None:
        self.tell("behaviour", member, name="预约直播", at=self.now.isoformat(), properties={})

    def buys(self, member: str, order: str) -> None:
        at = self.now.isoformat()
        self.tell("order", member, order_id=order, status="paid", placed_at=at, paid_at=at, total="99.00", lines=[])

    def group(self, *members: str) -> None:
        """A customer group of a connected account, with these in it."""
        with self.house.database.connect() as owner:
            of = {"tenant": self.house.a.id, "account": new_id(), "group": new_id(), "now": self.now}
            owner.execute(
                "insert into source_account (tenant_id, id, connector, name, source, key_enc, secret_enc, created_at, updated_at)"
                " values (%(tenant)s, %(account)s, 'wecom', '企业微信', 'wecom', '', '', now(), now())",
                of,
            )
            owner.execute(
                "insert into adviser (tenant_id, account_id, member, name, status, seen_at) values (%(tenant)s, %(account)s, 'lin', '林', 'active', now())",
                of,
            )
            owner.execute(
                "insert into group_chat (tenant_id, id, account_id, chat_id, name, owner) values (%(tenant)s, %(group)s, %(account)s, 'g1', '直播群', 'lin')",
                of,
            )
            for member in members:
                (her,) = ok(self.admin.get("/v1/customers", q=member))["items"]
                owner.execute(
                    "insert into group_membership (bucket, id, tenant_id, customer_id, origin_id, group_chat_id, joined_at)"
                    " values (tandem_bucket(%(her)s::uuid), tandem_new_id(), %(tenant)s, %(her)s, %(her)s, %(group)s, %(now)s)",
                    of | {"her": her["id"]},
                )

    def posts(self) -> list[tuple[str, int]]:
        """What owners were given to post: the task's name and how many groups it is for."""
        with self.house.database.connect() as owner:
            owner.execute("update mass_send set due_at = now() where due_at is not null")
        driving.bring_on(self.house.db, self.house.a.id)
        return [
            (
                one["name"],
                sum(task["size"] for task in ok(self.admin.get(f"/v1/mass-sends/{one['id']}/tasks"))["items"]),
            )
            for one in ok(self.admin.get("/v1/mass-sends", kind="groups"))["items"]
        ]

    def heard(self, member: str) -> list[str]:
        """What was sent to her, by its name, the oldest first."""
        (her,) = ok(self.admin.get("/v1/customers", q=member))["items"]
        return [one["template"] for one in reversed(ok(self.admin.get("/v1/messages", customer_id=her["id"]))["items"])]


@pytest.fixture(scope="module")
def studio(module_database: Database) -> Iterator[Studio]:
    with open_house(module_database) as house, working(house.db, house.a.id) as flows:
        yield Studio(house, flows)


def test_j17_booked_with_one_tap_reminded_at_the_start_and_counted_for_the_stream(studio: Studio) -> None:
    s = studio
    install = {"name": "今晚直播", "language": "zh", "answers": {}}
    flow = ok(s.admin.post("/v1/gallery/templates/live-reservation/install", install))["flow_id"]
    ok(s.admin.post(f"/v1/flows/{flow}/publish", {"running": "stay"}))
    s.until(10)
    for member in ("J17-1", "J17-2", "J17-3", "J17-4"):
        s.tell("customer", member, name=member)
    s.books("J17-1")
    s.books("J17-1")  # a second tap
    s.books("J17-4")
    s.books("J17-2")
    s.tell("behaviour", "J17-3", name="看直播预告", at=s.now.isoformat(), properties={})
    assert [s.heard(f"J17-{n}") for n in (1, 2, 3)] == [[BOOKED], [BOOKED], []]
    s.until(19, 55)
    s.group("J17-1", "J17-4")
    assert s.heard("J17-1") == [BOOKED]
    s.until(20, 1)
    assert [s.heard(f"J17-{n}") for n in (1, 2, 3)] == [[BOOKED], [BOOKED, STARTS], []], (
        "who is in a group reads it there"
    )
    assert s.posts() == [("开播提醒", 1)], "the group of both is told once"
    s.until(20, 30)
    s.buys("J17-1", "j17-a")
    s.buys("J17-3", "j17-b")
    s.until(9)
    s.buys("J17-2", "j17-late")
    goal = ok(s.admin.get(f"/v1/flows/{flow}/stats"))["goal"]
    assert (goal["entered"], goal["converted"]) == (3, 1), "who bought the day after did not buy in the stream"
    (live,) = [
        one for one in ok(s.admin.get("/v1/traffic-funnel", within_days=0))["sources"] if one["source"] == "live"
    ]
    assert (live["live"], live["beside"], live["revenue"]["amount"]) == (4, 2, "198.00")
