"""Blocks with a gate: the first so many go one way, the others another; or so many a minute are let through."""

from __future__ import annotations

from pydantic import Field

from tandem.catalog.label import Label
from tandem.flow.node import (
    DONE,
    CompileContext,
    Config,
    Fragment,
    Group,
    NodeKind,
    Port,
    Role,
)

_ASKED = {
    "ticket": "insert into flow_ticket (bucket, id, tenant_id, customer_id, origin_id, gate, most, per, run_id, visit, asked_at)"
    " select r.bucket, tandem_new_id(), %(tenant)s, r.customer_id, r.origin_id, %(gate)s, %(most)s, %(per)s, r.id, r.visit, %(now)s::timestamptz"
    " from {rows} r",
}


class FirstConfig(Config):
    """How many."""

    most: int = Field(default=100, ge=1, le=10_000_000, title="前多少名 | The first so many")
    name: str = Field(
        default="", max_length=80, title="名额名称（相同名称共用名额）| Name (the same name shares the places)"
    )


class FirstKind(NodeKind[FirstConfig]):
    kind = "decide.first"
    for_customer = False
    group = Group.DECIDE
    role = Role.WAIT
    label = Label("前 N 名", "The first N")
    help = Label(
        "按到达先后，前 N 位客户走“名额内”，之后的走“已满”；不会多放，也不会少放。",
        "In order of arrival the first N customers go by “in time”, all others by “full”; never one too many, never one too few.",
    )
    icon = "medal"
    config = FirstConfig

    def ports(self, config: FirstConfig) -> tuple[Port, ...]:
        del config
        return (Port("in", Label("名额内", "In time")), Port("full", Label("已满", "Full")))

    def fragment(self, config: FirstConfig, ctx: CompileContext) -> Fragment:
        gate = f"first:{config.name}" if config.name else f"{ctx.flow_id}:{ctx.block}"
        return Fragment(
            on_arrival=_ASKED,
            port="coalesce(r.signal, 1)",
            params={"gate": gate, "most": config.most, "per": "ever"},
        )


class RateConfig(Config):
    """How many a minute."""

    most: int = Field(default=100, ge=1, le=1_000_000, title="每分钟放行多少位 | So many a minute")
    name: str = Field(default="", max_length=80, title="名称（相同名称共用限速）| Name (the same name shares the rate)")


class RateKind(NodeKind[RateConfig]):
    kind = "wait.rate"
    for_customer = False
    group = Group.WAIT
    role = Role.WAIT
    label = Label("限速放行", "Release so many a minute")
    help = Label(
        "每分钟最多放行 N 位，其余按先后排队，用来保护客服、门店或下游系统。",
        "Lets at most N customers through a minute, the others queue in order; protects people and systems behind it.",
    )
    icon = "funnel"
    config = RateConfig

    def ports(self, config: RateConfig) -> tuple[Port, ...]:
        del config
        return (DONE,)

    def fragment(self, config: RateConfig, ctx: CompileContext) -> Fragment:
        gate = f"rate:{config.name}" if config.name else f"{ctx.flow_id}:{ctx.block}"
        return Fragment(on_arrival=_ASKED, params={"gate": gate, "most": config.most, "per": "minute"})
