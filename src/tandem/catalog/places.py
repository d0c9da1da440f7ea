"""Where in the builder's JSON a place in the text is, so that a problem can be marked on the form that it concerns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tandem.catalog import syntax as s
from tandem.catalog.problems import Span

Path = tuple[str | int, ...]

# Attribute names of the syntax tree that hold nodes; the builder's JSON has the same keys.
_ONE: Final = ("item", "left", "right", "value", "low", "high", "choices", "where")
_MANY: Final = ("items", "args")


def path_at(tree: s.Node, span: Span) -> Path:
    """Return the keys that lead from the root of `to_json(tree)` to the smallest node that covers a span of the tree's text."""
    path: Path = ()
    node = tree
    while (step := _towards(node, span)) is not None:
        key, node = step
        path += key
    return path


def _towards(node: s.Node, span: Span) -> tuple[Path, s.Node] | None:
    for key, child in _children(node):
        if child.span.start <= span.start and span.end <= child.span.end:
            return key, child
    return None


def _children(node: s.Node) -> list[tuple[Path, s.Node]]:
    found: list[tuple[Path, s.Node]] = []
    for name in _ONE:
        child = getattr(node, name, None)
        if isinstance(child, s.Node):
            found.append(((name,), child))
    for name in _MANY:
        children: Sequence[s.Node] = getattr(node, name, ())
        found += [((name, position), child) for position, child in enumerate(children)]
    return found
