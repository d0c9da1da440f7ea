"""A second pair of eyes: a flow that reaches many people, may cost much, or lets somebody past a human step waits for another's word."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from psycopg.types.json import Jsonb
from pydantic import BaseModel

from tandem.access import audit
from tandem.flow.checks import check_graph
from tandem.flow.experiments.adopted import Winner, lead_on
from tandem.flow.graph import Graph, parse_graph
from tandem.flow.life.bypass import bypassed, led
from tandem.flow.life.variants import NewVariant, plan_variant
from tandem.flow.node import Role
from tandem.flow.preview import preview
from tandem.flow.service import FlowRooms, get_flow, get_version, publish, refuse_errors
from tandem.flow.versions import Running
from tandem.kernel.db import Tx
from tandem.kernel.errors import Conflict, Detail, Forbidden, InvalidInput, NotFound
from tandem.kernel.ids import new_id
from tandem.kernel.live import announce

Reason = Literal["people", "cost", "human"]
#: What the author may was asked when approval was requested; who approves answers for the flow, not for each block.
_EVERYTHING = frozenset({"*"})


@dataclass(frozen=True, slots=True)
class Limits:
    """From how many people, or how much money, a second person is asked; None: never for that."""

    people_max: int | None = None
    cost_max: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Weight:
    """What publishing would mean. `cost` is the most that the benefits could be worth, None without a bound; `human`: blocks let past.

    `limits` are those it was held against: they may be others by the time that somebody reads the request.
    """

    people: int
    cost: Decimal | None
    human: tuple[str, ...]
    reasons: tuple[Reason, ...]
    limits: Limits

    def stored(self) -> dict[str, Any]:
        """The form kept with a request."""
        limits = self.limits
        return {
            "people": self.people,
            "cost": _plain(self.cost),
            "human": list(self.human),
            "reasons": list(self.reasons),
            "people_max": limits.people_max,
            "cost_max": _plain(limits.cost_max),
        }


def _plain(amount: Decimal | None) -> str | None:
    return None if amount is None else str(amount)


class Request(BaseModel):
    """What is to be done once somebody else agrees: publish, or plan a variant. `winner`: the arm that publishing leads to."""

    running: Running = "stay"
    successors: dict[str, str] = {}
    note: str = ""
    variant: NewVariant | None = None
    winner: Winner | None = None


@dataclass(frozen=True, slots=True)
class Approval:
    """A request and what became of it."""

    id: UUID
    flow_id: UUID
    flow_name: str
    request: dict[str, Any]
    weight: dict[str, Any]
    state: str
    requested_by: UUID
    requested_name: str
    requested_at: datetime
    decided_name: str | None
    decided_at: datetime | None
    comment: str


def limits_of(tx: Tx) -> Limits:
    """The tenant's limits."""
    return (
        tx.maybe(
            Limits,
            "select people_max, cost_max from flow_limit where tenant_id = %(tenant)s",
            {"tenant": tx.tenant_id},
        )
        or Limits()
    )


def set_limits(tx: Tx, limits: Limits) -> None:
    """Change the tenant's limits; what waits already goes on waiting."""
    before = limits_of(tx)
    after = {"people_max": limits.people_max, "cost_max": limits.cost_max}
    tx.execute(
        "insert into flow_limit (tenant_id, people_max, cost_max) values (%(tenant)s, %(people_max)s, %(cost_max)s)"
        " on conflict (tenant_id) do update set people_max = excluded.people_max, cost_max = excluded.cost_max",
        {"tenant": tx.tenant_id, **after},
    )
    audit.record(
        tx,
        "flow.limits_changed",
        "flow_limit",
        tx.tenant_id,
        {"people_max": before.people_max, "cost_max": before.cost_max},
        after,
    )


def weigh(tx: Tx, rooms: FlowRooms, flow_id: UUID, graph: Graph) -> Weight:
    """What publishing a graph would mean, and why a second person must be asked. `tx` sees every customer. Raises NotFound."""
    limits = limits_of(tx)
    ahead = preview(tx, rooms, flow_id, graph)
    people = sum(one.people for one in ahead.entries)
    costs = [one.cost for one in ahead.entries]
    cost = None if None in costs else sum((one for one in costs if one is not None), Decimal(0))
    human = tuple(_let_past(tx, rooms, flow_id, graph))
    reasons: list[Reason] = []
    if limits.people_max is not None and people > limits.people_max:
        reasons.append("people")
    if limits.cost_max is not None and (cost is None or cost > limits.cost_max):
        reasons.append("cost")
    if human:
        reasons.append("human")
    return Weight(people, cost, human, tuple(reasons), limits)


