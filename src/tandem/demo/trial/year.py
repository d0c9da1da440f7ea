"""A year of a trade, made up from a seed: the same trade and seed give the same year, ending where it is told to end.

Everybody has a rhythm of their own around the trade's, is likely or less likely to stay, and buys more in the trade's good months. A few
are known by a live room's account alone until somebody matches them, so that identity has something to do.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any, Final

from tandem.demo.trial.trade import Trade, Ware
from tandem.demo.words import GIVEN_FEMALE, GIVEN_MALE, PHONE_PREFIXES, STREETS, SURNAMES

Record = dict[str, Any]
DAYS: Final = 365
LIVE, MALL, SHOP = "抖音直播", "小程序商城", "门店"
STORES_A_CITY: Final = 2
REFUND_SHARE: Final = 0.015
ORDERS_MAX: Final = 80
_TRADES_OF_FIRMS: Final = ("精密机械", "生物制药", "食品", "环保水务", "化工", "热电", "新材料", "纺织")


@dataclass(frozen=True, slots=True)
class Told:
    """A record and when it happened."""

    at: datetime
    record: Record


@dataclass(frozen=True, slots=True)
class _Person:
    """A customer while her year is made up. `account` is known only to those who came by the live room."""

    number: int
    dice: Random
    came: datetime
    store: str
    city: str
    account: str | None

    def who(self, channel: str) -> list[Record]:
        """What a source of that channel knows her by."""
        if channel == LIVE and self.account is not None:
            return [_id("online_account", self.account, "douyin")]
        return [_id("member_no", f"T{self.number:05d}")]


def reference(trade: Trade, at: datetime) -> Iterator[Record]:
    """Stores and products."""
    for code, region, city in stores(trade):
        payload = {
            "code": code,
            "name": f"{city}{STREETS[int(code[1:]) % len(STREETS)]}{trade.store_word}",
            "region": region,
            "city": city,
        }
        yield _record("erp", f"store:{code}", "store", at, payload)
    for product_id, ware in _wares(trade):
        payload = {
            "product_id": product_id,
            "name": ware.name,
            "category": ware.category,
            "department": trade.label.zh,
            "price": f"{ware.price:.2f}",
        }
        yield _record("erp", f"product:{product_id}", "product", at, payload)


def stores(trade: Trade) -> list[tuple[str, str, str]]:
    """(code, region, city) of every store."""
    places = [
        (region, city) for region, cities in trade.regions.items() for city in cities for _ in range(STORES_A_CITY)
    ]
    return [(f"S{number:03d}", region, city) for number, (region, city) in enumerate(places, 1)]


def happenings(trade: Trade, customers: int, end: datetime, seed: int = 1) -> list[Record]:
    """Everything that happened in the year before `end`, oldest first."""
    told = [one for number in range(1, customers + 1) for one in _life(trade, number, end, seed) if one.at < end]
    told.sort(key=lambda one: (one.at, one.record["external_id"]))
    return [one.record | {"mode": "backfill"} for one in told]


def _life(trade: Trade, number: int, end: datetime, seed: int) -> Iterator[Told]:
    dice = Random(f"{trade.code}:{seed}:{number}")  # noqa: S311 - a made-up year must come out alike
    # Some were there before the year began; the others came by and by.
    days_ago = dice.uniform(DAYS - 20, DAYS) if dice.random() < 0.35 else dice.uniform(3, DAYS)
    code, _, city = dice.choice(stores(trade))
    account = f"dy{number * 37 + 1000}" if dice.random() < trade.live_share else None
    person = _Person(number, dice, _shop_hour(end - timedelta(days=days_ago), dice), code, city, account)
    known_at = yield from _introduced(trade, person)
    yield from _bought(trade, person, end, known_at)
    yield from _did(trade, person, end)


def _introduced(trade: Trade, person: _Person) -> Generator[Told, None, datetime | None]:
    """Her member card, and for some the adviser's friend list. Returns when she got her card; live buyers get it late, or never."""
    dice, number = person.dice, person.number
    if person.account is not None and dice.random() < 0.45:
        return None
    at = person.came + timedelta(days=dice.uniform(2, 25)) if person.account is not None else person.came
    identifiers = [_id("member_no", f"T{number:05d}")]
    if person.account is not None:
        identifiers.append(_id("online_account", person.account, "douyin"))
    if dice.random() < 0.75:
        identifiers.append(_id("phone", f"{dice.choice(PHONE_PREFIXES)}{(number * 7919 + 20170103) % 10**8:08d}"))
    yield Told(at, _record("crm", f"member:{number}", "customer", at, _member(trade, person, identifiers)))
    if dice.random() < (0.7 if person.account is not None else 0.4):
        befriended = at + timedelta(days=dice.uniform(0, 40))
        friend: Record = {"identifiers": [_id("open_id", f"wo{number * 101}", "wecom"), identifiers[0]]}
        if trade.hand_tags and dice.random() < 0.3:
            friend["tags"] = [dice.choice(trade.hand_tags)]
        yield Told(befriended, _record("wecom", f"friend:{number}", "customer", befriended, friend))
    return at


