"""A question at a shop's desk becomes a lead, somebody's to follow up, a friend, an order (J20, D05): by forms, flows and people."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from harness import shop as shops
from harness.house import House, ok
from harness.locks import comes_to_buckets_first
from harness.shop import card, open_shop
from tandem.access.permissions import Grant
from tandem.catalog.label import Label
from tandem.demo import season
from tandem.domains.notices import finding
from tandem.domains.notices.finding import Found
from tandem.domains.notices.telling import Colleague, may_hear
from tandem.domains.sales import unwinding
from tandem.domains.sales.rules import Rule, Seat, chosen, worth
from tandem.kernel.ids import bucket_of, derived_id, new_id
from tandem.stream.events import NewEvent
from tandem.stream.inbox import emit
from tandem.stream.projection import BACKFILL


class Shop(shops.Shop):
    """Where people ask, mostly at Youzan's desk."""

    def tell(self, kind: str, payload: dict[str, Any], source: str = "youzan") -> None:
        super().tell(kind, payload, source)

    def leads(self, who: str = "admin", **asked: Any) -> list[dict[str, Any]]:
        return ok(self.house.person(who).get("/v1/leads", **asked))["items"]


@pytest.fixture(scope="module")
def shop(house: House) -> Iterator[Shop]:
    with open_shop(house, Shop) as opened:
        yield opened


def test_a_score_is_the_sum_of_its_signs_and_leads_go_to_the_least_busy_of_the_store() -> None:
    assert worth(subject="面霜", campaign="", friend=True, bought=False, times=1) == (
        60,
        {"base": 20, "subject": 20, "friend": 20},
    )
    assert worth(subject="面霜", campaign="双十一", friend=True, bought=True, times=9)[0] == 100
    a, b, c, store = (new_id() for _ in range(4))
    seats = [Seat(a, None, 0, None), Seat(b, store, 3, None), Seat(c, store, 1, None)]
    now, by_hand = datetime(2026, 1, 1, tzinfo=UTC), Rule(assign="hand")
    assert chosen(seats, Rule(), store=store, owner=None, at=now) == c
    assert chosen(seats, Rule(), store=None, owner=None, at=now) == a
    assert chosen(seats, by_hand, store=None, owner=b, at=now) == b, "whose customer she is already"
    assert chosen(seats, by_hand, store=None, owner=None, at=now) is None


