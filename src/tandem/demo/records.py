"""The year as records for the door: what POS, member system and online mall of a chain would send."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from tandem.demo.words import (
    CATEGORIES,
    DEPARTMENTS,
    GIVEN_FEMALE,
    GIVEN_MALE,
    PHONE_PREFIXES,
    REGIONS,
    STREETS,
    SURNAMES,
    till_number,
)
from tandem.demo.year import Basket, Line, Product, Shift, Year, chance, pick

YUAN_PER_DOLLAR: Final = 7
"""So that prices read as yuan; the amounts' proportions stay the data's."""
PHONE_SHARE: Final = 0.6
ONLINE_SHARE: Final = 0.35
BOUND_SHARE: Final = 0.5
"""Of those online without a phone: whose account is bound to the member card."""
ONLINE_ORDERS_SHARE: Final = 0.3
REFUND_SHARE: Final = 0.008
"""The data has no refunds; a few are made up so that they can be seen."""
ADVISED_SHARE: Final = 0.5
"""Of purchases in a store: those for which the cashier typed in who served."""

_AGE_FROM: Final = {"19-24": 19, "25-34": 25, "35-44": 35, "45-54": 45, "55-64": 55, "65+": 65}
_ATTRIBUTES: Final = {
    "age": "年龄段",
    "income": "年收入（千美元）",
    "home": "住房",
    "married": "婚姻",
    "size": "家庭人数",
    "kids": "子女数",
}
_TRANSLATED: Final = {"Homeowner": "自有", "Renter": "租住", "Married": "已婚", "Unmarried": "未婚"}

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Timed:
    """A record and the moment it is told at."""

    at: datetime
    record: Record


def _record(source: str, external_id: str, kind: str, at: datetime, payload: Record) -> Record:
    return {"source": source, "external_id": external_id, "kind": kind, "time": at.isoformat(), "payload": payload}


# ------------------------------------------------------------------------------------------------------ reference


def store_code(store_id: int) -> str:
    """The code that orders name a store by."""
    return f"S{store_id}"


def store_place(store_id: int) -> tuple[str, str]:
    """Region and city of a store."""
    region = pick(tuple(REGIONS), store_id, "region")
    return region, pick(REGIONS[region], store_id, "city")


def reference(year: Year, shift: Shift) -> Iterator[Record]:
    """Stores, products, coupons: what must be known before anything happens."""
    at = shift.day(date(2017, 1, 1))
    for store_id in year.stores:
        region, city = store_place(store_id)
        name = f"{city}{pick(STREETS, store_id, 'street')}店（{store_id}）"
        payload = {"code": store_code(store_id), "name": name, "region": region, "city": city}
        yield _record("erp", f"store:{store_id}", "store", at, payload)
    for product in year.products:
        yield _record("erp", f"product:{product.product_id}", "product", at, _product(product))
    for campaign in sorted({one.campaign_id for one in year.redemptions}):
        payload = {
            "code": f"CAMP{campaign}",
            "name": f"{campaign} 号活动券（外部）",
            "kind": "amount",
            "valid_days": 60,
        }
        yield _record("erp", f"coupon_template:{campaign}", "coupon_template", at, payload)


def _product(product: Product) -> Record:
    category = CATEGORIES.get(product.category or "", product.category)
    words = [category or "商品", (product.type or "").title(), product.size or ""]
    return {
        "product_id": str(product.product_id),
        "name": " ".join(word for word in words if word)[:200],
        "category": category,
        "category_en": product.category,
        "department": DEPARTMENTS.get(product.department or "", product.department),
        "brand": {"National": "全国品牌", "Private": "自有品牌"}.get(product.brand or "", product.brand),
    }


# --------------------------------------------------------------------------------------------------------- people


def phone(household: int) -> str | None:
    """The household's phone, for the share that has one. A prime step keeps numbers apart."""
    if chance(household, "phone") >= PHONE_SHARE:
        return None
    return pick(PHONE_PREFIXES, household, "prefix") + f"{(household * 7919 + 20170103) % 10**8:08d}"


