"""The data-flow engine's own work inside bucket turns, for the assembly to hand to the worker."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from tandem.kernel.db import Tx
from tandem.kernel.turn import Turn
from tandem.stream.profile import cuts
from tandem.stream.projection import StreamSystem
from tandem.stream.segment import fill, sweep
from tandem.stream.tags import service as tags


@dataclass(frozen=True, slots=True)
class StreamStep:
    """One kind of due work: ``run(turn, system, limit)`` handles at most about ``limit`` and returns how many.

    ``due_sql`` selects one timestamptz, the moment of the next due row in business time, over ``%(tenant)s``, ``%(buckets)s``, ``%(now)s``.
    """

    name: str
    run: Callable[[Turn, StreamSystem, int], int]
    due_sql: str
    live: bool


def _expire(turn: Turn, _: StreamSystem, limit: int) -> int:
    return tags.expire(turn, limit)


STEPS: Final = (
    StreamStep("stream.expire_tags", _expire, tags.DUE_SQL, live=True),
    StreamStep("stream.sweep_segments", sweep.sweep_due, sweep.DUE_SQL, live=True),
    StreamStep("stream.fill_segments", fill.fill, fill.DUE_SQL, live=False),
)


def next_cut_points(tx: Tx) -> datetime | None:
    """When new RFM cut points are due while a demo's clock moves; None before the first, which any buyer brings."""
    cut = cuts.current(tx)
    return None if cut is None else cut.made_at + cuts.STALE_AFTER


def play_cut_points(tx: Tx, until: datetime) -> int:
    """A stop of the moving clock: new cut points where a day has passed. Returns how many versions were made."""
    del until
    return int(refresh_cut_points(tx) is not None)


def refresh_cut_points(tx: Tx) -> int | None:
    """A job's step, once a day of business time per tenant: new RFM cut points; returns their version, or None when none were due."""
    return cuts.refresh(tx) if cuts.is_stale(tx) else None
