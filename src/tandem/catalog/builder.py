"""Syntax tree <-> the visual builder's JSON. Text -> JSON -> text changes nothing but spacing."""

# ruff: noqa: PLR0911, PLR0912, C901 (one branch for each form of node reads best)

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from pydantic import ValidationError

from tandem.catalog import builder_models as b
from tandem.catalog import syntax as s
from tandem.catalog.label import Label
from tandem.catalog.parser import DEPTH_MAX, parse, quote, unquote
from tandem.catalog.problems import NOWHERE, ExpressionError, Problem

_STRING: Final = re.compile(r"""'([^'\\\n]|\\[\\'"nrtu]|'')*'|"([^"\\\n]|\\[\\'"nrtu]|"")*\"""")


def to_json(node: s.Node) -> dict[str, Any]:
    """Return the builder's JSON of a syntax tree."""
    json = _form(node)
    if node.parens:
        json["parens"] = node.parens
    return json


def _form(node: s.Node) -> dict[str, Any]:
    match node:
        case s.And(items=items):
            return {"kind": "and", "items": [to_json(item) for item in items]}
        case s.Or(items=items):
            return {"kind": "or", "items": [to_json(item) for item in items]}
        case s.Not(item=item):
            return {"kind": "not", "item": to_json(item)}
        case s.Compare(op=op, left=left, right=right):
            return {"kind": "compare", "op": op, "left": to_json(left), "right": to_json(right)}
        case s.Between(value=value, low=low, high=high):
            return {"kind": "between", "value": to_json(value), "low": to_json(low), "high": to_json(high)}
        case s.In(value=value, choices=choices, negated=negated):
            return {"kind": "in", "value": to_json(value), "choices": to_json(choices)} | _flag(negated)
        case s.Match(op=op, left=left, right=right):
            return {"kind": "match", "op": op, "left": to_json(left), "right": to_json(right)}
        case s.Missing(value=value, negated=negated):
            return {"kind": "missing", "value": to_json(value)} | _flag(negated)
        case s.Arith(op=op, left=left, right=right):
            return {"kind": "arith", "op": op, "left": to_json(left), "right": to_json(right)}
        case s.Negative(value=value):
            return {"kind": "negative", "value": to_json(value)}
        case _:
            return _atom(node)


def _flag(negated: bool) -> dict[str, Any]:  # noqa: FBT001 (private, one meaning)
    return {"negated": True} if negated else {}


def _atom(node: s.Node) -> dict[str, Any]:
    match node:
        case s.Number(text=text):
            return {"kind": "number", "text": text}
        case s.Text(value=value, raw=raw):
            return {"kind": "text", "value": value} | ({} if raw is None else {"raw": raw})
        case s.Bool(value=value):
            return {"kind": "bool", "value": value}
        case s.Null():
            return {"kind": "null"}
        case s.Duration(amount=amount, unit=unit):
            return {"kind": "duration", "amount": amount, "unit": unit}
        case s.ListOf(items=items):
            return {"kind": "list", "items": [to_json(item) for item in items]}
        case s.Tiers(rows=rows):
            return {"kind": "tiers", "rows": [_tier(*row) for row in rows]}
        case s.Name(path=path):
            return {"kind": "field", "path": list(path)}
        case s.Call(name=name, args=args):
            return {"kind": "call", "name": name, "args": [to_json(arg) for arg in args]}
        case s.Related():
            return _related(node)
        case _:
            raise TypeError(type(node).__name__)


def _tier(low: s.Number, high: s.Number | None, rate: s.Number) -> dict[str, str]:
    return {"from": low.text} | ({} if high is None else {"to": high.text}) | {"rate": rate.text}


def _related(node: s.Related) -> dict[str, Any]:
    json: dict[str, Any] = {"kind": "related", "aggregate": node.aggregate, "relation": node.path[0]}
    if node.path[1:]:
        json["field"] = list(node.path[1:])
    if node.window is not None:
        json["window"] = {"amount": node.window.amount, "unit": node.window.unit}
    if node.where is not None:
        json["where"] = to_json(node.where)
    return json


