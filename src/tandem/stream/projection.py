"""What a domain hands the data-flow engine: how its tables follow from events, and how a customer's facts follow from its tables.

Everything here is set-based: a callable or a statement gets the whole batch of a turn, never one customer.
"""

from collections.abc import Callable, Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Literal, Protocol, Self
from uuid import UUID

import msgspec

from tandem.catalog.model import Catalog
from tandem.kernel.turn import Turn

LIVE = 0
"""Mode of what happens now: it may start runs, wake waits, reach goals."""
BACKFILL = 1
"""Mode of history that arrives late: it corrects records, profile and segments, and starts nothing (ENGINE_RULES 11)."""


class AppliedEvent(msgspec.Struct, frozen=True, gc=False):
    """One event of the turn, as its inbox row said. Times are aware, in UTC; ``occurred_at`` is business time."""

    bucket: int
    event_id: UUID
    type: str
    customer_id: UUID | None
    origin_id: UUID | None
    occurred_at: datetime
    received_at: datetime
    lane: int
    mode: int
    payload: dict[str, Any]
    subject_type: str | None = None
    subject_id: UUID | None = None
    identifier_hash: bytes | None = None
    cause_id: UUID | None = None
    root_id: UUID | None = None
    hops: int = 0
    heard_at: datetime | None = None
    """When its first cause was received, where a turn filed it; None: it is that cause, or nobody knows."""


@dataclass(frozen=True, slots=True)
class Touch:
    """A customer whose facts a projection changed beside the event's own: an order that found another owner, an earlier day.

    ``day`` is local to the tenant; None recomputes profile features only.
    """

    bucket: int
    customer_id: UUID
    day: date | None = None


TypeNames = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Projection:
    """Keeps a domain's tables in step with events, inside the bucket turn.

    ``apply`` gets the batch's events of ``types`` in order (one customer's by occurred_at, received_at, event_id) and runs a bounded
    number of statements. An exception undoes the batch; the engine then finds the guilty event by bisection and puts it aside.
    What it returns (if anything) is recomputed too.
    """

    types: TypeNames
    apply: Callable[[Turn, Sequence[AppliedEvent]], Iterable[Touch] | None]
    name: str = ""
    wanted: Callable[[Turn], bool] | None = None
    """Whether the turn's tenant has anything for it to do: where not, it is passed over, and its types count as heard by nobody
    (decision 22). Asked when its turn has come, after the projections before it. None: always."""


@dataclass(frozen=True, slots=True)
class DayFacts:
    """Day facts recomputed from a domain's rows for the (customer, local day) pairs that events of ``types`` touched.

    ``sql`` is one SELECT with the columns ``bucket, customer_id, day, fact, n, amount`` (n bigint, amount numeric) over the relation
    ``touched(bucket smallint, customer_id uuid, day date, starts_at timestamptz, ends_at timestamptz)``, joined to the domain's
    tables on bucket and customer; it may use ``%(tenant)s``, ``%(buckets)s``, ``%(zone)s``, and ``%(earliest)s`` (inclusive) and
    ``%(latest)s``, bounds around all touched days, so that only their partitions of a log are opened. A fact of ``facts`` that the
    SELECT does not return for a touched pair is removed, so that late and corrected rows mend the past. ``moments`` are payload keys
    holding ISO times (``paid_at``) whose local days are touched beside the day of the event itself.
    """

    facts: tuple[str, ...]
    types: TypeNames
    sql: str
    moments: tuple[str, ...] = ()


FeatureColumn = Literal[
    "order_count",
    "spend_total",
    "refund_total",
    "first_order_at",
    "last_order_at",
    "last_visit_at",
    "favourite_category",
]
"""Columns of ``customer_profile`` that domains compute; averages and RFM scores follow from them in the engine."""


@dataclass(frozen=True, slots=True)
class Features:
    """Profile columns recomputed from a domain's rows for the customers that events of ``types`` touched.

    ``sql`` is one SELECT with the columns ``bucket, customer_id`` and ``columns`` over the relation
    ``touched(bucket smallint, customer_id uuid)``; every touched customer must come back once (left joins, lateral aggregates).
    It may use ``%(tenant)s``, ``%(buckets)s``, ``%(zone)s``, ``%(now)s``, and, of the turn's events, the local days (``%(first_day)s``,
    ``%(last_day)s``) and moments around them (``%(earliest)s``, ``%(latest)s``): null where there are none.
    """

    columns: tuple[FeatureColumn, ...]
    types: TypeNames
    sql: str
    narrowed: Callable[[AbstractSet[str]], str] | None = None
    """The same SELECT for some of the columns, without the looks that only the others need; None: ``sql`` costs the same for one."""

    def only(self, columns: AbstractSet[str]) -> Self:
        """The source for these of its columns."""
        kept = tuple(one for one in self.columns if one in columns)
        if self.narrowed is None or kept == self.columns:
            return self
        return replace(self, columns=kept, sql=self.narrowed(frozenset(kept)))


Facts = DayFacts | Features


class StreamSystem(Protocol):
    """The part of the assembled system that the data-flow engine needs."""

    @property
    def catalog(self) -> Catalog: ...

    @property
    def projections(self) -> Sequence[Projection]: ...

    @property
    def facts(self) -> Sequence[Facts]: ...


@dataclass(frozen=True, slots=True)
class Failure:
    """An event that was put aside, visible in ``inbox_failed`` and retriable."""

    event: AppliedEvent
    reason: str


@dataclass(slots=True)
class Applied:
    """What one call of ``apply`` did: events that are now facts (in order), customers they touched, events put aside."""

    events: list[AppliedEvent]
    touched: set[tuple[int, UUID]]
    failures: list[Failure]
    returned: int = 0
    """Events given back to the inbox's slow lane because the turn had seen too many failures."""
