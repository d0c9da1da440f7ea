"""Values out of an event's JSON payload in Python, by the same rules as `sql_parts.from_event`."""

# ruff: noqa: PLR0911 (one return for each form of node reads best)

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from tandem.catalog.literals import read_date, read_timestamp
from tandem.catalog.magnitude import FIELD_DIGITS_MAX
from tandem.catalog.value_types import BOOL, DATE, NUMBER, TIMESTAMP, Type


def read_event(value: Any, type_: Type) -> Decimal | str | bool | date | datetime | tuple[Any, ...] | None:
    """Return the typed value; what has another shape is missing, never an error."""
    if type_.item is not None:
        if not isinstance(value, list | tuple):
            return None
        items = [read_event(item, type_.item) for item in value]  # pyright: ignore[reportUnknownVariableType]
        return tuple(item for item in items if item is not None)
    if type_ == BOOL:
        return value if isinstance(value, bool) else None
    if type_ == NUMBER:
        return _number(value)
    if not isinstance(value, str):
        return None
    if type_ == DATE:
        return read_date(value)
    return read_timestamp(value) if type_ == TIMESTAMP else value


def _number(value: Any) -> Decimal | None:
    if isinstance(value, bool):
        return None
    if not isinstance(value, float | int | Decimal):
        return None
    # The shortest text of a float is what JSON carries.
    number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    return number if number.is_finite() and len(f"{number:f}") <= FIELD_DIGITS_MAX else None
