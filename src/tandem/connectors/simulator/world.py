"""What happens in a simulated shop: a pure function of its seed and of time, so that a simulator that dies comes back as it was.

Amounts are whole minor units (fen, cents). Every order knows from the start when it will be paid, sent, finished, cancelled or refunded;
what it looks like now follows from the clock.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Final, Literal

State = Literal["placed", "paid", "shipped", "finished", "cancelled", "refunded"]
# Seeded stories, not secrets: every use of `random` below is meant to be repeatable.

_NAMES: Final = (
    "保湿面霜", "山茶花精华", "纯棉四件套", "儿童羽绒服", "手冲咖啡豆", "不锈钢保温杯", "无线降噪耳机", "低脂鸡胸肉",
    "燕麦拿铁（6 瓶装）", "智能手环", "瑜伽垫", "车载香薰",
)  # fmt: skip
_CATEGORIES: Final = ("美妆", "家居", "童装", "食品", "数码", "运动")


@dataclass(frozen=True, slots=True)
class Product:
    """Something on sale; `price` in minor units."""

    number: int
    name: str
    category: str
    price: int


@dataclass(frozen=True, slots=True)
class SoldLine:
    """A line of an order: `paid` is what was paid for all its pieces, `discount` what was taken off."""

    product: Product
    quantity: int
    paid: int
    discount: int


@dataclass(frozen=True, slots=True)
class SoldRefund:
    """A refund that was asked for. `done_at` None: it was refused."""

    number: int
    amount: int
    asked_at: datetime
    done_at: datetime | None


@dataclass(frozen=True, slots=True)
class Buyer:
    """Somebody who buys. What platforms show of her is up to them."""

    number: int
    name: str
    phone: str
    city: str

    @property
    def email(self) -> str:
        """Her address."""
        return f"buyer{self.number}@example.com"


def union_id(buyer: int) -> str:
    """What WeChat calls her, by her number: her shop, her official account and her adviser see one person by it."""
    return f"uXyz{buyer:06d}"


@dataclass(frozen=True, slots=True)
class Order:
    """An order with its whole life."""

    number: int
    buyer: Buyer
    lines: Sequence[SoldLine]
    freight: int
    created_at: datetime
    paid_at: datetime | None = None
    shipped_at: datetime | None = None
    finished_at: datetime | None = None
    cancelled_at: datetime | None = None
    refund: SoldRefund | None = None

    @property
    def paid(self) -> int:
        """What is to be paid in all, in minor units."""
        return sum(line.paid for line in self.lines) + self.freight

    @property
    def discount(self) -> int:
        """What was taken off in all."""
        return sum(line.discount for line in self.lines)

    def changes(self) -> list[tuple[datetime, State]]:
        """When it becomes what, in order of time."""
        refunded = None if self.refund is None or self.refund.amount < self.paid else self.refund.done_at
        steps: tuple[tuple[datetime | None, State], ...] = (
            (self.created_at, "placed"),
            (self.paid_at, "paid"),
            (self.shipped_at, "shipped"),
            (self.finished_at, "finished"),
            (self.cancelled_at, "cancelled"),
            (refunded, "refunded"),
        )
        found: list[tuple[datetime, State]] = [(at, state) for at, state in steps if at is not None]
        found.sort(key=lambda step: step[0])
        return found

    def state(self, now: datetime) -> State:
        """What it is at a moment."""
        past: list[State] = [state for at, state in self.changes() if at <= now]
        return past[-1]

    def modified_at(self, now: datetime) -> datetime:
        """When it was last changed, a refund's steps counted."""
        moments = [at for at, _ in self.changes()]
        if self.refund is not None:
            moments += [at for at in (self.refund.asked_at, self.refund.done_at) if at is not None]
        return max(at for at in moments if at <= now)

    def refund_at(self, now: datetime) -> SoldRefund | None:
        """The refund as far as it has come: not yet asked for, asked for, done."""
        found = self.refund
        if found is None or found.asked_at > now:
            return None
        return found if found.done_at is None or found.done_at <= now else replace(found, done_at=None)


