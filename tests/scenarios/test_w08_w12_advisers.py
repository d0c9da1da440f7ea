"""W12: every order finds its adviser. W08: orders of shops come to an adviser by the card in the parcel."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest

from harness.counter import LIN, ZHAO, Counter, ok, open_counter
from harness.database import Database
from harness.flows import block, graph
from harness.house import PASSWORD, Person
from tandem.connectors.wecom.gateway import WeComLine
from tandem.connectors.wecom.simulator.platform import corp_of
from tandem.domains.contact.gateway import CodeSpec, Placed
from tandem.domains.contact.parcel import codes
from tandem.domains.contact.parcel.state import read_state, state_of
from tandem.domains.contact.sidebar import entry
from tandem.domains.messaging.sender import send_waiting
from tandem.flow.checks import check_graph
from tandem.flow.graph import parse_graph
from tandem.kernel.ids import new_id

HALVES = [{"to": "found", "bp": 7000}, {"to": "inviter", "bp": 3000}]
RULES: list[dict[str, Any]] = [
    {"kind": "till"},
    {"kind": "parcel", "days": 30},
    {"kind": "friend", "days": 30, "renewed_by": ["added", "order"], "pick": "latest", "shares": HALVES},
    {"kind": "owner"},
    {"kind": "store", "rota": "customer", "channels": ["offline"]},
]


@pytest.fixture(scope="module")
def counter(module_database: Database) -> Iterator[Counter]:
    with open_counter(module_database) as one:
        # The middle of a month, so that days of a story stay in it.
        now = one.now
        middle = (now.replace(day=1) + timedelta(days=45)).replace(day=15, hour=4, minute=0)
        one.flows.forward(seconds=(middle - now).total_seconds())
        begins = (one.now - timedelta(days=80)).isoformat()
        ok(one.admin.put("/v1/ownership", {"rules": RULES, "version": 0, "starts_at": begins}))
        one.settle()
        yield one


def period(at: datetime) -> str:
    return f"{at:%Y-%m}"


def test_w12_the_first_rule_that_finds_somebody_decides(counter: Counter) -> None:
    c, now = counter, counter.now
    c.friend("1", LIN, now - timedelta(days=20))
    c.friend("1", ZHAO, now - timedelta(days=10))
    c.order("T1", now - timedelta(days=9), who=[c.who("1")], adviser="A01")
    c.order("F1", now - timedelta(days=8), "100.01", who=[c.who("1")])
    c.order("N1", now - timedelta(days=8))
    till, friend, nobody = (c.credit(one) for one in ("T1", "F1", "N1"))
    assert (till["rule"], c.sums("T1"), till["evidence"]["code"]) == ("till", {"Agent": 10000}, "A01")
    # Lin was renewed last, by her sale at the till; both parts are hers, since she was there first.
    assert (friend["rule"], c.sums("F1")) == ("friend", {"Agent": 10001})
    assert friend["evidence"]["renewed_at"][:10] == (now - timedelta(days=9)).isoformat()[:10]
    assert (nobody["rule"], nobody["entries"]) == ("nobody", [])
    # A friend of Zhao's whom Lin had brought: fixed shares, to the cent.
    c.friend("2", LIN, now - timedelta(days=60))
    c.friend("2", ZHAO, now - timedelta(days=12))
    c.order("F2", now - timedelta(days=2), "100.01", who=[c.who("2")])
    assert c.sums("F2") == {"Zhao": 7001, "Agent": 3000}
    # Out of protection, at a store with advisers: the same one for the same customer each time.
    c.friend("3", LIN, now - timedelta(days=70))
    c.order("S1", now - timedelta(days=7), who=[c.who("3")], channel="offline")
    c.order("S2", now - timedelta(days=6), who=[c.who("3")], channel="offline")
    assert c.credit("S1")["rule"] == "store"
    assert c.sums("S1") == c.sums("S2")
    assert {"T1", "F1"} <= {one["order_id"] for one in c.happened("order.credited")}


def test_w12_refunds_take_back_in_their_own_month_and_closed_months_stay(counter: Counter) -> None:
    c, now = counter, counter.now
    before = now.replace(day=1) - timedelta(days=5)
    c.friend("4", ZHAO, before - timedelta(days=10))
    c.friend("4", LIN, before - timedelta(days=12))
    c.order("R1", before, "99.99", who=[c.who("4")])
    c.refund("r1", "R1", "33.33", now - timedelta(days=1))
    c.refund("r2", "R1", "66.66", now - timedelta(hours=1))
    entries = c.credit("R1")["entries"]
    assert [sum(e["amount_cents"] for e in entries if e["cause"] == cause) for cause in ("sale", "refund")] == [9999, -9999]  # fmt: skip
    assert c.sums("R1") == {}
    assert {(e["cause"], e["period"][:7]) for e in entries} == {("sale", period(before)), ("refund", period(now))}
    # An order that is told late counts in its month while that is open, and in the next one afterwards.
    c.order("L1", before, adviser="A02")
    assert c.admin.post(f"/v1/credit-periods/{period(now)}/close").status_code == 409
    ok(c.admin.post(f"/v1/credit-periods/{period(before)}/close"))
    shut = {one["period"]: one["cents"] for one in ok(c.admin.get("/v1/credit-periods"))["items"]}[period(before)]
    c.order("L2", before, adviser="A02")
    c.refund("l1", "L1", "40.00", before + timedelta(hours=1))
    late = [(e["cause"], e["period"][:7], e["late"]) for one in ("L1", "L2") for e in c.credit(one)["entries"]]
    assert late == [("sale", period(before), False), ("refund", period(now), True), ("sale", period(now), True)]
    assert {one["period"]: one["cents"] for one in ok(c.admin.get("/v1/credit-periods"))["items"]}[period(before)] == shut  # fmt: skip


def test_w12_a_dispute_needs_two_who_gain_nothing(counter: Counter) -> None:
    c, now = counter, counter.now
    lin, zhao, shop1, north = (c.house.person(one) for one in ("agent", "zhao", "shop1", "north"))
    c.order("D1", now - timedelta(days=3), "50.05", adviser="A01")
    made = ok(zhao.post("/v1/credit-disputes", {"number": "D1", "reason": "是我接待的", "percent": 40}))
    assert [(one["name"], one["bp"]) for one in made["wanted"]] == [("Zhao", 4000), ("Agent", 6000)]
    assert zhao.post("/v1/credit-disputes", {"number": "D1", "reason": "再说一次"}).status_code == 409
    assert lin.post(f"/v1/credit-disputes/{made['id']}/answer", {"accept": False}).status_code == 403
    # Nor by somebody whose the order has become since it was disputed.
    whose = "update order_credit set shares = replace(shares::text, %s, %s)::jsonb where order_id = %s"
    people = [str(c.house.a.people[one]) for one in ("agent", "shop1")]
    with c.house.database.connect() as owner:
        owner.execute(whose, (*people, made["order_id"]))
    own = shop1.post(f"/v1/credit-disputes/{made['id']}/answer", {"accept": False})
    assert (own.status_code, own.json()["error"]["code"]) == (403, "own_dispute")
    with c.house.database.connect() as owner:
        owner.execute(whose, (*reversed(people), made["order_id"]))
    ok(shop1.post(f"/v1/credit-disputes/{made['id']}/answer", {"accept": True}))
    # The store's own manager is not enough, nor is she twice.
    assert c.sums("D1") == {"Agent": 5005}
    assert shop1.post(f"/v1/credit-disputes/{made['id']}/answer", {"accept": True}).status_code == 403
    assert c.house.person("shop2").post(f"/v1/credit-disputes/{made['id']}/answer", {"accept": True}).status_code == 404
    ok(north.post(f"/v1/credit-disputes/{made['id']}/answer", {"accept": True, "note": "监控已核对"}))
    shown = c.credit("D1")
    assert (c.sums("D1"), shown["rule"], shown["settled"]) == ({"Agent": 3003, "Zhao": 2002}, "dispute", True)
    assert [(e["cause"], e["amount_cents"]) for e in shown["entries"]] == [("sale", 5005), ("dispute", 2002), ("dispute", -2002)]  # fmt: skip
    # What comes later follows the people's word.
    c.refund("d1", "D1", "50.05", now)
    assert c.sums("D1") == {}
    assert ok(zhao.get("/v1/performance-mine/disputes"))["items"][0]["status"] == "accepted"
    # Two about one order: the second asked for parts of what the first has changed, so nobody writes them; it is filed anew.
    c.order("D3", now - timedelta(days=2), "100.00", adviser="A01")
    first = ok(zhao.post("/v1/credit-disputes", {"number": "D3", "reason": "我的", "percent": 50}))
    second = {"id": str(new_id())}
    with c.house.database.connect() as owner:
        owner.execute(
            "insert into credit_dispute (bucket, id, tenant_id, order_id, store_id, owner_user_id, reason, wanted, before, filed_at) select bucket, %s,"
            " tenant_id, order_id, store_id, %s, reason, wanted, before, filed_at from credit_dispute where id = %s",
            (second["id"], c.house.a.people["shop2"], first["id"]),
        )
    ok(c.admin.post(f"/v1/credit-disputes/{first['id']}/answer", {"accept": True}))
    late = c.admin.post(f"/v1/credit-disputes/{second['id']}/answer", {"accept": True})
    assert (late.status_code, late.json()["error"]["code"]) == (409, "credit_moved_on")
    assert "Zhao 50%" in late.json()["error"]["message"]["en"]
    assert c.sums("D3") == {"Agent": 5000, "Zhao": 5000}
    ok(c.admin.post(f"/v1/credit-disputes/{second['id']}/answer", {"accept": False}))
    # Orders she has no business with are unknown to her.
    c.order("D2", now - timedelta(days=1), store="s2")
    assert zhao.post("/v1/credit-disputes", {"number": "D2", "reason": "我的"}).status_code == 404


def test_w12_targets_ranking_and_what_others_see(counter: Counter) -> None:
    c, now = counter, counter.now
    table = "工号,目标\nA01,1000.00\nA02,2000\ns1,5000\n"
    assert ok(c.admin.post(f"/v1/credit-targets/{period(now)}/table", {"text": table}))["taken"] == 3
    refused = ok(c.admin.post(f"/v1/credit-targets/{period(now)}/table", {"text": "A01,1\nA99,2\nA02,x\n"}))
    assert (refused["taken"], [one["line"] for one in refused["refused"]]) == (0, [2, 3])
    mine = ok(c.house.person("agent").get("/v1/performance-mine"))
    assert (mine["target_cents"], mine["of"], mine["store"]) == (100000, 2, "s1 店")
    ranked = ok(c.house.person("agent").get("/v1/performance-mine/ranking"))["items"]
    assert [one["rank"] for one in ranked] == [1, 2]
    assert mine["cents"] == next(one["cents"] for one in ranked if one["name"] == "Agent")
    entries = ok(c.house.person("agent").get("/v1/performance-mine/entries", limit=200))["items"]
    assert sum(one["home_cents"] for one in entries) == mine["cents"]
    assert {one["name"] for one in entries} == {"Agent"}
    # By store, and for whoever sees another store only.
    (store,) = [one for one in ok(c.admin.get("/v1/performance", by="store"))["items"] if one["name"] == "s1 店"]
    assert store["target_cents"] == 500000
    assert ok(c.house.person("shop2").get("/v1/performance"))["items"] == []
    assert c.house.person("agent").get("/v1/performance").status_code == 403
    assert c.house.person("shop1").put("/v1/ownership", {"rules": RULES, "version": 1}).status_code == 403


def test_w12_rules_are_tried_before_they_are_saved(counter: Counter) -> None:
    c = counter
    c.order("Y1", c.now - timedelta(days=2), channel="online")
    tried = ok(c.admin.post("/v1/ownership/try", {"rules": RULES, "days": 60}))
    assert (tried["changed"], tried["whole"]) == (2, True), "only what people settled is otherwise"
    other = ok(c.admin.post("/v1/ownership/try", {"rules": [{"kind": "store", "rota": "order"}], "days": 60}))
    assert other["changed"] > 1
    assert sum(one["orders"] for one in other["rules"]) == other["orders"] == tried["orders"]
    assert sum(one["cents_now"] for one in other["advisers"]) == sum(one["cents_then"] for one in other["advisers"])
    assert ok(c.admin.get("/v1/ownership"))["version"] == 1
    wrong = [{"kind": "till", "shares": [{"to": "found", "bp": 5000}]}]
    assert c.admin.put("/v1/ownership", {"rules": wrong, "version": 1}).status_code == 422
    assert c.admin.put("/v1/ownership", {"rules": RULES, "version": 0}).status_code == 409


def test_w12_who_leaves_keeps_what_she_earned_and_hands_on_what_is_open(counter: Counter) -> None:
    c, now = counter, counter.now
    c.friend("7", LIN, now - timedelta(days=5))
    c.order("Q1", now - timedelta(days=4), who=[c.who("7")])
    lin, zhao = (str(c.house.a.people[one]) for one in ("agent", "zhao"))
    body = {"code": "A01", "store_id": str(c.house.a.units["s1"]), "successor_id": zhao}
    ok(c.admin.put(f"/v1/adviser-posts/{lin}", body | {"left_at": (now - timedelta(days=3)).isoformat()}))
    c.order("Q2", now - timedelta(days=2), who=[c.who("7")])
    assert (c.sums("Q1"), c.sums("Q2")) == ({"Agent": 10000}, {"Zhao": 10000})
    assert c.credit("Q2")["evidence"]["instead_of"] == lin
    # The protection goes over as it stands: it is not begun anew.
    c.friend("8", LIN, now - timedelta(days=33))
    c.order("Q3", now - timedelta(days=2), who=[c.who("8")])
    assert c.credit("Q3")["rule"] == "nobody"
    ok(c.admin.put(f"/v1/adviser-posts/{lin}", body | {"left_at": None}))


def test_w12_a_nameless_buyer_who_turns_out_to_be_a_friend_has_her_adviser(counter: Counter) -> None:
    c, now = counter, counter.now
    c.friend("9", ZHAO, now - timedelta(days=5))
    c.order("G1", now - timedelta(days=1), "80.00", who=buyer(c, "g1"), source="tmall")
    assert (c.credit("G1")["rule"], c.sums("G1")) == ("nobody", {})
    (bought,) = c.flows.owner("select customer_id from sales_order where external_id = 'G1'")
    (friend,) = c.flows.owner("select customer_id from friendship order by added_at desc limit 1")
    ok(c.admin.post("/v1/merges", {"survivor": str(friend[0]), "loser": str(bought[0])}))
    c.settle()
    assert (c.credit("G1")["rule"], c.sums("G1")) == ("friend", {"Zhao": 8000})
    c.refund("g1", "G1", "30.00", now - timedelta(hours=1), "tmall")
    (merge,) = ok(c.admin.get("/v1/merges", customer_id=str(friend[0])))["items"]
    ok(c.admin.post(f"/v1/merges/{merge['id']}/undo", {}))
    c.settle()
    # Undone: what was found goes on, and its entries are where the order is.
    c.refund("g2", "G1", "10.00", now - timedelta(minutes=30), "tmall")
    assert c.sums("G1") == {"Zhao": 4000}
    assert c.flows.owner("select distinct e.customer_id from performance_credit as e join sales_order as o on o.id = e.order_id and o.bucket = e.bucket where o.external_id = 'G1'") == [bought]  # fmt: skip


# ---------------------------------------------------------------------------------------------------------------- W08


@pytest.fixture(scope="module")
def batch(counter: Counter) -> dict[str, Any]:
    """Cards of a Tmall shop that lead to Lin and Zhao, parcels to Suzhou to Zhao alone; with a coupon."""
    codes = []
    for name, seats in (("包裹卡", [LIN, ZHAO]), ("包裹卡·苏州", [ZHAO])):
        body = {"account_id": counter.account, "name": name, "seats": [{"member": one} for one in seats]}
        codes.append(ok(counter.admin.post("/v1/live-codes", body))["id"])
    coupon = ok(counter.admin.post("/v1/coupon-templates", {"name": "满减券", "kind": "amount", "value": "10", "threshold": "50", "valid_days": 30}))["id"]  # fmt: skip
    counter.make_codes()
    body = {
        "account_id": counter.account, "name": "天猫十一月", "kind": "card", "source": "tmall", "count": 5, "live_code_id": codes[0],
        "routes": [{"cities": ["苏州"], "live_code_id": codes[1]}], "coupon_template_id": coupon, "words": "加顾问领券",
    }  # fmt: skip
    return ok(counter.admin.post("/v1/parcel-batches", body))


def buyer(c: Counter, number: str, city: str = "杭州") -> list[dict[str, str]]:
    """A masked buyer of the shop."""
    who = [{"kind": "encrypted_id", "value": f"enc~{number}", "scope": "tmall-shop"}]
    c.tell("customer", {"identifiers": who, "name": "王**", "city": city}, "tmall")
    return who


def scan(c: Counter, url: str) -> tuple[int, str, str | None]:
    """Open a card on a phone until its code is made: status, page, and the code's state as the platform holds it."""
    phone = c.house.stranger().client
    agent = {"User-Agent": "Mozilla/5.0 (iPhone) MicroMessenger"}
    path = url.removeprefix("https://crm.example.com")
    phone.get(path, headers=agent)
    c.make_codes()
    c.settle()
    answer = phone.get(path, headers=agent)
    held = c.flows.owner("select id from parcel_card where code_status = 'made' order by last_scanned_at desc limit 1")
    return answer.status_code, answer.text, state_of(UUID(str(held[0][0]))) if held else None


