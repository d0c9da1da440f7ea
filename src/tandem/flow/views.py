"""Rows of flows, runs and tasks as the routes answer them: block ids get labels, customers get names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Protocol
from uuid import UUID

from tandem.access.http import Access
from tandem.access.shapes import Label as LabelOut
from tandem.catalog import Catalog
from tandem.catalog.label import Label
from tandem.flow import reading, results, subjects
from tandem.flow import shapes as s
from tandem.flow.explain.named import FactNames
from tandem.flow.module import KindRegistry
from tandem.flow.palette import label_out
from tandem.flow.people import TaskRow
from tandem.flow.rehearsal.parts import Effect
from tandem.flow.runs import HOLDOUT_ARM, Leaving, RunStatus, arm_parts
from tandem.flow.service import FlowDraft
from tandem.stream.customer import view

_LEFT_BY = {
    Leaving.GOAL: Label("目标达成，离开", "left: goal reached"),
    Leaving.EXIT_CONDITION: Label("满足提前离开的条件", "left: exit condition"),
    Leaving.STOPPED: Label("流程停止，离开", "left: flow stopped"),
    Leaving.FAILED: Label("在这里失败", "failed here"),
    Leaving.MERGED: Label("客户合并，离开", "left: customer merged"),
    Leaving.MOVED: Label("换版时离开", "left: new version"),
    Leaving.RETRIED: Label("重试", "tried again"),
    Leaving.SKIPPED: Label("跳过这一步", "skipped"),
    Leaving.BY_HAND: Label("人工移出", "taken out by hand"),
    Leaving.CAUGHT: Label("出错，转到出错处理", "failed, went on where the flow says"),
    Leaving.WITH_PARENT: Label("所属流程已继续，结束", "ended with the run it belonged to"),
    Leaving.SECOND: Label("买家确认后发现已在流程里，离开", "left: already inside, as its buyer became known"),
}


class Naming:
    """What the blocks and ports of a graph are called."""

    def __init__(self, graph: Mapping[str, Any], kinds: KindRegistry, numbers: Mapping[str, Any]) -> None:
        self._blocks: dict[str, Mapping[str, Any]] = {block["id"]: block for block in graph.get("blocks", ())}
        self._kinds = kinds
        self._ports = reading.ports_of(graph, kinds)
        self._ids = {int(number): block for block, number in numbers.items()}

    def ways(self, block: str) -> int:
        """How many ports a block can be left by."""
        return len(self._ports.get(block, ()))

    def block_id(self, number: int) -> str:
        """The id of a small number; the number itself for a block nobody knows any more."""
        return self._ids.get(number, str(number))

    def kind(self, block: str) -> str | None:
        """The kind of a block, None when it is not in this graph."""
        found = self._blocks.get(block)
        return None if found is None else str(found["kind"])

    def label(self, block: str) -> LabelOut | None:
        """What the author called the block, else its kind's name."""
        found = self._blocks.get(block)
        if found is None:
            return None
        if found.get("label"):
            return LabelOut(zh=found["label"], en=found["label"])
        kind = self._kinds.get(found["kind"], found.get("version", 1))
        return None if kind is None else label_out(kind.label)

    def port(self, block: str, port: int) -> tuple[str | None, LabelOut | None]:
        """Name and label of a port, or of the way in which a run left otherwise."""
        if port < 0:
            left = Leaving(port)
            return left.name.lower(), label_out(_LEFT_BY[left])
        ports = self._ports.get(block, ())
        return (ports[port][0], label_out(ports[port][1])) if port < len(ports) else (None, None)

    def arm(self, arm: int | None) -> str | None:
        """What an arm is called."""
        if arm is None:
            return None
        if arm == HOLDOUT_ARM:
            return "holdout"
        number, port = arm_parts(arm)
        label = self.port(self.block_id(number), port)[1]
        return None if label is None else label.zh


def names_of(access: Access, ids: Sequence[UUID | None]) -> dict[UUID, s.Who]:
    """These customers, called by name where the caller may read them and else by the end of their id."""
    called = view.names(access, ids)
    return {one: s.Who(id=one, name=called.get(one) or subjects.short_of(one)) for one in ids if one is not None}


class About(Protocol):
    """A row that may be about a thing."""

    @property
    def subject_type(self) -> str | None: ...

    @property
    def subject_id(self) -> UUID | None: ...


def things_of(access: Access, catalog: Catalog, rows: Sequence[About]) -> dict[UUID, s.ThingOut]:
    """The things that these runs or tasks are about, called by their names as far as the caller may see them."""
    wanted = [(row.subject_type, row.subject_id) for row in rows if row.subject_id is not None]
    if not wanted:
        return {}
    with access.tx() as tx:
        found = subjects.things(tx, catalog, wanted)
    hidden = {kind for kind, _ in wanted if not _may_see(access, catalog, kind or "")}
    return {
        one.id: s.ThingOut(
            type=one.type,
            label=label_out(subjects.label_of(catalog, one.type)),
            id=one.id,
            title=subjects.short_of(one.id) if one.type in hidden else one.title,
        )
        for one in found.values()
    }


def _may_see(access: Access, catalog: Catalog, kind: str) -> bool:
    entity = subjects.entity_of(catalog, kind)
    return entity is not None and entity.subject is not None and access.may(entity.subject.permission)


