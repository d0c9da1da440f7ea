"""A name or a sentence in the two languages every screen speaks."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Label:
    """Chinese first, English complete."""

    zh: str
    en: str

    def json(self) -> dict[str, str]:
        return {"zh": self.zh, "en": self.en}
