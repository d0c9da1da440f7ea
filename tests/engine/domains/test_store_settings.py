"""F18. Head office draws one flow; each store has its own words, threshold and optional branch within limits; a new version keeps them."""

from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from harness.flows import EVERYTHING, FlowHouse, block, graph
from tandem.domains.messaging import service as messaging
from tandem.domains.messaging.sender import send_waiting
from tandem.flow import service as flows
from tandem.flow.checks import check_graph
from tandem.flow.graph import parse_graph
from tandem.flow.stores import service
from tandem.kernel.db import Scope
from tandem.kernel.errors import Forbidden, InvalidInput
from tandem.kernel.ids import new_id

WORDING = {"name": "wording", "label": "文案", "default": "总部欢迎您", "length": 20}
THRESHOLD = {"name": "threshold", "label": "门槛", "type": "number", "default": "100", "least": "50", "most": "300"}
EXTRA = {"name": "extra", "label": "送积分", "type": "bool", "default": "false"}


def drawn(text: UUID, *settings: dict[str, Any]) -> dict[str, Any]:
    ways = [{"name": "y", "label": "够", "condition": "event.score >= run.threshold"}]
    more = [{"name": "y", "label": "送", "condition": "run.extra = true"}]
    return graph(
        [
            block("s", "start.event", event_type="survey.answered"),
            block("own", "flow.store_settings", settings=list(settings)),
            block("way", "decide.condition", ways=ways),
            block("m", "messaging.send", template=str(text), message_class="transactional"),
            block("also", "decide.condition", ways=more),
            block("p", "marketing.add_points", points=9),
            block("e", "flow.exit"),
        ],
        [
            "s.entered>own",
            "own.done>way",
            "way.y>m",
            "way.else>e",
            "m.sent>also",
            "also.y>p",
            "also.else>e",
            "p.done>e",
        ],
    )


def stores(house: FlowHouse, *codes: str) -> list[UUID]:
    root, made = new_id(), [new_id() for _ in codes]
    add = "insert into org_unit (tenant_id, id, parent_id, name, kind, code) values (%(tenant)s, %(id)s, %(parent)s, %(code)s, %(kind)s, %(code)s)"
    house.owner(add, {"id": root, "parent": None, "code": "B", "kind": "brand"})
    for code, one in zip(codes, made, strict=True):
        house.owner(add, {"id": one, "parent": root, "code": code, "kind": "store"})
    return made


def text(house: FlowHouse, body: str = "{{run.wording}}，再来") -> UUID:
    with house.tx() as tx:
        return messaging.create_template(tx, house.rooms.catalog, name=body, body=body, message_class="transactional")


def customers(house: FlowHouse, send: Any, homes: list[UUID | None]) -> list[UUID]:
    send(*(("customer", {"identifiers": [{"kind": "member_no", "value": f"M{n}"}]}) for n in range(len(homes))))
    house.settle()
    found = [row[0] for row in house.owner("select id from customer order by id")]
    for one, home in zip(found, homes, strict=True):
        house.owner("update customer set store_id = %(home)s where id = %(id)s", {"home": home, "id": one})
    return found


def test_each_store_has_its_own_within_limits_and_a_new_version_keeps_it(house: FlowHouse, send: Any) -> None:
    east, west = stores(house, "E01", "W01")
    crowd = customers(house, send, [east, west, None])
    letter = text(house)
    flow = house.publish(drawn(letter, WORDING, THRESHOLD, EXTRA))
    with house.tx() as tx:
        service.adapt(tx, flow, east, {"wording": "东区老友", "threshold": Decimal(60), "extra": True})
    house.events([("survey.answered", one, {"score": 80}) for one in crowd])
    house.settle()
    while send_waiting(house.db, house.rooms.catalog, house.tenant):
        house.settle()
    with house.tx() as tx:
        (said,), _ = messaging.simulated_inbox(tx, customer_id=None, cursor=None, limit=9)
    assert (said.customer_id, said.text) == (crowd[0], "东区老友，再来"), "80 is enough in the east alone"
    assert house.owner("select customer_id from points_lot") == [(crowd[0],)]
    # Head office raises the floor and opens something new: the east keeps its words, its threshold is brought within the limits.
    raised = drawn(
        letter, WORDING, {**THRESHOLD, "least": "90"}, EXTRA, {"name": "gift", "label": "礼", "default": "糖"}
    )
    with house.tx() as tx:
        etag = flows.get_flow(tx, flow).draft_etag
        flows.save_draft(tx, flow, raised, etag)
        flows.publish(tx, house.rooms, flow, EVERYTHING)
        (kept, other) = service.stores(tx, flow)
        known = service.settings_of(tx, flow)
    assert (kept.values["wording"], kept.values["threshold"], other.values) == ("东区老友", 60, {})
    assert known["threshold"].fitted(kept.values["threshold"]) == 90
    house.forward(hours=1)
    house.events([("survey.answered", crowd[0], {"score": 95})])
    house.settle()
    facts = house.owner("select facts #>> '{kept}' from flow_step where facts ? 'kept' order by at desc limit 1")
    assert '"threshold": 90' in facts[0][0]
    assert '"wording": "东区老友"' in facts[0][0]


def test_a_store_sets_what_is_open_within_limits_and_its_own_alone(house: FlowHouse) -> None:
    east, west = stores(house, "E01", "W01")
    flow = house.publish(drawn(text(house), WORDING, THRESHOLD, EXTRA))
    wrong: list[tuple[str, Any]] = [
        ("threshold", Decimal(49)),
        ("threshold", "60"),
        ("wording", "长" * 21),
        ("extra", "true"),
        ("price", Decimal(1)),
    ]
    for name, given in wrong:
        with pytest.raises(InvalidInput) as refused, house.tx() as tx:
            service.adapt(tx, flow, east, {name: given})
        assert [one.where for one in refused.value.details] == [f"values.{name}"]
    own = Scope("stores", (east,))
    with house.db.tx("web", tenant=house.tenant, scope=own) as tx:
        assert [one.code for one in service.stores(tx, flow)] == ["E01"]
        service.adapt(tx, flow, east, {"extra": True})
        with pytest.raises(Forbidden):
            service.adapt(tx, flow, west, {"extra": True})
    assert house.owner("select store_id, values from flow_store_setting") == [(east, {"extra": True})]
    assert house.owner("select entity_id, after ->> 'name' from audit_entry where action = 'flow.adapted'") == [
        (str(flow), "E01")
    ]


def test_a_message_may_say_only_what_the_run_keeps(house: FlowHouse) -> None:
    def codes(*settings: dict[str, Any]) -> list[str]:
        with house.tx() as tx:
            whole = parse_graph(drawn(letter, *settings))
            found = check_graph(whole, house.rooms.kinds, house.rooms.catalog, tx, EVERYTHING)
        return [one.finding.code for one in found if one.block == "m"]

    letter = text(house)
    assert codes(WORDING, THRESHOLD, EXTRA) == []
    assert codes(THRESHOLD, EXTRA) == ["expression_wrong"]
