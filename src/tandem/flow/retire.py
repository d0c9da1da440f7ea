"""A version that nobody is inside any more, and nobody can enter, is retired by itself: workers need not keep its plan."""

from __future__ import annotations

from datetime import timedelta
from typing import Final
from uuid import UUID

import structlog

from tandem.flow import lookout, plans
from tandem.flow.ids import EVERY_BUCKET
from tandem.flow.runs import INSIDE, RunStatus
from tandem.kernel.db import Database
from tandem.kernel.live import announce
from tandem.kernel.rounds import Rounds

log = structlog.get_logger(__name__)

SECONDS_BETWEEN: Final = 600.0
#: A turn that began before the newer version was published may still let somebody into the older one; none lasts that long.
GRACE: Final = timedelta(minutes=10)

# The control group is inside as long as it may reach the goal: it is what the version is measured against.
_RETIRE: Final = f"""
update flow_version v set status = 'retired' from flow f
where v.tenant_id = %(tenant)s and v.status = 'published' and f.tenant_id = %(tenant)s and f.id = v.flow_id
  and v.id is distinct from f.current_version_id
  and exists (select from flow_version n where n.tenant_id = %(tenant)s and n.id = f.current_version_id
    and n.published_at < %(machine_now)s::timestamptz - %(grace)s::interval)
  and not exists (select from flow_stretch t join flow_run r on r.stretch = t.id
    where t.tenant_id = %(tenant)s and t.version_id = v.id and r.tenant_id = %(tenant)s and r.bucket = any(%(buckets)s::smallint[])
      and r.flow_id = v.flow_id
      and (r.status = any(%(inside)s::smallint[]) or r.status = {RunStatus.HOLDOUT:d} and r.goal_at is null))
returning v.flow_id, v.number
"""
# A flow that is being drained has stopped when the last one inside has gone.
_EMPTIED: Final = """
update flow f set status = 'stopped', updated_at = now()
where f.tenant_id = %(tenant)s and f.status = 'draining'
  and not exists (select from flow_run r where r.tenant_id = %(tenant)s and r.bucket = any(%(buckets)s::smallint[])
    and r.flow_id = f.id and r.status = any(%(inside)s::smallint[]))
returning f.id
"""


def retire(db: Database, tenant: UUID) -> int:
    """Retire a tenant's versions that serve nobody; returns how many."""
    with db.tx("worker", tenant=tenant) as tx:
        retired: list[tuple[UUID, int]] = tx.cursor(
            _RETIRE,
            {
                "tenant": tenant,
                "machine_now": tx.machine_now,
                "grace": GRACE,
                "buckets": EVERY_BUCKET,
                "inside": [int(one) for one in INSIDE],
            },
        ).fetchall()
        emptied: list[tuple[UUID]] = tx.cursor(
            _EMPTIED,
            {"tenant": tenant, "buckets": EVERY_BUCKET, "inside": [int(one) for one in INSIDE]},
        ).fetchall()
        if retired or emptied:
            plans.bump(tx)
        for (flow,) in emptied:
            announce(tx, f"flow:{flow}")
        for flow, number in retired:
            announce(tx, f"flow:{flow}")
            log.info("version_retired", tenant=str(tenant), flow=str(flow), version=number)
    return len(retired)


class Retiring:
    """The worker's job: a round over all tenants every ten minutes."""

    def __init__(self) -> None:
        self._rounds = Rounds("flow.retire")

    def __call__(self, db: Database) -> float:
        """Go round once; returns the seconds until the next time."""
        with db.connection("worker") as connection:
            tenants = lookout.tenants(connection)
        self._rounds.each(tenants, lambda tenant: retire(db, tenant))
        return SECONDS_BETWEEN
