"""eBay's notification keys: fetched by their numbers, remembered, asked for again; what is signed by no key of its is refused with 412."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from harness.connectors import Story, simulated
from harness.database import Database
from tandem.connectors.ebay.simulator import KIDS, signature
from tandem.connectors.kit import doorway, keyring
from tandem.connectors.kit.keyring import KEYS_MAX, Keyring
from tandem.connectors.simulator.base import Trouble
from tandem.connectors.simulator.server import Simulation
from tandem.kernel.errors import TandemError
from tandem.stream.sources.connector import Delivery

PLACE = ("https://api.ebay.com", "one")


class Clock:
    """Seconds that are told."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_key_is_asked_for_again_after_an_hour_and_kept_for_a_day() -> None:
    clock = Clock()
    ring = Keyring(clock)
    assert (ring.key(PLACE), ring.need(PLACE)) == (None, "now")
    ring.keep(PLACE, "key")
    assert (ring.key(PLACE), ring.need(PLACE)) == ("key", None)
    clock.now += 3601
    assert [ring.need(PLACE) for _ in range(3)] == ["soon", None, None], "one asks, the others go by the old one"
    assert ring.key(PLACE) == "key"
    clock.now += 61
    assert ring.need(PLACE) == "soon", "nobody answered, so it is asked again"
    clock.now += 86_400
    assert (ring.key(PLACE), ring.need(PLACE)) == (None, "now")


def test_numbers_that_are_made_up_push_out_no_key() -> None:
    clock = Clock()
    ring = Keyring(clock)
    ring.keep(PLACE, "key")
    for number in range(KEYS_MAX + 5):
        ring.keep((PLACE[0], f"made up {number}"), None)
    assert ring.key(PLACE) == "key"
    last = (PLACE[0], f"made up {KEYS_MAX + 4}")
    assert ring.need(last) is None, "that there is none is remembered too"
    clock.now += 61
    assert ring.need(last) == "now"
    ring.keep(PLACE, None)
    assert ring.key(PLACE) is None, "a key that the platform took back verifies nothing more"


@pytest.fixture
def ring(monkeypatch: pytest.MonkeyPatch) -> Keyring:
    """A process that knows no key yet, with a clock of its own."""
    from tandem.connectors.ebay import connector

    made = Keyring(Clock())
    monkeypatch.setattr(doorway, "KEYS", made)
    monkeypatch.setattr(connector, "KEYS", made)
    assert keyring.KEYS is not made
    return made


@pytest.fixture(scope="module")
def story(module_database: Database) -> Iterator[Story]:
    with simulated(
        "ebay", module_database, Simulation(epoch=datetime.now(UTC) - timedelta(seconds=30), orders_before=1)
    ) as made:
        yield made


def asked(story: Story) -> int:
    """How often the platform was asked for a key since the last time."""
    count = story.shop.calls.count("public_key")
    story.shop.calls.clear()
    return count


def told(story: Story, delivery: Delivery) -> int:
    """The status a delivery is answered with."""
    try:
        story.post(delivery)
    except TandemError as error:
        return error.status
    return 200


def push(number: int, kid: str = KIDS[0]) -> Delivery:
    body = b'{"metadata":{"topic":"OTHER"},"notification":{"notificationId":"n-%d"}}' % number
    return Delivery({"x-ebay-signature": signature(body, kid)}, {}, body)


def test_a_key_is_fetched_once_by_its_number(story: Story, ring: Keyring) -> None:
    asked(story)
    assert [told(story, push(number)) for number in (1, 2, 3)] == [200, 200, 200]
    assert asked(story) == 1
    assert told(story, push(4, KIDS[1])) == 200, "the platform signs with another key from now on"
    assert asked(story) == 1
    assert isinstance(ring.clock, Clock)
    ring.clock.now += 3601
    assert told(story, push(5)) == 200
    assert asked(story) == 1, "an hour later it is asked again"


@pytest.mark.usefixtures("ring")
def test_what_no_key_of_the_platform_signed_is_refused_with_412(story: Story) -> None:
    asked(story)
    good = push(11)
    changed = Delivery(good.headers, {}, good.body + b" ")
    other = Delivery(push(12).headers, {}, good.body)
    assert [told(story, one) for one in (good, Delivery(good.headers, {}, b"{}"), other)] == [200, 412, 412]
    assert told(story, changed) == 200, "a body with other blanks is the same JSON"
    assert [told(story, Delivery(headers, {}, good.body)) for headers in ({}, {"x-ebay-signature": "e30="})] == [
        412
    ] * 2
    assert asked(story) == 1, "what names no key is not asked about"
    story.shop.memory["withdrawn"] = {KIDS[1]}
    assert [told(story, push(number, KIDS[1])) for number in (13, 14)] == [412, 412]
    assert asked(story) == 1, "that there is no such key is remembered"
    story.shop.memory.clear()


@pytest.mark.usefixtures("ring")
def test_where_the_platform_cannot_be_asked_it_sends_again(story: Story) -> None:
    story.unblock()
    story.shop.trouble.fail = 1
    assert told(story, push(21)) == 503
    story.shop.trouble = Trouble()
    assert told(story, push(21)) == 200


@pytest.mark.usefixtures("ring")
def test_made_up_numbers_are_asked_about_a_few_times_only(story: Story) -> None:
    story.unblock()
    asked(story)
    body = b"{}"
    statuses = []
    for number in range(14):
        headers = {"x-ebay-signature": _naming(f"made-up-{number}")}
        statuses.append(told(story, Delivery(headers, {}, body)))
    assert set(statuses) == {412, 503}
    assert 0 < asked(story) <= 7


def _naming(kid: str) -> str:
    import base64
    import json

    return base64.b64encode(
        json.dumps({"alg": "ecdsa", "kid": kid, "signature": "AA==", "digest": "SHA1"}).encode()
    ).decode()
