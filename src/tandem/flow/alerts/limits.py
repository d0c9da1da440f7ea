"""What a flow may not exceed, with defaults that no ordinary flow comes near."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final
from uuid import UUID

from tandem.access import audit
from tandem.flow.service import get_flow
from tandem.kernel.db import Tx


@dataclass(frozen=True, slots=True)
class Limits:
    """Exceeding one of the first four pauses the flow; `stuck_hours` only warns. `cost_per_day` is in the tenant's currency."""

    runs_per_hour: int | None = None
    runs_inside: int | None = None
    effects_per_minute: int | None = None
    cost_per_day: Decimal | None = None
    stuck_hours: int | None = None


DEFAULT: Final = Limits(200_000, 2_000_000, 60_000, Decimal(1_000_000), 72)

_READ: Final = (
    "select runs_per_hour, runs_inside, effects_per_minute, cost_per_day, stuck_hours from flow_guard"
    " where tenant_id = %(tenant)s and flow_id = %(flow)s"
)


def own(tx: Tx, flow_id: UUID) -> Limits:
    """What somebody has set for a flow."""
    return tx.maybe(Limits, _READ, {"tenant": tx.tenant_id, "flow": flow_id}) or Limits()


def effective(mine: Limits) -> Limits:
    """The limits that hold: a flow's own, else the defaults."""
    return Limits(
        mine.runs_per_hour or DEFAULT.runs_per_hour,
        mine.runs_inside or DEFAULT.runs_inside,
        mine.effects_per_minute or DEFAULT.effects_per_minute,
        mine.cost_per_day if mine.cost_per_day is not None else DEFAULT.cost_per_day,
        mine.stuck_hours or DEFAULT.stuck_hours,
    )


def decide(tx: Tx, flow_id: UUID, wanted: Limits) -> None:
    """Set a flow's limits; None goes back to the default. Raises NotFound."""
    get_flow(tx, flow_id, lock=True)
    before = own(tx, flow_id)
    tx.execute(
        "insert into flow_guard (tenant_id, flow_id, runs_per_hour, runs_inside, effects_per_minute, cost_per_day, stuck_hours, updated_at,"
        " updated_by) values (%(tenant)s, %(flow)s, %(runs)s, %(inside)s, %(effects)s, %(cost)s, %(stuck)s, %(now)s, %(user)s)"
        " on conflict (tenant_id, flow_id) do update set runs_per_hour = excluded.runs_per_hour, runs_inside = excluded.runs_inside,"
        " effects_per_minute = excluded.effects_per_minute, cost_per_day = excluded.cost_per_day, stuck_hours = excluded.stuck_hours,"
        " updated_at = excluded.updated_at, updated_by = excluded.updated_by",
        {
            "tenant": tx.tenant_id,
            "flow": flow_id,
            "runs": wanted.runs_per_hour,
            "inside": wanted.runs_inside,
            "effects": wanted.effects_per_minute,
            "cost": wanted.cost_per_day,
            "stuck": wanted.stuck_hours,
            "now": tx.machine_now,
            "user": tx.user_id,
        },
    )
    audit.record(tx, "flow.limits_changed", "flow", flow_id, _said(before), _said(wanted))


def _said(one: Limits) -> dict[str, object]:
    return {
        "runs_per_hour": one.runs_per_hour,
        "runs_inside": one.runs_inside,
        "effects_per_minute": one.effects_per_minute,
        "cost_per_day": None if one.cost_per_day is None else str(one.cost_per_day),
        "stuck_hours": one.stuck_hours,
    }
