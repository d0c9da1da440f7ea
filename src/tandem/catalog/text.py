"""Syntax tree to text. Parentheses that were written stay; those that a hand-made tree needs are added."""

# ruff: noqa: PLR0911 (one return for each form of node reads best)

from __future__ import annotations

from typing import Final

from tandem.catalog import syntax as s
from tandem.catalog.parser import quote

# How tightly each form binds; a child that binds less tightly than its place asks for gets parentheses.
_OR: Final = 1
_AND: Final = 2
_NOT: Final = 3
_COMPARISON: Final = 4
_SUM: Final = 5
_PRODUCT: Final = 6
_UNARY: Final = 7
_ATOM: Final = 8


def to_text(node: s.Node) -> str:
    """Return the expression's text; parsing it gives the same tree."""
    return _at(node, _OR)


def _at(node: s.Node, place: int) -> str:
    body, binds = _body(node)
    if node.parens:
        return "(" * node.parens + body + ")" * node.parens
    return body if binds >= place else f"({body})"


def _body(node: s.Node) -> tuple[str, int]:
    match node:
        case s.Or(items=items):
            return " or ".join(_at(item, _AND) for item in items), _OR if len(items) > 1 else _AND
        case s.And(items=items):
            return " and ".join(_at(item, _NOT) for item in items), _AND if len(items) > 1 else _NOT
        case s.Not(item=item):
            return f"not {_at(item, _NOT)}", _NOT
        case s.Compare() | s.Between() | s.In() | s.Match() | s.Missing():
            return _comparison(node), _COMPARISON
        case s.Arith(op=op, left=left, right=right):
            binds = _SUM if op in "+-" else _PRODUCT
            return f"{_at(left, binds)} {op} {_at(right, binds + 1)}", binds
        case s.Negative(value=value):
            return f"-{_at(value, _UNARY)}", _UNARY
        case _:
            return _atom(node), _ATOM


def _comparison(node: s.Node) -> str:
    match node:
        case s.Compare(op=op, left=left, right=right):
            return f"{_at(left, _SUM)} {op} {_at(right, _SUM)}"
        case s.Between(value=value, low=low, high=high):
            return f"{_at(value, _SUM)} between {_at(low, _SUM)} and {_at(high, _SUM)}"
        case s.In(value=value, choices=choices, negated=negated):
            return f"{_at(value, _SUM)} {'not in' if negated else 'in'} {_at(choices, _SUM)}"
        case s.Match(op=op, left=left, right=right):
            return f"{_at(left, _SUM)} {op} {_at(right, _SUM)}"
        case s.Missing(value=value, negated=negated):
            return f"{_at(value, _SUM)} {'is not missing' if negated else 'is missing'}"
        case _:
            raise TypeError(type(node).__name__)


def _atom(node: s.Node) -> str:
    match node:
        case s.Number(text=text):
            return text
        case s.Text(value=value, raw=raw):
            return quote(value) if raw is None else raw
        case s.Bool(value=value):
            return "true" if value else "false"
        case s.Null():
            return "null"
        case s.Duration(amount=amount, unit=unit):
            return f"{amount} {unit}"
        case s.ListOf(items=items):
            return "[" + ", ".join(to_text(item) for item in items) + "]"
        case s.Tiers(rows=rows):
            return "[" + ", ".join(_tier(*row) for row in rows) + "]"
        case s.Name(path=path):
            return ".".join(path)
        case s.Call(name=name, args=args):
            return f"{name}({', '.join(to_text(arg) for arg in args)})"
        case s.Related():
            return _related(node)
        case _:
            raise TypeError(type(node).__name__)


def _tier(low: s.Number, high: s.Number | None, rate: s.Number) -> str:
    bound = "" if high is None else f" to {high.text}"
    return f"{low.text}{bound}: {rate.text}"


def _related(node: s.Related) -> str:
    text = ".".join(node.path)
    if node.window is not None:
        text += f" in last {_atom(node.window)}"
    if node.where is not None:
        text += f" where {to_text(node.where)}"
    return f"{node.aggregate}({text})"
