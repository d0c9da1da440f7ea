"""The forest of merged customers: who is merged into whom, pure. An edge goes from a merged customer to its survivor."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple
from uuid import UUID


class Edge(NamedTuple):
    """A merge that stands: `seq` is its place in time."""

    merge_id: UUID
    seq: int
    survivor_id: UUID
    loser_id: UUID
    choices: Sequence[str] = ()
    """Fields of which the merged customer's value was chosen."""


class Forest:
    """Some customers with the merges that stand between them. Undoing any merge cuts one edge; no other edge changes."""

    def __init__(self, edges: Iterable[Edge]) -> None:
        self._edges = sorted(edges, key=lambda edge: edge.seq)
        self._up = {edge.loser_id: edge for edge in self._edges}

    def root(self, customer: UUID) -> UUID:
        """The living customer who stands for this one."""
        while customer in self._up:
            customer = self._up[customer].survivor_id
        return customer

    def edge(self, merge_id: UUID) -> Edge | None:
        """A standing merge by its id."""
        return next((edge for edge in self._edges if edge.merge_id == merge_id), None)

    def children(self, top: UUID) -> list[Edge]:
        """The merges straight into `top`, in the order they came."""
        return [edge for edge in self._edges if edge.survivor_id == top]

    def members(self, top: UUID) -> list[UUID]:
        """`top` and everybody merged into it, directly or not, in the order they came."""
        found = {top: None}
        order = [edge.loser_id for edge in self._edges if self._is_below(edge.loser_id, top)]
        return list(found | dict.fromkeys(order))

    def without(self, merge_id: UUID) -> Forest:
        """The forest after this merge is undone."""
        return Forest(edge for edge in self._edges if edge.merge_id != merge_id)

    def _is_below(self, customer: UUID, top: UUID) -> bool:
        while customer in self._up:
            customer = self._up[customer].survivor_id
            if customer == top:
                return True
        return False
