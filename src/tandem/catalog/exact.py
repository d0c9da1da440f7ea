"""Exact decimal arithmetic in Python, equal to the letter to what the SQL printer makes PostgreSQL do.

Sums, differences and products are exact. A quotient has 28 significant digits, rounded half up (away from zero), as
PostgreSQL's own `round` does. Dividing by zero is missing.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import (
    ROUND_CEILING,
    ROUND_FLOOR,
    ROUND_HALF_UP,
    Context,
    Decimal,
    DivisionByZero,
    InvalidOperation,
    Overflow,
)
from typing import Final

from tandem.catalog.typed import TierRows

QUOTIENT_DIGITS: Final = 28
_TRAPS: Final = [InvalidOperation, DivisionByZero, Overflow]
# Wide enough that nothing an expression can hold (see the parser's limits) is ever rounded.
_EXACT: Final = Context(prec=30_000, rounding=ROUND_HALF_UP, Emin=-999_999, Emax=999_999, traps=_TRAPS)
_QUOTIENT: Final = Context(prec=QUOTIENT_DIGITS, rounding=ROUND_HALF_UP, Emin=-999_999, Emax=999_999, traps=_TRAPS)
_ZERO: Final = Decimal(0)
_ONE: Final = Decimal(1)


def add(left: Decimal, right: Decimal) -> Decimal:
    return _EXACT.add(left, right)


def subtract(left: Decimal, right: Decimal) -> Decimal:
    return _EXACT.subtract(left, right)


def multiply(left: Decimal, right: Decimal) -> Decimal:
    return _EXACT.multiply(left, right)


def divide(left: Decimal, right: Decimal) -> Decimal | None:
    return _QUOTIENT.divide(left, right) if right else None


def negative(value: Decimal) -> Decimal:
    return _EXACT.minus(value)


def total(values: Iterable[Decimal]) -> Decimal:
    result = _ZERO
    for value in values:
        result = _EXACT.add(result, value)
    return result


def absolute(value: Decimal) -> Decimal:
    return value.copy_abs()


def round_half_up(value: Decimal, places: Decimal) -> Decimal:
    return value.quantize(_ONE.scaleb(-int(places)), context=_EXACT)


def floor(value: Decimal) -> Decimal:
    return value.to_integral_value(rounding=ROUND_FLOOR, context=_EXACT)


def ceiling(value: Decimal) -> Decimal:
    return value.to_integral_value(rounding=ROUND_CEILING, context=_EXACT)


def percent(part: Decimal, whole: Decimal) -> Decimal | None:
    return divide(multiply(part, Decimal(100)), whole)


def graduated(value: Decimal, tiers: TierRows) -> Decimal:
    """Charge each stretch of `value` at the rate of the tier it lies in; what lies outside all tiers is free."""
    charged = _ZERO
    for low, high, rate in tiers:
        if value > low:
            charged = add(charged, multiply(subtract(value if high is None else min(value, high), low), rate))
    return charged


def bracket(value: Decimal, tiers: TierRows) -> Decimal | None:
    """Return the rate of the tier that `value` lies in, lower bound included; missing outside all tiers."""
    return next((rate for low, high, rate in tiers if low <= value and (high is None or value < high)), None)


def volume(value: Decimal, tiers: TierRows) -> Decimal | None:
    """Charge the whole of `value` at the rate of the tier that it lies in; missing outside all tiers."""
    rate = bracket(value, tiers)
    return None if rate is None else multiply(value, rate)
