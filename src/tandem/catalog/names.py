"""Resolve names against the scope; a name that does not exist gets the nearest one that does."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from tandem.catalog import typed as t
from tandem.catalog.label import Label
from tandem.catalog.model import EventType, Field, Relation, Scope, relation_field
from tandem.catalog.problems import Problem, Span, nearest
from tandem.catalog.value_types import UNKNOWN, Type


@dataclass
class Context:
    """What one check carries along: the scope, the relation whose rows are looked at, the mistakes so far."""

    scope: Scope
    problems: list[Problem] = field(default_factory=list[Problem])
    relation: Relation | None = None

    def report(self, code: str, span: Span, found: Label, expected: Label, suggestion: str | None = None) -> t.Node:
        """Note a mistake and return a node that causes no further ones."""
        self.problems.append(Problem(code, span, found, expected, suggestion))
        return t.Const(None, type=UNKNOWN, span=span)


def quoted(text: str) -> Label:
    shown = text if len(text) <= 60 else text[:59] + "…"
    return Label(f"“{shown}”", f"“{shown}”")


def typed_label(prefix: Label, type_: Type) -> Label:
    return Label(f"{prefix.zh}（{type_.label.zh}）", f"{prefix.en} ({type_.label.en})")


def resolve(context: Context, path: tuple[str, ...], span: Span) -> t.Node:
    """Return the field that a dotted name stands for."""
    relation = context.relation
    if relation is not None and (len(path) == 1 or (len(path) == 2 and path[0] == relation.name)):
        return _row_field(context, relation, path[-1], span)
    if len(path) == 2 and path[0] in context.scope.roots:
        return _root_field(context, path[0], path[1], span)
    return context.report(
        "unknown_name", span, quoted(".".join(path)), _names_expected(context), _suggest(context, path)
    )


def _root_field(context: Context, root: str, name: str, span: Span) -> t.Node:
    of = context.scope.roots[root]
    found = context.scope.field(root, name)
    if found is None:
        owner = of.label
        expected = Label(f"“{owner.zh}”的字段", f"a field of {owner.en}")
        best = _nearest_field(name, of.fields)
        return context.report("unknown_field", span, quoted(f"{root}.{name}"), expected, best and f"{root}.{best}")
    return _permitted(context, found, t.RootField(root, name, type=found.type, span=span))


def _row_field(context: Context, relation: Relation, name: str, span: Span) -> t.Node:
    found = relation_field(relation, name)
    if found is None:
        expected = Label(f"“{relation.label.zh}”的字段", f"a field of {relation.label.en}")
        return context.report("unknown_field", span, quoted(name), expected, _nearest_field(name, relation.fields))
    return _permitted(context, found, t.RowField(relation.name, name, type=found.type, span=span))


def _permitted(context: Context, found: Field, node: t.Node) -> t.Node:
    label = Label(f"“{found.label.zh}”", f"“{found.label.en}”")
    if found.encrypted:
        zh, en = (
            "未加密的字段（加密字段不能用于表达式）",
            "a field that is not encrypted (expressions cannot read encrypted ones)",
        )
        return context.report("encrypted_field", node.span, label, Label(zh, en))
    if found.privacy not in context.scope.privacy:
        zh, en = "您有权读取的字段", "a field that you have the right to read"
        return context.report("forbidden_field", node.span, label, Label(zh, en))
    return node


def field_of(context: Context, node: t.Node) -> Field | None:
    """Return the catalog's field behind a node, for its options."""
    match node:
        case t.RootField(root=root, field=name):
            return context.scope.field(root, name)
        case t.RowField(relation=relation, field=name):
            return relation_field(context.scope.catalog.relations[relation], name)
        case _:
            return None


def _nearest_field(name: str, fields: Iterable[Field]) -> str | None:
    """Compare with names and with labels: people type what they see on the screen."""
    spelled: dict[str, str] = {}
    for each in fields:
        if not each.encrypted:
            spelled |= {each.label.zh: each.name, each.label.en.lower(): each.name, each.name: each.name}
    best = nearest(name, spelled)
    return spelled[best] if best else None


def _names_expected(context: Context) -> Label:
    roots, roots_en = (mark.join(f"{root}.…" for root in context.scope.roots) for mark in ("、", ", "))
    if context.relation is not None:
        relation = context.relation.label
        return Label(f"“{relation.zh}”的字段，或 {roots}", f"a field of {relation.en}, or {roots_en}")
    return Label(f"字段，如 {roots}", f"a field, such as {roots_en}")


def _suggest(context: Context, path: tuple[str, ...]) -> str | None:
    written = ".".join(path)
    names = [f"{root}.{f.name}" for root, of in context.scope.roots.items() for f in of.fields if not f.encrypted]
    best = nearest(written, names)
    if best is not None:
        return best
    for root, of in context.scope.roots.items():
        by_field = _nearest_field(path[-1], of.fields)
        if by_field is not None:
            return f"{root}.{by_field}"
    return None


def root_label(context: Context, root: str) -> Label:
    of = context.scope.roots[root]
    return Label(of.label.zh, of.label.en) if isinstance(of, EventType) else of.label
