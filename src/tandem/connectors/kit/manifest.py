"""What a connector says of itself before anybody reads its code."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

from tandem.catalog.label import Label

Capability = Literal[
    "orders", "refunds", "products", "customers", "stock_out", "stock_in", "messages", "decrypt", "directory"
]
Auth = Literal["oauth", "client_credentials", "shop_token"]


@dataclass(frozen=True, slots=True)
class Setting:
    """One field of the set-up form. Secret ones are sealed and never shown again."""

    name: str
    label: Label
    secret: bool = False
    required: bool = True
    help: Label | None = None
    pattern: str = r"[^\s\x00]{1,500}"
    """What a value must look like, whole; a shop's own host is built from one."""


@dataclass(frozen=True, slots=True)
class Rate:
    """How often an operation may be called: `per_second` on the long run, `burst` at once, for one account."""

    per_second: float
    burst: float


@dataclass(frozen=True, slots=True)
class Manifest:
    """A connector's facts. `hosts` are the platform's own addresses; `imports` are the third-party packages its folder uses, `shares` other
    connectors' folders it builds on: a test compares both with the code.
    """

    name: str
    label: Label
    auth: Auth
    hosts: dict[str, str]
    settings: tuple[Setting, ...]
    capabilities: frozenset[Capability]
    push: Literal["webhook", "poll", "none"]
    money: Literal["fen", "yuan", "major"]
    time: Literal["gmt8", "seconds", "milliseconds", "iso"]
    rates: dict[str, Rate]
    """By operation; `""` is for those not named."""
    sheet: str
    """Which fact sheet it follows, and how far that can be trusted."""
    imports: tuple[str, ...] = ()
    shares: tuple[str, ...] = ()
    account_hosts: bool = False
    """Each account has a host of its own (a shop's own domain)."""
    openings_per_day: int = 1000
    """How many orders' receivers may be opened in a day (China's) for one account, where they may be at all."""
    expiry_warning: timedelta = field(default=timedelta(days=7))

    def rate(self, operation: str) -> Rate:
        """The limit of an operation."""
        return self.rates.get(operation) or self.rates[""]

    @property
    def secrets(self) -> tuple[str, ...]:
        """The names of the secret settings."""
        return tuple(one.name for one in self.settings if one.secret)
