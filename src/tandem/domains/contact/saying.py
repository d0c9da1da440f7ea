"""Which welcome a new friend hears, and in which words. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from tandem.domains.contact.choosing import MINUTES_OF_DAY, Hours, minutes

TEXT_BYTES_MAX: Final = 4000
NAMES: Final = ("客户昵称", "员工姓名", "customer.name", "adviser.name")
"""What a welcome may name: the customer as the platform calls her, and the adviser. The first two as people here write them."""
_PLACE: Final = re.compile(r"\{\{\s*([^{}|]+?)\s*(?:\|([^{}]*))?\}\}")
_CUSTOMER: Final = {"客户昵称", "customer.name"}
_EVERY_DAY: Final = frozenset(range(1, 8))


@dataclass(frozen=True, slots=True)
class Rule:
    """A welcome message as it is chosen: empty means everybody, always."""

    id: UUID
    body: str
    attachments: list[Any] = field(default_factory=list[Any])
    live_codes: list[UUID] = field(default_factory=list[UUID])
    channels: list[str] = field(default_factory=list[str])
    members: list[str] = field(default_factory=list[str])
    tags: list[str] = field(default_factory=list[str])
    days: list[int] = field(default_factory=list[int])
    from_time: str | None = None
    until_time: str | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class Arrival:
    """How somebody came. `local`: when, in the tenant's zone."""

    member: str
    live_code_id: UUID | None
    channel: str
    local: datetime


def fitting(rules: Sequence[Rule], arrival: Arrival) -> list[Rule]:
    """The rules that fit as far as it is known without asking who she is, in order; ends with the first that asks for no tag."""
    found: list[Rule] = []
    for rule in rules:
        if _fits(rule, arrival):
            found.append(rule)
            if not rule.tags:
                break
    return found


def first(candidates: Iterable[Rule], tags: frozenset[str]) -> Rule | None:
    """The first whose tags she has, all of them."""
    return next((rule for rule in candidates if set(rule.tags) <= tags), None)


def _fits(rule: Rule, arrival: Arrival) -> bool:
    if rule.live_codes and arrival.live_code_id not in rule.live_codes:
        return False
    if rule.channels and arrival.channel not in rule.channels:
        return False
    if rule.members and arrival.member not in rule.members:
        return False
    begin = 0 if rule.from_time is None else minutes(rule.from_time)
    end = MINUTES_OF_DAY if rule.until_time is None else minutes(rule.until_time)
    return Hours(frozenset(rule.days) or _EVERY_DAY, begin, end).holds(arrival.local)


def names_customer(body: str) -> bool:
    """Whether the words need the customer's name."""
    return any(name in _CUSTOMER for name, _ in _PLACE.findall(body))


def unknown_names(body: str) -> list[str]:
    """What a text names that a welcome cannot say."""
    return [name for name, _ in _PLACE.findall(body) if name not in NAMES]


def said(body: str, *, customer: str | None, adviser: str) -> str:
    """The words as they go out. What cannot be named is left to its other words (`{{客户昵称|朋友}}`), else out. At most 4,000 bytes."""

    def value(match: re.Match[str]) -> str:
        known = customer if match[1] in _CUSTOMER else adviser
        return known or (match[2] or "").strip()

    text = _PLACE.sub(value, body)
    return text.encode()[:TEXT_BYTES_MAX].decode(errors="ignore")
