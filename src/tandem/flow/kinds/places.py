"""Blocks that choose a way by place: region, geofence, store."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from tandem.catalog.label import Label
from tandem.flow.expressions import customer_join
from tandem.flow.kinds.choose import WAYS_MAX, empty_ways, way_ports
from tandem.flow.kinds.decide import PortName, Ways
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


class RegionWay(Config):
    """One way and its provinces, cities or counties."""

    name: PortName = Field(title="标识 | Key")
    label: str = Field(title="名称 | Name", min_length=1, max_length=100)
    codes: tuple[Annotated[str, Field(pattern=r"^\d{6}$")], ...] = Field(
        default=(),
        title="省、市、区县 | Provinces, cities, counties",
        max_length=100,
        json_schema_extra={"x-ui": {"widget": "divisions"}},
    )


class RegionConfig(Ways):
    """Regions in order; the first that she lives in is taken."""

    ways: tuple[RegionWay, ...] = Field(title="地区 | Regions", min_length=1, max_length=WAYS_MAX)


class _ByCondition(NodeKind[Any]):
    """Ways that are conditions in disguise."""

    group = Group.DECIDE

    def ports(self, config: Any) -> tuple[Port, ...]:
        return way_ports(config.ways)

    def condition(self, way: Any) -> str:
        """The condition of a way as an expression."""
        raise NotImplementedError

    def fragment(self, config: Any, ctx: CompileContext) -> Fragment:
        ways = [ctx.expression(self.condition(way), f"w{index}") for index, way in enumerate(config.ways)]
        cases = " ".join(f"when {one.sql} then {index}" for index, one in enumerate(ways))
        params: dict[str, Any] = {}
        for one in ways:
            params |= one.params
        return Fragment(
            joins=joined(*ways),
            columns={"way": f"(case {cases} else {len(ways)} end)::smallint", "read": reads_sql(*ways)},
            port="r.way",
            facts="r.read",
            params=params,
        )


class RegionKind(_ByCondition):
    kind = "decide.region"
    label = Label("按地区分流", "By region")
    help = Label(
        "按客户所在的省、市、区县（行政区划）分流，上级地区包含下级。",
        "By the province, city or county the customer lives in; a region holds those within it.",
    )
    icon = "region"
    config = RegionConfig

    def condition(self, way: RegionWay) -> str:
        return " or ".join(f"in_region(customer.division, '{code}')" for code in way.codes) or "false"

    def check(self, config: RegionConfig, ctx: CheckContext) -> Iterable[Finding]:
        del ctx
        yield from empty_ways(config.ways, "codes")


class FenceWay(Config):
    """One way and its geofence."""

    name: PortName = Field(title="标识 | Key")
    label: str = Field(title="名称 | Name", min_length=1, max_length=100)
    area: str = Field(
        default="",
        title="地理围栏 | Geofence",
        pattern=r"^(geofence:[^'\"\\]{1,100})?$",
        json_schema_extra={"x-ui": {"widget": "geofence"}},
    )


class FenceConfig(Ways):
    """Geofences in order; the first that holds her is taken."""

    ways: tuple[FenceWay, ...] = Field(title="围栏 | Geofences", min_length=1, max_length=WAYS_MAX)


class FenceKind(_ByCondition):
    kind = "decide.geofence"
    label = Label("按地理围栏分流", "By geofence")
    help = Label("按客户的位置落在哪个地理围栏内分流。", "By the geofence that holds the customer's location.")
    icon = "geofence"
    config = FenceConfig

    def condition(self, way: FenceWay) -> str:
        return f"within(customer.location, '{way.area}')" if way.area else "false"

    def check(self, config: FenceConfig, ctx: CheckContext) -> Iterable[Finding]:
        yield from empty_ways(config.ways, "area")
        known = set(
            ctx.tx.values(
                "select 'geofence:' || name from geofence where tenant_id = %(tenant)s", {"tenant": ctx.tx.tenant_id}
            )
        )
        for index, one in enumerate(config.ways):
            if one.area and one.area not in known:
                yield Finding(
                    "geofence_missing",
                    Label(f"没有围栏 {one.area}", f"There is no {one.area}"),
                    Label("请选择已有的围栏，或先画一个", "Choose an existing one, or draw it first"),
                    f"ways[{index}].area",
                )
            elif one.area:
                yield from ctx.expression(self.condition(one), f"ways[{index}].area")


class StoreWay(Config):
    """One way and its stores."""

    name: PortName = Field(title="标识 | Key")
    label: str = Field(title="名称 | Name", min_length=1, max_length=100)
    stores: tuple[UUID, ...] = Field(
        default=(), title="门店 | Stores", max_length=500, json_schema_extra={"x-ui": {"widget": "stores"}}
    )


class StoreConfig(Ways):
    """Stores in order; the first that is hers is taken."""

    ways: tuple[StoreWay, ...] = Field(title="门店 | Stores", min_length=1, max_length=WAYS_MAX)


class StoreKind(NodeKind[StoreConfig]):
    kind = "decide.store"
    group = Group.DECIDE
    label = Label("按门店分流", "By store")
    help = Label("按客户归属的门店分流。", "By the store the customer belongs to.")
    icon = "store"
    config = StoreConfig

    def ports(self, config: StoreConfig) -> tuple[Port, ...]:
        return way_ports(config.ways)

    def check(self, config: StoreConfig, ctx: CheckContext) -> Iterable[Finding]:
        yield from empty_ways(config.ways, "stores")
        known = set(ctx.tx.values("select id from org_unit where tenant_id = %(tenant)s", {"tenant": ctx.tx.tenant_id}))
        for index, one in enumerate(config.ways):
            if set(one.stores) - known:
                yield Finding(
                    "store_missing",
                    Label("有门店已不存在", "A store does not exist any more"),
                    Label("请重新选择门店", "Choose the stores again"),
                    f"ways[{index}].stores",
                )

    def fragment(self, config: StoreConfig, ctx: CompileContext) -> Fragment:
        cases = " ".join(
            f"when c.store_id = any(%(s{index})s::uuid[]) then {index}" for index in range(len(config.ways))
        )
        return Fragment(
            joins=customer_join(ctx.catalog),
            columns={"way": f"(case {cases} else {len(config.ways)} end)::smallint", "store": "c.store_id"},
            port="r.way",
            facts="jsonb_build_object('store_id', r.store)",
            params={f"s{index}": list(one.stores) for index, one in enumerate(config.ways)},
        )
