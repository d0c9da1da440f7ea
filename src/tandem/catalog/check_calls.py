"""Check calls of functions and aggregates over related sets."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from tandem.catalog import check_reference, literals
from tandem.catalog import syntax as s
from tandem.catalog import typed as t
from tandem.catalog.functions import AGGREGATES, FUNCTIONS, LITERALS, Function
from tandem.catalog.label import Label
from tandem.catalog.model import Membership, Relation
from tandem.catalog.names import Context, quoted, resolve, typed_label
from tandem.catalog.problems import Problem, nearest
from tandem.catalog.value_types import (
    BOOL,
    DATE,
    DURATION,
    NULL,
    NUMBER,
    SAME,
    SAME_ORDERED,
    TEXT,
    TIMESTAMP,
    UNKNOWN,
    Type,
)

_PLACES_MAX: Final = 1_000


def call(context: Context, node: s.Call, args: tuple[t.Node, ...]) -> t.Node:
    """Return the typed call of the overload that fits the arguments."""
    special = _special(context, node, args)
    if special is not None:
        return special
    memberships = context.scope.memberships()
    overloads = FUNCTIONS.get(node.name)
    if overloads is None or overloads[0].hidden:
        return _unknown_function(context, node, list(memberships))
    if any(arg.type == UNKNOWN for arg in args):
        return t.Const(None, type=UNKNOWN, span=node.span)
    for position, overload in enumerate(overloads):
        fitted = _fit(overload, args)
        if fitted is not None:
            _check_constants(context, overload, fitted[0])
            check_reference.constants(context, node.name, fitted[0])
            return t.Call(node.name, position, fitted[0], type=fitted[1], span=node.span)
    return _no_overload(context, node, overloads, args)


def _special(context: Context, node: s.Call, args: tuple[t.Node, ...]) -> t.Node | None:
    """Return the node of a call that is no function of the list: a literal, an area, a lookup, a membership."""
    if node.name in LITERALS:
        return literals.moment(context, node)
    if node.name == "within":
        return check_reference.within(context, node, args)
    if node.name in context.scope.catalog.lookups:
        return check_reference.lookup(context, node, args)
    found = context.scope.memberships().get(node.name)
    return None if found is None else _member(context, node, args, *found)


def _unknown_function(context: Context, node: s.Call, memberships: list[str]) -> t.Node:
    names = [
        *(name for name, overloads in FUNCTIONS.items() if not overloads[0].hidden),
        *memberships,
        *context.scope.catalog.lookups,
        "within",
        *AGGREGATES,
        *LITERALS,
    ]
    best = nearest(node.name, names)
    expected = Label("已有的函数", "a function that exists")
    # Of the call only the name is wrong: what is suggested stands in its place and leaves the arguments.
    name = replace(node.span, end=node.span.start + len(node.name))
    return context.report("unknown_function", name, quoted(f"{node.name}(…)"), expected, best)


def _fit(function: Function, args: tuple[t.Node, ...]) -> tuple[tuple[t.Node, ...], Type] | None:
    """Return the arguments brought to the parameters' types, and the result's type; None when they do not fit."""
    params = _params_for(function, len(args))
    if params is None:
        return None
    same = next(
        (
            arg.type
            for param, arg in zip(params, args, strict=True)
            if param in {SAME, SAME_ORDERED} and arg.type != NULL
        ),
        None,
    )
    if SAME_ORDERED in params and same not in {NUMBER, DATE, TIMESTAMP, DURATION}:
        return None
    fitted: list[t.Node] = []
    for param, arg in zip(params, args, strict=True):
        wanted = (same or NULL) if param in {SAME, SAME_ORDERED} else param
        if arg.type == NULL:
            fitted.append(replace(arg, type=wanted))
        elif arg.type == wanted:
            fitted.append(arg)
        else:
            return None
    result = (same or NULL) if function.result in {SAME, SAME_ORDERED} else function.result
    return tuple(fitted), result


def _params_for(function: Function, count: int) -> tuple[Type, ...] | None:
    if function.variadic and count >= len(function.params):
        return function.params + (function.params[-1],) * (count - len(function.params))
    return function.params if count == len(function.params) else None


def _no_overload(context: Context, node: s.Call, overloads: tuple[Function, ...], args: tuple[t.Node, ...]) -> t.Node:
    shapes = " / ".join(dict.fromkeys(o.signature for o in overloads))
    counts = {len(o.params) for o in overloads}
    if len(args) not in counts and not any(o.variadic and len(args) > len(o.params) for o in overloads):
        found = Label(f"{len(args)} 个参数", f"{len(args)} arguments")
        return context.report("wrong_argument_count", node.span, found, Label(shapes, shapes))
    for position, arg in enumerate(args):
        wanted = [p[position] for o in overloads if (p := _params_for(o, len(args))) is not None]
        if arg.type not in wanted and SAME not in wanted and arg.type != NULL:
            found = typed_label(Label(f"第 {position + 1} 个参数", f"argument {position + 1}"), arg.type)
            expected = Label("或".join(w.label.zh for w in wanted), " or ".join(w.label.en for w in wanted))
            return context.report("wrong_argument", arg.span, found, expected)
    found = typed_label(Label(f"第 {len(args)} 个参数", f"argument {len(args)}"), args[-1].type)
    return context.report(
        "wrong_argument",
        args[-1].span,
        found,
        typed_label(Label("与前面相同的类型", "the same type as before"), args[-2].type),
    )


def _check_constants(context: Context, function: Function, args: tuple[t.Node, ...]) -> None:
    """Positions that shape the result (decimal places, months) are written as constants, so that cost stays bounded."""
    for position in function.constant:
        arg = args[position]
        if arg.type != NUMBER:
            continue
        value = _whole(arg)
        if value is None or not function.constant_min <= value <= _PLACES_MAX:
            expected = Label(
                f"{function.constant_min} 到 {_PLACES_MAX} 之间的整数常量",
                f"a whole constant between {function.constant_min} and {_PLACES_MAX}",
            )
            context.problems.append(
                Problem(
                    "not_constant", arg.span, Label(f"第 {position + 1} 个参数", f"argument {position + 1}"), expected
                )
            )


def _whole(node: t.Node) -> int | None:
    match node:
        case t.Const(value=value) if node.type == NUMBER and value is not None:
            return _int(value, 1)
        case t.Negative(value=t.Const(value=value)) if value is not None:
            return _int(value, -1)
        case _:
            return None


def _int(value: object, sign: int) -> int | None:
    return sign * int(str(value)) if str(value).isdigit() else None


def _member(context: Context, node: s.Call, args: tuple[t.Node, ...], root: str, membership: Membership) -> t.Node:
    if len(args) != 1 or args[0].type not in {TEXT, UNKNOWN}:
        expected = Label(f"{node.name}('{membership.label.zh}')", f"{node.name}('{membership.label.en}')")
        return context.report("wrong_argument", node.span, Label("这些参数", "these arguments"), expected)
    value = args[0]
    if membership.column_type == "uuid" and not (isinstance(value, t.Const) and _is_uuid(value.value)):
        expected = Label(f"{membership.label.zh}的编号", f"the id of a {membership.label.en}")
        return context.report("not_an_id", value.span, Label("不是编号的内容", "what is no id"), expected)
    return t.Member(node.name, root, value, span=node.span)


def _is_uuid(value: object) -> bool:
    try:
        return isinstance(value, str) and str(uuid.UUID(value)) == value.lower()
    except ValueError:
        return False


def related(context: Context, node: s.Related, condition: Callable[[Context, s.Node], t.Node]) -> t.Node:
    """Return the typed aggregate; its `where` is checked among the relation's fields."""
    if context.relation is not None:
        expected = Label("关联集合的条件里不再嵌套关联集合", "no related set within the condition of another")
        return context.report("nested_related", node.span, quoted(f"{node.aggregate}(…)"), expected)
    relations = context.scope.relations()
    if node.path[0] not in relations:
        return _unknown_relation(context, node, {name: relation for name, (_, relation) in relations.items()})
    root, relation = relations[node.path[0]]
    inner = Context(context.scope, context.problems, relation)
    field = _aggregated(inner, node, relation)
    window = None if node.window is None else _window(context, node.window, relation)
    where = None if node.where is None else condition(inner, node.where)
    if UNKNOWN in {part.type for part in (field, window, where) if part is not None}:
        return t.Const(None, type=UNKNOWN, span=node.span)
    length = window.value if isinstance(window, t.Const) else None
    return t.Related(
        node.aggregate,
        root,
        relation.name,
        field.field if isinstance(field, t.RowField) else None,
        length if not isinstance(length, tuple | str | bool | None) and window and window.type == DURATION else None,  # type: ignore[arg-type]
        where,
        type=_aggregate_type(node.aggregate, field),
        span=node.span,
    )


