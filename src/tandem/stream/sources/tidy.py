"""What a source's mapping has read, spelt as files' cells are: the same cleaning rules, on the values of a record. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, cast

from tandem.stream.imports.cleaning import clean
from tandem.stream.imports.regions import split_address

_CUSTOMER: Final = ("name", "city", "district")
_ORDER: Final = ("total", "discount", "channel")
_LINE: Final = ("quantity", "amount", "discount")


@dataclass(frozen=True, slots=True)
class Change:
    """A value that was spelt otherwise."""

    where: str
    before: str
    after: str


def tidy(kind: str, payload: dict[str, Any], rules: frozenset[str]) -> tuple[Change, ...]:
    """Clean a customer's or an order's values in place; returns what changed. Ids of things are left as they came.

    An `address` gives city and district where the record has none, and stays no field of its own.
    """
    changes: list[Change] = []

    def put(holder: dict[str, Any], name: str, field: str, where: str) -> None:
        before = holder.get(name)
        # What holds a NUL is refused by the door, as ever.
        if isinstance(before, str) and "\x00" not in before and (after := clean(rules, field, before)) != before:
            holder[name] = after
            changes.append(Change(where, before, after))

    if kind in {"customer", "order"} and rules:
        _each(payload, "identifiers", lambda one, where: put(one, "value", str(one.get("kind")), f"{where}.value"))
    if kind == "customer" and rules:
        if "region" in rules:
            _take_apart(payload, changes)
        for name in _CUSTOMER:
            put(payload, name, name, name)
    elif kind == "order" and rules:
        for name in _ORDER:
            put(payload, name, name, name)
        for name in _LINE:
            _each(payload, "lines", lambda one, where, name=name: put(one, name, name, f"{where}.{name}"))
    return tuple(changes)


def _each(payload: dict[str, Any], name: str, do: Callable[[dict[str, Any], str], None]) -> None:
    listed = payload.get(name)
    if isinstance(listed, list):
        for place, one in enumerate(cast("list[Any]", listed)):
            if isinstance(one, dict):
                do(cast("dict[str, Any]", one), f"{name}[{place}]")


def _take_apart(payload: dict[str, Any], changes: list[Change]) -> None:
    address = payload.pop("address", None)
    if not isinstance(address, str):
        return
    place = split_address(address)
    for name, found in (("city", place.city), ("district", place.district)):
        if found and not payload.get(name):
            payload[name] = found
            changes.append(Change(name, address, found))
