"""Syntax tree to typed tree. A check happens when an expression is saved, never first at run time."""

# ruff: noqa: PLR0911 (one return for each form of node reads best)

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from tandem.catalog import check_calls, literals
from tandem.catalog import syntax as s
from tandem.catalog import typed as t
from tandem.catalog.builder import from_json
from tandem.catalog.cost import POINTS_MAX, Estimate, estimate
from tandem.catalog.label import Label
from tandem.catalog.magnitude import DIGITS_MAX, outgrows
from tandem.catalog.model import Scope
from tandem.catalog.names import Context, field_of, quoted, resolve, typed_label
from tandem.catalog.parser import parse
from tandem.catalog.problems import ExpressionError, nearest
from tandem.catalog.text import to_text
from tandem.catalog.value_types import (
    BOOL,
    DATE,
    DURATION,
    NULL,
    NUMBER,
    ORDERED,
    TEXT,
    TIMESTAMP,
    UNKNOWN,
    Type,
)


@dataclass(frozen=True, eq=False)
class Checked:
    """An expression that type-checks: its text, what was written (`tree`) and what it means (`typed`)."""

    text: str
    tree: s.Node
    typed: t.Node
    scope: Scope

    @property
    def type(self) -> Type:
        return self.typed.type


def check(source: str | s.Node | Mapping[str, Any], scope: Scope, expected: str | Type | None = "bool") -> Checked:
    """Check an expression given as text, tree or builder JSON; ExpressionError lists every mistake.

    `expected` is a type or its name (`bool`, `number`, `list[text]`), None for any. The places in an error are places in
    `Checked.text`: the text as given, or the text that the tree prints as.
    """
    text = source if isinstance(source, str) else to_text(_tree(source))
    tree = parse(text)
    context = Context(scope)
    node = _check(context, tree)
    if not context.problems:
        node = _expect_result(context, node, expected)
        if outgrows(node):
            limit = Label(f"不超过 {DIGITS_MAX} 位数字的计算", f"a computation of at most {DIGITS_MAX} digits")
            context.report(
                "too_many_digits",
                node.span,
                Label("位数过多的乘除", "products or quotients with too many digits"),
                limit,
            )
        _refuse_costly(context, node)
    if context.problems:
        raise ExpressionError(context.problems)
    return Checked(text, tree, node, scope)


def cost(checked: Checked) -> Estimate:
    """Return the cost of a checked expression."""
    return estimate(checked.scope, checked.typed)


def _refuse_costly(context: Context, node: t.Node) -> None:
    if context.problems:
        return
    points = estimate(context.scope, node).points
    if points > POINTS_MAX:
        found = Label(f"每条记录约 {points:,} 点的计算量", f"about {points:,} points of work for each record")
        expected = Label(
            f"至多 {POINTS_MAX:,} 点（减少关联集合，或给它们加时间范围）",
            f"at most {POINTS_MAX:,} (fewer related sets, or sets with a time span)",
        )
        context.report("too_costly", node.span, found, expected)


def _tree(source: s.Node | Mapping[str, Any]) -> s.Node:
    if isinstance(source, s.Node):
        return source
    return from_json(source)


def _expect_result(context: Context, node: t.Node, expected: str | Type | None) -> t.Node:
    if expected is None or str(node.type) == str(expected):
        return node
    if node.type == NULL:
        return replace(node, type=expected) if isinstance(expected, Type) else node
    if str(expected) == "timestamp" and node.type == DATE:
        return t.LocalMidnight(node, type=TIMESTAMP, span=node.span)
    label = (
        expected.label
        if isinstance(expected, Type)
        else Type(expected).label
        if "[" not in expected
        else quoted(expected)
    )
    found = typed_label(Label("这个表达式的结果", "the result of this expression"), node.type)
    return context.report("wrong_result_type", node.span, found, label)


def _check(context: Context, node: s.Node) -> t.Node:
    match node:
        case s.And(items=items):
            return t.And(tuple(_condition(context, item) for item in items), span=node.span)
        case s.Or(items=items):
            return t.Or(tuple(_condition(context, item) for item in items), span=node.span)
        case s.Not(item=item):
            return t.Not(_condition(context, item), span=node.span)
        case s.Name(path=path):
            return resolve(context, path, node.span)
        case s.Call(name=name, args=args):
            whole = name in context.scope.catalog.lookups
            return check_calls.call(
                context, node, tuple(_argument(context, arg) if whole else _check(context, arg) for arg in args)
            )
        case s.Related():
            return check_calls.related(context, node, _condition)
        case s.Compare() | s.Between() | s.In() | s.Match() | s.Missing():
            return _comparison(context, node)
        case s.Arith():
            return _arith(context, node)
        case s.Negative(value=value):
            return _negative(context, node, _check(context, value))
        case _:
            return literals.constant(context, node)


