"""Which division follows from a changed city or district, as a saying of whoever said that name. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final
from uuid import UUID

from tandem.catalog.divisions import in_region
from tandem.stream.profile.division import division_of
from tandem.stream.profile.sayings import Changed, Known, Said, Value

_NAMES: Final = ("city", "district")
DIVISION: Final = "division"


def divided(changed: Iterable[Changed], known: Mapping[tuple[int, UUID], Known]) -> list[Said]:
    """The divisions that take another value because a name did.

    A code that was said holds where it lies within what the names say, and where they say nothing; one that came from the names goes
    with them.
    """
    by_customer: dict[tuple[int, UUID], dict[str, Said]] = {}
    for one in changed:
        if one.said.field == DIVISION or (one.said.field in _NAMES and one.is_new):
            by_customer.setdefault(one.said.customer, {})[one.said.field] = one.said
    found = (_divided(said, known[customer].values) for customer, said in by_customer.items())
    return [one for one in found if one is not None]


def _divided(said: Mapping[str, Said], before: Mapping[str, Value]) -> Said | None:
    names = [said[name] for name in _NAMES if name in said]
    if not names:
        return None
    last = max(names, key=lambda one: one.at)
    if DIVISION in said and said[DIVISION].at >= last.at:
        return None
    city, district = (_text(said[name].value if name in said else before.get(name)) for name in _NAMES)
    now = _text(said[DIVISION].value if DIVISION in said else before.get(DIVISION))
    named = division_of(city, district)
    if named is None:
        came = division_of(*(_text(before.get(name)) for name in _NAMES))
        is_stale = now is not None and now == came
    else:
        is_stale = now is None or not in_region(now, named)
    return Said(last.customer, DIVISION, named, last.at, last.source, last.event_id, last.origin) if is_stale else None


def _text(value: Value) -> str | None:
    return value if isinstance(value, str) else None