def claims(c: Counter, batch: dict[str, Any]) -> list[dict[str, Any]]:
    return ok(c.admin.get(f"/v1/parcel-batches/{batch['id']}/claims"))["items"]


def test_w08_a_card_brings_its_buyer_to_an_adviser_once(counter: Counter, batch: dict[str, Any]) -> None:
    c, now = counter, counter.now
    path = f"/v1/parcel-batches/{batch['id']}"
    c.order("P1", now - timedelta(days=3), "80.00", who=buyer(c, "p1", "苏州市"), source="tmall", channel="tmall")
    (card,) = ok(c.admin.post(f"{path}/links", {"orders": [{"source": "tmall", "number": "P1", "serial": 1}]}))["items"]
    # Programs that fetch it are shown the page, and nothing is made or counted for them.
    bot = c.house.stranger().client.get(
        card["url"].removeprefix("https://crm.example.com"), headers={"User-Agent": "curl/8"}
    )
    assert (bot.status_code, ok(c.admin.get(path))["figures"]["scanned"]) == (200, 0)
    status, page, state = scan(c, card["url"])
    assert (status, "<img" in page, "满减券" in page, "王" in page) == (200, True, True, False)
    placed = c.flows.owner("select member from parcel_card where serial = 1 and batch_id = %(id)s", {"id": batch["id"]})
    assert placed == [(ZHAO,)], "parcels to Suzhou are Zhao's"
    assert c.credit("P1")["rule"] == "nobody"
    c.friend("p1", ZHAO, c.now, state or "")
    (claim,) = claims(c, batch)
    assert (claim["verdict"], claim["binding"], claim["number"], claim["adviser"]) == ("counted", "asked", "P1", "赵敏")
    # The order finds its adviser after all, the friend has her coupon, flows hear of it.
    assert (c.credit("P1")["rule"], c.sums("P1")) == ("parcel", {"Zhao": 8000})
    assert [one["order_id"] for one in c.happened("order.claimed")] == ["P1"]
    assert len(c.happened("parcel_card.scanned")) == 1
    coupons = ok(c.admin.get("/v1/coupons", customer_id=claim["customer_id"]))["items"]
    assert len(coupons) == 1
    # Whether she is the buyer, a person is asked: a card is a bearer's.
    (asked,) = [one for one in ok(c.admin.get("/v1/duplicates"))["items"] if "包裹卡" in str(one["reason"])]
    assert claim["customer_id"] in str(asked)
    # The same card again: a page that says so, with the common code; who comes by the old one gets nothing.
    status, page, _ = scan(c, card["url"])
    assert (status, "已经使用" in page, "满减券" in page) == (200, True, False)
    c.friend("p2", ZHAO, c.now, state or "")
    taken = next(one for one in claims(c, batch) if one["verdict"] == "taken")
    assert ok(c.admin.get("/v1/coupons", customer_id=taken["customer_id"]))["items"] == []
    c.order("P2", c.now + timedelta(hours=1), who=[c.who("p1")])
    figures = ok(c.admin.get(path))["figures"]
    assert {name: n for name, n in figures.items() if n} == {
        "printed": 5, "scanned": 1, "scans": 4, "friends": 1, "taken": 1, "asked": 1, "coupons": 1, "again": 1,
    }  # fmt: skip
    bound = c.admin.post(f"{path}/links", {"orders": [{"source": "tmall", "number": "P9", "serial": 1}]})
    assert bound.status_code == 409


