"""Blocks that wait for a moment of the calendar: a date, hours, a working day, a day in the customer's life, her own best hour."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import Field, model_validator

from tandem.catalog import Catalog
from tandem.catalog.label import Label
from tandem.flow.kinds.findings import missing
from tandem.flow.node import (
    DONE,
    CheckContext,
    CompileContext,
    Config,
    Finding,
    Fragment,
    Group,
    NodeKind,
    Port,
    Role,
    choices,
    joined,
)

Weekday = Annotated[int, Field(ge=1, le=7)]
_LOCAL = "(%(now)s::timestamptz at time zone %(zone)s::text)"


class MomentConfig(Config):
    """Until when."""

    at: datetime = Field(title="到什么时候 | Until", json_schema_extra={"x-ui": {"widget": "datetime"}})


class WaitMoment(NodeKind[MomentConfig]):
    kind = "wait.moment"
    for_customer = False
    group = Group.WAIT
    role = Role.WAIT
    label = Label("等到指定时间", "Wait until a moment")
    help = Label(
        "客户停到设定的日期和时间再继续；时间已过则立即继续。",
        "The customer stops until a date and time; when that is over she goes on at once.",
    )
    icon = "calendar"
    config = MomentConfig

    def ports(self, config: MomentConfig) -> tuple[Port, ...]:
        del config
        return (DONE,)

    def check(self, config: MomentConfig, ctx: CheckContext) -> Iterable[Finding]:
        if _moment(config, ctx.tx.zone) <= ctx.tx.now:
            yield Finding(
                "moment_past",
                Label("设定的时间已经过去，不会等待", "The moment is over: nobody will wait"),
                Label("请选择将来的时间", "Choose a moment to come"),
                "at",
                "warning",
            )

    def fragment(self, config: MomentConfig, ctx: CompileContext) -> Fragment:
        return Fragment(
            wake_at="greatest(%(at)s::timestamptz, %(now)s::timestamptz)", params={"at": _moment(config, ctx.zone)}
        )


def _moment(config: MomentConfig, zone: str) -> datetime:
    return config.at if config.at.tzinfo is not None else config.at.replace(tzinfo=ZoneInfo(zone))


class WindowConfig(Config):
    """Which hours of which days."""

    start: time = Field(default=time(9), title="从 | From")
    until: time = Field(default=time(21), title="到 | Until")
    weekdays: tuple[Weekday, ...] = Field(
        default=(),
        title="星期几 | Weekdays",
        json_schema_extra={
            "x-ui": {
                "widget": "weekdays",
                "help": {"zh": "空为每天", "en": "Empty is every day"},
            }
        },
    )

    @model_validator(mode="after")
    def _has_hours(self) -> WindowConfig:
        if self.start == self.until:
            raise ValueError("the window has no hours")
        return self


class WaitWindow(NodeKind[WindowConfig]):
    kind = "wait.window"
    for_customer = False
    group = Group.WAIT
    role = Role.WAIT
    label = Label("等到合适时段", "Wait for hours of the day")
    help = Label(
        "不在时段内的客户等到下一个时段开始再继续，例如不在夜里打扰；时段可以跨午夜。",
        "Who comes outside these hours waits for the next time they begin, so that nobody is disturbed at night.",
    )
    icon = "clock"
    config = WindowConfig

    def ports(self, config: WindowConfig) -> tuple[Port, ...]:
        del config
        return (DONE,)

    def fragment(self, config: WindowConfig, ctx: CompileContext) -> Fragment:
        over = " + interval '1 day'" if config.until <= config.start else ""
        day = f"({_LOCAL}::date + d.n)"
        begins = f"({day} + %(from)s::time) at time zone %(zone)s::text"
        ends = f"({day} + %(until)s::time{over}) at time zone %(zone)s::text"
        weekday = f" and extract(isodow from {day})::int = any(%(weekdays)s::int[])" if config.weekdays else ""
        wake = (
            f"(select min(greatest({begins}, %(now)s::timestamptz)) from generate_series(-1, 8) d(n)"
            f" where {ends} > %(now)s::timestamptz{weekday})"
        )
        params: dict[str, Any] = {"from": config.start, "until": config.until, "zone": ctx.zone}
        return Fragment(wake_at=wake, params=params | ({"weekdays": list(config.weekdays)} if config.weekdays else {}))


class WorkingDayConfig(Config):
    """How many working days, and when on the last."""

    days: int = Field(
        default=0,
        ge=0,
        le=250,
        title="几个工作日之后（0 为最近的工作时刻）| After so many working days (0: the next working moment)",
    )
    at: time = Field(default=time(10), title="时间 | Time")


class WaitWorkingDay(NodeKind[WorkingDayConfig]):
    kind = "wait.working_day"
    for_customer = False
    group = Group.WAIT
    role = Role.WAIT
    label = Label("等到工作日", "Wait for a working day")
    help = Label(
        "按国务院公布的放假与调休安排，等到第几个工作日的设定时间再继续。",
        "Waits for a working day of the Chinese calendar, public holidays and working weekends counted.",
    )
    icon = "briefcase"
    config = WorkingDayConfig

    def ports(self, config: WorkingDayConfig) -> tuple[Port, ...]:
        del config
        return (DONE,)

    def fragment(self, config: WorkingDayConfig, ctx: CompileContext) -> Fragment:
        first = ctx.expression(
            f"add_working_days(today(), {config.days})"
            if config.days
            else "if(is_working_day(today()), today(), add_working_days(today(), 1))",
            "d0",
            returns="date",
        )
        then = ctx.expression("add_working_days(today(), 1)", "d1", returns="date")

        def at(day: str) -> str:
            return f"((({day}) + %(at)s::time) at time zone %(zone)s::text)"

        wake = f"case when {at(first.sql)} > %(now)s::timestamptz then {at(first.sql)} else {at(then.sql)} end"
        return Fragment(wake_at=wake, params={"at": config.at, "zone": ctx.zone, **first.params, **then.params})


Which = Literal["birthday", "lunar_birthday", "member_day", "first_order", "expected_order", "custom"]
_WHICH = choices(
    birthday="公历生日 | birthday",
    lunar_birthday="农历生日 | lunar birthday",
    member_day="建档周年 | anniversary of joining",
    first_order="首单周年 | anniversary of the first order",
    expected_order="预计下次购买日 | next order expected",
    custom="自定义日期 | another date",
)
DATES: dict[str, str] = {
    "birthday": "next_birthday(customer.birthday)",
    "lunar_birthday": "next_lunar_birthday(customer.birthday)",
    "member_day": "next_birthday(date_of(customer.created_at))",
    "first_order": "next_birthday(date_of(customer.first_order_at))",
    "expected_order": "date_of(customer.expected_order_at)",
}


class DateOf(Config):
    """A date of the customer, and so many days before or after."""

    which: Which = Field(default="birthday", title="哪一天 | Which day", json_schema_extra=_WHICH)
    date: str = Field(
        default="",
        title="日期 | Date",
        max_length=4000,
        json_schema_extra={
            "x-ui": {
                "widget": "expression",
                "returns": "date",
                "scope": {"customer": "customer", "event": "@entry"},
                "show_if": {"which": "custom"},
            }
        },
    )
    offset: int = Field(default=0, ge=-366, le=366, title="提前或推后几天（提前为负）| Days after (before: negative)")
    at: time = Field(default=time(10), title="时间 | Time")

    @property
    def expression(self) -> str:
        """The date as an expression."""
        return self.date if self.which == "custom" else DATES[self.which]

    def findings(self, ctx: CheckContext) -> Iterable[Finding]:
        """What is wrong with the date."""
        if self.which == "custom" and not self.date.strip():
            yield missing(
                Label("还没有填写日期", "No date is given yet"),
                Label("请填写日期表达式", "Give an expression for the date"),
                "date",
            )
        else:
            yield from ctx.expression(self.expression, "date" if self.which == "custom" else "which", returns="date")


class WaitDate(NodeKind[DateOf]):
    kind = "wait.date"
    for_customer = False
    group = Group.WAIT
    role = Role.WAIT
    label = Label("等到客户的日子", "Wait for a day of the customer's")
    help = Label(
        "等到生日（公历或农历）、周年、到期等属于客户的日子，可提前或推后几天；没有这个日期走“没有日期”。",
        "Waits for a birthday (lunar too), an anniversary, an expiry, some days before or after; without such a date she goes by “no date”.",
    )
    icon = "cake"
    config = DateOf

    def ports(self, config: DateOf) -> tuple[Port, ...]:
        del config
        return (
            Port("reached", Label("到了", "Reached")),
            Port("missing", Label("没有日期", "No date"), optional=True),
            Port("past", Label("已经错过", "Over already"), optional=True, otherwise="reached"),
        )

    def asks_customer(self, config: DateOf, catalog: Catalog) -> bool:
        del catalog
        return config.which != "custom"

    def check(self, config: DateOf, ctx: CheckContext) -> Iterable[Finding]:
        return config.findings(ctx)

    def fragment(self, config: DateOf, ctx: CompileContext) -> Fragment:
        day = ctx.expression(config.expression, "d", returns="date")
        target = f"((({day.sql}) + %(offset)s::int + %(at)s::time) at time zone %(zone)s::text)"
        state = f"case when ({day.sql}) is null then 1 when {target} <= %(now)s::timestamptz then 2 else 0 end"
        return Fragment(
            arrival_joins=joined(day),
            arrival_vars=f"jsonb_build_object('date_state', {state})",
            wake_at=f"greatest({target}, %(now)s::timestamptz)",
            port="coalesce((r.vars ->> 'date_state')::int, 0)",
            params={"offset": config.offset, "at": config.at, "zone": ctx.zone, **day.params},
        )


class BestTimeConfig(Config):
    """Where to look for her habits, and within which hours."""

    events: Literal["orders", "visits", "any"] = Field(
        default="any",
        title="依据 | By",
        json_schema_extra=choices(
            orders="下单时间 | her orders", visits="到店时间 | her visits", any="任何行为 | anything she does"
        ),
    )
    earliest: int = Field(default=9, ge=0, le=23, title="不早于（点）| Not before (hour)")
    latest: int = Field(default=21, ge=1, le=24, title="不晚于（点）| Not after (hour)")
    otherwise: int = Field(default=19, ge=0, le=23, title="不了解习惯时（点）| When nothing is known (hour)")

    @model_validator(mode="after")
    def _has_hours(self) -> BestTimeConfig:
        if self.earliest >= self.latest:
            raise ValueError("the earliest hour must come before the latest")
        return self


_HABITS = {
    "orders": ["order.placed", "order.paid"],
    "visits": ["visit.recorded"],
    "any": [
        "order.placed",
        "order.paid",
        "visit.recorded",
        "behaviour.recorded",
        "message.clicked",
        "message.read",
        "coupon.redeemed",
    ],
}


class WaitBestTime(NodeKind[BestTimeConfig]):
    kind = "wait.best_time"
    group = Group.WAIT
    role = Role.WAIT
    label = Label("等到最佳时刻", "Wait for her best hour")
    help = Label(
        "看这位客户近 90 天最常在几点活动，等到那个钟点再继续；不了解时用设定的钟点。",
        "Looks at which hour of the day she was most often active in the last 90 days, and waits for it.",
    )
    icon = "sun"
    config = BestTimeConfig

    def ports(self, config: BestTimeConfig) -> tuple[Port, ...]:
        del config
        return (DONE,)

    def fragment(self, config: BestTimeConfig, ctx: CompileContext) -> Fragment:
        hour = (
            "(select h.hour from (select extract(hour from e.occurred_at at time zone %(zone)s::text)::int as hour, count(*) as n from event e"
            " where e.bucket = r.bucket and e.tenant_id = %(tenant)s and e.owner_id = r.customer_id"
            " and e.occurred_at > %(now)s::timestamptz - interval '90 days' and e.occurred_at <= %(now)s::timestamptz and e.type = any(%(types)s::text[])"
            " group by 1) h where h.hour between %(earliest)s and %(latest)s - 1 order by h.n desc, h.hour limit 1)"
        )
        best = f"coalesce({hour}, %(otherwise)s)"
        today = f"(({_LOCAL}::date + make_interval(hours => b.hour)) at time zone %(zone)s::text)"
        now = f"extract(hour from {_LOCAL})::int"
        return Fragment(
            arrival_joins=f"cross join lateral (select {best} as hour) b",
            wake_at=f"case when b.hour = {now} then %(now)s::timestamptz when {today} > %(now)s::timestamptz then {today} else {today} + interval '1 day' end",
            arrival_vars="jsonb_build_object('best_hour', b.hour)",
            facts="jsonb_build_object('hour', r.vars -> 'best_hour')",
            params={
                "zone": ctx.zone,
                "types": _HABITS[config.events],
                "earliest": config.earliest,
                "latest": config.latest,
                "otherwise": config.otherwise,
            },
        )
