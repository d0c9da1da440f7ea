"""What expressions inside a flow may name beside customer and event: values the run keeps (`run`), the thing it is about (`item`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final, Literal

from tandem.catalog import Catalog, EventType, Field, Scope
from tandem.catalog.label import Label
from tandem.catalog.value_types import BOOL, DATE, NUMBER, TEXT, TIMESTAMP, Type
from tandem.flow.subjects import has_customer

ValueType = Literal["text", "number", "bool", "date", "timestamp"]
TYPES: Final[Mapping[str, Type]] = {"text": TEXT, "number": NUMBER, "bool": BOOL, "date": DATE, "timestamp": TIMESTAMP}

RUN: Final = "run"
ITEM: Final = "item"
#: Where the values of these roots stand in the row `r` of a run, as joins that bring a payload in.
JOINS: Final = {
    "event": "cross join lateral (select r.vars -> 'event' as payload) run_event",
    RUN: "cross join lateral (select r.vars -> 'memory' as payload) run_memory",
    ITEM: "cross join lateral (select r.vars -> 'item' as payload) run_item",
}
ALIASES: Final = {"event": "run_event.payload", RUN: "run_memory.payload", ITEM: "run_item.payload"}


@dataclass(frozen=True, slots=True)
class Scoping:
    """What holds in one version of a flow. `items`: block -> relation whose rows the runs there are about.

    `event_type`: of the event by which all runs start, if there is just one; `events`: block -> the one type of the starts that lead
    there, None where they differ.
    """

    event_type: str | None = None
    subject: str = "customer"
    memory: Mapping[str, str] = field(default_factory=dict[str, str])
    items: Mapping[str, str] = field(default_factory=dict[str, str])
    events: Mapping[str, str | None] = field(default_factory=dict[str, "str | None"])

    def event_at(self, block: str) -> str | None:
        """The type of the event that brought a run to a block; where no start leads to it yet, the one that all starts agree on."""
        return self.events.get(block, self.event_type)

    def scope(self, catalog: Catalog, block: str = "", event_type: str | None = None) -> Scope:
        """The scope of an expression at a block; `event_type` where the block itself waits for one."""
        named = event_type or self.event_at(block)
        roots = dict(roots_of(catalog, self.subject))
        if named is not None and named in catalog.event_types:
            roots["event"] = named
        scope = Scope(
            catalog, MappingProxyType({name: catalog.root(of) for name, of in roots.items()}), catalog.privacy
        )
        more: dict[str, EventType] = {}
        if self.memory:
            kept = tuple(Field(name, TYPES[kind], Label(name, name)) for name, kind in sorted(self.memory.items()))
            more[RUN] = EventType("run.memory", Label("流程中记住的值", "Values kept by the run"), kept)
        item = item_of(catalog, self.items.get(block, ""))
        if item is not None:
            more[ITEM] = item
        return Scope(catalog, MappingProxyType({**scope.roots, **more}), scope.privacy) if more else scope


def roots_of(catalog: Catalog, subject: str) -> Mapping[str, str]:
    """Root -> what it stands for in a flow about `subject`: the thing by its own name, and the customer where it can have one."""
    found = {} if subject == "customer" else {subject: subject}
    return {"customer": "customer", **found} if has_customer(catalog, subject) else found


def expected(returns: str) -> str | None:
    """The type that an expression must have: any, or the one named."""
    return None if returns == "any" else returns


def item_of(catalog: Catalog, relation_name: str) -> EventType | None:
    """A row of a related set as a branch reads it; None where there is no such set."""
    relation = catalog.relations.get(relation_name)
    return None if relation is None else EventType(f"item.{relation.name}", relation.label, readable(relation.fields))


def readable(fields: Iterable[Field]) -> tuple[Field, ...]:
    """The fields of a related thing that a run may carry: plain values that are not sealed."""
    return tuple(
        Field(one.name, one.type, one.label, unit=one.unit, privacy=one.privacy, options=one.options)
        for one in fields
        if not one.encrypted and one.type in TYPES.values()
    )


def scoping_of(
    blocks: Iterable[tuple[str, Any, Any]],
    leads: Mapping[str, Sequence[str | None]],
    subject: str = "customer",
) -> Scoping:
    """Read it off a flow's blocks (id, kind, configuration) and where their ports lead."""
    blocks = list(blocks)
    memory: dict[str, str] = {}
    items: dict[str, str] = {}
    regions: list[tuple[int, str, frozenset[str]]] = []
    for name, kind, config in blocks:
        memory |= kind.remembers(config)
        relation = kind.each_of(config)
        if relation is not None and leads.get(name):
            inside = behind(leads, leads[name][0])
            regions.append((len(inside), relation, inside))
    # The narrowest wins: what an inner block is about stands for what an outer one is.
    for _, relation, inside in sorted(regions, key=lambda one: -one[0]):
        items |= dict.fromkeys(inside, relation)
    starts = {name: _types_of(kind, config) for name, kind, config in blocks if kind.role.value == "start"}
    coming: dict[str, set[str | None]] = {}
    for name, types in starts.items():
        for block in behind(leads, name):
            coming.setdefault(block, set()).update(types)
    events = {block: _only(types) for block, types in coming.items()}
    every: set[str | None] = {one for types in starts.values() for one in types}
    return Scoping(_only(every), subject, memory, items, events)


def _types_of(kind: Any, config: Any) -> set[str | None]:
    """The types of event by which a start lets runs in; None among them: by no event."""
    trigger = kind.trigger(config)
    return set(trigger.types) if trigger else {None}


def _only(types: set[str | None]) -> str | None:
    return next(iter(types)) if len(types) == 1 else None


def behind(leads: Mapping[str, Sequence[str | None]], first: str | None) -> frozenset[str]:
    """A block and all that can be reached from it."""
    found: set[str] = set()
    pending = [first]
    while pending:
        name = pending.pop()
        if name is not None and name not in found:
            found.add(name)
            pending += leads.get(name, ())
    return frozenset(found)
