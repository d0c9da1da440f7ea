"""What a block is: the protocol that domains implement to put a kind of block into the palette.

A kind is small and its answer is data. It offers one or two ways to run, both over a whole batch, never over one run:

``run(batch, turn)``      arrays in, arrays out; the way that every kind may take.
``fragment(config, ctx)`` SQL that the compiler fuses with the neighbouring blocks' SQL into one statement; the fast way.

A kind that offers both is proved to give the same answer both ways (``tests/engine/flow``). Neither waits for the outside: what must
leave the database becomes a row of an outbox in the same transaction, and a question to the outside is an ``Await``.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar, Generic, Literal, Protocol, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from tandem.catalog.label import Label
from tandem.catalog.model import Catalog, Field, Scope
from tandem.kernel.db import Tx
from tandem.kernel.turn import Turn

Severity = Literal["error", "warning"]


class Role(StrEnum):
    """What a block does to a run; the compiler cuts the graph by it."""

    START = "start"
    """Runs begin here. It has no arrow coming in."""
    STEP = "step"
    """Runs pass through without stopping."""
    WAIT = "wait"
    """Runs park here until a time, an event or a person lets them go on."""
    END = "end"
    """Runs leave the flow here. It has no port."""


class Group(StrEnum):
    """Where a kind stands in the palette."""

    START = "start"
    DECIDE = "decide"
    WAIT = "wait"
    REACH = "reach"
    CUSTOMER = "customer"
    BENEFIT = "benefit"
    SERVICE = "service"
    TRADE = "trade"
    INTEGRATE = "integrate"
    FLOW = "flow"


@dataclass(frozen=True, slots=True)
class Port:
    """A way out of a block. `name` is permanent: arrows and statistics refer to it."""

    name: str
    label: Label
    optional: bool = False
    """A port that may stay without an arrow: runs that take it leave the flow."""
    otherwise: str | None = None
    """The port whose arrow serves while this one has none."""


class Config(BaseModel):
    """The root of every kind's configuration. The form on the canvas follows from its JSON Schema.

    Give each field a title `Field(title="中文 | English")` and, where the form needs more than the type says,
    `json_schema_extra={"x-ui": {...}}`: `widget` (`expression`, `template`, `segment`, `event_type`, `coupon_template`, `duration`, `tag`,
    `role`, `text_area`), `scope` for expressions, `help` {zh, en}.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)


def choices(*, show_if: Mapping[str, Any] | None = None, **words: str) -> dict[str, Any]:
    """Hints for a field with a few fixed values: each value's words as `中文 | English`. Goes into `json_schema_extra`."""
    options = [
        {"value": value, "label": {"zh": zh.strip(), "en": en.strip()}}
        for value, (zh, _, en) in ((value, text.partition("|")) for value, text in words.items())
    ]
    return {"x-ui": {"options": options, **({"show_if": dict(show_if)} if show_if else {})}}


