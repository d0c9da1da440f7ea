"""What people do with messages: the simulated phones' owners read, press and answer, and a channel that refuses is followed by the next."""

from typing import Any
from uuid import UUID

import pytest

from harness.flows import FlowHouse, block, graph
from tandem.domains.messaging import service
from tandem.domains.messaging.reactions import react_now
from tandem.domains.messaging.sender import send_waiting
from tandem.domains.messaging.simulated import Behaviour, set_behaviour
from tandem.kernel.errors import NotFound

DAY = {"amount": "1", "unit": "days"}
CROWD = 200
"""So many that some answer: eight of a hundred do, by ids that nobody chooses."""


def behave(house: FlowHouse, **how: Any) -> None:
    with house.tx() as tx:
        set_behaviour(tx, Behaviour(**how))


def letter(house: FlowHouse) -> str:
    with house.tx() as tx:
        made = service.create_template(
            tx, house.rooms.catalog, name="通知", body="{{customer.city|亲}}，您好", message_class="transactional"
        )
    return str(made)


def known(house: FlowHouse, send: Any, count: int) -> list[UUID]:
    """Customers with a phone and an address for mail, and keys of their own."""
    send(
        *(
            (
                "customer",
                {
                    "identifiers": [
                        {"kind": "member_no", "value": f"M{n}"},
                        {"kind": "phone", "value": f"139{17 * n + 20481123:08}"},
                        {"kind": "email", "value": f"m{n}@example.com"},
                    ]
                },
            )
            for n in range(count)
        )
    )
    house.settle()
    return [row[0] for row in house.owner("select id from customer order by id")]


def send_all(house: FlowHouse) -> None:
    while send_waiting(house.db, house.rooms.catalog, house.tenant):
        house.settle()
    house.settle()


def asked(house: FlowHouse) -> UUID:
    """A message, a day later the way by what became of it."""
    ports = ("replied", "clicked", "read", "delivered", "sent", "failed", "waiting")
    text = {"template": letter(house), "message_class": "transactional"}
    return house.publish(
        graph(
            [
                block("s", "start.event", event_type="campaign.reached"),
                block("m", "messaging.send", **text),
                block("w", "wait.duration", span=DAY),
                block("d", "decide.engagement", block="m"),
                block("e", "flow.exit"),
            ],
            ["s.entered>m", "m.sent>w", "m.held>w", "m.skipped>w", "w.done>d", *(f"d.{port}>e" for port in ports)],
        )
    )


def test_people_behind_the_phones_read_press_and_answer(house: FlowHouse, send: Any) -> None:
    behave(house, people=True)
    crowd = known(house, send, CROWD)
    flow = asked(house)
    house.events([("campaign.reached", one, {}) for one in crowd])
    house.settle()
    send_all(house)
    for hours in (8, 17):
        house.forward(hours=hours)
        house.settle()
    told = dict(house.owner("select type, count(*) from event where type like 'message.%%' group by 1"))
    assert told["message.sent"] == CROWD
    assert (
        CROWD
        >= told["message.delivered"]
        > told["message.read"]
        > told["message.clicked"]
        > told["message.replied"]
        > 0
    )
    ways = [port for name, port in house.steps(flow) if name == "d"]
    assert ways.count(0) == told["message.replied"]
    assert ways.count(1) == told["message.clicked"] - told["message.replied"]
    assert ways.count(2) == told["message.read"] - told["message.clicked"]
    assert house.count("simulated_reaction") == 0
    assert house.owner(
        "select count(*) from event where type = 'message.read' and (payload ->> 'flow_id') is null"
    ) == [(0,)]


def test_nobody_is_behind_the_phones_unless_told(house: FlowHouse, send: Any) -> None:
    (anna,) = known(house, send, 1)
    asked(house)
    house.event("campaign.reached", anna, {})
    house.settle()
    send_all(house)
    assert house.count("simulated_reaction") == 0
    ((message,),) = house.owner("select id from outbox_message")
    for _ in range(2):
        with house.tx() as tx:
            react_now(tx, message, "clicked")
        house.settle()
    assert house.count("event", "type = 'message.clicked'") == 1, "pressed twice counts once"
    with pytest.raises(NotFound), house.tx() as tx:
        react_now(tx, anna, "read")


def test_a_channel_that_refuses_is_followed_by_the_next(house: FlowHouse, send: Any) -> None:
    behave(house, refusing=("sms",))
    (anna,) = known(house, send, 1)
    house.owner('update customer set attrs = \'{"preferred_channel": "sms"}\'')
    config = {"template": letter(house), "message_class": "transactional", "channels": ["email", "sms", "simulated"]}
    flow = house.publish(
        graph(
            [
                block("s", "start.event", event_type="campaign.reached"),
                block("m", "messaging.preferred", **config),
                block("e", "flow.exit"),
            ],
            ["s.entered>m", "m.sent>e", "m.held>e", "m.skipped>e"],
        )
    )
    house.event("campaign.reached", anna, {})
    house.settle()
    assert house.owner("select channel, then_by from outbox_message") == [("sms", ["email", "simulated"])]
    send_all(house)
    assert house.owner("select channel, then_by, status, attempts from outbox_message") == [
        ("email", ["simulated"], "sent", 2)
    ]
    assert house.count("event", "type = 'message.failed'") == 0
    assert house.count("simulated_inbox") == 1
    assert [port for name, port in house.steps(flow) if name == "m"] == [0]
    behave(house, mode="fail")
    house.forward(hours=1)
    (other,) = known(house, send, 2)[1:]
    house.event("campaign.reached", other, {})
    house.settle()
    send_all(house)
    assert house.owner(
        "select channel, status, reason from outbox_message where customer_id = %(who)s", {"who": other}
    ) == [("simulated", "failed", "refused_by_channel")]
