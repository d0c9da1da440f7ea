"""What platforms ask on people's behalf becomes a request that staff decide; it makes nobody known."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from harness.connectors import Story, simulated
from harness.database import Database
from harness.door import moment
from tandem.connectors.ebay.connector import read_push as read_ebay
from tandem.connectors.kit.platform import Push, Seen
from tandem.connectors.kit.wire import Credentials
from tandem.connectors.shopify.signing import webhook_hmac
from tandem.connectors.simulator.base import Pushed
from tandem.connectors.simulator.server import Simulation
from tandem.stream.door.mending import mend
from tandem.stream.door.service import accept, replay
from tandem.stream.door.wire import parse
from tandem.stream.sources.connector import Delivery
from tandem.stream.sources.mapping import Mapped


@pytest.fixture(scope="module")
def story(module_database: Database) -> Iterator[Story]:
    with simulated("shopify", module_database, Simulation(epoch=datetime.now(UTC), orders_before=6)) as made:
        made.start()
        made.work()
        yield made


def tell(story: Story, body: dict[str, Any], name: str | None = None) -> None:
    raw = json.dumps(body).encode()
    signed = webhook_hmac(story.shop.secrets["client_secret"], raw)
    headers = {"x-shopify-hmac-sha256": signed, "x-shopify-shop-domain": "tandem-demo.myshopify.com"}
    pushed = Pushed(headers | ({} if name is None else {"x-shopify-webhook-id": name}), {}, raw)
    story.post(Delivery(pushed.headers, pushed.query, pushed.body))
    story.resolve()


def asked(story: Story) -> list[tuple[str, str]]:
    rows = story.door.rows("select kind, status from rights_request order by kind, asked_at")
    return [(row[0], row[1]) for row in rows]


def test_shopifys_mandatory_topics_are_requests(story: Story) -> None:
    people = story.door.value("select count(*) from customer")
    (order, *_) = story.sold()
    who = {"id": 207_000_000 + order.buyer.number, "email": order.buyer.email, "phone": None}
    shop = {"shop_id": 1, "shop_domain": "tandem-demo.myshopify.com"}
    tell(story, {**shop, "customer": who, "orders_requested": [], "data_request": {"id": 9}})
    assert asked(story) == [("export", "open")]
    tell(story, {**shop, "customer": who, "orders_to_redact": [1]})
    tell(story, {**shop, "customer": who, "orders_to_redact": [1, 2]})
    assert asked(story) == [("erase", "open"), ("export", "open")], "asked again, it is one request"
    tell(story, {**shop, "customer": {"id": 1, "email": "stranger@nowhere.cn"}, "orders_to_redact": []})
    assert len(asked(story)) == 2
    assert story.door.value("select count(*) from customer") == people, "a request makes nobody known"
    tell(story, shop)
    assert asked(story).count(("erase", "open")) == people


def test_who_was_refused_may_ask_again_in_the_same_words(story: Story) -> None:
    (order, *_) = story.sold()
    who = {"id": 207_000_000 + order.buyer.number, "email": order.buyer.email, "phone": None}
    body = {"shop_id": 1, "shop_domain": "tandem-demo.myshopify.com", "customer": who, "orders_to_redact": [7]}
    with story.door.database.connect() as owner:
        owner.execute("delete from rights_request")
    tell(story, body, "w1")
    tell(story, body, "w1")
    assert asked(story) == [("erase", "open")]
    with story.door.database.connect() as owner:
        owner.execute("update rights_request set status = 'refused'")
    tell(story, body, "w1")
    assert asked(story) == [("erase", "refused")], "sent again, it is the same request"
    tell(story, body, "w2")
    assert sorted(asked(story)) == [("erase", "open"), ("erase", "refused")]


def test_nobody_of_ours_can_say_it_for_the_platform(story: Story) -> None:
    """Neither straight at the door, nor as a made-up delivery out of quarantine, nor by mending a real one."""
    with story.door.database.connect() as owner:
        owner.execute("delete from rights_request")
    (order, *_) = story.sold()
    who = {"id": 207_000_000 + order.buyer.number, "email": order.buyer.email, "phone": None}
    redact = {"shop_id": 1, "shop_domain": "tandem-demo.myshopify.com", "customer": who, "orders_to_redact": [8]}
    mail = {"kind": "email", "value": order.buyer.email}
    called = {"id": "c", "source": "shop", "member": "m", "external": "e", "at": moment()}
    made_up = [
        ("privacy_request", {"what": "erase", "reason": "x", "identifiers": [mail]}),
        ("friend_call", called),
        ("hook", {"body": redact}),
        ("link_told", {"change": "delete_link", "link": "cawc"}),
    ]
    frame = {"source": story.source, "time": moment()}
    events = [{**frame, "external_id": f"f-{kind}", "kind": kind, "payload": said} for kind, said in made_up]
    parsed = parse(json.dumps({"events": events}).encode())
    tell(story, {**redact, "customer": None, "line_items": 1, "financial_status": "odd"}, "broken")
    with story.door.tx("door") as tx:
        assert {one.index for one in accept(tx, story.door.kinds, parsed, partial=True).refused} == {0, 1, 2, 3}
    rows = story.door.rows("select id, verified, kind from quarantine order by id")
    assert sorted((kind, verified) for _, verified, kind in rows) == [
        ("friend_call", False), ("hook", False), ("hook", True), ("link_told", False), ("privacy_request", False),
    ]  # fmt: skip
    for record_id, verified, _ in rows:
        with story.door.tx("door") as tx:
            text = json.dumps({"body": redact})
            again = mend(tx, story.door.kinds, record_id, text) if verified else replay(tx, story.door.kinds, record_id)
            assert again.accepted == 0
            assert "only taken as its platform pushed it" in again.refused[0].en
    assert asked(story) == []


def test_an_ebay_account_that_is_deleted_is_to_be_erased() -> None:
    data = {"username": "blue_fox", "userId": "u", "eiasToken": "e"}
    body = {
        "metadata": {"topic": "MARKETPLACE_ACCOUNT_DELETION"},
        "notification": {"notificationId": "n1", "data": data},
    }
    (one,) = read_ebay(Push(body, {}, datetime.now(UTC)), Credentials({}, {}, datetime.now(UTC)), Seen("shop", {}))
    assert isinstance(one, Mapped)
    assert (one.kind, one.payload["what"]) == ("privacy_request", "erase")
    assert one.payload["identifiers"] == [{"kind": "online_account", "value": "blue_fox", "scope": "ebay"}]
