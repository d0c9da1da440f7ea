"""The winner of a split is adopted: by a person, or by itself once the numbers leave no doubt (F07).

Adopting publishes the current version with all shares on the winner; a draft somebody is working on keeps its other changes. Who has an
arm keeps it (ENGINE_RULES 18): only who comes later is led to the winner.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import structlog
from psycopg.types.json import Jsonb

from tandem.access import audit
from tandem.flow import lookout
from tandem.flow.experiments.counts import Slice, cohort
from tandem.flow.experiments.statistics import Group, compare
from tandem.flow.graph import parse_graph
from tandem.flow.reading import ports_of
from tandem.flow.runs import arm_number
from tandem.flow.service import FlowRooms, get_flow, publish, published_graph
from tandem.kernel.db import Database, Tx
from tandem.kernel.errors import Conflict, NotFound, TandemError
from tandem.kernel.rounds import Rounds

log = structlog.get_logger(__name__)

SPLIT: Final = "decide.split"
SECONDS_BETWEEN: Final = 60.0
#: Looking again and again finds chance differences: what ends by itself must be surer than what a person reads.
LEVEL: Final = 0.01


@dataclass(frozen=True, slots=True)
class Experiment:
    """What is asked of a split, and what became of it."""

    flow_id: UUID
    block: str
    automatic: bool
    each_min: int
    adopted_port: str | None
    adopted_at: datetime | None
    adopted_by: UUID | None
    problem: str | None


_READ: Final = (
    "select flow_id, block, automatic, each_min, adopted_port, adopted_at, adopted_by, problem from flow_experiment"
    " where tenant_id = %(tenant)s"
)


def experiments(tx: Tx, flow_id: UUID) -> dict[str, Experiment]:
    """Block -> what is asked of it, for a flow's splits."""
    found = tx.all(Experiment, f"{_READ} and flow_id = %(flow)s", {"tenant": tx.tenant_id, "flow": flow_id})
    return {one.block: one for one in found}


def decide(tx: Tx, flow_id: UUID, block: str, *, automatic: bool, each_min: int) -> None:
    """Say whether a split ends by itself. Raises NotFound for a flow or split that does not exist."""
    _split(published_graph(tx, get_flow(tx, flow_id, lock=True)), block)
    before = experiments(tx, flow_id).get(block)
    tx.execute(
        "insert into flow_experiment (tenant_id, flow_id, block, automatic, each_min)"
        " values (%(tenant)s, %(flow)s, %(block)s, %(automatic)s, %(each)s) on conflict (tenant_id, flow_id, block)"
        " do update set automatic = excluded.automatic, each_min = excluded.each_min, problem = null",
        {"tenant": tx.tenant_id, "flow": flow_id, "block": block, "automatic": automatic, "each": each_min},
    )
    audit.record(
        tx,
        "flow.experiment_changed",
        "flow",
        flow_id,
        None if before is None else {"block": block, "automatic": before.automatic, "each_min": before.each_min},
        {"block": block, "automatic": automatic, "each_min": each_min},
    )


def adopt(tx: Tx, rooms: FlowRooms, flow_id: UUID, block: str, port: str, permissions: frozenset[str]) -> UUID:
    """Publish the current version with everybody new on one arm. Returns the version's id.

    Raises NotFound, Conflict for a flow that does not run, and whatever publishing raises.
    """
    flow = get_flow(tx, flow_id, lock=True)
    if flow.status != "running":
        raise Conflict("flow_status", "流程没有在运行。", "The flow is not running.")
    graph = _led(published_graph(tx, flow), block, port)
    version = publish(
        tx, rooms, flow_id, permissions, graph=parse_graph(graph), note=f"采用 {block} 的 {port} 组 | {port} adopted"
    )
    try:
        _write_draft(tx, flow_id, _led(flow.draft, block, port))
    except NotFound:
        # Who edits has taken the split out already: there is nothing to lead.
        log.info("draft_without_split", flow=str(flow_id), block=block)
    tx.execute(
        "insert into flow_experiment (tenant_id, flow_id, block, adopted_port, adopted_at, adopted_by)"
        " values (%(tenant)s, %(flow)s, %(block)s, %(port)s, %(now)s, %(user)s) on conflict (tenant_id, flow_id, block)"
        " do update set adopted_port = excluded.adopted_port, adopted_at = excluded.adopted_at, adopted_by = excluded.adopted_by,"
        " automatic = false, problem = null",
        {"tenant": tx.tenant_id, "flow": flow_id, "block": block, "port": port, "now": tx.now, "user": tx.user_id},
    )
    audit.record(tx, "flow.winner_adopted", "flow", flow_id, None, {"block": block, "arm": port})
    return version