def test_a_question_becomes_a_lead_a_friend_and_an_order(shop: Shop) -> None:
    admin, ids = shop.house.person("admin"), shop.house.a.people
    ok(admin.put("/v1/lead-rules", {"seats": [{"user_id": str(ids["shop1"])}], "remind_minutes": 30}))
    flow = ok(
        admin.post("/v1/gallery/templates/consultation-lead/install", {"name": "J20", "language": "zh", "answers": {}})
    )["flow_id"]
    ok(admin.post(f"/v1/flows/{flow}/publish", {"running": "stay"}))
    shop.tell("customer", {"identifiers": card("L1"), "name": "王芳"})
    shop.tell(
        "chat_message", {"identifiers": card("L1"), "at": shop.now, "text": "什么时候发货？", "through": "youzan"}
    )
    shop.tell(
        "chat_message",
        {"identifiers": card("L1"), "at": shop.now, "text": "今天就发", "through": "youzan", "by": "staff"},
    )
    (lead,) = shop.leads()
    assert (lead["customer"], lead["source"], lead["state"], lead["owner_id"]) == (
        "王芳",
        "youzan",
        "assigned",
        str(ids["shop1"]),
    )
    assert lead["reasons"] == {"base": 20}
    # Not followed up: the owner is reminded; then she becomes a friend, and orders.
    shop.flows.forward(hours=1)
    shop.settle()
    assert shop.leads()[0]["overdue"]
    friend = [*card("L1"), {"kind": "open_id", "value": "wm1", "scope": "ww"}]
    shop.tell("friend", {"identifiers": friend, "member": "lin", "change": "added", "at": shop.now}, "wecom")
    assert (shop.leads()[0]["state"], shop.leads()[0]["why"]) == ("contacted", "friend")
    order = {
        "order_id": "O1", "status": "paid", "placed_at": shop.now, "paid_at": shop.now, "total": "120.00", "lines": [],
        "identifiers": card("L1"),
    }  # fmt: skip
    shop.tell("order", order)
    detail = ok(admin.get(f"/v1/leads/{lead['id']}"))
    assert (detail["state"], detail["amount"]["amount"], detail["order_id"]) == ("won", "120.00", "O1")
    kinds = [one["type"] for one in detail["steps"]]
    assert kinds == ["lead.created", "lead.assigned", "lead.overdue", "lead.contacted", "lead.won"]
    # Her questions on two platforms stand in one line of time (D05), with the answers; words only for whoever may read them.
    shop.tell(
        "chat_message", {"identifiers": card("L1"), "at": shop.now, "text": "催一下发货", "through": "kf"}, "wecom"
    )
    talk = ok(admin.get(f"/v1/customers/{shop.customer('L1')}/conversation"))["items"]
    assert [(one["by"], one["text"], one["way"]["zh"]) for one in talk] == [
        ("customer", "催一下发货", "微信客服"),
        ("staff", "今天就发", "有赞客服"),
        ("customer", "什么时候发货？", "有赞客服"),
    ]
    (first, *_) = ok(shop.house.person("marketing").get(f"/v1/customers/{shop.customer('L1')}/conversation"))["items"]
    assert first["text"] is None
    (source,) = [one for one in ok(admin.get("/v1/lead-funnel"))["sources"] if one["source"] == "youzan"]
    steps = ("consulted", "leads", "contacted", "friends", "friend_orders", "orders")
    assert [source[one] for one in steps] == [1, 1, 1, 1, 1, 1]


def test_asking_again_counts_to_the_lead_and_people_close_it(shop: Shop) -> None:
    admin = shop.house.person("admin")
    form = {"identifiers": card("L2"), "at": shop.now, "subject": "面霜", "campaign": "双十一", "source": "landing"}
    shop.tell("lead", form, "form")
    shop.tell("lead", form | {"at": shop.now}, "form")
    shop.tell("lead", form | {"subject": "精华"}, "form")
    mine = shop.leads(source="landing")
    assert sorted((one["subject"], one["times"], one["score"]) for one in mine) == [("精华", 1, 50), ("面霜", 2, 60)]
    lead = next(one for one in mine if one["subject"] == "面霜")
    other = shop.house.a.people["marketing"]
    ok(admin.post(f"/v1/leads/{lead['id']}/assign", {"user_id": str(other)}))
    ok(admin.post(f"/v1/leads/{lead['id']}/contacted", {}))
    ok(admin.post(f"/v1/leads/{lead['id']}/lose", {"reason": "price"}))
    shop.settle()
    detail = ok(admin.get(f"/v1/leads/{lead['id']}"))
    assert (detail["state"], detail["why"], detail["owner_id"]) == ("lost", "price", str(other))
    assert detail["steps"][-1] | {"at": ""} == {
        "type": "lead.lost",
        "at": "",
        "owner": detail["owner"],
        "reason": "price",
    }
    assert admin.post(f"/v1/leads/{lead['id']}/win", {}).status_code == 409
    # An order after that wins the one that is open, not the one that is lost.
    paid = {
        "order_id": "O2",
        "status": "paid",
        "placed_at": shop.now,
        "paid_at": shop.now,
        "total": "9.00",
        "lines": [],
        "identifiers": card("L2"),
    }
    shop.tell("order", paid)
    assert {one["subject"]: one["state"] for one in shop.leads(source="landing")} == {"精华": "won", "面霜": "lost"}


