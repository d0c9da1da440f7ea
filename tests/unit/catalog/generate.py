"""Well-typed expressions over a vocabulary, for property tests."""

# ruff: noqa: PLR0911 (one return for each form of node reads best)

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from hypothesis import strategies as st

from tandem.catalog import syntax as s
from unit.catalog.rows import DATES, NUMBERS, SEGMENTS, TEXTS, TIMES

Draw = Callable[[st.SearchStrategy[Any]], Any]

_UNITS = ("seconds", "minutes", "hours", "days", "weeks")
_VALUE_TYPES = ("number", "text", "bool", "date", "timestamp", "duration")
_DAY_NUMBERS = (
    "days_since",
    "days_until",
    "age_years",
    "age_months",
    "age_weeks",
    "year_of",
    "month_of",
    "day_of",
    "quarter_of",
    "weekday",
    "lunar_month",
    "lunar_day",
    "days_to_birthday",
    "days_to_lunar_birthday",
)
_DAY_DATES = ("start_of_week", "start_of_month", "start_of_year", "next_birthday", "next_lunar_birthday")
_REGIONS = ("310000", "310100", "310101", "440300", "429004", "110000")


@dataclass(frozen=True)
class Vocabulary:
    """What a generated expression may name: field paths by type, related sets with their fields by type, sets, areas, lookups."""

    fields: Mapping[str, tuple[str, ...]]
    relations: Mapping[str, Mapping[str, tuple[str, ...]]]
    # Related sets without an order in time take neither windows nor first and last.
    timeless: frozenset[str] = frozenset()
    areas: tuple[str, ...] = ()
    # A lookup of a number by a text, and one of a list of texts; both take a whole root first.
    number_lookup: str | None = None
    list_lookup: str | None = None
    lookup_root: str = "item"

    def lists(self) -> frozenset[str]:
        return frozenset(path.split(".")[-1] for path in self.fields.get("list", ()))


SAMPLE: Final = Vocabulary(
    fields={
        "number": ("customer.spend", "customer.points", "event.amount"),
        "text": ("customer.city", "customer.name", "customer.city_upper", "customer.division", "event.store"),
        "bool": ("customer.subscribed", "event.first"),
        "date": ("customer.birthday", "event.day"),
        "timestamp": ("customer.joined_at", "event.paid_at"),
        "list": ("customer.channels", "event.items"),
        "point": ("customer.location",),
    },
    relations={
        "orders": {
            "number": ("amount", "quantity"),
            "text": ("category",),
            "timestamp": ("paid_at",),
            "date": ("delivered_on",),
            "bool": ("gift",),
        },
        "visits": {"number": ("minutes",), "text": ("store",), "date": ("at",)},
    },
    areas=("geofence:east", "geofence:two rings", "geofence:nowhere"),
    number_lookup="market_price",
    list_lookup="protected_regions",
    lookup_root="customer",
)


