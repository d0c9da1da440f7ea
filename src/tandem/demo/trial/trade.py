"""What makes one trade differ from another, as data. The generator (`year.py`) reads it and knows no trade by name."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from tandem.catalog.label import Label

FLAT: Final = (1.0,) * 12


@dataclass(frozen=True, slots=True)
class Ware:
    """Something sold. `price` in yuan; `weight` is how often it is chosen beside the others of its trade."""

    name: str
    category: str
    price: float
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Doing:
    """Something customers do besides buying. `share` of them do it, up to `times` a year, each with one of every property's values."""

    name: str
    share: float
    times: int = 1
    properties: dict[str, tuple[str | int | float, ...]] = field(
        default_factory=dict[str, tuple[str | int | float, ...]]
    )


@dataclass(frozen=True, slots=True)
class Trade:
    """A trade. `every_days` lies between two purchases of somebody who stays; `stays` is the chance to come again after each.

    `months` weighs January to December; `attrs` are fields with their choices; `segments` and `tags` are (name, expression); `companies`
    means that its customers are firms.
    """

    code: str
    label: Label
    company: str
    store_word: str
    regions: dict[str, tuple[str, ...]]
    wares: tuple[Ware, ...]
    customers: int
    every_days: float
    stays: float
    lines_max: int
    segments: tuple[tuple[str, str], ...]
    tags: tuple[tuple[str, str], ...]
    letters: tuple[str, str, str]
    """The win-back flow's three messages: with a coupon, with points, a reminder."""
    coupon: str
    months: tuple[float, ...] = FLAT
    doings: tuple[Doing, ...] = ()
    attrs: dict[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    hand_tags: tuple[str, ...] = ()
    women: float = 0.55
    companies: bool = False
    live_share: float = 0.12
    """Of customers who first bought in a live room."""
