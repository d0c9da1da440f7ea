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

from tandem.access import audit
from tandem.flow import lookout
from tandem.flow.experiments.adopted import Winner, led_to, note_problem, said_of, split_in
from tandem.flow.experiments.counts import Cohort, Slice, cohort
from tandem.flow.experiments.statistics import Group, compare
from tandem.flow.graph import parse_graph
from tandem.flow.life.approval import Approval, Request, publish_or_ask
from tandem.flow.nested import folded
from tandem.flow.outlets import above, ports_of, splits_of
from tandem.flow.runs import arm_number
from tandem.flow.service import FlowRooms, get_flow, published_graph
from tandem.kernel.db import Database, Tx
from tandem.kernel.errors import Conflict, TandemError
from tandem.kernel.rounds import Rounds

log = structlog.get_logger(__name__)

SECONDS_BETWEEN: Final = 60.0
#: Looking again and again finds chance differences: what ends by itself must be surer than what a person reads.
LEVEL: Final = 0.01
WAITS: Final = "需要另一位同事复核后才采用 | A colleague has to agree before it is adopted"
#: The block that keeps some out, to measure the others against.
HOLDOUT: Final = "decide.holdout"


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
    split_in(published_graph(tx, get_flow(tx, flow_id, lock=True)), block)
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


def adopt(
    tx: Tx, rooms: FlowRooms, flow_id: UUID, block: str, port: str, permissions: frozenset[str]
) -> Approval | None:
    """Publish the current version with everybody new on one arm; where a second person must agree, ask and return the request.

    `tx` sees every customer. Raises NotFound, Conflict for a flow that does not run, and whatever publishing raises.
    """
    flow = get_flow(tx, flow_id, lock=True)
    if flow.status != "running":
        raise Conflict("flow_status", "流程没有在运行。", "The flow is not running.")
    winner = Winner(block=block, port=port)
    published = published_graph(tx, flow)
    graph = parse_graph(led_to(published, winner))
    request = Request(note=said_of(published, winner), winner=winner)
    asked = publish_or_ask(tx, rooms, flow_id, permissions, request, graph)
    if asked is not None:
        note_problem(tx, flow_id, block, WAITS)
    return asked


def arms_of(
    graph: Mapping[str, Any], rooms: FlowRooms, numbers: Mapping[str, int], arms: Mapping[int, Group]
) -> dict[str, dict[str, Group]]:
    """Split -> port -> who took that arm; who went on to a later split counts in both."""
    ports = ports_of(graph, rooms.kinds)
    arms = folded(arms, above(graph, rooms.kinds, numbers, ports), _together)
    found: dict[str, dict[str, Group]] = {}
    for split in splits_of(graph, rooms.kinds):
        block = split["id"]
        number, ways = int(numbers.get(block, 0)), ports[block]
        found[block] = {name: arms.get(arm_number(number, index), Group(0, 0)) for index, (name, _) in enumerate(ways)}
    return found


def against(
    graph: Mapping[str, Any], found: Cohort, arms: Mapping[str, Mapping[str, Group]]
) -> tuple[Group, Group, str | None]:
    """Who was served, the control group, and the block that kept it out: None where the flow itself did at the entry, or nobody was.

    `arms` as `arms_of` has them. A block counts where it is the only one of its kind.
    """
    keeping = [one["id"] for one in graph.get("blocks", ()) if one["kind"] == HOLDOUT]
    if found.control.entered or len(keeping) != 1:
        return found.treated, found.control, None
    served, kept_out = arms[keeping[0]].values()
    return served, kept_out, keeping[0] if kept_out.entered else None


def _together(one: Group, other: Group) -> Group:
    return Group(one.entered + other.entered, one.converted + other.converted)


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
                note_problem(tx, one.flow_id, one.block, f"{error.zh} | {error.en}")
    return adopted


def _adopt_if_won(tx: Tx, rooms: FlowRooms, one: Experiment) -> bool:
    flow = get_flow(tx, one.flow_id)
    if flow.status != "running":
        return False
    graph = published_graph(tx, flow)
    arms = arms_of(graph, rooms, flow.numbers, cohort(tx, one.flow_id, Slice()).arms).get(one.block, {})
    best = winner(arms, one.each_min)
    if best is None:
        return False
    # Whoever asked for it had the right to publish this very graph; where two must agree, nobody is here to ask and it is refused.
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
