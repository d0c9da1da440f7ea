"""More blocks that reach people: a block for each channel, the channel each prefers, a survey; and what became of a message."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Final, Literal

from pydantic import Field, create_model

from tandem.catalog.label import Label
from tandem.catalog.model import Catalog
from tandem.domains.messaging.events import SURVEY_ANSWERED
from tandem.domains.messaging.nodes import SendConfig, SendMessage
from tandem.domains.messaging.popups.channel import LABEL, PAGE
from tandem.domains.messaging.reach import NAMES, reachable
from tandem.flow.expressions import customer_join
from tandem.flow.kinds.span import Span, span_params, wake_sql
from tandem.flow.node import (
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
)

_HIDDEN: dict[str, Any] = {"x-ui": {"widget": "hidden"}}
ChannelName = Literal["sms", "email", "official_account", "mini_program", "dingtalk", "feishu", "simulated"]
_CHANNELS: dict[str, Any] = {
    "x-ui": {"options": [{"value": name, "label": label.json()} for name, label in NAMES.items()]}
}


def _help(zh: str, en: str) -> Label:
    told = SendMessage.help
    return Label(f"{zh}{told.zh}", f"{en} {told.en}")


@dataclass(frozen=True, slots=True)
class ByChannel:
    """A block that sends by one channel: everything in which it differs from "send a message"."""

    channel: str
    label: Label
    help: Label
    icon: str


CHANNEL_BLOCKS: Final = (
    ByChannel(
        "sms",
        Label("发短信", "Send an SMS"),
        Label("用短信发送；没有手机号的客户渠道会拒收。", "Sends it as an SMS."),
        "sms",
    ),
    ByChannel("email", Label("发邮件", "Send an e-mail"), Label("用邮件发送。", "Sends it as an e-mail."), "mail"),
    ByChannel(
        "official_account",
        Label("公众号消息", "Official account message"),
        Label("用公众号发送。", "Sends it by the official account."),
        "wechat",
    ),
    ByChannel(
        "mini_program",
        Label("小程序订阅消息", "Mini-program message"),
        Label("用小程序订阅消息发送。", "Sends it as a mini-program's subscription message."),
        "mini-program",
    ),
    ByChannel(
        "dingtalk",
        Label("钉钉消息", "DingTalk message"),
        Label(
            "用钉钉机器人单聊发送；需要客户在钉钉的用户号。", "Sends it by a DingTalk robot; she needs a user id there."
        ),
        "dingtalk",
    ),
    ByChannel(
        "feishu",
        Label("飞书消息", "Feishu message"),
        Label(
            "用飞书应用发送；需要客户在飞书的 open_id。",
            "Sends it by a Feishu application; she needs an open id there.",
        ),
        "feishu",
    ),
    ByChannel(
        PAGE,
        LABEL,
        Label(
            "在您自己的网站或商城页面上弹出：客户登录后打开任一页面时出现一次，七天不来就不再弹。首行是标题；最后一行写成 [去看看](https://…) 就是按钮。"
            "页面要先装好网站埋点。",
            "Shows it on your own web pages: once, when she opens one while signed in, within seven days. The first line is the title; a last line"
            " [Have a look](https://…) becomes the button. The pages carry the web beacon.",
        ),
        "popup",
    ),
)


def by_channel(one: ByChannel, catalog: Callable[[], Catalog]) -> SendMessage:
    """The block of a channel: the same as "send a message", its channel fixed."""
    shown = Field(
        default=one.channel, pattern=f"^{one.channel}$", title="触达渠道 | Channel", json_schema_extra=_HIDDEN
    )
    told: type[SendConfig] = create_model(f"{one.channel}_config", __base__=SendConfig, channel=(str, shown))

    class OfChannel(SendMessage):
        kind: ClassVar[str] = f"messaging.{one.channel}"
        label: ClassVar[Label] = one.label
        help: ClassVar[Label] = _help(one.help.zh, one.help.en)
        icon: ClassVar[str] = one.icon
        config = told

    return OfChannel(catalog)


class PreferredConfig(SendConfig):
    """Which channels, in which order."""

    channel: Literal["simulated"] = Field(default="simulated", title="触达渠道 | Channel", json_schema_extra=_HIDDEN)
    channels: tuple[ChannelName, ...] = Field(
        default=("official_account", "sms", "email"),
        min_length=1,
        max_length=7,
        title="依次尝试的渠道 | Channels in order",
        json_schema_extra=_CHANNELS,
    )
    attribute: str = Field(
        default="preferred_channel",
        max_length=60,
        pattern=r"^[^\s.{}\"'\\]*$",
        title="客户偏好所在的属性 | Attribute with her preference",
        json_schema_extra={"x-ui": {"widget": "attribute"}},
    )


class SendPreferred(SendMessage):
    """The first channel by which she can be reached, the one she prefers before all others."""

    kind: ClassVar[str] = "messaging.preferred"
    label: ClassVar[Label] = Label("按偏好渠道发送", "Send by preferred channel")
    help: ClassVar[Label] = _help(
        "先用客户偏好的渠道，联系不上再按顺序换下一个；渠道拒收时也自动换下一个再发；一个也联系不上时走“未能发出”。",
        "Takes the channel she prefers, else the first in order by which she can be reached; one that refuses is followed by the next. "
        "By none of them, she leaves by 'not sent'.",
    )
    icon: ClassVar[str] = "preferred"
    config = PreferredConfig  # type: ignore[assignment]

    def fragment(self, config: SendConfig, ctx: CompileContext) -> Fragment:
        if not isinstance(config, PreferredConfig):
            raise TypeError("the block's own configuration is meant")
        p = f"b{ctx.block_number}_"
        cases = " ".join(f"when {reachable(one)} then '{one}'" for one in config.channels)
        wished = " ".join(
            f"when c.attrs ->> %({p}wish)s = '{one}' and {reachable(one)} then '{one}'" for one in config.channels
        )
        by = f"(case {wished} {cases} end)"
        # Nobody is written to without a way: such a message fails, and says so.
        sent = self.written(config, ctx, by=by, joins=customer_join(ctx.catalog))
        columns = {**sent.columns, f"{p}channel": by}
        # The others in their order are tried when a channel refuses her.
        open_ways = ", ".join(f"case when {reachable(one)} then '{one}' end" for one in config.channels)
        columns[f"{p}then"] = f"array_remove(array_remove(array[{open_ways}], null), {by})"
        effects = {
            name: text.replace(f"%({p}channel)s", f"coalesce(r.{p}channel, 'none')").replace(
                f"%({p}then)s", f"r.{p}then"
            )
            for name, text in sent.effects.items()
        }
        facts = f"{sent.facts} || jsonb_strip_nulls(jsonb_build_object('channel', r.{p}channel))"
        return replace(
            sent,
            columns=columns,
            effects=effects,
            facts=facts,
            params={**sent.params, f"{p}wish": config.attribute},
        )

    run = NodeKind.run  # type: ignore[assignment]


class ReachableConfig(Config):
    """By which channel."""

    channel: ChannelName = Field(default="sms", title="触达渠道 | Channel", json_schema_extra=_CHANNELS)


class ReachableKind(NodeKind[ReachableConfig]):
    kind = "decide.reachable"
    group = Group.DECIDE
    label = Label("能否触达", "Reachable?")
    help = Label(
        "看能否用某个渠道给客户发营销消息：有没有地址、是否勿扰、是否撤回了同意。",
        "Can she be sent marketing by this channel: is there an address, does she wish to be left alone, has she taken back her consent?",
    )
    icon = "reachable"
    config = ReachableConfig

    def ports(self, config: ReachableConfig) -> tuple[Port, ...]:
        del config
        return (Port("yes", Label("能", "Yes")), Port("no", Label("不能", "No")))

    def fragment(self, config: ReachableConfig, ctx: CompileContext) -> Fragment:
        return Fragment(
            joins=customer_join(ctx.catalog),
            columns={"reached": reachable(config.channel)},
            port="case when r.reached then 0 else 1 end",
            facts=f"jsonb_build_object('channel', '{config.channel}', 'reachable', r.reached)",
        )


class EngagementConfig(Config):
    """Of which message."""

    block: str = Field(
        default="",
        max_length=40,
        pattern=r"^[A-Za-z0-9_-]*$",
        title="哪个环节的消息（空为最近一条）| Message of which block (empty: the latest)",
        json_schema_extra={"x-ui": {"widget": "block", "group": "reach"}},
    )


_STEPS = ("replied", "clicked", "read", "delivered", "sent", "failed", "waiting")


class EngagementKind(NodeKind[EngagementConfig]):
    kind = "decide.engagement"
    group = Group.DECIDE
    label = Label("按消息反馈分流", "By message engagement")
    help = Label(
        "看这次流程里发出的消息走到了哪一步：回复、点击、已读、送达、已发出、失败，或还没发出；走最靠前的那一步。",
        "How far did the message of this run get: replied, clicked, read, delivered, sent, failed, or not sent yet? The furthest counts.",
    )
    icon = "engagement"
    config = EngagementConfig

    def ports(self, config: EngagementConfig) -> tuple[Port, ...]:
        del config
        return (
            Port("replied", Label("已回复", "Replied"), optional=True, otherwise="clicked"),
            Port("clicked", Label("已点击", "Clicked"), optional=True, otherwise="read"),
            Port("read", Label("已读", "Read")),
            Port("delivered", Label("已送达", "Delivered"), optional=True, otherwise="sent"),
            Port("sent", Label("已发出，没有反馈", "Sent, no more is known")),
            Port("failed", Label("发送失败", "Failed"), optional=True, otherwise="sent"),
            Port("waiting", Label("还没发出", "Not sent yet"), optional=True, otherwise="sent"),
        )

    def fragment(self, config: EngagementConfig, ctx: CompileContext) -> Fragment:
        del ctx
        of_block = " and o.block = %(message_block)s" if config.block else ""
        message = (
            "left join lateral (select o.id, o.status, o.planned_at from outbox_message o where o.bucket = r.bucket and o.tenant_id = %(tenant)s"
            f" and o.run_id = r.id{of_block} order by o.id desc limit 1) m on true"
        )
        told = (
            " left join lateral (select min(array_position(array['message.replied', 'message.clicked', 'message.read', 'message.delivered'], e.type)) as far"
            " from event e where e.bucket = r.bucket and e.tenant_id = %(tenant)s and e.owner_id = r.customer_id and e.occurred_at >= m.planned_at"
            " and e.occurred_at <= %(now)s::timestamptz and e.type like 'message.%%' and e.payload ->> 'message_id' = m.id::text) f on true"
        )
        return Fragment(
            joins=message + told,
            columns={
                "step": "(case when f.far is not null then f.far - 1 when m.status = 'sent' then 4 when m.status in ('failed', 'cancelled', 'unknown')"
                " then 5 else 6 end)::smallint"
            },
            port="r.step",
            facts=f"jsonb_build_object('message', (array[{', '.join(repr(one) for one in _STEPS)}])[r.step + 1])",
            params={"message_block": config.block},
        )


class SurveyConfig(SendConfig):
    """What to ask, how long to wait, and from which score on an answer is good."""

    good: int = Field(default=4, ge=1, le=10, title="几分起算满意 | Good from this score on")
    timeout: Span = Field(
        default=Span(), title="最长等待 | Time-out", json_schema_extra={"x-ui": {"widget": "duration"}}
    )


class SurveyKind(NodeKind[SurveyConfig]):
    kind = "messaging.survey"
    group = Group.REACH
    role = Role.WAIT
    label = Label("满意度调查", "Survey")
    help = Label(
        "发一条带问卷的消息并等待回答，按分数走“满意”或“不满意”；没有回答走“超时”。回答由“收到问卷回答”事件带来。",
        "Sends a message with a questionnaire and waits for the answer: good or poor by its score, or the time-out.",
    )
    icon = "survey"
    needs = ("message.write",)
    config = SurveyConfig

    def __init__(self, catalog: Callable[[], Catalog]) -> None:
        self._send = SendMessage(catalog)

    def ports(self, config: SurveyConfig) -> tuple[Port, ...]:
        del config
        return (
            Port("good", Label("满意", "Good")),
            Port("poor", Label("不满意", "Poor")),
            Port("timeout", Label("没有回答", "No answer")),
        )

    def asks(self, config: SurveyConfig, ctx: CheckContext) -> Mapping[str, str]:
        return self._send.asks(config, ctx)

    def check(self, config: SurveyConfig, ctx: CheckContext) -> Iterable[Finding]:
        return self._send.check(config, ctx)

    def remembers(self, config: SurveyConfig) -> Mapping[str, str]:
        del config
        return {"survey_score": "number"}

    def triggers(self, config: SurveyConfig) -> Sequence[Trigger]:
        def score(payload: Mapping[str, Any]) -> float | None:
            given = payload.get("score")
            return float(given) if isinstance(given, int | float) and not isinstance(given, bool) else None

        def good(payload: Mapping[str, Any]) -> bool:
            return (score(payload) or 0) >= config.good

        def poor(payload: Mapping[str, Any]) -> bool:
            given = score(payload)
            return given is not None and given < config.good

        return [
            Trigger((SURVEY_ANSWERED,), port=0, test=good),
            Trigger((SURVEY_ANSWERED,), port=1, test=poor),
        ]

    def fragment(self, config: SurveyConfig, ctx: CompileContext) -> Fragment:
        sent = self._send.fragment(config, ctx)
        return Fragment(
            arrival_joins=sent.joins,
            arrival_columns=sent.columns,
            on_arrival=sent.effects,
            wake_at=wake_sql(config.timeout),
            port="coalesce(r.signal, 2)",
            vars="case when r.signal is not null then jsonb_build_object('memory', coalesce(r.vars -> 'memory', '{}'::jsonb)"
            " || jsonb_build_object('survey_score', r.vars #> '{answer,payload,score}')) else '{}'::jsonb end",
            facts="case when r.signal is not null then jsonb_build_object('score', r.vars #> '{answer,payload,score}') end",
            params={**sent.params, **span_params(config.timeout, ctx.zone)},
        )


def more_kinds(catalog: Callable[[], Catalog]) -> tuple[NodeKind[Any], ...]:
    """The kinds of this file."""
    return (
        *(by_channel(one, catalog) for one in CHANNEL_BLOCKS),
        SendPreferred(catalog),
        SurveyKind(catalog),
        ReachableKind(),
        EngagementKind(),
    )
