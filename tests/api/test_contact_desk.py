"""Beside the chat: what an adviser sees and starts there, whom she does not, and what links tell of who read (F10, F02, W05, W10, W13)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import pytest

from harness.flows import FlowHouse, block, graph, working
from harness.house import PASSWORD, House, Person, ok
from tandem.assembly import system
from tandem.domains.contact import advisers
from tandem.domains.contact.gateway import Member
from tandem.domains.marketing import lending
from tandem.domains.messaging.sender import send_waiting
from tandem.kernel.ids import new_id
from tandem.kernel.settings import settings
from tandem.stream.door.pending import resolve_waiting

EXTERNAL = "wmSimulatedCustomer0001"
VISIT, DEVICE, OTHER = "a" * 32, "b" * 32, "c" * 32


@dataclass
class Desk:
    """A house with a worker in this process, a WeCom account and one friend of the adviser's."""

    house: House
    flows: FlowHouse
    account: str
    number: int = 0

    def tell(self, kind: str, payload: dict[str, Any], source: str = "pos") -> None:
        self.number += 1
        event = {
            "source": source,
            "external_id": f"{kind}{self.number}",
            "kind": kind,
            "time": self.now,
            "payload": payload,
        }
        answer = self.house.person("admin").post("/v1/events", {"events": [event]})
        assert answer.status_code < 300, answer.text
        self.settle()

    @property
    def now(self) -> str:
        return self.house.person("admin").get("/v1/clock").json()["business_now"]

    def settle(self) -> None:
        while resolve_waiting(self.house.db, system().door_kinds):
            pass
        self.flows.settle(turns_max=2000)
        while lending.wanting_tenants(self.house.db):
            lending.refill(self.house.db, self.house.a.id)
            self.flows.settle(turns_max=2000)
        while send_waiting(self.house.db, system().catalog, self.house.a.id):
            self.flows.settle(turns_max=2000)

    def customer(self, number: str) -> str:
        (found,) = self.house.person("admin").get("/v1/customers", q=number).json()["items"]
        return str(found["id"])

    def happened(self, kind: str) -> list[dict[str, Any]]:
        return [
            row[0]
            for row in self.flows.owner(
                "select payload from event where type = %(kind)s order by event_id", {"kind": kind}
            )
        ]

    def phone(self, customer: str) -> list[str]:
        shown = self.house.person("admin").get("/v1/simulated-inbox", customer_id=customer).json()["items"]
        return [one["text"] for one in shown]


@pytest.fixture(scope="module")
def desk(house: House) -> Iterator[Desk]:
    patch = pytest.MonkeyPatch()
    patch.setenv("TANDEM_SIMULATOR_URL", "http://simulated")
    patch.setenv("TANDEM_PUBLIC_URL", "https://crm.example.com")
    settings.cache_clear()
    made = house.person("admin").post(
        "/v1/connector-accounts",
        {"connector": "wecom", "source": "wecom", "name": "企微", "simulated": True, "settings": {}},
    )
    try:
        with working(house.db, house.a.id) as flows:
            one = Desk(house, flows, made.json()["id"])
            flows.owner(
                "insert into adviser (tenant_id, account_id, member, name, seen_at) values (%(tenant)s, %(account)s, 'lin', '林晓彤', now())",
                {"account": one.account},
            )
            flows.owner("update frequency_cap set quiet_from = null, quiet_until = null where tenant_id = %(tenant)s")
            yield one
    finally:
        patch.undo()
        settings.cache_clear()


@pytest.fixture(scope="module")
def friend(desk: Desk) -> str:
    """王芳, a friend of the adviser's whom no store's people see."""
    scope = desk.flows.owner("select config ->> 'corp_id' from source_account where id = %(id)s", {"id": desk.account})[
        0
    ][0]
    known = [{"kind": "member_no", "value": "M1"}, {"kind": "open_id", "value": EXTERNAL, "scope": scope}]
    desk.tell("customer", {"identifiers": known, "name": "王芳", "city": "上海"})
    desk.tell("friend", {"identifiers": known[1:], "member": "lin", "change": "added", "at": desk.now}, "wecom")
    desk.tell("customer", {"identifiers": [{"kind": "member_no", "value": "M2"}], "name": "李静"})
    return desk.customer("M1")


