"""Well-typed expressions over the sample catalog, for property tests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from tandem.catalog import syntax as s
from unit.catalog.rows import DATES, NUMBERS, SEGMENTS, TEXTS, TIMES

Draw = Callable[[st.SearchStrategy[Any]], Any]

_FIELDS = {
    "number": ("customer.spend", "customer.points", "event.amount"),
    "text": ("customer.city", "customer.name", "customer.city_upper", "event.store"),
    "bool": ("customer.subscribed", "event.first"),
    "date": ("customer.birthday", "event.day"),
    "timestamp": ("customer.joined_at", "event.paid_at"),
    "list": ("customer.channels", "event.items"),
    "duration": (),
}
_ROW_FIELDS = {
    "orders": {
        "number": ("amount", "quantity"),
        "text": ("category",),
        "timestamp": ("paid_at",),
        "date": ("delivered_on",),
        "bool": ("gift",),
    },
    "visits": {"number": ("minutes",), "text": ("store",), "date": ("at",)},
}
_UNITS = ("seconds", "minutes", "hours", "days", "weeks")
_VALUE_TYPES = ("number", "text", "bool", "date", "timestamp", "duration")


class Generate:
    """Draws one expression; `relation` is the related set whose condition is being written."""

    def __init__(self, draw: Draw) -> None:
        self.draw = draw
        self.relation: str | None = None

    def pick(self, options: Any) -> Any:
        return self.draw(st.sampled_from(list(options)))

    def of(self, type_: str, depth: int) -> s.Node:
        if type_ == "bool":
            return self.condition(depth)
        leaf = depth <= 0 or self.draw(st.integers(0, 3)) == 0
        if leaf:
            return self.leaf(type_)
        general = [self.if_, self.coalesce]
        special = getattr(self, f"{type_}_forms", list)()
        node = self.pick([*special, *special, *general])(type_, depth - 1)
        return self.wrap(node)

    def wrap(self, node: s.Node) -> s.Node:
        return node if self.draw(st.integers(0, 9)) else replace(node, parens=1)

    def leaf(self, type_: str) -> s.Node:
        fields = list(_FIELDS[type_])
        if self.relation:
            fields += list(_ROW_FIELDS[self.relation].get(type_, ())) * 3
        if fields and self.draw(st.integers(0, 2)):
            return s.Name(tuple(self.pick(fields).split(".")))
        if type_ == "list":
            return s.Name(tuple(self.pick(_FIELDS["list"]).split(".")))
        return self.literal(type_)

    def literal(self, type_: str) -> s.Node:
        match type_:
            case "number":
                return self.number()
            case "text":
                return s.Text(self.pick(TEXTS))
            case "bool":
                return s.Bool(self.pick((True, False)))
            case "date":
                return (
                    s.Call("date", (s.Text(self.pick(DATES).isoformat()),))
                    if self.draw(st.booleans())
                    else s.Call("today", ())
                )
            case "timestamp":
                time = s.Call("timestamp", (s.Text(self.pick(TIMES).isoformat()),))
                return time if self.draw(st.booleans()) else s.Call("now", ())
            case _:
                return s.Duration(str(self.pick((0, 1, 2, 7, 90))), self.pick(_UNITS))

    def number(self) -> s.Node:
        number = self.pick(NUMBERS)
        if self.draw(st.integers(0, 9)) == 0:
            return s.Number(f"{self.draw(st.integers(0, 200))}%")
        node = s.Number(f"{abs(number):f}")
        return s.Negative(node) if number < 0 else node

    # ------------------------------------------------------------------------------------------------ conditions

    def condition(self, depth: int) -> s.Node:
        if depth <= 0:
            return self.pick([self.compare, self.missing, self.bool_leaf])(0)
        forms = [
            self.compare,
            self.compare,
            self.compare,
            self.between,
            self.in_,
            self.match,
            self.missing,
            self.and_,
            self.or_,
            self.not_,
            self.bool_leaf,
            self.weekend,
            self.bool_if,
        ]
        if self.relation is None:
            forms += [self.exists, self.exists, self.count_at_least, self.member]
        return self.pick(forms)(depth - 1)

    def bool_leaf(self, _depth: int) -> s.Node:
        return self.leaf("bool")

    def bool_if(self, depth: int) -> s.Node:
        return self.if_("bool", depth)

    def and_(self, depth: int) -> s.Node:
        return s.And(tuple(self.condition(depth) for _ in range(self.draw(st.integers(2, 3)))))

    def or_(self, depth: int) -> s.Node:
        return s.Or(tuple(self.condition(depth) for _ in range(self.draw(st.integers(2, 3)))))

    def not_(self, depth: int) -> s.Node:
        return s.Not(self.condition(depth))

    def compare(self, depth: int) -> s.Node:
        type_ = self.pick(_VALUE_TYPES)
        op = self.pick(("=", "!=") if type_ == "bool" else ("=", "!=", "<", "<=", ">", ">="))
        left, right = self.of(type_, depth), self.of(type_, depth)
        if type_ == "timestamp" and self.draw(st.integers(0, 4)) == 0:
            right = self.of("date", depth)
        return s.Compare(op, left, right)

    def between(self, depth: int) -> s.Node:
        type_ = self.pick(("number", "text", "date", "timestamp"))
        return s.Between(*(self.of(type_, depth) for _ in range(3)))

    def in_(self, depth: int) -> s.Node:
        negated = self.draw(st.booleans())
        if self.draw(st.integers(0, 3)) == 0:
            return s.In(self.of("text", depth), self.leaf("list"), negated)
        type_ = self.pick(("number", "text", "date"))
        literal = (
            (lambda: s.Call("date", (s.Text(self.pick(DATES).isoformat()),)))
            if type_ == "date"
            else (lambda: self.literal(type_))
        )
        items = tuple(literal() for _ in range(self.draw(st.integers(0, 4))))
        return s.In(self.of(type_, depth), s.ListOf(items), negated)

    def match(self, depth: int) -> s.Node:
        left = self.leaf("list") if self.draw(st.integers(0, 3)) == 0 else self.of("text", depth)
        op = (
            "contains"
            if isinstance(left, s.Name) and left.path[-1] in {"channels", "items"}
            else self.pick(("contains", "starts with", "ends with"))
        )
        return s.Match(op, left, self.of("text", depth))

    def missing(self, depth: int) -> s.Node:
        return s.Missing(self.of(self.pick(_VALUE_TYPES), depth), self.draw(st.booleans()))

    def member(self, depth: int) -> s.Node:
        if self.draw(st.booleans()):
            return s.Call("in_segment", (s.Text(self.pick(SEGMENTS)),))
        return s.Call("has_tag", (self.of("text", depth),))

    def weekend(self, depth: int) -> s.Node:
        return s.Call("is_weekend", (self.of(self.pick(("date", "timestamp")), depth),))

    # ---------------------------------------------------------------------------------------------------- values

    def if_(self, type_: str, depth: int) -> s.Node:
        other = s.Null() if self.draw(st.integers(0, 5)) == 0 else self.of(type_, depth)
        return s.Call("if", (self.condition(depth), self.of(type_, depth), other))

    def coalesce(self, type_: str, depth: int) -> s.Node:
        return s.Call("coalesce", tuple(self.of(type_, depth) for _ in range(self.draw(st.integers(2, 3)))))

    def number_forms(self) -> list[Any]:
        forms = [
            self.arith,
            self.arith,
            self.arith,
            self.negative,
            self.number_function,
            self.day_function,
            self.tiers,
            self.length,
        ]
        return forms if self.relation else [*forms, self.number_related, self.number_related, self.number_related]

    def arith(self, _type: str, depth: int) -> s.Node:
        return s.Arith(self.pick("+-*/"), self.of("number", depth), self.of("number", depth))

    def negative(self, type_: str, depth: int) -> s.Node:
        return s.Negative(self.of(type_, depth))

    def number_function(self, _type: str, depth: int) -> s.Node:
        name = self.pick(("abs", "round", "floor", "ceil", "percent", "min_of", "max_of"))
        args = [self.of("number", depth)]
        if name == "round":
            args.append(s.Number(str(self.draw(st.integers(0, 6)))))
        elif name in {"percent", "min_of", "max_of"}:
            args.append(self.of("number", depth))
        return s.Call(name, tuple(args))

    def day_function(self, _type: str, depth: int) -> s.Node:
        name = self.pick(
            (
                "days_since",
                "days_until",
                "age_years",
                "age_months",
                "age_weeks",
                "year_of",
                "month_of",
                "day_of",
                "weekday",
                "hour_of",
                "days_between",
            )
        )
        if name == "hour_of":
            return s.Call(name, (self.of("timestamp", depth),))
        if name == "days_between":
            return s.Call(name, (self.of("date", depth), self.of("date", depth)))
        return s.Call(name, (self.of(self.pick(("date", "timestamp")), depth),))

    def tiers(self, _type: str, depth: int) -> s.Node:
        lows = sorted(self.draw(st.sets(st.integers(0, 200), min_size=1, max_size=4)))
        rows = tuple((s.Number(str(low)), s.Number(f"{self.draw(st.integers(0, 99))}%")) for low in lows)
        return s.Call(self.pick(("graduated", "bracket")), (self.of("number", depth), s.Tiers(rows)))

    def length(self, _type: str, depth: int) -> s.Node:
        return (
            s.Call("length", (self.of("text", depth),))
            if self.draw(st.booleans())
            else s.Call("size", (self.leaf("list"),))
        )

    def text_forms(self) -> list[Any]:
        return [self.text_function] if self.relation else [self.text_function, self.related]

    def text_function(self, _type: str, depth: int) -> s.Node:
        name = self.pick(("lower", "upper", "concat"))
        return s.Call(name, tuple(self.of("text", depth) for _ in range(2 if name == "concat" else 1)))

    def date_forms(self) -> list[Any]:
        return [self.date_function] if self.relation else [self.date_function, self.related]

    def date_function(self, _type: str, depth: int) -> s.Node:
        match self.pick(("date_of", "add_days", "add_months", "shift", "min_of")):
            case "date_of":
                return s.Call("date_of", (self.of("timestamp", depth),))
            case "add_days":
                return s.Call("add_days", (self.of("date", depth), s.Number(str(self.draw(st.integers(0, 400))))))
            case "add_months":
                return s.Call(
                    "add_months", (self.of("date", depth), s.Negative(s.Number(str(self.draw(st.integers(0, 30))))))
                )
            case "min_of":
                return s.Call(self.pick(("min_of", "max_of")), (self.of("date", depth), self.of("date", depth)))
            case _:
                return s.Arith(
                    self.pick("+-"),
                    self.of("date", depth),
                    s.Duration(str(self.draw(st.integers(0, 400))), self.pick(("days", "weeks"))),
                )

    def timestamp_forms(self) -> list[Any]:
        forms = [self.time_shift, self.time_shift, self.start_of_day]
        return forms if self.relation else [*forms, self.related]

    def time_shift(self, _type: str, depth: int) -> s.Node:
        return s.Arith(self.pick("+-"), self.of("timestamp", depth), self.of("duration", depth))

    def start_of_day(self, _type: str, depth: int) -> s.Node:
        return s.Call("start_of_day", (self.of("date", depth),))

    def duration_forms(self) -> list[Any]:
        return [self.difference, self.difference, self.length_sum]

    def difference(self, _type: str, depth: int) -> s.Node:
        type_ = self.pick(("date", "timestamp"))
        return s.Arith("-", self.of(type_, depth), self.of(type_, depth))

    def length_sum(self, _type: str, depth: int) -> s.Node:
        return s.Arith(self.pick("+-"), self.of("duration", depth), self.of("duration", depth))

    # ---------------------------------------------------------------------------------------------- related sets

    def rows(self, aggregate: str, path: tuple[str, ...], depth: int) -> s.Node:
        window = s.Duration(str(self.pick((1, 7, 30, 90, 365))), "days") if self.draw(st.booleans()) else None
        where = None
        if self.draw(st.integers(0, 3)):
            self.relation = path[0]
            where = self.condition(min(depth, 2))
            self.relation = None
        return s.Related(aggregate, path, window, where)

    def exists(self, depth: int) -> s.Node:
        return self.rows("exists", (self.pick(_ROW_FIELDS),), depth)

    def count_at_least(self, depth: int) -> s.Node:
        count = self.rows("count", (self.pick(_ROW_FIELDS),), depth)
        return s.Compare(
            self.pick(("=", "!=", "<", "<=", ">", ">=")), count, s.Number(str(self.draw(st.integers(0, 3))))
        )

    def number_related(self, _type: str, depth: int) -> s.Node:
        relation = self.pick(_ROW_FIELDS)
        aggregate = self.pick(("count", "count", "sum", "avg", "min", "max", "first", "last", "most_frequent"))
        if aggregate == "count" and self.draw(st.booleans()):
            return self.rows("count", (relation,), depth)
        return self.rows(aggregate, (relation, self.pick(_ROW_FIELDS[relation]["number"])), depth)

    def related(self, type_: str, depth: int) -> s.Node:
        relation = self.pick([name for name, fields in _ROW_FIELDS.items() if type_ in fields])
        choices = (
            ("min", "max", "first", "last")
            if type_ == "timestamp"
            else ("min", "max", "first", "last", "most_frequent")
        )
        return self.rows(self.pick(choices), (relation, self.pick(_ROW_FIELDS[relation][type_])), depth)


@st.composite
def expressions(draw: Any, depth: int = 4) -> tuple[str, s.Node]:
    """Draw (type, expression); most are conditions."""
    generate = Generate(draw)
    type_ = draw(st.sampled_from(("bool", "bool", "bool", "number", "number", "text", "date", "timestamp", "duration")))
    return type_, generate.of(type_, draw(st.integers(1, depth)))
