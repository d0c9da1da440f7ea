"""When can an expression's value next change by time alone?

The checked tree is searched for comparisons with something that moves with time (`paid_at >= now() - 90 days`,
`days_since(last(orders.paid_at)) > 30`). Each is solved for the moments at which it can flip; those are expressions of type
timestamp themselves, so both back ends compute them from one tree. A moment at which nothing flips after all costs one idle
evaluation and is harmless; a missed one is not. What cannot be solved is swept each local midnight, or each hour.
"""

# ruff: noqa: PLR0911 (one return for each form of node reads best)

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
from tandem.catalog.related_sets import conditions, floor_of
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


@dataclass(frozen=True, slots=True)
class Flips:
    """When a moving value meets what it is compared with (`reach`) and when it leaves it behind (`after`).

    `rising` says that the value grows with time; a falling one, such as `days_until`, flips the other way round.
    """

    reach: tuple[t.Node, ...]
    after: tuple[t.Node, ...]
    rising: bool = True

    def of(self, op: str) -> tuple[t.Node, ...]:
        if op in {"=", "!="}:
            return self.reach + self.after
        return self.reach if (op in {">=", "<"}) == self.rising else self.after


Solver = Callable[[t.Node], Flips]
_MIRROR: Final = {"=": "=", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


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
            case t.Compare(op=op, left=left, right=right):
                self._solve(left, op, right)
            case t.Between(value=value, low=low, high=high):
                self._solve(value, ">=", low)
                self._solve(value, "<=", high)
            case t.Call(name="birthday_within" | "lunar_birthday_within" as name, args=(born, days)) if not _moves(
                born
            ):
                # The same as `days_to_birthday(born) <= days`.
                self.turnings.append(Turning(_birthday_flips(name.removesuffix("_within"), born)(days).reach))
                self.visit(born)
            case t.Call() if FUNCTIONS[node.name][node.signature].clock != "none":
                self._unsolved(node)
            case t.Call() | t.Lookup() | t.Arith() | t.Negative() | t.LocalMidnight() | t.In() if _moves(node):
                self._unsolved(node)
            case _:
                for child in t.children(node):
                    self.visit(child)

    def _unsolved(self, node: t.Node) -> None:
        """Sweep for a value that moves, and look at the still parts below it."""
        shifted = _shifted_calendar(node)
        if shifted is not None:
            self.turnings.append(Turning(shifted))
        else:
            self._at_least(_pace(node))
        for child in t.children(node):
            self.visit(child)

    def _at_least(self, sweep: Sweep) -> None:
        if _STRENGTH[sweep] > _STRENGTH[self.sweep]:
            self.sweep = sweep

    def _solve(self, left: t.Node, op: str, right: t.Node) -> None:
        for moving, towards, still in ((left, op, right), (right, _MIRROR[op], left)):
            if _moves(moving) and not _moves(still):
                solver = solve(moving)
                if solver is None:
                    self._unsolved(moving)
                else:
                    moments = solver(still).of(towards)
                    self.turnings += [Turning(moments)] if moments else []
                    self._visit_still_parts(moving)
                    self._at_least("daily" if _dated_difference(moving) else "never")
                self.visit(still)
                return
        if _moves(left) and _moves(right):
            self._solve_beside_calendar(left, op, right)
        for side in (left, right):
            self.visit(side)

    def _solve_beside_calendar(self, left: t.Node, op: str, right: t.Node) -> None:
        """`now() - 3 hours > today()`: until midnight, when it is swept again, the date stands still and the other side meets it."""
        for moving, towards, dated in ((left, op, right), (right, _MIRROR[op], left)):
            solver = solve(moving) if _pace(dated) == "daily" else None
            if solver is not None:
                self.turnings.append(Turning(solver(dated).of(towards)))

    def _visit_still_parts(self, moving: t.Node) -> None:
        """A solved side may rest on something that changes in steps, such as an aggregate over a window."""
        for child in t.children(moving):
            if _moves(child):
                self._visit_still_parts(child)
            else:
                self.visit(child)

    def _visit_related(self, node: t.Related) -> None:
        relation = self.scope.catalog.relations[node.relation]
        parts = conditions(self.scope, node)
        where = [part for part in parts if not uses_clock(self.scope, part)]
        # A row that has fallen behind a window never comes back by time alone: it need not be looked at, nor its partition opened.
        where += [floor for part in parts if (floor := floor_of(relation, part)) is not None]
        inner = _Search(self.scope, [])
        for part in parts:
            inner.visit(part)
        self._at_least(inner.sweep)
        self.turnings += [Turning(turning.moments, node, tuple(where)) for turning in inner.turnings]


def _moves(node: t.Node) -> bool:
    """Tell whether a value moves with time itself, rather than changing at turnings of its parts."""
    match node:
        case t.Call() if FUNCTIONS[node.name][node.signature].clock != "none":
            return True
        case t.Call() | t.Lookup() | t.Arith() | t.Negative() | t.LocalMidnight() | t.In():
            return any(_moves(child) for child in t.children(node))
        case _:
            return False


_BY_DAY: Final = frozenset(
    {"date_of", "year_of", "month_of", "day_of", "quarter_of", "weekday", "is_weekend"}
    | {"start_of_week", "start_of_month", "start_of_year", "is_working_day", "is_holiday", "holiday_of"}
    | {"lunar_month", "lunar_day", "lunar_date", "is_lunar_leap_month"}
)


def _shifted_calendar(node: t.Node) -> tuple[t.Node, ...] | None:
    """`weekday(now() + 5 hours)` changes when the shifted clock reaches the next day, `hour_of` when it reaches the next hour."""
    match node:
        case t.Call(name=name, args=(inner,)) if inner.type == TIMESTAMP and (name in _BY_DAY or name == "hour_of"):
            solver = solve(inner)
        case _:
            return None
    if solver is None or (isinstance(inner, t.Call) and name in _BY_DAY):
        return None
    if name == "hour_of":
        return solver(t.Call("next_hour", 0, (inner,), type=TIMESTAMP)).reach
    return solver(_begins(_days_on(_date_of(inner), 1))).reach


def _pace(node: t.Node) -> Sweep:
    """A value that is read off the local date changes at midnights only."""
    match node:
        case t.Call(name=name, args=(t.Call(name="now"),)) if name in _BY_DAY:
            return "daily"
        case t.Call(name=name) if FUNCTIONS[name][node.signature].clock == "calendar":
            return "daily"
        case t.Call(name="now"):
            return "hourly"
        case _:
            paces: list[Sweep] = [_pace(child) for child in t.children(node) if _moves(child)]
            return max(paces, key=_STRENGTH.__getitem__) if paces else "daily"


def solve(node: t.Node) -> Solver | None:
    """Return a function from what a moving value is compared with to its flips; None when they are unknown."""
    match node:
        case t.Call(name="now"):
            return lambda still: Flips((still,), (_plus(still, _TICK),))
        case t.Call(name="today"):
            return _day_flips
        case t.Call(name="date_of" | "start_of_day", args=(inner,)) | t.LocalMidnight(value=inner):
            return _solve_step(node, inner)
        case t.Call(name="add_days", args=(inner, days)):
            return _solve_shift(inner, "+", t.Const(timedelta(days=_floor(days) or 0), type=DURATION))
        case t.Call(name=name, args=(inner,)) if name in _COUNTERS and not _moves(inner):
            return _solve_counter(name, inner)
        case t.Call(name="days_to_birthday" | "days_to_lunar_birthday" as name, args=(inner,)) if not _moves(inner):
            return _birthday_flips(name.removeprefix("days_to_"), inner)
        case t.Call(name="start_of_week" | "start_of_month" | "start_of_year", args=(t.Call(name="today"),)):
            return lambda _: Flips(_next_stretch(node), _next_stretch(node))
        case t.Arith(op=op, left=left, right=right) if node.type in {DATE, TIMESTAMP} and not _moves(right):
            return _solve_shift(left, op, right)
        case t.Arith(op="-", left=left, right=right) if node.type == DURATION:
            return _solve_difference(left, right)
        case _:
            return None


def _day_flips(day: t.Node) -> Flips:
    return Flips((_begins(day),), (_begins(_days_on(day, 1)),))


def _solve_step(node: t.Node, inner: t.Node) -> Solver | None:
    """A moving date used as a time, or the date of a moving time."""
    if node.type == DATE:
        return _day_flips if isinstance(inner, t.Call) and inner.name == "now" else None
    below = solve(inner)
    if below is None:
        return None

    def either(still: t.Node) -> Flips:
        # Whether the other side is a midnight itself is not known here, so both days count.
        flips = below(_date_of(still))
        return Flips(flips.reach + flips.after, flips.reach + flips.after)

    return either


def _solve_shift(inner: t.Node, op: str, length: t.Node) -> Solver | None:
    below = solve(inner)
    back = "-" if op == "+" else "+"
    return None if below is None else lambda still: below(t.Arith(back, still, length, type=still.type))


def _dated_difference(node: t.Node) -> bool:
    """Tell whether it is the time since midnight or the like: both sides move, one of them at midnights only."""
    match node:
        case t.Arith(op="-", left=left, right=right) if node.type == DURATION and left.type == TIMESTAMP:
            return _moves(left) and _moves(right) and _pace(left) == "hourly" and _pace(right) == "daily"
        case _:
            return False


def _solve_difference(left: t.Node, right: t.Node) -> Solver | None:
    """`now() - x` against a length: now is x plus the length. `x - now()` falls as time goes on."""
    rising = _moves(left)
    moving, other = (left, right) if rising else (right, left)
    below = solve(moving)
    if below is None or (_moves(other) and not _dated_difference(t.Arith("-", left, right, type=DURATION))):
        return None

    def flips(length: t.Node) -> Flips:
        if moving.type == TIMESTAMP:
            found = below(t.Arith("+" if rising else "-", other, length, type=TIMESTAMP))
            return Flips(found.reach, found.after, rising)
        if not isinstance(length, t.Const) or not isinstance(length.value, timedelta):
            return _any_midnight()
        found = below(_days_on(other, (length.value if rising else -length.value) // timedelta(days=1)))
        whole = not length.value % timedelta(days=1)
        return (
            Flips(found.reach, found.after, rising)
            if whole
            else Flips(found.reach + found.after, found.reach + found.after)
        )

    return flips


_COUNTERS: Final = frozenset({"days_since", "days_until", "age_weeks", "age_months", "age_years"})


def _solve_counter(name: str, inner: t.Node) -> Solver | None:
    """Counts of days, weeks, months, years against a number: the local midnights at which the count reaches and passes it."""
    day = _date_of(inner) if inner.type == TIMESTAMP else inner
    rising = name != "days_until"

    def flips(still: t.Node) -> Flips:
        number = _floor(still)
        if number is None:
            return _any_midnight()
        reach, after = _counted(name, day, number)
        if _is_whole(still):
            return Flips(reach, after, rising)
        # A count is whole: between two whole numbers it flips at the one that it meets on its way.
        return Flips(after, after) if rising else Flips(reach, reach)

    return flips


def _counted(name: str, day: t.Node, number: int) -> tuple[tuple[t.Node, ...], tuple[t.Node, ...]]:
    if name in {"age_years", "age_months"}:
        step = 12 if name == "age_years" else 1
        if abs(number) * step > _MONTHS_MAX:
            return (), ()
        return (_begins(_birthday(day, number * step)),), (_begins(_birthday(day, number * step + step)),)
    sign, step = {"days_since": (1, 1), "days_until": (-1, 1), "age_weeks": (1, 7)}[name]
    if abs(number) * step > _DAYS_MAX:
        return (), ()
    days = sign * number * step
    return (_begins(_days_on(day, days)),), (_begins(_days_on(day, days + step)),)


def _birthday_flips(name: str, born: t.Node) -> Solver:
    """Days until a birthday fall by one a day and leap up after it: they meet a number on its day, and leave it on the day after."""
    signature = 0 if born.type == DATE else 1
    birthday = t.Call(f"next_{name}", signature, (born,), type=DATE)
    leap = _begins(_days_on(birthday, 1))

    def flips(still: t.Node) -> Flips:
        number = _floor(still)
        if number is None:
            return _any_midnight()
        if abs(number) > _DAYS_MAX:
            return Flips((leap,), (leap,))
        moments = (_begins(_days_on(birthday, -number)), _begins(_days_on(birthday, 1 - number)), leap)
        return Flips(moments, moments)

    return flips


_STRETCHES: Final = {"start_of_month": 1, "start_of_year": 12}


def _next_stretch(node: t.Node) -> tuple[t.Node, ...]:
    """Return the moment at which this week, month or year is over."""
    name = node.name if isinstance(node, t.Call) else ""
    if name == "start_of_week":
        return (_begins(_days_on(node, 7)),)
    return (_begins(t.Call("add_months", 0, (node, t.Const(Decimal(_STRETCHES[name]), type=NUMBER)), type=DATE)),)


def _any_midnight() -> Flips:
    """What it is compared with is not known until it is computed: any midnight may be the one."""
    return Flips((tomorrow(),), (tomorrow(),))


def tomorrow() -> t.Node:
    """Return the moment at which the next local date begins."""
    return _begins(_days_on(t.Call("today", 0, (), type=DATE), 1))


def _number(node: t.Node) -> Decimal | None:
    match node:
        case t.Const(value=Decimal() as value) if node.type == NUMBER:
            return value
        case t.Negative(value=t.Const(value=Decimal() as value)):
            return -value
        case _:
            return None


def _floor(node: t.Node) -> int | None:
    value = _number(node)
    return None if value is None else int(value.to_integral_value(ROUND_FLOOR))


def _is_whole(node: t.Node) -> bool:
    value = _number(node)
    return value is not None and value == value.to_integral_value()


def _plus(moment: t.Node, length: t.Node) -> t.Node:
    return t.Arith("+", moment, length, type=TIMESTAMP)


def _begins(day: t.Node) -> t.Node:
    return t.Call("day_begins", 0, (day,), type=TIMESTAMP)


def _date_of(moment: t.Node) -> t.Node:
    return t.Call("date_of", 0, (moment,), type=DATE)


def _days_on(day: t.Node, days: int) -> t.Node:
    return t.Arith("+", day, t.Const(timedelta(days=days), type=DURATION), type=DATE)


def _birthday(day: t.Node, months: int) -> t.Node:
    return t.Call("birthday_after", 0, (day, t.Const(Decimal(months), type=NUMBER)), type=DATE)
