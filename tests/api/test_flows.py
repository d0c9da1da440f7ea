"""Can a flow be drawn, checked, published, watched and mended through the API alone?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest

from harness.database import Database
from harness.flows import FlowHouse, block, graph, working
from harness.house import House, Person, open_house
from tandem.access.service import assign_role
from tandem.kernel.db import begin


@pytest.fixture
def flows(database: Database) -> Iterator[tuple[House, FlowHouse]]:
    """The house with a worker's engine for company a."""
    with open_house(database) as house, working(house.db, house.a.id, whole=False) as at_work:
        yield house, at_work


def split_flow(event: str = "visit.recorded") -> dict[str, Any]:
    arms = [{"name": "a", "label": "甲", "share": "50"}, {"name": "b", "label": "乙", "share": "50"}]
    return graph(
        [
            block("start", "start.event", event_type=event),
            block("ab", "decide.split", arms=arms),
            block(
                "ask",
                "human.task",
                title="打个电话",
                answers=[{"name": "yes", "label": "愿意"}, {"name": "no", "label": "不愿"}],
            ),
            block("wait", "wait.event", event_type="order.paid", timeout={"amount": "7", "unit": "days"}),
            block("won", "flow.goal"),
            block("out", "flow.exit"),
        ],
        [
            "start.entered>ab",
            "ab.a>ask",
            "ab.b>wait",
            "ask.yes>wait",
            "ask.no>out",
            "ask.timeout>out",
            "wait.happened>won",
            "wait.timeout>out",
        ],
    )


def made(person: Person, drawn: dict[str, Any], name: str = "试一试") -> dict[str, Any]:
    answer = person.post("/v1/flows", {"name": name, "graph": drawn})
    assert answer.status_code == 201, answer.text
    return answer.json()


def published(person: Person, drawn: dict[str, Any]) -> str:
    flow = made(person, drawn)["id"]
    found = person.post(f"/v1/flows/{flow}/check", {}).json()["findings"]
    assert [one for one in found if one["severity"] == "error"] == []
    answer = person.post(f"/v1/flows/{flow}/publish", {"running": "stay"})
    assert answer.status_code == 200, answer.text
    return str(flow)


def test_a_flow_is_drawn_published_watched_and_decided(flows: tuple[House, FlowHouse]) -> None:
    house, at_work = flows
    person = house.person("marketing")
    flow = published(person, split_flow())
    customers = at_work.add_customers(40)
    at_work.events([("visit.recorded", one, {}) for one in customers])
    at_work.settle()

    line = person.get("/v1/flows").json()["items"][0]
    assert (line["id"], line["status"], line["counts"]["entered"], line["counts"]["active"]) == (
        flow,
        "running",
        40,
        40,
    )
    assert line["has_goal"] is True
    stats = person.get(f"/v1/flows/{flow}/stats").json()
    blocks = stats["blocks"]
    assert blocks["start"]["ports"] == {"entered": 40}
    assert blocks["ab"]["ports"] == {"a": blocks["ask"]["inside"], "b": blocks["wait"]["inside"]}
    assert sum(blocks["ab"]["ports"].values()) == 40

    tasks = person.get("/v1/tasks", limit=200).json()["items"]
    assert len(tasks) == blocks["ask"]["inside"] > 0
    assert person.post(f"/v1/tasks/{tasks[0]['id']}/decide", {"port": "maybe"}).status_code == 422
    assert person.post(f"/v1/tasks/{tasks[0]['id']}/decide", {"port": "yes", "note": "很想来"}).status_code == 204
    assert person.post(f"/v1/tasks/{tasks[0]['id']}/decide", {"port": "no"}).status_code == 409
    at_work.settle()
    chosen = UUID(tasks[0]["customer"]["id"])
    at_work.event("order.paid", chosen)
    at_work.settle()

    runs = person.get(f"/v1/customers/{chosen}/runs").json()["items"]
    assert [(run["status"], run["goal_at"] is not None) for run in runs] == [("done", True)]
    run = person.get(f"/v1/runs/{runs[0]['id']}").json()
    assert [(step["block"], step["port"]) for step in run["steps"]] == [
        ("start", "entered"),
        ("ab", "a"),
        ("ask", "yes"),
        ("wait", "happened"),
        ("won", None),
    ]
    assert run["steps"][2]["facts"]["comment"] == "很想来"
    after = person.get(f"/v1/flows/{flow}/stats").json()
    assert after["goal"] == {"entered": 40, "converted": 1, "rate": 1 / 40}
    assert after["arms"]["ab.a"]["converted"] == 1
    assert after["verdict"]["en"].startswith("Too few")