def online_account(household: int) -> str | None:
    """The household's account at the online mall, for the share that has one."""
    return f"mall_{household * 31 + 1000}" if chance(household, "online") < ONLINE_SHARE else None


def member_no(household: int) -> str:
    """The household's member card."""
    return f"VIP{household:06d}"


def _identifier(kind: str, value: str) -> Record:
    return {"kind": kind, "value": value}


def member(year: Year, household: int, at: datetime) -> Timed:
    """What the member system knows of a household."""
    gender = "female" if chance(household, "gender") < 0.64 else "male"
    given = pick(GIVEN_FEMALE if gender == "female" else GIVEN_MALE, household, "given")
    home = year.home_stores[household]
    told = year.demographics.get(household, {})
    payload: Record = {
        "identifiers": [_identifier("member_no", member_no(household))],
        "name": pick(SURNAMES, household, "surname") + given,
        "gender": gender,
        "birthday": _birthday(household, told.get("age"), at),
        "city": store_place(home)[1],
        "store": store_code(home),
        "attrs": {_ATTRIBUTES[name]: _TRANSLATED.get(value, value) for name, value in told.items()},
    }
    number = phone(household)
    if number:
        payload["identifiers"].append(_identifier("phone", number))
    return Timed(at, _record("crm", f"member:{household}", "customer", at, payload))


def _birthday(household: int, age: str | None, at: datetime) -> str:
    youngest = _AGE_FROM.get(age or pick(tuple(_AGE_FROM), household, "age"), 35)
    years = youngest + int(chance(household, "years") * 10)
    born = date(at.year - years, 1, 1) + timedelta(days=int(chance(household, "day") * 365))
    return born.isoformat()


def mall_customer(household: int, at: datetime) -> Timed | None:
    """What the online mall learns of a household some days after its first order: its phone, or its bound card. Mostly a merge follows."""
    account, number = online_account(household), phone(household)
    if account is None:
        return None
    identifiers = [_identifier("online_account", account)]
    if number:
        identifiers.append(_identifier("phone", number))
    elif chance(household, "bound") < BOUND_SHARE:
        identifiers.append(_identifier("member_no", member_no(household)))
    return Timed(at, _record("mall", f"account:{household}", "customer", at, {"identifiers": identifiers}))


# --------------------------------------------------------------------------------------------------------- orders


def money(dollars: float) -> str:
    """Dollars of the data as yuan, to the cent."""
    return str((Decimal(str(dollars)) * YUAN_PER_DOLLAR).quantize(Decimal("0.01")))


def is_online(basket: Basket) -> bool:
    """Whether the basket comes by the online mall, where it is known by the account alone."""
    return online_account(basket.household_id) is not None and chance(basket.basket_id, "order") < ONLINE_ORDERS_SHARE


def order(basket: Basket, shift: Shift) -> Timed:
    """A basket as a paid order."""
    at = shift.moment(basket.at)
    online = is_online(basket)
    identifier = (
        _identifier("online_account", online_account(basket.household_id) or "")
        if online
        else _identifier("member_no", member_no(basket.household_id))
    )
    lines = [line for line in basket.lines if line.quantity > 0 or line.sales_value > 0]
    amounts = [Decimal(money(line.sales_value)) for line in lines]
    payload: Record = {
        "order_id": f"{'M' if online else 'B'}{basket.basket_id}",
        "identifiers": [identifier],
        "store": store_code(basket.store_id),
        "status": "paid",
        "placed_at": at.isoformat(),
        "paid_at": at.isoformat(),
        "total": str(sum(amounts, Decimal(0))),
        "discount": str(sum((Decimal(money(line.discount)) for line in lines), Decimal(0))),
        "channel": "线上商城" if online else "门店",
        "lines": [
            _line(number, line, amount) for number, (line, amount) in enumerate(zip(lines, amounts, strict=True), 1)
        ],
    }
    if not online and chance(basket.basket_id, "advised") < ADVISED_SHARE:
        place = 1 + int(chance(basket.household_id, "adviser") * 2)
        payload["adviser"] = till_number(store_code(basket.store_id), place)
    source = "mall" if online else "pos"
    return Timed(at, _record(source, f"order:{basket.basket_id}", "order", at, payload))


