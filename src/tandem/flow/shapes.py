"""What the flow routes take and answer."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field, StringConstraints

from tandem.access.shapes import Body, Label

FlowName = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Note = Annotated[str, StringConstraints(max_length=4000)]


class NewFlow(Body):
    """A flow to make, empty or from a graph."""

    name: FlowName
    note: Note = ""
    graph: dict[str, Any] | None = None


class FlowChange(Body):
    """What to change; a key left out stays."""

    name: FlowName | None = None
    note: Note | None = None


class Draft(Body):
    """The canvas to save. `etag` is the one that came with what was changed."""

    graph: dict[str, Any]
    etag: int


class Saved(BaseModel):
    """The draft's new etag."""

    etag: int


class Publish(Body):
    """What becomes of those inside: they stay on their version, move to the new one, or leave."""

    running: Literal["stay", "move", "leave"] = "stay"
    successors: dict[str, str] = Field(default_factory=dict[str, str], max_length=500)
    note: Annotated[str, StringConstraints(max_length=500)] = ""
    """Why: for those who read the list of versions."""


class PreviewEntry(BaseModel):
    """Customers who enter together at a start: at `at`, or (null) at once. `messages`: to them, at most; null without a bound."""

    block: str
    segment: str
    people: int
    at: datetime | None
    messages: int | None
    cost: Decimal | None = None


class PreviewInside(BaseModel):
    """Customers inside a version."""

    version: int
    runs: int


class PublishPreview(BaseModel):
    """What publishing the draft would do. `listens`: others enter later, as things happen."""

    entries: list[PreviewEntry]
    listens: bool
    inside: list[PreviewInside]
    human: list[str] = Field(default_factory=list[str])
    """Blocks marked as a person's to decide that somebody would now get past."""
    reasons: list[str] = Field(default_factory=list[str])
    """Why a second person has to agree: people, cost, human. Empty: nobody has to."""
    people_max: int | None = None
    cost_max: Decimal | None = None
    """The limits it is held against."""


class Published(BaseModel):
    """The current version."""

    version_id: UUID
    number: int
    published_at: datetime


class CountsOut(BaseModel):
    """Runs of a flow, over the customers the caller may see; the control group is not among them."""

    entered: int = 0
    active: int = 0
    done: int = 0
    failed: int = 0
    converted: int = 0


class FlowLine(BaseModel):
    """A flow in a list."""

    id: UUID
    name: str
    note: str
    status: str
    updated_at: datetime
    published: Published | None
    counts: CountsOut
    has_goal: bool = True
    """Without a goal nobody can be counted as having reached it."""


class VariantOut(BaseModel):
    """A variant: the version that takes the everyday one's place from `starts_at` to `ends_at`."""

    id: UUID
    version_id: UUID
    number: int
    name: str
    starts_at: datetime
    ends_at: datetime
    at_start: str
    at_end: str
    state: str


class ApprovalOut(BaseModel):
    """A publishing that waits, or waited, for a second person's word. `weight`: people, cost, human, reasons."""

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


class ApprovalOpened(ApprovalOut):
    """A request with the graph that it wants published, as it was drawn when it was asked for."""

    graph: dict[str, Any]


class FlowOut(FlowLine):
    """A flow with its canvas. `approval`: what waits for a second person; `variant`: the one that is current, or comes next."""

    etag: int
    draft: dict[str, Any]
    approval: ApprovalOut | None = None
    verdict: ApprovalOut | None = None
    """What became of the last request, where none has been made or withdrawn since."""
    variant: VariantOut | None = None


class FindingOut(BaseModel):
    """Something the check found, and how to mend it. `block` is null for the flow as a whole."""

    block: str | None
    where: str
    severity: str
    code: str
    message: Label
    mend: Label


class Findings(BaseModel):
    """Everything the check found; no error means that it can be published."""

    findings: list[FindingOut]


class VersionOut(BaseModel):
    """A published version."""

    id: UUID
    number: int
    status: str
    published_at: datetime
    current: bool
    graph: dict[str, Any]
    note: str
    by_name: str | None
    """Who published it, or asked for it."""
    agreed_name: str | None = None
    """The second person, where one had to agree."""


class BlockStats(BaseModel):
    """One block: how many came, stand here, failed here, took each port; since when the one that waits longest stands."""

    entered: int
    inside: int
    failed: int
    ports: dict[str, int]


class ArmStats(BaseModel):
    """One arm of an experiment. `interval` is the 95 % interval of the rate."""

    label: Label
    entered: int
    converted: int
    rate: float | None
    interval: tuple[float, float] | None


class GoalStats(BaseModel):
    """The goal over all that entered. `rate` null: nobody has entered yet, or the flow has no goal."""

    entered: int
    converted: int
    rate: float | None


class Stats(BaseModel):
    """A flow at work, over all its versions."""

    blocks: dict[str, BlockStats]
    goal: GoalStats
    arms: dict[str, ArmStats]
    verdict: Label | None


