"""Who else has a flow open: a browser says so every ten seconds, and is forgotten after half a minute of silence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from psycopg.types.json import Jsonb

from tandem.flow.service import get_flow
from tandem.kernel.db import Tx
from tandem.kernel.live import announce

SILENT_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Here:
    """Somebody at a flow. `block`: what they have selected."""

    user_id: UUID
    name: str
    editing: bool
    seen_at: datetime
    block: str | None


def come(tx: Tx, flow_id: UUID, *, editing: bool, block: str | None) -> list[Here]:
    """Say that the caller has the flow open; answers who else has. Raises NotFound."""
    get_flow(tx, flow_id)
    before = {one.user_id: one.editing for one in others(tx, flow_id, including=True)}
    tx.execute(
        "insert into flow_here as h (flow_id, user_id, tenant_id, editing, seen_at, place)"
        " values (%(flow)s, %(user)s, %(tenant)s, %(editing)s, %(now)s, %(place)s) on conflict (flow_id, user_id)"
        " do update set editing = excluded.editing, seen_at = excluded.seen_at, place = excluded.place",
        {
            "flow": flow_id,
            "user": tx.user_id,
            "tenant": tx.tenant_id,
            "editing": editing,
            "now": tx.machine_now,
            "place": Jsonb({"block": block}) if block else None,
        },
    )
    if tx.user_id is not None and before.get(tx.user_id) != editing:
        announce(tx, f"flow:{flow_id}")
    return others(tx, flow_id)


def go(tx: Tx, flow_id: UUID) -> None:
    """The caller has closed the flow. What is older than a day goes with it, of whomever."""
    tx.execute(
        "delete from flow_here where tenant_id = %(tenant)s and ((flow_id = %(flow)s and user_id = %(user)s)"
        " or seen_at < %(now)s::timestamptz - interval '1 day')",
        {"tenant": tx.tenant_id, "flow": flow_id, "user": tx.user_id, "now": tx.machine_now},
    )
    announce(tx, f"flow:{flow_id}")


def others(tx: Tx, flow_id: UUID, *, including: bool = False) -> list[Here]:
    """Who else has the flow open now."""
    return tx.all(
        Here,
        "select h.user_id, u.name, h.editing, h.seen_at, h.place ->> 'block' as block from flow_here h"
        " join staff_user u on u.id = h.user_id and u.tenant_id = %(tenant)s"
        " where h.tenant_id = %(tenant)s and h.flow_id = %(flow)s and h.seen_at > %(now)s::timestamptz - make_interval(secs => %(silent)s)"
        " and (%(all)s or h.user_id is distinct from %(user)s) order by u.name",
        {
            "tenant": tx.tenant_id,
            "flow": flow_id,
            "now": tx.machine_now,
            "silent": SILENT_SECONDS,
            "user": tx.user_id,
            "all": including,
        },
    )