def from_json(source: Mapping[str, Any]) -> s.Node:
    """Return the syntax tree of the builder's JSON; ExpressionError names the path of what is wrong in it."""
    _refuse_deep(source)
    try:
        model = b.ADAPTER.validate_python(source)
    except ValidationError as wrong:
        first = wrong.errors(include_url=False)[0]
        path = ".".join(str(part) for part in first["loc"]) or "."
        raise _refused(path, str(first["msg"])) from None
    return _node(model)


def _refuse_deep(source: object) -> None:
    """Measure the nesting in a loop, before anything recursive looks at it."""
    layer: list[Any] = [source]
    for _ in range(4 * DEPTH_MAX):
        layer = [inner for outer in layer for inner in _inside(outer)]
        if not layer:
            return
    raise _refused(".", f"nested deeper than {DEPTH_MAX} levels")


def _inside(value: Any) -> list[Any]:
    if isinstance(value, Mapping):
        return list(value.values())  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    return list(value) if isinstance(value, list | tuple) else []  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]


def _refused(path: str, why: str) -> ExpressionError:
    found = Label(f"构建器数据 {path}（{why}）", f"builder data at {path} ({why})")
    return ExpressionError([Problem("bad_tree", NOWHERE, found, Label("有效的表达式结构", "a valid expression tree"))])


def _node(model: b.Base) -> s.Node:
    node = _condition_node(model)
    return replace(node, parens=node.parens + model.parens) if model.parens else node


def _condition_node(model: b.Base) -> s.Node:
    match model:
        case b.AndModel(items=items):
            return _group(s.And, items)
        case b.OrModel(items=items):
            return _group(s.Or, items)
        case b.NotModel(item=item):
            return s.Not(_node(item))
        case b.CompareModel(op=op, left=left, right=right):
            return s.Compare(op, _node(left), _node(right))
        case b.BetweenModel(value=value, low=low, high=high):
            return s.Between(_node(value), _node(low), _node(high))
        case b.InModel(value=value, choices=choices, negated=negated):
            return s.In(_node(value), _node(choices), negated)
        case b.MatchModel(op=op, left=left, right=right):
            return s.Match(op, _node(left), _node(right))
        case b.MissingModel(value=value, negated=negated):
            return s.Missing(_node(value), negated)
        case _:
            return _value_node(model)


def _value_node(model: b.Base) -> s.Node:
    match model:
        case b.ArithModel(op=op, left=left, right=right):
            return s.Arith(op, _node(left), _node(right))
        case b.NegativeModel(value=value):
            return s.Negative(_node(value))
        case b.NumberModel(text=text):
            return s.Number(text)
        case b.TextModel():
            return s.Text(model.value, _raw(model))
        case b.BoolModel(value=value):
            return s.Bool(value)
        case b.NullModel():
            return s.Null()
        case b.DurationModel(amount=amount, unit=unit):
            return s.Duration(amount, unit)
        case b.ListModel(items=items):
            return s.ListOf(_nodes(items))
        case b.TiersModel(rows=rows):
            return s.Tiers(
                tuple(
                    (s.Number(row.low), None if row.high is None else s.Number(row.high), s.Number(row.rate))
                    for row in rows
                )
            )
        case b.FieldModel(path=path):
            return s.Name(path)
        case b.CallModel(name=name, args=args):
            return s.Call(name, _nodes(args))
        case b.RelatedModel():
            return _related_node(model)
        case b.RawModel(text=text):
            return parse(text)
        case _:
            raise TypeError(type(model).__name__)


def _group(form: type[s.And | s.Or], models: tuple[Any, ...]) -> s.Node:
    """A group of one, as the builder may hold while it is being edited, is that one."""
    nodes = [_node(model) for model in models]
    return form(tuple(nodes)) if len(nodes) > 1 else nodes[0]


def _nodes(models: tuple[Any, ...]) -> tuple[s.Node, ...]:
    return tuple(_node(model) for model in models)


def _related_node(model: b.RelatedModel) -> s.Node:
    window = None if model.window is None else s.Duration(model.window.amount, model.window.unit)
    where = None if model.where is None else _node(model.where)
    return s.Related(model.aggregate, (model.relation, *model.field), window, where)


def _raw(model: b.TextModel) -> str | None:
    """Keep a spelling only while it still says the value; the builder changes the value alone."""
    raw = model.raw
    if raw is None or raw == quote(model.value) or not _STRING.fullmatch(raw) or unquote(raw) != model.value:
        return None
    return raw
