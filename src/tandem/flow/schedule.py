"""What the clock does to flows: variants begin and end; scheduled starts fire, each audience spread over the buckets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from tandem.flow import fanout
from tandem.flow.life import variants
from tandem.flow.module import KindRegistry
from tandem.flow.plan import config_of
from tandem.kernel.db import Tx
from tandem.kernel.errors import TandemError

STEP = "flow.schedule"
"""What stands for it among the names of the modules' steps."""
NEXT_SQL = (
    "select least((select min(next_at) from flow_schedule where tenant_id = %(tenant)s and next_at is not null), "
    f"({variants.NEXT_SQL}))"
)


@dataclass(frozen=True, slots=True)
class _Due:
    version_id: UUID
    block: str
    flow_id: UUID
    next_at: datetime
    graph: dict[str, Any]
    current: bool


def fire(tx: Tx, kinds: KindRegistry) -> int:
    """Turn variants over, then fire every scheduled start of the tenant that is due. A time missed by more than a period fires once.

    The row's lock makes each time fire once, whoever calls. Returns how many fired.
    """
    turned = variants.turn_over(tx, kinds)
    due = tx.all(
        _Due,
        "select s.version_id, s.block, s.flow_id, s.next_at, v.graph, f.current_version_id = s.version_id and f.status = 'running' as current"
        " from flow_schedule s join flow_version v on v.id = s.version_id and v.tenant_id = %(tenant)s"
        " join flow f on f.id = s.flow_id and f.tenant_id = %(tenant)s"
        " where s.tenant_id = %(tenant)s and s.next_at <= %(now)s order by s.next_at limit 20 for update of s skip locked",
        {"tenant": tx.tenant_id, "now": tx.now},
    )
    for one in due:
        _fire(tx, kinds, one)
    return len(due) + turned


def _fire(tx: Tx, kinds: KindRegistry, one: _Due) -> None:
    following: datetime | None = None
    block = next((each for each in one.graph["blocks"] if each["id"] == one.block), None)
    kind = kinds.get(block["kind"], block["version"]) if block is not None else None
    if block is not None and kind is not None:
        try:
            audience = kind.audience(config_of(kind, block["config"]))
        except TandemError:
            # The configuration no longer fits this process's kinds; the check of the next publishing says so.
            audience = None
        if audience is not None and audience.next_after is not None:
            # An audience as of now is let in once, however many times were missed; each missed day has people of its own.
            following = audience.next_after(tx.now if audience.segment_id else one.next_at, tx.zone)
            if one.current:
                fanout.admit(tx, one.flow_id, one.version_id, one.block, audience, one.next_at)
    tx.execute(
        "update flow_schedule set next_at = %(next)s, fired = fired + 1"
        " where tenant_id = %(tenant)s and version_id = %(version)s and block = %(block)s",
        {"next": following, "tenant": tx.tenant_id, "version": one.version_id, "block": one.block},
    )
