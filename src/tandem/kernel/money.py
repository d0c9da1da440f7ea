"""Money: exact decimals, rounded once where they are posted, shares that always add up."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal

#: Minor units by ISO 4217; every other currency has two. Source: ISO 4217 list one.
_MINOR_DIGITS = {"JPY": 0, "KRW": 0, "VND": 0, "CLP": 0, "KWD": 3, "BHD": 3, "OMR": 3, "JOD": 3, "TND": 3}


def minor_unit(currency: str) -> Decimal:
    """The smallest amount of a currency: 0.01 for CNY, 1 for JPY, 0.001 for KWD."""
    return Decimal(1).scaleb(-_MINOR_DIGITS.get(currency, 2))


def round_amount(amount: Decimal, currency: str) -> Decimal:
    """Round half away from zero (四舍五入) to the currency's minor unit, as PostgreSQL's `round(numeric)` does."""
    return amount.quantize(minor_unit(currency), rounding=ROUND_HALF_UP)


def allocate(amount: Decimal, weights: Sequence[Decimal], currency: str) -> list[Decimal]:
    """Divide `amount` by `weights` (none negative, not all zero) into shares that add up to it exactly.

    Largest remainder; ties go to the earlier share. `amount` must already be a whole number of minor units.
    Raises ValueError when the weights or the amount do not allow it.
    """
    total = sum(weights, Decimal(0))
    unit = minor_unit(currency)
    units = amount / unit
    if total <= 0 or min(weights) < 0 or units != units.to_integral_value():
        message = "weights must be non-negative with a positive sum, and the amount whole in minor units"
        raise ValueError(message)
    exact = [units * weight / total for weight in weights]
    shares = [value.to_integral_value(rounding=ROUND_FLOOR) for value in exact]
    missing = int(units - sum(shares))
    order = sorted(range(len(weights)), key=lambda index: (shares[index] - exact[index], index))
    for index in order[:missing]:
        shares[index] += 1
    return [share * unit for share in shares]
