"""A place as text, "121.473701,31.230416": degrees east and north, WGS-84, to six decimal places (0.1 m). Pure."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

_STEP: Final = Decimal("0.000001")


def point_text(longitude: Decimal, latitude: Decimal) -> str:
    """The one spelling of a place, so that equal places are equal texts."""
    return f"{degrees(longitude)},{degrees(latitude)}"


def degrees(value: Decimal) -> str:
    """A number of degrees without needless zeros, never in exponents, never minus zero."""
    text = f"{value.quantize(_STEP):f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def read_point(text: str) -> tuple[Decimal, Decimal]:
    """Longitude and latitude back from the text."""
    longitude, _, latitude = text.partition(",")
    return Decimal(longitude), Decimal(latitude)
