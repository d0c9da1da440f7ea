"""What buyers ask and shops answer in a simulated shop: like its orders, a pure function of seed and time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from tandem.connectors.simulator.world import Buyer, Order, World

By = Literal["buyer", "shop"]
EVERY: Final = 4
"""One order in so many is talked about."""
_TALKS: Final = (
    ("这款敏感肌可以用吗？", "可以的亲，建议先在耳后试用。"),
    ("什么时候发货？", "付款后 48 小时内发出。"),
    ("能开发票吗？", "可以，确认收货后开具电子发票。"),
)


@dataclass(frozen=True, slots=True)
class Said:
    """One message."""

    number: int
    by: By
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Talk:
    """A conversation about an order, before or after it; the one number names both."""

    number: int
    buyer: Buyer
    order: Order
    messages: tuple[Said, ...]

    @property
    def began_at(self) -> datetime:
        """Its first message."""
        return self.messages[0].at

    @property
    def changed_at(self) -> datetime:
        """Its last message."""
        return self.messages[-1].at


def talks(world: World, now: datetime) -> list[Talk]:
    """Every conversation that has begun by now, oldest first, as far as it has come."""
    made = [_talk(one, now) for one in world.orders(now) if one.number % EVERY == 0]
    return sorted((one for one in made if one is not None), key=lambda one: (one.began_at, one.number))


def changed(world: World, since: datetime, until: datetime, now: datetime) -> list[Talk]:
    """Conversations whose last message lies in a stretch of time."""
    return [one for one in talks(world, now) if since <= one.changed_at < until]


def refund_words(order: Order, now: datetime) -> tuple[Said, ...]:
    """What buyer and shop write to each other about a refund."""
    refund = order.refund_at(now)
    if refund is None:
        return ()
    asked = Said(order.number * 10, "buyer", "收到和描述不一样，申请退款，什么时候处理？", refund.asked_at)
    if refund.done_at is None:
        return (asked,)
    return (asked, Said(order.number * 10 + 1, "shop", "已同意，退款原路返回。", refund.done_at))


def _talk(order: Order, now: datetime) -> Talk | None:
    asked, answered = _TALKS[order.number // EVERY % len(_TALKS)]
    since = order.paid_at or order.created_at
    found = (
        Said(order.number * 10, "buyer", asked, since),
        Said(order.number * 10 + 1, "shop", answered, since + timedelta(minutes=4)),
    )
    told = tuple(one for one in found if one.at <= now)
    return Talk(order.number, order.buyer, order, told) if told else None
