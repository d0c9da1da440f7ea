"""When can an expression's value next change by time alone?

The checked tree is searched for comparisons with something that moves with time (`paid_at >= now() - 90 days`,
`days_since(last(orders.paid_at)) > 30`). Each is solved for the moments at which it can flip; those are expressions of type
timestamp themselves, so both back ends compute them from one tree. A moment at which nothing flips after all costs one idle
evaluation and is harmless; a missed one is not. What cannot be solved is swept each local midnight, or each hour.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import ROUND_FLOOR, Decimal
from typing import Final, Literal

from tandem.catalog import typed as t
from tandem.catalog.dependencies import uses_clock
from tandem.catalog.functions import FUNCTIONS
from tandem.catalog.model import Scope
from tandem.catalog.related_sets import conditions
from tandem.catalog.value_types import DATE, DURATION, NUMBER, TIMESTAMP

Sweep = Literal["never", "daily", "hourly"]
_STRENGTH: Final[dict[Sweep, int]] = {"never": 0, "daily": 1, "hourly": 2}
_TICK: Final = t.Const(timedelta(microseconds=1), type=DURATION)
# Beyond these nothing that happens within a lifetime can flip; dates stay within the calendar.
_DAYS_MAX: Final = 100_000
_MONTHS_MAX: Final = 3_000


@dataclass(frozen=True, slots=True)
class Turning:
    """Moments at which the value can change. With `related`, one set per row that meets the conditions `where`."""

    moments: tuple[t.Node, ...]
    related: t.Related | None = None
    where: tuple[t.Node, ...] = ()


@dataclass(frozen=True, slots=True)
class Due:
    """All turnings of an expression, and how often what could not be solved must be swept."""

    turnings: tuple[Turning, ...]
    sweep: Sweep


def due(scope: Scope, node: t.Node) -> Due:
    """Return when a checked tree's value can change by time alone."""
    search = _Search(scope, [])
    search.visit(node)
    return Due(tuple(search.turnings), search.sweep)


Solver = Callable[[t.Node], tuple[t.Node, ...]]


@dataclass
class _Search:
    scope: Scope
    turnings: list[Turning]
    sweep: Sweep = "never"

    def visit(self, node: t.Node) -> None:
        if not uses_clock(self.scope, node):
            return
        match node:
            case t.Related():
                self._visit_related(node)
            case t.Compare(left=left, right=right):
                self._solve(left, right)
            case t.Between(value=value, low=low, high=high):
                self._solve(value, low)
                self._solve(value, high)
            case t.Call() if FUNCTIONS[node.name][node.signature].clock != "none":
                self._unsolved(node)
            case t.Call() | t.Arith() | t.Negative() | t.LocalMidnight() | t.In() if _moves(node):
                self._unsolved(node)
            case _:
                for child in t.children(node):
                    self.visit(child)

    def _unsolved(self, node: t.Node) -> None:
        """Sweep for a value that moves, and look at the still parts below it."""
        self._at_least(_pace(node))
        for child in t.children(node):
            self.visit(child)

    def _at_least(self, sweep: Sweep) -> None:
        if _STRENGTH[sweep] > _STRENGTH[self.sweep]:
            self.sweep = sweep

    def _solve(self, left: t.Node, right: t.Node) -> None:
        for moving, still in ((left, right), (right, left)):
            if _moves(moving) and not _moves(still):
                solver = solve(moving)
                if solver is None:
                    self._unsolved(moving)
                else:
                    self.turnings.append(Turning(solver(still)))
                    self._visit_still_parts(moving)
                self.visit(still)
                return
        for side in (left, right):
            self.visit(side)

    def _visit_still_parts(self, moving: t.Node) -> None:
        """A solved side may rest on something that changes in steps, such as an aggregate over a window."""
        for child in t.children(moving):
            if _moves(child):
                self._visit_still_parts(child)
            else:
                self.visit(child)

    def _visit_related(self, node: t.Related) -> None:
        parts = conditions(self.scope, node)
        still = tuple(part for part in parts if not uses_clock(self.scope, part))
        inner = _Search(self.scope, [])
        for part in parts:
            inner.visit(part)
        self._at_least(inner.sweep)
        self.turnings += [Turning(turning.moments, node, still) for turning in inner.turnings]


def _moves(node: t.Node) -> bool:
    """Tell whether a value moves with time itself, rather than changing at turnings of its parts."""
    match node:
        case t.Call() if FUNCTIONS[node.name][node.signature].clock != "none":
            return True
        case t.Call() | t.Arith() | t.Negative() | t.LocalMidnight() | t.In():
            return any(_moves(child) for child in t.children(node))
        case _:
            return False


_BY_DAY: Final = frozenset({"date_of", "year_of", "month_of", "day_of", "weekday", "is_weekend"})


def _pace(node: t.Node) -> Sweep:
    """A value that is read off the local date changes at midnights only."""
    match node:
        case t.Call(name=name) if name in _BY_DAY or FUNCTIONS[name][node.signature].clock == "calendar":
            return "daily"
        case t.Call(name="now"):
            return "hourly"
        case _:
            paces = [_pace(child) for child in t.children(node) if _moves(child)]
            return max(paces, key=lambda pace: _STRENGTH[pace], default="daily")


