"""Blocks in which runs begin: an event, a segment, a schedule."""

from __future__ import annotations

import calendar
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import Field, model_validator

from tandem.catalog.label import Label
from tandem.flow.kinds.on_event import OnEventConfig
from tandem.flow.node import (
    Audience,
    CheckContext,
    CompileContext,
    Config,
    Finding,
    Fragment,
    Group,
    NodeKind,
    Port,
    Role,
    Trigger,
    choices,
)

ENTERED = Port("entered", Label("进入", "Entered"))


def segment_findings(ctx: CheckContext, segment_id: UUID) -> Iterable[Finding]:
    """The finding for a segment that does not exist."""
    if not ctx.exists("segment", str(segment_id)):
        yield Finding(
            "segment_missing",
            Label("所选分群不存在或已删除", "The segment does not exist any more"),
            Label("请重新选择分群", "Choose another segment"),
            "segment_id",
        )


class EventStart(NodeKind[OnEventConfig]):
    kind = "start.event"
    for_customer = False
    group = Group.START
    role = Role.START
    label = Label("事件发生时", "When an event happens")
    help = Label(
        "事件发生且条件成立时，客户进入流程。后面的条件和文案可以使用该事件的内容。",
        "The customer enters when the event happens and the condition holds. Later blocks can read the event.",
    )
    icon = "flash"
    config = OnEventConfig

    def ports(self, config: OnEventConfig) -> tuple[Port, ...]:
        del config
        return (ENTERED,)

    def check(self, config: OnEventConfig, ctx: CheckContext) -> Iterable[Finding]:
        return config.findings(ctx)

    def trigger(self, config: OnEventConfig) -> Trigger:
        return config.trigger()

    def fragment(self, config: OnEventConfig, ctx: CompileContext) -> Fragment:
        del config, ctx
        return Fragment()


class SegmentStartConfig(Config):
    """Which segment, on entering or on leaving it."""

    segment_id: UUID = Field(title="分群 | Segment", json_schema_extra={"x-ui": {"widget": "segment"}})
    on: Literal["entered", "left"] = Field(
        default="entered",
        title="时机 | When",
        json_schema_extra=choices(entered="进入分群时 | when entering", left="离开分群时 | when leaving"),
    )
    include_present: bool = Field(
        default=True, title="发布时已在分群中的客户也进入 | Those inside at publishing enter too"
    )


class SegmentStart(NodeKind[SegmentStartConfig]):
    kind = "start.segment"
    group = Group.START
    role = Role.START
    label = Label("进入或离开分群", "Segment entered or left")
    help = Label(
        "客户进入（或离开）所选分群时进入流程；也可以让发布时已在分群中的客户立即进入。",
        "The customer enters when she joins (or leaves) the segment; those inside at publishing may enter at once.",
    )
    icon = "team"
    config = SegmentStartConfig

    def ports(self, config: SegmentStartConfig) -> tuple[Port, ...]:
        del config
        return (ENTERED,)

    def check(self, config: SegmentStartConfig, ctx: CheckContext) -> Iterable[Finding]:
        return segment_findings(ctx, config.segment_id)

    def trigger(self, config: SegmentStartConfig) -> Trigger:
        return Trigger((f"segment.{config.on}",), {"segment_id": str(config.segment_id)})

    def audience(self, config: SegmentStartConfig) -> Audience | None:
        if config.on == "entered" and config.include_present:
            return Audience(config.segment_id, at_publish=True)
        return None

    def fragment(self, config: SegmentStartConfig, ctx: CompileContext) -> Fragment:
        del config, ctx
        return Fragment()


class ScheduleStartConfig(Config):
    """Whom, and when: once, or again and again."""

    segment_id: UUID = Field(title="分群 | Segment", json_schema_extra={"x-ui": {"widget": "segment"}})
    every: Literal["once", "day", "week", "month"] = Field(
        default="once",
        title="重复 | Repeat",
        json_schema_extra=choices(
            once="仅一次 | once", day="每天 | every day", week="每周 | every week", month="每月 | every month"
        ),
    )
    on: date | None = Field(
        default=None, title="日期 | Date", json_schema_extra={"x-ui": {"show_if": {"every": "once"}}}
    )
    weekday: int = Field(
        default=1,
        ge=1,
        le=7,
        title="星期几（1 为周一）| Weekday (1 is Monday)",
        json_schema_extra={"x-ui": {"show_if": {"every": "week"}}},
    )
    day: int = Field(
        default=1,
        ge=1,
        le=31,
        title="每月几号 | Day of month",
        json_schema_extra={"x-ui": {"show_if": {"every": "month"}}},
    )
    at: time = Field(default=time(10), title="时间 | Time")

    @model_validator(mode="after")
    def _once_needs_a_date(self) -> ScheduleStartConfig:
        if self.every == "once" and self.on is None:
            raise ValueError("a single time needs its date")
        return self

    def next_after(self, moment: datetime, zone: str) -> datetime | None:
        """The next time strictly after a moment, in the tenant's zone. A month without the day uses its last."""
        local = moment.astimezone(ZoneInfo(zone))
        for day in self._days(local.date()):
            found = datetime.combine(day, self.at, ZoneInfo(zone))
            if found > moment:
                return found
        return None

    def _days(self, first: date) -> Iterable[date]:
        match self.every:
            case "once":
                yield from [self.on] if self.on else []
            case "day":
                yield from (first + timedelta(days=ahead) for ahead in range(3))
            case "week":
                start = first + timedelta(days=(self.weekday - first.isoweekday()) % 7)
                yield from (start + timedelta(weeks=ahead) for ahead in range(3))
            case "month":
                yield from (self._in_month(first.year * 12 + first.month - 1 + ahead) for ahead in range(3))

    def _in_month(self, index: int) -> date:
        year, month = divmod(index, 12)
        return date(year, month + 1, min(self.day, calendar.monthrange(year, month + 1)[1]))


class ScheduleStart(NodeKind[ScheduleStartConfig]):
    kind = "start.schedule"
    group = Group.START
    role = Role.START
    label = Label("定时群发", "Scheduled audience")
    help = Label(
        "到设定时间，分群中的全部客户进入流程，可以只执行一次或每天、每周、每月重复。分群以触发时刻为准。",
        "At the set time everybody in the segment enters, once or every day, week or month. The audience is as of that moment.",
    )
    icon = "calendar"
    config = ScheduleStartConfig

    def ports(self, config: ScheduleStartConfig) -> tuple[Port, ...]:
        del config
        return (ENTERED,)

    def check(self, config: ScheduleStartConfig, ctx: CheckContext) -> Iterable[Finding]:
        yield from segment_findings(ctx, config.segment_id)
        if config.every == "once" and config.next_after(ctx.tx.now, ctx.tx.zone) is None:
            yield Finding(
                "schedule_past",
                Label("设定的时间已经过去", "The set time is already over"),
                Label("请选择将来的时间", "Choose a time to come"),
                "on",
            )

    def audience(self, config: ScheduleStartConfig) -> Audience:
        return Audience(config.segment_id, next_after=config.next_after)

    def fragment(self, config: ScheduleStartConfig, ctx: CompileContext) -> Fragment:
        del config, ctx
        return Fragment()
