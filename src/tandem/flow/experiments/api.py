"""Routes of results: uplift, arms, attribution, comparison, adoption, flows in each other's way."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, cast
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from pydantic import AwareDatetime, BaseModel, Field, StringConstraints

from tandem.access.http import Access, allowed
from tandem.access.shapes import Body, Label
from tandem.flow import views
from tandem.flow.api import rights, rooms_of, seeing_all
from tandem.flow.experiments import adopt, contention, counts
from tandem.flow.experiments.adopted import SPLIT
from tandem.flow.experiments.counts import Slice
from tandem.flow.experiments.statistics import Comparison, Group, compare
from tandem.flow.outlets import splits_of
from tandem.flow.palette import label_out
from tandem.flow.rehearsal.house import Rooms
from tandem.flow.results import wilson
from tandem.flow.runs import HOLDOUT_ARM
from tandem.flow.service import FlowDraft, get_flow, published_graph
from tandem.kernel.db import Tx

router = APIRouter(tags=["experiments"])

Reader = Annotated[Access, Depends(allowed("flow.read"))]
Publisher = Annotated[Access, Depends(allowed("flow.publish"))]
Name = Annotated[str, StringConstraints(min_length=1, max_length=60)]
Version = Annotated[int | None, Query(ge=1)]
Moment = Annotated[AwareDatetime | None, Query()]


class GroupOut(BaseModel):
    """People and conversions; `interval` is the 95 % interval of the rate."""

    entered: int
    converted: int
    rate: float | None
    interval: tuple[float, float] | None


class ComparisonOut(BaseModel):
    """First minus second. `word`: better, worse, none, too_few; `visible`: the smallest difference these numbers would show."""

    difference: float | None
    interval: tuple[float, float] | None
    p: float | None
    visible: float | None
    needed: int | None
    gained: float | None
    word: str
    said: Label


class ArmOut(GroupOut):
    """An arm of a split, compared with the best of the others."""

    port: str
    label: Label
    comparison: ComparisonOut | None


class SplitOut(BaseModel):
    """A split with its arms. `leader` is ahead; `won` beyond doubt. `adoptable`: not a bandit, which leads people on by itself."""

    block: str
    adoptable: bool
    label: Label | None
    arms: list[ArmOut]
    leader: str | None
    won: bool
    automatic: bool
    each_min: int
    adopted: str | None
    adopted_at: datetime | None
    by_itself: bool
    problem: str | None


class BlockOut(BaseModel):
    """A block: passages, those who reached the goal after it, and by which ports runs went on."""

    block: str
    label: Label | None
    passed: int
    converted: int
    rate: float | None
    interval: tuple[float, float] | None
    ports: dict[str, int]


class ResultsOut(BaseModel):
    """What came of a flow. `uplift` compares who was served with the control group; null without one.

    `control_block`: the block that keeps the control group out; null where the flow itself does, or nobody is kept out.
    """

    treated: GroupOut
    control: GroupOut
    control_block: str | None
    uplift: ComparisonOut | None
    splits: list[SplitOut]
    blocks: list[BlockOut]


class SideOut(BaseModel):
    """One side of a comparison."""

    version: int | None
    since: datetime | None
    until: datetime | None
    treated: GroupOut
    blocks: list[BlockOut]


class CompareOut(BaseModel):
    """Two versions or periods side by side; `difference` is the second minus the first."""

    first: SideOut
    second: SideOut
    difference: ComparisonOut


class ExperimentIn(Body):
    """Whether a split ends by itself, and how many people every arm must have before."""

    automatic: bool
    each_min: int = Field(default=200, ge=30, le=1_000_000)


class Adoption(Body):
    """Which arm everybody new is led to."""

    arm: Name


class FightOut(BaseModel):
    """`flow` waited or lost `times` messages to `other`; `both` customers are inside both now."""

    flow_id: UUID
    flow: str
    other_id: UUID
    other: str
    times: int
    customers: int
    both: int


class FightsOut(BaseModel):
    """Flows that fight for the same customers, the hardest fights first; at most 200 pairs."""

    days: int
    fights: list[FightOut]


@router.get("/flow-conflicts")
def list_fights(access: Reader, request: Request, days: Annotated[int, Query(ge=1, le=365)] = 30) -> FightsOut:
    """Which flows stand in each other's way under the caps, and which hold the same customers just now."""
    rooms = cast("Rooms", rooms_of(request))
    with access.tx() as tx:
        found = contention.fights(tx, rooms.tryouts, days=days)
    return FightsOut(
        days=days,
        fights=[
            FightOut(
                flow_id=one.flow_id,
                flow=one.flow_name,
                other_id=one.other_id,
                other=one.other_name,
                times=one.times,
                customers=one.customers,
                both=one.both,
            )
            for one in found
        ],
    )


