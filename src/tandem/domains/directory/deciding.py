"""What a directory means here: who holds which roles by the rules, what is to be changed, and when somebody must be asked. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal
from uuid import UUID

from tandem.access.permissions import covers

What = Literal["join", "move", "leave", "return"]
#: Whoever holds one of these can give others rights, or take people's data out: a rule that gives it wants a second person's word.
STRONG: Final = (
    "user.write", "role.write", "api_key.write", "settings.write", "source.write", "export.plain", "export.approve", "rights.approve",
    "archive.read", "archive.write",
)  # fmt: skip
DEPTH_MAX: Final = 32
_FILLER: Final = re.compile(r"[\s()（）\-_·.、/]|有限公司|分公司|公司|门店|分店|店铺|店|大区|区域|部门|部")


@dataclass(frozen=True, slots=True)
class Holding:
    """A role within a scope, as somebody holds it."""

    role_id: UUID
    scope: str
    org_unit_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """A department and the part of the organisation that it is, if somebody said so. `kind`: region or store."""

    id: str
    parent: str
    unit_id: UUID | None = None
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule as it is applied: only those that are in force come here."""

    id: UUID
    department: str | None
    position: str | None
    leaders_only: bool
    role_id: UUID
    scope: str


@dataclass(frozen=True, slots=True)
class Known:
    """A member with what she is here. `user_active` None: nobody here."""

    member: str
    name: str
    departments: Sequence[str]
    position: str
    leads: Sequence[str]
    state: str
    user_id: UUID | None = None
    user_active: bool | None = None
    holds: frozenset[Holding] = frozenset()
    given: frozenset[Holding] = frozenset()
    """The part of `holds` that rules gave."""
    likely: bool = False
    unlooked: bool = False
    """Who she is here was said before the directory knew her, without a look at what the rules give her."""


@dataclass(frozen=True, slots=True)
class Change:
    """What is to be done about one member; `before` and `after` are her roles."""

    member: str
    name: str
    what: What
    user_id: UUID | None
    before: frozenset[Holding] = frozenset()
    after: frozenset[Holding] = frozenset()
    why: str = ""


def is_strong(permissions: Iterable[str]) -> bool:
    """Whether a role lets its holder give rights, or take data out in the clear."""
    held = tuple(permissions)
    return any(covers(held, one) for one in STRONG)


def lineage(places: Mapping[str, Place], department: str) -> list[Place]:
    """A department and what lies above it; a circle ends where it began."""
    found: list[Place] = []
    at = places.get(department)
    while at is not None and at not in found and len(found) < DEPTH_MAX:
        found.append(at)
        at = places.get(at.parent)
    return found


def holdings(one: Known, rules: Iterable[Rule], places: Mapping[str, Place]) -> frozenset[Holding]:
    """The roles that rules give a member. A rule for `unit` gives nothing where no department of hers is a part of the organisation."""
    above = {department: lineage(places, department) for department in one.departments}
    found: set[Holding] = set()
    for rule in rules:
        if rule.position is not None and rule.position != one.position:
            continue
        for department, line in above.items():
            if rule.department is not None and rule.department not in {place.id for place in line}:
                continue
            if rule.leaders_only and department not in one.leads:
                continue
            if rule.scope != "unit":
                found.add(Holding(rule.role_id, rule.scope))
                continue
            unit = next((place for place in line if place.unit_id is not None), None)
            if unit is not None:
                found.add(Holding(rule.role_id, unit.kind, unit.unit_id))
    return frozenset(found)


def change_of(one: Known, wanted: frozenset[Holding]) -> Change | None:
    """What is to be done about a member, or None where all is as it should be."""
    if one.state != "active":
        if one.user_id is None or not one.user_active:
            return None
        return Change(one.member, one.name, "leave", one.user_id, one.holds, frozenset())
    if one.user_id is None:
        why = "likely" if one.likely else "" if wanted else "no_role"
        return Change(one.member, one.name, "join", None, frozenset(), wanted, why)
    if not one.user_active:
        return Change(one.member, one.name, "return", one.user_id, frozenset(), wanted)
    after = (one.holds - one.given) | wanted
    if after == one.holds:
        return None
    why = "bound" if one.unlooked and after - one.holds else ""
    return Change(one.member, one.name, "move", one.user_id, one.holds, after, why)


def too_many(leaving: int, managed: int, *, percent: int, least: int) -> bool:
    """Whether so many would go at once that somebody has to say that it is right: a wrong setting at the platform looks like this."""
    return leaving > least and leaving * 100 > managed * percent


def plain(name: str) -> str:
    """A department's or store's name without what people add to it or leave away."""
    return _FILLER.sub("", name).lower()


def alike(name: str, units: Collection[tuple[UUID, str]]) -> UUID | None:
    """The one region or store that a department is called like; None for none, and for several."""
    wanted = plain(name)
    same = [unit for unit, called in units if plain(called) == wanted] if wanted else []
    return same[0] if len(same) == 1 else None
