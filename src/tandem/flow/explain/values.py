"""The values behind decisions as somebody may see them: what a class of data hides is said to be hidden, never shown."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from tandem.access.privacy import Privacy
from tandem.catalog import Catalog
from tandem.flow.scopes import ITEM
from tandem.stream.segment.explain import Part

HIDDEN: Final = "***"
_PATH: Final = re.compile(r"[^\W\d]\w*(?:\s*\.\s*[^\W\d]\w*)*")


def shown(facts: Mapping[str, Any] | None, catalog: Catalog, privacy: frozenset[Privacy]) -> dict[str, Any] | None:
    """What a step was decided from, without the values of fields that the reader may not see."""
    if facts is None:
        return None
    hidden = hidden_fields(catalog, privacy)
    return {name: HIDDEN if _names(name, hidden) else value for name, value in facts.items()}


def hidden_fields(catalog: Catalog, privacy: frozenset[Privacy]) -> frozenset[str]:
    """The fields that these classes of data leave out, as expressions write them: `customer.birthday`, `attributes.text`, `item.text`,
    `event.comment`. Which type of event is meant is not known here, so a name counts that any type hides.
    """
    hidden: set[str] = set()
    for owners, fields in (
        *(((entity.name,), entity.fields) for entity in catalog.entities.values()),
        *(((relation.name, ITEM), relation.fields) for relation in catalog.relations.values()),
        *((("event",), event.fields) for event in catalog.event_types.values()),
    ):
        hidden |= {f"{owner}.{field.name}" for owner in owners for field in fields if field.privacy not in privacy}
    return frozenset(hidden)


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
    """Whether an expression uses one of the fields. Within an aggregate a row's field stands without its owner
    (`count(attributes where text = 'x')`); a word inside a quotation counts too: rather hidden once too often.
    """
    paths = {re.sub(r"\s", "", found) for found in _PATH.findall(text)}
    owners = {path.partition(".")[0] for path in paths}
    return any(name in paths or {*name.split(".")} <= owners for name in hidden)