@router.get("/flows/{flow_id}/results")
def read_results(
    access: Reader,
    request: Request,
    flow_id: UUID,
    version: Version = None,
    since: Moment = None,
    until: Moment = None,
) -> ResultsOut:
    """Conversions with intervals: against the control group, by arm, by block; of a version or period when asked."""
    which = Slice(version, since, until)
    with access.tx() as tx:
        flow = get_flow(tx, flow_id)
        return _results(tx, cast("Rooms", rooms_of(request)), flow, which)


@router.get("/flows/{flow_id}/compare")
def compare_slices(
    access: Reader,
    request: Request,
    flow_id: UUID,
    first_version: Version = None,
    second_version: Version = None,
    first_since: Moment = None,
    first_until: Moment = None,
    second_since: Moment = None,
    second_until: Moment = None,
) -> CompareOut:
    """Two versions or two periods side by side; runs count where they entered."""
    rooms = cast("Rooms", rooms_of(request))
    slices = (Slice(first_version, first_since, first_until), Slice(second_version, second_since, second_until))
    with access.tx() as tx:
        flow = get_flow(tx, flow_id)
        groups = [counts.cohort(tx, flow_id, which).treated for which in slices]
        sides = [_side(tx, rooms, flow, which, group) for which, group in zip(slices, groups, strict=True)]
    return CompareOut(first=sides[0], second=sides[1], difference=_comparison(compare(groups[1], groups[0])))


@router.put("/flows/{flow_id}/experiments/{block}", status_code=204)
def change_experiment(access: Publisher, flow_id: UUID, block: Name, body: ExperimentIn) -> None:
    """Say whether a split's winner is adopted by itself."""
    with access.tx() as tx:
        adopt.decide(tx, flow_id, block, automatic=body.automatic, each_min=body.each_min)


@router.post("/flows/{flow_id}/experiments/{block}/adopt", status_code=204)
def adopt_arm(access: Publisher, request: Request, flow_id: UUID, block: Name, body: Adoption) -> None:
    """Lead everybody new to one arm: the current version is published again with its shares there.

    Past a limit it waits for a second person, as publishing does; the split says so (`problem`).
    """
    with seeing_all(access).tx() as tx:
        adopt.adopt(tx, rooms_of(request), flow_id, block, body.arm, rights(access, request))


# ---------------------------------------------------------------------------------------------------------- parts


def _results(tx: Tx, rooms: Rooms, flow: FlowDraft, which: Slice) -> ResultsOut:
    graph = published_graph(tx, flow)
    naming = views.Naming(graph, rooms.kinds, flow.numbers)
    cohort = counts.cohort(tx, flow.id, which)
    known = adopt.experiments(tx, flow.id)
    arms = adopt.arms_of(graph, rooms, flow.numbers, cohort.arms)
    splits = [
        _split(naming, block, arms[block["id"]], known.get(block["id"])) for block in splits_of(graph, rooms.kinds)
    ]
    treated, control, keeping = adopt.against(graph, cohort, arms)
    uplift = compare(treated, control) if control.entered else None
    return ResultsOut(
        treated=_group(treated),
        control=_group(control),
        control_block=keeping,
        uplift=None if uplift is None else _comparison(uplift),
        splits=splits,
        blocks=_blocks(tx, rooms, flow, graph, naming, which),
    )


