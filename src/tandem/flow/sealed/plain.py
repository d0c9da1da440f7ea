"""Credentials that stand in a drawing in the clear: found by the check, blanked wherever the drawing is kept or leaves the house."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, cast
from urllib.parse import parse_qsl, urlsplit

from tandem.flow.graph import Graph

#: Names under which credentials are sent.
_SECRET: Final = re.compile(
    r"((proxy-)?authorization|cookie|(.*[-_.])?(api|access|app|client)?[-_.]?(key|token|secret|signature|password|passwd|pwd))\Z",
    re.IGNORECASE,
)
_LITERAL: Final = re.compile(r"\s*('[^']*'|\"[^\"]*\")\s*\Z")
_PAIR: Final = re.compile(r"([?&])([^=&#]+)=([^&#]*)")
_KIND: Final = "integrate.http"


def is_credential(name: str) -> bool:
    """Do people send credentials under this name?"""
    return _SECRET.match(name) is not None


def is_literal(expression: str) -> bool:
    """Is it a text written out, the same for everybody?"""
    return _LITERAL.match(expression) is not None


def plain_in(url: str) -> list[str]:
    """The parameters of an address that hold a credential in the clear."""
    try:
        pairs = parse_qsl(urlsplit(url).query, keep_blank_values=False)
    except ValueError:
        return []
    return [name for name, value in pairs if is_credential(name) and "{secret." not in value]


def blanked(graph: Graph, *, bodies: bool = False) -> Graph:
    """The drawing without credentials in the clear; names of sealed ones stay. The same object where there are none.

    Headers and addresses, where the check refuses them; with `bodies` also texts in the body that look like one, of which it only warns.
    """
    changed = {block.id: _without(block.config, bodies=bodies) for block in graph.blocks if block.kind == _KIND}
    if all(changed[block.id] == block.config for block in graph.blocks if block.kind == _KIND):
        return graph
    blocks = tuple(
        block.model_copy(update={"config": changed[block.id]}) if block.id in changed else block
        for block in graph.blocks
    )
    return graph.model_copy(update={"blocks": blocks})


def _without(config: Mapping[str, Any], *, bodies: bool) -> dict[str, Any]:
    """A call's configuration, which may be half written and of any shape."""
    found = dict(config)
    url = found.get("url")
    if isinstance(url, str) and plain_in(url):
        found["url"] = _PAIR.sub(_emptied, url)
    for part in ("headers", "body") if bodies else ("headers",):
        rows = found.get(part)
        if isinstance(rows, list | tuple):
            found[part] = [_row(one, part) for one in cast("list[Any]", rows)]
    return found


def _emptied(pair: re.Match[str]) -> str:
    if is_credential(pair[2]) and "{secret." not in pair[3]:
        return f"{pair[1]}{pair[2]}="
    return pair[0]


def _row(one: Any, part: str) -> Any:
    if not isinstance(one, dict):
        return one
    row = cast("dict[str, Any]", one)
    name, value = row.get("name"), row.get("value")
    if row.get("secret") or not isinstance(name, str) or not isinstance(value, str) or not is_credential(name):
        return row
    return {**row, "value": ""} if part == "headers" or is_literal(value) else row