def test_a_store_sees_its_own_leads_only(shop: Shop) -> None:
    shop.tell("lead", {"identifiers": card("L3"), "at": shop.now, "subject": "护手霜", "source": "hers"}, "form")
    (lead,) = shop.leads(source="hers")
    shop.flows.owner("update lead set owner_user_id = null, store_id = null where id = %(id)s", {"id": lead["id"]})
    assert shop.leads("shop2", source="hers") == []
    assert shop.house.person("shop2").get(f"/v1/leads/{lead['id']}").status_code in {403, 404}


def test_an_owner_works_on_a_lead_beyond_her_store_and_hands_it_on(shop: Shop) -> None:
    """Her customer is of no store: the lead's owner follows it up all the same, and whoever gets it next is reminded anew."""
    ids = shop.house.a.people
    ok(
        shop.house.person("admin").put(
            "/v1/lead-rules", {"seats": [{"user_id": str(ids["shop1"])}], "remind_minutes": 30}
        )
    )
    shop.tell("lead", {"identifiers": card("L6"), "at": shop.now, "subject": "礼盒", "source": "beyond"}, "form")
    first, second = shop.house.person("shop1"), shop.house.person("shop2")
    (lead,) = shop.leads("shop1", source="beyond")
    assert shop.leads("shop2", source="beyond") == []
    assert second.post(f"/v1/leads/{lead['id']}/contacted", {}).status_code == 404
    shop.flows.forward(hours=1)
    shop.settle()
    ok(first.post(f"/v1/leads/{lead['id']}/assign", {"user_id": str(ids["shop2"])}))
    assert shop.leads("shop1", source="beyond") == []
    shop.flows.forward(hours=1)
    shop.settle()
    ok(second.post(f"/v1/leads/{lead['id']}/contacted", {}))
    ok(second.post(f"/v1/leads/{lead['id']}/lose", {"reason": "price"}))
    shop.settle()
    overdue = shop.flows.owner(
        "select count(*) as n, count(distinct event_id) as ids from event where type = 'lead.overdue' and payload ->> 'lead_id' = %(id)s",
        {"id": lead["id"]},
    )
    assert overdue == [(2, 2)]
    kinds = [one["type"] for one in ok(shop.house.person("admin").get(f"/v1/leads/{lead['id']}"))["steps"]]
    assert kinds[-2:] == ["lead.contacted", "lead.lost"]


def test_an_order_of_another_customers_wins_her_no_lead(shop: Shop) -> None:
    who = {"identifiers": card("L21")}
    shop.tell("lead", who | {"at": shop.now, "subject": "茶", "source": "moved"}, "form")
    paid = {
        "order_id": "O21",
        "status": "paid",
        "placed_at": shop.now,
        "paid_at": shop.now,
        "total": "80.00",
        "lines": [],
    }
    shop.tell("order", who | paid)
    assert shop.leads(source="moved")[0]["state"] == "won"
    # The order turns out to be somebody else's: its rows go from her bucket, and that is told.
    customer = UUID(shop.customer("L21"))
    ((order,),) = shop.flows.owner("delete from sales_order where external_id = 'O21' returning id", {})
    moved = NewEvent(
        type="order.moved", bucket=bucket_of(customer), customer_id=customer, occurred_at=datetime.now(UTC), payload={"order_id": str(order)},
        mode=BACKFILL, subject_type="order", subject_id=order,
    )  # fmt: skip
    with shop.house.db.tx("worker", tenant=shop.house.a.id) as tx:
        emit(tx, [moved])
    shop.settle()
    (lead,) = shop.leads(source="moved")
    assert (lead["state"], lead["order_id"]) == ("assigned", None)


