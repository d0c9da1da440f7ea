"""A variant takes the everyday version's place for a window and gives it back by itself (F04). Entries follow what is current.

The version is filed when it is planned, so that its beginning and its end are one short statement at the clock's word: whoever fires
scheduled starts turns variants over too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from psycopg.types.json import Jsonb
from pydantic import AwareDatetime, Field

from tandem.access import audit
from tandem.access.shapes import Body
from tandem.flow import plans
from tandem.flow.checks import check_graph
from tandem.flow.graph import Graph, parse_graph
from tandem.flow.module import KindRegistry
from tandem.flow.plan import numbered
from tandem.flow.service import FlowRooms, get_flow, refuse_errors
from tandem.flow.versions import (
    NewVersion,
    Running,
    begin_audiences,
    file_stretches,
    file_version,
    next_number,
    settle_runs,
)
from tandem.kernel.db import Tx
from tandem.kernel.errors import Conflict, Detail, InvalidInput, NotFound
from tandem.kernel.ids import new_id
from tandem.kernel.live import announce

NEXT_SQL = "select min(next_at) from flow_variant where tenant_id = %(tenant)s and next_at is not null"


class NewVariant(Body):
    """A window for the draft. Times are business time. `at_start`: those inside stay or move in; `at_end`: what those inside it do then."""

    name: str = Field(min_length=1, max_length=100)
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    at_start: Literal["stay", "move"] = "stay"
    at_end: Running = "stay"


@dataclass(frozen=True, slots=True)
class Variant:
    """A variant as lists show it."""

    id: UUID
    flow_id: UUID
    version_id: UUID
    number: int
    name: str
    starts_at: datetime
    ends_at: datetime
    at_start: str
    at_end: Running
    state: str
    everyday_id: UUID | None


_SELECT = (
    "select x.id, x.flow_id, x.version_id, v.number, x.name, x.starts_at, x.ends_at, x.at_start, x.at_end, x.state, x.everyday_id"
    " from flow_variant x join flow_version v on v.id = x.version_id and v.tenant_id = %(tenant)s where x.tenant_id = %(tenant)s"
)


def variants(tx: Tx, flow_id: UUID) -> list[Variant]:
    """All variants of a flow, the next first. Raises NotFound."""
    get_flow(tx, flow_id)
    return tx.all(
        Variant,
        f"{_SELECT} and x.flow_id = %(flow)s order by x.starts_at desc, x.id",
        {"tenant": tx.tenant_id, "flow": flow_id},
    )


def plan_variant(
    tx: Tx, rooms: FlowRooms, flow_id: UUID, permissions: frozenset[str], wanted: NewVariant, graph: Graph | None = None
) -> UUID:
    """Plan the draft (or `graph`) as a variant; returns its version's id. It begins at once when its time has come.

    Raises InvalidInput for a window that is over, turned round or beside another one, and for what the check finds; Conflict while the flow
    has no everyday version to return to.
    """
    flow = get_flow(tx, flow_id, lock=True)
    if flow.current_version_id is None or flow.status not in {"running", "paused"}:
        raise Conflict(
            "variant_of_nothing",
            "流程还没有在运行的日常版本，请先发布。",
            "The flow has no everyday version at work; publish it first.",
        )
    _refuse_window(tx, flow_id, wanted)
    drawn = graph or parse_graph(flow.draft)
    refuse_errors(check_graph(drawn, rooms.kinds, rooms.catalog, tx, permissions), drawn, rooms.kinds)
    numbers = numbered(drawn, flow.numbers)
    new = NewVersion(next_number(tx, flow_id), wanted.name)
    file_version(tx, flow_id, new, drawn, numbers, status="planned")
    file_stretches(tx, rooms.kinds, flow_id, new.id, drawn)
    tx.execute(
        "update flow set numbers = %(numbers)s where tenant_id = %(tenant)s and id = %(flow)s",
        {"numbers": Jsonb(numbers), "tenant": tx.tenant_id, "flow": flow_id},
    )
    variant = new_id()
    tx.execute(
        "insert into flow_variant (id, tenant_id, flow_id, version_id, name, starts_at, ends_at, at_start, at_end, state, next_at, created_by)"
        " values (%(id)s, %(tenant)s, %(flow)s, %(version)s, %(name)s, %(starts_at)s, %(ends_at)s, %(at_start)s, %(at_end)s, 'planned',"
        " %(starts_at)s, %(user)s)",
        {
            "id": variant,
            "tenant": tx.tenant_id,
            "flow": flow_id,
            "version": new.id,
            "user": tx.user_id,
            **wanted.model_dump(),
        },
    )
    announce(tx, f"flow:{flow_id}")
    audit.record(tx, "flow.variant_planned", "flow", flow_id, after=wanted.model_dump(mode="json"))
    turn_over(tx, rooms.kinds)
    return new.id


def end_variant(tx: Tx, kinds: KindRegistry, flow_id: UUID, variant_id: UUID) -> None:
    """Back to the everyday version now, or drop a variant that has not begun. Raises NotFound, Conflict when it is over."""
    get_flow(tx, flow_id, lock=True)
    one = tx.maybe(
        Variant,
        f"{_SELECT} and x.flow_id = %(flow)s and x.id = %(id)s",
        {"tenant": tx.tenant_id, "flow": flow_id, "id": variant_id},
    )
    if one is None:
        raise NotFound("variant_missing", "没有这个限时版本。", "There is no such variant.")
    if one.state == "running":
        _end(tx, kinds, one)
    elif one.state == "planned":
        _settle(tx, one, "cancelled", None)
    else:
        raise Conflict("variant_over", "这个限时版本已经结束。", "The variant is over.")
    announce(tx, f"flow:{flow_id}")
    audit.record(tx, "flow.variant_ended", "flow", flow_id, {"variant": one.name, "state": one.state})


def turn_over(tx: Tx, kinds: KindRegistry) -> int:
    """Begin and end every variant of the tenant whose moment has come; returns how many. The row's lock makes each happen once."""
    due = tx.all(
        Variant,
        f"{_SELECT} and x.next_at <= %(now)s order by x.next_at limit 20 for update of x skip locked",
        {"tenant": tx.tenant_id, "now": tx.now},
    )
    for one in due:
        if one.state == "running":
            _end(tx, kinds, one)
        else:
            _begin(tx, kinds, one)
    return len(due)


