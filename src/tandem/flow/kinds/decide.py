"""Blocks that choose a way: by conditions, by chance."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Annotated

from pydantic import Field, model_validator

from tandem.catalog.label import Label
from tandem.flow.node import (
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
from tandem.flow.runs import PORTS_MAX

PortName = Annotated[str, Field(pattern=r"^[a-z0-9_]{1,40}$")]
ELSE = Port("else", Label("其他人", "Everyone else"))


class Ways(Config):
    """Ways whose keys differ, and `else`."""

    @model_validator(mode="after")
    def _names_differ(self) -> Ways:
        names = [one.name for one in getattr(self, "ways", ())]
        if len(set(names)) != len(names) or "else" in names:
            raise ValueError("two ways have the same key, or one is called else")
        return self


class ConditionWay(Config):
    """One way and who takes it."""

    name: PortName = Field(title="标识 | Key")
    label: str = Field(title="名称 | Name", min_length=1, max_length=100)
    condition: str = Field(
        title="条件 | Condition",
        min_length=1,
        max_length=8000,
        json_schema_extra={"x-ui": {"widget": "expression", "scope": {"customer": "customer", "event": "@entry"}}},
    )


class ConditionConfig(Ways):
    """The ways in order; the first whose condition holds is taken."""

    ways: tuple[ConditionWay, ...] = Field(title="分支 | Ways", min_length=1, max_length=PORTS_MAX - 1)


class ConditionKind(NodeKind[ConditionConfig]):
    kind = "decide.condition"
    for_customer = False
    group = Group.DECIDE
    label = Label("条件分支", "Conditions")
    help = Label(
        "按顺序判断每个条件，客户走第一个成立的分支；都不成立则走“其他人”。",
        "Conditions are asked in order; the customer takes the first way that fits, otherwise “everyone else”.",
    )
    icon = "branch"
    config = ConditionConfig

    def ports(self, config: ConditionConfig) -> tuple[Port, ...]:
        return (*(Port(way.name, Label(way.label, way.label)) for way in config.ways), ELSE)

    def check(self, config: ConditionConfig, ctx: CheckContext) -> Iterable[Finding]:
        for index, way in enumerate(config.ways):
            yield from ctx.expression(way.condition, f"ways[{index}].condition")

    def fragment(self, config: ConditionConfig, ctx: CompileContext) -> Fragment:
        ways = [ctx.expression(way.condition, f"w{index}") for index, way in enumerate(config.ways)]
        cases = " ".join(f"when {one.sql} then {index}" for index, one in enumerate(ways))
        params: dict[str, object] = {}
        for one in ways:
            params |= one.params
        return Fragment(
            port="r.way",
            columns={"way": f"(case {cases} else {len(ways)} end)::smallint", "read": reads_sql(*ways)},
            joins=joined(*ways),
            facts="r.read",
            params=params,
        )


class SplitArm(Config):
    """One arm and its share."""

    name: PortName = Field(title="标识 | Key")
    label: str = Field(title="名称 | Name", min_length=1, max_length=100)
    share: Decimal = Field(title="占比 % | Share %", ge=0, le=100, decimal_places=2)


def arm_ports(arms: Sequence[SplitArm]) -> tuple[Port, ...]:
    """A way out for each arm."""
    return tuple(Port(arm.name, Label(arm.label, arm.label)) for arm in arms)


def arm_drawn(arms: Sequence[SplitArm]) -> str:
    """SQL for the place of the arm into whose share `h.point` falls, a whole number from 0 to 9,999."""
    edges = [sum(int(arm.share * 100) for arm in arms[: index + 1]) for index in range(len(arms))]
    cases = " ".join(f"when h.point < {edge} then {index}" for index, edge in enumerate(edges))
    return f"case {cases} else {len(edges) - 1} end"


class SplitConfig(Config):
    """Arms whose shares add up to 100."""

    arms: tuple[SplitArm, ...] = Field(title="分组 | Arms", min_length=2, max_length=20)
    experiment: str = Field(default="", title="实验名（相同名称共用分组）| Experiment", max_length=80)

    @model_validator(mode="after")
    def _shares_add_up(self) -> SplitConfig:
        names = [arm.name for arm in self.arms]
        if len(set(names)) != len(names):
            raise ValueError("two arms have the same key")
        if sum(arm.share for arm in self.arms) != 100:
            raise ValueError("the shares must add up to 100")
        return self


def arm_of(config: SplitConfig, experiment: str, subject: object) -> int:
    """The arm that chance gives a subject: the same one every time, whoever asks."""
    point = int(hashlib.md5(f"{experiment}{subject}".encode(), usedforsecurity=False).hexdigest()[:7], 16) % 10_000
    edge = 0
    for index, arm in enumerate(config.arms):
        edge += int(arm.share * 100)
        if point < edge:
            return index
    return len(config.arms) - 1


class SplitKind(NodeKind[SplitConfig]):
    kind = "decide.split"
    for_customer = False
    group = Group.DECIDE
    experiment = True
    label = Label("A/B 分流", "A/B split")
    help = Label(
        "按比例随机分组。同一客户在同一实验中始终在同一组，再次进入或调整比例也不变。",
        "Divides by chance in fixed shares. A customer keeps her arm for good, over re-entry and changed shares.",
    )
    icon = "split"
    config = SplitConfig

    def ports(self, config: SplitConfig) -> tuple[Port, ...]:
        return arm_ports(config.arms)

    def fragment(self, config: SplitConfig, ctx: CompileContext) -> Fragment:
        # Seven hexadecimal digits of md5, the same in SQL and in `arm_of`; hashtext() may differ between versions of PostgreSQL.
        return Fragment(
            joins="left join flow_arm a on a.bucket = r.bucket and a.subject_id = r.subject_id and a.experiment = %(experiment)s"
            " and a.tenant_id = %(tenant)s cross join lateral (select"
            " ('x' || left(md5(%(experiment)s::text || r.subject_id::text), 7))::bit(28)::int %% 10000 as point) h",
            columns={
                "drawn": f"coalesce(array_position(%(names)s::text[], a.port) - 1, {arm_drawn(config.arms)})::smallint",
                "known": "a.port is not null",
            },
            effects={
                "kept": "insert into flow_arm (bucket, subject_id, experiment, tenant_id, customer_id, origin_id, port)"
                " select r.bucket, r.subject_id, %(experiment)s, %(tenant)s, r.customer_id, r.origin_id, (%(names)s::text[])[r.drawn + 1]"
                " from {rows} r where not r.known on conflict (bucket, subject_id, experiment) do nothing",
            },
            port="r.drawn",
            arm=f"{ctx.block_number * 64} + r.drawn",
            facts="jsonb_build_object('arm', (%(names)s::text[])[r.drawn + 1])",
            params={
                "experiment": config.experiment or f"{ctx.flow_id}:{ctx.block}",
                "names": [arm.name for arm in config.arms],
            },
        )
