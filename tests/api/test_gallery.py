"""Does every template of the gallery install and publish, in either language, and do modules chained at random publish or say why not?"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any
from uuid import UUID

import pytest

from harness.flows import EVERYTHING, FlowHouse, working
from harness.house import House, Person
from tandem.assembly import system
from tandem.flow.checks import check_graph
from tandem.flow.graph import parse_graph
from tandem.gallery.library import Template, filled, modules, templates, worded
from tandem.kernel.ids import new_id

STORIES = "F01 F02 F03 F04 F09 F10 F11 F12 F13 F18 J01 J02 J03 J04 J05 J06 J07 J08 J09 J10 J11 J12 J14 J15 J16 J17 J20 J21 J22 J25 J26 W08"


@pytest.fixture(scope="module")
def at_work(house: House) -> Iterator[FlowHouse]:
    with working(house.db, house.a.id, whole=False) as flows:
        yield flows


def install(person: Person, one: Template, language: str = "zh", **answers: Any) -> str:
    name = one.name.zh if language == "zh" else one.name.en
    answer = person.post(
        f"/v1/gallery/templates/{one.id}/install", {"name": name, "language": language, "answers": answers}
    )
    assert answer.status_code == 201, (one.id, answer.text)
    return str(answer.json()["flow_id"])


def publish(person: Person, flow: str) -> None:
    answer = person.post(f"/v1/flows/{flow}/publish", {"running": "stay"})
    assert answer.status_code == 200, answer.text


def test_the_gallery_answers_the_stories(house: House) -> None:
    shown = house.person("marketing").get("/v1/gallery/templates").json()["items"]
    assert {one["story"] for one in shown} == set(STORIES.split())
    assert all(one["trades"] and one["name"]["en"] and one["about"]["en"] for one in shown)
    assert len(modules()) >= 22


def test_holiday_points_and_levels_run_through(house: House, at_work: FlowHouse) -> None:
    person = house.person("admin")
    points, levels = (install(person, templates()[name]) for name in ("holiday-points", "franchise-levels"))
    publish(person, points)
    publish(person, levels)
    customers = at_work.add_customers(30)
    at_work.events([("order.paid", one, {}) for one in customers])
    opening = person.post("/v1/things/franchise_opening", {"title": "徐汇一店", "fields": {"city": "上海"}}).json()
    at_work.settle()
    stats = person.get(f"/v1/flows/{points}/stats").json()["blocks"]
    assert stats["exit"]["entered"] == 30
    assert stats["day"]["ports"].get("inside", 0) + stats["day"]["ports"].get("outside", 0) == 30
    for level in ("site", "menu", "train", "sign"):
        stands = person.get(f"/v1/flows/{levels}/stats").json()["blocks"]
        assert {name for name, one in stands.items() if one["inside"]} == {level}
        tasks = [one for one in person.get("/v1/tasks", limit=200).json()["items"] if one["flow"]["id"] == levels]
        assert tasks[0]["thing"]["title"] == f"徐汇一店 · {opening['number']}"
        assert person.post(f"/v1/tasks/{tasks[0]['id']}/decide", {"port": "yes"}).status_code == 204
        at_work.settle()
    (signed, *_, given_up) = person.get("/v1/thing-types").json()["items"][0]["stages"]
    assert (signed["things"], given_up["things"]) == (0, 0)
    now = person.get(f"/v1/things/franchise_opening/{opening['id']}").json()
    assert (now["stage"], now["fields"]) == ("open", {"city": "上海"})
    happened = person.get(f"/v1/things/franchise_opening/{opening['id']}/events").json()["items"]
    assert [one["payload"]["stage"] for one in happened] == ["open", "sign", "training", "menu", "signed"]
    assert person.get(f"/v1/flows/{levels}/stats").json()["goal"]["converted"] == 1


def test_every_template_installs_and_publishes(house: House) -> None:
    person = house.person("admin")
    for one in templates().values():
        publish(person, install(person, one))


def test_every_template_installs_in_english(house: House) -> None:
    person = house.person("admin")
    for one in templates().values():
        flow = install(person, one, "en")
        assert " | " not in str(person.get(f"/v1/flows/{flow}").json()["draft"]), "one language is left"
        found = person.post(f"/v1/flows/{flow}/check", {}).json()["findings"]
        assert [each["message"]["en"] for each in found if each["severity"] == "error"] == [], one.id


def test_installing_asks_only_for_what_is_missing(house: House) -> None:
    person, one = house.person("admin"), templates()["welcome-by-kind"]
    install(person, one)
    shown = person.get(f"/v1/gallery/templates/{one.id}").json()["asks"]
    assert all(ask["found"] for ask in shown), "what the first installing made is found again"
    coupons = len(person.get("/v1/coupon-templates").json()["items"])
    wish = {"make": {"name": "我们自己的欢迎语", "body": "{{customer.name|您好}}，欢迎"}}
    flow = install(person, one, hello=wish)
    assert len(person.get("/v1/coupon-templates").json()["items"]) == coupons
    texts = {each["name"]: each["id"] for each in person.get("/v1/message-templates").json()["items"]}
    blocks = {each["id"]: each for each in person.get(f"/v1/flows/{flow}").json()["draft"]["blocks"]}
    assert blocks["hello"]["config"]["template"] == texts["我们自己的欢迎语"]
    path = f"/v1/gallery/templates/{one.id}/install"
    wrong = person.post(path, {"name": "x", "answers": {"new": {"use": str(new_id())}}})
    assert wrong.status_code == 422
    assert "answers.new.use" in wrong.text
    broken = {"hello": {"make": {"name": "写坏了", "body": "{{customer.nonsense}}"}}}
    assert person.post(path, {"name": "x", "answers": broken}).status_code == 422
    assert person.post(path, {"name": "x", "answers": {"nonsense": {}}}).status_code == 422
    assert house.person("shop1").post(path, {"name": "x"}).status_code == 403


def chained(roll: Random, answers: dict[str, dict[str, str]], *, open_ends: bool) -> dict[str, Any]:
    """A start and some modules one after the other; sometimes an answer is left out, or the last ways lead nowhere."""
    blocks: list[dict[str, Any]] = [{"id": "start", "kind": "start.event", "config": {"event_type": "order.paid"}}]
    arrows: list[dict[str, str]] = []
    ends = [("start", "entered")]
    for number, one in enumerate(roll.sample(list(modules().values()), roll.randint(1, 5))):
        given = {} if open_ends and roll.random() < 0.3 else answers[one.id]
        named = {block.id: f"{block.id}{number}" for block in one.blocks}
        for block in one.blocks:
            config = filled(worded(block.config, "zh"), given)
            blocks.append({"id": named[block.id], "kind": block.kind, "version": block.version, "config": config})
        arrows += [{"from": block, "port": port, "to": named[one.entry]} for block, port in ends]
        arrows += [{"from": named[each.from_], "port": each.port, "to": named[each.to]} for each in one.arrows]
        ends = [(named[way.block], way.port) for way in one.exits]
    blocks.append({"id": "exit", "kind": "flow.exit", "config": {}})
    if not (open_ends and roll.random() < 0.3):
        arrows += [{"from": block, "port": port, "to": "exit"} for block, port in ends]
    return {"blocks": blocks, "arrows": arrows}


def test_modules_chained_at_random_publish_or_say_why_not(house: House, at_work: FlowHouse) -> None:
    """F21. With everything answered every chain publishes; else each problem names its block and how to mend it."""
    person = house.person("admin")
    answers: dict[str, dict[str, str]] = {one.id: made(person, house, at_work, one.asks) for one in modules().values()}
    rooms = system()
    for seed in range(60):
        whole = chained(Random(seed), answers, open_ends=False)
        holes = chained(Random(seed), answers, open_ends=True)
        with at_work.tx() as tx:
            found = check_graph(parse_graph(whole), rooms.kinds, rooms.catalog, tx, EVERYTHING)
            assert [one for one in found if one.severity == "error"] == [], seed
            said = check_graph(parse_graph(holes), rooms.kinds, rooms.catalog, tx, EVERYTHING)
        assert all(one.finding.mend.zh and one.finding.message.zh for one in said)
        if seed % 15 == 0:
            at_work.publish(whole, f"链 {seed}")


def made(person: Person, house: House, at_work: FlowHouse, asks: tuple[Any, ...]) -> dict[str, str]:
    """What a module asks for, as the gallery would make it."""
    found: dict[str, str] = {}
    for ask in asks:
        suggest = worded(ask.suggest, "zh")
        if ask.what == "tag":
            with at_work.tx() as tx:
                tx.execute(
                    "insert into tag (tenant_id, name, label, kind, created_at) values (%(tenant)s, %(name)s, %(name)s, 'manual', now())"
                    " on conflict do nothing",
                    {"tenant": house.a.id, "name": suggest["name"]},
                )
            found[ask.key] = suggest["name"]
            continue
        path = "/v1/coupon-templates" if ask.what == "coupon_template" else "/v1/message-templates"
        answer = person.post(path, {**suggest, "name": f"{suggest['name']} {new_id()}"})
        assert answer.status_code == 201, answer.text
        found[ask.key] = str(UUID(answer.json()["id"]))
    return found


#: What brings somebody to each of the restaurant's touch points that are not told as behaviour.
TOLD = {
    "meal": "order.paid",
    "join": "customer.created",
    "visit": "visit.recorded",
    "redeemed": "coupon.redeemed",
    "expired": "coupon.expired",
    "points": "points.earned",
    "fading": "points.expired",
}


def test_f13_every_touch_point_of_the_member_day_is_compared(house: House, at_work: FlowHouse) -> None:
    person = house.person("admin")
    flow = install(person, templates()["member-day-touches"])
    publish(person, flow)
    blocks = person.get(f"/v1/flows/{flow}").json()["draft"]["blocks"]
    starts = {one["id"]: one["config"] for one in blocks if one["kind"] == "start.event"}
    assert len(starts) == 22
    # Each draws its arm at each of the touch points: of twelve all would draw the same at one of them every hundredth time.
    crowd = at_work.add_customers(36)
    for name, config in starts.items():
        said = {"name": config["condition"].split("'")[1]} if "condition" in config else {}
        assert config["event_type"] == TOLD.get(name, "behaviour.recorded")
        at_work.events([(config["event_type"], one, said) for one in crowd])
    at_work.settle(turns_max=1000)
    at_work.forward(hours=25)
    at_work.settle(turns_max=1000)
    stats = person.get(f"/v1/flows/{flow}/stats").json()["blocks"]
    for name in starts:
        # The flow's own points lead to a touch point as well.
        assert stats[f"{name}_ab"]["entered"] >= len(crowd), name
        assert {"a", "b"} == set(stats[f"{name}_ab"]["ports"]), f"{name}: both arms are tried"
    assert stats["send"]["entered"] >= 22 * len(crowd)
    assert all(one["failed"] == 0 for one in stats.values())


def test_f18_a_store_sets_its_own_and_no_other(house: House) -> None:
    person, shop = house.person("admin"), house.person("shop1")
    flow = install(person, templates()["store-wording"])
    path = f"/v1/flows/{flow}/stores/"

    def reached(who: Person, store: str) -> set[int]:
        answers = [
            who.get(f"/v1/flows/{flow}/store-settings"),
            who.get(path.rstrip("/")),
            who.put(path + store, {"values": {}}),
        ]
        return {one.status_code for one in answers}

    every = person.get(path.rstrip("/")).json()["items"]
    others = {one["id"] for one in shop.get("/v1/store-flows").json()["items"]}
    assert flow not in others, "a draft is nobody's to adapt"
    (own,) = [one["store_id"] for one in every if one["code"] == "s1"]
    assert (reached(shop, own), reached(person, own)) == ({404}, {200}), "who draws flows sees their own drafts"
    publish(person, flow)
    (found,) = [one for one in shop.get("/v1/store-flows").json()["items"] if one["id"] not in others]
    assert (found["id"], found["status"], found["adapted"]) == (flow, "running", 0)
    opened = shop.get(f"/v1/flows/{flow}/store-settings").json()["settings"]
    assert [(one["name"], one["type"], one["default"]) for one in opened] == [
        ("wording", "text", "谢谢光临，欢迎再来"),
        ("threshold", "number", 200),
        ("remind", "bool", False),
    ]
    (mine,) = shop.get(f"/v1/flows/{flow}/stores").json()["items"]
    other = next(one for one in every if one["store_id"] != mine["store_id"])
    answer = shop.put(path + mine["store_id"], {"values": {"wording": "老友来了", "threshold": 120.5, "remind": True}})
    assert answer.status_code == 200, answer.text
    assert answer.json()["effective"] == {"wording": "老友来了", "threshold": 120.5, "remind": True}
    assert shop.put(path + other["store_id"], {"values": {}}).status_code == 403
    for wrong in ({"threshold": 99}, {"wording": 5}, {"price": 1}):
        assert shop.put(path + mine["store_id"], {"values": wrong}).status_code == 422
    assert [one["values"] for one in shop.get(f"/v1/flows/{flow}/stores").json()["items"]] == [answer.json()["values"]]
    assert [one["adapted"] for one in shop.get("/v1/store-flows").json()["items"] if one["id"] == flow] == [1]
    assert shop.get(f"/v1/flows/{flow}").status_code == 403, "setting is not drawing"
    assert person.post(f"/v1/flows/{flow}/stop").is_success
    assert (reached(shop, own), reached(person, own)) == ({404}, {200}), "what has stopped is over for stores"
