"""Read an expression out in plain Chinese and English."""

# ruff: noqa: PLR0911 (one return for each form of node reads best)

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Final, Literal, cast
from zoneinfo import ZoneInfo

from tandem.catalog import describe_words as words
from tandem.catalog import typed as t
from tandem.catalog.checker import Checked
from tandem.catalog.describe_phrases import phrase
from tandem.catalog.divisions import full_name
from tandem.catalog.functions import FUNCTIONS
from tandem.catalog.label import Label
from tandem.catalog.model import Field, Scope, relation_field
from tandem.catalog.value_types import BOOL, DATE, DURATION, NUMBER, TIERS, TIMESTAMP

Language = Literal["zh", "en"]
_QUOTED: Final = re.compile(r"(“[^”]*”)")
_HAN: Final = r"[\u4e00-\u9fff]"
_LATIN: Final = r"[0-9A-Za-z]"
_SEAM: Final = re.compile(rf"(?<={_HAN})(?={_LATIN})|(?<={_LATIN})(?={_HAN})|(?<=%)(?={_HAN})")


def describe(checked: Checked, *, zone: str | ZoneInfo | None = None) -> Label:
    """Return the expression in plain words; moments are said in a zone, else in UTC."""
    return describe_node(checked.scope, checked.typed, None if zone is None else ZoneInfo(str(zone)))


def notes(checked: Checked) -> tuple[Label, ...]:
    """Return what a person should know about the functions used, such as the years whose holidays are known."""
    calls = [node for node in t.walk(checked.typed) if isinstance(node, t.Call)]
    found = [FUNCTIONS[call.name][call.signature].note for call in calls]
    return tuple(dict.fromkeys(note for note in found if note is not None))


def describe_node(scope: Scope, node: t.Node, zone: ZoneInfo | None = None) -> Label:
    return Label(_spaced(Speaker(scope, "zh", zone).top(node)), Speaker(scope, "en", zone).top(node))


def _spaced(text: str) -> str:
    """Put a space between Chinese and Latin letters or digits, but not within quoted values."""
    parts = _QUOTED.split(text)
    return "".join(part if place % 2 else _SEAM.sub(" ", part) for place, part in enumerate(parts))