def test_a_leavers_leads_go_to_whom_the_rules_name_and_seats_are_no_shared_row(shop: Shop) -> None:
    admin, ids = shop.house.person("admin"), shop.house.a.people
    ok(
        admin.put(
            "/v1/lead-rules",
            {"seats": [{"user_id": str(ids["agent"])}, {"user_id": str(ids["shop2"])}], "assign": "turns"},
        )
    )
    # Who gives out the work sees how much each has; who does it does not.
    seen = {who: ok(shop.house.person(who).get("/v1/lead-rules"))["seats"][0]["open"] for who in ("admin", "shop1")}
    assert (isinstance(seen["admin"], int), seen["shop1"]) == (True, None)
    with shop.house.database.connect() as other:
        # Another worker's turn holds the seats: this one writes none of them, and waits for nobody.
        other.execute("select 1 from lead_seat for update")
        shop.flows.worker.execute("set lock_timeout = '5s'")
        shop.flows.worker.commit()
        for number in ("L31", "L32"):
            shop.tell(
                "lead", {"identifiers": card(number), "at": shop.now, "subject": "茶具", "source": "left"}, "form"
            )
        shop.flows.worker.execute("reset lock_timeout")
        shop.flows.worker.commit()
        other.rollback()
    assert {one["owner_id"] for one in shop.leads(source="left")} == {str(ids["agent"]), str(ids["shop2"])}, "in turns"
    shop.flows.owner("update staff_user set active = false where id = %(id)s", {"id": ids["agent"]})
    comes_to_buckets_first(shop.house.db, shop.house.a.id, unwinding.hand_on)
    unwinding.leavers_round(shop.house.db)
    shop.settle()
    assert {one["owner_id"] for one in shop.leads(source="left")} == {str(ids["shop2"])}
    steps = ok(admin.get(f"/v1/leads/{shop.leads(source='left')[0]['id']}"))["steps"]
    assert {"lead.assigned"} <= {one["type"] for one in steps}
    # Nobody is left who gets leads: they are nobody's, and reminded of.
    shop.flows.owner("update staff_user set active = false where id = %(id)s", {"id": ids["shop2"]})
    with shop.house.db.tx("worker", tenant=shop.house.a.id) as tx:
        assert unwinding.hand_on(tx) >= 2
    assert {(one["owner_id"], one["state"]) for one in shop.leads(source="left")} == {(None, "new")}
    left = {one["id"] for one in shop.leads(source="left")}
    shop.flows.owner("update staff_user set active = true where tenant_id = %(tenant)s")
    shop.flows.forward(hours=1)
    shop.settle()
    with shop.house.db.tx("worker", tenant=shop.house.a.id) as tx:
        told = [one for one in finding._leads(tx) if one.thing.split(":")[1] in left]
    assert {(one.user_id, one.managers) for one in told} == {(None, True)}
    # What somebody outside wrote goes to no work platform.
    assert "茶具" not in repr(told)


def test_overdue_leads_are_told_to_their_owner_and_then_to_her_manager() -> None:
    owner, store = new_id(), new_id()

    def who(scope: str, user: UUID, *stores: UUID) -> Colleague:
        return Colleague(user, new_id(), "", "zh", (Grant(frozenset({"lead.*"}), scope, stores),), frozenset())

    hers = Found("lead", "lead:1:1", Label("", ""), user_id=owner)
    managers = Found(
        "lead", "lead:1:2", Label("", ""), permission="lead.write", not_for=frozenset({owner}), about_customer=True, store_id=store, managers=True
    )  # fmt: skip
    people = {
        "owner": who("own", owner),
        "manager": who("store", new_id(), store),
        "other": who("store", new_id(), new_id()),
        "all": who("all", new_id()),
    }
    assert [name for name, one in people.items() if may_hear(hers, one)] == ["owner"]
    assert [name for name, one in people.items() if may_hear(managers, one)] == ["manager"]
    assert [name for name, one in people.items() if may_hear(replace(managers, store_id=None), one)] == ["all"]


