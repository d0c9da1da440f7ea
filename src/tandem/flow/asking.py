"""Customers are asked into a flow: by a colleague, from a list, by another system. Each gets an event, and the flow's own rules decide."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from tandem.access import audit
from tandem.flow.kinds.start_more import ENTRY, CallStart, HandStart
from tandem.flow.service import get_flow
from tandem.kernel.db import Tx
from tandem.kernel.errors import Conflict
from tandem.kernel.ids import bucket_of
from tandem.stream.events import LANE_NORMAL, NewEvent
from tandem.stream.inbox import emit
from tandem.stream.segment.lists import visible


def ask_in(
    tx: Tx, flow_id: UUID, customers: Sequence[UUID], *, block: str | None = None, data: Mapping[str, Any] | None = None
) -> int:
    """Ask customers whom the caller may see into a running flow; returns how many were asked.

    Raises NotFound, InvalidInput past 5,000 customers, Conflict for a flow that does not run or cannot be entered so.
    """
    flow = get_flow(tx, flow_id)
    if flow.status != "running":
        raise Conflict("flow_status", "流程没有在运行。", "The flow is not running.")
    kinds: set[str] = set(
        tx.values(
            "select b ->> 'kind' from flow_version v cross join lateral jsonb_array_elements(v.graph -> 'blocks') b"
            " where v.tenant_id = %(tenant)s and v.id = %(version)s and (%(block)s::text is null or b ->> 'id' = %(block)s)",
            {"tenant": tx.tenant_id, "version": flow.current_version_id, "block": block},
        )
    )
    # A colleague comes by a session, another system by a key: whoever may use both starts gets the one that is there.
    ways = [kind.way for kind in (HandStart(), CallStart()) if kind.kind in kinds]
    if not ways:
        raise Conflict(
            "flow_not_entered_so",
            "这个流程没有“人工加入”或“接口调用时”的开始。",
            "This flow has no start by hand or by an API call.",
        )
    seen = visible(tx, list(dict.fromkeys(customers)))
    way = ways[-1] if tx.user_id is None else ways[0]
    payload = {
        "flow_id": str(flow_id),
        "block": block,
        "way": way,
        "by": str(tx.user_id) if tx.user_id else None,
        "data": {name: value for name, value in (data or {}).items() if value is not None},
    }
    asked = emit(
        tx,
        [
            NewEvent(
                type=ENTRY,
                bucket=bucket_of(one),
                customer_id=one,
                occurred_at=tx.now,
                payload=payload,
                lane=LANE_NORMAL if len(seen) > 1 else 0,
            )
            for one in seen
        ],
    )
    audit.record(tx, "flow.asked_in", "flow", flow_id, after={"customers": asked, "way": way})
    return asked