class Speaker:
    """Says typed nodes in one language."""

    def __init__(self, scope: Scope, language: Language, zone: ZoneInfo | None = None) -> None:
        self.scope = scope
        self.zone = zone
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
                return self._denied(item)
            case t.Compare() | t.Between() | t.In() | t.Match() | t.Missing() | t.Member() | t.Within():
                return self._condition(node)
            case t.Related():
                return self._related(node)
            case _:
                return self._value(node)

    def _denied(self, node: t.Node) -> str:
        """Say that something does not hold; what has words of its own for that is said with them."""
        match node:
            case t.RootField() | t.RowField():
                return self._join(self.say(node), self.pick("不为真", "is not true"), "")
            case t.Member(function=function) if function in words.NOT_MEMBER:
                return self.fill(words.NOT_MEMBER[function], self._owner(node.root), self.say(node.value))
            case t.Within(point=point, name=name):
                return self.fill(words.NOT_WITHIN, self.say(point), name)
            case t.Related(aggregate="exists"):
                return self._related(node, "none")
            case _:
                return self.pick(f"并非（{self._holds(node)}）", f"not ({self._holds(node)})")

    def fill(self, form: Label, *parts: str) -> str:
        text = self.word(form)
        for place, part in enumerate(parts):
            text = text.replace(f"{{{place}}}", part)
        return text

    def _owner(self, root: str) -> str:
        return self.word(self.scope.roots[root].label)

    def _holds(self, node: t.Node) -> str:
        """Say a condition; a bare true/false field needs a verb."""
        said = self.say(node)
        return (
            self._join(said, self.pick("为真", "is true"), "") if isinstance(node, t.RootField | t.RowField) else said
        )

    def _grouped(self, node: t.Node) -> str:
        said = self._holds(node)
        return self.pick(f"（{said}）", f"({said})") if isinstance(node, t.And | t.Or) else said

    def _verb(self, op: str, left: t.Node) -> str:
        if left.type in {DATE, TIMESTAMP} and op not in {"=", "!="}:
            return self.word(words.COMPARE_TIME[op])
        return self.word((words.COMPARE if left.type in {NUMBER, DURATION} else words.COMPARE_NAMED)[op])

    def _condition(self, node: t.Node) -> str:
        own = phrase(self, node)
        if own is not None:
            return own
        match node:
            case t.Compare(op=op, left=left, right=right):
                return self._join(self.say(left), self._verb(op, left), self._operand(right, left))
            case t.Between(value=value, low=low, high=high):
                middle = self.pick(
                    f"介于{self.say(low)}与{self.say(high)}之间", f"is between {self.say(low)} and {self.say(high)}"
                )
                return self._join(self.say(value), middle, "")
            case t.In(value=value, choices=choices, negated=negated):
                return self._one_of(value, choices, negated=negated)
            case t.Match(op=op, left=left, right=right):
                return self._join(self.say(left), self.word(words.MATCH[op]), self.say(right))
            case t.Missing(value=value, negated=negated):
                return self._join(
                    self.say(value),
                    self.pick("有值" if negated else "为空", "is known" if negated else "is missing"),
                    "",
                )
            case t.Within(point=point, name=name):
                return self.fill(words.WITHIN, self.say(point), name)
            case t.Member(function=function, root=root, value=value):
                if function in words.MEMBER:
                    return self.fill(words.MEMBER[function], self._owner(root), self.say(value))
                label = self.word(self.scope.memberships()[function][1].label)
                return self._join(label, self.pick("包含", "include"), self.say(value))
            case _:
                raise TypeError(type(node).__name__)

    def _one_of(self, value: t.Node, choices: t.Node, *, negated: bool) -> str:
        said, among = self.say(value), self._operand(choices, value)
        if self.language == "en":
            return f"{said} is {'none' if negated else 'one'} of {among}"
        if not isinstance(choices, t.Const):
            return f"{said}{'不' if negated else ''}属于{among}"
        return f"{said}不是{among}中的任何一个" if negated else f"{said}是{among}之一"

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

    def rows(self, node: t.Related, verb: str = "") -> str:
        """Say which rows a related set holds; a Chinese verb stands between the time and the rows."""
        relation = self.scope.catalog.relations[node.relation]
        label = self.word(relation.label)
        self._rows = True
        where = "" if node.where is None else self._holds(node.where)
        self._rows = False
        length = "" if node.window is None else self._length(node.window)
        if self.language == "zh":
            return (f"近 {length}内" if length else "") + verb + (f"{where}的" if where else "") + label
        return label + (f" in the last {length}" if length else "") + (f" where {where}" if where else "")

    def _related(self, node: t.Related, aggregate: str | None = None) -> str:
        form = aggregate or node.aggregate
        if form in {"exists", "none"} and self.language == "zh":
            return self.rows(node, "有" if form == "exists" else "没有")
        rows = self.rows(node)
        if node.field is None:
            return self.fill(words.AGGREGATE[form], rows)
        field = relation_field(self.scope.catalog.relations[node.relation], node.field)
        label = self.word(field.label) if field else node.field
        return self.fill(words.COUNT_OF if form == "count" else words.AGGREGATE[form], rows, label)

    def _value(self, node: t.Node) -> str:
        match node:
            case t.Const(value=value):
                return self._tiers(cast("t.TierRows", value)) if node.type == TIERS else self._constant(value)
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
            case t.Call():
                return self._called(node)
            case t.Lookup(name=name, args=args):
                label = self.word(self.scope.catalog.lookups[name].label)
                said = self.pick("、", ", ").join(self.say(arg) for arg in args)
                return self.pick(f"{label}（{said}）", f"{label} ({said})")
            case t.Whole(root=root):
                return self._owner(root)
            case _:
                raise TypeError(type(node).__name__)

    def _called(self, node: t.Call) -> str:
        match node:
            case t.Call(name="in_region", args=(code, t.Const(value=str() as region))):
                return self.fill(words.IN_REGION, self.say(code), f"“{full_name(region) or region}”")
            case t.Call(name="if", args=(condition, then, otherwise)):
                return self.fill(words.IF, self._holds(condition), self.say(then), self.say(otherwise))
            case t.Call(name="coalesce", args=(first, *others)):
                return self.say(first) + "".join(self.fill(words.OR_ELSE, self.say(other)) for other in others)
            case t.Call(name=name, args=(t.Call(name="today"),)) if name in words.THIS:
                return self.word(words.THIS[name])
            case t.Call(name=name, args=args):
                return self._call(name, [self.say(arg) for arg in args])

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
                local = value.astimezone(self.zone or UTC)
                return local.strftime("%Y-%m-%d %H:%M" + (":%S" if local.second else "")) + (
                    "" if self.zone else " UTC"
                )
            case date():
                return value.isoformat()
            case tuple():
                return self.pick("、", ", ").join(self._constant(item) for item in cast("tuple[object, ...]", value))
            case _:
                return f"“{value}”"

    def _tiers(self, rows: t.TierRows) -> str:
        """Say each tier: from where, to where, at which rate."""
        said: list[str] = []
        for low, high, rate in rows:
            share = f"{_plain(rate.scaleb(2))}%"
            if high is None:
                said.append(self.pick(f"{_plain(low)} 起 {share}", f"from {_plain(low)}: {share}"))
            else:
                said.append(
                    self.pick(
                        f"{_plain(low)} 至不满 {_plain(high)} 为 {share}",
                        f"{_plain(low)} to below {_plain(high)}: {share}",
                    )
                )
        return self.pick("；", "; ").join(said)

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


def _plain(number: Decimal) -> str:
    """Return a number without the zeros that a percentage leaves behind its point."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
