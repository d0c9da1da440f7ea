"""More blocks that ask people: an approval with a stand-in, a form, levels that unlock each other, a notice that nobody waits for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from psycopg.types.json import Jsonb
from pydantic import Field, model_validator

from tandem.catalog.label import Label
from tandem.flow.kinds.call import Declared
from tandem.flow.kinds.human import (
    AREA,
    LINE,
    TIMEOUT,
    passed_on,
    passed_on_params,
    stand_in_findings,
    text_findings,
)
from tandem.flow.kinds.span import Span, span_params, wake_sql
from tandem.flow.kinds.wait import too_long
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
)
from tandem.flow.wording import worded

_ROLE: dict[str, Any] = {"x-ui": {"widget": "role"}}
_SPAN: dict[str, Any] = {"x-ui": {"widget": "duration"}}
_INSERT = (
    "insert into human_task (bucket, id, tenant_id, customer_id, origin_id, flow_id, run_id, block, visit, title, note, role, ports, state, due_at,"
    " created_at, level, fields)"
)
_APPROVED = Label("同意", "Approve")
_REFUSED = Label("拒绝", "Refuse")
_FINISHED = Label("完成", "Done")


def _ports(*answers: tuple[str, Label]) -> Jsonb:
    return Jsonb([{"name": name, "label": label.json()} for name, label in answers])


def _close(state: str = "expired") -> str:
    return (
        f"update human_task t set state = '{state}', decided_at = %(now)s from {{rows}} r where t.bucket = r.bucket and t.run_id = r.id"
        " and t.block = %(block)s and t.tenant_id = %(tenant)s and t.state in ('open', 'locked')"
    )


class ApprovalConfig(Config):
    """What is to be approved, by whom, until when, and who stands in."""

    title: str = Field(
        default="审批 | Approval", title="标题 | Title", min_length=1, max_length=200, json_schema_extra=LINE
    )
    note: str = Field(default="", title="说明 | Note", max_length=4000, json_schema_extra=AREA)
    role: str = Field(default="", title="审批角色 | Role", max_length=100, json_schema_extra=_ROLE)
    due: Span = Field(default=Span(), title="期限 | Due in", json_schema_extra=_SPAN)
    stand_in: str = Field(
        default="",
        title="逾期后转给（空为不转）| Then passed on to (empty: to nobody)",
        max_length=100,
        json_schema_extra=_ROLE,
    )
    more: Span = Field(default=Span(), title="转给后再等 | And then due in", json_schema_extra=_SPAN)


class ApprovalKind(NodeKind[ApprovalConfig]):
    kind = "human.approval"
    for_customer = False
    group = Group.SERVICE
    role = Role.WAIT
    label = Label("审批", "Approval")
    help = Label(
        "等待有权的同事同意或拒绝；到期没有处理就转给替补角色再等一段时间，仍没有处理走“逾期”。",
        "Waits for a colleague to approve or refuse; when nobody does in time it passes to the stand-in, and then to the time-out.",
    )
    icon = "approval"
    config = ApprovalConfig

    def ports(self, config: ApprovalConfig) -> tuple[Port, ...]:
        del config
        return (Port("approved", _APPROVED), Port("refused", _REFUSED), TIMEOUT)

    def check(self, config: ApprovalConfig, ctx: CheckContext) -> Iterable[Finding]:
        yield from text_findings(ctx, title=config.title, note=config.note)
        yield from too_long(config.due, "due")
        yield from stand_in_findings(config.role, config.stand_in, config.more)

    def fragment(self, config: ApprovalConfig, ctx: CompileContext) -> Fragment:
        due = wake_sql(config.due)
        told = worded(ctx, title=config.title, note=config.note)
        return Fragment(
            port="coalesce(r.signal, 2)",
            wake_at=due,
            arrival_joins=told.joins,
            arrival_columns=told.columns,
            on_arrival={
                "filed": f"{_INSERT} select r.bucket, tandem_new_id(), %(tenant)s, r.customer_id, r.origin_id, r.flow_id, r.id, %(block)s, r.visit,"
                f" {told.sql['title']}, {told.sql['note']}, %(role)s, %(ports)s, 'open', {due}, %(now)s, 0, null from {{rows}} r"
            },
            effects={"expired": _close()},
            facts="r.vars -> 'task'",
            params={
                "block": ctx.block,
                **told.params,
                "role": config.role,
                "ports": _ports(("approved", _APPROVED), ("refused", _REFUSED)),
                **passed_on_params(config.stand_in, config.more),
                "zone": ctx.zone,
                **span_params(config.due, ctx.zone),
            },
            **(passed_on(config.more) if config.stand_in else {}),
        )


class FormField(Declared):
    """One field of the form."""

    label: str = Field(title="显示名称 | Label", min_length=1, max_length=100)


class FormConfig(Config):
    """What is to be filled in, by whom, until when."""

    title: str = Field(
        default="填写表单 | Fill in a form", title="标题 | Title", min_length=1, max_length=200, json_schema_extra=LINE
    )
    note: str = Field(default="", title="说明 | Note", max_length=4000, json_schema_extra=AREA)
    role: str = Field(default="", title="填写角色 | Role", max_length=100, json_schema_extra=_ROLE)
    fields: tuple[FormField, ...] = Field(
        default=(FormField(name="result", label="结果 | Result"),), title="表单项 | Fields", min_length=1, max_length=30
    )
    due: Span = Field(default=Span(), title="期限 | Due in", json_schema_extra=_SPAN)

    @model_validator(mode="after")
    def _names_differ(self) -> FormConfig:
        if len({one.name for one in self.fields}) != len(self.fields):
            raise ValueError("two fields have the same name")
        return self


class FormKind(NodeKind[FormConfig]):
    kind = "human.form"
    for_customer = False
    group = Group.SERVICE
    role = Role.WAIT
    label = Label("人工表单", "Human form")
    help = Label(
        "请同事填写一张表单并等待；填写的内容记在这次经过上，之后用 run. 读取。",
        "Asks a colleague to fill in a form and waits; what is filled in is kept with the run and read as run.name later.",
    )
    icon = "form"
    config = FormConfig

    def ports(self, config: FormConfig) -> tuple[Port, ...]:
        del config
        return (Port("done", Label("已填写", "Filled in")), TIMEOUT)

    def remembers(self, config: FormConfig) -> Mapping[str, str]:
        return {one.name: one.type for one in config.fields}

    def check(self, config: FormConfig, ctx: CheckContext) -> Iterable[Finding]:
        yield from text_findings(ctx, title=config.title, note=config.note)
        yield from too_long(config.due, "due")

    def fragment(self, config: FormConfig, ctx: CompileContext) -> Fragment:
        due = wake_sql(config.due)
        asked = [{"name": one.name, "label": one.label, "type": one.type} for one in config.fields]
        told = worded(ctx, title=config.title, note=config.note)
        return Fragment(
            port="coalesce(r.signal, 1)",
            wake_at=due,
            arrival_joins=told.joins,
            arrival_columns=told.columns,
            on_arrival={
                "filed": f"{_INSERT} select r.bucket, tandem_new_id(), %(tenant)s, r.customer_id, r.origin_id, r.flow_id, r.id, %(block)s, r.visit,"
                f" {told.sql['title']}, {told.sql['note']}, %(role)s, %(ports)s, 'open', {due}, %(now)s, 0, %(fields)s from {{rows}} r"
            },
            effects={"expired": _close()},
            vars="case when r.signal = 0 then jsonb_build_object('memory', coalesce(r.vars -> 'memory', '{}'::jsonb)"
            " || coalesce(r.vars #> '{task,values}', '{}'::jsonb)) else '{}'::jsonb end",
            facts="r.vars -> 'task'",
            params={
                "block": ctx.block,
                **told.params,
                "role": config.role,
                "ports": _ports(("done", _FINISHED)),
                "fields": Jsonb(asked),
                **span_params(config.due, ctx.zone),
            },
        )


class Level(Config):
    """One level."""

    title: str = Field(title="标题 | Title", min_length=1, max_length=200, json_schema_extra=LINE)
    note: str = Field(default="", title="说明 | Note", max_length=2000, json_schema_extra=AREA)
    role: str = Field(default="", title="处理角色 | Role", max_length=100, json_schema_extra=_ROLE)


class LevelsConfig(Config):
    """The levels in order, and until when all must be done."""

    levels: tuple[Level, ...] = Field(
        default=(Level(title="第一关 | Level 1"), Level(title="第二关 | Level 2")),
        title="关卡 | Levels",
        min_length=1,
        max_length=50,
    )
    due: Span = Field(default=Span(), title="期限 | Due in", json_schema_extra=_SPAN)


class LevelsKind(NodeKind[LevelsConfig]):
    kind = "human.levels"
    for_customer = False
    group = Group.SERVICE
    role = Role.WAIT
    label = Label("闯关任务", "Levels")
    help = Label(
        "一串任务按顺序解锁：完成一关才出现下一关，全部完成后继续；到期没有全部完成走“逾期”。",
        "A list of tasks that unlock each other: each appears when the one before is done; when all are done the run goes on.",
    )
    icon = "levels"
    config = LevelsConfig

    def ports(self, config: LevelsConfig) -> tuple[Port, ...]:
        del config
        return (Port("done", Label("全部完成", "All done")), TIMEOUT)

    def check(self, config: LevelsConfig, ctx: CheckContext) -> Iterable[Finding]:
        for index, one in enumerate(config.levels):
            yield from text_findings(ctx, **{f"levels[{index}].title": one.title, f"levels[{index}].note": one.note})
        yield from too_long(config.due, "due")

    def fragment(self, config: LevelsConfig, ctx: CompileContext) -> Fragment:
        due = wake_sql(config.due)
        mine = "t.bucket = r.bucket and t.tenant_id = %(tenant)s and t.run_id = r.id and t.block = %(block)s and t.visit = r.visit - 1"
        left = f"exists (select from human_task t where {mine} and t.state in ('open', 'locked'))"
        told = worded(
            ctx,
            **{f"title{index}": one.title for index, one in enumerate(config.levels)},
            **{f"note{index}": one.note for index, one in enumerate(config.levels)},
        )
        titles = ", ".join(told.sql[f"title{index}"] for index in range(len(config.levels)))
        notes = ", ".join(told.sql[f"note{index}"] for index in range(len(config.levels)))
        end = f"(select max(t.due_at) from human_task t where {mine})"
        return Fragment(
            port="case when r.all_done then 0 else 1 end",
            columns={"all_done": f"not {left}"},
            wake_at=due,
            arrival_joins=told.joins,
            arrival_columns=told.columns,
            on_arrival={
                "filed": f"{_INSERT} select r.bucket, tandem_new_id(), %(tenant)s, r.customer_id, r.origin_id, r.flow_id, r.id, %(block)s, r.visit,"
                f" l.title, l.note, l.role, %(ports)s, case when l.level = 1 then 'open' else 'locked' end, {due}, %(now)s, l.level, null from {{rows}} r"
                f" cross join unnest(array[{titles}], array[{notes}], %(roles)s::text[]) with ordinality l(title, note, role, level)"
            },
            stay=f"{left} and {end} > %(now)s::timestamptz",
            stay_until=end,
            on_stay={
                "unlocked": "update human_task t set state = 'open', created_at = %(now)s from {rows} r"
                f" where {mine} and t.state = 'locked' and t.level = (select min(n.level) from human_task n where n.bucket = r.bucket"
                " and n.tenant_id = %(tenant)s and n.run_id = r.id and n.block = %(block)s and n.visit = r.visit - 1 and n.state in ('open', 'locked'))"
            },
            effects={"expired": _close()},
            facts="r.vars -> 'task'",
            params={
                "block": ctx.block,
                **told.params,
                "roles": [one.role for one in config.levels],
                "ports": _ports(("done", _FINISHED)),
                **span_params(config.due, ctx.zone),
            },
        )


class NoticeConfig(Config):
    """What to tell, and whom."""

    title: str = Field(
        default="提醒 | Notice", title="标题 | Title", min_length=1, max_length=200, json_schema_extra=LINE
    )
    note: str = Field(default="", title="内容 | Text", max_length=4000, json_schema_extra=AREA)
    role: str = Field(default="", title="通知角色 | Role", max_length=100, json_schema_extra=_ROLE)
    due: Span = Field(default=Span(), title="多久内处理 | To be seen in", json_schema_extra=_SPAN)


class NoticeKind(NodeKind[NoticeConfig]):
    kind = "human.notice"
    for_customer = False
    group = Group.REACH
    label = Label("通知同事", "Notice to staff")
    help = Label(
        "给同事的任务列表里放一条提醒，客户不等待、直接继续。标题和内容里可插入流程主体的字段，如 {{order.total}}。",
        "Puts a notice on a colleague's list of tasks; the customer does not wait for it. Title and text may name what the flow is about, such as {{order.total}}.",
    )
    icon = "notice"
    config = NoticeConfig

    def ports(self, config: NoticeConfig) -> tuple[Port, ...]:
        del config
        return (DONE,)

    def check(self, config: NoticeConfig, ctx: CheckContext) -> Iterable[Finding]:
        yield from text_findings(ctx, title=config.title, note=config.note)

    def fragment(self, config: NoticeConfig, ctx: CompileContext) -> Fragment:
        due = wake_sql(config.due)
        told = worded(ctx, title=config.title, note=config.note)
        return Fragment(
            columns=told.columns,
            joins=told.joins,
            effects={
                "filed": f"{_INSERT} select r.bucket, tandem_new_id(), %(tenant)s, r.customer_id, r.origin_id, r.flow_id, r.id, %(block)s, r.visit,"
                f" {told.sql['title']}, {told.sql['note']}, %(role)s, %(ports)s, 'open', {due}, %(now)s, 0, null from {{rows}} r"
            },
            params={
                "block": ctx.block,
                **told.params,
                "role": config.role,
                "ports": _ports(("done", Label("知道了", "Seen"))),
                **span_params(config.due, ctx.zone),
            },
        )
