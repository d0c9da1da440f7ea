"""Blocks that steer a run about the drawing: a jump, and what happens to those who fail."""

from __future__ import annotations

from pydantic import Field

from tandem.catalog.label import Label
from tandem.flow.node import CompileContext, Config, Fragment, Group, NodeKind, Port


class GoToConfig(Config):
    """Where to."""

    target: str = Field(
        title="转到 | Go to", pattern=r"^[A-Za-z0-9_-]{1,40}$", json_schema_extra={"x-ui": {"widget": "block"}}
    )


class GoToKind(NodeKind[GoToConfig]):
    kind = "flow.go_to"
    for_customer = False
    group = Group.FLOW
    label = Label("转到", "Go to")
    help = Label(
        "直接转到同一流程的另一个环节，省去横穿画布的连线；回到前面时，途中要有等待。",
        "Goes on at another block of this flow without an arrow across the canvas; a way back must pass a wait.",
    )
    icon = "go-to"
    config = GoToConfig

    def ports(self, config: GoToConfig) -> tuple[Port, ...]:
        del config
        return (Port("to", Label("目标", "Target"), optional=True),)

    def leads_to(self, config: GoToConfig) -> str | None:
        return config.target

    def fragment(self, config: GoToConfig, ctx: CompileContext) -> Fragment:
        del config, ctx
        return Fragment()


class CatchConfig(Config):
    """A word for the statistics."""

    name: str = Field(default="", title="名称 | Name", max_length=200)


class CatchKind(NodeKind[CatchConfig]):
    kind = "flow.catch"
    for_customer = False
    group = Group.FLOW
    catches = True
    label = Label("出错时改走", "On error")
    help = Label(
        "“继续”之后的环节里谁出错，就不再停下等人处理，而是从“出错”继续；到“出错”这条路为止。",
        "Whoever fails at a block after “go on” does not stand still for somebody to mend it, but goes on by “failed”.",
    )
    icon = "catch"
    config = CatchConfig

    def ports(self, config: CatchConfig) -> tuple[Port, ...]:
        del config
        return (Port("on", Label("继续", "Go on")), Port("failed", Label("出错", "Failed")))

    def fragment(self, config: CatchConfig, ctx: CompileContext) -> Fragment:
        del config, ctx
        return Fragment()
