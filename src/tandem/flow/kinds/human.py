"""The block that asks a person: a task is filed, the run waits for the answer."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

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

TIMEOUT = Port("timeout", Label("逾期未处理", "Not answered in time"))
PortName = Annotated[str, Field(pattern=r"^[a-z0-9_]{1,40}$")]


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


class HumanTaskConfig(Config):
    """What is asked, whom, and until when."""

    title: str = Field(title="任务标题 | Title", min_length=1, max_length=200)
    note: str = Field(
        default="", title="说明 | Note", max_length=4000, json_schema_extra={"x-ui": {"widget": "text_area"}}
    )
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

    @model_validator(mode="after")
    def _names_differ(self) -> HumanTaskConfig:
        names = [answer.name for answer in self.answers]
        if len(set(names)) != len(names) or TIMEOUT.name in names:
            raise ValueError("two answers have the same key, or one is called timeout")
        return self


class HumanTaskKind(NodeKind[HumanTaskConfig]):
    kind = "human.task"
    group = Group.SERVICE
    role = Role.WAIT
    label = Label("人工任务", "Human task")
    help = Label(
        "生成一条任务并等待同事处理，按所选答案继续；逾期则从“逾期未处理”离开。",
        "Files a task and waits for a colleague; the answer chooses the way, no answer in time takes the time-out.",
    )
    icon = "user-check"
    config = HumanTaskConfig

    def ports(self, config: HumanTaskConfig) -> tuple[Port, ...]:
        return (*(Port(one.name, one.called) for one in config.answers), TIMEOUT)

    def check(self, config: HumanTaskConfig, ctx: CheckContext) -> Iterable[Finding]:
        del ctx
        yield from too_long(config.due, "due")

    def fragment(self, config: HumanTaskConfig, ctx: CompileContext) -> Fragment:
        ports = [{"name": one.name, "label": one.called.json()} for one in config.answers]
        wake = wake_sql(config.due)
        return Fragment(
            port=f"coalesce(r.signal, {len(config.answers)})",
            wake_at=wake,
            on_arrival={
                "filed": "insert into human_task (bucket, id, tenant_id, customer_id, origin_id, flow_id, run_id, block, visit, title, note,"
                " role, ports, state, due_at, created_at)"
                " select r.bucket, tandem_new_id(), %(tenant)s, r.customer_id, r.origin_id, r.flow_id, r.id, %(block)s, r.visit, %(title)s,"
                f" %(note)s, %(role)s, %(ports)s, 'open', {wake}, %(now)s from {{rows}} r",
            },
            effects={
                "expired": "update human_task t set state = 'expired', decided_at = %(now)s from {rows} r where t.bucket = r.bucket"
                " and t.run_id = r.id and t.block = %(block)s and t.tenant_id = %(tenant)s and t.state = 'open'",
            },
            facts="r.vars -> 'task'",
            params={
                "block": ctx.block,
                "title": config.title,
                "note": config.note,
                "role": config.role,
                "ports": Jsonb(ports),
                **span_params(config.due, ctx.zone),
            },
        )
