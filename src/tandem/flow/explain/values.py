"""The values behind decisions as somebody may see them: what a class of data hides is said to be hidden, never shown."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import Any, Final

from tandem.flow.closed import Closed, closed_to, hidden_fields, names
from tandem.flow.shapes import StepOut
from tandem.stream.segment.explain import Part

__all__ = ["HIDDEN", "Closed", "close", "closed_to", "hidden_fields", "is_closed", "part_out"]

HIDDEN: Final = "***"


def close(step: StepOut, closed: Closed, *, ways: int) -> None:
    """Take from a step the values that its reader may not see. The way by which a closed block was left is not named here either, which
    keeps no secret: the step after it stands in the branch it led to (decision 93).
    """
    if step.facts is not None:
        is_asking = step.block in closed.blocks
        step.facts = {
            name: HIDDEN if is_asking or names(name, closed.fields) else value for name, value in step.facts.items()
        }
    if ways > 1 and step.block in closed.blocks:
        step.port, step.port_label = None, None


def is_closed(part: Part | None, hidden: AbstractSet[str]) -> bool:
    """Whether a judged condition asks about what its reader may not see."""
    return part is not None and (names(part.text, hidden) or any(is_closed(one, hidden) for one in part.parts))


def part_out(part: Part, hidden: frozenset[str]) -> dict[str, Any]:
    """A judged condition as routes answer it. Whether one held that asks about a hidden field is hidden like its value."""
    return {
        "kind": part.kind,
        "text": part.text,
        "plain": None if part.plain is None else part.plain.json(),
        "holds": None if is_closed(part, hidden) else part.holds,
        "values": [
            {
                "text": one.text,
                "plain": None if one.plain is None else one.plain.json(),
                "value": HIDDEN if names(one.text, hidden) else one.value,
            }
            for one in part.values
        ],
        "parts": [part_out(one, hidden) for one in part.parts],
    }
