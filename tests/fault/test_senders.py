"""Senders side by side, and senders that die: every message arrives once, nobody's order is turned round."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest

from harness.database import Database
from harness.flows import FlowHouse, open_flow_house
from tandem.assembly import system
from tandem.domains.messaging import resting, sender, service
from tandem.domains.messaging.channel import AnswerLost, ChannelDown, Delivery, Outgoing
from tandem.flow.runtime import Engine
from tandem.kernel.crypto import MasterKey
from tandem.kernel.ids import new_id
from tandem.kernel.settings import settings

PEOPLE, EACH = 60, 4

pytestmark = [pytest.mark.fault]


@pytest.fixture
def house(database: Database) -> Iterator[FlowHouse]:
    with open_flow_house(database, size=12) as opened:
        opened.rooms = system()
        opened.engine = Engine(opened.rooms, opened.engine.worker)
        yield opened


def release(house: FlowHouse, people: int, each: int) -> None:
    """Messages that a step has just released, in order, for people with keys of their own."""
    with house.tx() as tx:
        template = service.create_template(tx, house.rooms.catalog, name="问候", body="您好", message_class="marketing")
    customers = house.add_customers(people)
    ((wrapped,),) = house.owner("select key_enc from tenant where id = %(tenant)s")
    keys = MasterKey(settings().master_key_bytes()).tenant_keys(bytes(wrapped))
    for customer in customers:
        house.owner(
            "update customer set key_enc = %(key)s where id = %(id)s", {"key": keys.new_data_key()[1], "id": customer}
        )
    house.owner(
        "insert into outbox_message (bucket, id, tenant_id, customer_id, origin_id, channel, template_id, message_class, status, when_capped,"
        " planned_at, release_at, released_at, booked_at) select tandem_bucket(c), tandem_new_id(), %(tenant)s, c, c, 'simulated', %(template)s,"
        " 'marketing', 'released', 'hold', now(), now(), now() + n * interval '1 ms', now() from unnest(%(ids)s::uuid[]) c, generate_series(1, %(each)s) n",
        {"template": template, "ids": customers, "each": each},
    )


def send_until_done(house: FlowHouse) -> int:
    """How many this sender sent until nothing was left. While another has the rest it may look in vain very often."""
    sent, until = 0, time.monotonic() + 300
    while time.monotonic() < until:
        done = sender.send_waiting(house.db, house.rooms.catalog, house.tenant, limit=20)
        sent += done
        if not done and not house.count("outbox_message", "status in ('released', 'sending')"):
            return sent
    raise AssertionError("some messages were never sent")


def test_four_senders_deliver_each_message_once_and_in_order(house: FlowHouse) -> None:
    release(house, PEOPLE, EACH)
    with ThreadPoolExecutor(4) as crew:
        sent = sum(crew.map(lambda _: send_until_done(house), range(4)))
    assert sent == PEOPLE * EACH
    assert house.count("outbox_message", "status = 'sent' and attempts = 1") == PEOPLE * EACH
    assert house.count("simulated_inbox") == PEOPLE * EACH
    house.settle()
    assert house.count("event", "type = 'message.sent'") == PEOPLE * EACH
    turned = house.owner(
        "select count(*) from (select o.released_at, lag(o.released_at) over (partition by o.customer_id order by s.delivered_at, o.released_at) b"
        " from outbox_message o join simulated_inbox s on s.bucket = o.bucket and s.id = o.id) x where b > released_at"
    )
    assert turned == [(0,)]


def test_a_sender_that_died_after_the_hand_over_does_no_harm(house: FlowHouse) -> None:
    """The channel has the messages, the record of it is lost: they are sent again under the same key and arrive once."""
    release(house, 5, 1)
    claimed: list[UUID] = []
    original = sender._record

    class Died(Exception):
        pass

    def die(*_: object) -> None:
        raise Died

    sender._record = die  # type: ignore[assignment]
    try:
        with pytest.raises(Died):
            sender.send_waiting(house.db, house.rooms.catalog, house.tenant)
    finally:
        sender._record = original
    claimed += [row[0] for row in house.owner("select id from outbox_message where status = 'sending'")]
    assert len(claimed) == 5
    assert sender.send_waiting(house.db, house.rooms.catalog, house.tenant) == 0
    house.owner("update outbox_message set sending_since = now() - interval '10 minutes'")
    assert sender.send_waiting(house.db, house.rooms.catalog, house.tenant) == 5
    assert house.count("simulated_inbox") == 5
    assert house.count("outbox_message", "status = 'sent' and attempts = 2") == 5


def test_messages_that_nobody_takes_are_released_anew(house: FlowHouse) -> None:
    release(house, 1, 3)
    house.owner("insert into frequency_cap (tenant_id, per_day) values (%(tenant)s, 2)")
    house.forward(seconds=90)
    house.settle()
    # They are counted against each other once: two of the three may go, as two would have gone at first.
    assert house.owner(
        "select status, booked_at is not null, count(*) from outbox_message group by 1, 2 order by 1"
    ) == [
        ("held", False, 1),
        ("released", True, 2),
    ]
    house.owner("update customer set do_not_contact = true")
    house.forward(days=2)
    house.settle()
    assert set(house.owner("select status, reason, booked_at from outbox_message")) == {
        ("cancelled", "do_not_contact", None)
    }
    assert sender.send_waiting(house.db, house.rooms.catalog, house.tenant) == 0


def test_a_message_that_moved_with_a_merge_while_it_was_out_is_found(house: FlowHouse) -> None:
    release(house, 1, 1)
    original = sender.CHANNELS["simulated"].deliver
    other = new_id()

    def merge_meanwhile(db: object, tenant: UUID, messages: list[object], until: float) -> object:
        answer = original(db, tenant, messages, until)  # type: ignore[arg-type]
        house.owner(
            "insert into customer (bucket, id, origin_id, tenant_id, first_seen_at, created_at, updated_at, key_enc)"
            " values (tandem_bucket(%(o)s), %(o)s, %(o)s, %(tenant)s, now(), now(), now(), '')",
            {"o": other},
        )
        house.owner("update customer set merged_into = %(o)s where id <> %(o)s", {"o": other})
        house.owner("update outbox_message set bucket = tandem_bucket(%(o)s), customer_id = %(o)s", {"o": other})
        return answer

    channel = sender.CHANNELS["simulated"]
    channel.deliver = merge_meanwhile  # type: ignore[method-assign, assignment]
    try:
        assert sender.send_waiting(house.db, house.rooms.catalog, house.tenant) == 1
    finally:
        del channel.deliver  # type: ignore[misc]
    assert house.owner("select status, customer_id from outbox_message") == [("sent", other)]
    assert house.owner("select type, customer_id from inbox") == [("message.sent", other)]


class Failing:
    """The simulated channel, whose hand-over raises."""

    name, label = "simulated", sender.CHANNELS["simulated"].label

    def __init__(self, error: Exception, *, idempotent: bool) -> None:
        self.error, self.idempotent, self.calls = error, idempotent, 0

    def deliver(self, *_: object) -> list[Delivery]:
        self.calls += 1
        raise self.error


@pytest.mark.parametrize(
    ("error", "idempotent", "status", "reason"),
    [
        (ChannelDown("unreachable"), False, "released", "unreachable"),
        (AnswerLost("timed_out"), True, "released", "timed_out"),
        (AnswerLost("timed_out"), False, "unknown", "timed_out"),
        (ValueError("a defect"), True, "released", "channel_broken"),
        (ValueError("a defect"), False, "unknown", "channel_broken"),
    ],
)
def test_a_channel_that_raises_leaves_nothing_in_sending(
    house: FlowHouse, monkeypatch: pytest.MonkeyPatch, error: Exception, idempotent: bool, status: str, reason: str
) -> None:
    release(house, 5, 1)
    channel = Failing(error, idempotent=idempotent)
    with monkeypatch.context() as patched:
        patched.setattr(sender, "CHANNELS", {"simulated": channel})
        assert sender.send_waiting(house.db, house.rooms.catalog, house.tenant) == 5
    assert house.owner("select distinct status, reason from outbox_message") == [(status, reason)]
    assert house.owner("select channel, failures, reason, until > since from channel_rest") == [
        ("simulated", 1, reason, True)
    ]


def test_a_channel_that_failed_rests_longer_each_time_and_is_forgiven(
    house: FlowHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    release(house, 3, 1)
    channel = Failing(ChannelDown("unreachable"), idempotent=False)
    # A second's rest is over before a busy machine looks again.
    monkeypatch.setattr(resting, "FIRST_SECONDS", 60.0)
    with monkeypatch.context() as patched:
        patched.setattr(sender, "CHANNELS", {"simulated": channel})
        for _ in range(3):
            assert sender.send_waiting(house.db, house.rooms.catalog, house.tenant) == 3
            # It rests: nobody is asked in vain.
            assert sender.send_waiting(house.db, house.rooms.catalog, house.tenant) == 0
            house.owner("update channel_rest set until = now() - interval '1 s'")
    assert channel.calls == 3
    assert house.owner("select failures from channel_rest") == [(3,)]
    assert sender.send_waiting(house.db, house.rooms.catalog, house.tenant) == 3
    assert house.count("channel_rest") == 0
    assert house.count("outbox_message", "status = 'sent' and attempts = 4") == 3
    assert house.count("simulated_inbox") == 3


class Watching:
    """Takes everything; keeps until when it was given time, and what had its answer by then."""

    label, idempotent = sender.CHANNELS["simulated"].label, False

    def __init__(self, house: FlowHouse, name: str) -> None:
        self.house, self.name = house, name
        self.until = 0.0
        self.answered = -1

    def deliver(self, _db: object, _tenant: UUID, messages: Sequence[Outgoing], until: float) -> list[Delivery]:
        self.until, self.answered = until, self.house.count("outbox_message", "status = 'sent'")
        return [Delivery(one.key, "sent") for one in messages]


def test_channels_share_one_time_and_each_is_recorded_before_the_next(
    house: FlowHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lease covers the claim of all channels: together they must be done long before it runs out."""
    release(house, 2, 2)
    house.owner(
        "update outbox_message set channel = 'sms' where released_at = (select max(released_at) from outbox_message)"
    )
    first, second = Watching(house, "simulated"), Watching(house, "sms")
    monkeypatch.setattr(sender, "CHANNELS", {"simulated": first, "sms": second})
    assert sender.send_waiting(house.db, house.rooms.catalog, house.tenant, clock=lambda: 1000.0) == 4
    assert [(one.until, one.answered) for one in (first, second)] == [(1030.0, 0), (1060.0, 2)]
    assert 2 * sender.ROUND_SECONDS_MAX < sender.LOST_SECONDS
