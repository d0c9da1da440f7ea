"""The values behind decisions as somebody may see them: what a class of data hides is said to be hidden, never shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from tandem.access.privacy import Privacy
from tandem.catalog import Catalog
from tandem.stream.segment.explain import Part

HIDDEN: Final = "***"


def shown(facts: Mapping[str, Any] | None, catalog: Catalog, privacy: frozenset[Privacy]) -> dict[str, Any] | None:
    """What a step was decided from, without the values of fields that the reader may not see."""
    if facts is None:
        return None
    hidden = hidden_fields(catalog, privacy)
    return {name: HIDDEN if _names(name, hidden) else value for name, value in facts.items()}


def hidden_fields(catalog: Catalog, privacy: frozenset[Privacy]) -> frozenset[str]:
    """The fields of every root (`customer.birthday`) that these classes of data leave out."""
    return frozenset(
        f"{entity.name}.{field.name}"
        for entity in catalog.entities.values()
        for field in entity.fields
        if field.privacy not in privacy
    )


def part_out(part: Part, hidden: frozenset[str]) -> dict[str, Any]:
    """A judged condition as routes answer it."""
    return {
        "kind": part.kind,
        "text": part.text,
        "holds": part.holds,
        "values": [
            {"text": one.text, "value": HIDDEN if _names(one.text, hidden) else one.value} for one in part.values
        ],
        "parts": [part_out(one, hidden) for one in part.parts],
    }


def _names(text: str, hidden: frozenset[str]) -> bool:
    return any(name in text for name in hidden)
