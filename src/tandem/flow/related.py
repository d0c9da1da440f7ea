"""The rows of a related set, one by one: SQL for a block that does something for each order, coupon or visit of a customer."""

from __future__ import annotations

from dataclasses import dataclass

from tandem.catalog import Catalog, check
from tandem.catalog import typed as t
from tandem.catalog.related_sets import conditions, time_of_row
from tandem.catalog.sql_parts import Binder, expand
from tandem.catalog.sql_printer import Printer
from tandem.catalog.sql_related import Correlated, relation_of, source
from tandem.flow.expressions import customer_join
from tandem.flow.scopes import readable


@dataclass(frozen=True, slots=True)
class Rows:
    """`lateral`: a sub-select of (place int, item jsonb) for the row `r`, newest first; it needs the join `customer`."""

    lateral: str
    customer: str
    params: dict[str, object]


def asked(relation: str, where: str) -> str:
    """The expression that says whether there is any such thing."""
    return f"exists({relation} where {where})" if where.strip() else f"exists({relation})"


def rows_of(catalog: Catalog, relation_name: str, where: str, *, prefix: str, zone: str) -> Rows:
    """Print the rows of a relation of the customer. Raises ExpressionError for a condition that no longer fits the catalog."""
    scope = catalog.scope(customer="customer")
    checked = check(asked(relation_name, where), scope, "bool")
    node = checked.typed
    if not isinstance(node, t.Related):
        raise TypeError("the expression is an aggregate by construction")
    binder = Binder(prefix)
    printer = Printer(scope, {"customer": "c"}, binder, zone, Correlated())
    relation = relation_of(printer, node)
    row = printer.fresh("i")
    printer.row = row
    tests = printer.join_conditions(relation, row, printer.alias_of("customer"))
    if relation.where:
        tests.append(f"({expand(relation.where, row)})")
    tests += [printer.test(one) for one in conditions(scope, node)]
    pairs = [
        f"'{one.name}', {printer.value(t.RowField(relation.name, one.name, type=one.type))}"
        for one in readable(relation.fields)
    ]
    order = f"{printer.value(time_of_row(relation))} desc nulls last" if relation.time_field else f"{row}.ctid"
    lateral = (
        f"(select row_number() over (order by {order}) as place, jsonb_strip_nulls(jsonb_build_object({', '.join(pairs)})) as item"
        f" from {source(relation, row)} where {' and '.join(tests)} order by 1 limit %(most)s)"
    )
    return Rows(lateral, customer_join(catalog), dict(binder.params))
