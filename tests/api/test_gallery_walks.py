"""Do the gallery's stories run through? Every template is installed and published; people with a past come in, answer, buy, wait."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from harness.flows import ALL_BUCKETS, FlowHouse, working
from harness.house import House, Person
from tandem.assembly import system
from tandem.domains.marketing import lending
from tandem.flow import people
from tandem.flow.runs import Lane
from tandem.flow.runtime import Engine
from tandem.gallery.library import templates
from tandem.kernel.ids import derived_id
from tandem.stream.events import NewEvent
from tandem.stream.inbox import emit

#: Walked by tests of their own.
ELSEWHERE = {
    "member-day-touches",
    "franchise-levels",
    "holiday-points",
    "ask-and-answer",
    "low-stock",
    "consultation-lead",
}
#: Orders that they paid before: she who does all that is waited for, one who lets it pass, a newcomer, one between, and one who had
#: more once.
ORDERS = (12, 5, 1, 2, 2)
#: What each paid for an order: black, gold and silver cards lie there (`member-growth`).
PAID = 800
TAKEN_UP = {"segment.entered", "tag.added"}
#: Days after today that forms are filled in with.
DAYS = {"wedding_on": 95, "install_on": 2, "installed_on": 0, "lesson_on": 10}
#: How far the clock goes each time: the days of a wedding, of a first service and of lessons lie between.
STEPS = (1, 1, 2, 8, 20, 35, 27, 33)
#: How many days ago the child was born whom she tells of each time: every age of three years comes within these steps.
BORN = (0, 150, 290, 500, 700, 880, 1050, 0)
#: What the clock brings of itself, by the number of the step.
TIMED = {3: "level.expiring", 5: "level.lapsed"}
#: How they like what they were given.
SCORES = (5, 2, 5, 4, 4)


@pytest.fixture(scope="module")
def at_work(house: House) -> Iterator[FlowHouse]:
    with working(house.db, house.a.id, whole=False) as flows:
        yield flows


def past(at_work: FlowHouse, crowd: Sequence[UUID]) -> None:
    """Their orders of last week, of milk powder and berries, two scans at the shelf, and a gold card that ran out."""
    at_work.owner(
        "insert into product (tenant_id, product_id, name, category)"
        " values (%(tenant)s, 'milk', '一段奶粉', '婴幼儿奶粉'), (%(tenant)s, 'berry', '草莓', '莓果')"
    )
    with at_work.tx("worker") as tx:
        for who, count in zip(crowd, ORDERS, strict=True):
            for number in range(count):
                at = tx.now - timedelta(days=7, hours=number)
                product = "milk" if number == 0 else "berry"
                line = {"line_no": 1, "product_id": product, "quantity": 1, "amount": PAID, "discount": 0}
                payload = {
                    "order_id": f"{who}-{number}",
                    "source": "till",
                    "status": "paid",
                    "currency": "CNY",
                    "total": PAID,
                }
                payload |= dict.fromkeys(("placed_at", "paid_at", "modified_at"), at.isoformat())
                payload |= {"store": None, "channel": None, "discount": 0, "line_count": 1, "lines": [line]}
                one = derived_id(at_work.tenant, "order", f"{who}-{number}")
                told = {"bucket": who.bytes[15], "customer_id": who, "subject_type": "order", "subject_id": one}
                emit(tx, [NewEvent(type="order.paid", occurred_at=at, payload=payload, **told)])
    at_work.owner(
        "insert into level_standing (bucket, customer_id, origin_id, tenant_id, level, rank, until, changed_at)"
        " select tandem_bucket(i), i, i, %(tenant)s, 'gold', 1, now() - interval '1 day', now() - interval '400 days' from unnest(%(ids)s::uuid[]) i",
        {"ids": [crowd[-1]]},
    )
    at_work.events([("behaviour.recorded", who, {"name": "扫码"}) for who in crowd for _ in range(2)], ago=3600)
    whole = Engine(system(), at_work.engine.worker)
    while any(whole.turn(at_work.worker, at_work.tenant, ALL_BUCKETS, lane).more for lane in (Lane.LIVE, Lane.NORMAL)):
        pass


def said(config: dict[str, Any]) -> dict[str, Any]:
    """A payload for which the condition of a start or a wait holds, as far as it asks for a name or an amount."""
    condition = str(config.get("condition", ""))
    return {
        "name": condition.split("'")[1] if "'" in condition else "x",
        "total": 9_000,
        "store": "C01",
        "channel": "直播",
    }


def beginning(block: dict[str, Any]) -> tuple[str, dict[str, Any]] | None:
    """The event by which somebody comes in at a start: her own, or that a segment or a tag took her up."""
    config = block["config"]
    if block["kind"] == "start.event":
        return config["event_type"], said(config)
    if block["kind"] == "start.segment":
        return "segment.entered", {"segment_id": config["segment_id"]}
    if block["kind"] == "start.tag":
        return "tag.added", {"tag": config["tag"]}
    return None


def settle(at_work: FlowHouse) -> None:
    at_work.settle(turns_max=2000)
    while lending.wanting_tenants(at_work.db):
        lending.refill(at_work.db, at_work.tenant)
        at_work.settle(turns_max=2000)


def redrawn(person: Person, flow: str) -> None:
    """An engineering project builds first and agrees on the price then, published while people are at its survey."""
    now = person.get(f"/v1/flows/{flow}").json()
    turned = {("h1", "quote"): "build", ("build", "accept"): "quote", ("h2", "build"): "accept"}
    arrows = [{**one, "to": turned.get((one["from"], one["to"]), one["to"])} for one in now["draft"]["arrows"]]
    draft = {"graph": {**now["draft"], "arrows": arrows}, "etag": now["etag"]}
    assert person.put(f"/v1/flows/{flow}/draft", draft).is_success
    assert person.post(f"/v1/flows/{flow}/publish", {"running": "move"}).is_success


def answer(at_work: FlowHouse, who: UUID, born: int) -> None:
    """Every task about her is done by its first answer, every form filled in."""
    today = at_work.now().astimezone(ZoneInfo("Asia/Shanghai")).date()
    days = {**DAYS, "born_on": -born}
    told: dict[str, Any] = {name: (today + timedelta(days=ahead)).isoformat() for name, ahead in days.items()}
    told |= {"drawing_version": 1}
    asked = at_work.owner(
        "select id, ports #>> '{0,name}', fields from human_task where state = 'open' and customer_id = %(who)s",
        {"who": who},
    )
    for task, port, fields in asked:
        with at_work.tx() as tx:
            people.decide(tx, task, port, "", {one["name"]: told.get(one["name"], one["name"]) for one in fields or ()})


def test_every_story_runs_through(house: House, at_work: FlowHouse) -> None:
    person = house.person("admin")
    crowd = at_work.add_customers(len(ORDERS), store_id=house.a.units["s1"])
    past(at_work, crowd)
    flows: dict[str, tuple[str, list[dict[str, Any]]]] = {}
    for one in templates().values():
        if one.id in ELSEWHERE:
            continue
        made = person.post(f"/v1/gallery/templates/{one.id}/install", {"name": one.id, "language": "zh", "answers": {}})
        flow = made.json()["flow_id"]
        published = person.post(f"/v1/flows/{flow}/publish", {"running": "stay"})
        assert published.status_code == 200, (one.id, published.text)
        flows[one.id] = (flow, person.get(f"/v1/flows/{flow}").json()["draft"]["blocks"])
    own = f"/v1/flows/{flows['store-wording'][0]}/stores/{house.a.units['s1']}"
    assert person.put(own, {"values": {"remind": True}}).is_success
    found = [one for _, blocks in flows.values() for block in blocks if (one := beginning(block)) is not None]
    begun = [one for place, one in enumerate(found) if one not in found[:place]]
    # Whom a segment or a tag takes up comes after what people do, and what they do after what they pay, lest one flow's first order be
    # what another waits for.
    begun.sort(key=lambda one: (one[0] in TAKEN_UP, one[0] != "order.paid"))
    for own_doing in (True, False):
        at_work.events(
            [(kind, who, payload) for kind, payload in begun if (kind not in TAKEN_UP) is own_doing for who in crowd]
        )
        settle(at_work)
    # So many friends' orders are given back that the points for them are spent.
    at_work.events([("referral.undone", crowd[1], {}) for _ in range(30)])
    # The others order and do not pay.
    at_work.events([("order.placed", who, said({})) for who in crowd[1:]])
    settle(at_work)
    redrawn(person, flows["engineering-project"][0])
    for number, days in enumerate(STEPS):
        waits = {
            (config["event_type"], said(config)["name"])
            for _, blocks in flows.values()
            for config in (block["config"] for block in blocks if block["kind"] == "wait.event")
        }
        # One of them does what is waited for and is answered; the others let it pass, though two drop in three days running.
        at_work.events([(kind, crowd[0], {"name": name, "total": 10}) for kind, name in sorted(waits)])
        at_work.events([("survey.answered", who, {"score": score}) for who, score in zip(crowd, SCORES, strict=True)])
        for ago in (2, 1, 0) if number == 2 else ():
            at_work.events([("visit.recorded", who, {"store": "s1"}) for who in (crowd[1], crowd[3])], ago=ago * 86_400)
        if number in TIMED:
            at_work.events([(TIMED[number], who, {}) for who in crowd])
        settle(at_work)
        answer(at_work, crowd[0], BORN[number])
        settle(at_work)
        at_work.forward(days=days)
        settle(at_work)
    assert len(flows) >= 26
    further: dict[str, set[str]] = {}
    for name, (flow, blocks) in flows.items():
        stats = person.get(f"/v1/flows/{flow}/stats").json()["blocks"]
        assert all(one["failed"] == 0 for one in stats.values()), name
        missed = {block["id"] for block in blocks if stats.get(block["id"], {}).get("entered", 0) == 0}
        if missed:
            further[name] = missed
    assert further == {}, "blocks that nobody comes to"
    project = [block for block, _ in at_work.steps(flows["engineering-project"][0], crowd[0])]
    stages = [block for block in project if block in {"survey", "build", "quote", "accept"}]
    assert stages == ["survey", "build", "quote", "accept"], "each once, in the order of the day"
    ((note,),) = at_work.owner(
        "select note from human_task where flow_id = %(flow)s and block = 'agent'",
        {"flow": flows["equipment-install"][0]},
    )
    assert note.startswith("序列号 serial，装机日期 20"), "what was scanned on site"
