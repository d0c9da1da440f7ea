"""Stores' own values for a flow: what may be set, what each store has set, and setting it within the limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from psycopg.types.json import Jsonb

from tandem.access import audit
from tandem.flow.graph import parse_graph
from tandem.flow.kinds.store_settings import KIND, Setting, StoreSettingsConfig
from tandem.flow.service import get_flow, published_graph
from tandem.kernel.db import Tx
from tandem.kernel.errors import Detail, Forbidden, InvalidInput, NotFound

Given = str | bool | Decimal
_OPEN: Final = ("running", "paused", "draining")
"""What stores are concerned with: a draft is head office's own, and what has stopped is over."""


@dataclass(frozen=True, slots=True)
class StoreValues:
    """A store and what it has set."""

    store_id: UUID
    code: str
    name: str
    values: dict[str, Any]
    updated_at: datetime | None
    updated_by: str | None


@dataclass(frozen=True, slots=True)
class OpenFlow:
    """A published flow in which stores may set something; `adapted`: how many stores of the caller's scope have."""

    id: UUID
    name: str
    status: str
    adapted: int


def open_flows(tx: Tx, *, after: str | None, limit: int) -> list[OpenFlow]:
    """Flows whose current version reads stores' values, by id; a draft or a flow that has stopped is nobody's to adapt."""
    return tx.all(
        OpenFlow,
        "select f.id, f.name, f.status, (select count(*) from flow_store_setting s where s.tenant_id = %(tenant)s and s.flow_id = f.id"
        " and s.values <> '{}'::jsonb and (%(all)s or s.store_id = any(%(stores)s::uuid[])))::int as adapted"
        " from flow f join flow_version v on v.tenant_id = %(tenant)s and v.id = f.current_version_id"
        " where f.tenant_id = %(tenant)s and f.status = any(%(open)s)"
        " and jsonb_path_exists(v.graph, '$.blocks[*] ? (@.kind == $kind)', %(vars)s)"
        " and (%(after)s::uuid is null or f.id > %(after)s::uuid) order by f.id limit %(limit)s",
        {
            "tenant": tx.tenant_id,
            "vars": Jsonb({"kind": KIND}),
            "open": list(_OPEN),
            "after": after,
            "limit": limit,
            **_scope(tx),
        },
    )


def settings_of(tx: Tx, flow_id: UUID, *, drawer: bool = False) -> dict[str, Setting]:
    """What stores may set by the version that is current; of a name used twice the first counts. Who draws flows (`drawer`) sees what
    has stopped and, before anything is published, the draft too. Raises NotFound.
    """
    flow = get_flow(tx, flow_id)
    if not drawer and flow.status not in _OPEN:
        raise NotFound("flow_missing", "没有这个流程，或已被删除。", "There is no such flow, or it was deleted.")
    graph = parse_graph(published_graph(tx, flow))
    found: dict[str, Setting] = {}
    for block in graph.blocks:
        if block.kind == KIND:
            for one in StoreSettingsConfig.model_validate(block.config).settings:
                found.setdefault(one.name, one)
    return found


def stores(tx: Tx, flow_id: UUID) -> list[StoreValues]:
    """Every store that the caller's scope holds, by code, with its values."""
    return tx.all(
        StoreValues,
        "select o.id as store_id, coalesce(o.code, '') as code, o.name, coalesce(s.values, '{}'::jsonb) as values, s.updated_at,"
        " u.name as updated_by from org_unit o"
        " left join flow_store_setting s on s.tenant_id = %(tenant)s and s.flow_id = %(flow)s and s.store_id = o.id"
        " left join staff_user u on u.tenant_id = %(tenant)s and u.id = s.updated_by"
        " where o.tenant_id = %(tenant)s and o.kind = 'store' and (%(all)s or o.id = any(%(stores)s::uuid[])) order by code, o.id",
        {"tenant": tx.tenant_id, "flow": flow_id, **_scope(tx)},
    )


def adapt(tx: Tx, flow_id: UUID, store_id: UUID, values: Mapping[str, Given], *, drawer: bool = False) -> StoreValues:
    """A store's values from now on; names left out go back to head office's. Runs read them as they come to the block.

    `drawer` as for `settings_of`. Raises NotFound, Forbidden for a store outside the caller's scope, InvalidInput naming each value that is
    not allowed.
    """
    if tx.scope.kind != "all" and store_id not in tx.scope.store_ids:
        raise Forbidden("out_of_scope", "只能设置自己的门店。", "Only stores of your own can be set.")
    known = settings_of(tx, flow_id, drawer=drawer)
    problems = [problem for name, given in values.items() for problem in _wrong(known.get(name), name, given)]
    if problems:
        raise InvalidInput(
            "store_setting_refused",
            "有些设置超出了总部允许的范围。",
            "Some values are outside the limits.",
            details=tuple(problems),
        )
    before = next((one for one in stores(tx, flow_id) if one.store_id == store_id), None)
    if before is None:
        raise NotFound("store_missing", "没有这家门店。", "There is no such store.")
    kept = {name: _plain(given) for name, given in values.items()}
    tx.execute(
        "insert into flow_store_setting (tenant_id, flow_id, store_id, values, updated_at, updated_by)"
        " values (%(tenant)s, %(flow)s, %(store)s, %(values)s, %(at)s, %(user)s)"
        " on conflict (tenant_id, flow_id, store_id) do update set values = excluded.values, updated_at = excluded.updated_at,"
        " updated_by = excluded.updated_by",
        {
            "tenant": tx.tenant_id,
            "flow": flow_id,
            "store": store_id,
            "values": Jsonb(kept),
            "at": tx.now,
            "user": tx.user_id,
        },
    )
    audit.record(
        tx, "flow.adapted", "flow", flow_id, {"name": before.name, **before.values}, {"name": before.name, **kept}
    )
    return next(one for one in stores(tx, flow_id) if one.store_id == store_id)


def _scope(tx: Tx) -> dict[str, Any]:
    return {"all": tx.scope.kind == "all", "stores": list(tx.scope.store_ids)}


def _wrong(setting: Setting | None, name: str, given: Given) -> list[Detail]:
    if setting is None:
        return [Detail(f"values.{name}", "总部没有开放这一项", "head office has not opened this")]
    kinds: dict[str, type] = {"text": str, "bool": bool, "number": Decimal}
    if type(given) is not kinds[setting.type]:
        return [Detail(f"values.{name}", "类型不对", f"should be a {setting.type}")]
    if setting.fitted(given) == given:
        return []
    if setting.type == "text":
        return [Detail(f"values.{name}", f"最多 {setting.length} 个字", f"{setting.length} characters at most")]
    low = "-∞" if setting.least is None else str(setting.least)
    high = "∞" if setting.most is None else str(setting.most)
    return [Detail(f"values.{name}", f"应在 {low} 到 {high} 之间", f"between {low} and {high}")]


def _plain(given: Given) -> str | bool | int | float:
    if isinstance(given, Decimal):
        return int(given) if given == given.to_integral_value() else float(given)
    return given
