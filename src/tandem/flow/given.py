"""What a block writes about must have come about on every way that leads to it: a message names a coupon only after one was issued.

Pure but for the kinds' own questions. Nothing a run got is ever taken from it again, so a run lacks an object at a block exactly when some
way from a start to the block leaves no block by a port that gives the object. Such a way is looked for, and shown.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tandem.catalog.label import Label
from tandem.flow.node import Finding


@dataclass(frozen=True, slots=True)
class Passed:
    """A block as this check sees it. `ports`: name, where it leads, what it gives, how people call it."""

    called: Label
    is_start: bool
    asks: Mapping[str, str]
    ports: tuple[tuple[str, str | None, frozenset[str], Label], ...]


Way = list[tuple[str, Label]]
"""Blocks passed and the port taken at each, from a start on."""


def way_without(blocks: Mapping[str, Passed], wanted: str, to: str) -> Way | None:
    """The shortest way from a start to a block on which nothing gives `wanted`; None when every way has it."""
    starts = [name for name, block in blocks.items() if block.is_start]
    ways: dict[str, Way] = {name: [] for name in starts}
    pending = deque(starts)
    while pending:
        name = pending.popleft()
        if name == to:
            return ways[name]
        for _, target, gives, called in blocks[name].ports:
            if target is not None and target in blocks and target not in ways and wanted not in gives:
                ways[target] = [*ways[name], (name, called)]
                pending.append(target)
    return None


def lacking(blocks: Mapping[str, Passed]) -> Iterator[tuple[str, Finding]]:
    """For every block and object it asks for: the finding of a way on which a run comes without."""
    givers = {
        gift: (block.called, called)
        for block in blocks.values()
        for _, _, gives, called in block.ports
        for gift in gives
    }
    for name, block in blocks.items():
        for wanted, asked in block.asks.items():
            way = way_without(blocks, wanted, name)
            if way is not None:
                yield name, _finding(blocks, way, wanted, asked, givers)


def _finding(
    blocks: Mapping[str, Passed], way: Way, wanted: str, asked: str, givers: Mapping[str, tuple[Label, Label]]
) -> Finding:
    shown_zh = " → ".join(f"{blocks[one].called.zh}（{port.zh}）" for one, port in way)
    shown_en = " → ".join(f"{blocks[one].called.en} ({port.en})" for one, port in way)
    inner = asked.strip("{}")
    fallback = f"{{{{{inner}|…}}}}"
    first_zh, first_en = "请让这条路先经过", "Lead this way through"
    if wanted in givers:
        giver, port = givers[wanted]
        first_zh += f"“{giver.zh}”的“{port.zh}”"
        first_en += f" '{port.en}' of '{giver.en}' first"
    else:
        first_zh += "能提供它的环节（如发放优惠券）"
        first_en += " a block that provides it first (such as issuing a coupon)"
    return Finding(
        "placeholder_not_given",
        Label(
            f"经 {shown_zh} 走来的客户没有 {asked} 的内容，消息写不出来",
            f"Customers who come by {shown_en} have no value for {asked}, so the message cannot be written",
        ),
        Label(
            f"{first_zh}；或换用不含它的消息；或在模板中写明没有时的说法：{fallback}",
            f"{first_en}; or choose a message without it; or say in the template what to write instead: {fallback}",
        ),
        "template",
    )
