"""What a step decided from, called as the catalogue calls it: `event.total` is "应付金额 | Total" to whoever reads of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from tandem.catalog import Catalog, ExpressionError, check, describe
from tandem.catalog.label import Label
from tandem.flow.module import KindRegistry
from tandem.flow.plan import config_of, target_of
from tandem.flow.scopes import Scoping, scoping_of
from tandem.kernel.errors import TandemError

#: A block's own words (`reason`, `points`) are named where they are shown.
_PLAIN: Final = re.compile(r"[A-Za-z_]\w*")


class FactNames:
    """Names the facts of a drawing's steps."""

    def __init__(self, catalog: Catalog, graph: Mapping[str, Any], kinds: KindRegistry) -> None:
        self._catalog = catalog
        self._scoping = _scoping(graph, kinds)
        # What a block has waited for is a second event that its facts may be of.
        configs: list[dict[str, Any]] = [block.get("config") or {} for block in graph.get("blocks", ())]
        types = (one.get("event_type") for one in configs)
        self._waited = list(dict.fromkeys(one for one in types if isinstance(one, str)))
        self._known: dict[tuple[str, str], Label | None] = {}

    def of(self, block: str, facts: Mapping[str, Any] | None) -> dict[str, Label]:
        """The names of those facts that are expressions; the others are words of their own."""
        found: dict[str, Label] = {}
        for name in facts or ():
            if not _PLAIN.fullmatch(name) and (label := self._named(block, name)) is not None:
                found[name] = label
        return found

    def _named(self, block: str, text: str) -> Label | None:
        key = (block, text)
        if key not in self._known:
            scopes = (self._scoping.scope(self._catalog, block, one) for one in (None, *self._waited))
            self._known[key] = next((label for scope in scopes if (label := _said(text, scope)) is not None), None)
        return self._known[key]


def _said(text: str, scope: Any) -> Label | None:
    """An expression in plain words; None for one that does not fit here any more."""
    try:
        return describe(check(text, scope, None))
    except ExpressionError:
        return None


def _scoping(graph: Mapping[str, Any], kinds: KindRegistry) -> Scoping:
    """What holds in a drawing, as far as its blocks can be read."""
    arrows = {(one["from"], one["port"]): one["to"] for one in graph.get("arrows", ())}
    blocks: list[tuple[str, Any, Any]] = []
    leads: dict[str, tuple[str | None, ...]] = {}
    for block in graph.get("blocks", ()):
        kind = kinds.get(block["kind"], block.get("version", 1))
        if kind is None:
            continue
        try:
            config = config_of(kind, block.get("config", {}))
        except TandemError:
            continue
        blocks.append((block["id"], kind, config))
        leads[block["id"]] = tuple(target_of(arrows, block["id"], port) for port in kind.ports(config))
    return scoping_of(blocks, leads, graph.get("settings", {}).get("subject") or "customer")
