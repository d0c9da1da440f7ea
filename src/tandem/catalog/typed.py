"""The typed tree: what the checker makes of the syntax tree, and all that the back ends look at.

Nodes hold names and values only. The printers look every name up in the catalog again, so that a tree that somebody has
tampered with can fail but cannot smuggle SQL in.
"""

# ruff: noqa: PLR0911 (one return for each form of node reads best)

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Literal

from tandem.catalog.problems import NOWHERE, Span
from tandem.catalog.value_types import BOOL, NUMBER, Type

Scalar = Decimal | str | bool | date | datetime | timedelta
# (lower bound, included; upper bound, excluded, None for no end; rate)
TierRows = tuple[tuple[Decimal, Decimal | None, Decimal], ...]
Value = Scalar | tuple[Scalar, ...] | TierRows | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    type: Type = BOOL
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Const(Node):
    value: Value


@dataclass(frozen=True, slots=True)
class RootField(Node):
    """A field of a root: `customer.city`."""

    root: str
    field: str


@dataclass(frozen=True, slots=True)
class RowField(Node):
    """A field of the row at hand inside a related set: `paid_at`."""

    relation: str
    field: str


@dataclass(frozen=True, slots=True)
class Arith(Node):
    """`op` is + - * /; the types of both sides say which arithmetic is meant."""

    op: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Negative(Node):
    value: Node


@dataclass(frozen=True, slots=True)
class Compare(Node):
    op: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Between(Node):
    value: Node
    low: Node
    high: Node


@dataclass(frozen=True, slots=True)
class In(Node):
    """`choices` is a list constant or a list-typed field."""

    value: Node
    choices: Node
    negated: bool


@dataclass(frozen=True, slots=True)
class Match(Node):
    """`op` is contains, starts with or ends with; contains also looks into lists."""

    op: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Missing(Node):
    value: Node
    negated: bool


@dataclass(frozen=True, slots=True)
class And(Node):
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or(Node):
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not(Node):
    item: Node


@dataclass(frozen=True, slots=True)
class Call(Node):
    """`signature` is the number of the overload within the functions of that name."""

    name: str
    signature: int
    args: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Member(Node):
    """`has_tag('x')`, `in_segment('...')`: is the root in the set?"""

    function: str
    root: str
    value: Node


@dataclass(frozen=True, slots=True)
class Within(Node):
    """`within(customer.location, 'geofence:east-china')`: is the point in one of the area's rings, its border included?"""

    point: Node
    area: str
    name: str


@dataclass(frozen=True, slots=True)
class Whole(Node):
    """A root itself, as an argument of a lookup."""

    root: str


@dataclass(frozen=True, slots=True)
class Lookup(Node):
    """`market_price(item, customer.region)`: what a reference table says."""

    name: str
    args: tuple[Node, ...]


Aggregate = Literal["count", "sum", "avg", "min", "max", "first", "last", "most_frequent", "days_in_a_row", "exists"]


@dataclass(frozen=True, slots=True)
class Related(Node):
    """An aggregate over the rows of a relation; `window` keeps rows of that last stretch of time."""

    aggregate: str
    root: str
    relation: str
    field: str | None
    window: timedelta | None
    where: Node | None


@dataclass(frozen=True, slots=True)
class LocalMidnight(Node):
    """A date used as a time: its first moment in the tenant's zone. The checker inserts it."""

    value: Node


def zero() -> Const:
    return Const(Decimal(0), type=NUMBER)


def children(node: Node) -> tuple[Node, ...]:
    """Return the nodes directly below, in text order."""
    match node:
        case Arith(left=left, right=right) | Compare(left=left, right=right) | Match(left=left, right=right):
            return left, right
        case Negative(value=value) | Missing(value=value) | LocalMidnight(value=value) | Member(value=value):
            return (value,)
        case Between(value=value, low=low, high=high):
            return value, low, high
        case In(value=value, choices=choices):
            return value, choices
        case And(items=items) | Or(items=items):
            return items
        case Not(item=item):
            return (item,)
        case Within(point=point):
            return (point,)
        case Call(args=args) | Lookup(args=args):
            return args
        case Related(where=where):
            return (where,) if where is not None else ()
        case _:
            return ()


def walk(node: Node) -> list[Node]:
    """Return the node and everything below it, parents before children."""
    found = [node]
    for child in children(node):
        found += walk(child)
    return found
