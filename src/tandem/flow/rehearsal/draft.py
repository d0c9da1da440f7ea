"""A draft as the runtime sees a version: planned and compiled, filed nowhere."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from tandem.flow.checks import check_graph
from tandem.flow.compiler import fragments_of
from tandem.flow.expressions import BlockContext
from tandem.flow.graph import Graph
from tandem.flow.plan import numbered, plan_of, stretch_places
from tandem.flow.plans import TenantPlans, Version, listen
from tandem.flow.service import FlowRooms
from tandem.kernel.db import Tx
from tandem.kernel.errors import Detail, InvalidInput
from tandem.kernel.ids import new_id
from tandem.stream.things.catalogue import catalog_of

#: What a check says of a draft that is no obstacle to trying it: its time is over, the author may not publish it.
_HARMLESS = frozenset({"schedule_past", "right_missing"})
#: Far from those of published versions: a run of a flow that the draft calls would go on in the draft where two stretches had one number.
FIRST_STRETCH: Final = 2_000_000_000


def plans_of(
    tx: Tx, rooms: FlowRooms, flow_id: UUID, graph: Graph, numbers: Mapping[str, int], permissions: frozenset[str]
) -> tuple[TenantPlans, Version]:
    """The plans of a tenant who has this one flow only. Raises InvalidInput for a draft that cannot run."""
    _refuse(tx, rooms, graph, permissions)
    catalog = catalog_of(tx, rooms.catalog)
    plan = plan_of(
        graph,
        rooms.kinds,
        flow_id=flow_id,
        version_id=new_id(),
        version_number=0,
        numbers=numbered(graph, numbers),
        stretches={place: number for number, place in enumerate(stretch_places(graph, rooms.kinds), FIRST_STRETCH)},
        zone=tx.zone,
        catalog=catalog,
    )
    fragments = fragments_of(plan, lambda plan, block: BlockContext(catalog, plan, block))
    version = Version(plan, True, False, fragments)
    plans = TenantPlans(0, {}, {}, defaultdict(list), defaultdict(dict), defaultdict(dict), {}, {}, catalog=catalog)
    plans.versions[plan.version_id] = version
    for stretch in plan.stretches.values():
        plans.by_stretch[stretch] = version
    listen(plans, version)
    return plans, version


def _refuse(tx: Tx, rooms: FlowRooms, graph: Graph, permissions: frozenset[str]) -> None:
    found = check_graph(graph, rooms.kinds, rooms.catalog, tx, permissions)
    errors = [one for one in found if one.severity == "error" and one.finding.code not in _HARMLESS]
    if errors:
        details: list[Any] = [
            Detail(one.block or "", one.finding.message.zh, one.finding.message.en) for one in errors[:20]
        ]
        raise InvalidInput(
            "flow_not_ready",
            f"草稿里还有 {len(errors)} 处问题，改正后才能试算。",
            f"The draft has {len(errors)} problems to be mended before it can be tried.",
            details=tuple(details),
        )
