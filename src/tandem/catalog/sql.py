"""The SQL back end: a checked expression to SQL text with named, bound parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal
from zoneinfo import ZoneInfo

from tandem.catalog.checker import Checked
from tandem.catalog.sql_joined import Joined
from tandem.catalog.sql_parts import Binder
from tandem.catalog.sql_printer import Printer
from tandem.catalog.sql_related import Correlated
from tandem.catalog.value_types import BOOL

Mode = Literal["correlated", "joined"]
Use = Literal["filter", "value"]


@dataclass(frozen=True)
class Compiled:
    """SQL for psycopg. The statement also binds `now` (business time), `buckets` (smallints) and `tenant` (uuid).

    In joined mode `joins` are complete `left join … on …` clauses to put after the FROM items.
    """

    sql: str
    params: dict[str, object]
    joins: tuple[str, ...] = ()


def compile_sql(
    checked: Checked,
    *,
    alias: Mapping[str, str],
    mode: Mode = "correlated",
    prefix: str = "e0_",
    zone: str | ZoneInfo,
    use: Use = "filter",
) -> Compiled:
    """Print an expression.

    `alias` says which SQL alias each root has (`{"customer": "c", "event": "e.payload"}`). `prefix` keeps the parameters and
    aliases of several expressions in one statement apart. With `use="filter"` a condition's SQL is true exactly when it
    holds and may be null otherwise; `use="value"` makes it true or false. A duration is a number of seconds.
    """
    is_filter = use == "filter" and checked.type == BOOL
    joined = Joined(checked.scope, checked.typed, is_filter=is_filter) if mode == "joined" else None
    binder = Binder(prefix)
    printer = Printer(checked.scope, alias, binder, str(zone), joined or Correlated())
    if not is_filter:
        sql = printer.value(checked.typed)
    else:
        sql = printer.test(checked.typed) if joined is None else joined.filter(printer)
    joins = joined.joins(printer) if joined is not None else ()
    return Compiled(sql, binder.params, joins)
