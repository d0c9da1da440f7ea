"""A flow calls another: inputs go in, values it remembered come back; and the start by which it is called."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, model_validator

from tandem.catalog.label import Label
from tandem.flow.kin import CALLED
from tandem.flow.kinds.limbs import DEADLINE, NOT_OVER, TIMEOUT, children, filed, noted, out
from tandem.flow.kinds.span import Span, span_params, wake_sql
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
    choices,
    joined,
)
from tandem.flow.runs import RunStatus
from tandem.flow.scopes import ValueType

ValueName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
_TYPES = choices(
    text="文本 | text", number="数字 | number", bool="是否 | yes or no", date="日期 | date", timestamp="时间 | time"
)


class Declared(Config):
    """A value by name and type."""

    name: ValueName = Field(title="名称（字母）| Name")
    type: ValueType = Field(default="text", title="类型 | Type", json_schema_extra=_TYPES)


class FlowStartConfig(Config):
    """What the caller hands over."""

    inputs: tuple[Declared, ...] = Field(default=(), title="输入 | Inputs", max_length=20)


class FlowStart(NodeKind[FlowStartConfig]):
    kind = "start.flow"
    for_customer = False
    group = Group.START
    role = Role.START
    label = Label("由其他流程调用", "Called by another flow")
    help = Label(
        "其他流程用“调用流程”进入这里；输入的值之后可用 run. 读取。",
        "Another flow comes in here by “call a flow”; what it hands over can be read as run.name from here on.",
    )
    icon = "call"
    config = FlowStartConfig

    def ports(self, config: FlowStartConfig) -> tuple[Port, ...]:
        del config
        return (Port("entered", Label("进入", "Entered")),)

    def remembers(self, config: FlowStartConfig) -> Mapping[str, str]:
        return {one.name: one.type for one in config.inputs}

    def fragment(self, config: FlowStartConfig, ctx: CompileContext) -> Fragment:
        del config, ctx
        return Fragment()


class Input(Config):
    """One value handed over."""

    name: ValueName = Field(title="对方的输入名 | Name there")
    value: str = Field(
        title="值 | Value",
        min_length=1,
        max_length=4000,
        json_schema_extra={
            "x-ui": {
                "widget": "expression",
                "returns": "any",
                "scope": {"customer": "customer", "event": "@entry"},
            }
        },
    )


class Output(Declared):
    """One value taken over, under the name that the called flow remembers it by."""


class CallConfig(Config):
    """Which flow, with what, and what comes back."""

    flow_id: UUID = Field(title="流程 | Flow", json_schema_extra={"x-ui": {"widget": "flow"}})
    inputs: tuple[Input, ...] = Field(default=(), title="输入 | Inputs", max_length=20)
    outputs: tuple[Output, ...] = Field(default=(), title="带回的值 | Outputs", max_length=20)
    timeout: Span | None = Field(
        default=None, title="最长等待 | Time-out", json_schema_extra={"x-ui": {"widget": "duration"}}
    )

    @model_validator(mode="after")
    def _names_differ(self) -> CallConfig:
        for names in ([one.name for one in self.inputs], [one.name for one in self.outputs]):
            if len(set(names)) != len(names):
                raise ValueError("two values have the same name")
        return self


_RETURNED = Port("done", Label("已完成", "Done"))
_BROKEN = Port("unavailable", Label("没有完成", "Not completed"), optional=True, otherwise="done")

# The current version of a running flow, and its start for callers.
_CALLED = """
left join lateral (
  select s.id as "to", f.id as called_flow from flow f
  join flow_version v on v.id = f.current_version_id and v.tenant_id = %(tenant)s
  cross join lateral jsonb_array_elements(v.graph -> 'blocks') b
  join flow_stretch s on s.version_id = v.id and s.tenant_id = %(tenant)s and s.block = b ->> 'id' and s.mode = 'enter'
  where f.tenant_id = %(tenant)s and f.id = %(called_flow)s and f.status in ('running', 'paused') and b ->> 'kind' = 'start.flow'
  limit 1) called on true
