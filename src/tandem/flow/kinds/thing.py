"""The block that writes into the thing a flow is about: its values and its stage, for things of a company's own."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any

from pydantic import Field

from tandem.catalog.label import Label
from tandem.flow.kinds.fields import remembered
from tandem.flow.kinds.findings import missing
from tandem.flow.node import DONE, Batch, CheckContext, Config, Finding, Group, NodeKind, Outcome, Port
from tandem.kernel.errors import InvalidInput, NotFound
from tandem.kernel.turn import Turn
from tandem.stream.things import records, types


class Assigned(Config):
    """One field and its value."""

    field: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,39}$")] = Field(
        title="字段 | Field", json_schema_extra={"x-ui": {"widget": "thing_field"}}
    )
    value: str = Field(
        default="",
        max_length=500,
        title="值（空为清除）| Value (empty: none)",
        json_schema_extra={
            "x-ui": {"help": {"zh": "写 run.名称 则用记住的值", "en": "Write run.name to use a remembered value"}}
        },
    )


class ThingSetConfig(Config):
    """To which stage, and which values."""

    stage: str = Field(
        default="",
        max_length=40,
        title="阶段（空为不变）| Stage (empty: as it is)",
        json_schema_extra={"x-ui": {"widget": "thing_stage"}},
    )
    values: tuple[Assigned, ...] = Field(default=(), title="字段的值 | Values", max_length=30)


class ThingSet(NodeKind[ThingSetConfig]):
    kind = "thing.set"
    for_customer = False
    group = Group.SERVICE
    label = Label("更新对象", "Change the thing")
    help = Label(
        "修改流程主体（自定义对象）的阶段和字段，例如把“加盟开店”推进到下一阶段；变化会成为事件，其他流程可以听到。",
        "Sets the stage and fields of the thing that the flow is about; each change is an event that other flows may hear.",
    )
    icon = "edit"
    needs = ("thing.write",)
    config = ThingSetConfig

    def ports(self, config: ThingSetConfig) -> tuple[Port, ...]:
        del config
        return (DONE,)

    def check(self, config: ThingSetConfig, ctx: CheckContext) -> Iterable[Finding]:
        try:
            of = types.kind(ctx.tx, ctx.subject)
        except NotFound:
            yield Finding(
                "thing_needed",
                Label(
                    "流程的主体不是自定义对象，没有可更新的内容",
                    "The flow is not about a thing of your own: there is nothing to change",
                ),
                Label(
                    "请删除该环节，或新建以自定义对象为主体的流程",
                    "Delete the block, or make a flow about such a thing",
                ),
            )
            return
        if not config.stage and not config.values:
            yield missing(
                Label("还没有填写要更新什么", "Nothing to change is given yet"),
                Label("请选择阶段，或添加字段的值", "Choose a stage or add values"),
                "stage",
            )
        if config.stage and config.stage not in {one.name for one in of.stages}:
            yield _unknown("stage", config.stage, [one.name for one in of.stages])
        names = {one.name: one for one in of.fields}
        for index, one in enumerate(config.values):
            if one.field not in names:
                yield _unknown(f"values[{index}].field", one.field, sorted(names))
            elif one.value and not one.value.startswith("run."):
                yield from _unfit(of, one, f"values[{index}].value")

    def run(self, batch: Batch, turn: Turn) -> Outcome:
        config = ThingSetConfig.model_validate(batch.config)
        of = types.kind(turn.tx, batch.subject_types[0])
        numbers = records.numbers(turn.tx, batch.subjects)
        told: list[records.Told] = []
        errors: dict[int, str] = {}
        causes: dict[str, records.Cause] = {}
        for position, subject in enumerate(batch.subjects):
            try:
                values = {
                    one.field: _value(of, one.field, remembered(batch, position, one.value)) for one in config.values
                }
                of.fitting(values)
                number = numbers[subject]
            except KeyError:
                errors[position] = "这个对象已被删除 | The thing was deleted"
            except InvalidInput as error:
                errors[position] = f"{error.zh} | {error.en}"
            else:
                told.append(records.Told(number, stage=config.stage or None, fields=values))
                causes[number] = records.Cause(batch.runs[position], batch.roots[position], batch.hops[position] + 1)
        if told:
            records.write(turn.tx, of, told, causes=causes)
        return Outcome(
            ports=[0] * len(batch),
            facts=[{"stage": config.stage} if config.stage else None] * len(batch),
            errors=errors,
        )


def _value(of: types.ThingKind, field: str, given: Any) -> Any:
    """A setting's text as the field's type; what the run remembered as it is. None for nothing."""
    kind = next((one.type for one in of.every_field if one.name == field), None)
    if given == "" or given is None:
        return None
    if not isinstance(given, str) or kind in {None, "text", "date", "timestamp"}:
        return given
    if kind == "bool":
        return {"true": True, "是": True, "false": False, "否": False}.get(given, given)
    try:
        return float(given)
    except ValueError:
        return given


def _unfit(of: types.ThingKind, one: Assigned, where: str) -> Iterable[Finding]:
    try:
        of.fitting({one.field: _value(of, one.field, one.value)})
    except InvalidInput as error:
        detail = error.details[0]
        yield Finding("thing_value", Label(detail.what_zh, detail.what_en), Label("请改正", "Correct it"), where)


def _unknown(where: str, name: str, offered: list[str]) -> Finding:
    return Finding(
        "thing_unknown",
        Label(f"这种对象没有“{name}”", f"Such a thing has no {name!r}"),
        Label(f"可选：{'、'.join(offered)}", f"One of: {', '.join(offered)}"),
        where,
    )