C = TypeVar("C", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something a check found in a block. An error keeps the flow from being published, a warning is shown.

    `where` is a path inside the configuration (`ways[1].condition`), "" for the block itself; `message` says what is wrong and
    `mend` what would be right.
    """

    code: str
    message: Label
    mend: Label
    where: str = ""
    severity: Severity = "error"


@dataclass(frozen=True, slots=True)
class Expression:
    """An expression printed for the fused statement: `sql` reads the columns that `joins` bring in for the row `r`.

    `params` must be added to the fragment's. Several expressions of a block share joins: print them with `joined`.
    """

    sql: str
    joins: tuple[str, ...]
    params: Mapping[str, object]
    reads: Mapping[str, str]
    """What it decides from: the field's text -> SQL that gives its value. Goes into the step log, so that a person sees why."""


def joined(*expressions: Expression) -> str:
    """The joins of several expressions of one block, each once."""
    return " ".join(dict.fromkeys(join for one in expressions for join in one.joins))


def reads_sql(*expressions: Expression) -> str:
    """SQL jsonb of everything that the expressions decide from, or null when they read nothing."""
    reads: dict[str, str] = {}
    for one in expressions:
        reads |= one.reads
    if not reads:
        return "null::jsonb"
    names = {name: name.replace("'", "''").replace("%", "%%") for name in reads}
    return "jsonb_build_object(" + ", ".join(f"'{names[name]}', {sql}" for name, sql in reads.items()) + ")"


class CheckContext(Protocol):
    """What a kind may ask while it checks a block's configuration. `tx` reads the tenant's own settings, never customers."""

    @property
    def tx(self) -> Tx: ...

    @property
    def subject(self) -> str:
        """What the flow is about: `customer`, or the name of an entity."""
        ...

    @property
    def permissions(self) -> frozenset[str]:
        """What the author may do: a block whose effect needs more is a finding."""
        ...

    def expression(
        self, text: str, where: str, *, returns: str = "bool", event_type: str | None = None
    ) -> Iterable[Finding]:
        """Findings of an expression in the scope that holds at this block: `customer`, and `event` as the one that started the run
        or, given here, one of `event_type`.
        """
        ...

    def knows_event(self, event_type: str) -> bool:
        """Is there such a type of event?"""
        ...

    def exists(self, what: Literal["segment", "tag"], name: str) -> bool:
        """Does the tenant have this segment (by id) or tag (by name)?"""
        ...

    def placeholders(self, text: str, where: str) -> Iterable[Finding]:
        """Findings of a text for colleagues, whose `{{...}}` name plain fields of what holds at this block."""
        ...


class CompileContext(Protocol):
    """What a kind may ask while it prints its fragment."""

    @property
    def block(self) -> str:
        """The block's id in the graph."""
        ...

    @property
    def block_number(self) -> int:
        """The small number that stands for the block in step log and statistics."""
        ...

    @property
    def flow_id(self) -> UUID: ...

    @property
    def version_id(self) -> UUID: ...

    @property
    def zone(self) -> str: ...

    @property
    def catalog(self) -> Catalog: ...

    @property
    def subject(self) -> str:
        """What the flow is about: `customer`, or the name of an entity."""
        ...

    @property
    def scope(self) -> Scope:
        """The names that an expression here may use."""
        ...

    def field(self, root: str, name: str) -> Field | None:
        """The field that an expression here calls `root.name`; None where there is none."""
        ...

    def next_change(self, text: str, name: str) -> Expression:
        """When a condition's value can next change by time alone: SQL timestamptz over the row `r`, null for never."""
        ...

    def enters(self, port: str) -> int | None:
        """The stretch at which runs stand that take this port of the block; None where it leads nowhere."""
        ...

    def expression(self, text: str, name: str, *, returns: str = "bool") -> Expression:
        """Print an expression over `customer` (and `event`, what started the run). `name` keeps its parameters apart from others of
        the block. A condition may come out null, which means no. Raises ExpressionError for one that no longer fits the catalog.
        """
        ...


@dataclass(frozen=True, slots=True)
class Fragment:
    """A block as SQL, to be fused with its neighbours. All text is the kind's own; every value stands in `params`.

    The row `r` of a run has the columns: `bucket`, `id` (the run), `subject_type`, `subject_id`, `customer_id`, `origin_id`, `flow_id`,
    `visit` (int: with `id` and the block unique for ever, the key of an effect), `arm`, `entered_at`, `vars` (jsonb), `cause_id`,
    `root_id`, `hops`, `lane`, `signal` (port by which a wait was ended, null otherwise). The parameters `%(tenant)s`, `%(now)s`,
    `%(buckets)s` are always there; cast them where a type is needed (`%(now)s::timestamptz`). Constants of the block (its id, its version)
    are parameters of the fragment's own: their names are kept apart from other blocks'. The compiler builds, in this order:

        rows   as (select r.*, <columns> from <input> r <joins>)      -- one row per run, never more or fewer: use left joins
        <effects, each a data-modifying statement of its own>
        passed as (select r.*, <port>, <facts> from rows r <result_joins>)

    In `effects` and `result_joins` the text `{rows}` names the first, `{name}` an effect by its key; so an effect inserts
    `... select ... from {rows} r where ...  returning run_id`, and the port can ask `{name}` who succeeded. An effect never reads the table
    that another effect of the same statement writes (PostgreSQL shows it the state before the statement).

    In `columns` and `joins` (those of an arrival, too) `{input}` names the rows that come in: what is the same for all of them is found in
    a materialized query of its own.
    """

    port: str = "0"
    """SQL smallint: the index in `ports(config)`."""
    columns: Mapping[str, str] = field(default_factory=dict[str, str])
    joins: str = ""
    effects: Mapping[str, str] = field(default_factory=dict[str, str])
    result_joins: str = ""
    facts: str | None = None
    """SQL jsonb (or null): what the block decided from, shown to a person."""
    wake_at: str | None = None
    """Only for a kind of role WAIT: SQL timestamptz at which an arriving run goes on by itself (null: never)."""
    arrival_joins: str = ""
    """Only for a kind of role WAIT: joins that `wake_at` and `on_arrival` need; `joins` and `columns` serve the leaving."""
    on_arrival: Mapping[str, str] = field(default_factory=dict[str, str])
    """Only for a kind of role WAIT: effects when a run arrives and parks (a task is filed); `effects` are those of leaving."""
    arrival_columns: Mapping[str, str] = field(default_factory=dict[str, str])
    """Only for a kind of role WAIT: columns that `on_arrival` reads, one value per arriving run."""
    arrival_vars: str | None = None
    """Only for a kind of role WAIT: SQL jsonb merged into the run's variables when it arrives (until when it waits at most)."""
    stay: str | None = None
    """Only for a kind of role WAIT: SQL bool; a run that is due and for which it holds goes on waiting, until `stay_until`."""
    stay_until: str = "null"
    stay_joins: str = ""
    on_stay: Mapping[str, str] = field(default_factory=dict[str, str])
    """Effects over `{rows}`, the runs that stay."""
    params: Mapping[str, object] = field(default_factory=dict[str, object])
    vars: str | None = None
    """SQL jsonb merged into the run's variables, or None."""
    arm: str | None = None
    """SQL smallint that becomes the run's arm, or None to leave it."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Runs that stand at one block. All lists have the same length and order; times are business time, aware.

    `visits` with the run and the block is unique for ever: the idempotency key of an effect is (run, block, visit).
    """

    block: str
    block_number: int
    flow_id: UUID
    version_id: UUID
    config: BaseModel
    buckets: list[int]
    runs: list[UUID]
    subject_types: list[str]
    subjects: list[UUID]
    customers: list[UUID | None]
    origins: list[UUID | None]
    visits: list[int]
    arms: list[int | None]
    lanes: list[int]
    signals: list[int | None]
    entered_at: list[datetime]
    variables: list[dict[str, Any] | None]
    causes: list[UUID | None]
    roots: list[UUID | None]
    hops: list[int]
    heard_at: list[datetime | None]
    """When the event was received that has just set the run moving (`flow.delays`)."""

    def __len__(self) -> int:
        return len(self.runs)


@dataclass(frozen=True, slots=True)
class Trigger:
    """The events that start a run (role START) or end a wait (role WAIT).

    An event serves when its type is one of `types`, its payload has the values of `match`, and `condition` (an expression over `customer`
    and `event`; "" for none) holds. `port` is the way out of a wait that it ends.
    """

    types: tuple[str, ...]
    match: Mapping[str, str] = field(default_factory=dict[str, str])
    condition: str = ""
    port: int = 0
    test: Callable[[Mapping[str, Any]], bool] | None = None
    """Must hold of the payload too, where `match` says too little."""
    of_run: bool = False
    """Role WAIT: only an event whose payload names this very run (`run_id`), and the visit where it names one (`visit`)."""
    look: bool = False
    """Role WAIT: such an event ends nothing, the run is due now and looks whether it stays (`Fragment.stay`)."""
    of_flow: bool = False
    """Role START: only an event whose payload names this flow (`flow_id`), and the block where it names one (`block`)."""


@dataclass(frozen=True, slots=True)
class Audience:
    """The people that a start takes in without an event: the members of a segment, or every customer, for whom `condition` holds.

    `at_publish`: those inside when the flow is published enter at once. `next_after(moment, zone)`: when all members enter
    (None: never again), strictly after `moment`.
    """

    segment_id: UUID | None
    at_publish: bool = False
    next_after: Callable[[datetime, str], datetime | None] | None = None
    condition: str = ""
    """An expression over `customer`; "" for none."""


@dataclass(frozen=True, slots=True)
class Await:
    """A question to the outside: `request` is filed for the channel, the run parks until the answer's event or the time-out."""

    request: dict[str, Any]
    timeout: timedelta


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a batch, by position.

    `ports[i]` is the index of the port run i takes. A run named in `errors` fails alone, visibly, with that reason; its port is ignored.
    A run named in `waits` parks. `wake_at` (role WAIT, on arrival) says when each run goes on by itself.
    """

    ports: Sequence[int]
    facts: Sequence[Mapping[str, Any] | None] | None = None
    wake_at: Sequence[datetime | None] | None = None
    variables: Sequence[Mapping[str, Any] | None] | None = None
    arms: Sequence[int | None] | None = None
    errors: Mapping[int, str] = field(default_factory=dict[int, str])
    waits: Mapping[int, Await] = field(default_factory=dict[int, Await])

    @staticmethod
    def all(batch: Batch, port: int = 0) -> Outcome:
        """Every run takes the same port."""
        return Outcome(ports=[port] * len(batch))


class NodeKind(ABC, Generic[C]):
    """A kind of block. One object per kind, without state of its own.

    `kind` and `version` are permanent: a change of meaning is a new class with the next version, and old plans keep the old one.
    `needs` names the permissions an author must have to publish a flow with this block.
    """

    kind: ClassVar[str]
    version: ClassVar[int] = 1
    group: ClassVar[Group]
    role: ClassVar[Role] = Role.STEP
    label: ClassVar[Label]
    help: ClassVar[Label]
    icon: ClassVar[str] = "block"
    needs: ClassVar[tuple[str, ...]] = ()
    for_customer: ClassVar[bool] = True
    """It does something to or for a customer, so that a run about a thing without one cannot pass it."""
    rewrites: ClassVar[tuple[str, ...]] = ()
    """Tables whose rows its `run` changes in place, so that a rehearsal must begin with them; of a fragment they are read from its text."""
    reaches_goal: ClassVar[bool] = False
    """Role END only: a run that comes here counts as converted."""
    experiment: ClassVar[bool] = False
    """Its ports are arms: each keeps its customers, and conversions are compared between them."""
    catches: ClassVar[bool] = False
    """A run that fails behind its first port goes on by its second."""
    branches: ClassVar[bool] = False
    """Runs of the run go by all of its ports but those named in `own_ports`; the run itself waits until they end."""
    own_ports: ClassVar[tuple[str, ...]] = ()
    config: type[C]

    @abstractmethod
    def ports(self, config: C) -> tuple[Port, ...]:
        """The ways out, in order; an Outcome's or Fragment's port is an index into this."""

    def check(self, config: C, ctx: CheckContext) -> Iterable[Finding]:
        """What is wrong with a configuration that its types alone cannot tell."""
        del config, ctx
        return ()

    def asks_customer(self, config: C, catalog: Catalog) -> bool:
        """Can no run about a thing without a customer pass the block as it is configured?"""
        del config, catalog
        return self.for_customer

    def gives(self, config: C) -> Mapping[str, frozenset[str]]:
        """Port -> objects (`coupon`) that a run has got when it leaves by it, for what later blocks write about them."""
        del config
        return {}

    def asks(self, config: C, ctx: CheckContext) -> Mapping[str, str]:
        """Objects that a run must have got before it comes here -> what asks for them, as the author wrote it."""
        del config, ctx
        return {}

    def fragment(self, config: C, ctx: CompileContext) -> Fragment | None:
        """The block as SQL, or None when this configuration must go through `run`."""
        del config, ctx
        return None

    def run(self, batch: Batch, turn: Turn) -> Outcome:
        """Move a batch through the block. Raising fails the batch, which is then divided until the guilty runs stand alone."""
        raise NotImplementedError(f"{self.kind} offers neither run nor fragment")

    def trigger(self, config: C) -> Trigger | None:
        """Role START or WAIT: which events start a run here, or end the wait."""
        del config
        return None

    def triggers(self, config: C) -> Sequence[Trigger]:
        """Role WAIT: all events that end the wait, each by its port; of several that fit one event the first counts."""
        one = self.trigger(config)
        return () if one is None else (one,)

    def wakes_on(self, config: C, scope: Scope) -> frozenset[str]:
        """Role WAIT: types of events after which a run that stays (`Fragment.stay`) looks again."""
        del config, scope
        return frozenset()

    def remembers(self, config: C) -> Mapping[str, str]:
        """Values that a run keeps from here on, by name, each with its type (`text`, `number`, `bool`, `date`, `timestamp`)."""
        del config
        return {}

    def each_of(self, config: C) -> str | None:
        """The relation whose rows the blocks behind the first port are about, one run for each; None for all other kinds."""
        del config
        return None

    def leads_to(self, config: C) -> str | None:
        """The block that the first port leads to without an arrow, where the configuration says so."""
        del config
        return None

    def audience(self, config: C) -> Audience | None:
        """Role START: whom the block takes in without an event."""
        del config
        return None

    def wake_at(self, batch: Batch, turn: Turn) -> Sequence[datetime | None]:
        """Role WAIT without a fragment: when each arriving run goes on by itself; None means only by a signal."""
        del turn
        return [None] * len(batch)


DONE = Port("done", Label("完成", "Done"))
