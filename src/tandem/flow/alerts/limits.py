"""What a flow may not exceed: its own limits, else those of all the tenant's flows, else defaults that no ordinary flow comes near."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from tandem.access import audit
from tandem.flow.plans import bump
from tandem.flow.runs import EVERY_FLOW, STRETCHES_MAX
from tandem.flow.service import get_flow
from tandem.kernel.db import Tx

#: An alert warns beforehand from this share of a limit.
NEAR: Final = 0.8


@dataclass(frozen=True, slots=True)
class Limits:
    """Exceeding one of the first four pauses the flow; a run that exceeds `steps_per_run` fails; `stuck_hours` only warns.

    `cost_per_day` is in the tenant's currency. None: the limit of the tenant, or the default.
    """

    runs_per_hour: int | None = None
    runs_inside: int | None = None
    effects_per_minute: int | None = None
    cost_per_day: Decimal | None = None
    stuck_hours: int | None = None
    steps_per_run: int | None = None


DEFAULT: Final = Limits(200_000, 2_000_000, 60_000, Decimal(1_000_000), 72, STRETCHES_MAX)

_COLUMNS: Final = ("runs_per_hour", "runs_inside", "effects_per_minute", "cost_per_day", "stuck_hours", "steps_per_run")
_READ: Final = f"select {', '.join(_COLUMNS)} from flow_guard where tenant_id = %(tenant)s and flow_id = %(flow)s"
_WRITE: Final = (
    f"insert into flow_guard (tenant_id, flow_id, {', '.join(_COLUMNS)}, updated_at, updated_by)"
    f" values (%(tenant)s, %(flow)s, {', '.join(f'%({one})s' for one in _COLUMNS)}, %(now)s, %(user)s)"
    f" on conflict (tenant_id, flow_id) do update set {', '.join(f'{one} = excluded.{one}' for one in _COLUMNS)},"
    " updated_at = excluded.updated_at, updated_by = excluded.updated_by"
)


def own(tx: Tx, flow_id: UUID) -> Limits:
    """What somebody has set for a flow, or (`EVERY_FLOW`) for all of the tenant's."""
    return tx.maybe(Limits, _READ, {"tenant": tx.tenant_id, "flow": flow_id}) or Limits()


def effective(mine: Limits, every: Limits) -> Limits:
    """The limits that hold: a flow's own, else the tenant's, else the defaults."""
    found: dict[str, Any] = {}
    for name in _COLUMNS:
        set_ = [value for one in (mine, every) if (value := getattr(one, name)) is not None]
        found[name] = set_[0] if set_ else getattr(DEFAULT, name)
    return Limits(**found)


def of_flows(tx: Tx, flows: list[UUID]) -> dict[UUID, Limits]:
    """The limits that hold for each of these flows."""
    rows = tx.cursor(
        f"select flow_id, {', '.join(_COLUMNS)} from flow_guard where tenant_id = %(tenant)s and flow_id = any(%(flows)s)",
        {"tenant": tx.tenant_id, "flows": [*flows, EVERY_FLOW]},
    ).fetchall()
    found = {row[0]: Limits(*row[1:]) for row in rows}
    every = found.get(EVERY_FLOW, Limits())
    return {one: effective(found.get(one, Limits()), every) for one in flows}


def decide(tx: Tx, flow_id: UUID, wanted: Limits) -> None:
    """Set a flow's limits, or (`EVERY_FLOW`) the tenant's; None goes back to what holds without. Raises NotFound."""
    if flow_id != EVERY_FLOW:
        get_flow(tx, flow_id, lock=True)
    before = own(tx, flow_id)
    tx.execute(
        _WRITE,
        asdict(wanted) | {"tenant": tx.tenant_id, "flow": flow_id, "now": tx.machine_now, "user": tx.user_id},
    )
    if before.steps_per_run != wanted.steps_per_run:
        # It is part of every compiled stretch.
        bump(tx)
    audit.record(tx, "flow.limits_changed", "flow", flow_id, _said(before), _said(wanted))


def _said(one: Limits) -> dict[str, Any]:
    return asdict(one) | {"cost_per_day": None if one.cost_per_day is None else str(one.cost_per_day)}