def make(desk: Desk, path: str, body: dict[str, Any]) -> str:
    """Written by marketing and approved by an administrator, who read it."""
    made = ok(desk.house.person("marketing").post(f"/v1/{path}", body))
    ok(desk.house.person("admin").post(f"/v1/{path}/{made['id']}/approve", {"seen": made["updated_at"]}))
    return str(made["id"])


def token_of(text: str) -> str:
    return urlsplit(text[text.index("https://") :].split(maxsplit=1)[0]).path


def test_a_question_is_answered_with_the_tutorial_and_a_purchase_earns_points(desk: Desk, friend: str) -> None:
    admin = desk.house.person("admin")
    video = make(
        desk,
        "materials",
        {"name": "精华使用教程", "kind": "video", "url": "https://cdn.example.com/serum.mp4", "product": "serum"},
    )
    ok(
        admin.post(
            "/v1/chat-topics",
            {"name": "精华功效", "groups": [["精华", "小棕瓶"], ["功效", "有用", "效果"]], "material_id": video},
        )
    )
    assert ok(admin.post("/v1/chat-topics/try", {"text": "小棕瓶真的有用吗"})) | {"topic_id": ""} == {
        "topic_id": "", "topic": "精华功效", "material": "精华使用教程", "question": True,
    }  # fmt: skip
    flow = ok(
        admin.post("/v1/gallery/templates/ask-and-answer/install", {"name": "问答", "language": "zh", "answers": {}})
    )["flow_id"]
    ok(admin.post(f"/v1/flows/{flow}/publish", {"running": "stay"}))
    scope = desk.flows.owner("select scope from customer_identifier where kind = 'open_id' limit 1")[0][0]
    asked = {
        "identifiers": [{"kind": "open_id", "value": EXTERNAL, "scope": scope}],
        "at": desk.now,
        "text": "这瓶小棕瓶有用吗？",
        "through": "kf",
    }
    desk.tell("chat_message", asked, "wecom")
    (told,) = desk.happened("chat.received")
    assert (told["topic"], told["product"], told["question"]) == ("精华功效", "", True)
    (text,) = desk.phone(friend)
    assert text.startswith("您问的精华使用教程，一看就会：https://crm.example.com/r/")
    # What nobody has a tutorial for goes to a person; what is no question about a topic starts nothing.
    ok(admin.post("/v1/chat-topics", {"name": "发货", "groups": [["发货", "快递"]]}))
    ok(admin.post(f"/v1/simulated-chats/{friend}", {"text": "什么时候发货"}))
    ok(admin.post(f"/v1/simulated-chats/{friend}", {"text": "谢谢"}))
    desk.settle()
    stats = ok(admin.get(f"/v1/flows/{flow}/stats"))["blocks"]
    assert (stats["ask"]["entered"], stats["video"]["entered"], stats["person"]["entered"]) == (2, 2, 1)
    # She watches it to its end: the flow reaches its goal.
    read(desk, text, "left", depth=100, seconds=75)
    desk.settle()
    assert ok(admin.get(f"/v1/flows/{flow}/stats"))["blocks"]["goal"]["entered"] == 1
    desk.tell("product", {"product_id": "serum", "name": "小棕瓶精华"})
    line = {"line_no": 1, "product_id": "cream", "quantity": 1, "amount": "60.00"}
    bought = {"order_id": "O1", "identifiers": asked["identifiers"], "status": "paid", "placed_at": desk.now, "paid_at": desk.now, "total": "60.00", "lines": [line]}  # fmt: skip
    desk.tell("order", bought)
    assert ok(admin.get(f"/v1/customers/{friend}/points"))["balance"] == 50