def test_w08_slow_workers_make_one_code_and_two_cards_one_coupon(
    counter: Counter, batch: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    c = counter
    held = "from parcel_card where batch_id = %(id)s and serial in (2, 3)"
    c.flows.owner(
        f"update parcel_card set code_status = 'wanted', due_at = now(), member = '{LIN}' where id in (select id {held})",
        batch,
    )
    put, made = WeComLine.put_code, list[str]()

    def slow(line: WeComLine, config: str | None, spec: CodeSpec) -> Placed:
        made.append(spec.state)
        if len(made) == 1:  # meanwhile the other card's time with this worker is over, and another worker takes it
            c.flows.owner(f"update parcel_card set due_at = now() - interval '1 second' where code_status = 'making' and id in (select id {held}) and id <> %(first)s::uuid", batch | {"first": str(read_state(spec.state))})  # fmt: skip
            codes.look_after(c.house.db, c.house.a.id)
        return put(line, config, spec)

    monkeypatch.setattr(WeComLine, "put_code", slow)
    c.make_codes()
    states = [
        state_of(UUID(str(row[0])))
        for row in c.flows.owner(f"select id {held} and code_status = 'made' order by serial", batch)
    ]
    assert sorted(made) == sorted(states), "one code for each card"
    # The same friend by both of them: the batch's coupon is hers once, though the first was issued long before.
    for member, state in zip((LIN, ZHAO), states, strict=True):
        c.friend("p3", member, c.now, state)
    c.flows.owner(f"update parcel_card set code_status = 'closed' where id in (select id {held})", batch)
    hers = [one for one in claims(c, batch) if one["verdict"] == "counted"][:2]
    assert len({one["customer_id"] for one in hers}) == 1
    assert len(ok(c.admin.get("/v1/coupons", customer_id=hers[0]["customer_id"]))["items"]) == 1


def test_w08_cards_are_printed_cannot_be_guessed_and_run_out(counter: Counter, batch: dict[str, Any]) -> None:
    c = counter
    path = f"/v1/parcel-batches/{batch['id']}"
    sheet = c.admin.get(f"{path}/sheet", first=2, count=3)
    assert (sheet.status_code, sheet.text.count("<svg")) == (200, 3)
    lines = c.admin.get(f"{path}/cards.csv").text.strip().splitlines()
    assert len(lines) == 6
    url = lines[-1].rsplit(",", 1)[1].strip()
    stranger = c.house.stranger().client
    own = url.removeprefix("https://crm.example.com")
    for wrong in (own[:-3] + ("B" if own[-3] == "A" else "A") + own[-2:], "/p/" + "A" * 80, own.replace("/p/", "/r/")):
        assert stranger.get(wrong).status_code == 404
    body = {key: batch[key] for key in ("name", "words", "live_code_id", "routes", "coupon_template_id", "binding")}
    _, _, state = scan(c, url)
    ok(c.admin.put(path, body | {"expires_at": (c.now - timedelta(minutes=1)).isoformat()}))
    assert stranger.get(own, headers={"User-Agent": "Mozilla/5.0"}).status_code == 410
    c.friend("p5", LIN, c.now, state or "")
    assert claims(c, batch)[0]["verdict"] == "expired"
    assert c.house.person("finance").get(path).status_code == 403
    # Somebody of one region might make a link for any shop's order and be taken for its buyer.
    role = ok(c.admin.post("/v1/roles", {"name": "区域营销", "permissions": ["*"]}))["id"]
    near = {"role_id": role, "scope": "region", "org_unit_id": str(c.house.a.units["north"])}
    ok(c.admin.post("/v1/users", {"login": "wide", "name": "宽", "password": PASSWORD, "assignments": [near]}))
    wide = c.house.fresh("wide")
    orders = {"orders": [{"source": "tmall", "number": "P9", "serial": 1}]}
    for did in (
        wide.post(f"{path}/links", orders),
        wide.post(f"{path}/cards", {"count": 1}),
        wide.post(f"{path}/archive"),
    ):
        assert (did.status_code, did.json()["error"]["code"]) == (403, "out_of_scope"), did.text
    assert [wide.get(f"{path}/{one}").status_code for one in ("sheet", "cards.csv")] == [403, 403]
    assert wide.put("/v1/lead-rules", {"seats": []}).status_code == 403
    assert c.house.person("north").post("/v1/parcel-batches", body | {"account_id": c.account}).status_code == 403


def test_w08_links_of_orders_join_buyer_and_friend_where_nothing_objects(
    counter: Counter, batch: dict[str, Any]
) -> None:
    c, now = counter, counter.now
    body = {"account_id": c.account, "name": "短信链接", "kind": "order", "source": "tmall", "live_code_id": batch["live_code_id"], "binding": "join"}  # fmt: skip
    made = ok(c.admin.post("/v1/parcel-batches", body))
    for number, days in (("K1", 2), ("K2", 70)):
        c.order(number, now - timedelta(days=days), who=buyer(c, number), source="tmall")
    orders = {"orders": [{"source": "tmall", "number": one} for one in ("K1", "K2")]}
    links = ok(c.admin.post(f"/v1/parcel-batches/{made['id']}/links", orders))["items"]
    assert ok(c.admin.post(f"/v1/parcel-batches/{made['id']}/links", orders))["items"] == links
    for number, link in zip(("K1", "K2"), links, strict=True):
        _, _, state = scan(c, link["url"])
        c.friend(number.lower(), LIN, c.now, state or "")
    found = {one["number"]: (one["binding"], one["guards"]) for one in claims(c, made)}
    # The second order is long past: a present may have gone through many hands.
    assert found == {"K1": ("joined", []), "K2": ("asked", ["late"])}
    c.settle()
    (friend,) = [one["customer_id"] for one in claims(c, made) if one["number"] == "K1"]
    (order,) = ok(c.admin.get("/v1/orders", q="K1"))["items"]
    assert order["customer_id"] == friend
    assert any(
        one["connector"] == "amazon" and one["verified"] for one in ok(c.admin.get("/v1/parcel-platforms"))["items"]
    )


def test_w08_a_flow_writes_the_link_of_its_order(counter: Counter, batch: dict[str, Any]) -> None:
    c = counter
    listed = {one["name"] for one in ok(c.admin.get("/v1/message-templates/placeholders"))["items"]}
    assert {"parcel.link", "radar.material", "referral.link"} <= listed
    text = {"name": "包裹关怀", "body": "您的专属顾问：{{parcel.link}}", "message_class": "transactional"}
    template = ok(c.admin.post("/v1/message-templates", text))["id"]

    def drawn(event_type: str) -> dict[str, Any]:
        blocks = [block("s", "start.event", event_type=event_type), block("m", "messaging.send", template=template, message_class="transactional"), block("e", "flow.exit")]  # fmt: skip
        return graph(blocks, ["s.entered>m", "m.sent>e", "m.held>e", "m.skipped>e"])

    def problems(event_type: str) -> list[str]:
        with c.flows.tx() as tx:
            placed = check_graph(parse_graph(drawn(event_type)), c.flows.rooms.kinds, c.flows.rooms.catalog, tx, frozenset({"*"}))  # fmt: skip
        return [one.finding.code for one in placed if one.finding.severity == "error"]

    for one in ok(c.admin.get("/v1/parcel-batches"))["items"]:
        if one["kind"] == "order":
            ok(c.admin.post(f"/v1/parcel-batches/{one['id']}/archive"))
    assert (problems("friend.added"), problems("order.paid")) == (["placeholder_needs_order"], ["parcel_batch_needed"])
    body = {"account_id": c.account, "kind": "order", "live_code_id": batch["live_code_id"]}
    ok(c.admin.post("/v1/parcel-batches", body | {"name": "所有来源"}))
    made = ok(c.admin.post("/v1/parcel-batches", body | {"name": "天猫链接", "source": "tmall"}))
    assert problems("order.paid") == []
    c.flows.publish(drawn("order.paid"), "包裹关怀")
    for number in ("flow1", "flow2", "flow3"):
        c.order(number, c.now, who=buyer(c, number), source="tmall")
    # In the same batch a message, of an order too, whose words name no link: none is made for it.
    plain = ok(c.admin.post("/v1/message-templates", {**text, "name": "不带链接", "body": "谢谢惠顾"}))["id"]
    c.flows.owner("update outbox_message set template_id = %(id)s where id = (select id from outbox_message order by id desc limit 1) returning 1", {"id": plain})  # fmt: skip
    while send_waiting(c.house.db, c.flows.rooms.catalog, c.house.a.id):
        pass
    told = c.flows.owner("select status, reason, count(*) from outbox_message group by status, reason")
    assert told == [("sent", None, 3)], told
    said = [one["text"] for one in ok(c.admin.get("/v1/simulated-inbox"))["items"]]
    numbers = [
        one
        for (one,) in c.flows.owner("select order_number from parcel_card where batch_id = %(id)s", {"id": made["id"]})
    ]
    assert len(numbers) == 2
    orders = {"orders": [{"source": "tmall", "number": one} for one in numbers]}
    links = [one["url"] for one in ok(c.admin.post(f"/v1/parcel-batches/{made['id']}/links", orders))["items"]]
    assert sorted(said) == sorted(["谢谢惠顾", *(f"您的专属顾问：{one}" for one in links)]), (
        "each buyer has her own order's link"
    )
    assert ok(c.admin.get(f"/v1/parcel-batches/{made['id']}"))["figures"]["printed"] == 2


def test_w05_an_adviser_signs_in_inside_of_wecom(counter: Counter) -> None:
    """The whole way over HTTP: to the platform's page and back, with the state that only this browser holds."""
    c = counter
    corp = corp_of(c.simulation.shops["wecom"])

    def arrive(member: str) -> tuple[Person, dict[str, str]]:
        browser = c.house.stranger()
        sent = browser.client.get(f"/v1/sidebar/entry/{c.account}", follow_redirects=False)
        asked = parse_qs(urlsplit(sent.headers["location"]).query)
        assert (sent.status_code, asked["redirect_uri"]) == (302, [f"https://crm.example.com/sidebar/{c.account}"])
        code = corp.sign_in(member, datetime.now(UTC))
        return browser, {"account_id": c.account, "code": code, "state": asked["state"][0]}

    def refused(browser: Person, given: dict[str, str]) -> str:
        answer = browser.post("/v1/sidebar/session", given)
        assert answer.status_code == 401, answer.text
        assert browser.get("/v1/me").status_code == 401
        return answer.json()["error"]["code"]

    lin, hers = arrive(LIN)
    # Somebody else's browser, with her address, has no such state; what it tried spends nothing of hers.
    assert refused(c.house.stranger(), hers) == "sign_in_refused"
    assert ok(lin.post("/v1/sidebar/session", hers))["name"] == "Agent"
    assert ok(lin.get("/v1/me"))["user"]["login"] == "agent"
    again, second = arrive(LIN)
    assert refused(again, second | {"code": hers["code"]}) == "sign_in_refused", "a code is good once"
    assert refused(*arrive("zhoujie")) == "adviser_not_bound"
    odd, given = arrive(LIN)
    assert refused(odd, given | {"state": "é"}) == "sign_in_refused"
    # What strangers at her address use up keeps out other strangers, and not the browser in which she came in.
    at, stands = f"/v1/sidebar/entry/{c.account}", entry.PER_ADDRESS._clock()
    with pytest.MonkeyPatch.context() as slow:
        slow.setattr(entry.PER_ADDRESS, "_clock", lambda: stands)  # four more are granted a second
        while not entry.PER_ADDRESS.take("testclient"):
            pass
        codes = [one.client.get(at, follow_redirects=False).status_code for one in (c.house.stranger(), lin)]
    entry.PER_ADDRESS._tokens.clear()
    assert codes == [429, 302]
    # Made-up accounts are not even counted, so that nobody pushes his own count out with them.
    kept = len(entry.GUESTS._network._tokens)
    assert c.house.stranger().get(f"/v1/sidebar/entry/{new_id()}").status_code == 404
    assert len(entry.GUESTS._network._tokens) == kept
