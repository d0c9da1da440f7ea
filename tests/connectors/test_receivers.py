"""Whom a parcel goes to: opened one order at a time, within the platform's quota, on record, and kept nowhere."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest

from harness.connectors import Story
from harness.database import Database
from harness.door import Door
from tandem.connectors.kit import receivers
from tandem.connectors.kit.failures import ConnectorFailure, TooMany
from tandem.connectors.kit.platform import Platform, Receiver
from tandem.connectors.kit.registry import platform_of
from tandem.connectors.simulator.server import Simulation
from tandem.kernel.errors import Conflict, NotFound, Throttled
from tandem.kernel.settings import settings

PLATFORMS = ("douyin", "kuaishou", "pinduoduo", "taobao", "wechat_shop", "youzan")


@pytest.fixture(scope="module")
def door(module_database: Database) -> Iterator[Door]:
    monkeypatch = pytest.MonkeyPatch()
    monkeypatch.setenv("TANDEM_SIMULATOR_URL", "http://simulated")
    settings.cache_clear()
    made = Door(module_database)
    yield made
    made.close()
    monkeypatch.undo()
    settings.cache_clear()


def connected(door: Door, platform: str) -> Story:
    """An account of a platform beside others of the same tenant."""
    simulation = Simulation(epoch=datetime.now(UTC), orders_before=30)
    made = Story(platform, door, simulation, source=platform)
    made.connect()
    return made


def an_order(story: Story, number: str) -> UUID:
    """An order of ours by its number there."""
    (row,) = story.door.rows(
        """
        insert into sales_order (bucket, id, tenant_id, source, external_id, status, placed_at, paid_at, modified_at, total, discount, currency, line_count)
        values (7, gen_random_uuid(), %s, %s, %s, 'paid', now(), now(), now(), 10, 0, 'CNY', 1) returning id
        """,
        story.door.tenant,
        story.source,
        number,
    )
    return row[0]


def look(story: Story, order: UUID) -> Receiver:
    with story.door.tx("web") as tx:
        ready = receivers.prepare(tx, order, "ship")
    return receivers.open_receiver(story.door.db, ready, send=story.wire)


def replace_quota(platform: Platform | None, most: int) -> Platform | None:
    assert platform is not None
    return replace(platform, manifest=replace(platform.manifest, openings_per_day=most))


def outcomes(door: Door) -> list[str | None]:
    return [row[0] for row in door.rows("select outcome from receiver_opening order by at, id")]


def number_of(story: Story, platform: str) -> tuple[str, Receiver]:
    """An order that can be opened, and what the platform's own world says of its buyer."""
    now = story.shop.now()
    order = next(one for one in story.shop.world.orders(now) if one.paid_at is not None)
    plain = Receiver(order.buyer.name, order.buyer.phone, f"{order.buyer.city}人民路 1 号")
    return {
        "douyin": (
            str(4_700_000_000_000_000_000 + order.number),
            Receiver(order.buyer.name, f"{order.buyer.phone}-7576", f"{order.buyer.city}人民路 1 号", virtual=True),
        ),
        "kuaishou": (str(2_600_000_000_000_000 + order.number), plain),
        "wechat_shop": (str(3_700_000_000_000_000_000 + order.number), plain),
        "youzan": (f"E2026{order.number:018d}", plain),
        "pinduoduo": (
            f"261101-{order.number:015d}",
            plain,
        ),
        "taobao": (
            str(180_000_000_000_000_000 + order.number),
            Receiver(order.buyer.name, f"{order.buyer.phone}-3210", f"{order.buyer.city}人民路***", virtual=True),
        ),
    }[platform]


@pytest.mark.parametrize("platform", PLATFORMS)
def test_a_receiver_is_shown_and_kept_nowhere(door: Door, platform: str) -> None:
    story = connected(door, platform)
    number, wanted = number_of(story, platform)
    before = len(outcomes(door))
    assert look(story, an_order(story, number)) == wanted
    assert outcomes(door)[before:] == ["opened"]
    kept = story.everything_kept() + str(door.rows("select * from receiver_opening"))
    assert [one for one in (wanted.name, wanted.phone, "人民路") if one in kept] == []
    (told,) = door.rows("select after from audit_entry where action = 'order.receiver_opened' order by at desc limit 1")
    assert told[0] == {"purpose": "ship", "platform": platform}
    # Somebody else's number opens nothing, and the try is on record.
    with pytest.raises((Conflict, TooMany, ConnectorFailure)):
        look(story, an_order(story, number[:-1] + "999999"))
    assert outcomes(door)[-1] != "opened"
    story.wire.close()


def test_a_day_has_so_many_openings_and_no_more(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    (source,) = door.rows("select id from source_account where source = 'douyin'")
    story = Story("douyin", door, Simulation(epoch=datetime.now(UTC), orders_before=30), source="douyin")
    story.account = source[0]
    number, _ = number_of(story, "douyin")
    order = an_order(story, number)
    used = door.value("select count(*) from receiver_opening where account_id = %s", story.account)
    monkeypatch.setattr(receivers, "platform_of", lambda name: replace_quota(platform_of(name), used + 1))
    look(story, order)
    with door.tx("web") as tx:
        assert (receivers.standing(tx, order).why, receivers.standing(tx, order).left_today) == ("quota", 0)
    with pytest.raises(Throttled) as refused:
        look(story, order)
    assert 0 < refused.value.retry_after_seconds <= 86_401
    story.wire.close()


def test_where_a_platform_forbids_it_nobody_tries(door: Door) -> None:
    story = connected(door, "jd")
    order = an_order(story, "1")
    story.shop.calls.clear()
    with pytest.raises(Conflict) as refused:
        look(story, order)
    assert (refused.value.code, story.shop.calls) == ("receiver_forbidden", [])
    with door.tx("web") as tx:
        assert receivers.standing(tx, order).why == "forbidden"
    story.source = "till"
    with pytest.raises(NotFound):
        look(story, an_order(story, "1"))
    story.wire.close()
