"""Read an expression out in plain Chinese and English."""

# ruff: noqa: PLR0911 (one return for each form of node reads best)

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Literal, cast

from tandem.catalog import describe_words as words
from tandem.catalog import typed as t
from tandem.catalog.checker import Checked
from tandem.catalog.label import Label
from tandem.catalog.model import Field, Scope, relation_field
from tandem.catalog.value_types import BOOL, DATE, TIMESTAMP

Language = Literal["zh", "en"]


def describe(checked: Checked) -> Label:
    """Return the expression in plain words."""
    return describe_node(checked.scope, checked.typed)


def describe_node(scope: Scope, node: t.Node) -> Label:
    return Label(Speaker(scope, "zh").top(node), Speaker(scope, "en").top(node))


class Speaker:
    """Says typed nodes in one language."""

    def __init__(self, scope: Scope, language: Language) -> None:
        self.scope = scope
        self.language: Language = language
        # Within a related set's condition the words stay close together, so that it reads as one attribute.
        self._rows = False

    def word(self, label: Label) -> str:
        return label.zh if self.language == "zh" else label.en

    def pick(self, zh: str, en: str) -> str:
        return zh if self.language == "zh" else en

    def top(self, node: t.Node) -> str:
        return self._holds(node) if node.type == BOOL else self.say(node)

    def say(self, node: t.Node) -> str:
        match node:
            case t.And(items=items):
                return self.pick("且" if self._rows else "，并且", " and ").join(self._grouped(item) for item in items)
            case t.Or(items=items):
                return self.pick("或" if self._rows else "，或者", " or ").join(self._grouped(item) for item in items)
            case t.Not(item=item):
                return self.pick(f"并非（{self._holds(item)}）", f"not ({self._holds(item)})")
            case t.Compare() | t.Between() | t.In() | t.Match() | t.Missing() | t.Member():
                return self._condition(node)
            case t.Related():
                return self._related(node)
            case _:
                return self._value(node)

    def _holds(self, node: t.Node) -> str:
        """Say a condition; a bare true/false field needs a verb."""
        said = self.say(node)
        return (
            self._join(said, self.pick("为真", "is true"), "") if isinstance(node, t.RootField | t.RowField) else said
        )

    def _grouped(self, node: t.Node) -> str:
        said = self._holds(node)
        return self.pick(f"（{said}）", f"({said})") if isinstance(node, t.And | t.Or) else said

    def _condition(self, node: t.Node) -> str:
        match node:
            case t.Compare(
                op=">=", left=t.RowField() as left, right=t.Arith(op="-", left=t.Call(name="now"), right=length)
            ):
                recent = self.say(length)
                return self._join(self.say(left), self.pick(f"在近 {recent}内", f"is in the last {recent}"), "")
            case t.Compare(op=op, left=left, right=right):
                timely = left.type in {DATE, TIMESTAMP} and op not in {"=", "!="}
                verb = self.word((words.COMPARE_TIME if timely else words.COMPARE)[op])
                return self._join(self.say(left), verb, self._operand(right, left))
            case t.Between(value=value, low=low, high=high):
                middle = self.pick(
                    f"介于{self.say(low)}与{self.say(high)}之间", f"is between {self.say(low)} and {self.say(high)}"
                )
                return self._join(self.say(value), middle, "")
            case t.In(value=value, choices=choices, negated=negated):
                verb = self.pick("不属于" if negated else "属于", "is none of" if negated else "is one of")
                return self._join(self.say(value), verb, self._operand(choices, value))
            case t.Match(op=op, left=left, right=right):
                return self._join(self.say(left), self.word(words.MATCH[op]), self.say(right))
            case t.Missing(value=value, negated=negated):
                return self._join(
                    self.say(value),
                    self.pick("有值" if negated else "为空", "is known" if negated else "is missing"),
                    "",
                )
            case t.Member(function=function, value=value):
                label = self.word(self.scope.memberships()[function][1].label)
                return self._join(label, self.pick("包含", "include"), self.say(value))
            case _:
                raise TypeError(type(node).__name__)

    def _join(self, left: str, verb: str, right: str) -> str:
        return self.pick(f"{left}{verb}{right}", f"{left} {verb} {right}".rstrip())

    def _operand(self, node: t.Node, beside: t.Node) -> str:
        """Say a constant by its label where it is an option of the field beside it."""
        field = self._field(beside)
        if field is None or not field.options or not isinstance(node, t.Const):
            return self.say(node)
        labels = {option.value: self.word(option.label) for option in field.options}
        values = node.value if isinstance(node.value, tuple) else (node.value,)
        return self.pick("、", ", ").join(f"“{labels.get(str(value), str(value))}”" for value in values)

    def _field(self, node: t.Node) -> Field | None:
        match node:
            case t.RootField(root=root, field=name):
                return self.scope.field(root, name)
            case t.RowField(relation=relation, field=name):
                return relation_field(self.scope.catalog.relations[relation], name)
            case _:
                return None

    def _related(self, node: t.Related) -> str:
        relation = self.scope.catalog.relations[node.relation]
        rows = self.word(relation.label)
        self._rows = True
        where = "" if node.where is None else self._holds(node.where)
        self._rows = False
        length = "" if node.window is None else self._length(node.window)
        if self.language == "zh":
            rows = (f"近 {length}内" if length else "") + (f"{where}的" if where else "") + rows
        else:
            rows += (f" in the last {length}" if length else "") + (f" where {where}" if where else "")
        if node.field is None:
            return self.word(words.AGGREGATE[node.aggregate]).replace("{0}", rows)
        field = relation_field(relation, node.field)
        label = self.word(field.label) if field else node.field
        form = words.COUNT_OF if node.aggregate == "count" else words.AGGREGATE[node.aggregate]
        return self.word(form).replace("{1}", label).replace("{0}", rows)

    def _value(self, node: t.Node) -> str:
        match node:
            case t.Const(value=value):
                return self._constant(value)
            case t.RootField(root=root):
                owner = self.word(self.scope.roots[root].label)
                field = self._field(node)
                label = self.word(field.label) if field else node.field
                return self.pick(f"{owner}的{label}", f"{owner}'s {label}")
            case t.RowField():
                field = self._field(node)
                return self.word(field.label) if field else node.field
            case t.Arith(op=op, left=left, right=right):
                return f"{self._part(left)} {words.ARITHMETIC[op]} {self._part(right)}"
            case t.Negative(value=value):
                return f"−{self._part(value)}"
            case t.LocalMidnight(value=value):
                return self.say(value)
            case t.Call(name=name, args=args):
                return self._call(name, [self.say(arg) for arg in args])
            case _:
                raise TypeError(type(node).__name__)

    def _part(self, node: t.Node) -> str:
        return f"({self.say(node)})" if isinstance(node, t.Arith) else self.say(node)

    def _call(self, name: str, args: list[str]) -> str:
        if name in words.LISTED:
            return self.word(words.LISTED[name]) + self.pick("、", ", ").join(args)
        phrase = words.PHRASES.get(name)
        if phrase is None:
            return f"{name}({', '.join(args)})"
        parts = self.word(phrase).split("{")
        return parts[0] + "".join(args[int(part[0])] + part[2:] for part in parts[1:])

    def _constant(self, value: object) -> str:
        match value:
            case None:
                return self.pick("空值", "nothing")
            case bool():
                return self.pick("是" if value else "否", "yes" if value else "no")
            case Decimal():
                return f"{value:f}"
            case timedelta():
                return self._length(value)
            case datetime():
                return value.strftime("%Y-%m-%d %H:%M:%S UTC")
            case date():
                return value.isoformat()
            case tuple():
                return self.pick("、", ", ").join(self._constant(item) for item in cast("tuple[object, ...]", value))
            case _:
                return f"“{value}”"

    def _length(self, length: timedelta) -> str:
        """Say a duration in the largest unit that divides it."""
        seconds = length.total_seconds()
        for size, unit in words.UNITS:
            if (
                seconds % size == 0
                and (seconds or size == 1)
                and not (size == words.UNITS[0][0] and seconds % (5 * size))
            ):
                return self._amount(int(seconds // size), unit)
        return self.pick(f"{seconds:g} 秒", f"{seconds:g} seconds")

    def _amount(self, amount: int, unit: Label) -> str:
        return self.pick(f"{amount} {unit.zh}", f"{amount} {unit.en}{'' if amount == 1 else 's'}")
