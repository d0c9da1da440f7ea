"""Check what asks reference data: areas, lookups, divisions, the working-day calendar."""

from __future__ import annotations

from datetime import date

from tandem.catalog import syntax as s
from tandem.catalog import typed as t
from tandem.catalog.chinese_calendar import is_known_year, working_days
from tandem.catalog.divisions import divisions, full_name, nearest_code
from tandem.catalog.label import Label
from tandem.catalog.model import Lookup, Parameter
from tandem.catalog.names import Context, quoted, typed_label
from tandem.catalog.problems import nearest
from tandem.catalog.value_types import NULL, POINT, UNKNOWN

_AREA_NAME_MAX = 100


def within(context: Context, node: s.Call, args: tuple[t.Node, ...]) -> t.Node:
    """Return the typed `within(point, 'geofence:name')`."""
    areas = context.scope.catalog.areas
    kinds = list(areas) or ["geofence"]
    shape = f"within(point, '{kinds[0]}:…')"
    if len(args) != 2:
        found = Label(f"{len(args)} 个参数", f"{len(args)} arguments")
        return context.report("wrong_argument_count", node.span, found, Label(shape, shape))
    point, named = args
    if point.type not in {POINT, UNKNOWN}:
        found = typed_label(Label("第 1 个参数", "argument 1"), point.type)
        return context.report("wrong_argument", point.span, found, POINT.label)
    if not isinstance(named, t.Const) or not isinstance(named.value, str):
        return context.report(
            "not_constant", named.span, Label("一个计算式", "something computed"), Label(shape, shape)
        )
    kind, colon, name = named.value.partition(":")
    if not colon or not name or len(name) > _AREA_NAME_MAX or kind not in areas:
        best = nearest(kind, kinds)
        expected = Label(f"{kinds[0]}: 加名称，如 {shape}", f"{kinds[0]}: and a name, such as {shape}")
        suggestion = f"'{best}:{name}'" if best and name and best != kind else None
        return context.report("unknown_area", named.span, quoted(named.value), expected, suggestion)
    return t.Within(point, kind, name, span=node.span)


def lookup(context: Context, node: s.Call, args: tuple[t.Node, ...]) -> t.Node:
    """Return the typed call of a lookup."""
    found = context.scope.catalog.lookups[node.name]
    if len(args) != len(found.params):
        shape = _shape(found)
        given = Label(f"{len(args)} 个参数", f"{len(args)} arguments")
        return context.report("wrong_argument_count", node.span, given, Label(shape, shape))
    fitted = tuple(_argument(context, param, arg) for param, arg in zip(found.params, args, strict=True))
    return t.Lookup(found.name, fitted, type=found.result, span=node.span)


def _argument(context: Context, param: Parameter, arg: t.Node) -> t.Node:
    if param.entity is not None:
        of = context.scope.roots.get(arg.root) if isinstance(arg, t.Whole) else None
        if of is not None and of.name == param.entity:
            return arg
        best = next((root for root, entity in context.scope.roots.items() if entity.name == param.entity), None)
        found = Label(f"参数“{param.label.zh}”", f"the argument “{param.label.en}”")
        owner = context.scope.catalog.entities[param.entity].label
        expected = Label(f"一个{owner.zh}", f"a whole {owner.en}")
        return context.report("wrong_argument", arg.span, found, expected, best)
    if arg.type == param.type or (arg.type == UNKNOWN and not isinstance(arg, t.Whole)):
        return arg
    if arg.type == NULL and param.type is not None:
        return t.Const(None, type=param.type, span=arg.span)
    label = Label(f"参数“{param.label.zh}”", f"the argument “{param.label.en}”")
    wanted = param.type.label if param.type else UNKNOWN.label
    return context.report("wrong_argument", arg.span, typed_label(label, arg.type), wanted)


def _shape(lookup: Lookup) -> str:
    return f"{lookup.name}({', '.join(str(param.entity or param.type) for param in lookup.params)})"


def constants(context: Context, name: str, args: tuple[t.Node, ...]) -> None:
    """Refuse constants that reference data cannot answer: a division that does not exist, a year whose holidays are not known."""
    if name == "in_region":
        _division(context, args[1])
    elif name in {"is_working_day", "is_holiday", "holiday_of"}:
        _known_year(context, args[0])


def _division(context: Context, node: t.Node) -> None:
    code = node.value if isinstance(node, t.Const) else None
    if isinstance(code, str) and code in divisions():
        return
    expected = Label(
        "六位行政区划代码，如 '310000'（上海市）", "a six-digit division code, such as '310000' (Shanghai)"
    )
    best = nearest_code(code) if isinstance(code, str) else None
    shown = quoted(code) if isinstance(code, str) else Label("一个计算式", "something computed")
    if best is not None:
        name = full_name(best) or best
        expected = Label(f"{expected.zh}；{name}是 {best}", f"{expected.en}; {name} is {best}")
    context.report("unknown_division", node.span, shown, expected, best and f"'{best}'")


def _known_year(context: Context, node: t.Node) -> None:
    day = node.value if isinstance(node, t.Const) else None
    if isinstance(day, date) and not is_known_year(day.year):
        table = working_days()
        expected = Label(
            f"{table.first_year} 至 {table.last_year} 年间的日期（其余年份的节假日未知）",
            f"a date from {table.first_year} to {table.last_year} (holidays of other years are not known)",
        )
        context.report("unknown_year", node.span, Label(f"{day.year} 年", f"the year {day.year}"), expected)