class Generate:
    """Draws one expression; `relation` is the related set whose condition is being written."""

    def __init__(self, draw: Draw, words: Vocabulary = SAMPLE) -> None:
        self.draw = draw
        self.words = words
        self.relation: str | None = None

    def pick(self, options: Any) -> Any:
        return self.draw(st.sampled_from(list(options)))

    def of(self, type_: str, depth: int) -> s.Node:
        if type_ == "bool":
            return self.condition(depth)
        leaf = depth <= 0 or self.draw(st.integers(0, 9)) == 0
        if leaf:
            return self.leaf(type_)
        general = [self.if_, self.coalesce]
        special = getattr(self, f"{type_}_forms", list)()
        node = self.pick([*special, *special, *general])(type_, depth - 1)
        return self.wrap(node)

    def wrap(self, node: s.Node) -> s.Node:
        return node if self.draw(st.integers(0, 9)) else replace(node, parens=1)

    def leaf(self, type_: str) -> s.Node:
        fields = list(self.words.fields.get(type_, ()))
        if self.relation:
            fields += list(self.words.relations[self.relation].get(type_, ())) * 3
        if fields and self.draw(st.integers(0, 2)):
            return s.Name(tuple(self.pick(fields).split(".")))
        if type_ == "list":
            return self.list_leaf()
        return self.literal(type_)

    def list_leaf(self) -> s.Node:
        if self.words.list_lookup and (not self.words.fields.get("list") or self.draw(st.integers(0, 3)) == 0):
            return s.Call(self.words.list_lookup, (s.Name((self.words.lookup_root,)),))
        return s.Name(tuple(self.pick(self.words.fields["list"]).split(".")))

    def less(self, depth: int) -> int:
        """Return the depth of a part beside the deepest one, so that depth does not mean size."""
        return min(depth, self.draw(st.integers(0, 1)))

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
            case "point":
                return s.Call("point", (s.Number(str(self.pick((0, 1, 2.5, 4)))), s.Number(str(self.pick((0, 1, 3))))))
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
            self.day_test,
            self.day_test,
            self.text_test,
            self.bool_if,
        ]
        if self.words.areas:
            forms.append(self.within)
        if self.relation is None:
            forms += [self.exists, self.exists, self.count_at_least, self.member]
        return self.pick(forms)(depth - 1)

    def bool_leaf(self, _depth: int) -> s.Node:
        return self.leaf("bool")

    def bool_if(self, depth: int) -> s.Node:
        return self.if_("bool", depth)

    def and_(self, depth: int) -> s.Node:
        return s.And(tuple(self.several(depth)))

    def or_(self, depth: int) -> s.Node:
        return s.Or(tuple(self.several(depth)))

    def several(self, depth: int) -> list[s.Node]:
        deepest = self.draw(st.integers(0, 1))
        count = self.draw(st.integers(2, 3))
        return [self.condition(depth if place == deepest else self.less(depth)) for place in range(count)]

    def pair(self, type_: str, depth: int) -> list[s.Node]:
        depths = [depth, self.less(depth)]
        if self.draw(st.booleans()):
            depths.reverse()
        return [self.of(type_, each) for each in depths]

    def not_(self, depth: int) -> s.Node:
        return s.Not(self.condition(depth))

    def compare(self, depth: int) -> s.Node:
        type_ = self.pick(_VALUE_TYPES)
        op = self.pick(("=", "!=") if type_ == "bool" else ("=", "!=", "<", "<=", ">", ">="))
        left, right = self.pair(type_, depth)
        if type_ == "timestamp" and self.draw(st.integers(0, 4)) == 0:
            right = self.of("date", self.less(depth))
        return s.Compare(op, left, right)

    def between(self, depth: int) -> s.Node:
        type_ = self.pick(("number", "text", "date", "timestamp"))
        return s.Between(self.of(type_, depth), self.of(type_, self.less(depth)), self.of(type_, self.less(depth)))

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
        op = "contains" if self.is_list(left) else self.pick(("contains", "starts with", "ends with"))
        return s.Match(op, left, self.of("text", self.less(depth)))

    def is_list(self, node: s.Node) -> bool:
        if isinstance(node, s.Call):
            return node.name == self.words.list_lookup
        return isinstance(node, s.Name) and ".".join(node.path) in self.words.fields.get("list", ())

    def missing(self, depth: int) -> s.Node:
        return s.Missing(self.of(self.pick((*_VALUE_TYPES, "point")), depth), self.draw(st.booleans()))

    def member(self, depth: int) -> s.Node:
        if self.draw(st.booleans()):
            return s.Call("in_segment", (s.Text(self.pick(SEGMENTS)),))
        return s.Call("has_tag", (self.of("text", depth),))

    def day_test(self, depth: int) -> s.Node:
        name = self.pick(
            (
                "is_weekend",
                "is_working_day",
                "is_holiday",
                "is_lunar_leap_month",
                "birthday_within",
                "lunar_birthday_within",
            )
        )
        args = [self.of(self.pick(("date", "timestamp")), depth)]
        if name.endswith("birthday_within"):
            args.append(s.Number(str(self.pick((0, 1, 7, 30, 400)))))
        elif isinstance(args[0], s.Call) and args[0].name in {"date", "timestamp"}:
            # Constants of years without a known calendar are refused.
            args[0] = s.Call("today", ())
        return s.Call(name, tuple(args))

    def text_test(self, depth: int) -> s.Node:
        if self.draw(st.booleans()):
            return s.Call("mentions", tuple(self.pair("text", depth)))
        return s.Call("in_region", (self.of("text", depth), s.Text(self.pick(_REGIONS))))

    def within(self, depth: int) -> s.Node:
        return s.Call("within", (self.of("point", depth), s.Text(self.pick(self.words.areas))))

    # ---------------------------------------------------------------------------------------------------- values

    def if_(self, type_: str, depth: int) -> s.Node:
        other = s.Null() if self.draw(st.integers(0, 5)) == 0 else self.of(type_, self.less(depth))
        return s.Call("if", (self.condition(self.less(depth)), self.of(type_, depth), other))

    def coalesce(self, type_: str, depth: int) -> s.Node:
        return s.Call("coalesce", tuple(self.pair(type_, depth)))

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
        if self.words.number_lookup:
            forms.append(self.looked_up)
        return forms if self.relation else [*forms, self.number_related, self.number_related, self.number_related]

    def arith(self, _type: str, depth: int) -> s.Node:
        return s.Arith(self.pick("+-*/"), *self.pair("number", depth))

    def negative(self, type_: str, depth: int) -> s.Node:
        return s.Negative(self.of(type_, depth))

    def number_function(self, _type: str, depth: int) -> s.Node:
        name = self.pick(("abs", "round", "floor", "ceil", "percent", "min_of", "max_of"))
        args = [self.of("number", depth)]
        if name == "round":
            args.append(s.Number(str(self.draw(st.integers(0, 6)))))
        elif name in {"percent", "min_of", "max_of"}:
            args.append(self.of("number", self.less(depth)))
        return s.Call(name, tuple(args))

    def day_function(self, _type: str, depth: int) -> s.Node:
        name = self.pick((*_DAY_NUMBERS, "hour_of", "days_between", "working_days_between"))
        if name == "hour_of":
            return s.Call(name, (self.of("timestamp", depth),))
        if name in {"days_between", "working_days_between"}:
            return s.Call(name, tuple(self.pair("date", depth)))
        return s.Call(name, (self.of(self.pick(("date", "timestamp")), depth),))

    def tiers(self, _type: str, depth: int) -> s.Node:
        lows = sorted(self.draw(st.sets(st.integers(0, 200), min_size=1, max_size=4)))
        ends = [*lows[1:], lows[-1] + 100]
        rows = tuple(
            (
                s.Number(str(low)),
                s.Number(str(end)) if self.draw(st.integers(0, 2)) == 0 else None,
                s.Number(f"{self.draw(st.integers(0, 99))}%"),
            )
            for low, end in zip(lows, ends, strict=True)
        )
        return s.Call(self.pick(("graduated", "volume", "bracket")), (self.of("number", depth), s.Tiers(rows)))

    def looked_up(self, _type: str, depth: int) -> s.Node:
        return s.Call(self.words.number_lookup or "", (s.Name((self.words.lookup_root,)), self.of("text", depth)))

    def point_forms(self) -> list[Any]:
        return [self.point, self.point]

    def point(self, _type: str, depth: int) -> s.Node:
        return s.Call("point", tuple(self.pair("number", depth)))

    def length(self, _type: str, depth: int) -> s.Node:
        return (
            s.Call("length", (self.of("text", depth),))
            if self.draw(st.booleans())
            else s.Call("size", (self.leaf("list"),))
        )

    def text_forms(self) -> list[Any]:
        return [self.text_function] if self.relation else [self.text_function, self.related]

    def text_function(self, _type: str, depth: int) -> s.Node:
        name = self.pick(
            (
                "lower",
                "upper",
                "concat",
                "half_width",
                "fold",
                "trim",
                "left",
                "right",
                "initials",
                "lunar_date",
                "holiday_of",
            )
        )
        if name in {"lunar_date", "holiday_of"}:
            return s.Call(name, (s.Call("date_of", (self.of("timestamp", depth),)),))
        if name in {"left", "right"}:
            return s.Call(name, (self.of("text", depth), s.Number(str(self.draw(st.integers(0, 3))))))
        return s.Call(name, tuple(self.pair("text", depth)) if name == "concat" else (self.of("text", depth),))

    def date_forms(self) -> list[Any]:
        return [self.date_function] if self.relation else [self.date_function, self.related]

    def date_function(self, _type: str, depth: int) -> s.Node:
        match self.pick(("date_of", "add_days", "add_months", "shift", "min_of", "of_day", "working")):
            case "date_of":
                return s.Call("date_of", (self.of("timestamp", depth),))
            case "add_days":
                return s.Call("add_days", (self.of("date", depth), s.Number(str(self.draw(st.integers(0, 400))))))
            case "add_months":
                return s.Call(
                    "add_months", (self.of("date", depth), s.Negative(s.Number(str(self.draw(st.integers(0, 30))))))
                )
            case "min_of":
                return s.Call(self.pick(("min_of", "max_of")), tuple(self.pair("date", depth)))
            case "of_day":
                return s.Call(self.pick(_DAY_DATES), (self.of(self.pick(("date", "timestamp")), depth),))
            case "working":
                return s.Call(
                    "add_working_days", (self.of("date", depth), s.Number(str(self.draw(st.integers(0, 30)))))
                )
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
        return s.Arith(self.pick("+-"), self.of("timestamp", depth), self.of("duration", self.less(depth)))

    def start_of_day(self, _type: str, depth: int) -> s.Node:
        return s.Call("start_of_day", (self.of("date", depth),))

    def duration_forms(self) -> list[Any]:
        return [self.difference, self.difference, self.length_sum]

    def difference(self, _type: str, depth: int) -> s.Node:
        type_ = self.pick(("date", "timestamp"))
        return s.Arith("-", *self.pair(type_, depth))

    def length_sum(self, _type: str, depth: int) -> s.Node:
        return s.Arith(self.pick("+-"), *self.pair("duration", depth))

    # ---------------------------------------------------------------------------------------------- related sets

    def rows(self, aggregate: str, path: tuple[str, ...], depth: int) -> s.Node:
        window = (
            s.Duration(str(self.pick((1, 7, 30, 90, 365))), "days")
            if path[0] not in self.words.timeless and self.draw(st.booleans())
            else None
        )
        where = None
        if self.draw(st.integers(0, 3)):
            self.relation = path[0]
            where = self.condition(min(depth, 2))
            self.relation = None
        return s.Related(aggregate, path, window, where)

    def exists(self, depth: int) -> s.Node:
        return self.rows("exists", (self.pick(self.words.relations),), depth)

    def count_at_least(self, depth: int) -> s.Node:
        count = self.rows("count", (self.pick(self.words.relations),), depth)
        return s.Compare(
            self.pick(("=", "!=", "<", "<=", ">", ">=")), count, s.Number(str(self.draw(st.integers(0, 3))))
        )

    def number_related(self, _type: str, depth: int) -> s.Node:
        relation = self.pick([name for name, fields in self.words.relations.items() if "number" in fields])
        aggregate = self.pick(("count", "count", "sum", "avg", "min", "max", "first", "last", "most_frequent"))
        aggregate = "count" if aggregate in {"first", "last"} and relation in self.words.timeless else aggregate
        if aggregate == "count" and self.draw(st.booleans()):
            whole = ("count",) if relation in self.words.timeless else ("count", "days_in_a_row")
            return self.rows(self.pick(whole), (relation,), depth)
        return self.rows(aggregate, (relation, self.pick(self.words.relations[relation]["number"])), depth)

    def related(self, type_: str, depth: int) -> s.Node:
        having = [name for name, fields in self.words.relations.items() if type_ in fields]
        if not having:
            return self.leaf(type_)
        relation = self.pick(having)
        choices = (
            ("min", "max", "first", "last")
            if type_ == "timestamp"
            else ("min", "max", "first", "last", "most_frequent")
        )
        if relation in self.words.timeless:
            choices = ("min", "max")
        return self.rows(self.pick(choices), (relation, self.pick(self.words.relations[relation][type_])), depth)


@st.composite
def expressions(draw: Any, depth: int = 4, words: Vocabulary = SAMPLE) -> tuple[str, s.Node]:
    """Draw (type, expression); most are conditions."""
    generate = Generate(draw, words)
    type_ = draw(st.sampled_from(("bool", "bool", "bool", "number", "number", "text", "date", "timestamp", "duration")))
    return type_, generate.of(type_, draw(st.sampled_from((1, (depth + 1) // 2, depth, depth))))
