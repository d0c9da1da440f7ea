"""Text to syntax tree. Every mistake becomes an ExpressionError with its place; nothing else escapes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cache
from importlib import resources
from typing import Any, Final, cast

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken
from lark.tree import Meta

from tandem.catalog import syntax as s
from tandem.catalog.grammar_words import describe_terminals, describe_token
from tandem.catalog.label import Label
from tandem.catalog.problems import ExpressionError, Problem, Span

LENGTH_MAX: Final = 20_000
DEPTH_MAX: Final = 60
NODES_MAX: Final = 1_500
NUMBER_DIGITS_MAX: Final = 40

_ESCAPES: Final = {
    "'": re.compile(r"\\(u[0-9a-fA-F]{4}|.)|''"),
    '"': re.compile(r'\\(u[0-9a-fA-F]{4}|.)|""'),
}
_SIMPLE_ESCAPES: Final = {"n": "\n", "r": "\r", "t": "\t"}


def parse(text: str) -> s.Node:
    """Return the syntax tree of an expression; ExpressionError names the place of the first mistake."""
    if len(text) > LENGTH_MAX:
        _fail(
            "too_long",
            Span(LENGTH_MAX, len(text), 1, 1),
            _chars(len(text)),
            _at_most(LENGTH_MAX, "个字符", "characters"),
        )
    _refuse_unstorable(text)
    try:
        tree = _lark().parse(text, start="expression")
    except UnexpectedInput as trouble:
        raise ExpressionError([_syntax_problem(text, trouble)]) from None
    return _build(tree)


@cache
def _lark() -> Lark:
    grammar = resources.files("tandem.catalog").joinpath("grammar.lark").read_text("utf-8")
    return Lark(
        grammar,
        start="expression",
        parser="lalr",
        lexer="contextual",
        propagate_positions=True,
        maybe_placeholders=True,
    )


def _build(tree: Tree[Token]) -> s.Node:
    """Build children before parents in a loop, so that deep input costs no recursion."""
    build = _Build()
    built: dict[int, Any] = {}
    subtrees = list(tree.iter_subtrees())
    if len(subtrees) > NODES_MAX:
        _fail(
            "too_large",
            _span(tree.meta),
            Label(f"{len(subtrees)} 个部分", f"{len(subtrees)} parts"),
            _at_most(NODES_MAX, "个部分", "parts"),
        )
    for subtree in subtrees:
        children = [built[id(child)] if isinstance(child, Tree) else child for child in subtree.children]
        built[id(subtree)] = getattr(build, str(subtree.data))(subtree.meta, children)
    return built[id(tree)]


def _span(meta: Meta) -> Span:
    return Span(meta.start_pos, meta.end_pos, meta.line, meta.column)


def _deep(span: Span, *children: s.Node | None) -> int:
    depth = 1 + max((child.depth for child in children if child is not None), default=0)
    if depth > DEPTH_MAX:
        _fail(
            "too_deep", span, Label("嵌套过深的部分", "a part nested too deeply"), _at_most(DEPTH_MAX, "层", "levels")
        )
    return depth


class _Build:
    """One method for each rule of the grammar: place and built children in, node out."""

    def expression(self, _meta: Meta, children: list[Any]) -> s.Node:
        return children[0]

    def number(self, meta: Meta, children: list[Any]) -> s.Node:
        text = str(children[0])
        if len(text) > NUMBER_DIGITS_MAX:
            _fail("number_too_long", _span(meta), _chars(len(text)), _at_most(NUMBER_DIGITS_MAX, "位数字", "digits"))
        return s.Number(text, span=_span(meta))

    def duration(self, meta: Meta, children: list[Any]) -> s.Node:
        return _duration(str(children[0]), _span(meta))

    def text(self, meta: Meta, children: list[Any]) -> s.Node:
        raw = str(children[0])
        value = unquote(raw)
        if any(0xD800 <= ord(c) <= 0xDFFF or c == "\0" for c in value):
            _fail(
                "bad_text",
                _span(meta),
                Label("无法存储的字符", "a character that cannot be stored"),
                Label("普通文本", "ordinary text"),
            )
        return s.Text(value, None if raw == quote(value) else raw, span=_span(meta))

    def true(self, meta: Meta, _children: list[Any]) -> s.Node:
        return s.Bool(value=True, span=_span(meta))

    def false(self, meta: Meta, _children: list[Any]) -> s.Node:
        return s.Bool(value=False, span=_span(meta))

    def null(self, meta: Meta, _children: list[Any]) -> s.Node:
        return s.Null(span=_span(meta))

    def list(self, meta: Meta, items: list[Any]) -> s.Node:
        return s.ListOf(tuple(items), span=_span(meta), depth=_deep(_span(meta), *items))

    def tier(self, meta: Meta, children: list[Any]) -> tuple[s.Node, s.Node | None, s.Node]:
        span = _span(meta)
        low, high, rate = children
        return s.Number(str(low), span=span), high and s.Number(str(high), span=span), s.Number(str(rate), span=span)

    def tiers(self, meta: Meta, rows: list[Any]) -> s.Node:
        return s.Tiers(tuple(rows), span=_span(meta), depth=2)

    def path(self, meta: Meta, names: list[Any]) -> s.Node:
        return s.Name(tuple(str(name) for name in names), span=_span(meta))

    def window(self, meta: Meta, children: list[Any]) -> s.Node:
        return _duration(str(children[0]), _span(meta))

    def name(self, _meta: Meta, children: list[Any]) -> s.Node:
        return children[0]

    def parens(self, meta: Meta, children: list[Any]) -> s.Node:
        inner: s.Node = children[0]
        return replace(inner, parens=inner.parens + 1, depth=_deep(_span(meta), inner))

    def call(self, meta: Meta, children: list[Any]) -> s.Node:
        name, *args = children
        return s.Call(str(name), tuple(args), span=_span(meta), depth=_deep(_span(meta), *args))

    def related(self, meta: Meta, children: list[Any]) -> s.Node:
        aggregate, path, window, where = children
        return s.Related(
            str(aggregate),
            path.path,
            window,
            where,
            path.span,
            span=_span(meta),
            depth=_deep(_span(meta), window, where),
        )

    def or_(self, meta: Meta, items: list[Any]) -> s.Node:
        return s.Or(tuple(items), span=_span(meta), depth=_deep(_span(meta), *items))

    def and_(self, meta: Meta, items: list[Any]) -> s.Node:
        return s.And(tuple(items), span=_span(meta), depth=_deep(_span(meta), *items))

    def not_(self, meta: Meta, children: list[Any]) -> s.Node:
        return s.Not(children[0], span=_span(meta), depth=_deep(_span(meta), *children))

    def compare(self, meta: Meta, children: list[Any]) -> s.Node:
        left, op, right = children
        return s.Compare(str(op), left, right, span=_span(meta), depth=_deep(_span(meta), left, right))

    def between(self, meta: Meta, children: list[Any]) -> s.Node:
        return s.Between(*children, span=_span(meta), depth=_deep(_span(meta), *children))

    def in_(self, meta: Meta, children: list[Any]) -> s.Node:
        return s.In(*children, span=_span(meta), depth=_deep(_span(meta), *children))

    def not_in(self, meta: Meta, children: list[Any]) -> s.Node:
        return s.In(*children, negated=True, span=_span(meta), depth=_deep(_span(meta), *children))

    def contains(self, meta: Meta, children: list[Any]) -> s.Node:
        return s.Match("contains", *children, span=_span(meta), depth=_deep(_span(meta), *children))

    def starts_with(self, meta: Meta, children: list[Any]) -> s.Node:
        return s.Match("starts with", *children, span=_span(meta), depth=_deep(_span(meta), *children))

    def ends_with(self, meta: Meta, children: list[Any]) -> s.Node:
        return s.Match("ends with", *children, span=_span(meta), depth=_deep(_span(meta), *children))

    def missing(self, meta: Meta, children: list[Any]) -> s.Node:
        return s.Missing(children[0], span=_span(meta), depth=_deep(_span(meta), *children))

    def not_missing(self, meta: Meta, children: list[Any]) -> s.Node:
        return s.Missing(children[0], negated=True, span=_span(meta), depth=_deep(_span(meta), *children))

    def arith(self, meta: Meta, children: list[Any]) -> s.Node:
        left, op, right = children
        return s.Arith(str(op), left, right, span=_span(meta), depth=_deep(_span(meta), left, right))

    def signed(self, meta: Meta, children: list[Any]) -> s.Node:
        sign, value = children
        if sign == "+":
            _fail(
                "plus_sign",
                _span(meta),
                Label("正号 +", "a plus sign"),
                Label("不带正号的数值", "a value without a plus sign"),
            )
        return s.Negative(value, span=_span(meta), depth=_deep(_span(meta), value))


def _duration(text: str, span: Span) -> s.Duration:
    amount = text.rstrip("abcdefghijklmnopqrstuvwxyz").rstrip()
    unit = text[len(amount) :].lstrip()
    if len(amount) > 9:
        _fail(
            "duration_too_long",
            span,
            Label(text, text),
            Label("不超过 9 位数字的时长", "a duration of at most 9 digits"),
        )
    return s.Duration(amount, unit, span=span)


def unquote(raw: str) -> str:
    """Return the text that a quoted literal stands for."""
    return _ESCAPES[raw[0]].sub(_unescape, raw[1:-1])


def _unescape(match: re.Match[str]) -> str:
    escape = match.group(1)
    if escape is None:
        return match.group(0)[0]
    if escape[0] == "u" and len(escape) == 5:
        return chr(int(escape[1:], 16))
    return _SIMPLE_ESCAPES.get(escape, escape)


def quote(value: str) -> str:
    """Return the usual spelling of a text literal."""
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    for letter, char in _SIMPLE_ESCAPES.items():
        escaped = escaped.replace(char, "\\" + letter)
    return f"'{escaped}'"


def _syntax_problem(text: str, trouble: UnexpectedInput) -> Problem:
    if isinstance(trouble, UnexpectedToken):
        return _unexpected_token(text, cast("Token", trouble.token), trouble.accepts or trouble.expected)
    if isinstance(trouble, UnexpectedCharacters):
        return _unexpected_character(text, trouble)
    raise trouble


def _unexpected_token(text: str, token: Token, accepted: Iterable[str]) -> Problem:
    expected = describe_terminals(accepted)
    if token.type == "$END":
        return Problem("unfinished", _end_of(text), Label("表达式结尾", "the end of the expression"), expected)
    start = token.start_pos or 0
    span = Span(start, token.end_pos or start, token.line or 1, token.column or 1)
    # A foreign operator is read in pieces (`==` as two), so the characters around it are looked at.
    before = 1 if start and text[start - 1 : start + 1] in {"==", "=>", "=<", "<>"} else 0
    if before:
        span = Span(start - 1, span.end, span.line, span.column - 1)
    found, suggestion = describe_token(text[span.start : span.end])
    return Problem("unexpected", span, found, expected, suggestion)


def _unexpected_character(text: str, trouble: UnexpectedCharacters) -> Problem:
    start = cast("int", trouble.pos_in_stream)
    if text[start] in "'\"":
        span = Span(start, len(text), trouble.line, trouble.column)
        closing = Label("结尾的引号（反斜杠写作 \\\\）", "a closing quote (a backslash is written \\\\)")
        return Problem("unclosed_text", span, Label("没有正确结束的文本", "text that does not end properly"), closing)
    span = Span(start, start + 1, trouble.line, trouble.column)
    found, suggestion = describe_token(text[start : start + 2])
    return Problem("unexpected", span, found, describe_terminals(trouble.allowed or set()), suggestion)


def _end_of(text: str) -> Span:
    lines: Sequence[str] = text.split("\n")
    return Span(len(text), len(text), len(lines), len(lines[-1]) + 1)


def _refuse_unstorable(text: str) -> None:
    for position, char in enumerate(text):
        if char == "\0" or 0xD800 <= ord(char) <= 0xDFFF:
            line = text.count("\n", 0, position) + 1
            column = position - text.rfind("\n", 0, position)
            span = Span(position, position + 1, line, column)
            _fail(
                "bad_text",
                span,
                Label("无法存储的字符", "a character that cannot be stored"),
                Label("普通文本", "ordinary text"),
            )


def _fail(code: str, span: Span, found: Label, expected: Label) -> None:
    raise ExpressionError([Problem(code, span, found, expected)])


def _chars(count: int) -> Label:
    return Label(f"{count} 个字符", f"{count} characters")


def _at_most(limit: int, zh: str, en: str) -> Label:
    return Label(f"不超过 {limit} {zh}", f"at most {limit} {en}")
