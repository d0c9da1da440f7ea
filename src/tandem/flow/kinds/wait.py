"""Blocks in which a run waits: for a time, for an event."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pydantic import Field

from tandem.catalog.label import Label
from tandem.flow.kinds.on_event import OnEventConfig
from tandem.flow.kinds.span import Span, span_params, wake_sql
from tandem.flow.kinds.unheard import unheard
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
    Trigger,
)


def too_long(span: Span, where: str) -> Iterable[Finding]:
    """The finding for a wait that outlives every plan."""
    if span.too_long:
        yield Finding(
            "wait_too_long",
            Label("等待时间超过五年", "The wait is longer than five years"),
            Label("请改短等待时间", "Make the wait shorter"),
            where,
        )


class WaitDurationConfig(Config):
    """How long."""

    span: Span = Field(default=Span(), title="等待 | Wait for", json_schema_extra={"x-ui": {"widget": "duration"}})


class WaitDuration(NodeKind[WaitDurationConfig]):
    kind = "wait.duration"
    for_customer = False
    group = Group.WAIT
    role = Role.WAIT
    label = Label("等待一段时间", "Wait for a time")
    help = Label(
        "客户停在这里，到时间后自动继续。按天、按周等待以门店所在时区的日历日计算。",
        "The customer stops here and goes on when the time is over. Days and weeks are calendar days of your time zone.",
    )
    icon = "clock"
    config = WaitDurationConfig

    def ports(self, config: WaitDurationConfig) -> tuple[Port, ...]:
        del config
        return (DONE,)

    def check(self, config: WaitDurationConfig, ctx: CheckContext) -> Iterable[Finding]:
        del ctx
        yield from too_long(config.span, "span")

    def fragment(self, config: WaitDurationConfig, ctx: CompileContext) -> Fragment:
        return Fragment(wake_at=wake_sql(config.span), params=span_params(config.span, ctx.zone))


class WaitEventConfig(OnEventConfig):
    """What for, and until when at most."""

    timeout: Span = Field(
        default=Span(), title="最长等待 | Time-out", json_schema_extra={"x-ui": {"widget": "duration"}}
    )


_HAPPENED = Port("happened", Label("事件发生", "It happened"))
_TIMEOUT = Port("timeout", Label("超时", "Time-out"))


class WaitEvent(NodeKind[WaitEventConfig]):
    kind = "wait.event"
    for_customer = False
    group = Group.WAIT
    role = Role.WAIT
    label = Label("等待事件", "Wait for an event")
    help = Label(
        "客户停在这里，直到指定的事件发生；超过最长等待时间则从“超时”离开。",
        "The customer stops here until the event happens; after the time-out she leaves through that port.",
    )
    icon = "bell"
    config = WaitEventConfig

    def ports(self, config: WaitEventConfig) -> tuple[Port, ...]:
        del config
        return (_HAPPENED, _TIMEOUT)

    def check(self, config: WaitEventConfig, ctx: CheckContext) -> Iterable[Finding]:
        yield from config.findings(ctx)
        yield from unheard(ctx, config.event_type, "event_type")
        yield from too_long(config.timeout, "timeout")

    def trigger(self, config: WaitEventConfig) -> Trigger:
        return config.trigger()

    def fragment(self, config: WaitEventConfig, ctx: CompileContext) -> Fragment:
        params: dict[str, Any] = span_params(config.timeout, ctx.zone)
        return Fragment(
            port="coalesce(r.signal, 1)",
            wake_at=wake_sql(config.timeout),
            facts="case when r.signal is not null then jsonb_build_object('event', r.vars #> '{answer,type}', 'event_id', r.vars #> '{answer,event_id}') end",
            params=params,
        )