def read(desk: Desk, text: str, what: str, visit: str = VISIT, device: str = DEVICE, **more: int) -> int:
    """What the page's script tells."""
    body = {"visit": visit, "device": device, "what": what, **more}
    agent = {"User-Agent": "Mozilla/5.0 (iPhone) MicroMessenger"}
    return desk.house.stranger().client.post(f"{token_of(text)}/seen", json=body, headers=agent).status_code


def test_links_tell_who_read_and_believe_nobody_else(desk: Desk, friend: str) -> None:
    admin, stranger = desk.house.person("admin"), desk.house.stranger()
    article = make(
        desk, "materials", {"name": "护肤<手册>", "kind": "article", "words": "第一步\n\n<script>alert(1)</script>"}
    )
    adviser = bound(desk)
    (link,) = [
        one["link"]
        for one in ok(adviser.get(f"/v1/sidebar/customers/{friend}/materials"))["items"]
        if one["id"] == article
    ]
    path = token_of(link)
    page = stranger.client.get(path)
    assert (page.status_code, page.headers["referrer-policy"]) == (200, "no-referrer")
    assert "<script>alert" not in page.text
    assert "护肤&lt;手册&gt;" in page.text
    # Looking, scanning and programs count for nothing.
    bot = {"User-Agent": "Mozilla/5.0 (compatible; Googlebot/2.1)"}
    assert (
        stranger.client.post(
            f"{path}/seen", json={"visit": VISIT, "device": DEVICE, "what": "opened"}, headers=bot
        ).status_code
        == 204
    )
    before = len(desk.happened("radar.opened"))
    desk.settle()
    assert len(desk.happened("radar.opened")) == before
    for what, more in (
        ("opened", {}),
        ("opened", {}),
        ("going", {"seconds": 15, "depth": 60}),
        ("liked", {}),
        ("left", {"seconds": 40, "depth": 95}),
    ):
        assert read(desk, link, what, **more) == 204
    assert read(desk, link, "opened", visit=OTHER, device=OTHER) == 204
    desk.settle()
    told = {
        kind: len([one for one in desk.happened(f"radar.{kind}") if one["material_id"] == article])
        for kind in ("opened", "read", "finished", "liked", "passed_on")
    }
    assert told == dict.fromkeys(("opened", "read", "finished", "liked", "passed_on"), 1)
    (finished,) = [one for one in desk.happened("radar.finished") if one["material_id"] == article]
    assert (finished["member"], finished["material"], finished["seconds"]) == ("lin", "护肤<手册>", 40)
    (row,) = [one for one in ok(admin.get("/v1/radar"))["items"] if one["key"] == article]
    assert (row["opened"], row["readers"], row["strangers"], row["liked"], row["finished"]) == (2, 1, 1, 1, 1)
    assert [one["name"] for one in ok(admin.get(f"/v1/radar/{article}/advisers"))["items"]] == ["林晓彤"]
    assert [one["name"] for one in ok(admin.get(f"/v1/radar/{article}/readers"))["items"]] == ["王芳"]
    # Nothing but what was signed is shown, and nothing that is over.
    for wrong in (
        path[:-3] + ("B" if path[-3] == "A" else "A") + path[-2:],
        "/r/" + "A" * 80,
        path.replace("/r/", "/i/"),
    ):
        assert stranger.client.get(wrong).status_code == 404, wrong
        assert stranger.client.post(
            f"{wrong}/seen",
            json={"visit": VISIT, "device": DEVICE, "what": "opened"},
            headers={"User-Agent": "Mozilla/5.0"},
        ).status_code in {404, 405}
    for garbled in (
        {"visit": "x"},
        {"visit": VISIT, "device": DEVICE, "what": "bought"},
        {"visit": VISIT, "device": DEVICE, "what": "left", "seconds": -1},
    ):
        assert (
            stranger.client.post(f"{path}/seen", json=garbled, headers={"User-Agent": "Mozilla/5.0"}).status_code == 422
        )
    ok(admin.delete(f"/v1/materials/{article}"))
    assert stranger.client.get(path).status_code == 410