"""


class CallKind(NodeKind[CallConfig]):
    kind = "flow.call"
    for_customer = False
    group = Group.FLOW
    role = Role.WAIT
    branches = True
    own_ports = (_RETURNED.name, _BROKEN.name, TIMEOUT.name)
    label = Label("调用流程", "Call a flow")
    help = Label(
        "客户先走完另一个流程再继续；改动那个流程，所有调用它的流程一起生效。",
        "The customer goes through another flow and then on; a change of that flow reaches all that call it.",
    )
    icon = "call"
    config = CallConfig

    def ports(self, config: CallConfig) -> tuple[Port, ...]:
        del config
        return (_RETURNED, _BROKEN, TIMEOUT)

    def remembers(self, config: CallConfig) -> Mapping[str, str]:
        return {one.name: one.type for one in config.outputs}

    def check(self, config: CallConfig, ctx: CheckContext) -> Iterable[Finding]:
        if config.timeout is not None:
            yield from too_long(config.timeout, "timeout")
        for index, one in enumerate(config.inputs):
            yield from ctx.expression(one.value, f"inputs[{index}].value", returns="any")
        graph: dict[str, Any] | None = ctx.tx.value(
            "select v.graph from flow f join flow_version v on v.id = f.current_version_id and v.tenant_id = %(tenant)s"
            " where f.tenant_id = %(tenant)s and f.id = %(flow)s and f.status in ('running', 'paused')",
            {"tenant": ctx.tx.tenant_id, "flow": config.flow_id},
        )
        about = (graph or {}).get("settings", {}).get("subject", "customer")
        if graph is not None and about != ctx.subject:
            yield Finding(
                "call_other_subject",
                Label(
                    "这个流程的主体与那个流程不同，不能互相调用",
                    "That flow is about something else, so this one cannot call it",
                ),
                Label("请选择主体相同的流程", "Choose a flow about the same sort of thing"),
                "flow_id",
            )
        starts = [one for one in (graph or {}).get("blocks", ()) if one["kind"] == FlowStart.kind]
        if not starts:
            yield Finding(
                "call_unavailable",
                Label(
                    "这个流程没有发布，或没有“由其他流程调用”的开始",
                    "This flow is not published, or has no start for callers",
                ),
                Label(
                    "请选择另一个流程，或先给它加上这个开始并发布",
                    "Choose another flow, or give it such a start and publish it first",
                ),
                "flow_id",
            )
            return
        known = {one["name"] for one in starts[0].get("config", {}).get("inputs", ())}
        for index, one in enumerate(config.inputs):
            if one.name not in known:
                yield Finding(
                    "call_input_unknown",
                    Label(f"那个流程没有名为 {one.name} 的输入", f"That flow has no input named {one.name}"),
                    Label("请改为它声明的输入名", "Use a name that it declares"),
                    f"inputs[{index}].name",
                )

    def fragment(self, config: CallConfig, ctx: CompileContext) -> Fragment:
        values = [ctx.expression(one.value, f"in{index}", returns="any") for index, one in enumerate(config.inputs)]
        pairs = ", ".join(f"'{one.name}', {value.sql}" for one, value in zip(config.inputs, values, strict=True))
        wake = "null" if config.timeout is None else wake_sql(config.timeout)
        rows = (
            "select r.*, 0::smallint as limb, jsonb_build_object('memory', r.handed) || jsonb_strip_nulls(jsonb_build_object("
            "'event', r.vars -> 'event', 'event_type', r.vars -> 'event_type', 'event_at', r.vars -> 'event_at')) as child_vars"
            ' from {rows} r where r."to" is not null'
        )
        params: dict[str, object] = {"called_flow": config.flow_id}
        for one in values:
            params |= one.params
        names = [one.name for one in config.outputs]
        ended = f"(select c.status {children()} limit 1)"
        kept = f"(select jsonb_object_agg(m.key, m.value) {children('cross join lateral jsonb_each(c.vars -> ' + chr(39) + 'memory' + chr(39) + ') m')} and m.key = any(%(names)s::text[]))"
        return Fragment(
            wake_at=f'case when called."to" is null or r.hops >= 16 then %(now)s::timestamptz else {wake} end',
            arrival_joins=f"{joined(*values)} {_CALLED}",
            arrival_columns={
                "to": 'called."to"',
                "called_flow": "called.called_flow",
                "handed": f"jsonb_strip_nulls(jsonb_build_object({pairs}))",
            },
            arrival_vars=noted(wake),
            on_arrival=filed(rows, kin=CALLED, flow="r.called_flow"),
            stay=f"{out()} > 0 and {NOT_OVER}",
            stay_until=DEADLINE,
            columns={"left_out": out(), "ended": ended},
            port=f"case when r.left_out > 0 then 2 when r.ended = {RunStatus.DONE:d} then 0 else 1 end",
            vars=f"jsonb_build_object('memory', coalesce(r.vars -> 'memory', '{{}}'::jsonb) || coalesce({kept}, '{{}}'::jsonb))",
            facts="jsonb_build_object('called', r.ended is not null)",
            params={
                **params,
                "names": names,
                **({} if config.timeout is None else span_params(config.timeout, ctx.zone)),
            },
        )
