"""Aggregates as columns of a subselect: what one scan of a related set answers, and how the expression reads it."""

from __future__ import annotations

from tandem.catalog import typed as t
from tandem.catalog.label import Label
from tandem.catalog.model import Relation
from tandem.catalog.related_sets import day_of_row, time_of_row
from tandem.catalog.sql_parts import divide_row, refuse_to_print
from tandem.catalog.sql_printer import Printer
from tandem.catalog.sql_related import Correlated, longest_run, ordered


class Columns:
    """Prints an aggregate as a column of a scan, or correlated where no scan can answer it."""

    def __init__(self) -> None:
        self.correlated = Correlated()

    def must_correlate(self, printer: Printer, node: t.Related) -> bool:
        """Tell whether no scan can answer the aggregate."""
        raise NotImplementedError

    def column(self, printer: Printer, node: t.Related) -> str:
        """Return the column of the scan that answers it; null may stand for an aggregate over nothing."""
        raise NotImplementedError

    def test_value(self, printer: Printer, node: t.Related, *, zero_passes: bool) -> str:
        if self.must_correlate(printer, node):
            return self.correlated.test_value(printer, node, zero_passes=zero_passes)
        column = self.column(printer, node)
        if zero_passes:
            return f"coalesce({column}, 0)"
        return column

    def value(self, printer: Printer, node: t.Related) -> str:
        if self.must_correlate(printer, node):
            return self.correlated.value(printer, node)
        column = self.column(printer, node)
        match node.aggregate:
            case "count" | "days_in_a_row":
                return f"coalesce({column}, 0)::numeric"
            case "sum":
                return f"coalesce({column}, 0)"
            case "exists":
                return f"coalesce({column}, false)"
            case "avg":
                return divide_row(f"select {column}s as n, {column}c::numeric as d")
            case _:
                return column


def aggregate(printer: Printer, relation: Relation, node: t.Related, own: list[str], name: str) -> list[str]:
    """Print an aggregate's column over the rows that meet the conditions `own`; an average takes two, `s` and `c`."""
    if node.field is None:
        return [f"{_of_rows(printer, relation, node, own)} as {name}"]
    field_type = next((f.type for f in relation.fields if f.name == node.field), node.type)
    column = t.RowField(relation.name, node.field, type=field_type)
    value = printer.value(column)
    sorting = ordered(value, column)
    match node.aggregate:
        case "count" | "sum":
            return [f"{node.aggregate}({value}){_filter(own)} as {name}"]
        case "min" | "max":
            return [f"{node.aggregate}({sorting}){_filter(own)} as {name}"]
        case "avg":
            return [f"sum({value}){_filter(own)} as {name}s", f"count({value}){_filter(own)} as {name}c"]
        case "most_frequent":
            return [f"mode() within group (order by {sorting}){_filter(own)} as {name}"]
        case "first" | "last":
            return [f"{_nth(printer, relation, node, (value, sorting), own)} as {name}"]
        case _:
            raise refuse_to_print(node.aggregate, Label("聚合函数", "an aggregate"))


def _of_rows(printer: Printer, relation: Relation, node: t.Related, own: list[str]) -> str:
    """Print what is asked of the rows themselves rather than of one of their fields."""
    if node.aggregate == "days_in_a_row":
        day = printer.value(day_of_row(relation))
        return longest_run(f"array_agg(distinct {day}){_filter([*own, f'{day} is not null'])}")
    counted = f"count(*){_filter(own)}"
    return counted if node.aggregate == "count" else f"nullif({counted} > 0, false)"


def _nth(printer: Printer, relation: Relation, node: t.Related, value: tuple[str, str], own: list[str]) -> str:
    time = printer.value(time_of_row(relation))
    if node.field == relation.time_field:
        return f"{'min' if node.aggregate == 'first' else 'max'}({time}){_filter(own)}"
    direction = "asc" if node.aggregate == "first" else "desc"
    present = [*own, f"{value[0]} is not null", f"{time} is not null"]
    return f"(array_agg({value[0]} order by {time} {direction}, {value[1]} {direction}){_filter(present)})[1]"


def _filter(conditions_: list[str]) -> str:
    return f" filter (where {' and '.join(conditions_)})" if conditions_ else ""
