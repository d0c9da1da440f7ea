"""A list that is exported page by page: what is asked of it and what it answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from tandem.domains.exports.writers import Cell

PAGE_ROWS: Final = 1000


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of a list, and where the next begin; None at the end."""

    rows: list[Sequence[Cell]]
    following: Any


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows: narrowed by filters, after the last one read; `plain` with personal data whole."""

    filters: Mapping[str, str]
    after: Any = None
    plain: bool = False