def _line(number: int, line: Line, amount: Decimal) -> Record:
    return {
        "line_no": number,
        "product_id": str(line.product_id),
        "quantity": max(1, line.quantity),
        "amount": str(amount),
        "discount": money(line.discount),
    }


def refund(basket: Basket, shift: Shift) -> Timed | None:
    """A made-up refund of one line, two days later, for a small share of baskets."""
    priced = [line for line in basket.lines if line.sales_value > 0]
    if not priced or chance(basket.basket_id, "refund") >= REFUND_SHARE:
        return None
    at = shift.moment(basket.at) + timedelta(days=2)
    online = is_online(basket)
    payload = {
        "refund_id": f"R{basket.basket_id}",
        "order_id": f"{'M' if online else 'B'}{basket.basket_id}",
        "amount": money(max(line.sales_value for line in priced)),
        "at": at.isoformat(),
    }
    return Timed(at, _record("mall" if online else "pos", f"refund:{basket.basket_id}", "refund", at, payload))


# ----------------------------------------------------------------------------------------------- the whole stream


def happenings(year: Year, shift: Shift) -> Iterator[Timed]:
    """Everything that happens, in order of time."""
    streams = (_trade(year, shift), _campaigns(year, shift), _redeemed(year, shift))
    return heapq.merge(*streams, key=lambda one: one.at)


def _trade(year: Year, shift: Shift) -> Iterator[Timed]:
    """Baskets; before a household's first one its membership, three days after its first online one the account's owner; refunds."""
    seen: set[int] = set()
    seen_online: set[int] = set()
    later: list[tuple[datetime, int, Timed]] = []
    for number, basket in enumerate(year.baskets()):
        at = shift.moment(basket.at)
        while later and later[0][0] <= at:
            yield heapq.heappop(later)[2]
        household = basket.household_id
        if household not in seen:
            seen.add(household)
            yield member(year, household, at)
        yield order(basket, shift)
        given_back = refund(basket, shift)
        if given_back is not None:
            heapq.heappush(later, (given_back.at, number * 2, given_back))
        if is_online(basket) and household not in seen_online:
            seen_online.add(household)
            owner = mall_customer(household, at + timedelta(days=3))
            if owner is not None:
                heapq.heappush(later, (owner.at, number * 2 + 1, owner))
    while later:
        yield heapq.heappop(later)[2]


def _campaigns(year: Year, shift: Shift) -> Iterator[Timed]:
    told = sorted((year.campaigns[campaign], campaign, household) for campaign, household in year.reached)
    for day, campaign, household in told:
        # A campaign may begin before the cut does; the person is then told of with her card alone.
        at = shift.day(day)
        payload = {
            "campaign": f"{campaign} 号活动",
            "identifiers": [_identifier("member_no", member_no(household))],
            "at": at.isoformat(),
        }
        yield Timed(at, _record("crm", f"campaign:{campaign}:{household}", "campaign_reach", at, payload))


def _redeemed(year: Year, shift: Shift) -> Iterator[Timed]:
    told = sorted(year.redemptions, key=lambda one: (one.day, one.household_id, one.coupon_upc, one.campaign_id))
    for number, one in enumerate(told):
        at = shift.day(one.day) + timedelta(hours=6)
        redemption_id = (
            f"{one.day.isoformat()}:{one.household_id}:{one.coupon_upc}:{one.campaign_id}:{_repeat(told, number)}"
        )
        payload = {
            "redemption_id": redemption_id,
            "template_code": f"CAMP{one.campaign_id}",
            "identifiers": [_identifier("member_no", member_no(one.household_id))],
            "at": at.isoformat(),
        }
        yield Timed(at, _record("pos", f"redemption:{redemption_id}", "coupon_redemption", at, payload))


def _repeat(told: list[Any], number: int) -> int:
    """The same coupon may be used twice on one day: how many of its like come before."""
    count = 0
    while number > count and told[number - count - 1] == told[number]:
        count += 1
    return count


def is_history(one: Timed, shift: Shift) -> bool:
    """Whether a record belongs to the past that the demo begins with."""
    return one.at < shift.start