def _let_past(tx: Tx, rooms: FlowRooms, flow_id: UUID, graph: Graph) -> list[str]:
    flow = get_flow(tx, flow_id)
    if flow.current_version_id is None:
        return []
    before = parse_graph(get_version(tx, flow_id, flow.current_version_id).graph)
    old, new = led(before, rooms.kinds), led(graph, rooms.kinds)
    return bypassed(old, new, _starts(before, rooms), _starts(graph, rooms))


def _starts(graph: Graph, rooms: FlowRooms) -> list[str]:
    kinds = ((block.id, rooms.kinds.get(block.kind, block.version)) for block in graph.blocks)
    return [name for name, kind in kinds if kind is not None and kind.role is Role.START]


def publish_or_ask(
    tx: Tx,
    rooms: FlowRooms,
    flow_id: UUID,
    permissions: frozenset[str],
    request: Request,
    graph: Graph | None = None,
) -> Approval | None:
    """Publish the draft or `graph` (or plan it as a variant), unless a second person must agree: then it is filed and returned.

    `tx` sees every customer. A request of the same flow that is still open is withdrawn by a new one. Raises as `publish` does, and
    Conflict where a second person is needed and there is no first: nobody asks on behalf of a job.
    """
    flow = get_flow(tx, flow_id, lock=True)
    graph = graph or parse_graph(flow.draft)
    refuse_errors(check_graph(graph, rooms.kinds, rooms.catalog, tx, permissions), graph, rooms.kinds)
    weight = weigh(tx, rooms, flow_id, graph)
    if weight.reasons and tx.user_id is None:
        raise Conflict(
            "approval_needed", "需要一位同事提出、另一位同事复核。", "A colleague has to ask and another to agree."
        )
    _withdraw(tx, flow_id)
    if weight.reasons and tx.user_id is not None:
        return _ask(tx, flow_id, tx.user_id, graph, request, weight)
    _carry_out(tx, rooms, flow_id, permissions, request, graph, asker=tx.user_id)
    return None


def decide(tx: Tx, rooms: FlowRooms, approval_id: UUID, *, approve: bool, comment: str) -> Approval:
    """Agree, and what was asked for happens now; or refuse.

    Raises NotFound, Conflict when it is decided already, Forbidden for one's own request, InvalidInput for a refusal without a reason.
    """
    found = get_approval(tx, approval_id, lock=True)
    if found.state != "open":
        raise Conflict("approval_over", "这项复核已经有结果。", "This request has been decided already.")
    if found.requested_by == tx.user_id:
        raise Forbidden("approval_own", "需要另一位同事复核，不能自己通过。", "Somebody else has to agree, not you.")
    if not approve and not comment.strip():
        detail = Detail("comment", "请写明原因", "give a reason")
        raise InvalidInput("reason_missing", "不同意时请写明原因。", "Say why you refuse.", details=(detail,))
    graph = asked_graph(tx, approval_id)
    _settle(tx, approval_id, "approved" if approve else "rejected", comment)
    audit.record(
        tx,
        "flow.approved" if approve else "flow.rejected",
        "flow",
        found.flow_id,
        after={"comment": comment, **found.weight},
    )
    if approve:
        request = Request.model_validate(found.request)
        version = _carry_out(
            tx, rooms, found.flow_id, _EVERYTHING, request, parse_graph(graph), asker=found.requested_by
        )
        tx.execute(
            "update flow_approval set version_id = %(version)s where tenant_id = %(tenant)s and id = %(id)s",
            {"version": version, "tenant": tx.tenant_id, "id": approval_id},
        )
    _told(tx, found.flow_id)
    return get_approval(tx, approval_id)


def withdraw(tx: Tx, approval_id: UUID) -> Approval:
    """The asker no longer wants it. Raises NotFound, Conflict when it is decided."""
    found = get_approval(tx, approval_id, lock=True)
    if found.state != "open":
        raise Conflict("approval_over", "这项复核已经有结果。", "This request has been decided already.")
    _settle(tx, approval_id, "withdrawn", "")
    audit.record(tx, "flow.approval_withdrawn", "flow", found.flow_id)
    _told(tx, found.flow_id)
    return get_approval(tx, approval_id)