def _argument(context: Context, node: s.Node) -> t.Node:
    """Return an argument of a lookup, which may be a root itself."""
    if isinstance(node, s.Name) and len(node.path) == 1 and node.path[0] in context.scope.roots:
        return t.Whole(node.path[0], type=UNKNOWN, span=node.span)
    return _check(context, node)


def _condition(context: Context, node: s.Node) -> t.Node:
    checked = _check(context, node)
    if checked.type in {BOOL, UNKNOWN}:
        return checked
    found = typed_label(quoted(to_text(node)), checked.type)
    return context.report("not_a_condition", node.span, found, Label("条件（真假值）", "a condition (true or false)"))


def _negative(context: Context, node: s.Negative, value: t.Node) -> t.Node:
    if value.type not in {NUMBER, DURATION, UNKNOWN}:
        return context.report(
            "wrong_type", value.span, typed_label(quoted(to_text(node.value)), value.type), NUMBER.label
        )
    return t.Negative(value, type=value.type, span=node.span)


def _comparison(context: Context, node: s.Node) -> t.Node:
    match node:
        case s.Compare():
            return _compare(context, node)
        case s.Between():
            return _between(context, node)
        case s.In():
            return _in(context, node)
        case s.Match():
            return _match(context, node)
        case s.Missing(value=value, negated=negated):
            return t.Missing(_check(context, value), negated, span=node.span)
        case _:
            raise TypeError(type(node).__name__)


def _compare(context: Context, node: s.Compare) -> t.Node:
    left, right = _check(context, node.left), _check(context, node.right)
    for side, written in ((left, node.left), (right, node.right)):
        if side.type == NULL:
            other = node.right if written is node.left else node.left
            word = "is not missing" if node.op == "!=" else "is missing"
            expected = Label(
                "is missing 或 is not missing（与空值比较总是假）",
                "is missing or is not missing (a comparison with null is always false)",
            )
            return context.report("compare_null", node.span, quoted("null"), expected, f"{to_text(other)} {word}")
    left, right = _same(context, left, right, node.right)
    if UNKNOWN in {left.type, right.type}:
        return t.Const(None, type=UNKNOWN, span=node.span)
    if left.type not in ORDERED and not (left.type == BOOL and node.op in {"=", "!="}):
        found = Label(f"{node.op} 用于{left.type.label.zh}", f"{node.op} on {left.type.label.en}")
        return context.report(
            "wrong_operator", node.span, found, Label("该类型支持的运算符", "an operator that this type has")
        )
    _check_option(context, left, right)
    _check_option(context, right, left)
    return t.Compare(node.op, left, right, span=node.span)


def _same(context: Context, left: t.Node, right: t.Node, written: s.Node) -> tuple[t.Node, t.Node]:
    """Bring both sides to one type: a date beside a time stands for its first moment."""
    if UNKNOWN in {left.type, right.type} or left.type == right.type:
        return left, right
    if (left.type, right.type) == (DATE, TIMESTAMP):
        return t.LocalMidnight(left, type=TIMESTAMP, span=left.span), right
    if (left.type, right.type) == (TIMESTAMP, DATE):
        return left, t.LocalMidnight(right, type=TIMESTAMP, span=right.span)
    wrong = context.report(
        "type_mismatch",
        right.span,
        typed_label(quoted(to_text(written)), right.type),
        left.type.label,
        _respell(left.type, right),
    )
    return left, wrong


def _respell(wanted: Type, node: t.Node) -> str | None:
    """Say how a text that looks like the wanted value would be written."""
    if isinstance(node, t.Const) and isinstance(node.value, str):
        if wanted in {DATE, TIMESTAMP} and literals.read_date(node.value) is not None:
            return f"date('{node.value}')"
        if wanted == TIMESTAMP and literals.read_timestamp(node.value) is not None:
            return f"timestamp('{node.value}')"
        if wanted == NUMBER and literals.looks_like_number(node.value):
            return node.value.strip()
    if isinstance(node, t.Const) and wanted == TEXT and node.type == NUMBER:
        return f"'{node.value}'"
    return None


def _check_option(context: Context, side: t.Node, other: t.Node) -> None:
    """Refuse a text that an enumerated field can never hold."""
    found = field_of(context, side)
    if found is None or not found.options or not isinstance(other, t.Const):
        return
    options = {option.value: option.label for option in found.options}
    for value in other.value if isinstance(other.value, tuple) else (other.value,):
        if isinstance(value, str) and value not in options:
            spelled = {label.zh: key for key, label in options.items()} | {key: key for key in options}
            best = nearest(value, spelled)
            names = list(options)[:12]
            expected = Label(f"以下之一：{'、'.join(names)}", f"one of {', '.join(names)}")
            context.report("unknown_option", other.span, quoted(value), expected, best and f"'{spelled[best]}'")