def _split(
    naming: views.Naming, drawn: Mapping[str, Any], arms: Mapping[str, Group], known: adopt.Experiment | None
) -> SplitOut:
    block = drawn["id"]
    ranked = sorted((name for name, one in arms.items() if one.rate is not None), key=lambda n: arms[n].rate or 0)
    leader = ranked[-1] if ranked else None
    out: list[ArmOut] = []
    for index, (name, group) in enumerate(arms.items()):
        label = naming.port(block, index)[1] or Label(zh=name, en=name)
        rival = next((one for one in reversed(ranked) if one != name), None)
        comparison = None if rival is None else _comparison(compare(group, arms[rival]))
        out.append(ArmOut(**_group(group).model_dump(), port=name, label=label, comparison=comparison))
    each_min = known.each_min if known else 200
    return SplitOut(
        block=block,
        adoptable=drawn["kind"] == SPLIT,
        label=naming.label(block),
        arms=out,
        leader=leader,
        won=adopt.winner(arms, each_min) is not None,
        automatic=known.automatic if known else False,
        each_min=each_min,
        adopted=known.adopted_port if known else None,
        adopted_at=known.adopted_at if known else None,
        by_itself=known is not None and known.adopted_at is not None and known.adopted_by is None,
        problem=known.problem if known else None,
    )


def _blocks(
    tx: Tx, rooms: Rooms, flow: FlowDraft, graph: Mapping[str, Any], naming: views.Naming, which: Slice
) -> list[BlockOut]:
    passed = counts.passages(tx, flow.id, graph, rooms.kinds, flow.numbers, which)
    converted: dict[int, int] = {}
    for (block, arm), n in counts.conversions(tx, flow.id, which).items():
        if arm != HOLDOUT_ARM:
            converted[block] = converted.get(block, 0) + n
    found: list[BlockOut] = []
    for block in graph.get("blocks", ()):
        count = passed.get(block["id"])
        n = 0 if count is None else count.entered
        # Whoever goes round in a loop passes more often than she converts, never the reverse.
        group = Group(n, min(n, converted.get(int(flow.numbers.get(block["id"], 0)), 0)))
        out = _group(group)
        found.append(
            BlockOut(
                block=block["id"],
                label=naming.label(block["id"]),
                passed=n,
                converted=group.converted,
                rate=out.rate,
                interval=out.interval,
                ports={} if count is None else count.ports,
            )
        )
    return found


def _side(tx: Tx, rooms: Rooms, flow: FlowDraft, which: Slice, group: Group) -> SideOut:
    graph = _graph_of(tx, flow, which.version)
    naming = views.Naming(graph, rooms.kinds, flow.numbers)
    return SideOut(
        version=which.version,
        since=which.since,
        until=which.until,
        treated=_group(group),
        blocks=_blocks(tx, rooms, flow, graph, naming, which),
    )


def _graph_of(tx: Tx, flow: FlowDraft, version: int | None) -> dict[str, Any]:
    found: dict[str, Any] | None = tx.value(
        "select graph from flow_version where tenant_id = %(tenant)s and flow_id = %(flow)s and number = %(version)s",
        {"tenant": tx.tenant_id, "flow": flow.id, "version": version},
    )
    return found or published_graph(tx, flow)


def _group(one: Group) -> GroupOut:
    return GroupOut(
        entered=one.entered, converted=one.converted, rate=one.rate, interval=wilson(one.converted, one.entered)
    )


def _comparison(one: Comparison) -> ComparisonOut:
    return ComparisonOut(
        difference=one.difference,
        interval=one.interval,
        p=one.p,
        visible=one.visible,
        needed=one.needed,
        gained=one.gained,
        word=one.word,
        said=label_out(one.said),
    )
