"""The rows of a related set, one by one: SQL for a block that does something for each line of an order, each coupon of a customer."""

from __future__ import annotations

from dataclasses import dataclass

from tandem.catalog import Relation, Scope, check
from tandem.catalog import typed as t
from tandem.catalog.related_sets import conditions, time_of_row
from tandem.catalog.sql_parts import Binder, expand
from tandem.catalog.sql_printer import Printer
from tandem.catalog.sql_related import Correlated, relation_of, source
from tandem.flow.expressions import joins_of, roots_in
from tandem.flow.scopes import ALIASES, JOINS, readable
from tandem.flow.subjects import ALIAS


@dataclass(frozen=True, slots=True)
class Rows:
    """`lateral`: a sub-select of (place int, item jsonb) for the row `r`, newest first; it needs the joins `whose`."""

    lateral: str
    whose: str
    params: dict[str, object]


def asked(relation: str, where: str) -> str:
    """The expression that says whether there is any such thing."""
    return f"exists({relation} where {where})" if where.strip() else f"exists({relation})"


def rows_of(scope: Scope, relation_name: str, where: str, *, subject: str, prefix: str, zone: str) -> Rows:
    """Print the rows of a relation of the subject or of its customer. Raises ExpressionError for what no longer fits the catalog."""
    node = check(asked(relation_name, where), scope, "bool").typed
    if not isinstance(node, t.Related):
        raise TypeError("the expression is an aggregate by construction")
    binder = Binder(prefix)
    printer = Printer(scope, {subject: ALIAS, "customer": "c", **ALIASES}, binder, zone, Correlated())
    relation = relation_of(printer, node)
    row = printer.fresh("i")
    printer.row = row
    tests = printer.join_conditions(relation, row, printer.alias_of(node.root))
    if relation.where:
        tests.append(f"({expand(relation.where, row)})")
    tests += [printer.test(one) for one in conditions(scope, node)]
    pairs = [
        f"'{one.name}', {printer.value(t.RowField(relation.name, one.name, type=one.type))}"
        for one in readable(relation.fields)
    ]
    lateral = (
        f"(select row_number() over (order by {_order(printer, relation, row)}) as place,"
        f" jsonb_strip_nulls(jsonb_build_object({', '.join(pairs)})) as item"
        f" from {source(relation, row)} where {' and '.join(tests)} order by 1 limit %(most)s)"
    )
    joins = joins_of(scope.catalog, subject, roots_in(node), JOINS, ALIASES.keys())
    return Rows(lateral, " ".join(joins), dict(binder.params))


def _order(printer: Printer, relation: Relation, row: str) -> str:
    """Newest first; what no time sets apart comes in the relation's own order."""
    newest = [f"{printer.value(time_of_row(relation))} desc nulls last"] if relation.time_field else []
    own = [expand(relation.order, row)] if relation.order else []
    return ", ".join([*newest, *own]) or f"{row}.ctid"
