"""Why did she match? Each part of an expression with its value for one record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from tandem.catalog import typed as t
from tandem.catalog.calendar_math import Moment
from tandem.catalog.checker import Checked
from tandem.catalog.describe import describe_node
from tandem.catalog.label import Label
from tandem.catalog.python import Compiler, Place, Record
from tandem.catalog.value_types import BOOL


@dataclass(frozen=True, slots=True)
class Trace:
    """One part: its text, its plain words, its value.

    `rows` says how many related rows met an aggregate's conditions, `looked_at` of how many.
    """

    text: str
    plain: Label
    value: Any
    parts: tuple[Trace, ...] = ()
    rows: int | None = None
    looked_at: int | None = None

    def json(self) -> dict[str, Any]:
        """Return what the web app shows; numbers as text so that no digit is lost."""
        json: dict[str, Any] = {"text": self.text, "plain": self.plain.json(), "value": json_value(self.value)}
        if self.rows is not None:
            json["rows"] = self.rows
            json["looked_at"] = self.looked_at
        if self.parts:
            json["parts"] = [part.json() for part in self.parts]
        return json


def trace(checked: Checked, record: Record, now: datetime, *, zone: str | ZoneInfo) -> Trace:
    """Evaluate an expression for one record and keep the value of every part that is not a constant."""
    place = Place(record, Moment(now, ZoneInfo(str(zone))))
    return _trace(checked, Compiler(checked.scope), checked.typed, place)


def _trace(checked: Checked, compiler: Compiler, node: t.Node, place: Place) -> Trace:
    value = compiler.compile(node)(place)
    if node.type == BOOL and isinstance(node, t.And | t.Or | t.Not):
        value = value is True
    rows = len(compiler.rows(node)(place)) if isinstance(node, t.Related) else None
    looked_at = None
    if isinstance(node, t.Related):
        looked_at = len(place.record.get("relations", {}).get(node.relation, ()))
    # A related row's condition has no value of its own: it is asked of each row.
    below = () if isinstance(node, t.Related) else t.children(node)
    parts = tuple(_trace(checked, compiler, child, place) for child in below if _is_told(child))
    text = checked.text[node.span.start : node.span.end]
    return Trace(text, describe_node(checked.scope, node, place.at.zone), value, parts, rows, looked_at)


def _is_told(node: t.Node) -> bool:
    return not isinstance(node, t.Const | t.Whole) and node.span.end > node.span.start


def json_value(value: Any) -> Any:
    """Return a value as JSON can carry it."""
    match value:
        case None | bool() | str():
            return value
        case Decimal():
            return f"{value:f}"
        case datetime() | date():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
        case Mapping():
            return {str(key): json_value(item) for key, item in value.items()}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
        case _:
            return [json_value(item) for item in value]