def bound(desk: Desk) -> Person:
    """The agent who is the adviser in WeCom: her own scope shows no customer."""
    agent = str(desk.house.a.people["agent"])
    ok(desk.house.person("admin").put(f"/v1/sidebar-bindings/{desk.account}/lin", {"user_id": agent}))
    # Whoever is bound or unbound anew was signed out.
    return desk.house.fresh("agent")


def test_an_adviser_sees_her_friends_and_nobody_else(desk: Desk, friend: str) -> None:
    admin, adviser = desk.house.person("admin"), bound(desk)
    other = desk.customer("M2")
    seen = ok(adviser.get(f"/v1/sidebar/customers/{friend}"))
    assert (seen["customer"]["name"], [one["adviser"] for one in seen["known_by"]]) == ("王芳", ["林晓彤"])
    assert [one["name"] for one in ok(adviser.get("/v1/sidebar/friends"))["items"]] == ["王芳"]
    assert ok(adviser.get(f"/v1/sidebar/external/{desk.account}/{EXTERNAL}"))["id"] == friend
    assert adviser.get(f"/v1/sidebar/external/{desk.account}/wmSomebodyElse").status_code == 404
    assert adviser.get(f"/v1/customers/{friend}").status_code == 404
    note = {"text": "对酒精过敏"}
    asked = [
        ("GET", f"/v1/sidebar/customers/{other}", None), ("GET", f"/v1/sidebar/customers/{other}/scripts", None),
        ("GET", f"/v1/sidebar/customers/{other}/materials", None), ("POST", f"/v1/sidebar/customers/{other}/notes", note),
        ("POST", f"/v1/sidebar/customers/{other}/tags", {"tag": "x"}),
        ("POST", f"/v1/sidebar/customers/{other}/flows", {"flow_id": str(new_id()), "block": "a"}),
    ]  # fmt: skip
    for method, path, body in asked:
        assert adviser.send(method, path, body).status_code == 404, path
    assert ok(admin.get(f"/v1/sidebar/customers/{other}"))["customer"]["name"] == "李静"
    assert desk.house.person("finance").get(f"/v1/sidebar/customers/{friend}").status_code == 403
    assert desk.house.person("b.admin").get(f"/v1/sidebar/customers/{friend}").status_code == 404
    ok(adviser.post(f"/v1/sidebar/customers/{friend}/notes", note))
    ok(adviser.post(f"/v1/sidebar/customers/{friend}/tags", {"tag": "敏感肌"}))
    desk.settle()
    assert "敏感肌" in [one["tag"] for one in ok(adviser.get(f"/v1/sidebar/customers/{friend}"))["customer"]["tags"]]
    assert [one["note"] for one in desk.happened("customer.noted")] == ["对酒精过敏"]
    ok(adviser.delete(f"/v1/sidebar/customers/{friend}/tags/敏感肌"))
    # Who is no friend any more is seen no more.
    scope = desk.flows.owner("select scope from customer_identifier where kind = 'open_id' limit 1")[0][0]
    known = [{"kind": "open_id", "value": EXTERNAL, "scope": scope}]
    desk.tell("friend", {"identifiers": known, "member": "lin", "change": "lost", "at": desk.now}, "wecom")
    assert adviser.get(f"/v1/sidebar/customers/{friend}").status_code == 404
    desk.tell("friend", {"identifiers": known, "member": "lin", "change": "added", "at": desk.now}, "wecom")
    ok(admin.delete(f"/v1/sidebar-bindings/{desk.account}/lin"))
    assert adviser.get(f"/v1/sidebar/customers/{friend}").status_code == 401, "what the binding opened is closed"
    assert desk.house.fresh("agent").get(f"/v1/sidebar/customers/{friend}").status_code == 404


