"""What one function of the expression language is: a row of data.

SQL templates: `{0}`, `{1}` stand for the arguments, `{0?}` for a condition, `{args}` for all, `{today}`, `{now}` and
`{zone}` for the moment, `{@name}` for a table of `constant_tables`. An argument that a template names twice is computed
once. Python forms get the moment first. A strict function is missing when an argument is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from tandem.catalog.label import Label
from tandem.catalog.value_types import DATE, NUMBER, TIMESTAMP, Type

Cost = Literal["cheap", "moderate", "heavy"]
Clock = Literal["none", "now", "calendar"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """One overload. `clock` says whether its value moves with time: at every moment, or at local midnights only.

    `example` is a use of it for the documentation. `note` is what a person should know who uses it.
    `hidden` ones serve the engines and are neither offered nor accepted in a text.
    `guarded` wraps SQL whose own null rule is not strict. `constant` are the positions that take constants only,
    whole numbers from `constant_min`.
    """

    name: str
    params: tuple[Type, ...]
    result: Type
    sql: str
    python: Callable[..., Any]
    help: Label
    nulls: Literal["strict", "lenient"] = "strict"
    variadic: bool = False
    guarded: bool = False
    clock: Clock = "none"
    constant: tuple[int, ...] = ()
    constant_min: int = -1_000
    cost: Cost = "cheap"
    hidden: bool = False
    example: str = ""
    note: Label | None = None

    @property
    def signature(self) -> str:
        shown = [str(p) for p in self.params]
        if self.variadic:
            shown.append("…")
        return f"{self.name}({', '.join(shown)})"


def on_day(
    name: str,
    sql: str,
    python: Callable[..., Any],
    help_: Label,
    *,
    result: Type = NUMBER,
    clock: Clock = "none",
    example: str = "",
    note: Label | None = None,
    more: tuple[Type, ...] = (),
) -> list[Function]:
    """Make the two overloads of a function of a day: of a date, and of the local date of a time. `more` are further constant numbers."""
    local = "({0} at time zone {zone})::date"
    return [
        Function(
            name=name,
            params=(kind, *more),
            result=result,
            sql=sql if kind == DATE else sql.replace("{0}", local),
            python=python,
            help=help_,
            clock=clock,
            constant=tuple(range(1, 1 + len(more))),
            constant_min=0,
            example=example,
            note=note,
        )
        for kind in (DATE, TIMESTAMP)
    ]
