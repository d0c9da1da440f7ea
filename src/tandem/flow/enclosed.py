"""Branches are closed: what a run of a run does ends in it. Pure: a walk over the blocks of a drawn flow.

A branch that led into the way of the run itself would do there twice what should be done once; one that left the flow would leave it alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from tandem.catalog.label import Label
from tandem.flow.node import Finding, NodeKind, Role
from tandem.flow.scopes import behind

JOIN: Final = "flow.join"


@dataclass(frozen=True, slots=True)
class Block:
    """A block as this check sees it."""

    id: str
    kind: NodeKind[Any]
    ports: tuple[str, ...]


def findings(blocks: Sequence[Block], leads: Mapping[str, Sequence[str | None]]) -> Iterator[tuple[str, Finding]]:
    """What is wrong with the branches of a flow, each with the block it concerns."""
    kinds = {one.id: one.kind for one in blocks}
    own = {one.id: _targets(one, leads, own=True) for one in blocks}
    top = frozenset[str]().union(*(behind(own, one.id) for one in blocks if one.kind.role is Role.START))
    branches = {
        (one.id, target): behind(own, target)
        for one in blocks
        if one.kind.branches
        for target in _targets(one, leads, own=False)
    }
    wrong: set[str] = set()
    for (caller, _), region in branches.items():
        around = [top, *branches.values()]
        for name in sorted(region & kinds.keys() - wrong):
            joins = kinds[name].kind == JOIN
            if not joins and any(caller in other and name in other for other in around if other is not region):
                wrong.add(name)
                yield name, _ESCAPES
            elif not joins and kinds[name].role is Role.END:
                wrong.add(name)
                yield name, _LEAVES
    for name in sorted(top & kinds.keys()):
        if kinds[name].kind == JOIN:
            yield name, _LONELY


def _targets(block: Block, leads: Mapping[str, Sequence[str | None]], *, own: bool) -> tuple[str, ...]:
    """Where a block's own ports lead, or those of its branches."""
    pairs = zip(block.ports, leads.get(block.id, ()), strict=False)
    return tuple(
        target
        for port, target in pairs
        if target is not None and (not block.kind.branches or port in block.kind.own_ports) is own
    )


_ESCAPES: Final = Finding(
    "branch_escapes",
    Label("分支走到了分支之外，这里会执行多次", "A branch leads out to here: this would be done several times"),
    Label(
        "请让分支在“分支会合”结束，后续从“全部完成”出口继续",
        "End the branch in 'join', and go on from the port for when all are done",
    ),
)
_LEAVES: Final = Finding(
    "branch_leaves",
    Label("分支中不能直接离开流程或达成目标", "A branch cannot leave the flow or reach its goal by itself"),
    Label("请改用“分支会合”，在全部完成之后再离开", "Use 'join' here, and leave after all branches are done"),
)
_LONELY: Final = Finding(
    "join_outside",
    Label("“分支会合”不在任何分支中", "This join is in no branch"),
    Label("请改用“离开流程”，或把它放进并行分支", "Use 'exit' instead, or put it into a branch"),
)