def test_nobody_makes_an_adviser_somebody_above_themselves(desk: Desk) -> None:
    house, people, path = desk.house, desk.house.a.people, f"/v1/sidebar-bindings/{desk.account}/lin"
    admin, unit = house.person("admin"), str(house.a.units["s1"])
    role = ok(admin.post("/v1/roles", {"name": "店内人事", "permissions": ["user.*", "sidebar.use"]}))["id"]
    assigned = [{"role_id": role, "scope": "store", "org_unit_id": unit}]
    for login in ("clerk", "mate", "gone"):
        body = {"login": login, "name": login, "password": PASSWORD, "assignments": assigned}
        people[login] = ok(admin.post("/v1/users", body))["id"]
    ok(admin.patch(f"/v1/users/{people['gone']}", {"active": False}))
    clerk, mate = house.fresh("clerk"), house.fresh("mate")
    for whom, status in (("admin", 404), ("shop2", 404), ("shop1", 403), ("gone", 422)):
        assert clerk.put(path, {"user_id": str(people[whom])}).status_code == status, whom
    ok(admin.put(path, {"user_id": str(people["shop1"])}))
    assert clerk.put(path, {"user_id": str(people["mate"])}).status_code == 403, "who was bound before outranks her"
    assert clerk.delete(path).status_code == 403
    ok(admin.put(path, {"user_id": str(people["mate"])}))
    ok(clerk.put(path, {"user_id": str(people["mate"])}))
    assert mate.get("/v1/me").status_code == 200, "the same again signs nobody out"
    ok(clerk.put(path, {"user_id": str(people["clerk"])}))
    assert mate.get("/v1/me").status_code == 401
    assert clerk.get("/v1/me").status_code == 200
    keep_there(desk, "lin")
    assert clerk.get("/v1/me").status_code == 200
    keep_there(desk)
    assert clerk.get("/v1/me").status_code == 401, "she is with the company no more"
    keep_there(desk, "lin")
    ok(admin.delete(path))


def test_what_a_campaign_gives_is_promised_by_who_may_give_it(desk: Desk) -> None:
    house = desk.house
    admin, coupon = house.person("admin"), make_coupon(desk)
    held = {"desk": ["contact.*"], "till": ["contact.*", "points.write"]}
    roles = {
        name: ok(admin.post("/v1/roles", {"name": name, "permissions": each}))["id"] for name, each in held.items()
    }
    north = {"scope": "region", "org_unit_id": str(house.a.units["north"])}
    people = {
        "planner": [{"role_id": roles["desk"], "scope": "all"}],
        "giver": [{"role_id": roles["till"], "scope": "all"}],
        "giver.north": [{"role_id": roles["till"], **north}],
        "planner.north": [{"role_id": roles["desk"], "scope": "all"}, {"role_id": roles["till"], **north}],
    }
    for login, assigned in people.items():
        body = {"login": login, "name": login, "password": PASSWORD, "assignments": assigned}
        ok(admin.post("/v1/users", body))
    tier, path = {"friends": 3, "points": 100}, "/v1/referral-campaigns"
    body = {"account_id": desk.account, "name": "老带新", "members": ["lin"], "tiers": [tier]}
    for login in ("planner", "giver.north", "planner.north"):
        assert house.fresh(login).post(path, body).status_code == 403, login
    giver, planner = house.fresh("giver"), house.fresh("planner")
    assert giver.post(path, {**body, "tiers": [tier, {"friends": 5, "coupon": coupon}]}).status_code == 403
    made = ok(giver.post(path, body))["id"]
    change = {name: value for name, value in body.items() if name != "account_id"}
    assert planner.put(f"{path}/{made}", change).status_code == 403
    assert planner.post(f"{path}/{made}/begin").status_code == 403
    assert house.fresh("giver.north").post(f"{path}/{made}/end").status_code == 403
    ok(giver.put(f"{path}/{made}", {**change, "tiers": [{**tier, "points": 200}]}))
    ok(giver.post(f"{path}/{made}/begin"))
    assert giver.put(f"{path}/{made}", change).json()["error"]["code"] == "campaign_tiers_fixed"
    ok(giver.put(f"{path}/{made}", {**change, "tiers": [{**tier, "points": 200}], "words": "新人礼"}))
    ok(giver.post(f"{path}/{made}/end"))


