"""Flows say which of them ask a geofence, before it is deleted: their draft, or a version whose runs still move."""

from __future__ import annotations

from tandem.catalog.label import Label
from tandem.kernel.db import Tx
from tandem.stream.places import hooks

_USERS = """
select f.name from flow as f
where f.tenant_id = %(tenant)s and f.status <> 'archived' and exists (
  select from (
    select f.draft::text as graph
    union all
    select v.graph::text from flow_version as v where v.tenant_id = %(tenant)s and v.flow_id = f.id and v.status = 'published'
  ) as g
  join unnest(%(asked)s::text[]) as a(text) on strpos(g.graph, a.text) > 0)
order by f.name
"""


def users(tx: Tx, name: str) -> list[Label]:
    """The flows whose expressions ask this geofence. Its name holds no quotes, so the text of a graph tells."""
    ends = ("'", '"', '\\"')  # a text form's quote, the end of a JSON text, a double quote within one
    params = {"tenant": tx.tenant_id, "asked": [f"geofence:{name}{end}" for end in ends]}
    return [Label(f"流程“{one}”", f"flow “{one}”") for one in tx.values(_USERS, params)]


hooks.register("flow", users)
