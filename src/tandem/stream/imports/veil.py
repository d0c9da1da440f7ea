"""Cells and reasons of a file for somebody who may not see every class of data: a file's people are not customers yet, but people."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from tandem.access.privacy import PERSONAL, may_see
from tandem.access.shapes import Label
from tandem.kernel.errors import Forbidden
from tandem.stream.fields import CLASSES
from tandem.stream.imports.records import PERSON_KINDS

HIDDEN: Final = "•••"
CLASSED: Final = frozenset({*CLASSES, *PERSON_KINDS, "address"})
"""Fields of a file that say who somebody is."""
_QUOTED: Final = re.compile("“[^”]*”|'[^']*'|\"[^\"]*\"")


@dataclass(frozen=True, slots=True)
class Veil:
    """What of a file is shown. `plain` are the columns that anybody may see, None where everything may be seen."""

    plain: frozenset[int] | None

    @staticmethod
    def over(mapping: Mapping[str, int]) -> Veil:
        """The veil for whoever asks. A column that nobody has mapped may hold anything, so it is closed too."""
        if may_see("personal"):
            return Veil(None)
        classed = {column for field, column in mapping.items() if field in CLASSED}
        return Veil(frozenset(mapping.values()) - classed)

    def cells(self, cells: Sequence[str]) -> list[str]:
        """A row: what is closed is shown as filled or empty, and no more."""
        if self.plain is None:
            return list(cells)
        return [cell if at in self.plain or not cell.strip() else HIDDEN for at, cell in enumerate(cells)]

    def closes(self, column: int) -> bool:
        """Whether a column is closed."""
        return self.plain is not None and column not in self.plain

    def words(self, zh: str, en: str) -> Label:
        """A reason; where cells are closed, without the values it quotes."""
        if self.plain is None:
            return Label(zh=zh, en=en)
        return Label(zh=_QUOTED.sub(HIDDEN, zh), en=_QUOTED.sub(HIDDEN, en))


def require_personal() -> None:
    """Raise Forbidden for whoever may not see personal data: for what cannot be masked and still be of use."""
    if not may_see("personal"):
        raise Forbidden(
            "forbidden",
            f"这里有个人信息的原文，您没有查看权限（{PERSONAL}）。",
            f"This holds personal data in the clear, which you may not see ({PERSONAL}).",
        )
