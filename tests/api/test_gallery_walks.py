"""Do the gallery's stories run through? Every template is installed and published; people come in, answer, buy, wait."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from harness.flows import FlowHouse
from harness.house import House
from tandem.assembly import system
from tandem.domains.marketing import lending
from tandem.flow import people
from tandem.flow.runtime import Engine
from tandem.gallery.library import templates
from tandem.kernel.db import connect
from tandem.kernel.ids import new_id
from tandem.kernel.turn import lease

#: Walked by tests of their own.
ELSEWHERE = {"member-day-touches", "franchise-levels", "holiday-points", "ask-and-answer", "low-stock", "consultation-lead"}
PEOPLE = 2
TAKEN_UP = {"segment.entered", "tag.added"}
#: Blocks that this walk does not come to: they ask for years, for facts that a flow's house has not, or for a way nobody took here.
FURTHER: dict[str, set[str]] = {
    "salon-care": {"again", "used2", "sorry"},
    "welcome-by-kind": {"vip"},
    "store-wording": {"week", "again"},
    "third-scan": {"gift", "now", "used", "goal"},
    "wedding-countdown": {"goal", "exit"},
    "parenting-map": {"m6", "w180b", "y1", "w730", "y3", "goal"},
    "fruit-season": {"start", "d3", "win", "keep", "buy", "goal", "exit"},
    "cat-food-review": {"came", "cat", "m", "vet", "exit"},
    "equipment-install": {"first", "goal", "exit"},
    "member-growth": {"lapsed", "points", "coupon", "owner", "up", "down"},
    "engineering-project": {"b", "goal"},
}


@pytest.fixture(scope="module")
def at_work(house: House) -> Iterator[FlowHouse]:
    engine = Engine(replace(system(), projections=(), facts=()), new_id())
    worker = connect(house.db.url("worker"))
    lease(worker, engine.worker, seconds=3600)
    worker.commit()
    try:
        yield FlowHouse(house.db, house.a.id, system(), engine, worker)
    finally:
        worker.close()


def said(config: dict[str, Any]) -> dict[str, Any]:
    """A payload for which the condition of a start or a wait holds, as far as it asks for a name or an amount."""
    condition = str(config.get("condition", ""))
    return {"name": condition.split("'")[1] if "'" in condition else "x", "total": 9_000, "store": "C01", "channel": "直播"}


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


def test_every_story_runs_through(house: House, at_work: FlowHouse) -> None:
    person = house.person("admin")
    crowd = at_work.add_customers(PEOPLE)
    flows: dict[str, tuple[str, list[dict[str, Any]]]] = {}
    for one in templates().values():
        if one.id in ELSEWHERE:
            continue
        made = person.post(f"/v1/gallery/templates/{one.id}/install", {"name": one.id, "language": "zh", "answers": {}})
        flow = made.json()["flow_id"]
        assert person.post(f"/v1/flows/{flow}/publish", {"running": "stay"}).status_code == 200, one.id
        flows[one.id] = (flow, person.get(f"/v1/flows/{flow}").json()["draft"]["blocks"])
    begun = [found for _, blocks in flows.values() for block in blocks if (found := beginning(block)) is not None]
    # Whom a segment or a tag takes up comes after what people do, lest one flow's first order be what another waits for.
    for own in (True, False):
        at_work.events(
            [(kind, who, payload) for kind, payload in begun if (kind not in TAKEN_UP) is own for who in crowd]
        )
        settle(at_work)
    # The other one orders and does not pay.
    at_work.events([("order.placed", who, said({})) for who in crowd[1:]])
    settle(at_work)
    for days in (1, 3, 8, 20, 35, 60):
        waits = {
            (config["event_type"], said(config)["name"])
            for _, blocks in flows.values()
            for config in (block["config"] for block in blocks if block["kind"] == "wait.event")
        }
        # Half of them do what is waited for and are answered; the others let it pass.
        at_work.events([(kind, who, {"name": name, "total": 10}) for kind, name in sorted(waits) for who in crowd[:1]])
        at_work.events([("survey.answered", who, {"score": score}) for who, score in zip(crowd, (5, 2), strict=True)])
        settle(at_work)
        for task, port in at_work.owner(
            "select id, ports #>> '{0,name}' from human_task where state = 'open' and customer_id = any(%(who)s::uuid[])",
            {"who": crowd[:1]},
        ):
            with at_work.tx() as tx:
                people.decide(tx, task, port, "")
        settle(at_work)
        at_work.forward(days=days)
        settle(at_work)
    assert len(flows) >= 26
    for name, (flow, blocks) in flows.items():
        stats = person.get(f"/v1/flows/{flow}/stats").json()["blocks"]
        assert all(one["failed"] == 0 for one in stats.values()), name
        missed = {block["id"] for block in blocks if stats.get(block["id"], {}).get("entered", 0) == 0}
        assert missed <= FURTHER.get(name, set()), name