def make_coupon(desk: Desk) -> str:
    """A coupon template."""
    body = {"name": "新人券", "kind": "amount", "value": 10, "valid_days": 7}
    return str(ok(desk.house.person("admin").post("/v1/coupon-templates", body))["id"])


def keep_there(desk: Desk, *members: str) -> None:
    """The platform says who is there."""
    with desk.house.db.tx("worker", tenant=desk.house.a.id) as tx:
        advisers.keep(tx, UUID(desk.account), [Member(one, "林晓彤") for one in members])


def test_a_flow_is_started_from_the_chat_with_answers_and_suggests_words(desk: Desk, friend: str) -> None:
    admin, adviser = desk.house.person("admin"), bound(desk)
    script = make(
        desk,
        "talk-scripts",
        {"title": "试听邀约", "folder": "课程", "body": "{{customer.name|亲}}，{{customer.city}}校区本周可试听"},
    )
    drawn = graph(
        [
            block("hand", "start.sidebar", title="约试听", inputs=[{"name": "age", "type": "number", "label": "年龄", "required": True}, {"name": "how", "label": "时段", "options": ["上午", "下午"]}]),
            block("say", "contact.script", script=script),
            block("wait", "wait.duration", span={"amount": "2", "unit": "days"}),
            block("exit", "flow.exit"),
        ],
        ["hand.entered>say", "say.done>wait", "wait.done>exit"],
    )  # fmt: skip
    flow = str(desk.flows.publish(drawn, "试听"))
    offered = ok(adviser.get("/v1/sidebar/flows"))["items"]
    (mine,) = [one for one in offered if one["flow_id"] == flow]
    assert (mine["title"], [one["label"] for one in mine["questions"]]) == ("约试听", ["年龄", "时段"])
    start = {"flow_id": flow, "block": "hand"}
    for answers in ({}, {"age": "six"}, {"age": 6, "how": "晚上"}, {"age": 6, "other": 1}):
        assert (
            adviser.post(f"/v1/sidebar/customers/{friend}/flows", {**start, "answers": answers}).status_code == 422
        ), answers
    assert (
        adviser.post(
            f"/v1/sidebar/customers/{friend}/flows", {**start, "block": "say", "answers": {"age": 6}}
        ).status_code
        == 404
    )
    ok(adviser.post(f"/v1/sidebar/customers/{friend}/flows", {**start, "answers": {"age": 6, "how": "上午"}}))
    desk.settle()
    seen = ok(adviser.get(f"/v1/sidebar/customers/{friend}"))
    assert [(one["title"], one["text"], one["missing"]) for one in seen["hints"]] == [
        ("试听邀约", "王芳，上海校区本周可试听", [])
    ]
    assert [one["flow"] for one in seen["runs"] if one["flow"] == "试听"] == ["试听"]
    kept = desk.flows.owner("select vars -> 'memory' from flow_run where flow_id = %(flow)s", {"flow": flow})
    assert kept == [({"age": 6, "how": "上午"},)]
    used = ok(adviser.post(f"/v1/sidebar/customers/{friend}/scripts/{script}/use"))
    assert (used["text"], used["uses"]) == ("王芳，上海校区本周可试听", 1)
    assert ok(adviser.get(f"/v1/sidebar/customers/{friend}"))["hints"] == []
    assert [
        one["title"] for one in ok(adviser.get(f"/v1/sidebar/customers/{friend}/scripts", q="课程 试听"))["items"]
    ] == ["试听邀约"]
    # What nobody knows of her is shown as missing, not left out silently.
    other = desk.customer("M2")
    (found,) = [one for one in ok(admin.get(f"/v1/sidebar/customers/{other}/scripts"))["items"] if one["id"] == script]
    assert (found["text"], found["missing"]) == ("李静，＿＿校区本周可试听", ["customer.city"])
    # What the reader may not see is missing for them too.
    assigned = [
        {
            "role_id": ok(admin.post("/v1/roles", {"name": "只看", "permissions": ["sidebar.use", "customer.read"]}))[
                "id"
            ],
            "scope": "all",
        }
    ]
    ok(admin.post("/v1/users", {"login": "veiled", "name": "V", "password": PASSWORD, "assignments": assigned}))
    named = make(desk, "talk-scripts", {"title": "问候", "body": "{{customer.name}}您好，{{customer.city}}"})
    veiled, beside = desk.house.fresh("veiled"), f"/v1/sidebar/customers/{friend}/scripts"
    texts = {one["id"]: one for one in ok(veiled.get(beside))["items"]}
    assert (texts[named]["text"], texts[named]["missing"]) == ("＿＿您好，上海", ["customer.name"])
    assert texts[script]["text"] == "亲，上海校区本周可试听"
    assert ok(veiled.post(f"{beside}/{named}/use"))["text"] == "＿＿您好，上海"
    ok(admin.delete(f"/v1/talk-scripts/{named}"))
    # A change waits for approval, and nobody says what is not approved.
    ok(admin.put(f"/v1/talk-scripts/{script}", {"title": "试听邀约", "body": "改"}))
    assert ok(adviser.get(f"/v1/sidebar/customers/{friend}/scripts"))["items"] == []
    read = next(one for one in ok(admin.get("/v1/talk-scripts"))["items"] if one["id"] == script)
    approve, seen = f"/v1/talk-scripts/{script}/approve", {"seen": read["updated_at"]}
    assert desk.house.person("north").post(approve, seen).status_code == 403
    # Nobody approves what she wrote, however little of it, nor what was changed after she read it.
    own = admin.post(approve, seen)
    assert (read["own"], own.status_code, own.json()["error"]["code"]) == (True, 403, "own_work")
    marketing, compliance = desk.house.person("marketing"), desk.house.joined("compliance")
    ok(marketing.put(f"/v1/talk-scripts/{script}", {"title": "试听邀约", "body": "再改"}))
    assert admin.post(approve, seen).status_code == 403
    assert compliance.post(approve, seen).json()["error"]["code"] == "changed_meanwhile"
    (now,) = (one for one in ok(compliance.get("/v1/talk-scripts"))["items"] if one["id"] == script)
    assert (now["own"], compliance.post(approve, {"seen": now["updated_at"]}).status_code) == (False, 204)


def test_what_she_looked_at_and_did_not_buy_is_shown(desk: Desk, friend: str) -> None:
    bound(desk)
    who = [{"kind": "member_no", "value": "M1"}]
    for sku in ("cream", "mask", "mask"):
        desk.tell(
            "behaviour", {"name": "浏览商品", "identifiers": who, "at": desk.now, "properties": {"product_id": sku}}
        )
    line = {"line_no": 1, "product_id": "cream", "quantity": 1, "amount": "60.00"}
    desk.tell("order", {"order_id": "O7", "identifiers": who, "status": "paid", "placed_at": desk.now, "paid_at": desk.now, "total": "60.00", "lines": [line]})  # fmt: skip
    seen = ok(desk.house.person("agent").get(f"/v1/sidebar/customers/{friend}"))
    looked = {one["name"]: one["times"] for one in seen["looked"]}
    assert looked.get("mask") == 2
    assert "cream" not in looked
    assert seen["orders"][0]["number"] == "O7"
