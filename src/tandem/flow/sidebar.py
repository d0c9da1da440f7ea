"""Flows that may be started beside a chat: which there are, and one is started for a customer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from tandem.access import audit
from tandem.flow.kinds.start_more import ENTRY
from tandem.flow.kinds.start_sidebar import SidebarConfig, SidebarStart
from tandem.flow.people import filled
from tandem.kernel.db import Tx
from tandem.kernel.errors import Detail, InvalidInput, NotFound
from tandem.kernel.ids import bucket_of
from tandem.stream.events import NewEvent
from tandem.stream.inbox import emit


@dataclass(frozen=True, slots=True)
class _Row:
    flow_id: UUID
    name: str
    block: str
    config: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Offer:
    """A flow that its author lets colleagues start, by one of its starts."""

    flow_id: UUID
    block: str
    title: str
    config: SidebarConfig


_OFFERS: Final = """
select f.id as flow_id, f.name, b ->> 'id' as block, coalesce(b -> 'config', '{}'::jsonb) as config
from flow as f join flow_version as v on v.tenant_id = %(tenant)s and v.id = f.current_version_id
cross join lateral jsonb_array_elements(v.graph -> 'blocks') as b
where f.tenant_id = %(tenant)s and f.status = 'running' and b ->> 'kind' = %(kind)s
order by f.name, 3 limit 500
"""


def offers(tx: Tx) -> list[Offer]:
    """Flows that can be started beside a chat now, by name."""
    rows = tx.all(_Row, _OFFERS, {"tenant": tx.tenant_id, "kind": SidebarStart.kind})
    found = [(one, SidebarConfig.model_validate(one.config)) for one in rows]
    return [Offer(one.flow_id, one.block, config.title or one.name, config) for one, config in found]


def start(tx: Tx, flow_id: UUID, block: str, customer_id: UUID, answers: Mapping[str, Any]) -> None:
    """Ask a customer into a flow; its own rules of re-entry decide. The caller has made sure that she may be seen.

    Raises NotFound for a flow that is not offered (any more), InvalidInput for answers that do not fit.
    """
    offer = next((one for one in offers(tx) if (one.flow_id, one.block) == (flow_id, block)), None)
    if offer is None:
        raise NotFound("flow_not_offered", "这个流程不能从侧边栏启动了。", "This flow cannot be started here any more.")
    payload = {
        "flow_id": str(flow_id), "block": block, "way": SidebarStart.way, "by": str(tx.user_id) if tx.user_id else None,
        "data": _checked(offer.config, answers),
    }  # fmt: skip
    emit(tx, [NewEvent(type=ENTRY, bucket=bucket_of(customer_id), customer_id=customer_id, occurred_at=tx.now, payload=payload)])  # fmt: skip
    audit.record(tx, "flow.asked_in", "flow", flow_id, after={"customers": 1, "way": SidebarStart.way})


def _checked(config: SidebarConfig, answers: Mapping[str, Any]) -> dict[str, Any]:
    unknown = sorted(set(answers) - {one.name for one in config.inputs})
    found = filled([{"name": one.name, "type": one.type} for one in config.inputs], answers)
    wrong = [Detail(f"values.{one}", "没有问这一项", "this is not asked") for one in unknown]
    for one in config.inputs:
        value = found.get(one.name)
        if one.required and value is None:
            wrong.append(Detail(f"values.{one.name}", f"请填写“{one.label}”", f"{one.label}: please answer"))
        elif value is not None and one.options and str(value) not in one.options:
            wrong.append(Detail(f"values.{one.name}", "请从可选项中选", f"{one.label}: choose one of the options"))
    if wrong:
        raise InvalidInput("form_values", "有表单项填写得不对。", "Some fields do not fit.", details=tuple(wrong))
    return found
