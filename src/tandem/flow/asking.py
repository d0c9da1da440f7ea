"""Customers, or things, are asked into a flow: by a colleague, from a list, by another system.

Each gets an event, and the flow's own rules decide.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from tandem.access import audit
from tandem.catalog import Catalog
from tandem.flow.kinds.start_more import ENTRY, CallStart, HandStart
from tandem.flow.service import get_flow
from tandem.flow.subjects import CUSTOMER, Home, entity_of, homes
from tandem.kernel.db import Tx
from tandem.kernel.errors import Conflict
from tandem.kernel.ids import bucket_of
from tandem.stream.events import LANE_NORMAL, NewEvent
from tandem.stream.inbox import emit
from tandem.stream.segment.lists import visible


def ask_in(
    tx: Tx,
    flow_id: UUID,
    customers: Sequence[UUID],
    things: Sequence[UUID] = (),
    *,
    block: str | None = None,
    data: Mapping[str, Any] | None = None,
    catalog: Catalog | None = None,
) -> int:
    """Ask those of these customers (or things, where the flow is about such) that the caller may see into a running flow.

    Returns how many.

    Raises NotFound, InvalidInput past 5,000, Conflict for a flow that does not run or cannot be entered so. A flow about things needs the
    catalog.
    """
    flow = get_flow(tx, flow_id)
    if flow.status != "running":
        raise Conflict("flow_status", "流程没有在运行。", "The flow is not running.")
    ways = _ways(tx, flow.current_version_id, block)
    if not ways:
        raise Conflict(
            "flow_not_entered_so",
            "这个流程没有“人工加入”或“接口调用时”的开始。",
            "This flow has no start by hand or by an API call.",
        )
    subject = _subject(tx, flow.current_version_id)
    wanted = customers if subject == CUSTOMER else things
    if not wanted:
        raise Conflict(
            "flow_about_others",
            "这个流程的主体不是所给的这类对象。",
            "The flow is about another sort of subject than those given.",
        )
    seen = _seen(tx, catalog, subject, list(dict.fromkeys(wanted)))
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
                bucket=one.bucket,
                customer_id=one.customer_id,
                origin_id=one.origin_id,
                subject_type=None if subject == CUSTOMER else subject,
                subject_id=None if subject == CUSTOMER else one.id,
                occurred_at=tx.now,
                payload=payload,
                lane=LANE_NORMAL if len(seen) > 1 else 0,
            )
            for one in seen
        ],
    )
    audit.record(
        tx, "flow.asked_in", "flow", flow_id, after={"customers" if subject == CUSTOMER else subject: asked, "way": way}
    )
    return asked


def _ways(tx: Tx, version: UUID | None, block: str | None) -> list[str]:
    """The ways in which a version can be entered by asking, at that start or any."""
    kinds: set[str] = set(
        tx.values(
            "select b ->> 'kind' from flow_version v cross join lateral jsonb_array_elements(v.graph -> 'blocks') b"
            " where v.tenant_id = %(tenant)s and v.id = %(version)s and (%(block)s::text is null or b ->> 'id' = %(block)s)",
            {"tenant": tx.tenant_id, "version": version, "block": block},
        )
    )
    # A colleague comes by a session, another system by a key: whoever may use both starts gets the one that is there.
    return [kind.way for kind in (HandStart(), CallStart()) if kind.kind in kinds]


def _subject(tx: Tx, version: UUID | None) -> str:
    return tx.value(
        "select coalesce(graph #>> '{settings,subject}', 'customer') from flow_version where tenant_id = %(tenant)s and id = %(version)s",
        {"tenant": tx.tenant_id, "version": version},
    )


def _seen(tx: Tx, catalog: Catalog | None, subject: str, ids: list[UUID]) -> list[Home]:
    if subject == CUSTOMER:
        return [Home(one, bucket_of(one), one, one) for one in visible(tx, ids)]
    entity = None if catalog is None else entity_of(catalog, subject)
    return [] if entity is None else homes(tx, entity, ids)
