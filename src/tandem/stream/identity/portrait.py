"""What is known of a person beside identifiers, and whether it speaks for or against two being one. Pure.

Guards on values alone stop disasters and not households (measured on the population of `bench/_population.py`): name, birthday and
gender have to be asked before a phone or an e-mail joins.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final, NamedTuple

import msgspec

KNOWN_GENDERS: Final = frozenset({"male", "female"})
DEFAULT_BIRTHDAYS: Final = ("-01-01", "1900-", "1970-")
"""What forms fill in by themselves: such a birthday is nobody's."""


class Portrait(msgspec.Struct, frozen=True, gc=False):
    """What one record said of a person. Names are keyed hashes; `surname` is None where the name is no real one."""

    name: bytes | None = None
    surname: bytes | None = None
    gender: str | None = None
    birthday: str | None = None
    city: str | None = None
    district: str | None = None
    at: datetime | None = None

    @property
    def says_nothing(self) -> bool:
        """Whether it could neither agree with nor contradict anything."""
        return self.name is None and self.gender not in KNOWN_GENDERS and self.birthday is None


class Opinion(NamedTuple):
    """`weight` above 0 speaks for one person, below 0 against; `why` names what decided it: name, surname, birthday, gender."""

    weight: int
    why: str


_NEVER: Final = datetime.min.replace(tzinfo=UTC)
SILENT: Final = Opinion(0, "")


def compare(one: Sequence[Portrait], other: Sequence[Portrait]) -> Opinion:
    """Whether what two were said to be agrees. A real name outweighs a birthday, and that a gender: typing errors fall in that order."""
    if not one or not other:
        return SILENT
    names, their_names = _said(one, "name"), _said(other, "name")
    if names & their_names:
        return Opinion(2, "name")
    surnames, their_surnames = _said(one, "surname"), _said(other, "surname")
    if surnames and their_surnames:
        return Opinion(-2, "name" if surnames & their_surnames else "surname")
    days, their_days = _birthdays(one), _birthdays(other)
    if days and their_days:
        return Opinion(1, "birthday") if days & their_days else Opinion(-1, "birthday")
    genders, their_genders = _said(one, "gender") & KNOWN_GENDERS, _said(other, "gender") & KNOWN_GENDERS
    if genders and their_genders and not genders & their_genders:
        return Opinion(-1, "gender")
    return SILENT


def _said(portraits: Sequence[Portrait], what: str) -> set[object]:
    return {value for one in portraits if (value := getattr(one, what)) is not None}


def _birthdays(portraits: Sequence[Portrait]) -> set[str]:
    return {
        one.birthday
        for one in portraits
        if one.birthday is not None and not any(default in one.birthday for default in DEFAULT_BIRTHDAYS)
    }


def last_said(portraits: Sequence[Portrait]) -> datetime | None:
    """When anything of this was said last."""
    return max((one.at for one in portraits if one.at is not None), default=None)


def latest(portraits: Sequence[Portrait]) -> dict[str, str | None]:
    """What was said last of each thing, for comparing people; a nickname is no name there, a form's default no birthday."""
    told = sorted(portraits, key=lambda one: one.at or _NEVER)
    fields: dict[str, str | None] = dict.fromkeys(("name", "surname", "gender", "birthday", "city", "district"))
    for one in told:
        if one.surname is not None and one.name is not None:
            fields |= {"name": one.name.hex(), "surname": one.surname.hex()}
        if one.gender in KNOWN_GENDERS:
            fields["gender"] = one.gender
        if _birthdays([one]):
            fields["birthday"] = one.birthday
        if one.city is not None:
            fields |= {"city": one.city, "district": None if one.district is None else f"{one.city} {one.district}"}
    return fields
