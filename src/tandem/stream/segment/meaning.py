"""What a segment's expression comes to in SQL, and what it reads."""

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from tandem.catalog.model import Catalog

ALIAS: Final = "c"


@dataclass(frozen=True, slots=True)
class Fragment:
    """SQL over the customer alias, with its bound values by name."""

    text: str
    bound: tuple[tuple[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Meaning:
    """A compiled version: whether a customer is inside, when that may next change by itself, and what it depends on."""

    inside: Fragment
    due: Fragment | None
    event_types: frozenset[str]
    tags: frozenset[str]
    segments: frozenset[UUID]


def meaning_of(catalog: Catalog, tree: dict[str, Any]) -> Meaning:
    raise NotImplementedError


def renamed(fragment: Fragment, prefix: str) -> tuple[str, dict[str, Any]]:
    raise NotImplementedError
