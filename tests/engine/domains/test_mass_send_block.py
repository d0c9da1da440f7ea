"""The block that prepares mass messages: one task per adviser and window, nobody twice, and whoever may not be written to says why."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from harness.flows import FlowHouse, block, graph
from tandem.domains.contact.sending import driving, service
from tandem.domains.messaging.words import service as words
from tandem.kernel.errors import TandemError
from tandem.kernel.ids import new_id


def office(house: FlowHouse, customers: list[UUID], *, friends: int) -> UUID:
    """An account with two advisers; the first of the customers are friends of one or the other."""
    account = new_id()
    house.owner(
        "insert into source_account (tenant_id, id, connector, name, source, key_enc, secret_enc, created_at, updated_at)"
        " values (%(tenant)s, %(id)s, 'wecom', '企业微信', 'scrm', '', '', now(), now())",
        {"id": account},
    )
    house.owner(
        "insert into adviser (tenant_id, account_id, member, name, status, seen_at) select %(tenant)s, %(id)s, m, m, 'active', now()"
        " from unnest('{lin,zhou}'::text[]) as m",
        {"id": account},
    )
    house.owner(
        "insert into friendship (bucket, id, tenant_id, customer_id, origin_id, source, member, added_at, answered)"
        " select tandem_bucket(c), tandem_new_id(), %(tenant)s, c, c, 'scrm', case when n %% 2 = 0 then 'lin' else 'zhou' end, now(), true"
        " from unnest(%(customers)s::uuid[]) with ordinality as u(c, n)",
        {"customers": customers[:friends]},
    )
    return account


def drawing(account: UUID, **more: Any) -> dict[str, Any]:
    settings = {"account": str(account), "title": "回访", "body": "新品到店，欢迎来看", "window": 30} | more
    return graph(
        [
            block("s", "start.event", event_type="campaign.reached"),
            block("m", "contact.mass_send", **settings),
            block("p", "marketing.add_points", points=1, reason="后"),
            block("e", "flow.exit"),
        ],
        ["s.entered>m", "m.prepared>p", "p.done>e", "m.held>e"],
        reentry={"rule": "always"},
    )


def over(house: FlowHouse) -> list[tuple[Any, ...]]:
    """The window is over; the tasks there are, by adviser and number."""
    house.owner("update mass_send set due_at = now()")
    driving.bring_on(house.db, house.tenant)
    return house.owner("select member, number, size from mass_send_task order by number, member")


def people(house: FlowHouse) -> Counter[tuple[str, str | None]]:
    return Counter(house.owner("select state, reason from mass_send_person"))


def test_an_adviser_gets_one_task_a_window_and_nobody_is_in_it_twice(house: FlowHouse) -> None:
    crowd = house.add_customers(9)
    account = office(house, crowd, friends=8)
    house.owner("update customer set do_not_contact = true where id = %(id)s", {"id": crowd[0]})
    flow = house.publish(drawing(account))
    house.events([("campaign.reached", one, {}) for one in crowd])
    house.settle()
    assert people(house) == {("booked", None): 7, ("held", "do_not_contact"): 1, ("held", "no_adviser"): 1}
    assert Counter(port for name, port in house.steps(flow) if name == "m" and port >= 0) == {0: 7, 1: 2}
    handed = "status = 'handed' and channel = 'wecom' and booked_at is not null"
    assert (house.count("mass_send"), house.count("outbox_message", handed)) == (1, 7), (
        "one for the block, caps counted"
    )
    assert house.count("mass_send_task") == 0, "gathered until the window is over"
    # She passes again while she waits for the task: she is in it once.
    house.events([("campaign.reached", crowd[1], {})])
    house.settle()
    assert people(house)["held", "in_task"] == 1
    assert over(house) == [("lin", 0, 4), ("zhou", 0, 3)]
    assert over(house) == [("lin", 0, 4), ("zhou", 0, 3)], "nobody new: no task"
    # The next window has tasks of its own, which the earlier ones do not grow by.
    house.events([("campaign.reached", one, {}) for one in crowd[1:3]])
    house.settle()
    assert over(house) == [("lin", 0, 4), ("zhou", 0, 3), ("lin", 1, 1), ("zhou", 1, 1)]
    assert house.owner("select status, due_at > now() + interval '25 minutes' from mass_send") == [("running", True)]


def test_caps_quota_and_a_stop_hold_back_and_quiet_hours_wait(house: FlowHouse) -> None:
    crowd = house.add_customers(4)
    account = office(house, crowd, friends=4)
    house.owner(
        "insert into mass_account (tenant_id, account_id, quota, quota_n) values (%(tenant)s, %(id)s, 'per_day', 1)",
        {"id": account},
    )
    house.publish(drawing(account))
    house.events([("campaign.reached", crowd[0], {})])
    house.settle()
    assert over(house) == [("zhou", 0, 1)]
    house.events([("campaign.reached", crowd[0], {})])
    house.settle()
    assert people(house)["held", "platform_quota"] == 1, "WeCom lets her have one a day"
    house.owner("insert into frequency_cap (tenant_id, per_day) values (%(tenant)s, 1)")
    house.events([("campaign.reached", crowd[0], {})])
    house.settle()
    assert people(house)["held", "capped"] == 1
    with house.tx() as tx:
        local = tx.now.astimezone(ZoneInfo(tx.zone))
    quiet = {"begin": (local - timedelta(hours=1)).time(), "end": (local + timedelta(hours=1)).time()}
    house.owner("update frequency_cap set quiet_from = %(begin)s, quiet_until = %(end)s", quiet)
    house.events([("campaign.reached", crowd[1], {})])
    house.settle()
    assert people(house)["booking", "quiet_hours"] == 1
    assert len(over(house)) == 1, "in quiet hours nobody is given a task for her"
    house.forward(hours=2)
    house.settle()
    assert over(house) == [("lin", 0, 1), ("zhou", 0, 1)]
    with house.tx() as tx:
        service.cancel_send(tx, house.owner("select id from mass_send")[0][0])
    house.events([("campaign.reached", crowd[2], {})])
    house.settle()
    assert people(house)["held", "cancelled"] == 1


def _groups(house: FlowHouse, account: UUID, crowds: dict[str, list[UUID]]) -> dict[str, UUID]:
    """A group of each name with these customers in it; what zhou owns is named so."""
    found = {name: new_id() for name in crowds}
    for name, crowd in crowds.items():
        owner = "zhou" if "zhou" in name else "gone" if "gone" in name else "lin"
        house.owner(
            "insert into group_chat (tenant_id, id, account_id, chat_id, name, owner) values (%(tenant)s, %(id)s, %(account)s, %(name)s, %(name)s, %(owner)s)",
            {"id": found[name], "account": account, "name": name, "owner": owner},
        )
        house.owner(
            "insert into group_membership (bucket, id, tenant_id, customer_id, origin_id, group_chat_id, joined_at)"
            " select tandem_bucket(c), tandem_new_id(), %(tenant)s, c, c, %(id)s, now() from unnest(%(crowd)s::uuid[]) as c",
            {"id": found[name], "crowd": crowd},
        )
    return found


def posts(house: FlowHouse) -> list[tuple[Any, ...]]:
    """Every window is over: which groups stand where, and whose tasks there are."""
    house.owner("update mass_send set due_at = now() where due_at is not null")
    driving.bring_on(house.db, house.tenant)
    return house.owner(
        "select g.name, s.state, s.reason, count(*) from mass_send_group as s join group_chat as g on g.id = s.group_chat_id group by 1, 2, 3 order by 1, 2"
    )


def held(house: FlowHouse) -> list[str]:
    """Why customers left the block by its other way."""
    return [
        row[0]
        for row in house.owner(
            "select jsonb_path_query(to_jsonb(facts), '$.**.reason') #>> '{}' from flow_step order by 1"
        )
    ]


def test_a_group_is_posted_to_once_however_many_pass_and_within_its_quota(house: FlowHouse) -> None:
    crowd = house.add_customers(6)
    account = office(house, crowd, friends=0)
    known = _groups(house, account, {"one": crowd[:3], "two zhou": crowd[2:4], "three gone": [crowd[4]]})
    house.owner("insert into mass_account (tenant_id, account_id, quota, quota_n) values (%(tenant)s, %(id)s, 'per_day', 2)", {"id": account})  # fmt: skip
    drawn = drawing(account)
    drawn["blocks"][1] |= {"kind": "contact.group_send", "config": {"title": "开播", "body": "开播了", "rest": 2}}
    flow = house.publish(drawn)
    house.events([("campaign.reached", one, {}) for one in crowd])
    house.settle()
    assert Counter(port for name, port in house.steps(flow) if name == "m" and port >= 0) == {0: 4, 1: 2}
    assert held(house) == ["adviser_away", "no_group"]
    assert (house.count("mass_send"), house.count("mass_send_task")) == (1, 0), "one for the window, until it is over"
    assert posts(house) == [("one", "booked", None, 1), ("two zhou", "booked", None, 1)]
    assert house.owner("select member, size from mass_send_task order by 1") == [("lin", 1), ("zhou", 1)]
    # Who passes later the same evening finds her group told already; a turn that was late is still seen to.
    house.events([("campaign.reached", crowd[0], {})])
    house.settle()
    assert (
        house.count("mass_send"),
        Counter(port for name, port in house.steps(flow) if name == "m" and port >= 0)[0],
    ) == (1, 5)
    house.owner("update mass_send set status = 'running'")
    house.owner("insert into mass_send_group (tenant_id, mass_send_id, group_chat_id, member, state) select %(tenant)s, id, %(g)s, 'gone', 'waiting' from mass_send", {"g": known["three gone"]})  # fmt: skip
    assert ("three gone", "held", "adviser_away", 1) in posts(house)
    # Two more times: the second is one too many for WeCom's day.
    for _ in range(2):
        house.forward(hours=3)
        house.events([("campaign.reached", crowd[0], {})])
        house.settle()
        found = posts(house)
    assert ("one", "booked", None, 2) in found
    assert held(house) == ["adviser_away", "no_group", "platform_quota"]


def test_two_turns_that_did_not_see_one_another_post_once(house: FlowHouse) -> None:
    crowd = house.add_customers(2)
    _groups(house, office(house, crowd, friends=0), {"one": crowd})
    drawn = drawing(new_id())
    drawn["blocks"][1] |= {"kind": "contact.group_send", "config": {"title": "开播", "body": "开播了", "rest": 2}}
    house.publish(drawn)
    for who in crowd:
        # What a turn of another bucket has not committed yet is as if it were another block's.
        house.owner("update mass_send set block = 'unseen'")
        house.events([("campaign.reached", who, {})])
        house.settle()
        house.forward(hours=1)
    house.owner("update mass_send set block = 'm'")
    assert posts(house) == [("one", "booked", None, 1), ("one", "held", "posted_lately", 1)]
    assert house.count("mass_send_task") == 1


def test_a_window_that_was_stopped_takes_nobody_more(house: FlowHouse) -> None:
    crowd = house.add_customers(2)
    _groups(house, office(house, crowd, friends=0), {"one": crowd[:1], "two": crowd[1:]})
    drawn = drawing(new_id())
    # One window for all that happens here, whatever the hour.
    drawn["blocks"][1] |= {"kind": "contact.group_send", "config": {"title": "开播", "body": "开播了", "window": 1440}}
    house.publish(drawn)
    house.events([("campaign.reached", crowd[0], {})])
    house.settle()
    with house.tx() as tx:
        service.cancel_send(tx, house.owner("select id from mass_send")[0][0])
    house.events([("campaign.reached", crowd[1], {})])
    house.settle()
    assert posts(house) == [("one", "cancelled", "cancelled", 1), ("two", "cancelled", None, 1)]
    house.forward(hours=24)
    house.events([("campaign.reached", crowd[1], {})])
    house.settle()
    assert ("two", "booked", None, 1) in posts(house), "the next window has it, it was not told"


def test_forbidden_words_and_an_unknown_account_keep_it_from_being_published(house: FlowHouse) -> None:
    account = office(house, [], friends=0)
    with house.tx() as tx:
        words.add_words(tx, ["全网最低"], "block")
    for drawn in (drawing(account, body="全网最低价"), drawing(new_id())):
        with pytest.raises(TandemError) as refused:
            house.publish(drawn)
        assert refused.value.code == "flow_not_publishable"
