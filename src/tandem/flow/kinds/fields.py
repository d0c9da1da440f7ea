"""Blocks that change what we know of the customer: fields, figures, owner, lists, the wish to be left alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, ClassVar, Literal
from uuid import UUID

from pydantic import Field, model_validator

from tandem.catalog.label import Label
from tandem.flow.kinds.findings import missing
from tandem.flow.kinds.told import told
from tandem.flow.node import (
    DONE,
    Batch,
    CheckContext,
    CompileContext,
    Config,
    Finding,
    Fragment,
    Group,
    NodeKind,
    Outcome,
    Port,
    choices,
)
from tandem.kernel.turn import Turn
from tandem.stream.events import LANE_BULK, LANE_NORMAL
from tandem.stream.profile.recorded import read, write
from tandem.stream.profile.sayings import ATTRIBUTE, Known, Said, Value
from tandem.stream.segment.cause import Cause

SOURCE = "flow"
SAID = ("customer", "customer_field")
"""The tables that `say` writes."""
Who = tuple[int, UUID]


def say(turn: Turn, batch: Batch, field: str, values: Sequence[Value], rows: Sequence[int]) -> None:
    """Let the flow say a field of the customers at these places of the batch; a stronger source's word stands.

    The change counts as caused by the run, so that flows which set each other off come to an end.
    """
    sayings: list[Said] = []
    causes: dict[Who, Cause] = {}
    for position, value in zip(rows, values, strict=True):
        customer = batch.customers[position]
        if customer is None:
            continue
        who = (batch.buckets[position], customer)
        sayings.append(Said(who, field, value, turn.now, SOURCE, None, batch.origins[position]))
        lane = LANE_BULK if batch.lanes[position] >= LANE_BULK else LANE_NORMAL
        hops = batch.hops[position]
        # No event is named: segments follow the change itself, in a later turn.
        causes[who] = Cause(None, batch.roots[position] or batch.runs[position], hops, lane=lane)
    write(turn, sayings, causes)


class _Fields(NodeKind[Any]):
    group = Group.CUSTOMER
    needs = ("customer.write",)
    rewrites = SAID

    def ports(self, config: Any) -> tuple[Port, ...]:
        del config
        return (DONE,)


class SetFieldConfig(Config):
    """Which field, and to what."""

    field: Literal["level", "city", "district", "gender", "attribute"] = Field(
        default="attribute",
        title="字段 | Field",
        json_schema_extra=choices(
            level="会员等级 | member level",
            city="城市 | city",
            district="区县 | district",
            gender="性别 | gender",
            attribute="自定义属性 | attribute",
        ),
    )
    attribute: str = Field(
        default="",
        max_length=60,
        pattern=r"^[^\s.{}\"'\\]*$",
        title="属性名 | Attribute",
        json_schema_extra={"x-ui": {"widget": "attribute", "show_if": {"field": "attribute"}}},
    )
    value: str = Field(
        default="",
        max_length=500,
        title="值 | Value",
        json_schema_extra={
            "x-ui": {"help": {"zh": "写 run.名称 则用记住的值", "en": "Write run.name to use a remembered value"}}
        },
    )

    @property
    def said(self) -> str:
        """The field as sayings name it."""
        return ATTRIBUTE + self.attribute if self.field == "attribute" else self.field


def _attribute_findings(config: Any) -> Iterable[Finding]:
    if getattr(config, "field", "attribute") == "attribute" and not config.attribute:
        yield missing(
            Label("还没有填写属性名", "No attribute is named yet"),
            Label("请填写属性名", "Name the attribute"),
            "attribute",
        )


def remembered(batch: Batch, position: int, text: str) -> Value:
    """A setting as it is, or the value that the run keeps under the name it gives as `run.name`; None where it keeps none."""
    if not text.startswith("run."):
        return text
    kept: dict[str, Value] = (batch.variables[position] or {}).get("memory") or {}
    return kept.get(text.removeprefix("run."))


class SetField(_Fields):
    kind = "customer.set_field"
    label = Label("修改资料", "Set a field")
    help = Label(
        "修改客户的一项资料或自定义属性；值可以取自这次经过记住的值。资料来源记为“流程”，不覆盖更可信来源的值。",
        "Sets a field or attribute of the customer, also from a remembered value. It is on record as said by the flow, and gives way to stronger sources.",
    )
    icon = "edit"
    config = SetFieldConfig

    def check(self, config: SetFieldConfig, ctx: CheckContext) -> Iterable[Finding]:
        del ctx
        yield from _attribute_findings(config)

    def run(self, batch: Batch, turn: Turn) -> Outcome:
        config = SetFieldConfig.model_validate(batch.config)
        rows = range(len(batch))
        values = [remembered(batch, one, config.value) for one in rows]
        say(turn, batch, config.said, [one if one != "" else None for one in values], rows)
        return Outcome(ports=[0] * len(batch), facts=[{config.said: one} for one in values])


class StageConfig(Config):
    """To which stage."""

    stage: str = Field(default="", max_length=100, title="阶段 | Stage")


class SetStage(_Fields):
    kind = "customer.set_stage"
    label = Label("变更阶段", "Change the stage")
    help = Label(
        "把客户移到生命周期的另一个阶段，例如“潜在”“新客”“活跃”“沉睡”。",
        "Moves the customer to another stage of her life with us.",
    )
    icon = "stage"
    config = StageConfig

    def check(self, config: StageConfig, ctx: CheckContext) -> Iterable[Finding]:
        del ctx
        if not config.stage.strip():
            yield missing(
                Label("还没有填写阶段", "No stage is given yet"),
                Label("请填写阶段名称", "Give the stage's name"),
                "stage",
            )

    def run(self, batch: Batch, turn: Turn) -> Outcome:
        config = StageConfig.model_validate(batch.config)
        say(turn, batch, "stage", [config.stage] * len(batch), range(len(batch)))
        return Outcome(ports=[0] * len(batch), facts=[{"stage": config.stage}] * len(batch))


class IncreaseConfig(Config):
    """Which figure, by how much."""

    attribute: str = Field(
        default="",
        max_length=60,
        pattern=r"^[^\s.{}\"'\\]*$",
        title="属性名 | Attribute",
        json_schema_extra={"x-ui": {"widget": "attribute"}},
    )
    by: str = Field(
        default="1",
        max_length=60,
        pattern=r"^(-?\d{1,12}(\.\d{1,6})?|run\.[a-z][a-z0-9_]*)$",
        title="增加多少（可为负，或 run.名称）| By (may be negative, or run.name)",
    )


class ScoreConfig(Config):
    """How much, between which bounds."""

    attribute: str = Field(
        default="score",
        max_length=60,
        pattern=r"^[^\s.{}\"'\\]+$",
        title="评分名 | Score",
        json_schema_extra={"x-ui": {"widget": "attribute"}},
    )
    by: str = Field(
        default="10",
        max_length=60,
        pattern=r"^(-?\d{1,12}(\.\d{1,6})?|run\.[a-z][a-z0-9_]*)$",
        title="加减多少 | By",
    )
    lowest: int = Field(default=0, ge=-1_000_000, le=1_000_000, title="最低 | At least")
    highest: int = Field(default=100, ge=-1_000_000, le=1_000_000, title="最高 | At most")

    @model_validator(mode="after")
    def _bounds_fit(self) -> ScoreConfig:
        if self.lowest >= self.highest:
            raise ValueError("the lowest must lie below the highest")
        return self


def _number(value: object) -> Decimal:
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        raise ValueError(f"not a number: {value!r}") from None
    if not found.is_finite():
        raise ValueError(f"not a number: {value!r}")
    return found


class Increase(_Fields):
    kind = "customer.increase"
    label = Label("累加数值", "Increase a figure")
    help = Label(
        "给客户的数字属性加上（或减去）一个数；没有这个属性时从 0 算起。",
        "Adds to a figure of the customer, or takes from it; without one it begins at 0.",
    )
    icon = "plus"
    config: type[Any] = IncreaseConfig
    bounds: ClassVar[bool] = False

    def check(self, config: Any, ctx: CheckContext) -> Iterable[Finding]:
        del ctx
        yield from _attribute_findings(config)

    def run(self, batch: Batch, turn: Turn) -> Outcome:
        config = self.config.model_validate(batch.config)
        field = ATTRIBUTE + config.attribute
        owners = [
            None if one is None else (bucket, one) for bucket, one in zip(batch.buckets, batch.customers, strict=True)
        ]
        known: Mapping[Who, Known] = read(turn, {one for one in owners if one is not None})
        standing: dict[Who, Decimal] = {}
        errors: dict[int, str] = {}
        facts: list[dict[str, Any] | None] = [None] * len(batch)
        rows: dict[Who, int] = {}
        for position, who in enumerate(owners):
            if who is None or who not in known:
                continue
            try:
                before = standing.get(who, _number(known[who].values.get(field) or 0))
                after = before + _number(remembered(batch, position, config.by) or 0)
            except ValueError as error:
                errors[position] = (
                    f"{config.attribute} 不是数字，无法累加 | {config.attribute} cannot be increased: {error}"
                )
                continue
            if self.bounds:
                after = min(max(after, Decimal(config.lowest)), Decimal(config.highest))
            standing[who] = after
            rows[who] = position
            facts[position] = {config.attribute: _plain(after), "before": _plain(before)}
        say(turn, batch, field, [_plain(standing[who]) for who in rows], list(rows.values()))
        return Outcome(ports=[0] * len(batch), facts=facts, errors=errors)


def _plain(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)


class Score(Increase):
    kind = "customer.score"
    label = Label("客户评分", "Score")
    help = Label(
        "给客户的评分加减分，并保持在最低与最高之间；可用于线索评分。",
        "Adds to the customer's score or takes from it, between its bounds; for scoring leads.",
    )
    icon = "score"
    config = ScoreConfig
    bounds = True


class OwnerConfig(Config):
    """To whom."""

    how: Literal["fixed", "rotate", "nobody"] = Field(
        default="rotate",
        title="方式 | How",
        json_schema_extra=choices(
            fixed="固定给第一位 | always the first",
            rotate="在几位之间均分 | shared among them",
            nobody="释放回公海 | nobody: back to the pool",
        ),
    )
    staff: tuple[UUID, ...] = Field(
        default=(), max_length=200, title="员工 | Staff", json_schema_extra={"x-ui": {"widget": "staff_list"}}
    )
    keep: bool = Field(default=True, title="已有负责人的不变 | Who has an owner keeps it")


class AssignOwner(_Fields):
    kind = "customer.assign_owner"
    label = Label("分配负责人", "Assign an owner")
    help = Label(
        "把客户分给一位同事，或在几位之间均分（同一客户总是分到同一位），也可以释放回公海。",
        "Gives the customer to a colleague, or shares customers out among several; or lets her go back to the pool.",
    )
    icon = "owner"
    config = OwnerConfig

    def check(self, config: OwnerConfig, ctx: CheckContext) -> Iterable[Finding]:
        if config.how != "nobody" and not config.staff:
            yield missing(
                Label("还没有选择员工", "Nobody is chosen yet"),
                Label("请选择至少一位员工", "Choose at least one person"),
                "staff",
            )
        known = set(
            ctx.tx.values("select id from staff_user where tenant_id = %(tenant)s", {"tenant": ctx.tx.tenant_id})
        )
        if set(config.staff) - known:
            yield Finding(
                "staff_missing",
                Label("有员工已不存在", "Somebody chosen is not there any more"),
                Label("请重新选择员工", "Choose again"),
                "staff",
            )

    def run(self, batch: Batch, turn: Turn) -> Outcome:
        config = OwnerConfig.model_validate(batch.config)
        owners = {(bucket, one) for bucket, one in zip(batch.buckets, batch.customers, strict=True) if one is not None}
        known = read(turn, owners)
        rows: list[int] = []
        values: list[Value] = []
        facts: list[dict[str, Any] | None] = [None] * len(batch)
        for position, customer in enumerate(batch.customers):
            person = None if customer is None else known.get((batch.buckets[position], customer))
            if person is None or customer is None:
                continue
            has = person.values.get("owner_user_id")
            if config.how != "nobody" and config.keep and has is not None:
                facts[position] = {"owner": has, "kept": True}
                continue
            # By the customer's own id: who comes again comes to the same person, and all of them to about as many each.
            chosen = (
                None
                if config.how == "nobody"
                else config.staff[customer.int % len(config.staff) if config.how == "rotate" else 0]
            )
            rows.append(position)
            values.append(None if chosen is None else str(chosen))
            facts[position] = {"owner": None if chosen is None else str(chosen)}
        say(turn, batch, "owner_user_id", values, rows)
        return Outcome(ports=[0] * len(batch), facts=facts)


class QuietConfig(Config):
    """On or off."""

    on: bool = Field(default=True, title="勿扰 | Do not contact")


class DoNotContact(_Fields):
    kind = "customer.do_not_contact"
    label = Label("设为勿扰", "Do not contact")
    help = Label(
        "开启后不再给这位客户发营销消息，已排队的也不再发出；服务通知不受影响。也可以用来解除。",
        "No marketing message goes to this customer any more, those waiting included; service notices do. Or takes that back.",
    )
    icon = "bell-off"
    config = QuietConfig

    def run(self, batch: Batch, turn: Turn) -> Outcome:
        config = QuietConfig.model_validate(batch.config)
        say(turn, batch, "do_not_contact", [config.on] * len(batch), range(len(batch)))
        return Outcome(ports=[0] * len(batch), facts=[{"do_not_contact": config.on}] * len(batch))


class ListConfig(Config):
    """Which list."""

    list_id: UUID = Field(title="名单 | List", json_schema_extra={"x-ui": {"widget": "segment", "kind": "list"}})


class _Lists(_Fields):
    config = ListConfig
    event: ClassVar[str]

    def check(self, config: ListConfig, ctx: CheckContext) -> Iterable[Finding]:
        found = ctx.tx.value(
            "select 1 from segment where tenant_id = %(tenant)s and id = %(id)s and kind = 'list' and archived_at is null",
            {"tenant": ctx.tx.tenant_id, "id": config.list_id},
        )
        if not found:
            yield Finding(
                "list_missing",
                Label("所选名单不存在或已删除", "The list does not exist any more"),
                Label("请重新选择名单", "Choose another list"),
                "list_id",
            )

    def fragment(self, config: ListConfig, ctx: CompileContext) -> Fragment:
        del ctx
        changed = (
            "select distinct on (r.bucket, r.customer_id) r.*, s.name as list_name from {rows} r"
            " left join segment s on s.tenant_id = %(tenant)s and s.id = %(list)s"
            " where r.customer_id is not null order by r.bucket, r.customer_id, r.id"
        )
        return Fragment(
            effects=told(
                event_type="%(type)s::text",
                lane="least(r.lane, 1)",
                event_id="tandem_new_id()",
                payload="jsonb_build_object('segment_id', %(list)s::uuid, 'segment', r.list_name, 'by', null)",
                cause_id="r.id",
                root_id="coalesce(r.root_id, r.id)",
                rows=f"({changed})",
            ),
            facts="jsonb_build_object('list', %(list)s::uuid)",
            params={"list": config.list_id, "type": self.event},
        )


class AddToList(_Lists):
    kind = "customer.add_to_list"
    event = "segment.listed"
    label = Label("加入名单", "Add to a list")
    help = Label(
        "把客户放进一个名单，名单可以像分群一样使用。", "Puts the customer on a list, which serves like any segment."
    )
    icon = "list-add"


class RemoveFromList(_Lists):
    kind = "customer.remove_from_list"
    event = "segment.unlisted"
    label = Label("移出名单", "Remove from a list")
    help = Label(
        "把客户从名单中移出；不在名单里则直接继续。", "Takes the customer off a list; who is not on it just goes on."
    )
    icon = "list-remove"
