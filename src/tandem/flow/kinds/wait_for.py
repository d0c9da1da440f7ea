"""Blocks that wait for something to become so: a condition, a segment, the first of several events."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from pydantic import Field, model_validator

from tandem.catalog import Entity, Scope, check, dependencies
from tandem.catalog.label import Label
from tandem.flow.kinds.decide import PortName
from tandem.flow.kinds.limbs import DEADLINE, NOT_OVER, noted
from tandem.flow.kinds.on_event import OnEventConfig
from tandem.flow.kinds.span import Span, span_params, wake_sql
from tandem.flow.kinds.start import segment_findings
from tandem.flow.kinds.unheard import unheard
from tandem.flow.kinds.wait import too_long
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
    choices,
    joined,
    reads_sql,
)

_TIMEOUT = Port("timeout", Label("超时", "Time-out"))
_SPAN: dict[str, Any] = {"x-ui": {"widget": "duration"}}


class UntilConfig(Config):
    """What must become true, and until when at most."""

    condition: str = Field(
        title="条件 | Condition",
        min_length=1,
        max_length=8000,
        json_schema_extra={"x-ui": {"widget": "expression", "scope": {"customer": "customer", "event": "@entry"}}},
    )
    timeout: Span = Field(default=Span(amount=Decimal(7)), title="最长等待 | Time-out", json_schema_extra=_SPAN)


class WaitUntil(NodeKind[UntilConfig]):
    """Looked at when it arrives, whenever something happens on which the condition depends, and when time alone may change it."""

    kind = "wait.until"
    for_customer = False
    group = Group.WAIT
    role = Role.WAIT
    label = Label("等到条件成立", "Wait until true")
    help = Label(
        "客户停在这里，直到条件成立：相关的事件发生或时间到了就立即重新判断；超过最长等待走“超时”。",
        "The customer stops here until the condition holds; it is asked again whenever an event or time alone can have changed it.",
    )
    icon = "hourglass"
    config = UntilConfig

    def ports(self, config: UntilConfig) -> tuple[Port, ...]:
        del config
        return (Port("true", Label("成立", "It holds")), _TIMEOUT)

    def check(self, config: UntilConfig, ctx: CheckContext) -> Iterable[Finding]:
        yield from ctx.expression(config.condition, "condition")
        yield from too_long(config.timeout, "timeout")

    def fragment(self, config: UntilConfig, ctx: CompileContext) -> Fragment:
        asked = ctx.expression(config.condition, "u")
        next_at = ctx.next_change(config.condition, "n")
        wake = wake_sql(config.timeout)
        joins = joined(asked, next_at)
        return Fragment(
            wake_at=f"case when {asked.sql} then %(now)s::timestamptz else least({wake}, {next_at.sql}) end",
            arrival_joins=joins,
            arrival_vars=noted(wake),
            stay=f"not coalesce({asked.sql}, false) and {NOT_OVER}",
            stay_until=f"least({DEADLINE}, {next_at.sql})",
            stay_joins=joins,
            joins=joins,
            columns={"holds": f"coalesce({asked.sql}, false)", "read": reads_sql(asked)},
            port="case when r.holds then 0 else 1 end",
            facts="r.read",
            params={**asked.params, **next_at.params, **span_params(config.timeout, ctx.zone)},
        )

    def wakes_on(self, config: UntilConfig, scope: Scope) -> frozenset[str]:
        found = dependencies(check(config.condition, scope, "bool"))
        more: set[str] = set()
        if found.tags:
            more |= {"tag.added", "tag.removed"}
        if found.segments:
            more |= {"segment.entered", "segment.left"}
        if any(name.startswith("customer.") for name in found.fields):
            more |= {"customer.updated", "customer.merged"}
        for root, of in scope.roots.items():
            about = of.subject if isinstance(of, Entity) else None
            if about is not None and any(name.startswith(f"{root}.") for name in found.fields):
                more |= set(about.events)
        return found.event_types | more


class WaitSegmentConfig(Config):
    """Which segment, on entering or leaving it, and until when at most."""

    segment_id: UUID = Field(title="分群 | Segment", json_schema_extra={"x-ui": {"widget": "segment"}})
    on: Literal["entered", "left"] = Field(
        default="entered",
        title="时机 | When",
        json_schema_extra=choices(entered="进入分群 | she is in it", left="离开分群 | she is out of it"),
    )
    timeout: Span = Field(default=Span(), title="最长等待 | Time-out", json_schema_extra=_SPAN)


class WaitSegment(NodeKind[WaitSegmentConfig]):
    kind = "wait.segment"
    group = Group.WAIT
    role = Role.WAIT
    label = Label("等待分群变化", "Wait for a segment")
    help = Label(
        "等到客户进入（或离开）分群；已经在里面（外面）的立即继续，超过最长等待走“超时”。",
        "Waits until the customer is in the segment (or out of it); who already is goes on at once.",
    )
    icon = "team"
    config = WaitSegmentConfig

    def ports(self, config: WaitSegmentConfig) -> tuple[Port, ...]:
        del config
        return (Port("reached", Label("达到", "So it is")), _TIMEOUT)

    def check(self, config: WaitSegmentConfig, ctx: CheckContext) -> Iterable[Finding]:
        yield from segment_findings(ctx, config.segment_id)
        yield from too_long(config.timeout, "timeout")

    def trigger(self, config: WaitSegmentConfig) -> Trigger:
        return Trigger((f"segment.{config.on}",), {"segment_id": str(config.segment_id)})

    def fragment(self, config: WaitSegmentConfig, ctx: CompileContext) -> Fragment:
        inside = (
            "exists (select from segment_member m where m.bucket = r.bucket and m.tenant_id = %(tenant)s and m.customer_id = r.customer_id"
            " and m.segment_id = %(segment)s)"
        )
        so = inside if config.on == "entered" else f"not {inside}"
        return Fragment(
            wake_at=f"case when {so} then %(now)s::timestamptz else {wake_sql(config.timeout)} end",
            columns={"so": f"r.signal is not null or {so}"},
            port="case when r.so then 0 else 1 end",
            params={"segment": config.segment_id, **span_params(config.timeout, ctx.zone)},
        )


class EventWay(OnEventConfig):
    """One event and the way it leads."""

    name: PortName = Field(title="标识 | Key")
    label: str = Field(title="名称 | Name", min_length=1, max_length=100)
    event_type: str = Field(
        default="", title="事件 | Event", max_length=80, json_schema_extra={"x-ui": {"widget": "event_type"}}
    )


class FirstOfConfig(Config):
    """The events, in the order in which they count when one event is several of them, and until when at most."""

    ways: tuple[EventWay, ...] = Field(title="事件 | Events", min_length=1, max_length=20)
    timeout: Span = Field(default=Span(), title="最长等待 | Time-out", json_schema_extra=_SPAN)

    @model_validator(mode="after")
    def _names_differ(self) -> FirstOfConfig:
        names = [way.name for way in self.ways]
        if len(set(names)) != len(names) or "timeout" in names:
            raise ValueError("two ways have the same key, or one is called timeout")
        return self


class WaitFirstOf(NodeKind[FirstOfConfig]):
    kind = "wait.first_of"
    for_customer = False
    group = Group.WAIT
    role = Role.WAIT
    label = Label("看哪件事先发生", "First of several events")
    help = Label(
        "在时限内等待几种事件，先发生哪一种就走哪条路；都没有发生走“超时”。",
        "Waits for several events; the one that happens first chooses the way, none of them in time takes the time-out.",
    )
    icon = "race"
    config = FirstOfConfig

    def ports(self, config: FirstOfConfig) -> tuple[Port, ...]:
        return (*(Port(way.name, Label(way.label, way.label)) for way in config.ways), _TIMEOUT)

    def check(self, config: FirstOfConfig, ctx: CheckContext) -> Iterable[Finding]:
        for index, way in enumerate(config.ways):
            for one in way.findings(ctx):
                yield Finding(one.code, one.message, one.mend, f"ways[{index}].{one.where}", one.severity)
            yield from unheard(ctx, way.event_type, f"ways[{index}].event_type")
        yield from too_long(config.timeout, "timeout")

    def triggers(self, config: FirstOfConfig) -> Sequence[Trigger]:
        return [Trigger((way.event_type,), {}, way.condition, port=index) for index, way in enumerate(config.ways)]

    def fragment(self, config: FirstOfConfig, ctx: CompileContext) -> Fragment:
        return Fragment(
            port=f"coalesce(r.signal, {len(config.ways)})",
            wake_at=wake_sql(config.timeout),
            facts="case when r.signal is not null then jsonb_build_object('event', r.vars #> '{answer,type}', 'event_id', r.vars #> '{answer,event_id}') end",
            params=span_params(config.timeout, ctx.zone),
        )
