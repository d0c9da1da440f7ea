"""Typed tree to PostgreSQL. Values are bound, identifiers quoted; the tree itself never becomes text.

A condition has two printed forms. `test` is true exactly when the condition is, and null or false otherwise: bare
comparisons, which indexes serve. `definite` is true or false, never null, and stands under `not` or where the value is used.
"""

# ruff: noqa: PLR0911 (one return for each form of node reads best)

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Final, Protocol

from tandem.catalog import sql_reference
from tandem.catalog import typed as t
from tandem.catalog.functions import FUNCTIONS, Function
from tandem.catalog.label import Label
from tandem.catalog.model import EventType, Field, Membership, Relation, Scope, relation_field
from tandem.catalog.sql_parts import (
    BUCKETS,
    NOW,
    SQL_TYPES,
    TENANT,
    Binder,
    divide,
    expand,
    from_event,
    is_trivial,
    quote_identifier,
    refuse_to_print,
)
from tandem.catalog.value_types import DATE, DURATION, NUMBER, TEXT, TIMESTAMP

CONDITIONS: Final = (t.And, t.Or, t.Not, t.Compare, t.Between, t.In, t.Match, t.Missing, t.Member, t.Within)
_OPERATORS: Final = {"=": "=", "!=": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_ARITHMETIC: Final = {"+": "+", "-": "-", "*": "*"}
_BIGINT_MAX: Final = 2**63 - 1
_PLACE: Final = re.compile(r"\{(\d+)(\?)?\}|\{(args|args\|\||today|now|zone|percent|@[a-z_]+)\}")


class RelatedForm(Protocol):
    """How an aggregate over a related set is printed; one form for each mode."""

    def value(self, printer: Printer, node: t.Related) -> str: ...

    def test_value(self, printer: Printer, node: t.Related, *, zero_passes: bool) -> str:
        """Return the value for a comparison in a filter; `zero_passes` says whether zero would satisfy it."""
        ...


class Printer:
    """Prints one expression. `row` is the alias of the related row at hand, within a relation's condition."""

    def __init__(self, scope: Scope, alias: Mapping[str, str], binder: Binder, zone: str, related: RelatedForm) -> None:
        self.scope = scope
        self.alias = {root: quote_identifier(name) for root, name in alias.items()}
        self.binder = binder
        self.zone_name = zone
        self.related = related
        self.row: str | None = None
        self._aliases = 0

    def fresh(self, kind: str) -> str:
        """Return a quoted alias that no other part of the statement has."""
        self._aliases += 1
        return quote_identifier(f"{self.binder.prefix}{kind}{self._aliases}")

    @property
    def zone(self) -> str:
        return self.binder.bind(self.zone_name, "text")

    @property
    def today(self) -> str:
        return f"({NOW} at time zone {self.zone})::date"

    # ------------------------------------------------------------------------------------------------ conditions

    def test(self, node: t.Node) -> str:
        """Print a condition for a filter: true exactly when it holds."""
        match node:
            case t.And(items=items):
                return "(" + " and ".join(self.test(item) for item in items) + ")"
            case t.Or(items=items):
                return "(" + " or ".join(self.test(item) for item in items) + ")"
            case t.Not(item=item):
                return f"(not {self.definite(item)})"
            case t.Compare() | t.Between() | t.In() | t.Match() | t.Missing() | t.Member() | t.Within():
                return self._predicate(node)
            case t.Related(aggregate="exists"):
                return self.related.test_value(self, node, zero_passes=False)
            case _:
                return self.value(node)

    def definite(self, node: t.Node) -> str:
        """Print a condition as true or false, never null."""
        match node:
            case t.And(items=items):
                return "(" + " and ".join(self.definite(item) for item in items) + ")"
            case t.Or(items=items):
                return "(" + " or ".join(self.definite(item) for item in items) + ")"
            case t.Not(item=item):
                return f"(not {self.definite(item)})"
            case t.Missing() | t.Member() | t.Within():
                return self._predicate(node)
            case t.Compare() | t.Between() | t.In() | t.Match():
                return f"coalesce({self._predicate(node)}, false)"
            case _:
                return f"coalesce({self.value(node)}, false)"

    def _predicate(self, node: t.Node) -> str:
        match node:
            case t.Compare():
                return self._compare(node)
            case t.Between(value=value, low=low, high=high):
                collate = ' collate "C"' if value.type == TEXT else ""
                return f"({self.value(value)}{collate} between {self.value(low)} and {self.value(high)})"
            case t.In():
                return self._in(node)
            case t.Match():
                return self._match(node)
            case t.Missing(value=value, negated=negated):
                return f"({self.value(value)} is {'not ' if negated else ''}null)"
            case t.Member():
                return self._member(node)
            case t.Within():
                return sql_reference.within(self, node)
            case _:
                raise refuse_to_print(type(node).__name__, Label("条件", "a condition"))

    def _compare(self, node: t.Compare) -> str:
        op = _OPERATORS.get(node.op)
        if op is None:
            raise refuse_to_print(node.op, Label("比较运算符", "a comparison operator"))
        left, right = self._sides(node)
        collate = ' collate "C"' if node.left.type == TEXT and op not in {"=", "<>"} else ""
        return f"({left}{collate} {op} {right})"

    def _sides(self, node: t.Compare) -> tuple[str, str]:
        """Print both sides; an integer column beside a whole constant stays an integer, so that its index serves."""
        left, right = node.left, node.right
        if left.type == NUMBER:
            if self._is_whole(left) and (whole := _whole_constant(right)) is not None:
                return self._raw(left, zero_passes=passes(0, node.op, whole)), self.binder.bind(whole, "bigint")
            if self._is_whole(right) and (whole := _whole_constant(left)) is not None:
                return self.binder.bind(whole, "bigint"), self._raw(right, zero_passes=passes(whole, node.op, 0))
            if (
                isinstance(left, t.Related)
                and left.aggregate == "sum"
                and (limit := constant_number(right)) is not None
            ):
                zero_passes = passes(Decimal(0), node.op, limit)
                return self.related.test_value(self, left, zero_passes=zero_passes), self.value(right)
        return self.value(left), self.value(right)

    def _is_whole(self, node: t.Node) -> bool:
        if isinstance(node, t.Related):
            return node.aggregate in {"count", "days_in_a_row"}
        found = self._field(node) if isinstance(node, t.RootField | t.RowField) else None
        return found is not None and found.whole and not self._from_event(node)

    def _raw(self, node: t.Node, *, zero_passes: bool) -> str:
        if isinstance(node, t.RootField | t.RowField):
            return self._column(node)
        return (
            self.related.test_value(self, node, zero_passes=zero_passes)
            if isinstance(node, t.Related)
            else self.value(node)
        )

    def _in(self, node: t.In) -> str:
        value = self.value(node.value)
        if isinstance(node.choices, t.Const):
            if not node.choices.value:
                return f"({value} is not null)" if node.negated else "false"
            choices = self.value(node.choices)
            return f"({value} <> all({choices}))" if node.negated else f"({value} = any({choices}))"
        # The cast keeps PostgreSQL from reading a list that is looked up as a set of rows.
        choices = f"{self.value(node.choices)}::{SQL_TYPES[node.value.type.name]}[]"
        if not node.negated:
            return f"({value} = any({choices}))"
        # An empty list would make `<> all` true for a missing value too.
        return self.once([value], lambda a: f"({a[0]} is not null and {a[0]} <> all({choices}))")

    def _match(self, node: t.Match) -> str:
        left, right = self.value(node.left), self.value(node.right)
        if node.left.type.item is not None:
            return f"({left} @> array[{right}])"
        if node.op == "starts with":
            return f"starts_with({left}, {right})"
        if node.op == "ends with":
            return self.once([left, right], lambda a: f"(right({a[0]}, length({a[1]})) = {a[1]})")
        if node.op != "contains":
            raise refuse_to_print(node.op, Label("文本运算符", "a text operator"))
        if isinstance(node.right, t.Const) and isinstance(node.right.value, str):
            # LIKE, unlike strpos, can be served by a trigram index.
            escaped = re.sub(r"([\\%_])", r"\\\1", node.right.value)
            return f"({left} like {self.binder.bind(f'%{escaped}%', 'text')})"
        return f"(strpos({left}, {right}) > 0)"

    def _member(self, node: t.Member) -> str:
        found = self.scope.memberships().get(node.function)
        if found is None or found[0] != node.root:
            raise refuse_to_print(node.function, Label("目录中的集合", "a set that the catalog has"))
        membership = found[1]
        alias = self.fresh("m")
        cast = "::uuid" if membership.column_type == "uuid" else ""
        conditions = [*self.join_conditions(membership, alias, self.alias_of(node.root))]
        conditions.append(f"{alias}.{quote_identifier(membership.column)} = {self.value(node.value)}{cast}")
        return (
            f"exists (select 1 from {quote_identifier(membership.table)} as {alias} where {' and '.join(conditions)})"
        )

    def join_conditions(self, of: Relation | Membership, alias: str, outer: str | None) -> list[str]:
        """Return the conditions that name bucket and tenant and, for an outer row, tie the rows to it."""
        conditions: list[str] = []
        if of.bucket_column:
            conditions.append(f"{alias}.{quote_identifier(of.bucket_column)} = any({BUCKETS})")
        if of.tenant_column:
            conditions.append(f"{alias}.{quote_identifier(of.tenant_column)} = {TENANT}")
        if outer is not None:
            conditions += [
                f"{alias}.{quote_identifier(mine)} = {outer}.{quote_identifier(its)}" for mine, its in of.join
            ]
        return conditions

    # ---------------------------------------------------------------------------------------------------- values

    def value(self, node: t.Node) -> str:
        """Print a value; null is missing."""
        match node:
            case t.Const(value=value):
                return self.binder.constant(value, node.type)
            case t.RootField() | t.RowField():
                found = self._field(node)
                return (
                    f"{self._column(node)}::numeric"
                    if found.whole and not self._from_event(node)
                    else self._column(node)
                )
            case t.Arith():
                return self._arith(node)
            case t.Negative(value=value):
                return f"(- {self.value(value)})"
            case t.Call():
                return self._call(node)
            case t.Lookup():
                return sql_reference.lookup(self, node)
            case t.LocalMidnight(value=value):
                return f"({self.value(value)}::timestamp at time zone {self.zone})"
            case t.Related():
                return self.related.value(self, node)
            case _ if isinstance(node, CONDITIONS):
                return self.definite(node)
            case _:
                raise refuse_to_print(type(node).__name__, Label("类型树的节点", "a node of the typed tree"))

    def alias_of(self, root: str) -> str:
        if root not in self.alias:
            raise refuse_to_print(
                root,
                Label(
                    f"调用方给出的别名：{', '.join(self.alias)}",
                    f"an alias given by the caller: {', '.join(self.alias)}",
                ),
            )
        return self.alias[root]

    def _from_event(self, node: t.Node) -> bool:
        return isinstance(node, t.RootField) and isinstance(self.scope.roots.get(node.root), EventType)

    def _field(self, node: t.RootField | t.RowField) -> Field:
        if isinstance(node, t.RootField):
            found = self.scope.field(node.root, node.field)
        else:
            relation = self.scope.catalog.relations.get(node.relation)
            found = relation_field(relation, node.field) if relation else None
        if found is None or found.encrypted:
            raise refuse_to_print(node.field, Label("目录中的字段", "a field that the catalog has"))
        return found

    def _column(self, node: t.RootField | t.RowField) -> str:
        found = self._field(node)
        if isinstance(node, t.RowField):
            if self.row is None:
                raise refuse_to_print(node.field, Label("关联集合里的字段", "a field within a related set"))
            alias = self.row
        else:
            alias = self.alias_of(node.root)
        if self._from_event(node):
            return from_event(self.binder, alias, found.name, found.type)
        if found.sql is not None:
            return f"({expand(found.sql, alias)})"
        return f"{alias}.{quote_identifier(found.name)}"

    def _arith(self, node: t.Arith) -> str:
        left, right = self.value(node.left), self.value(node.right)
        if node.op == "/":
            return divide(left, right)
        if node.op not in _ARITHMETIC:
            raise refuse_to_print(node.op, Label("算术运算符", "an arithmetic operator"))
        op = _ARITHMETIC[node.op]
        if node.right.type == DURATION and node.left.type == TIMESTAMP:
            return f"({left} {op} make_interval(secs => {right}::double precision))"
        if node.right.type == DURATION and node.left.type == DATE:
            return f"({left} {op} {self._days(node.right)})"
        if node.left.type == TIMESTAMP:
            return f"extract(epoch from ({left} - {right}))"
        if node.left.type == DATE:
            return f"(({left} - {right})::numeric * 86400)"
        return f"({left} {op} {right})"

    def _days(self, node: t.Node) -> str:
        if not isinstance(node, t.Const) or not isinstance(node.value, timedelta):
            raise refuse_to_print(type(node).__name__, Label("整天的时长", "whole days"))
        return self.binder.bind(node.value.days, "integer")

    # ------------------------------------------------------------------------------------------------- functions

    def _call(self, node: t.Call) -> str:
        overloads = FUNCTIONS.get(node.name, ())
        if not 0 <= node.signature < len(overloads):
            raise refuse_to_print(node.name, Label("已有的函数", "a function that exists"))
        function = overloads[node.signature]
        conditional = {int(n) for n, mark, _ in _PLACE.findall(function.sql) if n and mark}
        args = [self.test(arg) if i in conditional else self.value(arg) for i, arg in enumerate(node.args)]
        once = [i for i in range(len(args)) if self._is_repeated(function, i)]
        return self.once(args, lambda filled: self._fill(function, filled), once)

    def once(self, args: list[str], print_: Callable[[list[str]], str], positions: Sequence[int] | None = None) -> str:
        """Print something that names arguments more than once so that each is computed, and stands in the text, once."""
        repeated = [i for i in (range(len(args)) if positions is None else positions) if not is_trivial(args[i])]
        if not repeated:
            return print_(args)
        # OFFSET 0 keeps the planner from copying the argument back into every place.
        alias = self.fresh("q")
        columns = ", ".join(f"{args[i]} as a{i}" for i in repeated)
        inside = [f"{alias}.a{i}" if i in repeated else arg for i, arg in enumerate(args)]
        return f"(select {print_(inside)} from (select {columns} offset 0) as {alias})"

    @staticmethod
    def _is_repeated(function: Function, position: int) -> bool:
        return function.guarded or function.sql.count(f"{{{position}}}") > 1

    def _fill(self, function: Function, args: list[str]) -> str:
        def place(match: re.Match[str]) -> str:
            number, _, word = match.groups()
            return args[int(number)] if number else self._word(word, args)

        filled = _PLACE.sub(place, function.sql)
        return f"(case when num_nulls({', '.join(args)}) = 0 then {filled} end)" if function.guarded else filled

    def _word(self, word: str, args: list[str]) -> str:
        match word:
            case "args":
                return ", ".join(args)
            case "args||":
                return " || ".join(args)
            case "today":
                return self.today
            case "now":
                return NOW
            case "zone":
                return self.zone
            case _ if word.startswith("@"):
                return self.binder.table(word[1:])
            case _:
                return divide(f"{args[0]} * 100", args[1])


def constant_number(node: t.Node) -> Decimal | None:
    """Return the number of a constant, with its sign."""
    match node:
        case t.Const(value=Decimal() as value) if node.type == NUMBER:
            return value
        case t.Negative(value=t.Const(value=Decimal() as value)):
            return -value
        case _:
            return None


def _whole_constant(node: t.Node) -> int | None:
    value = constant_number(node)
    if value is None or abs(value) > _BIGINT_MAX or value != value.to_integral_value():
        return None
    return int(value)


def passes(left: Decimal | int, op: str, right: Decimal | int) -> bool:
    """Tell whether a comparison of two constants holds."""
    return {
        "=": left == right,
        "!=": left != right,
        "<": left < right,
        "<=": left <= right,
        ">": left > right,
        ">=": left >= right,
    }[op]
