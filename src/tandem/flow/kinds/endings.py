"""Blocks in which a run ends."""

from __future__ import annotations

from pydantic import Field

from tandem.catalog.label import Label
from tandem.flow.node import CompileContext, Config, Fragment, Group, NodeKind, Port, Role


class EndingConfig(Config):
    """A word for the statistics."""

    name: str = Field(default="", title="统计里叫什么 | Called in statistics", max_length=200)


class GoalKind(NodeKind[EndingConfig]):
    kind = "flow.goal"
    for_customer = False
    group = Group.FLOW
    role = Role.END
    reaches_goal = True
    label = Label("达成目标", "Goal")
    help = Label(
        "到达这里即视为转化：客户离开流程，计入目标，并归因到经过的环节和 A/B 分组。",
        "Coming here is a conversion: the customer leaves the flow, counted for the blocks passed and the A/B arm.",
    )
    icon = "trophy"
    config = EndingConfig

    def ports(self, config: EndingConfig) -> tuple[Port, ...]:
        del config
        return ()

    def fragment(self, config: EndingConfig, ctx: CompileContext) -> Fragment:
        del config, ctx
        return Fragment()


class ExitKind(NodeKind[EndingConfig]):
    kind = "flow.exit"
    for_customer = False
    group = Group.FLOW
    role = Role.END
    label = Label("离开流程", "Exit")
    help = Label("客户在这里离开流程。", "The customer leaves the flow here.")
    icon = "exit"
    config = EndingConfig

    def ports(self, config: EndingConfig) -> tuple[Port, ...]:
        del config
        return ()

    def fragment(self, config: EndingConfig, ctx: CompileContext) -> Fragment:
        del config, ctx
        return Fragment()
