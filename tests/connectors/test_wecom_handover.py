"""Handing customers and groups over against the simulated WeCom: within its limits, through stops and lost answers, each once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest

from harness.database import Database
from harness.offices import LIN, QIAN, SUN, ZHAO, ZHOU, Office, opened
from tandem.connectors.wecom.simulator.corp import Contact, Group
from tandem.connectors.wecom.simulator.service import settle
from tandem.domains.contact import advisers
from tandem.domains.contact.externals import friendship_of
from tandem.domains.contact.handover import jobs, service
from tandem.domains.contact.tagging import jobs as tagging
from tandem.kernel.errors import TandemError


class Desk(Office):
    """One corporation in which people come and go."""

    def read_advisers(self) -> None:
        with self.door.tx("web") as tx:
            advisers.ask_again(tx)
        advisers.read_due(self.door.db, self.door.tenant)

    def friend(self, member: str, name: str = "移交客户") -> Contact:
        contact = self.corp.new_contact(name)
        self.corp.add_friend(contact, member, self.shop.now())
        self.hear()
        self.work()
        self.apply()
        return contact

    def customer(self, contact: Contact, member: str) -> UUID:
        friendship = friendship_of(self.door.tenant, self.source, member, contact.id)
        return self.door.value(f"select customer_id from friendship where id = '{friendship}'")

    def begin(self, giver: str, taker: str, *, customers: list[UUID] | None = None, groups: bool = False) -> UUID:
        with self.door.tx("web") as tx:
            return service.begin(
                tx, service.NewHandOver(self.account, giver, taker, customers, groups, "由我继续为您服务")
            )

    def work_on(self, *, steps: int = 20) -> None:
        """Until nothing is due now."""
        for _ in range(steps):
            if not jobs.look_after(self.door.db, self.door.tenant):
                return

    def later(self) -> None:
        """Time passes, and everybody is looked at again."""
        self.unblock()
        self.owner("update hand_over set due_at = now() where due_at is not null")
        self.work_on()
        self.apply()

    def states(self, hand_over: UUID) -> dict[str, int]:
        rows = self.door.rows(
            f"select state, count(*) from hand_over_item where hand_over_id = '{hand_over}' group by 1"
        )
        return dict(rows)


@pytest.fixture(scope="module")
def desk(module_database: Database) -> Iterator[Desk]:
    with opened(Desk, module_database) as made:
        made.start()
        made.work()
        made.apply()
        made.read_advisers()
        yield made


def test_a_leavers_customers_and_groups_go_to_another(desk: Desk) -> None:
    group = Group("wrLIN", "老客群", SUN, desk.shop.now(), members={SUN: (1, desk.shop.now(), 1, "")})
    desk.corp.groups[group.id] = group
    people = [desk.friend(SUN, f"客{number}") for number in range(3)]
    desk.corp.resign(SUN, desk.shop.now())
    desk.read_advisers()
    mine = len(desk.corp.following(SUN))
    hand_over = desk.begin(SUN, QIAN, groups=True)
    with pytest.raises(TandemError) as refused:
        desk.begin(SUN, LIN)
    assert refused.value.code == "hand_over_under_way"
    # Who both know is taken over all the same: the platform says so of each.
    desk.work_on()
    assert desk.states(hand_over) == {"asked": mine}
    assert desk.corp.groups["wrLIN"].owner == QIAN
    assert desk.door.rows("select chat_id, state from hand_over_group") == [("wrLIN", "done")]
    settle(desk.corp, people[0].id)
    settle(desk.corp, people[1].id, refused=True)
    desk.later()
    assert desk.states(hand_over) == {"asked": mine - 2, "done": 1, "refused": 1}
    first = desk.customer(people[0], QIAN)
    rows = desk.door.rows(f"select member, lost_by from friendship where customer_id = '{first}' order by member")
    assert rows == [(QIAN, None), (SUN, "handed_over")]
    assert (
        desk.door.value(f"select count(*) from event where type = 'friend.handed_over' and customer_id = '{first}'")
        == 1
    )
    # Nobody is welcomed or called lost for it.
    assert desk.door.value(f"select count(*) from event where type = 'friend.lost' and customer_id = '{first}'") == 0
    for contact in list(desk.corp.contacts.values()):
        settle(desk.corp, contact.id)
    desk.later()
    assert desk.states(hand_over) == {"done": mine - 1, "refused": 1}
    assert desk.door.rows(f"select state, due_at from hand_over where id = '{hand_over}'") == [("done", None)]


def test_some_of_a_serving_advisers_within_the_limits(desk: Desk) -> None:
    people = [desk.friend(LIN, f"在职{number}") for number in range(5)]
    customers = [desk.customer(one, LIN) for one in people]
    desk.owner(
        "insert into hand_over_limit (tenant_id, account_id, batch) values (%s, %s, 2)", desk.door.tenant, desk.account
    )
    first = desk.begin(LIN, ZHAO, customers=customers[:4])
    calls = desk.shop.calls.count("externalcontact/transfer_customer")
    desk.work_on()
    assert desk.states(first) == {"asked": 4}
    assert desk.shop.calls.count("externalcontact/transfer_customer") - calls == 2
    for one in people:
        settle(desk.corp, one.id)
    desk.later()
    assert desk.states(first) == {"done": 4}
    # Back again is the second time; a third within 90 days nobody asks for.
    desk.work_on()
    back = desk.begin(ZHAO, LIN, customers=customers[:2])
    desk.work_on()
    for one in people:
        settle(desk.corp, one.id)
    desk.later()
    third = desk.begin(LIN, ZHAO, customers=customers[:1] + customers[4:])
    desk.work_on()
    assert (desk.states(back), desk.states(third)) == ({"done": 2}, {"asked": 1, "capped": 1})
    with desk.door.tx("web") as tx:
        mine, _ = service.list_friends(tx, desk.account, LIN, cursor=None, limit=50)
        assert service.list_friends(tx, desk.account, "nobody", cursor=None, limit=50) == ([], None)
    shown = {one.customer_id: (one.times, one.capped, one.under_way) for one in mine}
    assert (shown[customers[1]], shown[customers[4]]) == ((2, True, False), (1, False, True)), "whom to choose says so"
    assert customers[2] not in shown, "who went to another is nobody's to choose here"
    # The platform's own word, where our books are thinner than its.
    people[3].transfers = [desk.shop.now()] * 2
    desk.corp.members[QIAN].contacts_max = 0
    desk.owner("update hand_over_limit set times = 9")
    settle(desk.corp, people[4].id)
    desk.later()
    other = desk.begin(ZHAO, QIAN, customers=[customers[3], customers[2]])
    desk.work_on()
    rows = desk.door.rows(f"select state, code from hand_over_item where hand_over_id = '{other}' order by 1")
    assert rows == [("capped", "40130"), ("full", "40099")]
    desk.corp.members[QIAN].contacts_max = 20_000
    with pytest.raises(TandemError) as refused:
        desk.begin(QIAN, LIN, customers=[customers[0]])
    assert refused.value.code == "no_friends"
    for taker in (QIAN, "nobody", SUN):
        with pytest.raises(TandemError) as refused:
            desk.begin(QIAN, taker)
        assert refused.value.code == "bad_taker"


def test_a_lost_answer_and_a_dead_worker_ask_nobody_twice(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    people = [desk.friend(ZHOU, f"断线{number}") for number in range(3)]
    customers = [desk.customer(one, ZHOU) for one in people]
    hand_over = desk.begin(ZHOU, LIN, customers=customers)
    desk.owner("update hand_over_limit set batch = 100")
    write: Any = jobs.working._write

    def dies(*_: Any) -> None:
        raise KeyboardInterrupt

    # The platform has them all; the worker dies before it writes down that it has.
    monkeypatch.setattr(jobs.working, "_write", dies)
    with pytest.raises(KeyboardInterrupt):
        jobs.look_after(desk.door.db, desk.door.tenant)
    monkeypatch.setattr(jobs.working, "_write", write)
    assert desk.states(hand_over) == {"asking": 3}
    calls = desk.shop.calls.count("externalcontact/transfer_customer")
    desk.owner("update hand_over set leased_until = null")
    desk.work_on()
    assert desk.states(hand_over) == {"asked": 3}
    assert desk.shop.calls.count("externalcontact/transfer_customer") == calls
    assert all(len(one.transfers) == 1 for one in people)
    # One whom the platform never heard of is asked for again after a while, not before.
    desk.corp.store("transfer").pop(f"{ZHOU}|{LIN}|{people[0].id}")
    people[0].transfers.clear()
    desk.owner("update hand_over_item set state = 'asking' where hand_over_id = %s", hand_over)
    desk.later()
    assert desk.states(hand_over) == {"asked": 2, "asking": 1}
    desk.owner("update hand_over_item set asked_at = now() - interval '3 min' where state = 'asking'")
    desk.later()
    desk.later()
    assert desk.states(hand_over) == {"asked": 3}
    with desk.door.tx("web") as tx:
        service.stop(tx, hand_over)
        row = next(one for one in service.list_advisers(tx, 30) if one.member == ZHOU)
    assert (row.handing_over, row.away) == (3, False)
    for one in people:
        settle(desk.corp, one.id)
    desk.later()
    with desk.door.tx("web") as tx:
        items, _ = service.list_items(tx, hand_over, cursor=None, limit=10)
        lost, _ = service.list_lost(tx, member=ZHOU, cursor=None, limit=10)
    assert {one.state for one in items} == {"done"}
    assert lost == []


def test_a_day_takes_so_many_groups(desk: Desk) -> None:
    for number in range(4):
        chat = f"wrDAY{number}"
        desk.corp.groups[chat] = Group(
            chat, f"群{number}", LIN, desk.shop.now(), members={LIN: (1, desk.shop.now(), 1, "")}
        )
    desk.owner("update hand_over_limit set groups_per_day = 3")
    contact = desk.friend(LIN, "带群")
    hand_over = desk.begin(LIN, ZHOU, customers=[desk.customer(contact, LIN)], groups=True)
    desk.work_on()
    done = "select count(*) from hand_over_group where state = 'done' and hand_over_id = "
    mine = desk.door.value(f"select count(*) from hand_over_group where hand_over_id = '{hand_over}'")
    assert desk.door.value(f"{done}'{hand_over}'") == 3 < mine
    desk.later()
    assert desk.door.value(f"{done}'{hand_over}'") == 3
    desk.owner("update hand_over_group set finished_at = finished_at - interval '25 hours' where state = 'done'")
    desk.later()
    desk.later()
    assert desk.door.value(f"{done}'{hand_over}'") == mine


def test_who_is_being_handed_over_is_not_called_lost(desk: Desk) -> None:
    """A reading of the giver between the move and its result leaves her alone; who was called lost before is handed over all the same."""
    desk.owner("update hand_over set state = 'done', due_at = null where state <> 'done'")
    early, late = desk.friend(LIN, "早读"), desk.friend(LIN, "误报")
    ids = [friendship_of(desk.door.tenant, desk.source, LIN, one.id) for one in (early, late)]
    while tagging.look_after(desk.door.db, desk.door.tenant):
        pass
    desk.apply()
    desk.owner("update friendship set added_at = added_at - interval '1 day' where id = any(%s)", ids)
    hand_over = desk.begin(LIN, ZHAO, customers=[desk.customer(one, LIN) for one in (early, late)])
    desk.work_on()
    for one in (early, late):
        settle(desk.corp, one.id)
    desk.owner("update tag_account set due_at = now(), leased_until = null")
    desk.owner("update friend_walk set due_at = now(), leased_until = null")
    while tagging.look_after(desk.door.db, desk.door.tenant):
        pass
    desk.apply()
    assert desk.door.rows("select id from friendship where id = any(%s) and lost_at is not null", ids) == []
    desk.owner("update friendship set lost_at = now(), lost_by = 'unknown' where id = %s", ids[1])
    desk.later()
    assert desk.states(hand_over) == {"done": 2}
    assert desk.door.rows("select lost_by from friendship where id = any(%s)", ids) == [("handed_over",)] * 2
