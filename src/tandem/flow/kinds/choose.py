"""Blocks that choose a way by what the run came with, by the calendar, by place, by chance."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import time
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from tandem.catalog.label import Label
from tandem.flow.kinds.decide import ELSE, PortName, SplitArm, Ways, arm_drawn, arm_ports
from tandem.flow.kinds.findings import missing
from tandem.flow.node import (
    CheckContext,
    CompileContext,
    Config,
    Finding,
    Fragment,
    Group,
    NodeKind,
    Port,
    choices,
    reads_sql,
)

WAYS_MAX = 30
Weekday = Annotated[int, Field(ge=1, le=7)]
_WEEKDAYS: dict[str, Any] = {"x-ui": {"widget": "weekdays", "help": {"zh": "空为每天", "en": "Empty is every day"}}}


class ValueWay(Config):
    """One way and the values that take it."""

    name: PortName = Field(title="标识 | Key")
    label: str = Field(title="名称 | Name", min_length=1, max_length=100)
    values: tuple[str, ...] = Field(default=(), title="取值 | Values", max_length=100)


class EventValueConfig(Ways):
    """Which part of the event, and which values lead where."""

    field: str = Field(
        default="",
        title="事件中的字段 | Field of the event",
        max_length=80,
        json_schema_extra={
            "x-ui": {
                "widget": "event_field",
                "help": {"zh": "让客户进入的事件带来的一项内容", "en": "Something that the entering event says"},
            }
        },
    )
    ways: tuple[ValueWay, ...] = Field(title="分支 | Ways", min_length=1, max_length=WAYS_MAX)


def way_ports(ways: Iterable[Any]) -> tuple[Port, ...]:
    """A port for each way, and one for everybody else."""
    return (*(Port(one.name, Label(one.label, one.label)) for one in ways), ELSE)


class EventValueKind(NodeKind[EventValueConfig]):
    kind = "decide.event"
    for_customer = False
    group = Group.DECIDE
    label = Label("按进入事件分流", "By the entering event")
    help = Label(
        "看让客户进入流程的事件：某个字段是什么值就走哪条路，例如不同门店、渠道、金额档。",
        "Looks at the event that brought the customer in: the value of one of its fields chooses the way.",
    )
    icon = "branch-event"
    config = EventValueConfig

    def ports(self, config: EventValueConfig) -> tuple[Port, ...]:
        return way_ports(config.ways)

    def check(self, config: EventValueConfig, ctx: CheckContext) -> Iterable[Finding]:
        if not config.field:
            yield _needed("field", "请填写事件中的字段", "Name a field of the event")
            return
        yield from ctx.expression(f"event.{config.field} is missing", "field")
        yield from empty_ways(config.ways, "values")

    def fragment(self, config: EventValueConfig, ctx: CompileContext) -> Fragment:
        del ctx
        cases = " ".join(f"when v.value = any(%(v{index})s::text[]) then {index}" for index in range(len(config.ways)))
        return Fragment(
            joins="cross join lateral (select r.vars -> 'event' ->> %(field)s as value) v",
            columns={"value": "v.value", "way": f"(case {cases} else {len(config.ways)} end)::smallint"},
            port="r.way",
            facts="jsonb_build_object('event.' || %(field)s::text, r.value)",
            params={"field": config.field} | {f"v{index}": list(one.values) for index, one in enumerate(config.ways)},
        )


def _needed(where: str, zh: str, en: str) -> Finding:
    return missing(Label("还没有填写", "Not filled in yet"), Label(zh, en), where)


def empty_ways(ways: Iterable[Any], what: str) -> Iterable[Finding]:
    for index, one in enumerate(ways):
        if not getattr(one, what):
            yield Finding(
                "way_never_taken",
                Label(f"分支“{one.label}”没有取值，没有人会走", f"The way {one.label!r} has no value: nobody takes it"),
                Label("请填写取值，或删除该分支", "Give it a value, or delete it"),
                f"ways[{index}].{what}",
                "warning",
            )


class CalendarConfig(Config):
    """Which days and hours."""

    days: Literal["any", "working", "free", "holiday"] = Field(
        default="any",
        title="哪些日子 | Days",
        json_schema_extra=choices(
            any="每天 | every day",
            working="工作日（含调休）| working days",
            free="休息日 | days off",
            holiday="法定节假日 | public holidays",
        ),
    )
    weekdays: tuple[Weekday, ...] = Field(default=(), title="星期几 | Weekdays", json_schema_extra=_WEEKDAYS)
    start: time = Field(default=time(0), title="从 | From")
    until: time = Field(default=time(0), title="到（与起点相同为全天）| Until (the same: all day)")


_DAYS = {
    "working": "is_working_day(today())",
    "free": "not is_working_day(today())",
    "holiday": "is_holiday(today())",
}


class CalendarKind(NodeKind[CalendarConfig]):
    kind = "decide.calendar"
    for_customer = False
    group = Group.DECIDE
    label = Label("按时间判断", "By time and day")
    help = Label(
        "看此刻是否在设定的日子和时段内：星期几、中国法定节假日与调休、一天中的时段（可跨午夜）。",
        "Is it one of these days and hours now? Weekdays, Chinese public holidays and working weekends, hours that may span midnight.",
    )
    icon = "calendar-check"
    config = CalendarConfig

    def ports(self, config: CalendarConfig) -> tuple[Port, ...]:
        del config
        return (Port("inside", Label("在时段内", "Inside")), Port("outside", Label("不在时段内", "Outside")))

    def fragment(self, config: CalendarConfig, ctx: CompileContext) -> Fragment:
        local = "(%(now)s::timestamptz at time zone %(zone)s::text)"
        tests = ["true"]
        params: dict[str, Any] = {"zone": ctx.zone}
        if config.days != "any":
            day = ctx.expression(_DAYS[config.days], "day")
            tests.append(day.sql)
            params |= day.params
        if config.weekdays:
            tests.append(f"extract(isodow from {local})::int = any(%(weekdays)s::int[])")
            params["weekdays"] = list(config.weekdays)
        if config.start != config.until:
            params |= {"from": config.start, "until": config.until}
            join = "and" if config.start < config.until else "or"
            tests.append(f"({local}::time >= %(from)s::time {join} {local}::time < %(until)s::time)")
        return Fragment(
            columns={"inside": " and ".join(tests)},
            port="case when r.inside then 0 else 1 end",
            facts=f"jsonb_build_object('at', to_char({local}, 'YYYY-MM-DD HH24:MI'), 'inside', r.inside)",
            params=params,
        )


class RandomConfig(Config):
    """Ways whose shares add up to 100."""

    arms: tuple[SplitArm, ...] = Field(title="分支 | Ways", min_length=2, max_length=20)

    @model_validator(mode="after")
    def _shares_add_up(self) -> RandomConfig:
        if len({arm.name for arm in self.arms}) != len(self.arms):
            raise ValueError("two ways have the same key")
        if sum(arm.share for arm in self.arms) != 100:
            raise ValueError("the shares must add up to 100")
        return self


class RandomKind(NodeKind[RandomConfig]):
    kind = "decide.random"
    for_customer = False
    group = Group.DECIDE
    label = Label("随机分流", "Random split")
    help = Label(
        "每次经过都重新抽签，同一客户下次可能走另一条路；要固定分组请用“A/B 分流”。",
        "Draws anew at each passing: the same customer may take another way next time. For fixed arms use the A/B split.",
    )
    icon = "dice"
    config = RandomConfig

    def ports(self, config: RandomConfig) -> tuple[Port, ...]:
        return arm_ports(config.arms)

    def fragment(self, config: RandomConfig, ctx: CompileContext) -> Fragment:
        return Fragment(
            joins="cross join lateral (select ('x' || left(md5(r.id::text || ':' || r.visit || %(salt)s::text), 7))::bit(28)::int"
            " %% 10000 as point) h",
            columns={"drawn": f"({arm_drawn(config.arms)})::smallint"},
            port="r.drawn",
            params={"salt": ctx.block},
        )


class HoldoutConfig(Config):
    """How many are kept out."""

    percent: Decimal = Field(
        default=Decimal(10), gt=0, le=90, decimal_places=2, title="不参与的比例 % | Share kept out %"
    )
    name: str = Field(default="", title="名称（相同名称共用分组）| Name", max_length=80)


class HoldoutKind(NodeKind[HoldoutConfig]):
    kind = "decide.holdout"
    for_customer = False
    group = Group.DECIDE
    experiment = True
    label = Label("留出对照组", "Holdout")
    help = Label(
        "按比例留出一部分客户不做后面的动作，用来衡量效果；同一客户始终在同一组。",
        "Keeps a share of customers out of what follows, so that its effect can be measured; a customer stays in her group for good.",
    )
    icon = "holdout"
    config = HoldoutConfig

    def ports(self, config: HoldoutConfig) -> tuple[Port, ...]:
        del config
        return (Port("treated", Label("参与", "Treated")), Port("held_out", Label("对照组", "Held out")))

    def fragment(self, config: HoldoutConfig, ctx: CompileContext) -> Fragment:
        return Fragment(
            joins="cross join lateral (select ('x' || left(md5('holdout' || %(name)s::text || r.subject_id::text), 7))::bit(28)::int"
            " %% 10000 as point) h",
            columns={"out": f"(case when h.point < {int(config.percent * 100)} then 1 else 0 end)::smallint"},
            port="r.out",
            arm=f"{ctx.block_number * 64} + r.out",
            params={"name": config.name or f"{ctx.flow_id}:{ctx.block}"},
        )


class VisitedConfig(Config):
    """Within how many days."""

    days: int = Field(default=0, ge=0, le=3650, title="最近几天内（0 为不限）| Within days (0: ever)")


class VisitedKind(NodeKind[VisitedConfig]):
    kind = "decide.visited"
    for_customer = False
    group = Group.DECIDE
    label = Label("以前来过吗", "Been here before")
    help = Label(
        "看客户以前是否进入过这个流程，可限定最近若干天。",
        "Has the customer been in this flow before, ever or within some days?",
    )
    icon = "history"
    config = VisitedConfig

    def ports(self, config: VisitedConfig) -> tuple[Port, ...]:
        del config
        return (Port("before", Label("来过", "Been here")), Port("first", Label("第一次", "First time")))

    def fragment(self, config: VisitedConfig, ctx: CompileContext) -> Fragment:
        since = " and h.entered_at > %(now)s::timestamptz - %(days)s * interval '1 day'" if config.days else ""
        same = "customer_id" if ctx.subject == "customer" else "subject_id"
        earlier = (
            f"exists (select from flow_run h where h.bucket = r.bucket and h.tenant_id = %(tenant)s and h.{same} = r.{same}"
            f" and h.flow_id = %(flow)s and h.parent_id is null and h.entered_at < r.entered_at{since})"
        )
        return Fragment(
            columns={"before": earlier},
            port="case when r.before then 0 else 1 end",
            params={"flow": ctx.flow_id, "days": config.days},
        )


class FilterConfig(Config):
    """Who goes on."""

    condition: str = Field(
        title="条件 | Condition",
        min_length=1,
        max_length=8000,
        json_schema_extra={"x-ui": {"widget": "expression", "scope": {"customer": "customer", "event": "@entry"}}},
    )


class FilterKind(NodeKind[FilterConfig]):
    kind = "decide.filter"
    for_customer = False
    group = Group.DECIDE
    label = Label("符合才继续", "Filter")
    help = Label(
        "符合条件的客户继续，不符合的离开流程（也可以给“不符合”另接一条路）。",
        "Who fits goes on; who does not leaves the flow, or goes another way where one is drawn.",
    )
    icon = "filter"
    config = FilterConfig

    def ports(self, config: FilterConfig) -> tuple[Port, ...]:
        del config
        return (Port("passed", Label("符合", "Fits")), Port("left", Label("不符合", "Does not fit"), optional=True))

    def check(self, config: FilterConfig, ctx: CheckContext) -> Iterable[Finding]:
        return ctx.expression(config.condition, "condition")

    def fragment(self, config: FilterConfig, ctx: CompileContext) -> Fragment:
        asked = ctx.expression(config.condition, "f")
        return Fragment(
            joins=" ".join(asked.joins),
            columns={"fits": f"coalesce({asked.sql}, false)", "read": reads_sql(asked)},
            port="case when r.fits then 0 else 1 end",
            facts="r.read",
            params=asked.params,
        )
