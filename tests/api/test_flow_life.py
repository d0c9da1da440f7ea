"""A flow's life beyond its draft: who published what and why, windows, a second person's word, two people at once, files."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from api.test_customers import make
from harness.flows import block, graph
from harness.house import House, Person
from tandem.access.service import assign_role
from tandem.assembly import system
from tandem.flow import schedule, service
from tandem.flow.experiments import adopt
from tandem.flow.retire import retire
from tandem.kernel.db import begin
from tandem.kernel.ids import new_id

TASK = block(
    "boss",
    "human.task",
    title="店长看一眼",
    answers=[{"name": "yes", "label": "同意"}, {"name": "no", "label": "不同意"}],
)


def drawn(*, hours: int = 1, human: bool = False, past: bool = False) -> dict[str, Any]:
    """An order, a wait, and (human) a person who decides whether points are given; (past) some get them without her."""
    wait = block("wait", "wait.duration", span={"amount": str(hours), "unit": "hours"})
    blocks = [
        block("start", "start.event", event_type="order.paid"),
        wait,
        block("gift", "marketing.add_points", points=100),
    ]
    blocks.append(block("exit", "flow.exit"))
    arrows = ["start.entered>wait", "gift.done>exit"]
    if not human:
        return graph(blocks, [*arrows, "wait.done>gift"])
    arrows += ["boss.yes>gift", "boss.no>exit", "boss.timeout>exit"]
    if past:
        ways = [{"name": "vip", "label": "老客", "condition": "customer.city = '上海'"}]
        blocks.append(block("way", "decide.condition", ways=ways))
        arrows += ["wait.done>way", "way.vip>gift", "way.else>boss"]
    else:
        arrows.append("wait.done>boss")
    return graph([*blocks, {**TASK, "human": True}], arrows)


def made(person: Person, what: dict[str, Any], name: str = "试一试") -> dict[str, Any]:
    answer = person.post("/v1/flows", {"name": name, "graph": what})
    assert answer.status_code == 201, answer.text
    return answer.json()


def published(person: Person, what: dict[str, Any], **body: Any) -> dict[str, Any]:
    flow = made(person, what)
    return publish(person, flow["id"], **body)


def publish(person: Person, flow: str, **body: Any) -> dict[str, Any]:
    answer = person.post(f"/v1/flows/{flow}/publish", {"running": "stay", **body})
    assert answer.status_code == 200, answer.text
    return answer.json()


def redraw(person: Person, flow: dict[str, Any], what: dict[str, Any]) -> int:
    answer = person.put(f"/v1/flows/{flow['id']}/draft", {"graph": what, "etag": flow["etag"]})
    assert answer.status_code == 200, answer.text
    return int(answer.json()["etag"])


def forward(house: House, **by: float) -> None:
    with house.db.connection("owner") as connection:
        connection.execute("update tenant set demo = true, clock_offset = clock_offset + %s", (timedelta(**by),))


def fire(house: House) -> None:
    with house.db.tx("worker", tenant=house.a.id) as tx:
        schedule.fire(tx, system().kinds)


def current(person: Person, flow: str) -> int:
    return int(person.get(f"/v1/flows/{flow}").json()["published"]["number"])


def business_now(house: House) -> datetime:
    with house.db.tx("web", tenant=house.a.id) as tx:
        return tx.now


@pytest.fixture
def person(house: House) -> Person:
    return house.person("marketing")


def test_versions_say_who_when_and_why_and_come_back(person: Person) -> None:
    flow = published(person, drawn(hours=1), note="第一版")
    etag = redraw(person, flow, drawn(hours=9))
    publish(person, flow["id"], note="等久一点")
    versions = person.get(f"/v1/flows/{flow['id']}/versions").json()["items"]
    assert [(one["number"], one["note"], one["by_name"], one["current"]) for one in versions] == [
        (2, "等久一点", "Marketing", True),
        (1, "第一版", "Marketing", False),
    ]
    path = f"/v1/flows/{flow['id']}/versions/{versions[1]['id']}/restore"
    assert person.post(path, {"etag": etag + 5}).status_code == 409, "somebody else has drawn meanwhile"
    back = person.post(path, {"etag": etag}).json()
    wait = next(one for one in back["draft"]["blocks"] if one["id"] == "wait")
    assert (wait["config"]["span"]["amount"], back["etag"], back["published"]["number"]) == ("1", etag + 1, 2)


def test_a_variant_takes_its_window_and_gives_the_place_back(house: House, person: Person) -> None:
    flow = published(person, drawn(hours=24))
    everyday = flow["published"]["version_id"]
    redraw(person, flow, drawn(hours=1))
    now = business_now(house)
    window = {
        "name": "双十一",
        "starts_at": (now + timedelta(hours=2)).isoformat(),
        "ends_at": (now + timedelta(hours=5)).isoformat(),
    }
    path = f"/v1/flows/{flow['id']}/variants"
    assert person.post(path, {**window, "ends_at": window["starts_at"]}).json()["error"]["code"] == "variant_window"
    planned = person.post(path, window).json()
    assert (planned["variant"]["state"], planned["published"]["number"]) == ("planned", 1)
    beside = person.post(path, {**window, "name": "重叠"})
    assert beside.status_code == 422
    assert "双十一" in beside.text

    forward(house, hours=2)
    fire(house)
    assert current(person, flow["id"]) == 2
    # Nobody inside the everyday version any more: it is retired, and still comes back.
    with house.db.connection("owner") as connection:
        connection.execute("update flow_version set published_at = published_at - interval '1 hour'")
    retire(house.db, house.a.id)
    forward(house, hours=3)
    fire(house)
    after = person.get(f"/v1/flows/{flow['id']}").json()
    assert (after["published"]["version_id"], after["variant"], after["status"]) == (everyday, None, "running")
    versions = person.get(f"/v1/flows/{flow['id']}/versions").json()["items"]
    assert [(one["number"], one["status"]) for one in versions] == [(2, "published"), (1, "published")]


def test_one_click_ends_a_variant_and_publishing_replaces_it(house: House, person: Person) -> None:
    flow = published(person, drawn(hours=24))
    now = business_now(house)
    window = {"name": "直播", "starts_at": now.isoformat(), "ends_at": (now + timedelta(days=1)).isoformat()}
    begun = person.post(f"/v1/flows/{flow['id']}/variants", window).json()
    assert (begun["variant"]["state"], begun["published"]["number"]) == ("running", 2)
    ended = person.post(f"/v1/flows/{flow['id']}/variants/{begun['variant']['id']}/end", {}).json()
    assert (ended["variant"], ended["published"]["number"]) == (None, 1)
    assert person.post(f"/v1/flows/{flow['id']}/variants/{begun['variant']['id']}/end", {}).status_code == 409
    person.post(f"/v1/flows/{flow['id']}/variants", window)
    assert publish(person, flow["id"])["published"]["number"] == 4
    forward(house, days=2)
    fire(house)
    assert current(person, flow["id"]) == 4, "what was published meanwhile stays"


def members(house: House, count: int) -> str:
    """A segment of so many customers."""
    segment = new_id()
    with house.db.connection("owner") as connection:
        connection.execute(
            "insert into segment (tenant_id, id, name, kind, version, created_at, updated_at)"
            " values (%s, %s, %s, 'static', 1, now(), now())",
            (house.a.id, segment, f"会员 {segment}"),
        )
        made: list[UUID] = [new_id() for _ in range(count)]
        connection.execute(
            "insert into customer (bucket, id, origin_id, tenant_id, first_seen_at, created_at, updated_at, key_enc)"
            " select tandem_bucket(i), i, i, %s, now(), now(), now(), '' from unnest(%s::uuid[]) i",
            (house.a.id, made),
        )
        connection.execute(
            "insert into segment_member (bucket, tenant_id, segment_id, customer_id, origin_id, since, version)"
            " select tandem_bucket(c), %s, %s, c, c, now() - interval '1 day', 1 from unnest(%s::uuid[]) c",
            (house.a.id, segment, made),
        )
    return str(segment)


def audience(segment: str) -> dict[str, Any]:
    return graph(
        [block("start", "start.segment", segment_id=segment), block("exit", "flow.exit")], ["start.entered>exit"]
    )


def test_many_people_want_a_second_pair_of_eyes(house: House, person: Person) -> None:
    admin, crowd = house.person("admin"), audience(members(house, 4))
    assert person.put("/v1/flow-limits", {"people_max": 3}).status_code == 403
    assert admin.put("/v1/flow-limits", {"people_max": 3, "cost_max": None}).json()["people_max"] == 3
    try:
        flow = made(person, crowd)
        ahead = person.get(f"/v1/flows/{flow['id']}/publish-preview").json()
        assert (ahead["reasons"], ahead["entries"][0]["people"]) == (["people"], 4)
        waits = publish(person, flow["id"], note="周年庆")
        assert (waits["status"], waits["published"], waits["approval"]["weight"]["people"]) == ("draft", None, 4)
        approval = waits["approval"]["id"]
        own = person.post(f"/v1/flow-approvals/{approval}/decide", {"approve": True})
        assert own.json()["error"]["code"] == "approval_own"
        assert house.person("shop1").post(f"/v1/flow-approvals/{approval}/decide", {"approve": True}).status_code == 403
        # What is approved is what was asked for, whatever is drawn meanwhile.
        redraw(person, waits, drawn())
        opened = admin.get(f"/v1/flow-approvals/{approval}").json()
        assert [one["kind"] for one in opened["graph"]["blocks"]] == ["start.segment", "flow.exit"]
        assert (opened["weight"]["people_max"], opened["request"]["note"], ahead["people_max"]) == (3, "周年庆", 3)
        assert [one["flow_name"] for one in admin.get("/v1/flow-approvals").json()["items"]] == ["试一试"]
        decided = admin.post(f"/v1/flow-approvals/{approval}/decide", {"approve": True, "comment": "好"})
        assert decided.json()["state"] == "approved", decided.text
        after = person.get(f"/v1/flows/{flow['id']}").json()
        version = person.get(f"/v1/flows/{flow['id']}/versions").json()["items"][0]
        assert (after["status"], version["note"]) == ("running", "周年庆")
        # Who asked and who agreed stand by the version; who asked is told what came of it.
        assert (version["by_name"], version["agreed_name"]) == (
            waits["approval"]["requested_name"],
            after["verdict"]["decided_name"],
        )
        assert (after["approval"], after["verdict"]["state"], after["verdict"]["comment"]) == (None, "approved", "好")
        assert [one["kind"] for one in version["graph"]["blocks"]] == ["start.segment", "flow.exit"]
        assert admin.post(f"/v1/flow-approvals/{approval}/decide", {"approve": True}).status_code == 409

        again = publish(person, made(person, crowd)["id"])
        word = f"/v1/flow-approvals/{again['approval']['id']}/decide"
        silent = admin.post(word, {"approve": False, "comment": "  "})
        assert (silent.status_code, silent.json()["error"]["code"]) == (422, "reason_missing")
        assert admin.post(word, {"approve": False, "comment": "太多"}).json()["comment"] == "太多"
        after = person.get(f"/v1/flows/{again['id']}").json()
        assert (after["status"], after["verdict"]["state"], after["verdict"]["comment"]) == (
            "draft",
            "rejected",
            "太多",
        )
        assert publish(person, again["id"])["verdict"] is None, "asked again: the earlier word is history"
    finally:
        admin.put("/v1/flow-limits", {"people_max": None, "cost_max": None})


def test_limits_of_running_are_not_limits_of_publishing(house: House, person: Person) -> None:
    admin = house.person("admin")
    before = admin.get("/v1/flow-alerts/limits").json()["own"]
    assert admin.put("/v1/flow-alerts/limits", {**before, "runs_per_hour": 77}).status_code == 204
    try:
        assert admin.get("/v1/flow-alerts/limits").json()["effective"]["runs_per_hour"] == 77
        assert admin.get("/v1/flow-limits").json() == {"people_max": None, "cost_max": None}
        # What stands for all flows is none of a flow's ids.
        assert admin.put(f"/v1/flows/{UUID(int=0)}/limits", {**before, "runs_per_hour": 5}).status_code == 404
        assert admin.get("/v1/flow-alerts/limits").json()["own"]["runs_per_hour"] == 77
    finally:
        admin.put("/v1/flow-alerts/limits", before)


def test_nobody_gets_past_a_human_step_without_a_second_word(house: House, person: Person) -> None:
    flow = published(person, drawn(human=True))
    assert flow["approval"] is None
    flow["etag"] = redraw(person, flow, drawn(human=True, past=True))
    ahead = person.get(f"/v1/flows/{flow['id']}/publish-preview").json()
    assert (ahead["reasons"], ahead["human"]) == (["human"], ["boss"])
    waits = publish(person, flow["id"])
    assert waits["published"]["number"] == 1
    gone = person.post(f"/v1/flow-approvals/{waits['approval']['id']}/withdraw", {})
    assert gone.json()["state"] == "withdrawn"
    flow["etag"] = redraw(person, flow, drawn(human=True) | {"blocks": [*drawn(human=True)["blocks"]]})
    assert publish(person, flow["id"])["published"]["number"] == 2, "the step is where it was"


def test_two_people_see_each_other_and_overwrite_nothing(house: House, person: Person) -> None:
    admin, flow = house.person("admin"), made(person, drawn())
    assert person.put(f"/v1/flows/{flow['id']}/here", {"editing": True}).json()["items"] == []
    seen = admin.put(f"/v1/flows/{flow['id']}/here", {"editing": True, "block": "wait"}).json()
    assert [(one["name"], one["editing"]) for one in seen["items"]] == [("Marketing", True)]
    redraw(admin, flow, drawn(hours=3))
    late = person.put(f"/v1/flows/{flow['id']}/draft", {"graph": drawn(hours=4), "etag": flow["etag"]})
    assert late.status_code == 409
    mine = person.put(f"/v1/flows/{flow['id']}/here", {"editing": True}).json()
    assert ([one["block"] for one in mine["items"]], mine["etag"]) == (["wait"], flow["etag"] + 1)
    assert admin.delete(f"/v1/flows/{flow['id']}/here").status_code == 204
    assert person.put(f"/v1/flows/{flow['id']}/here", {"editing": True}).json()["items"] == []


def test_a_drained_flow_lets_nobody_in_and_stops_when_empty(house: House, person: Person) -> None:
    flow = published(person, drawn())
    drained = person.post(f"/v1/flows/{flow['id']}/drain", {}).json()
    assert drained["status"] == "draining"
    assert person.delete(f"/v1/flows/{flow['id']}").status_code == 409
    retire(house.db, house.a.id)
    assert person.get(f"/v1/flows/{flow['id']}").json()["status"] == "stopped"


def test_a_file_brings_a_flow_along_or_names_what_is_missing(house: House, person: Person) -> None:
    segment = members(house, 1)
    flow = made(person, audience(segment), "群发")
    file = person.get(f"/v1/flows/{flow['id']}/export").json()
    assert file["refers"][segment]["what"] == "segment"
    copy = person.post("/v1/flow-imports", {"file": file, "name": "群发 2"})
    assert copy.status_code == 201, copy.text
    assert copy.json()["draft"] == flow["draft"]
    elsewhere = house.person("admin_b") if "admin_b" in house.b.people else None
    strange = str(new_id())
    text = file | {"graph": audience(strange), "refers": {strange: {"what": "segment", "name": "没有的分群"}}}
    refused = (elsewhere or person).post("/v1/flow-imports", {"file": text})
    assert refused.status_code == 422
    assert "没有的分群" in refused.text
    # It may come all the same: what is missing is left empty, and the check of the draft asks for it.
    open_flow = (elsewhere or person).post("/v1/flow-imports", {"file": text, "gaps": True}).json()
    assert [one["config"] for one in open_flow["draft"]["blocks"] if one["kind"] == "start.segment"] == [{}]
    found = (elsewhere or person).post(f"/v1/flows/{open_flow['id']}/check", {}).json()["findings"]
    assert "start" in {one["block"] for one in found if one["severity"] == "error"}
    unknown = file | {"graph": {"blocks": [block("a", "magic.wand")], "arrows": [], "settings": {}}, "refers": {}}
    assert "magic.wand" in person.post("/v1/flow-imports", {"file": unknown, "gaps": True}).text
    assert person.post("/v1/flow-imports", {"file": {"format": "tandem/blocks@1"}}).status_code == 422
    with house.db.tx("web", tenant=house.a.id) as tx:
        assert service.get_flow(tx, UUID(copy.json()["id"])).name == "群发 2"


def test_an_adopted_arm_wants_a_second_pair_of_eyes_too(
    house: House, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin, crowd = house.person("admin"), members(house, 4)
    arms = [{"name": "a", "label": "甲", "share": "50"}, {"name": "b", "label": "乙", "share": "50"}]
    blocks = [
        block("start", "start.segment", segment_id=crowd),
        block("way", "decide.split", arms=arms),
        block("exit", "flow.exit"),
    ]
    flow = published(person, graph(blocks, ["start.entered>way", "way.a>exit", "way.b>exit"]))["id"]
    results, split = f"/v1/flows/{flow}/results", f"/v1/flows/{flow}/experiments/way"

    def won(*_: object) -> str:
        return "b"

    def seen() -> tuple[int, str | None, bool]:
        (one,) = person.get(results).json()["splits"]
        return current(person, flow), one["adopted"], one["problem"] is not None

    admin.put("/v1/flow-limits", {"people_max": 3, "cost_max": None})
    try:
        monkeypatch.setattr(adopt, "winner", won)
        assert person.put(split, {"automatic": True}).status_code == 204
        assert adopt.adopt_won(house.db, system(), house.a.id) == 0
        assert seen() == (1, None, True), "nobody was there to ask"
        assert person.post(f"{split}/adopt", {"arm": "a"}).status_code == 204
        assert seen() == (1, None, True), "a colleague has to agree first"
        waits = person.get(f"/v1/flows/{flow}").json()["approval"]
        assert waits["weight"]["reasons"] == ["people"]
        decided = admin.post(f"/v1/flow-approvals/{waits['id']}/decide", {"approve": True})
        assert decided.status_code == 200, decided.text
        assert seen() == (2, "a", False)
        draft = person.get(f"/v1/flows/{flow}").json()["draft"]["blocks"][1]["config"]["arms"]
        assert [arm["share"] for arm in draft] == ["100", "0"]
    finally:
        admin.put("/v1/flow-limits", {"people_max": None, "cost_max": None})


def test_customers_are_tried_and_asked_about_as_far_as_both_rights_reach(house: House, person: Person) -> None:
    role = house.person("admin").post("/v1/roles", {"name": "flow desk", "permissions": ["flow.*"]}).json()
    with house.db.connection("owner") as connection:
        assign_role(begin(connection, tenant=house.a.id), house.a.people["shop2"], role["code"])
    near, far = make(house, store="s2"), make(house, store="s3")
    flow, shop = published(person, drawn())["id"], house.fresh("shop2")
    assert shop.get(f"/v1/customers/{near.id}/why/{flow}").status_code == 200
    assert shop.get(f"/v1/customers/{far.id}/why/{flow}").status_code == 404
    for one, status in ((near, 200), (far, 404)):
        tried = shop.post(f"/v1/flows/{flow}/dry-run", {"customers": [str(one.id)]})
        assert tried.status_code == status, tried.text
    picked = shop.post(f"/v1/flows/{flow}/dry-run", {"pick": "random", "count": 20}).json()["people"]
    assert str(far.id) not in {one["customer"]["id"] for one in picked}


def test_a_module_names_the_flows_that_call_it(person: Person) -> None:
    """F19: a mend to one reaches all, with a list of who uses it."""
    start = block("start", "start.flow")
    called = published(person, graph([start, block("exit", "flow.exit")], ["start.entered>exit"]), running="stay")

    def calling() -> dict[str, Any]:
        call = block("call", "flow.call", flow_id=called["id"])
        blocks = [block("start", "start.event", event_type="order.paid"), call, block("exit", "flow.exit")]
        return graph(blocks, ["start.entered>call", "call.done>exit"])

    at_work, drawn_only = published(person, calling()), made(person, calling(), "还在画")
    listed = person.get(f"/v1/flows/{called['id']}/callers").json()["items"]
    assert {one["id"]: (one["published"], one["drafted"]) for one in listed} == {
        at_work["id"]: (True, True),
        drawn_only["id"]: (False, True),
    }
    assert person.get(f"/v1/flows/{at_work['id']}/callers").json()["items"] == []


def test_authors_pick_roles_and_colleagues_by_name(person: Person) -> None:
    """A block's form needs names only; who draws flows need not be able to read the staff list."""
    for what in ("roles", "users"):
        items = person.get(f"/v1/flow-choices/{what}").json()["items"]
        assert items
        assert set(items[0]) == {"id", "name"}
    start, score = (
        block("start", "start.event", event_type="order.paid"),
        block("s", "customer.score", attribute="热度"),
    )
    made(person, graph([start, score, block("exit", "flow.exit")], ["start.entered>s", "s.done>exit"]), "打分")
    assert {"id": "热度", "name": "热度"} in person.get("/v1/flow-choices/attributes").json()["items"]


def test_arms_of_a_bandit_have_results_and_are_not_adopted_by_hand(person: Person) -> None:
    arms = [{"name": "a", "label": "甲"}, {"name": "b", "label": "乙"}]
    blocks = [
        block("start", "start.event", event_type="order.paid"),
        block("ways", "decide.bandit", arms=arms),
        block("exit", "flow.exit"),
    ]
    flow = published(person, graph(blocks, ["start.entered>ways", "ways.a>exit", "ways.b>exit"]))
    (split,) = person.get(f"/v1/flows/{flow['id']}/results").json()["splits"]
    assert (split["block"], split["adoptable"], [arm["port"] for arm in split["arms"]]) == ("ways", False, ["a", "b"])
