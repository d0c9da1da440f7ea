"""A row of a file, with its number."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from tandem.stream.imports.fields import Mapping


@dataclass(frozen=True, slots=True)
class Line:
    """A row with its number in the file."""

    number: int
    cells: list[str]

    def get(self, mapping: Mapping, field: str) -> str:
        """The field's text, in ordinary digits and letters; empty where the file has none."""
        column = mapping.get(field)
        if column is None or column >= len(self.cells):
            return ""
        text = self.cells[column].strip()
        # A leading apostrophe is how spreadsheets (and we) keep text from being a formula.
        return text.removeprefix("'") if text.isascii() else unicodedata.normalize("NFKC", text).strip()