@dataclass
class World:
    """One shop. `epoch` is when its story begins to be told: `orders` lie in the `days` before it, `per_minute` come after it."""

    seed: int
    epoch: datetime
    orders_before: int = 60
    days: int = 80
    per_minute: float = 0.0
    worth: int = 1
    """How many yuan the shop's currency is worth, roughly: the same thing must not cost seven times as much in dollars."""
    added: list[tuple[int, datetime]] = field(default_factory=list[tuple[int, datetime]])
    """Orders that somebody asked for, with the moment: (how many, when). Given again after a restart, they come back."""
    changed: dict[int, Order] = field(default_factory=dict[int, Order])
    """Orders whose story somebody changed."""
    stock: dict[str, int] = field(default_factory=dict[str, int])
    dialled: list[tuple[datetime, float]] = field(default_factory=list[tuple[datetime, float]])
    """Changes of `per_minute`: (from when, how many)."""
    _made: dict[int, Order] = field(default_factory=dict[int, Order], repr=False)

    @cached_property
    def products(self) -> list[Product]:
        """What is on sale."""
        random_ = random.Random(self.seed)  # noqa: S311
        return [
            Product(number, name, _CATEGORIES[number % len(_CATEGORIES)], random_.randint(990, 59_900) // self.worth)
            for number, name in enumerate(_NAMES, 1)
        ]

    def left(self, key: str, product: Product) -> int:
        """What is left of a product: what somebody set under the platform's own number, else a figure of its own."""
        return self.stock.get(key, 20 + product.number * 7 % 60)

    @cached_property
    def _history(self) -> list[Order]:
        random_ = random.Random(self.seed + 1)  # noqa: S311
        span = self.days * 86_400
        moments = sorted(random_.randrange(3600, span) for _ in range(self.orders_before))
        return [
            self._order(number, self.epoch - timedelta(seconds=span - second), quick=False)
            for number, second in enumerate(moments, 1)
        ]

    def orders(self, now: datetime) -> list[Order]:
        """Every order made by now, oldest first."""
        found = [one for one in self._history if one.created_at <= now]
        number = len(self._history)
        found += [self._order(self._numbered(at), at, quick=True) for at in self._bought(now)]
        for count, at in self.added:
            for index in range(count):
                moment = at + timedelta(milliseconds=index)
                number += 1
                if moment <= now:
                    found.append(self._order(number, moment, quick=True))
        told = [self.changed.get(one.number, one) for one in found]
        return sorted(told, key=lambda one: (one.created_at, one.number))

    def dial(self, now: datetime, per_minute: float) -> None:
        """From now on, so many orders a minute."""
        self.dialled.append((now, per_minute))

    def rate(self, now: datetime) -> float:
        """How many orders a minute there are now."""
        return next((rate for since, rate in reversed(self.dialled) if since <= now), self.per_minute)

    def _bought(self, now: datetime) -> list[datetime]:
        """When somebody bought since the epoch, evenly spread over each stretch of one rate."""
        starts = [(self.epoch, self.per_minute), *self.dialled]
        ends = [since for since, _ in starts[1:]] + [now]
        found: list[datetime] = []
        for (since, rate), until in zip(starts, ends, strict=True):
            count = int(max(0.0, (until - since).total_seconds()) * rate / 60)
            found += [since + timedelta(seconds=(index + 1) * 60 / rate) for index in range(count)]
        return found

    def _numbered(self, at: datetime) -> int:
        """An order's number by its moment: the same after a restart, whatever was dialled."""
        return 1_000_000 + int((at - self.epoch).total_seconds() * 20)

    def modified(self, since: datetime, until: datetime, now: datetime) -> list[Order]:
        """Orders changed in a stretch of time, by the time of change, then by number."""
        found = [(one.modified_at(now), one.number, one) for one in self.orders(now)]
        return [one for at, _, one in sorted(found, key=lambda row: row[:2]) if since <= at < until]

    def refunds(self, since: datetime, until: datetime, now: datetime) -> list[tuple[Order, SoldRefund]]:
        """Refunds asked for or done in a stretch of time."""
        found: list[tuple[datetime, int, Order, SoldRefund]] = []
        for one in self.orders(now):
            refund = one.refund_at(now)
            if refund is not None and since <= (at := refund.done_at or refund.asked_at) < until:
                found.append((at, one.number, one, refund))
        return [(order, refund) for _, _, order, refund in sorted(found, key=lambda row: row[:2])]

    def order(self, number: int, now: datetime) -> Order | None:
        """One order by its number."""
        return next((one for one in self.orders(now) if one.number == number), None)

    def buyers(self, orders: Iterable[Order]) -> list[Buyer]:
        """Whoever bought, each once."""
        return list({one.buyer.number: one.buyer for one in orders}.values())

    def buyer(self, number: int) -> Buyer:
        """A buyer by her number."""
        random_ = random.Random(self.seed * 7919 + number)  # noqa: S311
        surname, given = (
            random_.choice("赵钱孙李周吴郑王陈林"),
            random_.choice(("丽", "伟", "芳", "静怡", "子轩", "佳")),
        )
        phone = f"1{random_.choice('35789')}{random_.randrange(10**9):09d}"
        return Buyer(number, surname + given, phone, random_.choice(("上海市", "杭州市", "广州市", "成都市", "沈阳市")))

    def _order(self, number: int, at: datetime, *, quick: bool) -> Order:
        """The life of one order, thought out once. `quick`: told within seconds, so that whoever watches sees it."""
        known = self._made.get(number)
        if known is None:
            known = self._made[number] = self._life(number, at, quick=quick)
        return known

    def _life(self, number: int, at: datetime, *, quick: bool) -> Order:
        random_ = random.Random(self.seed * 104_729 + number)  # noqa: S311
        at = at.replace(microsecond=0) if not quick else at
        lines = [self._line(random_, one) for one in random_.sample(self.products, random_.choice((1, 1, 2, 3)))]
        buyer = self.buyer(random_.randint(1, max(10, self.orders_before // 2)))
        made = Order(number, buyer, lines, random_.choice((0, 0, 600, 1000)), at)
        if not quick and random_.random() < 0.12:
            return replace(made, cancelled_at=at + timedelta(minutes=30))
        made = replace(made, paid_at=at + timedelta(seconds=0 if quick else random_.randint(5, 900)))
        if quick:
            return made
        paid_at = made.paid_at or at
        made = replace(made, shipped_at=paid_at + timedelta(hours=random_.randint(2, 30)))
        made = replace(made, finished_at=(made.shipped_at or at) + timedelta(days=random_.randint(2, 6)))
        if random_.random() < 0.2:
            asked = paid_at + timedelta(hours=random_.randint(1, 90))
            whole = random_.random() < 0.5
            amount = made.paid if whole else max(1, made.lines[0].paid // 2)
            done = asked + timedelta(hours=random_.randint(1, 20)) if random_.random() < 0.8 else None
            made = replace(made, refund=SoldRefund(number, amount, asked, done))
            if whole and done is not None:
                kept = {name: at for name in ("shipped_at", "finished_at") if (at := getattr(made, name)) < done}
                made = replace(made, shipped_at=kept.get("shipped_at"), finished_at=kept.get("finished_at"))
        return made

    def _line(self, random_: random.Random, product: Product) -> SoldLine:
        quantity = random_.choice((1, 1, 1, 2, 3))
        discount = random_.choice((0, 0, 100, 333, 1000)) % (product.price * quantity)
        return SoldLine(product, quantity, product.price * quantity - discount, discount)
