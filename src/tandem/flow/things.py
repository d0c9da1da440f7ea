"""Flows say which of them are about a sort of things, and workers load their plans anew when what such a thing has becomes another."""

from __future__ import annotations

from tandem.catalog.label import Label
from tandem.flow import plans
from tandem.kernel.db import Tx
from tandem.stream.things import hooks

_USERS = """
select f.name from flow as f
where f.tenant_id = %(tenant)s and f.status <> 'archived' and (f.draft #>> '{settings,subject}' = %(name)s or exists (
  select from flow_version as v where v.tenant_id = %(tenant)s and v.flow_id = f.id and v.graph #>> '{settings,subject}' = %(name)s))
order by f.name
"""


def users(tx: Tx, name: str) -> list[Label]:
    """The flows about things of this sort."""
    return [Label(f"流程“{one}”", f"flow “{one}”") for one in tx.values(_USERS, {"tenant": tx.tenant_id, "name": name})]


hooks.register("flow", users, plans.bump)
