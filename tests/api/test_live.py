"""Server-sent events: only one's own tenant and rights, debounced, and a returning browser misses nothing."""

import asyncio
import json
import re
import threading
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from harness.house import House
from tandem.kernel.live import announce
from tandem.web.live import LiveHub, Subscription
from tandem.web.live_api import TOPIC_PERMISSIONS

TENANT = uuid4()


def _payload(topic: str, tenant: UUID = TENANT) -> str:
    return json.dumps({"tenant": str(tenant), "topic": topic})


async def _nothing(_tenant: UUID, _topic: str) -> object | None:
    return None


async def _here() -> bool:
    return True


async def _lines(stream: AsyncIterator[bytes], count: int) -> list[str]:
    lines = []
    async for line in stream:
        lines.append(line.decode())
        if len(lines) == count:
            break
    return lines


def _told(hub: LiveHub, subscription: Subscription, count: int) -> list[dict]:
    async def run() -> list[str]:
        return await asyncio.wait_for(_lines(hub.stream(subscription, _nothing, _here), count + 1), 120)

    return [json.loads(line.partition("data: ")[2]) for line in asyncio.run(run())[1:]]


def test_a_browser_hears_its_topics_of_its_tenant_only() -> None:
    hub = LiveHub()
    mine = hub.subscribe(TENANT, frozenset({"flow:1", "clock"}), None)
    for payload in (_payload("flow:2"), _payload("flow:1", uuid4()), "junk", "[]", '{"tenant": 1}', _payload("flow:1")):
        hub.hear(payload)
    assert _told(hub, mine, 1) == [{"topic": "flow:1", "data": None}]


def test_a_hundred_changes_become_one_line() -> None:
    hub = LiveHub()
    mine = hub.subscribe(TENANT, frozenset({"flow:1", "inbox"}), None)
    for _ in range(100):
        hub.hear(_payload("flow:1"))
    hub.hear(_payload("inbox"))
    assert {line["topic"] for line in _told(hub, mine, 2)} == {"flow:1", "inbox"}


def test_a_returning_browser_hears_what_it_missed_and_no_more() -> None:
    hub = LiveHub()
    hub.hear(_payload("inbox"))
    last = f"{hub.boot}-{hub.number}"
    hub.hear(_payload("flow:1"))
    hub.hear(_payload("flow:1", uuid4()))
    back = hub.subscribe(TENANT, frozenset({"flow:1", "inbox"}), last)
    assert set(back.pending) == {"flow:1"}
    stranger = hub.subscribe(TENANT, frozenset({"flow:1", "inbox"}), "otherboot-1")
    assert set(stranger.pending) == {"flow:1", "inbox"}
    forged = hub.subscribe(TENANT, frozenset({"inbox"}), "-".join([hub.boot, "x" * 50]))
    assert set(forged.pending) == {"inbox"}


def test_after_a_gap_in_listening_everything_may_have_changed() -> None:
    hub = LiveHub()
    mine = hub.subscribe(TENANT, frozenset({"a", "b"}), None)
    hub.everything()
    assert set(mine.pending) == {"a", "b"}


def test_an_ended_session_ends_the_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tandem.web.live.HEARTBEAT_SECONDS", 0.01)
    hub = LiveHub()
    mine = hub.subscribe(TENANT, frozenset({"clock"}), None)

    async def gone() -> bool:
        return False

    async def run() -> list[bytes]:
        return [line async for line in hub.stream(mine, _nothing, gone)]

    assert len(asyncio.run(asyncio.wait_for(run(), 120))) == 1


def test_announcements_travel_through_the_database(house: House) -> None:
    hub = LiveHub()
    heard = threading.Event()

    async def run() -> dict:
        listening = asyncio.create_task(hub.listen(house.database.url("web")))
        mine = hub.subscribe(house.a.id, frozenset({"segment:7"}), None)
        try:
            while not heard.is_set():
                await asyncio.to_thread(_announce, house, "segment:7")
                try:
                    await asyncio.wait_for(mine.wake.wait(), 0.5)
                    heard.set()
                except TimeoutError:
                    continue
        finally:
            listening.cancel()
        return mine.pending

    assert set(asyncio.run(asyncio.wait_for(run(), 120))) == {"segment:7"}


def test_a_lost_connection_is_made_again_and_everybody_looks_anew(house: House) -> None:
    hub = LiveHub()

    async def run() -> None:
        listening = asyncio.create_task(hub.listen(house.database.url("web")))
        mine = hub.subscribe(house.a.id, frozenset({"inbox"}), None)
        try:
            while not await asyncio.to_thread(_hang_up, house):
                await asyncio.to_thread(_announce, house, "elsewhere")
            await mine.wake.wait()
            assert set(mine.pending) == {"inbox"}
            mine.wake.clear()
            while not mine.wake.is_set():
                await asyncio.to_thread(_announce, house, "inbox")
        finally:
            listening.cancel()

    asyncio.run(asyncio.wait_for(run(), 120))


def _hang_up(house: House) -> int:
    """End the back ends that listen in this database, as a restart would; returns how many there were."""
    with house.database.connect() as owner:
        found = owner.execute(
            """
            select count(pg_terminate_backend(pid)) from pg_stat_activity
            where datname = current_database() and usename = 'tandem_web' and query = 'listen tandem_live'
            """
        ).fetchone()
    return found[0] if found else 0


def _announce(house: House, topic: str) -> None:
    with house.db.tx("worker", tenant=house.a.id) as tx:
        announce(tx, topic)


@pytest.mark.parametrize(
    ("login", "topics", "status"),
    [
        ("finance", "flow:1", 403),
        ("finance", "clock,inbox", 403),
        ("admin", "weather", 422),
        ("admin", ",".join(f"flow:{n}" for n in range(51)), 422),
    ],
)
def test_topics_are_checked_before_anything_flows(house: House, login: str, topics: str, status: int) -> None:
    assert house.person(login).get("/v1/live", topics=topics).status_code == status


def test_nobody_listens_without_a_session(house: House) -> None:
    assert house.stranger().get("/v1/live", topics="clock").status_code == 401


def test_every_topic_a_screen_listens_to_is_known() -> None:
    """A screen that asks for a topic nobody knows is refused its whole stream, the clock with it."""
    source = Path(__file__).resolve().parents[2] / "web" / "src"
    texts = [path.read_text(encoding="utf-8") for path in source.rglob("*.tsx")]
    asked = {
        name
        for text in texts
        for listed in re.findall(r"(?:useLive\([^\[)]*|const topics = )\[([^\]]*)\]", text)
        for name in re.findall(r"[\"`]([a-z]+)", listed)
    }
    assert {"segments", "customer", "webhooks", "rights"} <= asked
    assert asked <= TOPIC_PERMISSIONS.keys()
