"""Patterns that have a phrase of their own: "more than 30 days ago", "within the next 7 days", "on Saturday or Sunday"."""

from __future__ import annotations

from decimal import Decimal
from typing import Final, Literal, Protocol

from tandem.catalog import describe_words as words
from tandem.catalog import typed as t
from tandem.catalog.label import Label
from tandem.catalog.model import Scope


class Speaker(Protocol):
    """What a phrase needs of the one who speaks."""

    scope: Scope
    language: Literal["zh", "en"]

    def word(self, label: Label) -> str: ...
    def pick(self, zh: str, en: str) -> str: ...
    def fill(self, form: Label, *parts: str) -> str: ...
    def say(self, node: t.Node) -> str: ...
    def rows(self, node: t.Related, verb: str = "") -> str: ...


_DAYS: Final = {
    "=": Label("正好 {0} 天", "exactly {0} days"),
    "!=": Label("不是 {0} 天", "other than {0} days"),
    "<": Label("不到 {0} 天", "less than {0} days"),
    "<=": Label("不超过 {0} 天", "at most {0} days"),
    ">": Label("超过 {0} 天", "more than {0} days"),
    ">=": Label("至少 {0} 天", "at least {0} days"),
}
# {0} is the moment, {1} the days.
_COUNTED: Final = {
    "days_since": Label("{0}距今{1}", "{0} was {1} ago"),
    "days_until": Label("距{0}还有{1}", "{0} is {1} ahead"),
    "days_to_birthday": Label("距下一次{0}还有{1}", "the next {0} is {1} ahead"),
    "days_to_lunar_birthday": Label("距下一次{0}（农历）还有{1}", "the next {0} (lunar calendar) is {1} ahead"),
}


def phrase(speaker: Speaker, node: t.Node) -> str | None:
    """Return the phrase of a condition that has one of its own."""
    match node:
        case t.Compare(op=op, left=t.Call(name=name, args=(moment,)), right=t.Const(value=Decimal() as days)) if (
            name in _COUNTED
        ):
            counted = speaker.fill(_DAYS[op], f"{days:f}")
            if days == 1:
                counted = counted.replace(" days", " day")
            return speaker.fill(_COUNTED[name], _moment(speaker, moment), counted)
        case t.Between(
            value=t.Call(name=name, args=(moment,)),
            low=t.Const(value=Decimal() as low),
            high=t.Const(value=Decimal() as high),
        ) if name in _COUNTED:
            counted = speaker.pick(f" {low:f} 至 {high:f} 天", f"{low:f} to {high:f} days")
            return speaker.fill(_COUNTED[name], _moment(speaker, moment), counted)
        case t.Compare(
            op="=" | "!=" as op, left=t.Call(name="weekday", args=(day,)), right=t.Const(value=Decimal() as one)
        ):
            return _weekdays(speaker, day, (one,), negated=op == "!=")
        case t.In(value=t.Call(name="weekday", args=(day,)), choices=t.Const(value=tuple() as many), negated=negated):
            return _weekdays(speaker, day, many, negated=negated)
        case t.Compare(
            op=">=", left=t.RowField() as left, right=t.Arith(op="-", left=t.Call(name="now" | "today"), right=length)
        ):
            recent = speaker.say(length)
            return speaker.pick(f"{speaker.say(left)}在近 {recent}内", f"{speaker.say(left)} is in the last {recent}")
        case _:
            return None


def _moment(speaker: Speaker, node: t.Node) -> str:
    """Say a moment; the time of a related set's row is when the thing itself happened."""
    if isinstance(node, t.Related) and node.aggregate in {"first", "last"}:
        relation = speaker.scope.catalog.relations[node.relation]
        if node.field == relation.time_field:
            rows = speaker.rows(node)
            first = node.aggregate == "first"
            return speaker.pick(
                f"{'最早' if first else '最近'}一次{rows}", f"the {'first' if first else 'latest'} of {rows}"
            )
    return speaker.say(node)


def _weekdays(speaker: Speaker, day: t.Node, numbers: tuple[object, ...], *, negated: bool) -> str | None:
    if not numbers or not all(isinstance(one, Decimal) and one in range(1, 8) for one in numbers):
        return None
    names = [speaker.word(words.WEEKDAYS[int(str(one)) - 1]) for one in numbers]
    today = isinstance(day, t.Call) and day.name in {"now", "today"}
    said = speaker.pick("今天", "today") if today else speaker.say(day)
    if speaker.language == "zh":
        return f"{said}{'不' if negated else ''}是{'或'.join(names)}"
    return f"{said} is {'not ' if negated else ''}a {' or '.join(names)}"
