"""A length of time as people enter it: an amount and a unit."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Literal

from pydantic import Field

from tandem.flow.node import Config

Unit = Literal["seconds", "minutes", "hours", "days", "weeks"]

_SECONDS: dict[str, int] = {"seconds": 1, "minutes": 60, "hours": 3600, "days": 86_400, "weeks": 604_800}
YEARS_MAX = 5
AMOUNT_MAX = 1_000_000


class Span(Config):
    """Days and weeks are calendar days of the tenant's zone, the others are exact."""

    amount: Decimal = Field(default=Decimal(1), gt=0, le=AMOUNT_MAX, title="时长 | Amount")
    unit: Unit = Field(default="days", title="单位 | Unit")

    @property
    def delta(self) -> timedelta:
        """The length as a timedelta; a day counts 24 hours here."""
        return timedelta(seconds=float(self.amount * _SECONDS[self.unit]))

    @property
    def too_long(self) -> bool:
        """Longer than anybody plans ahead."""
        return self.delta > timedelta(days=366 * YEARS_MAX)


def until_sql() -> str:
    """SQL for "from now, this long": wants the parameters `span` (interval) and `zone`.

    Calendar days are added in local time, so that a day stays a day where clocks change; hours are exact either way, since an
    interval's time part is added to the local time only where both sides of a change differ.
    """
    return "((%(now)s::timestamptz at time zone %(zone)s::text) + %(span)s::interval) at time zone %(zone)s::text"


def exact_sql() -> str:
    """SQL for "from now, exactly this long": wants the parameter `span`."""
    return "%(now)s::timestamptz + %(span)s::interval"


def wake_sql(span: Span) -> str:
    """The moment a wait of this length ends, as SQL over the fragment's parameters `span` and `zone`."""
    return until_sql() if span.unit in {"days", "weeks"} else exact_sql()


def span_params(span: Span, zone: str) -> dict[str, object]:
    """The parameters that `wake_sql` wants."""
    params: dict[str, object] = {"span": span.delta}
    if span.unit in {"days", "weeks"}:
        params["zone"] = zone
    return params