def test_what_a_run_remembers_of_closed_fields_is_in_no_text_either(flows: tuple[House, FlowHouse]) -> None:
    house, at_work = flows
    admin = house.person("admin")
    body = {"name": "生日", "body": "{{run.bd}} {{run.town}} {{customer.birthday}}", "message_class": "transactional"}
    kept = [
        {"name": "bd", "value": "if(customer.birthday > date('1990-01-01'), '虎', '龙')"},
        {"name": "town", "value": "customer.city"},
    ]
    hello = block("hi", "messaging.send", template=admin.post("/v1/message-templates", body).json()["id"])

    def drawn(keep: list[dict[str, str]]) -> dict[str, Any]:
        blocks = [
            block("start", "start.event", event_type="visit.recorded"),
            block("keep", "flow.remember", values=keep),
        ]
        ways = ["start.entered>keep", "keep.done>hi", "hi.sent>out", "hi.held>out", "hi.skipped>out"]
        return graph([*blocks, hello, block("out", "flow.exit")], ways)

    flow = published(admin, drawn(kept))
    (her,) = at_work.add_customers(1, city="上海", birthday="1991-07-08")
    at_work.event("visit.recorded", her)
    at_work.settle()
    asked = {"name": "no names", "permissions": ["flow.*", "customer.read"]}
    role = admin.post("/v1/roles", asked).json()
    with house.db.connection("owner") as connection:
        assign_role(begin(connection, tenant=house.a.id), house.a.people["finance"], role["code"])
    (run,) = admin.get(f"/v1/customers/{her}/runs").json()["items"]

    def texts(person: Person) -> list[str]:
        one = person.get(f"/v1/runs/{run['id']}").json()
        (past,) = person.get(f"/v1/customers/{her}/why/{flow}").json()["runs"]
        return [effect["text"] for found in (one, past) for effect in found["effects"]]

    def tried(person: Person) -> Any:
        return person.post(f"/v1/flows/{flow}/dry-run", {"customers": [str(her)], "days": 2})

    reader = house.person("finance")
    assert texts(admin) == ["虎 上海 1991-07-08"] * 2
    assert texts(reader) == ["*** 上海 ***"] * 2
    assert tried(reader).status_code == 422, "a draft that asks about closed fields is not theirs to try"
    # A later drawing says that the name is something else: what the run kept is what it was.
    renamed = drawn([{"name": "bd", "value": "customer.city"}, kept[1]])
    etag = admin.get(f"/v1/flows/{flow}").json()["etag"]
    assert admin.put(f"/v1/flows/{flow}/draft", {"graph": renamed, "etag": etag}).is_success
    assert admin.post(f"/v1/flows/{flow}/publish", {"running": "stay"}).is_success
    assert texts(reader) == ["*** 上海 ***"] * 2
    assert tried(reader).json()["people"][0]["effects"][0]["text"] == "上海 上海 ***"


def test_publishing_is_looked_ahead_at_by_those_who_may_publish(flows: tuple[House, FlowHouse]) -> None:
    house, _ = flows
    admin = house.person("admin")
    made = admin.post("/v1/flows", {"name": "外呼", "graph": split_flow()}).json()
    ahead = admin.get(f"/v1/flows/{made['id']}/publish-preview")
    limits = {"people_max": None, "cost_max": None}
    assert ahead.json() == {"entries": [], "listens": True, "inside": [], "human": [], "reasons": [], **limits}
    assert house.person("shop1").get(f"/v1/flows/{made['id']}/publish-preview").status_code == 403
    assert admin.get(f"/v1/flows/{uuid4()}/publish-preview").status_code == 404