def _member(trade: Trade, person: _Person, identifiers: list[Record]) -> Record:
    dice = person.dice
    female = dice.random() < trade.women
    payload: Record = {"identifiers": identifiers, "city": person.city, "store": person.store}
    if trade.companies:
        firm = f"{person.city}{dice.choice(SURNAMES)}{dice.choice('峰源盛达泰和润邦')}{dice.choice(_TRADES_OF_FIRMS)}有限公司"
        payload["name"] = firm
    else:
        born = person.came - timedelta(days=365 * dice.triangular(19, 62, 31))
        payload |= {
            "name": dice.choice(SURNAMES) + dice.choice(GIVEN_FEMALE if female else GIVEN_MALE),
            "gender": "female" if female else "male",
            "birthday": born.date().isoformat(),
        }
    payload["attrs"] = {name: dice.choice(choices) for name, choices in trade.attrs.items()}
    return payload


def _bought(trade: Trade, person: _Person, end: datetime, known_at: datetime | None) -> Iterator[Told]:
    dice, busiest = person.dice, max(trade.months)
    rhythm = trade.every_days * dice.lognormvariate(0, 0.45)
    wares = _wares(trade)
    favourite = dice.choice(wares)[1].category
    at, count = person.came + timedelta(minutes=dice.uniform(1, 90)), 0
    while at < end and count < ORDERS_MAX:
        if count == 0 or dice.random() < trade.months[at.month - 1] / busiest:
            count += 1
            yield from _order(trade, person, at, count, wares, favourite, known_at)
            if dice.random() > trade.stays:
                return
        at = _shop_hour(at + timedelta(days=max(0.5, dice.gammavariate(3, rhythm / 3))), dice)


def _order(
    trade: Trade,
    person: _Person,
    at: datetime,
    count: int,
    wares: list[tuple[str, Ware]],
    favourite: str,
    known_at: datetime | None,
) -> Iterator[Told]:
    dice = person.dice
    channel = (
        LIVE if person.account is not None and (count == 1 or known_at is None or at < known_at) else _channel(dice)
    )
    weights = [ware.weight * (3 if ware.category == favourite else 1) for _, ware in wares]
    chosen = dict(dice.choices(wares, weights, k=dice.randint(1, trade.lines_max)))
    lines: list[Record] = []
    for line_no, (product_id, ware) in enumerate(chosen.items(), 1):
        quantity = 1 if ware.price > 300 else dice.choice((1, 1, 1, 2))
        paid = ware.price * quantity * dice.choice((1, 1, 1, 0.95, 0.9, 0.85 if channel == LIVE else 0.95))
        lines.append({"line_no": line_no, "product_id": product_id, "quantity": quantity, "amount": f"{paid:.2f}"})
    order_id = f"{person.number:05d}-{count:03d}"
    source = {LIVE: "douyin", MALL: "mall", SHOP: "pos"}[channel]
    payload = {
        "order_id": order_id,
        "identifiers": person.who(channel),
        "status": "paid",
        "placed_at": at.isoformat(),
        "paid_at": at.isoformat(),
        "channel": channel,
        "store": person.store,
        "total": f"{sum(float(one['amount']) for one in lines):.2f}",
        "lines": lines,
    }
    yield Told(at, _record(source, f"order:{order_id}", "order", at, payload))
    if channel == SHOP and dice.random() < 0.25:
        visit = {"store": person.store, "identifiers": person.who(channel), "at": at.isoformat()}
        yield Told(at, _record("pos", f"visit:{order_id}", "visit", at, visit))
    if dice.random() < REFUND_SHARE:
        back = at + timedelta(days=dice.uniform(1, 6))
        refund = {
            "refund_id": f"R{order_id}",
            "order_id": order_id,
            "amount": lines[0]["amount"],
            "at": back.isoformat(),
        }
        yield Told(back, _record(source, f"refund:{order_id}", "refund", back, refund))


def _did(trade: Trade, person: _Person, end: datetime) -> Iterator[Told]:
    dice = person.dice
    for doing in trade.doings:
        if dice.random() >= doing.share:
            continue
        for time in range(dice.randint(1, doing.times)):
            at = _shop_hour(person.came + (end - person.came) * dice.random(), dice)
            payload = {
                "name": doing.name,
                "identifiers": person.who(LIVE if person.account is not None else SHOP),
                "at": at.isoformat(),
                "properties": {name: dice.choice(choices) for name, choices in doing.properties.items()},
            }
            yield Told(at, _record("app", f"{doing.name}:{person.number}:{time}", "behaviour", at, payload))


def _channel(dice: Random) -> str:
    return dice.choices((SHOP, MALL, LIVE), (0.68, 0.27, 0.05))[0]


def _shop_hour(day: datetime, dice: Random) -> datetime:
    """A time of that day at which shops are open, busiest at noon and in the evening."""
    hour = dice.choices(range(9, 22), (1, 2, 3, 4, 3, 2, 2, 3, 4, 5, 5, 3, 1))[0]
    return day.replace(hour=hour, minute=dice.randrange(60), second=dice.randrange(60), microsecond=0)


def _wares(trade: Trade) -> list[tuple[str, Ware]]:
    return [(f"P{number:03d}", ware) for number, ware in enumerate(trade.wares, 1)]


def _id(kind: str, value: str, scope: str = "") -> Record:
    return {"kind": kind, "value": value, "scope": scope} if scope else {"kind": kind, "value": value}


def _record(source: str, external_id: str, kind: str, at: datetime, payload: Record) -> Record:
    return {"source": source, "external_id": external_id, "kind": kind, "time": at.isoformat(), "payload": payload}
