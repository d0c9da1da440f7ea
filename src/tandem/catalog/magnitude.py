"""Bound the digits of exact numbers before a run, so that no expression can outgrow PostgreSQL's numeric.

PostgreSQL fails beyond 131,072 digits before and 16,383 after the point; a failing expression would stop a whole batch.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from tandem.catalog import typed as t

FIELD_DIGITS_MAX: Final = 60
"""What a number field holds at most; an event's number with more is missing."""
DIGITS_MAX: Final = 4_000
_SUM_DIGITS: Final = 20
_QUOTIENT_DIGITS: Final = 30


def digits(node: t.Node) -> int:  # noqa: PLR0911 (one return for each form of node reads best)
    """Return how many digits, before and after the point together, a number can have at most."""
    match node:
        case t.Const(value=Decimal() as value):
            return len(f"{value:f}")
        case t.Arith(op="*" | "/", left=left, right=right):
            return digits(left) + digits(right) + _QUOTIENT_DIGITS
        case t.Arith(left=left, right=right):
            return max(digits(left), digits(right)) + 1
        case t.Call(name="percent" | "graduated" | "volume", args=args):
            return sum(digits(arg) for arg in args) + _QUOTIENT_DIGITS
        case t.Lookup():
            return FIELD_DIGITS_MAX
        case t.Related(aggregate="sum" | "avg"):
            return FIELD_DIGITS_MAX + _SUM_DIGITS + _QUOTIENT_DIGITS
        case _:
            return max((digits(child) for child in t.children(node)), default=FIELD_DIGITS_MAX)


def outgrows(node: t.Node) -> bool:
    """Tell whether some part of an expression may have too many digits."""
    return any(digits(part) > DIGITS_MAX for part in t.walk(node) if isinstance(part, t.Arith | t.Call))
