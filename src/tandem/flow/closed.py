"""What a drawing makes of fields that not everybody may see: read off its expressions, value by value."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any, Final, cast

from tandem.access.privacy import Privacy
from tandem.catalog import Catalog
from tandem.flow.scopes import ITEM, RUN

_FROM_ELSEWHERE: Final = frozenset({"flow.call", "start.flow"})
"""What these remember was made in another drawing, from who knows what: whoever may not see everything does not see it."""
_PATH: Final = re.compile(r"[^\W\d]\w*(?:\s*\.\s*[^\W\d]\w*)*")


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


@dataclass(frozen=True, slots=True)
class Closed:
    """What a drawing keeps from a reader: `fields` as expressions write them, what its runs remember of them (`run.x`) among them,
    and the `blocks` that ask about any of these.
    """

    fields: frozenset[str]
    blocks: frozenset[str]


def closed_to(
    privacy: frozenset[Privacy], catalog: Catalog, blocks: Iterable[Mapping[str, Any]], *, elsewhere: bool = True
) -> Closed:
    """What is closed to somebody with these classes of data. A value has the class of whatever it was made from.

    `elsewhere`: what other drawings made of who knows what is closed, too.
    """
    fields = set(hidden_fields(catalog, privacy))
    told = [(str(block["id"]), block) for block in blocks]
    if not fields:
        return Closed(frozenset(), frozenset())
    kept = [one for _, block in told for one in _kept(block)]
    if elsewhere:
        others = (block for _, block in told if block.get("kind") in _FROM_ELSEWHERE)
        fields |= {f"{RUN}.{name}" for block in others for name, _ in _kept(block)}
    while more := {f"{RUN}.{name}" for name, texts in kept if _name_any(texts, fields)} - fields:
        fields |= more
    asking = frozenset(name for name, block in told if _name_any(_texts(block.get("config")), fields))
    return Closed(frozenset(fields), asking)


def personal_memory(catalog: Catalog, blocks: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """The values that runs of a drawing remember (`run.x`) of which it shows that they were made from what is not plain."""
    closed = closed_to(frozenset({"plain"}), catalog, blocks, elsewhere=False)
    return frozenset(name for name in closed.fields if name.startswith(f"{RUN}."))


def _kept(block: Mapping[str, Any]) -> Iterator[tuple[str, list[str]]]:
    """What a block may remember: the names, each with the expressions beside it."""
    for one in _objects(block.get("config")):
        if isinstance(name := one.get("name"), str):
            yield name, [text for key, value in one.items() if key != "name" for text in _texts(value)]


def _objects(value: object) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, Mapping):
        yield cast("Mapping[str, Any]", value)
        for one in cast("Mapping[str, Any]", value).values():
            yield from _objects(one)
    elif isinstance(value, list):
        for one in cast("list[object]", value):
            yield from _objects(one)


def _texts(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, Mapping):
        return [text for one in cast("Mapping[str, Any]", value).values() for text in _texts(one)]
    return [text for one in cast("list[object]", value) for text in _texts(one)] if isinstance(value, list) else []


def _name_any(texts: Iterable[str], fields: AbstractSet[str]) -> bool:
    return any(names(text, fields) for text in texts)


def names(text: str, hidden: AbstractSet[str]) -> bool:
    """Whether an expression uses one of the fields. Within an aggregate a row's field stands without its owner
    (`count(attributes where text = 'x')`); a word inside a quotation counts too: rather hidden once too often.
    """
    paths = {re.sub(r"\s", "", found) for found in _PATH.findall(text)}
    owners = {path.partition(".")[0] for path in paths}
    return any(name in paths or {*name.split(".")} <= owners for name in hidden)
