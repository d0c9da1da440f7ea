"""The block that learns which way works best, and sends more people there."""

from __future__ import annotations

from decimal import Decimal

from pydantic import Field, model_validator

from tandem.catalog.label import Label
from tandem.flow.bandit import KIND, WHOLE
from tandem.flow.kinds.decide import PortName
from tandem.flow.node import (
    CompileContext,
    Config,
    Fragment,
    Group,
    NodeKind,
    Port,
)


class BanditArm(Config):
    """One arm."""

    name: PortName = Field(title="标识 | Key")
    label: str = Field(title="名称 | Name", min_length=1, max_length=100)


class BanditConfig(Config):
    """The arms, and how many each gets at least."""

    arms: tuple[BanditArm, ...] = Field(title="分组 | Arms", min_length=2, max_length=20)
    least: Decimal = Field(
        default=Decimal(5),
        ge=0,
        le=50,
        decimal_places=2,
        title="每组至少 % | Each at least %",
        json_schema_extra={
            "x-ui": {
                "help": {
                    "zh": "留给暂时落后的组，免得一开始的运气决定一切。",
                    "en": "Kept for arms that are behind, so that early luck does not decide.",
                }
            }
        },
    )

    @model_validator(mode="after")
    def _fits(self) -> BanditConfig:
        if len({arm.name for arm in self.arms}) != len(self.arms):
            raise ValueError("two arms have the same key")
        if self.least * len(self.arms) > 100:
            raise ValueError("the least shares add up to more than 100")
        return self


class BanditKind(NodeKind[BanditConfig]):
    kind = KIND
    for_customer = False
    group = Group.DECIDE
    experiment = True
    label = Label("智能分流", "Bandit")
    help = Label(
        "先均分，再按达成目标的情况每分钟自动调整：效果越好的组分到越多新客户（汤普森采样）。同一客户始终在同一组。",
        "Begins evenly and then moves shares each minute to the arms that reach the goal more often (Thompson sampling). A customer keeps her arm.",
    )
    icon = "bandit"
    config = BanditConfig

    def ports(self, config: BanditConfig) -> tuple[Port, ...]:
        return tuple(Port(arm.name, Label(arm.label, arm.label)) for arm in config.arms)

    def fragment(self, config: BanditConfig, ctx: CompileContext) -> Fragment:
        even = ", ".join(f"'{arm.name}', {WHOLE // len(config.arms)}" for arm in config.arms)
        return Fragment(
            joins="left join flow_arm a on a.bucket = r.bucket and a.subject_id = r.subject_id and a.experiment = %(experiment)s"
            " and a.tenant_id = %(tenant)s"
            " cross join (select coalesce(max(l.version), 0) as version, coalesce((array_agg(l.shares order by l.version desc))[1], jsonb_build_object("
            f"{even})) as shares from (select version, shares from flow_allocation where tenant_id = %(tenant)s and experiment = %(experiment)s"
            " order by version desc limit 1) l) s"
            " cross join lateral (select ('x' || left(md5(%(experiment)s::text || r.subject_id::text), 7))::bit(28)::int %% 10000 as point) h"
            " cross join lateral (select coalesce(min(e.place) filter (where e.edge > h.point), cardinality(%(names)s::text[])) as place from ("
            "select n.place, sum(coalesce((s.shares ->> n.name)::int, 0)) over (order by n.place) as edge"
            " from unnest(%(names)s::text[]) with ordinality n(name, place)) e) d",
            columns={
                "drawn": "(coalesce(array_position(%(names)s::text[], a.port), d.place) - 1)::smallint",
                "known": "a.port is not null",
                "allocation": "s.version",
            },
            effects={
                "kept": "insert into flow_arm (bucket, subject_id, experiment, tenant_id, customer_id, origin_id, port)"
                " select r.bucket, r.subject_id, %(experiment)s, %(tenant)s, r.customer_id, r.origin_id, (%(names)s::text[])[r.drawn + 1]"
                " from {rows} r where not r.known on conflict (bucket, subject_id, experiment) do nothing",
            },
            port="r.drawn",
            arm=f"{ctx.block_number * 64} + r.drawn",
            facts="jsonb_build_object('arm', (%(names)s::text[])[r.drawn + 1], 'allocation', r.allocation)",
            params={"experiment": f"{ctx.flow_id}:{ctx.block}", "names": [arm.name for arm in config.arms]},
        )
