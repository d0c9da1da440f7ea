"""More ways to begin: a tag or field changed, a day of the customer's, what became of a message, by hand, by a call."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, time
from typing import Any, Literal

from pydantic import Field

from tandem.catalog import Catalog
from tandem.catalog.label import Label
from tandem.flow.kinds.call import Declared
from tandem.flow.kinds.customer import tag_findings
from tandem.flow.kinds.findings import missing
from tandem.flow.kinds.start import ENTERED, ScheduleStartConfig
from tandem.flow.kinds.wait_until import DateOf
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
from tandem.stream.profile.sayings import COLUMNS

ENTRY = "flow.entry_asked"
"""A person or a program wants a customer in a flow: payload flow_id, block or null, way (`hand`, `call`), by, data."""


class _Start(NodeKind[Any]):
    group = Group.START
    role = Role.START

    def ports(self, config: Any) -> tuple[Port, ...]:
        del config
        return (ENTERED,)

    def fragment(self, config: Any, ctx: CompileContext) -> Fragment:
        del config, ctx
        return Fragment()


class TagStartConfig(Config):
    """Which tag, and when."""

    tag: str = Field(title="标签 | Tag", min_length=1, max_length=100, json_schema_extra={"x-ui": {"widget": "tag"}})
    on: Literal["added", "removed"] = Field(
        default="added",
        title="时机 | When",
        json_schema_extra=choices(added="打上标签时 | when it is added", removed="去掉标签时 | when it is removed"),
    )


class TagStart(_Start):
    kind = "start.tag"
    label = Label("标签变化时", "When a tag changes")
    help = Label(
        "客户被打上（或去掉）标签时进入流程。", "The customer enters when the tag is put on her, or taken off."
    )
    icon = "tag"
    config = TagStartConfig

    def check(self, config: TagStartConfig, ctx: CheckContext) -> Iterable[Finding]:
        return tag_findings(ctx, config.tag)

    def trigger(self, config: TagStartConfig) -> Trigger:
        return Trigger((f"tag.{config.on}",), {"tag": config.tag})


class FieldStartConfig(Config):
    """Which field, and to what value."""

    field: str = Field(
        default="stage",
        min_length=1,
        max_length=100,
        pattern=r"^(attrs\.)?[^\s.]+$",
        title="字段 | Field",
        json_schema_extra={
            "x-ui": {
                "widget": "customer_field",
                "help": {
                    "zh": "从列表选，或写 attrs.名称 用自定义属性",
                    "en": "Choose one, or write attrs.name for an attribute of your own",
                },
            }
        },
    )
    to: str = Field(default="", max_length=200, title="变为（空为任意）| To (empty: anything)")
    was: str = Field(default="", max_length=200, title="原为（空为任意）| From (empty: anything)")


class FieldStart(_Start):
    kind = "start.field"
    label = Label("资料变化时", "When a field changes")
    help = Label(
        "客户的某项资料变化时进入流程，可以限定变成什么、原来是什么。",
        "The customer enters when one of her fields changes, to a certain value or from one where that is given.",
    )
    icon = "edit"
    config = FieldStartConfig

    def check(self, config: FieldStartConfig, ctx: CheckContext) -> Iterable[Finding]:
        del ctx
        if config.field not in COLUMNS and not config.field.startswith("attrs."):
            yield Finding(
                "field_unknown",
                Label(f"没有名为 {config.field} 的资料", f"There is no field {config.field}"),
                Label(f"可选：{'、'.join(COLUMNS)}，或 attrs.名称", f"One of {', '.join(COLUMNS)}, or attrs.name"),
                "field",
            )

    def trigger(self, config: FieldStartConfig) -> Trigger:
        def fits(payload: Mapping[str, Any]) -> bool:
            change = payload.get("changes", {}).get(config.field)
            return (
                change is not None
                and (not config.to or str(change.get("new")) == config.to)
                and (not config.was or str(change.get("old")) == config.was)
            )

        return Trigger(("customer.updated",), test=fits)


class DateStart(_Start):
    kind = "start.date"
    for_customer = False
    label = Label("客户的日子到来时", "On a day of the customer's")
    help = Label(
        "生日（公历或农历）、周年、到期等日子，可提前或推后几天；每天在设定的时间让符合的客户进入。",
        "Birthdays (lunar too), anniversaries, expiries, some days before or after; those whose day it is enter at the set time.",
    )
    icon = "cake"
    config = DateOf

    def asks_customer(self, config: DateOf, catalog: Catalog) -> bool:
        del catalog
        return config.which != "custom"

    def check(self, config: DateOf, ctx: CheckContext) -> Iterable[Finding]:
        return config.findings(ctx)

    def audience(self, config: DateOf) -> Audience:
        daily = ScheduleStartConfig.model_construct(every="day", at=config.at)

        def next_after(moment: datetime, zone: str) -> datetime | None:
            return daily.next_after(moment, zone)

        return Audience(None, next_after=next_after, condition=self.condition(config))

    @staticmethod
    def condition(config: DateOf) -> str:
        """Is today her day, the offset counted? The day before which or after which so many days lie."""
        if config.which in {"birthday", "lunar_birthday", "member_day", "first_order"} and config.offset > 0:
            # The next one lies ahead; what is so many days ago is found a year on, or asked of the day as it was then.
            return f"days_since({_last(config.which)}) = {config.offset}"
        return f"days_until({config.expression}) = {-config.offset}"


def _last(which: str) -> str:
    """The latest such day, today's included."""
    born = {
        "birthday": "customer.birthday",
        "lunar_birthday": "customer.birthday",
        "member_day": "date_of(customer.created_at)",
        "first_order": "date_of(customer.first_order_at)",
    }[which]
    if which == "lunar_birthday":
        return f"add_days(next_lunar_birthday({born}), -354)"
    return f"add_months(next_birthday({born}), -12)"