def test_people_behind_a_number_come_in_pages(flows: tuple[House, FlowHouse]) -> None:
    house, at_work = flows
    person = house.person("marketing")
    flow = published(person, split_flow())
    at_work.events([("visit.recorded", one, {}) for one in at_work.add_customers(30)])
    at_work.settle()
    seen: list[str] = []
    for name in ("ask", "wait"):
        cursor = None
        while True:
            page = person.get(
                f"/v1/flows/{flow}/people", block=name, limit=7, **({"cursor": cursor} if cursor else {})
            ).json()
            seen += [item["customer_id"] for item in page["items"]]
            cursor = page["next"]
            if cursor is None:
                break
    assert sorted(seen) == sorted(str(one) for one in at_work.customers)


def test_an_unfinished_flow_is_refused_with_places(flows: tuple[House, FlowHouse]) -> None:
    house, _ = flows
    person = house.person("marketing")
    drawn = graph(
        [
            block("start", "start.event", event_type="no.such"),
            block("if", "decide.condition", ways=[{"name": "w1", "label": "A", "condition": "customer.citi = '上海'"}]),
        ],
        ["start.entered>if"],
    )
    flow = made(person, drawn)["id"]
    found = {(one["block"], one["code"]) for one in person.post(f"/v1/flows/{flow}/check", {}).json()["findings"]}
    assert ("start", "event_unknown") in found
    assert any(name == "if" for name, _ in found)
    refused = person.post(f"/v1/flows/{flow}/publish", {})
    assert refused.status_code == 422
    told = {one["where"].split(".")[0]: one["what"] for one in refused.json()["error"]["details"]}
    assert told.keys() >= {"start", "if"}
    assert told["start"]["zh"].startswith("“事件发生时 · 事件”："), "block and field as the canvas shows them"
    assert told["start"]["en"].startswith("“")
    assert person.get(f"/v1/flows/{flow}").json()["published"] is None


def test_two_people_do_not_overwrite_each_other(flows: tuple[House, FlowHouse]) -> None:
    house, _ = flows
    one, other = house.person("marketing"), house.person("admin")
    flow = made(one, split_flow())
    at = f"/v1/flows/{flow['id']}/draft"
    first = one.put(at, {"graph": graph([], []), "etag": flow["etag"]})
    assert first.status_code == 200
    late = other.put(at, {"graph": split_flow(), "etag": flow["etag"]})
    assert (late.status_code, late.json()["error"]["code"]) == (409, "flow_draft_changed")
    now = one.get(f"/v1/flows/{flow['id']}").json()
    assert (now["draft"]["blocks"], now["has_goal"]) == ([], False)


def test_the_palette_and_the_schema_describe_what_the_server_takes(flows: tuple[House, FlowHouse]) -> None:
    house, _ = flows
    person = house.person("marketing")
    kinds = {one["kind"]: one for one in person.get("/v1/flows/kinds").json()["items"]}
    assert {"start.event", "decide.condition", "messaging.send", "marketing.issue_coupon", "human.task"} <= set(kinds)
    condition = kinds["decide.condition"]["port_source"]
    assert (condition["field"], [port["name"] for port in condition["after"]]) == ("ways", ["else"])
    assert [port["name"] for port in kinds["human.task"]["port_source"]["after"]] == ["timeout"]
    assert kinds["wait.event"]["port_source"] is None
    for one in kinds.values():
        assert all(one["help"].values()), one["kind"]
    assert "blocks" in person.get("/v1/flows/schema").json()["properties"]