def _begin(tx: Tx, kinds: KindRegistry, one: Variant) -> None:
    everyday: UUID | None = tx.value(
        "select current_version_id from flow where tenant_id = %(tenant)s and id = %(flow)s and status in ('running', 'paused')"
        " for no key update",
        {"tenant": tx.tenant_id, "flow": one.flow_id},
    )
    if everyday is None or one.ends_at <= tx.now:
        # Stopped meanwhile, or slept through: there is nothing to take the place of.
        _settle(tx, one, "cancelled", None)
        return
    tx.execute(
        "update flow_variant set everyday_id = %(everyday)s where tenant_id = %(tenant)s and id = %(id)s",
        {"everyday": everyday, "tenant": tx.tenant_id, "id": one.id},
    )
    _settle(tx, one, "running", one.ends_at)
    _make_current(tx, kinds, one.flow_id, one.version_id, present=True)
    if one.at_start == "move":
        settle_runs(tx, one.flow_id, one.version_id, "move", {})


def _end(tx: Tx, kinds: KindRegistry, one: Variant) -> None:
    _settle(tx, one, "ended", None)
    current = tx.value(
        "select 1 from flow where tenant_id = %(tenant)s and id = %(flow)s and current_version_id = %(version)s for no key update",
        {"tenant": tx.tenant_id, "flow": one.flow_id, "version": one.version_id},
    )
    if current is None or one.everyday_id is None:
        return
    _make_current(tx, kinds, one.flow_id, one.everyday_id, present=False)
    settle_runs(tx, one.flow_id, one.everyday_id, one.at_end, {})


def _make_current(tx: Tx, kinds: KindRegistry, flow_id: UUID, version_id: UUID, *, present: bool) -> None:
    # The everyday version may have been retired meanwhile, when nobody was inside it any more.
    stored = tx.value(
        "update flow_version set status = 'published' where tenant_id = %(tenant)s and id = %(version)s returning graph",
        {"tenant": tx.tenant_id, "version": version_id},
    )
    tx.execute(
        "update flow set current_version_id = %(version)s, updated_at = now() where tenant_id = %(tenant)s and id = %(flow)s",
        {"version": version_id, "tenant": tx.tenant_id, "flow": flow_id},
    )
    begin_audiences(tx, kinds, flow_id, version_id, parse_graph(stored), present=present)
    plans.bump(tx)
    announce(tx, f"flow:{flow_id}")


def _settle(tx: Tx, one: Variant, state: str, next_at: datetime | None) -> None:
    tx.execute(
        "update flow_variant set state = %(state)s, next_at = %(next)s where tenant_id = %(tenant)s and id = %(id)s",
        {"state": state, "next": next_at, "tenant": tx.tenant_id, "id": one.id},
    )


def _refuse_window(tx: Tx, flow_id: UUID, wanted: NewVariant) -> None:
    if wanted.ends_at <= max(wanted.starts_at, tx.now):
        raise _window(
            "ends_at", "结束时间要晚于开始时间，并且在将来", "The end must come after the beginning, and be ahead"
        )
    beside: Sequence[tuple[str]] = tx.cursor(
        "select name from flow_variant where tenant_id = %(tenant)s and flow_id = %(flow)s and state in ('planned', 'running')"
        " and starts_at < %(ends)s and ends_at > %(starts)s",
        {"tenant": tx.tenant_id, "flow": flow_id, "starts": wanted.starts_at, "ends": wanted.ends_at},
    ).fetchall()
    if beside:
        name = beside[0][0]
        raise _window("starts_at", f"与限时版本“{name}”的时间重叠", f"The window overlaps that of the variant {name!r}")


def _window(where: str, zh: str, en: str) -> InvalidInput:
    return InvalidInput("variant_window", f"{zh}。", f"{en}.", details=(Detail(where, zh, en),))
