"""The block that asks a person: a task is filed, the run waits for the answer."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, Final

from psycopg.types.json import Jsonb
from pydantic import Field, model_validator

from tandem.catalog.label import Label
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
)
from tandem.flow.wording import worded

TIMEOUT = Port("timeout", Label("逾期未处理", "Not answered in time"))
PortName = Annotated[str, Field(pattern=r"^[a-z0-9_]{1,40}$")]
_NAMES: Final[dict[str, Any]] = {"scope": {"customer": "customer", "event": "@entry"}, "plain": True}
#: A line and a text in which values are named as messages name them.
LINE: Final[dict[str, Any]] = {"x-ui": {"widget": "template_line", **_NAMES}}
AREA: Final[dict[str, Any]] = {"x-ui": {"widget": "template", **_NAMES}}


class Answer(Config):
    """One answer offered to the person."""

    name: PortName = Field(title="标识 | Key")
    label: str = Field(title="名称 | Name", min_length=1, max_length=100)
    """One text for every reader, or one for each language: `中文 | English`."""

    @property
    def called(self) -> Label:
        """The label as a reader of either language sees it."""
        zh, _, en = (part.strip() for part in self.label.partition("|"))
        return Label(zh, en) if zh and en else Label(self.label, self.label)


def text_findings(ctx: CheckContext, **texts: str) -> Iterable[Finding]:
    """What is wrong with what titles and notes name."""
    for where, text in texts.items():
        yield from ctx.placeholders(text, where)


class HumanTaskConfig(Config):
    """What is asked, whom, and until when."""

    title: str = Field(title="任务标题 | Title", min_length=1, max_length=200, json_schema_extra=LINE)
    note: str = Field(default="", title="说明 | Note", max_length=4000, json_schema_extra=AREA)
    role: str = Field(
        default="", title="处理角色 | Role", max_length=100, json_schema_extra={"x-ui": {"widget": "role"}}
    )
    answers: tuple[Answer, ...] = Field(
        default=(Answer(name="approved", label="同意 | Approve"), Answer(name="refused", label="拒绝 | Refuse")),
        title="可选答案 | Answers",
        min_length=1,
        max_length=20,
    )
    due: Span = Field(default=Span(), title="期限 | Due in", json_schema_extra={"x-ui": {"widget": "duration"}})
    stand_in: str = Field(
        default="",
        title="逾期后转给（空为不转）| Then passed on to (empty: to nobody)",
        max_length=100,
        json_schema_extra={"x-ui": {"widget": "role"}},
    )
    more: Span = Field(
        default=Span(), title="转给后再等 | And then due in", json_schema_extra={"x-ui": {"widget": "duration"}}
    )

    @model_validator(mode="after")
    def _names_differ(self) -> HumanTaskConfig:
        names = [answer.name for answer in self.answers]
        if len(set(names)) != len(names) or TIMEOUT.name in names:
            raise ValueError("two answers have the same key, or one is called timeout")
        return self


class HumanTaskKind(NodeKind[HumanTaskConfig]):
    kind = "human.task"
    for_customer = False
    group = Group.SERVICE
    role = Role.WAIT
    label = Label("人工任务", "Human task")
    help = Label(
        "生成一条任务并等待同事处理，按所选答案继续；到期没有处理就转给替补角色再等一段时间，仍没有处理从“逾期未处理”离开。标题和说明里可插入流程主体的字段，如 {{order.total}}。",
        "Files a task and waits for a colleague; the answer chooses the way. When nobody answers in time it passes to the stand-in, where one is named, "
        "and then to the time-out. Title and note may name what the flow is about, such as {{order.total}}.",
    )
    icon = "user-check"
    config = HumanTaskConfig

    def ports(self, config: HumanTaskConfig) -> tuple[Port, ...]:
        return (*(Port(one.name, one.called) for one in config.answers), TIMEOUT)

    def check(self, config: HumanTaskConfig, ctx: CheckContext) -> Iterable[Finding]:
        yield from text_findings(ctx, title=config.title, note=config.note)
        yield from too_long(config.due, "due")
        yield from stand_in_findings(config.role, config.stand_in, config.more)

    def fragment(self, config: HumanTaskConfig, ctx: CompileContext) -> Fragment:
        ports = [{"name": one.name, "label": one.called.json()} for one in config.answers]
        wake = wake_sql(config.due)
        told = worded(ctx, title=config.title, note=config.note)
        return Fragment(
            arrival_joins=told.joins,
            arrival_columns=told.columns,
            port=f"coalesce(r.signal, {len(config.answers)})",
            wake_at=wake,
            on_arrival={
                "filed": "insert into human_task (bucket, id, tenant_id, customer_id, origin_id, flow_id, run_id, block, visit, title, note,"
                " role, ports, state, due_at, created_at, level)"
                " select r.bucket, tandem_new_id(), %(tenant)s, r.customer_id, r.origin_id, r.flow_id, r.id, %(block)s, r.visit,"
                f" {told.sql['title']}, {told.sql['note']}, %(role)s, %(ports)s, 'open', {wake}, %(now)s, %(level)s::smallint from {{rows}} r",
            },
            effects={
                "expired": "update human_task t set state = 'expired', decided_at = %(now)s from {rows} r where t.bucket = r.bucket"
                " and t.run_id = r.id and t.block = %(block)s and t.tenant_id = %(tenant)s and t.state = 'open'",
            },
            facts="r.vars -> 'task'",
            params={
                "block": ctx.block,
                **told.params,
                "role": config.role,
                "ports": Jsonb(ports),
                "level": 0 if config.stand_in else None,
                **span_params(config.due, ctx.zone),
                **(passed_on_params(config.stand_in, config.more) if config.stand_in else {}),
            },
            **(passed_on(config.more) if config.stand_in else {}),
        )


def stand_in_findings(role: str, stand_in: str, more: Span) -> Iterable[Finding]:
    """What is wrong with who stands in."""
    yield from too_long(more, "more")
    if stand_in and stand_in == role:
        yield Finding(
            "stand_in_same",
            Label("替补与原角色相同", "The stand-in is the same role"),
            Label("请选择另一个角色，或留空", "Choose another role, or none"),
            "stand_in",
            "warning",
        )


def passed_on(more: Span) -> dict[str, Any]:
    """Parts of a fragment: a task that nobody answered in time passes to the stand-in once, and its run goes on waiting.

    The task is filed with level 0; `passed_on_params` are needed too.
    """
    then = wake_sql(more).replace("%(span)s", "%(more)s")
    waits = (
        "exists (select from human_task t where t.bucket = r.bucket and t.tenant_id = %(tenant)s and t.run_id = r.id and t.block = %(block)s"
        " and t.state = 'open' and t.level = 0)"
    )
    return {
        "stay": f"r.signal is null and {waits}",
        "stay_until": then,
        "on_stay": {
            "passed": f"update human_task t set role = %(stand_in)s, level = 1, due_at = {then} from {{rows}} r where t.bucket = r.bucket"
            " and t.run_id = r.id and t.block = %(block)s and t.tenant_id = %(tenant)s and t.state = 'open'"
        },
    }


def passed_on_params(stand_in: str, more: Span) -> dict[str, Any]:
    """What `passed_on` binds, beside the block."""
    return {"stand_in": stand_in, "more": more.delta}