def _unknown_relation(context: Context, node: s.Related, relations: dict[str, Relation]) -> t.Node:
    spelled = {relation.label.zh: name for name, relation in relations.items()} | {name: name for name in relations}
    best = nearest(node.path[0], spelled)
    expected = Label(f"关联集合：{'、'.join(relations) or '—'}", f"a related set: {', '.join(relations) or '—'}")
    return context.report("unknown_relation", node.path_span, quoted(node.path[0]), expected, best and spelled[best])


def _aggregated(context: Context, node: s.Related, relation: Relation) -> t.Node | None:
    """Return the field that is aggregated, None for a count of rows."""
    if node.aggregate in _ORDERED and relation.time_field is None:
        return context.report(
            "no_time",
            node.path_span,
            quoted(relation.name),
            Label("有时间先后的关联集合", "a related set with an order in time"),
        )
    if len(node.path) == 1:
        if node.aggregate in _OF_ROWS:
            return None
        fields = [f"{relation.name}.{f.name}" for f in relation.fields[:6]]
        return context.report(
            "field_needed",
            node.path_span,
            quoted(f"{node.aggregate}({relation.name})"),
            Label(f"要统计的字段，如 {'、'.join(fields)}", f"the field meant, such as {', '.join(fields)}"),
        )
    if len(node.path) > 2 or node.aggregate in {"exists", "days_in_a_row"}:
        return context.report(
            "wrong_path",
            node.path_span,
            quoted(".".join(node.path)),
            Label(f"{relation.name} 或 {relation.name} 的字段", f"{relation.name} or one of its fields"),
        )
    field = resolve(context, node.path, node.path_span)
    allowed = _ALLOWED.get(node.aggregate)
    if field.type != UNKNOWN and allowed is not None and field.type not in allowed:
        names = Label("或".join(a.label.zh for a in allowed), " or ".join(a.label.en for a in allowed))
        return context.report(
            "wrong_argument", node.path_span, typed_label(quoted(".".join(node.path)), field.type), names
        )
    return field


_ORDERED: Final = frozenset({"first", "last", "days_in_a_row"})
_OF_ROWS: Final = frozenset({"count", "exists", "days_in_a_row"})

_ALLOWED: Final[dict[str, tuple[Type, ...]]] = {
    "sum": (NUMBER,),
    "avg": (NUMBER,),
    "min": (NUMBER, TEXT, DATE, TIMESTAMP),
    "max": (NUMBER, TEXT, DATE, TIMESTAMP),
    "first": (NUMBER, TEXT, DATE, TIMESTAMP, BOOL),
    "last": (NUMBER, TEXT, DATE, TIMESTAMP, BOOL),
    "most_frequent": (NUMBER, TEXT, DATE),
}


def _window(context: Context, node: s.Duration, relation: Relation) -> t.Node:
    if relation.time_field is None:
        return context.report(
            "no_time",
            node.span,
            quoted(relation.name),
            Label("有时间字段的关联集合", "a related set with a time field"),
        )
    return literals.duration(context, node)


def _aggregate_type(aggregate: str, field: t.Node | None) -> Type:
    if aggregate == "exists":
        return BOOL
    return NUMBER if aggregate in {"count", "sum", "avg"} or field is None else field.type