def _write_draft(tx: Tx, flow_id: UUID, graph: Mapping[str, Any]) -> None:
    tx.execute(
        "update flow set draft = %(draft)s, draft_etag = draft_etag + 1, updated_at = now() where tenant_id = %(tenant)s and id = %(id)s",
        {"draft": Jsonb(dict(graph)), "tenant": tx.tenant_id, "id": flow_id},
    )


def _split(graph: Mapping[str, Any], block: str) -> Mapping[str, Any]:
    found = next((one for one in graph.get("blocks", ()) if one["id"] == block and one["kind"] == SPLIT), None)
    if found is None:
        raise NotFound("no_such_split", "流程里没有这个 A/B 分流。", "The flow has no such split.")
    return found


def _led(graph: Mapping[str, Any], block: str, port: str) -> dict[str, Any]:
    """The graph with all shares of a split on one arm."""
    arms = _split(graph, block)["config"]["arms"]
    if port not in {arm["name"] for arm in arms}:
        raise NotFound("no_such_arm", "这个分流没有这一组。", "The split has no such arm.")
    led = [{**arm, "share": "100" if arm["name"] == port else "0"} for arm in arms]
    blocks = [
        {**one, "config": {**one["config"], "arms": led}} if one["id"] == block else one for one in graph["blocks"]
    ]
    return {**graph, "blocks": blocks}


def arms_of(
    graph: Mapping[str, Any], rooms: FlowRooms, numbers: Mapping[str, int], arms: Mapping[int, Group], block: str
) -> dict[str, Group]:
    """Port -> who took that arm, for a split."""
    number = int(numbers.get(block, 0))
    ports = ports_of(graph, rooms.kinds).get(block, ())
    return {name: arms.get(arm_number(number, index), Group(0, 0)) for index, (name, _) in enumerate(ports)}


def winner(arms: Mapping[str, Group], each_min: int) -> str | None:
    """The arm that is better than every other beyond doubt, once all have enough people; None while there is none."""
    if len(arms) < 2 or any(one.entered < each_min for one in arms.values()):
        return None
    best = max(arms, key=lambda name: arms[name].rate or 0.0)
    level = LEVEL / (len(arms) - 1)
    beaten = all(compare(arms[best], arms[other], level=level).word == "better" for other in arms if other != best)
    return best if beaten else None


def adopt_won(db: Database, rooms: FlowRooms, tenant: UUID) -> int:
    """Adopt the winners of a tenant's splits that end by themselves; returns how many."""
    with db.tx("worker", tenant=tenant) as tx:
        waiting = tx.all(
            Experiment,
            f"{_READ} and automatic and adopted_at is null and problem is null",
            {"tenant": tenant},
        )
    adopted = 0
    for one in waiting:
        try:
            with db.tx("worker", tenant=tenant) as tx:
                adopted += _adopt_if_won(tx, rooms, one)
        except TandemError as error:
            log.warning("winner_not_adopted", tenant=str(tenant), flow=str(one.flow_id), reason=str(error))
            with db.tx("worker", tenant=tenant) as tx:
                tx.execute(
                    "update flow_experiment set problem = %(problem)s where tenant_id = %(tenant)s and flow_id = %(flow)s and block = %(block)s",
                    {"problem": f"{error.zh} | {error.en}", "tenant": tenant, "flow": one.flow_id, "block": one.block},
                )
    return adopted


def _adopt_if_won(tx: Tx, rooms: FlowRooms, one: Experiment) -> bool:
    flow = get_flow(tx, one.flow_id)
    if flow.status != "running":
        return False
    graph = published_graph(tx, flow)
    arms = arms_of(graph, rooms, flow.numbers, cohort(tx, one.flow_id, Slice()).arms, one.block)
    best = winner(arms, one.each_min)
    if best is None:
        return False
    # Whoever asked for it had the right to publish this very graph.
    adopt(tx, rooms, one.flow_id, one.block, best, frozenset({"*"}))
    log.info("winner_adopted", tenant=str(tx.tenant_id), flow=str(one.flow_id), block=one.block, arm=best)
    return True


class Adopting:
    """The worker's job: a look at every tenant's experiments each minute."""

    def __init__(self, system: Callable[[], FlowRooms]) -> None:
        self._system = system
        self._rounds = Rounds("flow.adopt")

    def __call__(self, db: Database) -> float:
        """Go round once; returns the seconds until the next time."""
        with db.connection("worker") as connection:
            tenants = lookout.tenants(connection)
        self._rounds.each(tenants, lambda tenant: adopt_won(db, self._system(), tenant))
        return SECONDS_BETWEEN
