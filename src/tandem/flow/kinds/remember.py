"""Values that a run keeps: computed once, read later as `run.name`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import Field, model_validator

from tandem.catalog.label import Label
from tandem.flow.kinds.call import Declared
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
    joined,
    reads_sql,
)


class Value(Declared):
    """A value by name, type and expression."""

    value: str = Field(
        title="值 | Value",
        min_length=1,
        max_length=4000,
        json_schema_extra={
            "x-ui": {
                "widget": "expression",
                "returns": "any",
                "scope": {"customer": "customer", "event": "@entry"},
                "help": {
                    "zh": "例如 customer.city、event.total * 2、'已联系'",
                    "en": "For example customer.city, event.total * 2, 'called'",
                },
            }
        },
    )


class RememberConfig(Config):
    """What to keep."""

    values: tuple[Value, ...] = Field(
        default=(Value(name="value", value="''"),), title="记住的值 | Values", min_length=1, max_length=20
    )

    @model_validator(mode="after")
    def _names_differ(self) -> RememberConfig:
        if len({one.name for one in self.values}) != len(self.values):
            raise ValueError("two values have the same name")
        return self


class RememberKind(NodeKind[RememberConfig]):
    kind = "flow.remember"
    for_customer = False
    group = Group.CUSTOMER
    label = Label("记住一个值", "Remember a value")
    help = Label(
        "按表达式算出一个值并记在这次经过上，之后的条件可用 run.名称 读取；分支和被调用流程记住的值会带回来。",
        "Computes a value and keeps it with the run; later conditions read it as run.name. What branches keep comes back with them.",
    )
    icon = "memory"
    config = RememberConfig

    def ports(self, config: RememberConfig) -> tuple[Port, ...]:
        del config
        return (DONE,)

    def remembers(self, config: RememberConfig) -> Mapping[str, str]:
        return {one.name: one.type for one in config.values}

    def check(self, config: RememberConfig, ctx: CheckContext) -> Iterable[Finding]:
        for index, one in enumerate(config.values):
            yield from ctx.expression(one.value, f"values[{index}].value", returns=one.type)

    def fragment(self, config: RememberConfig, ctx: CompileContext) -> Fragment:
        values = [ctx.expression(one.value, f"v{index}", returns=one.type) for index, one in enumerate(config.values)]
        pairs = ", ".join(f"'{one.name}', {value.sql}" for one, value in zip(config.values, values, strict=True))
        params: dict[str, Any] = {}
        for one in values:
            params |= one.params
        return Fragment(
            columns={"kept": f"jsonb_build_object({pairs})", "read": reads_sql(*values)},
            joins=joined(*values),
            vars="jsonb_build_object('memory', coalesce(r.vars -> 'memory', '{}'::jsonb) || r.kept)",
            facts="jsonb_build_object('kept', r.kept) || coalesce(r.read, '{}'::jsonb)",
            params=params,
        )
