"""Print what asks reference data: areas and lookups. Only the catalog's own tables and templates are ever printed."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final, Protocol

from tandem.catalog import typed as t
from tandem.catalog.geometry import IN_RING_SQL
from tandem.catalog.label import Label
from tandem.catalog.model import Scope
from tandem.catalog.sql_parts import TENANT, Binder, quote_identifier, refuse_to_print


class Printer(Protocol):
    """What is needed of the printer of the expression around."""

    scope: Scope
    binder: Binder

    def fresh(self, kind: str) -> str: ...
    def value(self, node: t.Node) -> str: ...
    def alias_of(self, root: str) -> str: ...
    def once(
        self, args: list[str], print_: Callable[[list[str]], str], positions: Sequence[int] | None = None
    ) -> str: ...


_PLACE: Final = re.compile(r"\{(\d+|tenant)\}")


def within(printer: Printer, node: t.Within) -> str:
    """Print "one of the area's rings holds the point": never null."""
    area = printer.scope.catalog.areas.get(node.area)
    if area is None:
        raise refuse_to_print(node.area, Label("目录中的区域", "a kind of area that the catalog has"))
    alias, point = printer.fresh("g"), printer.fresh("p")
    ring = IN_RING_SQL
    for axis, column in (("{xs}", area.xs), ("{ys}", area.ys)):
        ring = ring.replace(axis, f"{alias}.{quote_identifier(column)}")
    # The point is computed once, and a customer without one opens no area.
    place = f"(select v.p[1] as x, v.p[2] as y from (select {printer.value(node.point)} as p offset 0) as v where v.p is not null)"
    key = f"{alias}.{quote_identifier(area.key_column)} = {printer.binder.bind(node.name, 'text')}"
    tenant = f"{alias}.{quote_identifier(area.tenant_column)} = {TENANT}"
    return (
        f"exists (select 1 from {place} as {point}(x, y), {quote_identifier(area.table)} as {alias}"
        f" where {tenant} and {key} and {ring.replace('p.x', f'{point}.x').replace('p.y', f'{point}.y')})"
    )


def lookup(printer: Printer, node: t.Lookup) -> str:
    """Print a lookup's template over its arguments; missing when a value given is."""
    found = printer.scope.catalog.lookups.get(node.name)
    if found is None or len(found.params) != len(node.args):
        raise refuse_to_print(node.name, Label("目录中的查询", "a lookup that the catalog has"))
    args = [printer.alias_of(arg.root) if isinstance(arg, t.Whole) else printer.value(arg) for arg in node.args]
    values = [at for at, arg in enumerate(node.args) if not isinstance(arg, t.Whole)]

    def fill(filled: list[str]) -> str:
        text = _PLACE.sub(lambda m: TENANT if m[1] == "tenant" else filled[int(m[1])], found.sql.replace("%", "%%"))
        given = ", ".join(filled[at] for at in values)
        return f"(case when num_nulls({given}) = 0 then {text} end)" if values else text

    return printer.once(args, fill, values)