def test_a_lead_goes_with_its_customer_to_another_store(shop: Shop) -> None:
    told = {"identifiers": card("L7"), "name": "搬家", "store": "s1"}
    shop.tell("store", {"code": "s1", "name": "一店", "region": "north"})
    shop.tell("store", {"code": "s2", "name": "二店", "region": "north"})
    shop.tell("customer", told)
    ok(shop.house.person("admin").put("/v1/lead-rules", {"assign": "hand", "seats": []}))
    shop.tell("lead", {"identifiers": card("L7"), "at": shop.now, "subject": "水杯", "source": "moving"}, "form")
    assert (len(shop.leads("shop1", source="moving")), len(shop.leads("shop2", source="moving"))) == (1, 0)
    shop.tell("customer", told | {"store": "s2"})
    assert (len(shop.leads("shop1", source="moving")), len(shop.leads("shop2", source="moving"))) == (0, 1)


def test_what_was_given_back_is_no_amount_of_a_lead(shop: Shop) -> None:
    admin, who = shop.house.person("admin"), {"identifiers": card("L8")}
    shop.tell("lead", who | {"at": shop.now, "subject": "茶", "source": "refunded"}, "form")
    paid = {
        "order_id": "O8",
        "status": "paid",
        "placed_at": shop.now,
        "paid_at": shop.now,
        "total": "80.00",
        "lines": [],
    }
    shop.tell("order", who | paid)
    shop.tell("refund", {"refund_id": "R8", "order_id": "O8", "amount": "30.00", "at": shop.now})
    assert shop.leads(source="refunded")[0]["state"] == "won"
    (source,) = [one for one in ok(admin.get("/v1/lead-funnel"))["sources"] if one["source"] == "refunded"]
    # She ordered without becoming a friend: no step of the funnel has more people than the one before.
    assert (source["orders"], source["friends"], source["friend_orders"]) == (1, 0, 0)
    assert source["amount"]["amount"] == "50.00"
    # Given back whole, by two refunds: nothing came of it.
    shop.tell("refund", {"refund_id": "R9", "order_id": "O8", "amount": "50.00", "at": shop.now})
    (lead,) = shop.leads(source="refunded")
    assert (lead["state"], lead["why"]) == ("lost", "refunded")
    (source,) = [one for one in ok(admin.get("/v1/lead-funnel"))["sources"] if one["source"] == "refunded"]
    assert (source["orders"], source["lost"], source["amount"]["amount"]) == (0, 1, "0.00")
    for day in ("0001-01-03", "9999-12-31"):
        paths = ("/v1/lead-funnel", "/v1/traffic-funnel", "/v1/conversion")
        assert [admin.get(path, to=day).status_code for path in paths] == [422, 422, 422]


def test_a_merge_brings_leads_along_and_its_undo_takes_them_back(shop: Shop) -> None:
    admin = shop.house.person("admin")
    for number in ("L4", "L5"):
        shop.tell("customer", {"identifiers": card(number), "name": number})
    shop.tell("lead", {"identifiers": card("L4"), "at": shop.now, "subject": "香水", "source": "merge"}, "form")
    loser, survivor = shop.customer("L4"), shop.customer("L5")
    ok(admin.post("/v1/merges", {"survivor": survivor, "loser": loser, "choices": []}))
    shop.settle()
    assert [one["customer_id"] for one in shop.leads(source="merge")] == [survivor]
    merge = ok(admin.get("/v1/merges", customer_id=survivor))["items"][0]["id"]
    ok(admin.post(f"/v1/merges/{merge}/undo", {}))
    shop.settle()
    assert [one["customer_id"] for one in shop.leads(source="merge")] == [loser]


