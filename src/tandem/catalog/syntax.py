"""The syntax tree: what was written, kept so exactly that text -> tree -> text changes nothing but spacing."""

from __future__ import annotations

from dataclasses import dataclass, field

from tandem.catalog.problems import NOWHERE, Span


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """`parens` counts the parentheses written around the node; spans and depth take no part in comparison."""

    span: Span = field(default=NOWHERE, compare=False, repr=False)
    parens: int = 0
    depth: int = field(default=1, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Number(Node):
    """As written: `12.50`, `5%`."""

    text: str


@dataclass(frozen=True, slots=True)
class Text(Node):
    """`raw` is the spelling with quotes where it is not the usual one."""

    value: str
    raw: str | None = None


@dataclass(frozen=True, slots=True)
class Bool(Node):
    value: bool


@dataclass(frozen=True, slots=True)
class Null(Node):
    pass


@dataclass(frozen=True, slots=True)
class Duration(Node):
    """`7 days`: amount and unit as written."""

    amount: str
    unit: str


@dataclass(frozen=True, slots=True)
class ListOf(Node):
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Tiers(Node):
    """`[0: 3%, 100000: 5%]` or `[0 to 100000: 3%, 100000: 5%]`: (from, to where written, rate) rows."""

    rows: tuple[tuple[Number, Number | None, Number], ...]


@dataclass(frozen=True, slots=True)
class Name(Node):
    path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Call(Node):
    name: str
    args: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Related(Node):
    """`sum(orders.amount in last 90 days where status = 'paid')`: `path` is the relation and, mostly, one field."""

    aggregate: str
    path: tuple[str, ...]
    window: Duration | None = None
    where: Node | None = None
    path_span: Span = field(default=NOWHERE, compare=False, repr=False)


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
    value: Node
    choices: Node
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Match(Node):
    """`op` is `contains`, `starts with` or `ends with`."""

    op: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Missing(Node):
    value: Node
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Arith(Node):
    op: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Negative(Node):
    value: Node
