"""A worker's memory of a tenant's flows: plans, compiled stretches, who listens to which event. Reloaded when the epoch rises."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast
from uuid import UUID

import structlog

from tandem.catalog import Catalog
from tandem.flow.compiler import Stretch, compile_stretch, fragments_of
from tandem.flow.expressions import BlockContext, plan_scoping
from tandem.flow.graph import parse_graph
from tandem.flow.module import KindRegistry
from tandem.flow.node import Fragment, Role, Trigger
from tandem.flow.plan import Mode, Plan, PlannedBlock, plan_of
from tandem.flow.runs import EVERY_FLOW, STRETCHES_MAX
from tandem.kernel.db import Tx
from tandem.kernel.errors import TandemError
from tandem.stream.things.catalogue import catalog_of

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Listener:
    """A start or a wait and the events it listens to."""

    plan: Plan
    block: PlannedBlock
    trigger: Trigger


@dataclass(slots=True)
class Version:
    """One published version: its plan, whether new runs enter it, and its stretches as they get compiled."""

    plan: Plan
    current: bool
    paused: bool
    fragments: Mapping[str, Fragment | None]
    compiled: dict[int, Stretch] = field(default_factory=dict[int, Stretch])
    alone: dict[int, Stretch] = field(default_factory=dict[int, Stretch])
    """Stretches cut down to their first block, made when a run fails in the whole one."""


@dataclass(slots=True)
class TenantPlans:
    """Everything the runtime needs to know about one tenant's flows."""

    epoch: int
    versions: dict[UUID, Version]
    by_stretch: dict[int, Version]
    starts: dict[str, list[Listener]]
    waits: dict[str, dict[int, list[Listener]]]
    """Event type -> stretch (of a run that waits) -> what it waits for, the first that fits counts."""
    watched: dict[str, dict[int, Version]]
    """Event type -> stretches of versions whose goal or exit condition looks at such events."""
    conditions: dict[int, Version]
    """Stretches of versions whose goal or exit condition is a condition alone."""
    unreadable: dict[UUID, str]
    """Versions this process cannot run (a kind it does not have), with the reason; their runs wait for a process that can."""
    catalog: Catalog | None = None
    kin: bool = False
    """Some run may have runs of its own: when these end, it is due in the same turn."""

    def stretch(self, number: int) -> Stretch | None:
        """The compiled stretch of a number; None when this process cannot run its version."""
        version = self.by_stretch.get(number)
        if version is None:
            return None
        if number not in version.compiled:
            block, mode = version.plan.place(number)
            version.compiled[number] = compile_stretch(version.plan, block, mode, version.fragments)
        return version.compiled[number]

    def alone(self, number: int) -> Stretch | None:
        """The stretch cut down to its first block; None where it is no more than that, or nothing that can be cut."""
        version = self.by_stretch.get(number)
        whole = self.stretch(number)
        if version is None or whole is None or whole.sql is None:
            return None
        if whole.mode == "enter" and whole.block.role in {Role.WAIT, Role.END}:
            return None
        if number not in version.alone:
            version.alone[number] = compile_stretch(
                version.plan, whole.block.id, whole.mode, version.fragments, alone=True
            )
        return version.alone[number]

    def listens(self) -> frozenset[str]:
        """Event types that can start, wake or end something."""
        return frozenset(self.starts) | frozenset(self.waits) | frozenset(self.watched)


_EPOCH = "select coalesce((select epoch from flow_epoch where tenant_id = %(tenant)s), 0)"
_VERSIONS = """
select v.id, v.flow_id, v.number, v.graph, v.numbers, f.status, f.current_version_id = v.id as current,
       (select jsonb_agg(jsonb_build_array(s.block, s.mode, s.id)) from flow_stretch s where s.version_id = v.id and s.tenant_id = %(tenant)s),
       (select g.steps_per_run from flow_guard g where g.tenant_id = %(tenant)s and g.flow_id in (v.flow_id, %(every)s)
          and g.steps_per_run is not null order by g.flow_id = %(every)s limit 1)
from flow_version v join flow f on f.id = v.flow_id and f.tenant_id = %(tenant)s
where v.tenant_id = %(tenant)s and v.status = 'published' and (%(flows)s::uuid[] is null or v.flow_id = any(%(flows)s))
"""