def test_one_funnel_leads_from_the_live_room_the_cart_and_groups_to_a_second_order(shop: Shop) -> None:
    """D13: what is lost between two steps is people; spend stands beside it; whoever orders without being a friend is told apart."""
    admin = shop.house.person("admin")

    def did(number: str, name: str, source: str) -> None:
        shop.tell("behaviour", {"name": name, "identifiers": card(number), "at": shop.now, "properties": {}}, source)

    def buys(number: str, order: str, **more: Any) -> None:
        paid = {
            "order_id": order,
            "status": "paid",
            "placed_at": shop.now,
            "paid_at": shop.now,
            "total": "50.00",
            "lines": [],
        }
        shop.tell("order", paid | {"identifiers": card(number)} | more)

    for number in ("T1", "T2", "T3"):
        did(number, "直播间互动", "live")
    did("T1", "加入购物车", "app")
    did("T4", "加入购物车", "app")
    did("T5", "看车", "app")
    shop.flows.owner(
        "insert into group_chat (tenant_id, id, account_id, chat_id, name) values (%(tenant)s, %(id)s, %(id)s, 'c', '群')",
        {"id": (group := new_id())},
    )
    shop.tell("customer", {"identifiers": card("T6"), "name": "群友"})
    shop.flows.owner(
        "insert into group_membership (bucket, id, tenant_id, customer_id, origin_id, group_chat_id, joined_at)"
        " select c.bucket, %(id)s, c.tenant_id, c.id, c.id, %(id)s, %(at)s::timestamptz from customer as c where c.id = %(who)s",
        {"id": group, "who": shop.customer("T6"), "at": shop.now},
    )
    for number in ("T1", "T2"):
        known = [*card(number), {"kind": "open_id", "value": f"wm{number}", "scope": "ww"}]
        shop.tell("friend", {"identifiers": known, "member": "lin", "change": "added", "at": shop.now}, "wecom")
    for number, order in (("T1", "TO1"), ("T1", "TO2"), ("T2", "TO3"), ("T4", "TO4")):
        buys(number, order)
    today = shop.now[:10]
    ok(admin.post("/v1/conversion/spend", {"by": "source", "lines": [{"key": "live", "day": today, "amount": "300"}]}))
    found = ok(admin.get("/v1/traffic-funnel"))
    steps = ("live", "cart", "grouped", "reached", "friend", "first_order", "second_order", "beside")
    assert [found["whole"][one] for one in steps] == [3, 2, 1, 5, 2, 2, 1, 1]
    live, app = (next(one for one in found["sources"] if one["source"] == name) for name in ("live", "app"))
    assert [live[one] for one in steps] == [3, 1, 0, 3, 2, 2, 1, 0]
    assert (live["spend"]["amount"], live["revenue"]["amount"]) == ("300.00", "150.00")
    assert [app[one] for one in steps] == [0, 1, 0, 1, 0, 0, 0, 1]


def test_the_demos_leads_are_told_once_however_often_its_load_is_begun_again(shop: Shop) -> None:
    """Another look at the clock gives other times under the same ids: what stands already is not told as another story."""
    for number, (who, total) in enumerate((("林小满", "90.00"), ("周宁", "80.00"), ("许一", "70.00"))):
        hers = {"identifiers": card(f"D{number}")}
        shop.tell("customer", {**hers, "name": who})
        paid = {"status": "paid", "placed_at": shop.now, "paid_at": shop.now, "total": total, "lines": []}
        shop.tell("order", {**hers, **paid, "order_id": f"D{number}"})

    def load() -> list[tuple[Any, ...]]:
        with shop.house.db.tx("worker", tenant=shop.house.a.id) as tx:
            season._leads(tx, {"marketing": shop.house.a.people["shop1"]})
        shop.settle()
        return shop.flows.owner(
            "select type, event_id, occurred_at, payload::text from event where tenant_id = %(tenant)s and type like 'lead.%%'"
            " and type <> 'lead.overdue' order by 1, 2, 3"
        )

    told = load()
    leads = shop.flows.owner("select id, created_at from lead where tenant_id = %(tenant)s order by id")
    shop.flows.forward(hours=1)
    assert load() == told
    assert shop.flows.owner("select id, created_at from lead where tenant_id = %(tenant)s order by id") == leads
    assert "lead.created" in {
        row[0] for row in told if str(row[1]) in {str(derived_id(one, "lead.created")) for one, _ in leads}
    }
