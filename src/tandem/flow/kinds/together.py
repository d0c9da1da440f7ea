"""Blocks that do several things at once: parallel branches that meet again, and the same for each related thing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, Final

from pydantic import Field, model_validator

from tandem.catalog import Catalog
from tandem.catalog.label import Label
from tandem.flow.kin import BRANCH
from tandem.flow.kinds.limbs import DEADLINE, NOT_OVER, TIMEOUT, brought, done, filed, noted, out
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
from tandem.flow.related import asked, rows_of
from tandem.flow.subjects import CUSTOMER

PortName = Annotated[str, Field(pattern=r"^[a-z0-9_]{1,40}$")]
TOGETHER = Port("done", Label("全部完成", "All done"))
BRANCHES_MAX = 20
EACH_MAX = 200


class Branch(Config):
    """One branch."""

    name: PortName = Field(title="标识 | Key")
    label: str = Field(title="名称 | Name", min_length=1, max_length=100)


class ParallelConfig(Config):
    """The branches, how many must be done, and how long to wait for them."""

    branches: tuple[Branch, ...] = Field(title="分支 | Branches", min_length=2, max_length=BRANCHES_MAX)
    enough: int = Field(
        default=0,
        ge=0,
        le=BRANCHES_MAX,
        title="几条完成就继续（0 为全部）| Go on after so many (0: all)",
        json_schema_extra={"x-ui": {"help": {"zh": "其余分支随之结束。", "en": "The other branches end then."}}},
    )
    timeout: Span | None = Field(
        default=None, title="最长等待 | Time-out", json_schema_extra={"x-ui": {"widget": "duration"}}
    )

    @model_validator(mode="after")
    def _names_differ(self) -> ParallelConfig:
        names = [one.name for one in self.branches]
        if len(set(names)) != len(names) or {TOGETHER.name, TIMEOUT.name} & set(names):
            raise ValueError("two branches have the same key, or one is called done or timeout")
        return self


class ParallelKind(NodeKind[ParallelConfig]):
    kind = "flow.parallel"
    for_customer = False
    group = Group.FLOW
    role = Role.WAIT
    branches = True
    own_ports = (TOGETHER.name, TIMEOUT.name)
    label = Label("并行分支", "Parallel branches")
    help = Label(
        "各分支同时进行，每条分支以“分支会合”结束；全部（或设定的条数）完成后，客户从“全部完成”继续，只继续一次。",
        "The branches go on at the same time, each ends in a join; when all of them (or as many as set) are done the customer goes on by “all done”, once.",
    )
    icon = "parallel"
    config = ParallelConfig

    def ports(self, config: ParallelConfig) -> tuple[Port, ...]:
        return (*(Port(one.name, Label(one.label, one.label)) for one in config.branches), TOGETHER, TIMEOUT)

    def check(self, config: ParallelConfig, ctx: CheckContext) -> Iterable[Finding]:
        del ctx
        if config.timeout is not None:
            yield from too_long(config.timeout, "timeout")
        if config.enough > len(config.branches):
            yield Finding(
                "parallel_enough",
                Label("要求完成的条数多于分支数", "More branches must be done than there are"),
                Label(f"请改为不超过 {len(config.branches)}", f"Ask for at most {len(config.branches)}"),
                "enough",
            )

    def fragment(self, config: ParallelConfig, ctx: CompileContext) -> Fragment:
        led = [(limb, ctx.enters(one.name)) for limb, one in enumerate(config.branches)]
        calls = ", ".join(f"({limb}::smallint, {to}::int)" for limb, to in led if to is not None)
        wake = "null" if config.timeout is None else wake_sql(config.timeout)
        rows = f"select r.*, x.limb, x.\"to\", coalesce(r.vars, '{{}}'::jsonb) - 'deadline' as child_vars from {{rows}} r cross join (values {calls}) x(limb, \"to\")"
        enough = f"({out()} = 0" + (f" or {done()} >= {config.enough})" if config.enough else ")")
        count = len(config.branches)
        return Fragment(
            wake_at=wake if calls else "%(now)s",
            arrival_vars=noted(wake),
            on_arrival=filed(rows, kin=BRANCH) if calls else {},
            stay=f"not {enough} and {NOT_OVER}",
            stay_until=DEADLINE,
            columns={"enough": enough, "through": done()},
            port=f"case when r.enough then {count} else {count + 1} end",
            vars=brought(),
            facts="jsonb_build_object('done', r.through)",
            params={} if config.timeout is None else span_params(config.timeout, ctx.zone),
        )


class JoinConfig(Config):
    """A word for the statistics."""

    name: str = Field(default="", title="名称 | Name", max_length=200)


class JoinKind(NodeKind[JoinConfig]):
    kind = "flow.join"
    for_customer = False
    group = Group.FLOW
    role = Role.END
    label = Label("分支会合", "Join")
    help = Label(
        "分支在这里结束；客户本人从“并行分支”或“逐个处理”的“全部完成”继续。",
        "A branch ends here; the customer goes on by “all done” of the block that began the branches.",
    )
    icon = "join"
    config = JoinConfig

    def ports(self, config: JoinConfig) -> tuple[Port, ...]:
        del config
        return ()

    def fragment(self, config: JoinConfig, ctx: CompileContext) -> Fragment:
        del config, ctx
        return Fragment()


_SCOPE: Final[dict[str, Any]] = {"customer": "customer", "event": "@entry"}


class ForEachConfig(Config):
    """Each of what, at most how many, how long to wait for them."""

    relation: str = Field(
        title="逐个处理 | For each of",
        min_length=1,
        max_length=80,
        json_schema_extra={"x-ui": {"widget": "relation", "scope": _SCOPE}},
    )
    where: str = Field(
        default="",
        title="只处理满足条件的 | Only those for which",
        max_length=4000,
        json_schema_extra={"x-ui": {"widget": "relation_where", "of": "relation", "scope": _SCOPE}},
    )
    most: int = Field(
        default=20,
        ge=1,
        le=EACH_MAX,
        title="最多处理几个（有时间的，最近的优先）| At most (latest first, where they have a time)",
    )
    timeout: Span | None = Field(
        default=None, title="最长等待 | Time-out", json_schema_extra={"x-ui": {"widget": "duration"}}
    )


EACH = Port("each", Label("每一个", "Each"))
NONE = Port("none", Label("一个也没有", "There is none"), optional=True, otherwise=TOGETHER.name)


class ForEachKind(NodeKind[ForEachConfig]):
    kind = "flow.for_each"
    for_customer = False
    group = Group.FLOW
    role = Role.WAIT
    branches = True
    own_ports = (TOGETHER.name, NONE.name, TIMEOUT.name)
    label = Label("逐个处理", "For each")
    help = Label(
        "对订单的每一行、客户名下的每一张券等各走一遍“每一个”分支（其中的条件可用 item. 读取它的内容），都完成后继续。",
        "Goes by “each” once for every line of the order, coupon of the customer and the like (conditions there read it as item.), and on when all are done.",
    )
    icon = "for-each"
    config = ForEachConfig

    def ports(self, config: ForEachConfig) -> tuple[Port, ...]:
        del config
        return (EACH, TOGETHER, NONE, TIMEOUT)

    def asks_customer(self, config: ForEachConfig, catalog: Catalog) -> bool:
        of = catalog.relations.get(config.relation)
        return of is None or of.from_entity == CUSTOMER

    def each_of(self, config: ForEachConfig) -> str | None:
        return config.relation

    def check(self, config: ForEachConfig, ctx: CheckContext) -> Iterable[Finding]:
        if config.timeout is not None:
            yield from too_long(config.timeout, "timeout")
        yield from ctx.expression(asked(config.relation, config.where), "where" if config.where.strip() else "relation")

    def fragment(self, config: ForEachConfig, ctx: CompileContext) -> Fragment:
        found = rows_of(ctx.scope, config.relation, config.where, subject=ctx.subject, prefix="each_", zone=ctx.zone)
        to = ctx.enters(EACH.name)
        wake = "null" if config.timeout is None else wake_sql(config.timeout)
        rows = (
            f'select r.*, i.place::int as limb, {to or 0} as "to",'
            " coalesce(r.vars, '{}'::jsonb) - 'deadline' || jsonb_build_object('item', i.item, 'item_place', i.place) as child_vars"
            f" from {{rows}} r {found.whose} cross join lateral {found.lateral} i"
        )
        there = f"exists (select from {found.lateral} i)"
        return Fragment(
            wake_at="%(now)s" if to is None else f"case when {there} then {wake} else %(now)s::timestamptz end",
            arrival_joins=found.whose,
            arrival_vars=noted(wake),
            on_arrival={} if to is None else filed(rows, kin=BRANCH),
            stay=f"{out()} > 0 and {NOT_OVER}",
            stay_until=DEADLINE,
            columns={"left_out": out(), "through": done()},
            port="case when r.left_out > 0 then 3 when r.through > 0 then 1 else 2 end",
            vars=brought(),
            facts="jsonb_build_object('done', r.through)",
            params={
                "most": config.most,
                **found.params,
                **({} if config.timeout is None else span_params(config.timeout, ctx.zone)),
            },
        )
