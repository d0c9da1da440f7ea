"""Expressions inside flows: which scope holds at a block, and how they are printed beside the row `r` of a run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import cast
from uuid import UUID

from tandem.catalog import Catalog, Checked, Entity, Scope, check, compile_sql
from tandem.catalog import typed as t
from tandem.flow.node import Expression
from tandem.flow.plan import Plan, PlannedBlock

#: Columns of the run that hold what started it: {"event": {payload}, "event_type": name}.
EVENT_JOIN = "cross join lateral (select r.vars -> 'event' as payload) run_event"


def customer_join(catalog: Catalog) -> str:
    """The join that brings the customer of the row `r` in, as alias `c`."""
    table = cast("Entity", catalog.root("customer")).table
    return f"left join {table} c on c.bucket = r.bucket and c.id = r.customer_id and c.tenant_id = %(tenant)s"


def scope_of(catalog: Catalog, event_type: str | None) -> Scope:
    """The scope of expressions in a flow: the customer, and the event where one is known."""
    if event_type is not None and event_type in catalog.event_types:
        return catalog.scope(customer="customer", event=event_type)
    return catalog.scope(customer="customer")


def entry_event_type(plan_blocks: Mapping[str, PlannedBlock]) -> str | None:
    """The type of the event that started a run, when all starts of the flow agree on one; else `event` is not readable inside."""
    types: set[str | None] = set()
    for block in plan_blocks.values():
        trigger = block.kind.trigger(block.config) if block.role.value == "start" else None
        if block.role.value == "start":
            types |= set(trigger.types) if trigger else {None}
    return types.pop() if len(types) == 1 else None


def printed(
    checked: Checked, catalog: Catalog, *, prefix: str, zone: str, event_alias: str, event_join: str = ""
) -> Expression:
    """Print a checked expression for a statement whose run or event row is `r`."""
    alias = {"customer": "c", "event": event_alias}
    compiled = compile_sql(checked, alias=alias, prefix=prefix, zone=zone)
    params = dict(compiled.params)
    reads: dict[str, str] = {}
    roots: set[str] = set()
    for number, node in enumerate(_reads(checked.typed)):
        roots.add(_root(node))
        part = compile_sql(
            replace(checked, typed=node), alias=alias, prefix=f"{prefix}r{number}_", zone=zone, use="value"
        )
        params |= part.params
        reads[_text(checked, node)] = part.sql
    roots |= {node.root for node in t.walk(checked.typed) if isinstance(node, t.RootField | t.Whole)}
    joins = [customer_join(catalog)] if roots - {"event"} else []
    if "event" in roots and event_join:
        joins.append(event_join)
    return Expression(compiled.sql, tuple(joins), params, reads)


@dataclass(frozen=True, slots=True)
class BlockContext:
    """The `CompileContext` of one block."""

    catalog: Catalog
    plan: Plan
    planned: PlannedBlock

    @property
    def block(self) -> str:
        return self.planned.id

    @property
    def block_number(self) -> int:
        return self.planned.number

    @property
    def flow_id(self) -> UUID:
        return self.plan.flow_id

    @property
    def version_id(self) -> UUID:
        return self.plan.version_id

    @property
    def zone(self) -> str:
        return self.plan.zone

    def expression(self, text: str, name: str, *, returns: str = "bool") -> Expression:
        scope = scope_of(self.catalog, entry_event_type(self.plan.blocks))
        checked = check(text, scope, returns)
        return printed(
            checked,
            self.catalog,
            prefix=f"{name}_",
            zone=self.zone,
            event_alias="run_event.payload",
            event_join=EVENT_JOIN,
        )


def _reads(node: t.Node) -> Iterator[t.Node]:
    """The fields, aggregates and memberships that an expression looks at, outermost first; what is inside an aggregate stays inside."""
    if isinstance(node, t.RootField | t.Related | t.Member):
        yield node
        return
    for child in t.children(node):
        yield from _reads(child)


def _root(node: t.Node) -> str:
    return node.root if isinstance(node, t.RootField) else "customer"


def _text(checked: Checked, node: t.Node) -> str:
    if isinstance(node, t.RootField):
        return f"{node.root}.{node.field}"
    return checked.text[node.span.start : node.span.end] or type(node).__name__.lower()