class EachStartConfig(Config):
    """When, and which of all."""

    every: Literal["day", "week", "month"] = Field(
        default="day",
        title="重复 | Repeat",
        json_schema_extra=choices(day="每天 | every day", week="每周 | every week", month="每月 | every month"),
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
    condition: str = Field(
        default="",
        title="条件 | Condition",
        max_length=8000,
        json_schema_extra={"x-ui": {"widget": "expression", "scope": {"customer": "customer"}}},
    )


class EachStart(_Start):
    kind = "start.each"
    for_customer = False
    label = Label("定时检查全部", "Look at all of them at set times")
    help = Label(
        "到设定时间逐个查看流程主体的全部对象（如全部库存商品、订单或客户），符合条件的进入流程。",
        "At set times every one of what the flow is about (stock items, orders, customers) is looked at; those for which the condition holds enter.",
    )
    icon = "calendar"
    config = EachStartConfig

    def check(self, config: EachStartConfig, ctx: CheckContext) -> Iterable[Finding]:
        if not config.condition.strip():
            yield missing(
                Label("还没有填写条件，全部对象都会进入", "No condition is given: all of them would enter"),
                Label("请填写条件", "Give a condition"),
                "condition",
            )
        else:
            yield from ctx.expression(config.condition, "condition")

    def audience(self, config: EachStartConfig) -> Audience:
        times = ScheduleStartConfig.model_construct(**config.model_dump(exclude={"condition"}))
        return Audience(None, next_after=times.next_after, condition=config.condition)


class MessageStartConfig(Config):
    """What became of a message."""

    what: Literal["sent", "delivered", "read", "clicked", "replied", "failed"] = Field(
        default="clicked",
        title="消息 | Message",
        json_schema_extra=choices(
            sent="已发出 | was sent",
            delivered="已送达 | was delivered",
            read="已读 | was read",
            clicked="被点击 | was clicked",
            replied="被回复 | was replied to",
            failed="发送失败 | failed",
        ),
    )
    template: str = Field(
        default="",
        max_length=200,
        title="模板（空为任意）| Template (empty: any)",
        json_schema_extra={"x-ui": {"widget": "message_template_name"}},
    )


class MessageStart(_Start):
    kind = "start.message"
    label = Label("消息有反馈时", "When a message is answered")
    help = Label(
        "客户读了、点了、回复了消息，或消息发送失败时进入流程。",
        "The customer enters when she reads, clicks or answers a message, or when one could not be sent.",
    )
    icon = "message"
    config = MessageStartConfig

    def trigger(self, config: MessageStartConfig) -> Trigger:
        return Trigger((f"message.{config.what}",), {"template": config.template} if config.template else {})


class AskedConfig(Config):
    """What may be handed over on the way in."""

    inputs: tuple[Declared, ...] = Field(default=(), title="输入 | Inputs", max_length=20)


class AskedStart(_Start):
    """Somebody or something asks the customer in."""

    config = AskedConfig
    way = ""

    def remembers(self, config: AskedConfig) -> Mapping[str, str]:
        return {one.name: one.type for one in config.inputs}

    def trigger(self, config: AskedConfig) -> Trigger:
        del config
        return Trigger((ENTRY,), {"way": self.way}, of_flow=True)


class HandStart(AskedStart):
    kind = "start.hand"
    for_customer = False
    label = Label("人工加入", "By hand")
    help = Label(
        "由同事在客户页或名单上把客户加入流程。", "A colleague puts customers into the flow, one by one or from a list."
    )
    icon = "hand"
    way = "hand"


class CallStart(AskedStart):
    kind = "start.api"
    for_customer = False
    label = Label("接口调用时", "By an API call")
    help = Label(
        "其他系统通过接口让客户进入流程，可以带上输入的值，之后用 run. 读取。",
        "Another system lets customers in through the API, with values that later blocks read as run.name.",
    )
    icon = "api"
    way = "call"
