"""What the routes of rehearsals take and answer."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field, StringConstraints

from tandem.access.shapes import Body, Label
from tandem.flow.rehearsal.dryrun import DAYS_MAX, PEOPLE_MAX
from tandem.flow.rehearsal.replay import DAYS_MAX as WINDOW_MAX
from tandem.flow.shapes import ConditionOut, EffectOut, StepOut, ThingOut, Who

BlockName = Annotated[str, StringConstraints(max_length=40)]


class DryRun(Body):
    """With whom (`customers`; of a flow about things `subjects`; or `pick` so many), from which start, when, for how long.

    `answers`: wait block -> the port it ends by. `engagement`: what everybody does with a message as it arrives.
    """

    customers: list[UUID] = Field(default_factory=list[UUID], max_length=PEOPLE_MAX)
    subjects: list[UUID] = Field(default_factory=list[UUID], max_length=PEOPLE_MAX)
    pick: Literal["audience", "random"] = "audience"
    count: int = Field(default=5, ge=1, le=PEOPLE_MAX)
    start: BlockName | None = None
    at: AwareDatetime | None = None
    days: int = Field(default=90, ge=1, le=DAYS_MAX)
    answers: dict[BlockName, BlockName] = Field(default_factory=dict[str, str], max_length=100)
    engagement: Literal["nothing", "read", "clicked", "replied"] = "nothing"


class PassageOut(BaseModel):
    """The way of one person (or thing) through the draft.

    `enters`: her last such event (at `event_at`; null: she never had one, it was made up) fits the start.
    """

    customer: Who | None
    thing: ThingOut | None
    enters: bool
    entry: ConditionOut | None
    event_type: str | None
    event_at: datetime | None
    status: str
    arm: str | None
    block: str | None
    block_label: Label | None
    wake_at: datetime | None
    steps: list[StepOut]
    effects: list[EffectOut]


class DryRunOut(BaseModel):
    """What a dry run showed; nothing of it happened. `ended`: where its clock stood at last."""

    began: datetime
    ended: datetime
    people: list[PassageOut]


class NewBacktest(Body):
    """Over how many days back, and with which part of the customers (1 for all)."""

    days: int = Field(default=90, ge=1, le=WINDOW_MAX)
    share: float = Field(default=1.0, gt=0, le=1)


class BacktestBlock(BaseModel):
    """Runs that came to a block, stand at it, failed, took each port."""

    entered: int
    inside: int
    failed: int
    ports: dict[str, int]


class BacktestEffect(BaseModel):
    """Messages, coupons, points by block and outcome; `amount` is money for coupons, points for points."""

    what: str
    block: str
    outcome: str
    n: int
    amount: float


class Hindered(BaseModel):
    """Why messages of a block were held, skipped or failed."""

    block: str
    ruling: str | None
    reason: str | None
    n: int
    customers: int


class BacktestDay(BaseModel):
    """One local day."""

    day: str
    entered: int
    message: int
    coupon: int
    cost: float


class BacktestResult(BaseModel):
    """What would have been. `step_hours`: the clock's stride; `unknown`: what the past does not tell; `people_kept`: size of the sample."""

    since: datetime
    until: datetime
    step_hours: int
    share: float
    events: int
    entered: int
    customers: int
    held_out: int
    inside: int
    failed: int
    converted: int
    converted_held_out: int
    passages: int
    busiest_hour: int
    blocks: dict[str, BacktestBlock]
    effects: list[BacktestEffect]
    hindered: list[Hindered]
    days: list[BacktestDay]
    caused: dict[str, int]
    unknown: list[Label]
    currency: str
    people_kept: int
    seconds: float


class BacktestOut(BaseModel):
    """A backtest: under way (`done` of `total` steps), or with its result. `draft_etag`: of the draft it was of."""

    id: UUID
    state: str
    days: int
    share: float
    draft_etag: int
    done: int
    total: int | None
    error: Label | None
    created_at: datetime
    finished_at: datetime | None
    result: BacktestResult | None


class BacktestPersonOut(BaseModel):
    """Somebody behind a number."""

    run_id: UUID
    customer: Who | None
    thing: ThingOut | None
    entered_at: datetime
