"""A colleague starts the flow for one customer from the chat with her (F10); the author says what is asked before."""

from __future__ import annotations

from typing import Any

from pydantic import Field, model_validator

from tandem.catalog.label import Label
from tandem.flow.kinds.call import Declared
from tandem.flow.kinds.start_more import AskedConfig, AskedStart


class Question(Declared):
    """Something to be answered before the flow starts; kept as `run.name`."""

    label: str = Field(title="显示名称 | Label", min_length=1, max_length=100)
    required: bool = Field(default=False, title="必填 | Required")
    options: tuple[str, ...] = Field(default=(), title="可选项（空为自由填写）| Options (empty: free)", max_length=20)


class SidebarConfig(AskedConfig):
    """What colleagues see of the flow."""

    title: str = Field(default="", max_length=40, title="按钮名称（空为流程名）| Name (empty: the flow's)")
    about: str = Field(
        default="",
        max_length=500,
        title="什么时候用 | When to use it",
        json_schema_extra={"x-ui": {"widget": "text_area"}},
    )
    inputs: tuple[Question, ...] = Field(default=(), title="开始前要填的 | Asked before", max_length=20)  # pyright: ignore[reportIncompatibleVariableOverride]

    @model_validator(mode="after")
    def _names_differ(self) -> SidebarConfig:
        if len({one.name for one in self.inputs}) != len(self.inputs):
            raise ValueError("two questions have the same name")
        return self


class SidebarStart(AskedStart):
    kind = "start.sidebar"
    label = Label("聊天侧边栏启动", "From the chat sidebar")
    help = Label(
        "员工在与客户的聊天侧边栏里一键为这位客户启动流程，可先填几个问题，之后用 run. 读取。",
        "A colleague starts the flow for the customer she is chatting with; what is asked before can be read as run.name later.",
    )
    icon = "hand"
    config: Any = SidebarConfig
    way = "sidebar"
