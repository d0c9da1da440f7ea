"""Expressions inside flows: which scope holds at a block, and how they are printed beside the row `r` of a run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Literal, cast
from uuid import UUID

from tandem.catalog import Catalog, Checked, Entity, Field, Scope, check, compile_sql, next_change_sql
from tandem.catalog import typed as t
from tandem.flow.node import Expression
from tandem.flow.plan import Plan, PlannedBlock
from tandem.flow.scopes import ALIASES, JOINS, Scoping, expected, roots_of, scoping_of
from tandem.flow.subjects import ALIAS, CUSTOMER, entity_of, join_of


def customer_join(catalog: Catalog) -> str:
    """The join that brings the customer of the row `r` in, as alias `c`."""
    table = cast("Entity", catalog.root("customer")).table
    return f"left join {table} c on c.bucket = r.bucket and c.id = r.customer_id and c.tenant_id = %(tenant)s"


def scope_of(catalog: Catalog, event_type: str | None, subject: str = CUSTOMER) -> Scope:
    """The scope of expressions in a flow: what it is about, its customer, and the event where one is known."""
    roots = dict(roots_of(catalog, subject))
    if event_type is not None and event_type in catalog.event_types:
        roots["event"] = event_type
    return Scope(catalog, MappingProxyType({name: catalog.root(of) for name, of in roots.items()}), catalog.privacy)


def joins_of(
    catalog: Catalog, subject: str, roots: AbstractSet[str], extra_joins: Mapping[str, str], apart: AbstractSet[str]
) -> tuple[str, ...]:
    """The joins that bring these roots of an expression in beside the row `r`; those `apart` are neither customer nor subject."""
    thing = entity_of(catalog, subject)
    joins = [customer_join(catalog)] if roots - apart - ({subject} - {CUSTOMER}) else []
    if thing is not None and subject in roots:
        joins.append(join_of(thing))
    return (*joins, *(join for root, join in extra_joins.items() if root in roots))


def roots_in(node: t.Node) -> set[str]:
    """The roots that an expression reads, its related sets and memberships among them."""
    return {one.root for one in t.walk(node) if isinstance(one, t.RootField | t.Whole | t.Related | t.Member)}


def printed(
    checked: Checked,
    catalog: Catalog,
    *,
    prefix: str,
    zone: str,
    aliases: Mapping[str, str],
    extra_joins: Mapping[str, str] = MappingProxyType({}),
    use: Literal["filter", "value"] = "filter",
    subject: str = CUSTOMER,
) -> Expression:
    """Print a checked expression for a statement whose run or event row is `r`; `aliases` of the roots beside customer and subject."""
    alias = {subject: ALIAS, "customer": "c", **aliases}
    compiled = compile_sql(checked, alias=alias, prefix=prefix, zone=zone, use=use)
    params = dict(compiled.params)
    reads: dict[str, str] = {}
    for number, node in enumerate(_reads(checked.typed)):
        part = compile_sql(
            replace(checked, typed=node), alias=alias, prefix=f"{prefix}r{number}_", zone=zone, use="value"
        )
        params |= part.params
        reads[_text(checked, node)] = part.sql
    joins = joins_of(catalog, subject, roots_in(checked.typed), extra_joins, aliases.keys())
    return Expression(compiled.sql, joins, params, reads)


@dataclass(frozen=True, slots=True)
class BlockContext:
    """The `CompileContext` of one block."""

    catalog: Catalog
    plan: Plan
    planned: PlannedBlock
    scoping: Scoping | None = None
    """What holds in the whole version, where it is known already."""

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

    @property
    def subject(self) -> str:
        return self.plan.settings.subject

    def expression(self, text: str, name: str, *, returns: str = "bool") -> Expression:
        checked = check(text, self.scope, expected(returns))
        return printed(
            checked,
            self.catalog,
            prefix=f"{name}_",
            zone=self.zone,
            aliases=ALIASES,
            extra_joins=JOINS,
            use="filter" if returns == "bool" else "value",
            subject=self.plan.settings.subject,
        )

    def field(self, root: str, name: str) -> Field | None:
        """The field that an expression of the block calls `root.name`."""
        return self.scope.field(root, name)

    @property
    def scope(self) -> Scope:
        return (self.scoping or plan_scoping(self.plan)).scope(self.catalog, self.block)

    def next_change(self, text: str, name: str) -> Expression:
        """When the condition's value can next change by time alone: SQL timestamptz, null for never."""
        checked = check(text, self.scope, "bool")
        subject = self.plan.settings.subject
        alias = {subject: ALIAS, "customer": "c", **ALIASES}
        found = next_change_sql(checked, alias=alias, prefix=f"{name}_", zone=self.zone)
        thing = entity_of(self.catalog, subject)
        own = () if thing is None else (join_of(thing),)
        return Expression(found.sql, (customer_join(self.catalog), *own, *JOINS.values()), found.params, {})

    def enters(self, port: str) -> int | None:
        """Where runs stand that take this port: the stretch of the block it leads to; None for a port that leads nowhere."""
        index = [one.name for one in self.planned.ports].index(port)
        target = self.planned.next[index]
        return None if target is None else self.plan.stretches[target, "enter"]


def plan_scoping(plan: Plan) -> Scoping:
    """The scoping of a plan."""
    return scoping_of(
        ((one.id, one.kind, one.config) for one in plan.blocks.values()),
        {one.id: one.next for one in plan.blocks.values()},
        plan.settings.subject,
    )


def _reads(node: t.Node) -> Iterator[t.Node]:
    """The fields, aggregates and memberships that an expression looks at, outermost first; what is inside an aggregate stays inside."""
    if isinstance(node, t.RootField | t.Related | t.Member):
        yield node
        return
    for child in t.children(node):
        yield from _reads(child)


def _text(checked: Checked, node: t.Node) -> str:
    if isinstance(node, t.RootField):
        return f"{node.root}.{node.field}"
    return checked.text[node.span.start : node.span.end] or type(node).__name__.lower()
