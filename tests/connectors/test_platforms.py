"""Every platform, end to end against its simulator: connected, its past and present read, pushed to, and through whatever goes wrong."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from harness.connectors import Story
from harness.database import Database
from harness.door import Door
from tandem.connectors.kit import stock_out
from tandem.connectors.kit.registry import FOLDERS
from tandem.connectors.simulator.server import SimulatedTransport, Simulation
from tandem.kernel.ids import new_id
from tandem.kernel.settings import settings


@pytest.fixture(scope="module", params=FOLDERS)
def story(request: pytest.FixtureRequest, module_database: Database) -> Iterator[Story]:
    monkeypatch = pytest.MonkeyPatch()
    monkeypatch.setenv("TANDEM_SIMULATOR_URL", "http://simulated")
    settings.cache_clear()
    door = Door(module_database)
    simulation = Simulation(epoch=datetime.now(UTC) - timedelta(seconds=30), orders_before=24)
    made = Story(request.param, door, simulation)
    made.connect()
    yield made
    made.wire.close()
    door.close()
    monkeypatch.undo()
    settings.cache_clear()


def test_the_past_comes_exactly_through_trouble(story: Story) -> None:
    """Tokens end, the platform throttles, answers 502, hangs up, dies and comes back; the books agree to the cent."""
    story.start()
    shop = story.shop
    assert story.worker.task(story.door.tenant) == 1
    shop.trouble.tokens_before = shop.now()
    story.worker.task(story.door.tenant)
    for trouble in ("throttle", "fail", "drop"):
        setattr(shop.trouble, trouble, 2)
        for _ in range(12):
            story.due("backfill", "live", "queue")
            story.unblock()
            story.worker.task(story.door.tenant)
            if getattr(shop.trouble, trouble) == 0:
                break
        assert getattr(shop.trouble, trouble) == 0
    # The simulator dies and returns: the same seed and epoch, none of its memory.
    again = Simulation(seed=story.simulation.seed, epoch=story.simulation.epoch, orders_before=24)
    again.shops[story.name].world.days = shop.world.days
    story.simulation = again
    story.wire.close()
    story.wire = story.worker.send = type(story.wire)(SimulatedTransport(again))
    story.shop = again.shops[story.name]
    story.due("backfill", "live", "queue")
    story.unblock()
    story.work()
    assert story.problems() == []
    assert story.known() == story.expected()
    assert {one["amount"] for one in story.refunds()} == {
        refund.amount / 100
        for order in story.sold()
        if (refund := order.refund_at(story.shop.now())) is not None and refund.done_at is not None
    }


def test_what_is_new_comes_by_push_or_by_asking_and_is_taken_once(story: Story) -> None:
    number = story.sell()
    before = len(story.orders())
    sent = story.deliver(number)
    story.due("queue", *([] if sent else ["live"]))
    story.work()
    assert len(story.orders()) == before + 1
    events = story.events()
    # The same again, late and in another order, and by asking too: nothing changes.
    story.post(*reversed(sent))
    story.due("live", "queue")
    story.work()
    assert story.events() == events
    for one in sent:
        half = len(one.body) // 2
        changed = bytes([one.body[half] ^ 1])
        assert story.refuses(type(one)(one.headers, one.query, one.body[:half] + changed + one.body[half + 1 :]))
        if one.headers or one.query:
            assert story.refuses(type(one)({}, {}, one.body))


def test_goods_counts_and_conversations_are_read_where_the_platform_has_them(story: Story) -> None:
    can = story.platform.manifest.capabilities
    counted = story.door.rows("select distinct product_id from stock_level")
    assert bool(counted) == ("stock_in" in can)
    said = story.door.rows(
        f"select distinct type from inbox where type like 'chat.%' and tenant_id = '{story.door.tenant}'"
    )
    assert {one[0] for one in said} == ({"chat.reported", "chat.answered"} if "messages" in can else set())


def test_a_sweep_finds_what_nobody_told(story: Story) -> None:
    number = story.sell()
    with story.door.database.connect() as owner:
        owner.execute(
            "update connector_task set next_at = now(), at = now() - interval '1 hour', ends_at = now() + interval '1 minute' where purpose = 'sweep' and tenant_id = %s",
            (story.door.tenant,),
        )
    story.work()
    assert (
        story.door.value(
            f"select sum(found) from connector_task where purpose = 'sweep' and tenant_id = '{story.door.tenant}'"
        )
        >= 1
    )
    assert story.known() == story.expected()
    assert number


@pytest.mark.parametrize("story", ["ebay"], indirect=True)
def test_a_count_that_is_again_what_it_was_is_told(story: Story) -> None:
    """What is read whole has no moment of its own: the same page as before is news when another lay between."""
    story.start()
    sku = "E-001"
    found = []
    for left in (5, 4, 5):
        story.shop.world.stock[sku] = left
        story.due("live")
        story.work()
        found.append(story.door.value("select quantity from stock_level where product_id = %s", sku))
    assert found == [5, 4, 5]


def test_no_secret_is_readable_anywhere(story: Story) -> None:
    from tandem.connectors.kit import grants

    with story.door.tx("worker") as tx:
        held = grants.held(tx, story.account)
    assert held is not None
    text = story.everything_kept()
    secrets = [*story.shop.secrets.values(), held.grant.access, held.grant.refresh]
    assert [one for one in secrets if one and one in text] == []
    assert "•••" in text or not story.shop.calls


def test_a_count_set_here_is_the_shops_count(story: Story) -> None:
    """A person tells a number, a flow another: the shop has the latest, and reading it again says the same."""
    if "stock_in" not in story.platform.manifest.capabilities:
        return
    item = story.door.rows(
        f"select id from stock_level where tenant_id = '{story.door.tenant}' and place <> 'AFN' order by product_id limit 1"
    )[0][0]
    with story.door.tx("web") as tx:
        standing = stock_out.standing(tx, item)
        assert standing.why is None
        push = stock_out.file(tx, item, 37)
    stock_out.tell(story.door.db, story.door.tenant, push, send=story.wire)
    with story.door.database.connect() as owner:
        for number, visit in ((12, 1), (7, 2)):
            owner.execute(
                "insert into stock_push (tenant_id, id, item_id, quantity, run_id, block, visit) values (%s, %s, %s, %s, %s, 'p', %s)",
                (story.door.tenant, new_id(), item, number, item, visit),
            )
    story.unblock()
    assert stock_out.tell_due(story.door.db, story.door.tenant, send=story.wire) == 1
    states = story.door.rows(
        f"select quantity, state from stock_push where item_id = '{item}' order by created_at, visit"
    )
    assert states == [(37, "done"), (12, "overtaken"), (7, "done")]
    story.due("live")
    story.unblock()
    story.work()
    assert story.door.value(f"select quantity from stock_level where id = '{item}'") == 7
