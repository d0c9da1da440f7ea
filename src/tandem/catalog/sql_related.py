"""Aggregates over related sets, printed as scalar subqueries that look up the rows of the outer row.

For batches of touched customers: each subquery is a short index range.
"""

from __future__ import annotations

from typing import Final

from tandem.catalog import typed as t
from tandem.catalog.label import Label
from tandem.catalog.model import Relation
from tandem.catalog.related_sets import conditions, day_of_row, time_of_row
from tandem.catalog.sql_parts import divide_row, expand, quote_identifier, refuse_to_print
from tandem.catalog.sql_printer import Printer
from tandem.catalog.value_types import TEXT


def relation_of(printer: Printer, node: t.Related) -> Relation:
    """Look the relation up in the scope again, so that only the catalog's own tables are ever printed."""
    found = printer.scope.relations().get(node.relation)
    if found is None or found[0] != node.root:
        raise refuse_to_print(node.relation, Label("目录中的关联集合", "a related set that the catalog has"))
    return found[1]


def source(relation: Relation, alias: str) -> str:
    """Return the FROM item of a relation's rows."""
    joins = f" {expand(relation.joins, alias)}" if relation.joins else ""
    return f"{quote_identifier(relation.table)} as {alias}{joins}"


def ordered(text: str, node: t.Node) -> str:
    """Return a value as something to sort by: text by code point, in every database."""
    return f'{text} collate "C"' if node.type == TEXT else text


def longest_run(days: str) -> str:
    """Print the length (bigint) of the longest run of consecutive days of a sorted array of distinct ones, null for null.

    Most people have a day or two in a window: those are told without unfolding the array.
    """
    runs = f"select count(*) as n from (select d, d - (row_number() over (order by d))::int as g from unnest({days}) as d) as e group by g"
    return (
        f"(case cardinality({days}) when 1 then 1 when 2 then case when ({days})[2] - ({days})[1] = 1 then 2 else 1 end"
        f" else (select max(n) from ({runs}) as f) end)"
    )


#: What answers with a whole number.
WHOLE: Final = frozenset({"count", "days_in_a_row"})


class Correlated:
    """One scalar subquery for each aggregate."""

    def test_value(self, printer: Printer, node: t.Related, *, zero_passes: bool) -> str:
        del zero_passes
        return self._whole(printer, node) if node.aggregate in WHOLE else self.value(printer, node)

    def value(self, printer: Printer, node: t.Related) -> str:
        if node.aggregate in WHOLE:
            return f"{self._whole(printer, node)}::numeric"
        alias = printer.fresh("r")
        relation = relation_of(printer, node)
        outer_row, printer.row = printer.row, alias
        try:
            rows = self._rows(printer, node, relation, alias)
            return self._select(printer, node, relation, rows)
        finally:
            printer.row = outer_row

    def _whole(self, printer: Printer, node: t.Related) -> str:
        alias = printer.fresh("r")
        relation = relation_of(printer, node)
        outer_row, printer.row = printer.row, alias
        try:
            if node.aggregate == "days_in_a_row":
                day = printer.value(day_of_row(relation))
                days = f"array_agg(distinct {day}) filter (where {day} is not null)"
                return f"coalesce((select {longest_run('s.a')} from (select {days} as a {self._rows(printer, node, relation, alias)}) as s), 0)"
            counted = "*" if node.field is None else printer.value(self._field(relation, node))
            return f"(select count({counted}) {self._rows(printer, node, relation, alias)})"
        finally:
            printer.row = outer_row

    def _rows(self, printer: Printer, node: t.Related, relation: Relation, alias: str) -> str:
        parts = printer.join_conditions(relation, alias, printer.alias_of(node.root))
        if relation.where:
            parts.append(f"({expand(relation.where, alias)})")
        parts += [printer.test(condition) for condition in conditions(printer.scope, node)]
        return f"from {source(relation, alias)} where {' and '.join(parts)}"

    @staticmethod
    def _field(relation: Relation, node: t.Related) -> t.RowField:
        field_type = next((f.type for f in relation.fields if f.name == node.field), node.type)
        return t.RowField(relation.name, node.field or "", type=field_type)

    def _select(self, printer: Printer, node: t.Related, relation: Relation, rows: str) -> str:
        if node.aggregate == "exists":
            return f"exists (select 1 {rows})"
        field = self._field(relation, node)
        value = printer.value(field)
        sorting = ordered(value, field)
        match node.aggregate:
            case "sum":
                return f"(select coalesce(sum({value}), 0) {rows})"
            case "avg":
                return divide_row(f"select sum({value}) as n, count({value})::numeric as d {rows}")
            case "min" | "max":
                return f"(select {node.aggregate}({sorting}) {rows})"
            case "first" | "last":
                return self._nth(printer, node, relation, (value, sorting), rows)
            case "most_frequent":
                return f"(select {value} {rows} and {value} is not null group by {value} order by count(*) desc, {sorting} limit 1)"
            case _:
                raise refuse_to_print(node.aggregate, Label("聚合函数", "an aggregate"))

    @staticmethod
    def _nth(printer: Printer, node: t.Related, relation: Relation, value: tuple[str, str], rows: str) -> str:
        """Print the earliest or latest row's value; rows at the same time are told apart by their value."""
        time = printer.value(time_of_row(relation))
        direction = "asc" if node.aggregate == "first" else "desc"
        return (
            f"(select {value[0]} {rows} and {value[0]} is not null and {time} is not null"
            f" order by {time} {direction}, {value[1]} {direction} limit 1)"
        )