class PortOut(BaseModel):
    """A way out of a block."""

    name: str
    label: Label
    optional: bool = False


class PortSource(BaseModel):
    """Ports that follow from a list in the configuration: before, one per item of `field`, after."""

    field: str
    name: str
    label: str
    before: list[PortOut]
    after: list[PortOut]


class KindOut(BaseModel):
    """A kind of block for the palette."""

    kind: str
    version: int
    group: str
    role: str
    label: Label
    help: Label
    icon: str
    needs: list[str]
    for_customer: bool
    """It needs a customer: of no use in a flow about things that have none."""
    config_schema: dict[str, Any]
    default_config: dict[str, Any]
    ports: list[PortOut]
    port_source: PortSource | None


class Kinds(BaseModel):
    """Every kind this server knows, in the palette's order."""

    items: list[KindOut]


class Who(BaseModel):
    """A customer by name, masked for strangers."""

    id: UUID
    name: str


class ThingOut(BaseModel):
    """What a run is about, where that is no customer: `type` is an entity of the catalog, `label` what people call such a thing."""

    type: str
    label: Label
    id: UUID
    title: str


class NamedFlow(BaseModel):
    """A flow by name."""

    id: UUID
    name: str


class RunLine(BaseModel):
    """A run in a list. `since`: at its place since when. `reason`: why it stands still."""

    id: UUID
    flow: NamedFlow
    version: int
    customer_id: UUID | None
    customer: Who | None
    thing: ThingOut | None = None
    block: str | None
    block_label: Label | None
    state: str
    status: str
    since: datetime | None
    reason: str | None
    entered_at: datetime
    ended_at: datetime | None
    wake_at: datetime | None
    goal_at: datetime | None


class StepOut(BaseModel):
    """One block passed: when, by which port, decided from which values. `port` of a run that left otherwise is e.g. "goal"."""

    at: datetime
    block: str
    kind: str | None
    label: Label | None
    port: str | None
    port_label: Label | None
    facts: dict[str, Any] | None
    fact_names: dict[str, Label] = {}
    """What facts are called that are expressions (`event.total`); the others are words of their own."""


class ConditionOut(BaseModel):
    """A condition judged: `and`, `or`, `not` over parts, or a `condition` with the values it looked at.

    `holds` is null where it asks about data that the reader may not see. `plain`: the same in words;
    each of `values` has `text`, `plain`, `value`.
    """

    kind: str
    text: str
    plain: Label | None = None
    holds: bool | None
    values: list[dict[str, Any]]
    parts: list[ConditionOut]


class EffectOut(BaseModel):
    """What a block did for her: a message with its words, a coupon with its code, points."""

    block: str
    block_label: Label | None
    what: str
    outcome: str
    title: str
    text: str | None
    reason: str | None
    until: datetime | None
    amount: Decimal | None
    at: datetime


class RunOut(RunLine):
    """A run with every step and what each did for her. `entry`: the condition of entry with its values as of then, None without one."""

    arm: str | None
    steps: list[StepOut]
    entry_event: str | None
    entry: ConditionOut | None
    effects: list[EffectOut]


class Skip(Body):
    """By which port (its position) a failed run goes past the block."""

    port: int = Field(default=0, ge=0, le=60)


class SendOn(Body):
    """Who waits at a block goes on by one of its ports; without one by its time-out, else by the first."""

    block: str = Field(min_length=1, max_length=60)
    port: str | None = Field(default=None, max_length=60)


class FormFieldOut(BaseModel):
    """A field that a form asks for."""

    name: str
    label: str
    type: str


class Entry(Body):
    """Who is to enter a flow (or, where it is about things, which: by their ids in `subjects`), at which start, with which values."""

    customers: list[UUID] = Field(default_factory=list[UUID], max_length=5000)
    subjects: list[UUID] = Field(default_factory=list[UUID], max_length=5000)
    block: Annotated[str, StringConstraints(max_length=40)] | None = None
    data: dict[str, str | float | bool | None] = Field(
        default_factory=dict[str, str | float | bool | None], max_length=20
    )


class Entering(BaseModel):
    """How many of them the caller may see and were asked in; the flow's own rules decide who enters."""

    asked: int


class TaskOut(BaseModel):
    """A question to a person."""

    id: UUID
    title: str
    instructions: str
    role: str
    state: str
    customer: Who | None
    thing: ThingOut | None = None
    flow: NamedFlow
    run_id: UUID
    due_at: datetime | None
    created_at: datetime
    decided_at: datetime | None
    decided_port: str | None
    note: str | None
    ports: list[PortOut]
    fields: list[FormFieldOut]


class Decision(Body):
    """The answer to a task: one of its ports, and a word why."""

    port: Annotated[str, StringConstraints(min_length=1, max_length=40)]
    note: Annotated[str, StringConstraints(max_length=2000)] = ""
    values: dict[str, str | float | bool | None] = Field(
        default_factory=dict[str, str | float | bool | None], max_length=30
    )
    """What a form was filled in with, by field."""