def run_line(
    row: reading.RunRow,
    naming: Naming,
    who: Mapping[UUID, s.Who],
    things: Mapping[UUID, s.ThingOut] = MappingProxyType({}),
) -> s.RunLine:
    """A run for a list."""
    status = RunStatus(row.status).name.lower()
    return s.RunLine(
        id=row.id,
        flow=s.NamedFlow(id=row.flow_id, name=row.flow_name),
        version=row.version_number,
        customer_id=row.customer_id,
        customer=who.get(row.customer_id) if row.customer_id else None,
        thing=things.get(row.subject_id) if row.subject_id else None,
        block=row.block,
        block_label=naming.label(row.block),
        state=status,
        status=status,
        since=row.since,
        reason=row.reason,
        entered_at=row.entered_at,
        ended_at=row.ended_at,
        wake_at=row.wake_at,
        goal_at=row.goal_at,
    )


def run_out(
    row: reading.RunRow,
    steps: Sequence[s.StepOut],
    naming: Naming,
    who: Mapping[UUID, s.Who],
    *,
    entry: tuple[str | None, s.ConditionOut | None],
    effects: Sequence[Effect],
    things: Mapping[UUID, s.ThingOut] = MappingProxyType({}),
) -> s.RunOut:
    """A run with its steps, the condition of its entry, and what it did for her."""
    return s.RunOut(
        **run_line(row, naming, who, things).model_dump(),
        arm=naming.arm(row.arm),
        steps=list(steps),
        entry_event=entry[0],
        entry=entry[1],
        effects=[effect_out(one, naming) for one in effects],
    )


def effect_out(one: Effect, naming: Naming) -> s.EffectOut:
    """An effect with its block's name."""
    return s.EffectOut(
        block=one.block,
        block_label=naming.label(one.block),
        what=one.what,
        outcome=one.outcome,
        title=one.title,
        text=one.text,
        reason=one.reason,
        until=one.until,
        amount=one.amount,
        at=one.at,
    )


def step_out(step: reading.StepRow, naming: Naming, names: FactNames) -> s.StepOut:
    """A step with its block, its way and what it decided from called by name."""
    block = naming.block_id(step.block)
    port, port_label = naming.port(block, step.port)
    return s.StepOut(
        at=step.at,
        block=block,
        kind=naming.kind(block),
        label=naming.label(block),
        port=port,
        port_label=port_label,
        facts=step.facts,
        fact_names={name: label_out(label) for name, label in names.of(block, step.facts).items()},
    )


def task_out(row: TaskRow, who: Mapping[UUID, s.Who], things: Mapping[UUID, s.ThingOut]) -> s.TaskOut:
    """A task for the list."""
    return s.TaskOut(
        id=row.id,
        title=row.title,
        instructions=row.note,
        role=row.role,
        state=row.state,
        customer=who.get(row.customer_id) if row.customer_id else None,
        thing=things.get(row.subject_id) if row.subject_id else None,
        flow=s.NamedFlow(id=row.flow_id, name=row.flow_name),
        run_id=row.run_id,
        due_at=row.due_at,
        created_at=row.created_at,
        decided_at=row.decided_at,
        decided_port=row.port,
        note=row.comment,
        ports=[s.PortOut.model_validate(one) for one in row.ports],
        fields=[s.FormFieldOut.model_validate(one) for one in row.fields or ()],
    )


def flow_line(flow: FlowDraft, count: reading.Counts | None) -> dict[str, Any]:
    """What list and canvas both show of a flow."""
    published = None
    if flow.current_version_id is not None and flow.version_number is not None and flow.published_at is not None:
        published = s.Published(
            version_id=flow.current_version_id, number=flow.version_number, published_at=flow.published_at
        )
    counts = s.CountsOut()
    if count is not None:
        counts = s.CountsOut(
            entered=count.entered,
            active=count.active,
            done=count.done,
            failed=count.failed,
            converted=count.converted,
        )
    return {
        "id": flow.id,
        "name": flow.name,
        "note": flow.note,
        "status": flow.status,
        "updated_at": flow.updated_at,
        "published": published,
        "counts": counts,
        "has_goal": flow.has_goal,
    }


def stats_out(
    blocks: Mapping[str, results.BlockCount],
    arms: Sequence[results.ArmCount],
    count: reading.Counts | None,
    *,
    has_goal: bool,
) -> s.Stats:
    """A flow's statistics. The verdict compares the arms of one split; the control group is told apart."""
    entered, converted = (count.entered, count.converted) if count else (0, 0)
    return s.Stats(
        blocks={
            name: s.BlockStats(entered=one.entered, inside=one.inside, failed=one.failed, ports=one.ports)
            for name, one in blocks.items()
        },
        goal=s.GoalStats(
            entered=entered, converted=converted, rate=converted / entered if entered and has_goal else None
        ),
        arms={
            arm.name: s.ArmStats(
                label=label_out(arm.label),
                entered=arm.entered,
                converted=arm.converted,
                rate=arm.rate,
                interval=results.wilson(arm.converted, arm.entered),
            )
            for arm in arms
        },
        verdict=_verdict(arms),
    )


def _verdict(arms: Sequence[results.ArmCount]) -> LabelOut | None:
    splits: dict[str, list[results.ArmCount]] = {}
    for arm in arms:
        splits.setdefault(arm.name.partition(".")[0], []).append(arm)
    # With two splits in one flow their arms are different questions; only a single one gets a sentence.
    asked = [found for name, found in splits.items() if name != "holdout"]
    label = results.verdict(asked[0]) if len(asked) == 1 else None
    return None if label is None else label_out(label)