class PlanShelf:
    """The plans of all tenants a worker serves."""

    def __init__(self, catalog: Catalog, registry: KindRegistry) -> None:
        self._catalog = catalog
        self._registry = registry
        self._tenants: dict[UUID, TenantPlans] = {}

    def of(self, tx: Tx) -> TenantPlans:
        """The plans of the transaction's tenant, as of now."""
        epoch: int = tx.value(_EPOCH, {"tenant": tx.tenant_id})
        known = self._tenants.get(tx.tenant_id)
        if known is None or known.epoch != epoch:
            known = self._load(tx, epoch)
            self._tenants[tx.tenant_id] = known
        return known

    def some(self, tx: Tx, flows: Sequence[UUID]) -> TenantPlans:
        """The plans of these flows alone, not kept: for who moves a few runs outside the worker's turns."""
        return self._load(tx, 0, flows)

    def _load(self, tx: Tx, epoch: int, flows: Sequence[UUID] | None = None) -> TenantPlans:
        catalog = catalog_of(tx, self._catalog)
        plans = TenantPlans(
            epoch, {}, {}, defaultdict(list), defaultdict(dict), defaultdict(dict), {}, {}, catalog=catalog
        )
        named = None if flows is None else list(flows)
        for row in tx.cursor(_VERSIONS, {"tenant": tx.tenant_id, "flows": named, "every": EVERY_FLOW}).fetchall():
            try:
                self._add(plans, catalog, tx.zone, row)
            except TandemError as error:
                # A newer process may know the kind: the version's runs stay where they are, and this is seen in the log.
                plans.unreadable[row[0]] = str(error)
                log.warning("flow_version_unreadable", version=str(row[0]), reason=str(error))
        return plans

    def _add(self, plans: TenantPlans, catalog: Catalog, zone: str, row: tuple[Any, ...]) -> None:
        version_id, flow_id, number, graph, numbers, status, current, places, steps = row
        stretches: dict[tuple[str, Mode], int] = {(block, cast("Mode", mode)): one for block, mode, one in places or ()}
        plan = plan_of(
            parse_graph(graph),
            self._registry,
            flow_id=flow_id,
            version_id=version_id,
            version_number=number,
            numbers=numbers,
            stretches=stretches,
            zone=zone,
            catalog=catalog,
            steps_max=steps or STRETCHES_MAX,
        )
        scoping = plan_scoping(plan)
        fragments = fragments_of(plan, lambda plan, block: BlockContext(catalog, plan, block, scoping))
        version = Version(plan, bool(current) and status == "running", status == "paused", fragments)
        plans.versions[version_id] = version
        for stretch in stretches.values():
            plans.by_stretch[stretch] = version
        listen(plans, version)


def listen(plans: TenantPlans, version: Version) -> None:
    """File a version under the events it listens to."""
    plan = version.plan
    plans.kin |= any(block.kind.branches for block in plan.blocks.values())
    for block in plan.starts():
        trigger = block.kind.trigger(block.config)
        if trigger is not None and version.current:
            for name in trigger.types:
                plans.starts[name].append(Listener(plan, block, trigger))
    for block in plan.waits():
        for trigger in block.kind.triggers(block.config):
            for name in trigger.types:
                heard = plans.waits[name].setdefault(plan.stretches[block.id, "resume"], [])
                heard.append(Listener(plan, block, trigger))
        if plans.catalog is not None:
            for name in block.kind.wakes_on(block.config, plan_scoping(plan).scope(plans.catalog, block.id)):
                heard = plans.waits[name].setdefault(plan.stretches[block.id, "resume"], [])
                heard.append(Listener(plan, block, Trigger((name,), look=True)))
    for watch in (plan.settings.goal, plan.settings.exit_when):
        if watch is None:
            continue
        target = plans.watched[watch.event_type] if watch.event_type else plans.conditions
        target |= dict.fromkeys(plan.stretches.values(), version)


def bump(tx: Tx) -> None:
    """Tell every worker that the tenant's flows have changed."""
    tx.execute(
        "insert into flow_epoch as e (tenant_id, epoch) values (%(tenant)s, 1)"
        " on conflict (tenant_id) do update set epoch = e.epoch + 1",
        {"tenant": tx.tenant_id},
    )