def _between(context: Context, node: s.Between) -> t.Node:
    value, low, high = (_check(context, part) for part in (node.value, node.low, node.high))
    for bound, written in ((low, node.low), (high, node.high)):
        if bound.type == NULL:
            return context.report("compare_null", bound.span, quoted(to_text(written)), value.type.label)
    if value.type == DATE and TIMESTAMP in {low.type, high.type}:
        value = t.LocalMidnight(value, type=TIMESTAMP, span=value.span)
    value, low = _same(context, value, low, node.low)
    value, high = _same(context, value, high, node.high)
    if UNKNOWN not in {value.type, low.type, high.type} and value.type not in ORDERED:
        return context.report(
            "wrong_operator",
            value.span,
            typed_label(quoted(to_text(node.value)), value.type),
            Label("可比较大小的值", "a value with an order"),
        )
    return t.Between(value, low, high, span=node.span)


def _in(context: Context, node: s.In) -> t.Node:
    value, choices = _check(context, node.value), _check(context, node.choices)
    if UNKNOWN in {value.type, choices.type}:
        return t.Const(None, type=UNKNOWN, span=node.span)
    if choices.type.item is None:
        found = typed_label(quoted(to_text(node.choices)), choices.type)
        example = Label(f"列表，如 [{to_text(node.choices)}]", f"a list, such as [{to_text(node.choices)}]")
        return context.report("not_a_list", choices.span, found, example, f"[{to_text(node.choices)}]")
    if choices.type.item == UNKNOWN and isinstance(choices, t.Const):
        choices = replace(choices, type=Type("list", value.type))
    if value.type == TIMESTAMP or choices.type.item != value.type or value.type.item is not None:
        found = typed_label(quoted(to_text(node.choices)), choices.type)
        return context.report(
            "type_mismatch",
            choices.span,
            found,
            Type("list", value.type).label if value.type != TIMESTAMP else DATE.label,
        )
    _check_option(context, value, choices)
    return t.In(value, choices, node.negated, span=node.span)


def _match(context: Context, node: s.Match) -> t.Node:
    left, right = _check(context, node.left), _check(context, node.right)
    if UNKNOWN in {left.type, right.type}:
        return t.Const(None, type=UNKNOWN, span=node.span)
    wanted = left.type.item if node.op == "contains" and left.type.item else TEXT
    if left.type.item is None and left.type != TEXT:
        found = typed_label(quoted(to_text(node.left)), left.type)
        return context.report("type_mismatch", left.span, found, TEXT.label)
    if right.type != wanted:
        found = typed_label(quoted(to_text(node.right)), right.type)
        return context.report("type_mismatch", right.span, found, wanted.label, _respell(wanted, right))
    return t.Match(node.op, left, right, span=node.span)


# (operator, left, right) -> result
_ARITHMETIC: Final[dict[tuple[str, Type, Type], Type]] = {
    **{(op, NUMBER, NUMBER): NUMBER for op in "+-*/"},
    ("+", TIMESTAMP, DURATION): TIMESTAMP,
    ("-", TIMESTAMP, DURATION): TIMESTAMP,
    ("-", TIMESTAMP, TIMESTAMP): DURATION,
    ("+", DATE, DURATION): DATE,
    ("-", DATE, DURATION): DATE,
    ("-", DATE, DATE): DURATION,
    ("+", DURATION, DURATION): DURATION,
    ("-", DURATION, DURATION): DURATION,
}


def _arith(context: Context, node: s.Arith) -> t.Node:
    left, right = _check(context, node.left), _check(context, node.right)
    if UNKNOWN in {left.type, right.type}:
        return t.Const(None, type=UNKNOWN, span=node.span)
    if node.op == "-" and {left.type, right.type} == {DATE, TIMESTAMP}:
        left, right = _same(context, left, right, node.right)
    result = _ARITHMETIC.get((node.op, left.type, right.type))
    if result is None:
        return _wrong_arith(context, node, left, right)
    if left.type == DATE and right.type == DURATION and not literals.is_whole_days(right):
        expected = Label(
            "整天的时长，如 7 days（要加小时请用时间）", "whole days, such as 7 days (add hours to a time)"
        )
        return context.report("not_whole_days", right.span, quoted(to_text(node.right)), expected)
    return t.Arith(node.op, left, right, type=result, span=node.span)


def _wrong_arith(context: Context, node: s.Arith, left: t.Node, right: t.Node) -> t.Node:
    possible = [r for op, of, r in _ARITHMETIC if op == node.op and of == left.type]
    if possible:
        expected = Label("或".join(p.label.zh for p in possible), " or ".join(p.label.en for p in possible))
        return context.report(
            "type_mismatch",
            right.span,
            typed_label(quoted(to_text(node.right)), right.type),
            expected,
            _respell(possible[0], right),
        )
    found = typed_label(quoted(to_text(node.left)), left.type)
    return context.report("type_mismatch", left.span, found, NUMBER.label, _respell(NUMBER, left))