def solve(node: t.Node) -> Solver | None:
    """Return a function from what a moving value is compared with to the moments of a flip; None when that is unknown."""
    match node:
        case t.Call(name="now"):
            return lambda still: (still, _plus(still, _TICK))
        case t.Call(name="today"):
            return lambda still: (_midnight(still), _midnight(_days_on(still, 1)))
        case t.Call(name="date_of" | "start_of_day", args=(inner,)) | t.LocalMidnight(value=inner):
            return _solve_step(node, inner)
        case t.Call(name="add_days", args=(inner, days)):
            return _solve_shift(inner, "+", t.Const(timedelta(days=_floor(days) or 0), type=DURATION))
        case t.Call(name=name, args=(inner,)) if name in _COUNTERS and not _moves(inner):
            return _solve_counter(name, inner)
        case t.Arith(op=op, left=left, right=right) if node.type in {DATE, TIMESTAMP} and not _moves(right):
            return _solve_shift(left, op, right)
        case t.Arith(op="-", left=left, right=right) if node.type == DURATION:
            return _solve_difference(left, right)
        case _:
            return None


def _solve_step(node: t.Node, inner: t.Node) -> Solver | None:
    """A moving date used as a time, or the date of a moving time: compared with the date of the other side."""
    if node.type == TIMESTAMP:
        below = solve(inner)
        return None if below is None else lambda still: below(_date_of(still))
    if isinstance(inner, t.Call) and inner.name == "now":
        return lambda still: (_midnight(still), _midnight(_days_on(still, 1)))
    return None


def _solve_shift(inner: t.Node, op: str, length: t.Node) -> Solver | None:
    below = solve(inner)
    back = "-" if op == "+" else "+"
    return None if below is None else lambda still: below(t.Arith(back, still, length, type=still.type))


def _solve_difference(left: t.Node, right: t.Node) -> Solver | None:
    """`now() - x` against a length: now is x plus the length."""
    moving, still_side, op = (left, right, "+") if _moves(left) else (right, left, "-")
    below = solve(moving)
    if below is None or _moves(still_side):
        return None
    if moving.type == TIMESTAMP:
        return lambda length: below(t.Arith(op, still_side, length, type=TIMESTAMP))

    def of_days(length: t.Node) -> tuple[t.Node, ...]:
        if not isinstance(length, t.Const) or not isinstance(length.value, timedelta):
            return _never()
        days = length.value // timedelta(days=1)
        return _each(below, [_days_on(still_side, days if op == "+" else -days), _days_on(still_side, days + 1 if op == "+" else -days - 1)])

    return of_days


_COUNTERS: Final = frozenset({"days_since", "days_until", "age_weeks", "age_months", "age_years"})


def _solve_counter(name: str, inner: t.Node) -> Solver | None:
    """Counts of days, weeks, months, years against a number: the local midnights at which the count reaches it or the next."""
    day = _date_of(inner) if inner.type == TIMESTAMP else inner

    def moments(still: t.Node) -> tuple[t.Node, ...]:
        number = _floor(still)
        if number is None:
            # The number is not known here: any midnight may be the one.
            return (_midnight(_days_on(t.Call("today", 0, (), type=DATE), 1)),)
        if name in {"days_since", "days_until", "age_weeks"}:
            sign, step = {"days_since": (1, 1), "days_until": (-1, 1), "age_weeks": (1, 7)}[name]
            days = [sign * number * step, sign * number * step + step]
            return tuple(_midnight(_days_on(day, n)) for n in days) if abs(number) * step <= _DAYS_MAX else _never()
        step = 12 if name == "age_years" else 1
        if abs(number) * step > _MONTHS_MAX:
            return _never()
        return tuple(_midnight(_birthday(day, months)) for months in (number * step, number * step + step))

    return moments


def _never() -> tuple[t.Node, ...]:
    return (t.Const(None, type=TIMESTAMP),)


def _each(solver: Solver, stills: list[t.Node]) -> tuple[t.Node, ...]:
    return tuple(moment for still in stills for moment in solver(still))


def _floor(node: t.Node) -> int | None:
    match node:
        case t.Const(value=Decimal() as value) if node.type == NUMBER:
            return int(value.to_integral_value(ROUND_FLOOR))
        case t.Negative(value=t.Const(value=Decimal() as value)):
            return int((-value).to_integral_value(ROUND_FLOOR))
        case _:
            return None


def _plus(moment: t.Node, length: t.Node) -> t.Node:
    return t.Arith("+", moment, length, type=TIMESTAMP)


def _midnight(day: t.Node) -> t.Node:
    return t.LocalMidnight(day, type=TIMESTAMP)


def _date_of(moment: t.Node) -> t.Node:
    return t.Call("date_of", 0, (moment,), type=DATE)


def _days_on(day: t.Node, days: int) -> t.Node:
    return t.Arith("+", day, t.Const(timedelta(days=days), type=DURATION), type=DATE)


def _birthday(day: t.Node, months: int) -> t.Node:
    return t.Call("birthday_after", 0, (day, t.Const(Decimal(months), type=NUMBER)), type=DATE)