def test_pausing_holds_and_stopping_lets_go(flows: tuple[House, FlowHouse]) -> None:
    house, at_work = flows
    person = house.person("marketing")
    flow = published(person, split_flow())
    at_work.events([("visit.recorded", one, {}) for one in at_work.add_customers(10)])
    at_work.settle()
    assert person.post(f"/v1/flows/{flow}/resume", {}).status_code == 409
    assert person.post(f"/v1/flows/{flow}/pause", {}).json()["status"] == "paused"
    assert person.delete(f"/v1/flows/{flow}").status_code == 409
    assert person.post(f"/v1/flows/{flow}/stop", {}).json()["status"] == "stopped"
    at_work.settle()
    assert person.get(f"/v1/flows/{flow}").json()["counts"] == {
        "entered": 10,
        "active": 0,
        "done": 10,
        "failed": 0,
        "converted": 0,
    }
    assert person.delete(f"/v1/flows/{flow}").status_code == 204
    assert person.get(f"/v1/flows/{flow}").status_code == 404


def test_unknown_things_are_not_found_and_bad_cursors_say_so(flows: tuple[House, FlowHouse]) -> None:
    house, _ = flows
    person = house.person("marketing")
    for path in (f"/v1/flows/{uuid4()}", f"/v1/runs/{uuid4()}", f"/v1/flows/{uuid4()}/stats"):
        assert person.get(path).status_code == 404, path
    assert person.post(f"/v1/tasks/{uuid4()}/decide", {"port": "yes"}).status_code == 404
    assert person.post(f"/v1/runs/{uuid4()}/retry", {}).status_code == 404
    assert person.get("/v1/tasks", cursor="nonsense").status_code == 422


def test_failed_runs_are_mended_in_bulk(flows: tuple[House, FlowHouse]) -> None:
    house, at_work = flows
    person = house.person("marketing")
    flow = published(person, split_flow())
    at_work.events([("visit.recorded", one, {}) for one in at_work.add_customers(12)])
    at_work.settle()
    # As if the block they wait in had failed for everybody.
    at_work.owner("delete from flow_due where tenant_id = %(tenant)s")
    at_work.owner("update flow_run set status = 3, wake_at = null where tenant_id = %(tenant)s")
    assert person.get(f"/v1/flows/{flow}").json()["counts"]["failed"] == 12
    assert person.post(f"/v1/flows/{flow}/skip-failed", {"port": 0}).status_code == 202
    at_work.settle()
    assert person.get(f"/v1/flows/{flow}").json()["counts"]["failed"] == 0
    assert person.post(f"/v1/flows/{uuid4()}/retry-failed", {}).status_code == 404


def test_who_stands_still_is_let_go_on_in_bulk(flows: tuple[House, FlowHouse]) -> None:
    house, at_work = flows
    person = house.person("marketing")
    drawn = split_flow()
    next(one for one in drawn["blocks"] if one["id"] == "ask")["human"] = True
    flow = published(person, drawn)
    crowd = at_work.add_customers(12)
    at_work.events([("visit.recorded", one, {}) for one in crowd])
    at_work.settle()
    before = person.get(f"/v1/flows/{flow}/stats").json()["blocks"]
    assert before["wait"]["inside"] > 0
    at = f"/v1/flows/{flow}/send-on"
    assert person.post(at, {"block": "ask"}).json()["error"]["code"] == "block_human", "nobody gets past a person"
    assert person.post(at, {"block": "nowhere"}).status_code == 404
    assert person.post(at, {"block": "wait", "port": "nowhere"}).status_code == 422
    assert person.post(at, {"block": "wait"}).status_code == 202
    at_work.settle()
    after = person.get(f"/v1/flows/{flow}/stats").json()["blocks"]
    assert (after["wait"]["inside"], after["wait"]["failed"]) == (0, 0)
    assert after["out"]["entered"] == before["wait"]["inside"], "by the time-out, once each"
    assert after["ask"]["inside"] == before["ask"]["inside"]
    at_work.events([("order.paid", one, {}) for one in crowd])
    at_work.forward(days=8)
    at_work.settle()
    late = person.get(f"/v1/flows/{flow}/stats").json()["blocks"]
    assert "won" not in late, "neither event nor timer finds whoever has gone on"
    assert late["wait"]["entered"] == before["wait"]["entered"]
