"""One bad run fails alone, at the block that fails it: a group is divided until the guilty runs stand by themselves.

Such a run then goes block by block instead of stretch by stretch: what it can pass it passes for good, and it stops where it fails, so
that what a person sees, retries or skips is that block and no other.

Transient trouble (a lost connection, a deadlock, a full disk) is nobody's fault: it ends the turn, which is tried again as a whole.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

import psycopg
import structlog

from tandem.flow import parking
from tandem.flow.ids import Ids
from tandem.flow.plan import PlannedBlock
from tandem.flow.runs import FAILURES_MAX
from tandem.kernel.errors import TandemError, Unavailable
from tandem.kernel.turn import Turn

log = structlog.get_logger(__name__)

Move = Callable[[Ids], tuple[int, int]]
"""Moves a group of runs; answers (moved, wanting to go on now)."""

#: SQLSTATE classes that a run's own data can cause: data exception, integrity violation, raised by a function, row too large.
_POISON_CLASSES = ("22", "23", "P0", "54", "42", "0A", "21", "2F", "44")


def is_poison(error: Exception) -> bool:
    """Can the data of a run be the reason? What is not poison ends the turn."""
    if isinstance(error, psycopg.Error):
        return error.sqlstate is not None and error.sqlstate.startswith(_POISON_CLASSES)
    return not isinstance(error, Unavailable | MemoryError | OSError)


@dataclass(slots=True)
class Isolation:
    """Counts a turn's failures; past `FAILURES_MAX` the rest goes to the slow lane.

    Without `careful` a failure ends the turn, which is then run again with care: no savepoints while nothing fails.
    """

    failed: int = 0
    guilty: int = 0
    """Runs found to fail as a stretch, whether or not they could pass its first block alone."""
    careful: bool = True

    def run(
        self,
        turn: Turn,
        ids: Ids,
        move: Move,
        block: PlannedBlock,
        flow_id: UUID,
        *,
        step: Move | None = None,
    ) -> tuple[int, int]:
        """Move a group, dividing it where it fails. Returns (moved, wanting to go on now).

        `step` moves a run past the first block of the stretch alone; None where the stretch is no more than that.
        """
        if not self.careful:
            return move(ids)
        moved = onward = 0
        parts = [ids]
        while parts:
            part = parts.pop()
            if self.guilty >= FAILURES_MAX and part.count > 1:
                parking.slow(turn, part)
                continue
            done, error = _tried(turn, move, part)
            if error is not None and part.count > 1:
                parts += reversed(part.halves())
                continue
            if error is not None:
                self.guilty += 1
                if step is not None:
                    done, error = _tried(turn, step, part)
            if error is not None:
                self._fail(turn, part, flow_id, block, error)
            moved += done[0]
            onward += done[1]
        return moved, onward

    def _fail(self, turn: Turn, one: Ids, flow_id: UUID, block: PlannedBlock, error: Exception) -> None:
        self.failed += 1
        reason = reason_of(error)
        log.warning("run_failed", tenant=str(turn.tenant_id), flow=str(flow_id), block=block.id, reason=reason)
        if block.caught is not None:
            parking.catch(turn, one, block.caught, reason, block.number)
        else:
            parking.fail(turn, one, flow_id, block.id, reason, block.number)


def _tried(turn: Turn, move: Move, part: Ids) -> tuple[tuple[int, int], Exception | None]:
    """Move a group, or leave no trace and say what went wrong. Raises what is no run's fault."""
    try:
        with turn.tx.savepoint():
            return move(part), None
    except Exception as error:  # the edge where a block's failure becomes the run's: any kind may be at fault
        if not is_poison(error):
            raise
        return (0, 0), error


def reason_of(error: Exception) -> str:
    """What a person reads: the sentences of our own errors, the database's message, or the exception's name and text."""
    if isinstance(error, TandemError):
        return f"{error.zh} | {error.en}"
    if isinstance(error, psycopg.Error):
        return (error.diag.message_primary or str(error))[:1000]
    return f"{type(error).__name__}: {error}"[:1000]