_SELECT = (
    "select a.id, a.flow_id, f.name as flow_name, a.request, a.weight, a.state, a.requested_by, coalesce(r.name, '') as requested_name,"
    " a.requested_at, d.name as decided_name, a.decided_at, a.comment"
    " from flow_approval a join flow f on f.id = a.flow_id and f.tenant_id = %(tenant)s"
    " left join staff_user r on r.id = a.requested_by and r.tenant_id = %(tenant)s"
    " left join staff_user d on d.id = a.decided_by and d.tenant_id = %(tenant)s where a.tenant_id = %(tenant)s"
)


def get_approval(tx: Tx, approval_id: UUID, *, lock: bool = False) -> Approval:
    """One request. Raises NotFound."""
    found = tx.maybe(
        Approval,
        f"{_SELECT} and a.id = %(id)s" + (" for no key update of a" if lock else ""),
        {"tenant": tx.tenant_id, "id": approval_id},
    )
    if found is None:
        raise NotFound("approval_missing", "没有这项复核。", "There is no such request.")
    return found


def open_approvals(tx: Tx, flow_id: UUID | None = None) -> list[Approval]:
    """Requests that wait, of one flow or of all, the oldest first."""
    return tx.all(
        Approval,
        f"{_SELECT} and a.state = 'open' and (%(flow)s::uuid is null or a.flow_id = %(flow)s) order by a.requested_at, a.id limit 200",
        {"tenant": tx.tenant_id, "flow": flow_id},
    )


def asked_graph(tx: Tx, approval_id: UUID) -> dict[str, Any]:
    """The graph that a request wants published, as it was drawn when it was asked for. The request is there."""
    graph: dict[str, Any] = tx.value(
        "select graph from flow_approval where tenant_id = %(tenant)s and id = %(id)s",
        {"tenant": tx.tenant_id, "id": approval_id},
    )
    return graph


def verdict(tx: Tx, flow_id: UUID) -> Approval | None:
    """What became of a flow's last request; None while it waits, where it was withdrawn, and where nobody ever asked."""
    last = tx.maybe(
        Approval,
        f"{_SELECT} and a.flow_id = %(flow)s order by a.requested_at desc, a.id desc limit 1",
        {"tenant": tx.tenant_id, "flow": flow_id},
    )
    return last if last is not None and last.state in {"approved", "rejected"} else None


def _carry_out(
    tx: Tx,
    rooms: FlowRooms,
    flow_id: UUID,
    permissions: frozenset[str],
    request: Request,
    graph: Graph,
    *,
    asker: UUID | None,
) -> UUID:
    """Returns the id of the version that came of it."""
    if request.variant is not None:
        return plan_variant(tx, rooms, flow_id, permissions, request.variant, graph)
    version = publish(
        tx,
        rooms,
        flow_id,
        permissions,
        running=request.running,
        successors=request.successors,
        note=request.note,
        graph=graph,
    )
    if request.winner is not None:
        lead_on(tx, flow_id, request.winner, asker)
    return version


def _ask(tx: Tx, flow_id: UUID, asker: UUID, graph: Graph, request: Request, weight: Weight) -> Approval:
    approval = new_id()
    filed: Mapping[str, object] = {
        "id": approval,
        "tenant": tx.tenant_id,
        "flow": flow_id,
        "graph": Jsonb(graph.stored()),
        "request": Jsonb(request.model_dump(mode="json")),
        "weight": Jsonb(weight.stored()),
        "user": asker,
    }
    tx.execute(
        "insert into flow_approval (id, tenant_id, flow_id, graph, request, weight, state, requested_by)"
        " values (%(id)s, %(tenant)s, %(flow)s, %(graph)s, %(request)s, %(weight)s, 'open', %(user)s)",
        filed,
    )
    audit.record(tx, "flow.approval_asked", "flow", flow_id, after=weight.stored())
    _told(tx, flow_id)
    return get_approval(tx, approval)


def _withdraw(tx: Tx, flow_id: UUID) -> None:
    tx.execute(
        "update flow_approval set state = 'withdrawn' where tenant_id = %(tenant)s and flow_id = %(flow)s and state = 'open'",
        {"tenant": tx.tenant_id, "flow": flow_id},
    )


def _settle(tx: Tx, approval_id: UUID, state: str, comment: str) -> None:
    tx.execute(
        "update flow_approval set state = %(state)s, comment = %(comment)s, decided_by = %(user)s, decided_at = now()"
        " where tenant_id = %(tenant)s and id = %(id)s",
        {"state": state, "comment": comment, "user": tx.user_id, "tenant": tx.tenant_id, "id": approval_id},
    )


def _told(tx: Tx, flow_id: UUID) -> None:
    announce(tx, f"flow:{flow_id}")
    announce(tx, "flows")
