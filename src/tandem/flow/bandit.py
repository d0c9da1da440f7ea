"""Thompson sampling: which arm gets how many, from what each has brought so far. The drawing is pure; the counts are sums over buckets.

Once a minute the shares of each bandit at work are computed anew from the per-bucket sums of its flow and kept as a version; a step names
the version it drew by (ENGINE_RULES 18). A customer keeps her arm for good.
"""

from __future__ import annotations

import operator
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol
from uuid import UUID

import structlog
from psycopg.types.json import Jsonb

from tandem.flow import lookout
from tandem.flow.ids import EVERY_BUCKET
from tandem.flow.module import KindRegistry
from tandem.flow.nested import Above, folded
from tandem.flow.outlets import above, ports_of
from tandem.flow.plan import config_of
from tandem.flow.runs import arm_number
from tandem.kernel.db import Database, Tx
from tandem.kernel.errors import TandemError
from tandem.kernel.ids import derived_id
from tandem.kernel.rounds import Rounds

log = structlog.get_logger(__name__)

WHOLE: Final = 10_000
DRAWS: Final = 2_000
SECONDS_BETWEEN: Final = 60.0
KIND: Final = "decide.bandit"
#: Of an arm's versions so many are kept: enough to read a step's, few enough to forget.
VERSIONS_KEPT: Final = 2_000

Counts = Mapping[str, tuple[int, int]]
"""Arm -> (entered, converted)."""


def shares(counts: Counts, least: int, seed: object) -> dict[str, int]:
    """Each arm's share of `WHOLE`: the chance that it is the best (Beta posteriors over a flat prior), never below `least`.

    The same counts and seed give the same shares.
    """
    arms = list(counts)
    drawn = random.Random(derived_id(seed, *(f"{arm}:{counts[arm]}" for arm in arms)).int)  # noqa: S311 - chance, no secret
    wins = dict.fromkeys(arms, 0)
    for _ in range(DRAWS):
        best = max(
            arms, key=lambda arm: drawn.betavariate(1 + counts[arm][1], 1 + max(0, counts[arm][0] - counts[arm][1]))
        )
        wins[best] += 1
    free = WHOLE - least * len(arms)
    found = {arm: least + free * wins[arm] // DRAWS for arm in arms}
    found[max(arms, key=lambda arm: (wins[arm], arm))] += WHOLE - sum(found.values())
    return found


@dataclass(frozen=True, slots=True)
class _Running:
    flow_id: UUID
    graph: dict[str, Any]
    numbers: dict[str, int]


class _Rooms(Protocol):
    @property
    def kinds(self) -> KindRegistry: ...


def allocate(tx: Tx, kinds: KindRegistry) -> int:
    """Compute the shares of every bandit of the tenant's running flows; returns how many got a new version."""
    running = tx.all(
        _Running,
        "select f.id as flow_id, v.graph, f.numbers from flow f join flow_version v on v.id = f.current_version_id and v.tenant_id = %(tenant)s"
        " where f.tenant_id = %(tenant)s and f.status = 'running' and v.graph -> 'blocks' @> %(asked)s",
        {"tenant": tx.tenant_id, "asked": Jsonb([{"kind": KIND}])},
    )
    made = 0
    for flow in running:
        over = above(flow.graph, kinds, flow.numbers, ports_of(flow.graph, kinds))
        for block in flow.graph["blocks"]:
            kind = kinds.get(block["kind"], block.get("version", 1))
            if block["kind"] != KIND or kind is None:
                continue
            try:
                config: Any = config_of(kind, block["config"])
            except TandemError:
                # It no longer fits this process's kind; whoever can read it computes its shares.
                continue
            number = int(flow.numbers[block["id"]])
            counts = counted(tx, flow.flow_id, number, [arm.name for arm in config.arms], over)
            made += _keep(tx, f"{flow.flow_id}:{block['id']}", counts, int(config.least * 100))
    return made


def counted(tx: Tx, flow_id: UUID, number: int, arms: Sequence[str], over: Above) -> dict[str, tuple[int, int]]:
    """What each arm of a block has brought, over all versions: how many entered, how many reached the flow's goal, by way of a later
    split (`over`) too.
    """
    params = {"tenant": tx.tenant_id, "buckets": EVERY_BUCKET, "flow": flow_id, "number": number}
    entered: dict[int, int] = dict(
        tx.cursor(
            "select s.path[2 * i], sum(s.n)::bigint from flow_path_stat s"
            " join flow_stretch t on t.id = s.stretch and t.tenant_id = %(tenant)s and t.flow_id = %(flow)s"
            " cross join lateral generate_series(1, cardinality(s.path) / 2) i"
            " where s.tenant_id = %(tenant)s and s.bucket = any(%(buckets)s::smallint[]) and s.path[2 * i - 1] = %(number)s group by 1",
            params,
        ).fetchall()
    )
    converted: dict[int, int] = dict(
        tx.cursor(
            "select c.arm, sum(c.n)::bigint from flow_conversion c join flow_version v on v.id = c.version_id and v.tenant_id = %(tenant)s"
            " where c.tenant_id = %(tenant)s and c.bucket = any(%(buckets)s::smallint[]) and v.flow_id = %(flow)s and c.block = 0 group by 1",
            params,
        ).fetchall()
    )
    converted = folded(converted, over, operator.add)
    return {name: (entered.get(port, 0), converted.get(arm_number(number, port), 0)) for port, name in enumerate(arms)}


def _keep(tx: Tx, experiment: str, counts: Counts, least: int) -> int:
    """A new version, unless the counts are those of the last."""
    last = tx.cursor(
        "select version, counted, shares from flow_allocation where tenant_id = %(tenant)s and experiment = %(experiment)s order by version desc limit 1",
        {"tenant": tx.tenant_id, "experiment": experiment},
    ).fetchone()
    told = {arm: list(pair) for arm, pair in counts.items()}
    if last is not None and last[1] == told:
        return 0
    version = 1 if last is None else last[0] + 1
    tx.execute(
        "insert into flow_allocation (tenant_id, experiment, version, shares, counted, made_at)"
        " values (%(tenant)s, %(experiment)s, %(version)s, %(shares)s, %(counted)s, %(now)s)",
        {
            "tenant": tx.tenant_id,
            "experiment": experiment,
            "version": version,
            "shares": Jsonb(shares(counts, least, f"{experiment}:{version}")),
            "counted": Jsonb(told),
            "now": tx.now,
        },
    )
    tx.execute(
        "delete from flow_allocation where tenant_id = %(tenant)s and experiment = %(experiment)s and version <= %(old)s",
        {"tenant": tx.tenant_id, "experiment": experiment, "old": version - VERSIONS_KEPT},
    )
    return 1


class Allocating:
    """The worker's job: a round over all tenants every minute."""

    def __init__(self, rooms: Callable[[], _Rooms]) -> None:
        self._rooms = rooms
        self._rounds = Rounds("flow.bandit")

    def __call__(self, db: Database) -> float:
        """Go round once; returns the seconds until the next time."""

        def one(tenant: UUID) -> int:
            with db.tx("worker", tenant=tenant) as tx:
                return allocate(tx, self._rooms().kinds)

        with db.connection("worker") as connection:
            tenants = lookout.tenants(connection)
        self._rounds.each(tenants, one)
        return SECONDS_BETWEEN
