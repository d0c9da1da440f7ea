"""The states of a run and the ways of leaving, as the small numbers that tables hold."""

from __future__ import annotations

from enum import IntEnum, IntFlag
from typing import Final
from uuid import UUID


class RunStatus(IntEnum):
    """`flow_run.status`."""

    ACTIVE = 0
    DONE = 1
    """Came to an end of the graph, or reached the goal (then `goal_at` is set)."""
    LEFT = 2
    """Taken out: exit condition, the flow was stopped, a new version let it go, by hand."""
    FAILED = 3
    """Stands still with a reason; can be retried or skipped."""
    MERGED = 4
    """The subject became another one that was already inside."""
    HELD = 5
    """Came due while its flow was paused."""
    HOLDOUT = 6
    """Control group: kept out, watched for the goal only."""


#: Runs that are inside a flow: they block re-entry, are moved by events, and count as "inside".
INSIDE = (RunStatus.ACTIVE, RunStatus.FAILED, RunStatus.HELD)


class Leaving(IntEnum):
    """Ports below zero in a path: the run left the block otherwise than through a port."""

    GOAL = -1
    EXIT_CONDITION = -2
    STOPPED = -3
    FAILED = -4
    MERGED = -5
    MOVED = -6
    RETRIED = -7
    SKIPPED = -8
    BY_HAND = -9
    CAUGHT = -10
    """It failed, and the flow says where such runs go on."""
    WITH_PARENT = -11
    """The run it belonged to went on or left."""
    SECOND = -12
    """Its thing found its owner, and an older run about it was inside already."""


class Lane(IntEnum):
    """Queues of due runs, in the order they are served."""

    LIVE = 0
    NORMAL = 1
    BULK = 2
    SLOW = 3
    """Runs left over from a turn with too many failures: one at a time (ENGINE_RULES 17)."""


#: SQL for the lanes that a run's timer may stand in: it is filed in another than the run's own when something happened to the run.
EVERY_LANE = f"array[{', '.join(str(int(one)) for one in Lane)}]::smallint[]"


class Work(IntFlag):
    """What is ready in a lane; a turn asks for nothing else."""

    TIMERS = 1
    EVENTS = 2
    SLICES = 4


ALL_WORK = Work.TIMERS | Work.EVENTS | Work.SLICES

#: Arm of the control group; arms of a split are `arm_number`.
HOLDOUT_ARM = -1
PORTS_MAX = 60


def arm_number(block_number: int, port: int) -> int:
    """The small number of an arm: which split and which of its ports."""
    return block_number * 64 + port


def arm_parts(arm: int) -> tuple[int, int]:
    """(block number, port) of an arm."""
    return divmod(arm, 64)


#: A run that has passed this many stretches goes round in circles and fails visibly, where nobody has set another limit.
STRETCHES_MAX = 2000
#: What may be set: fewer hold up honest loops, more would let one that never waits long fill the step log.
STRETCHES_BETWEEN: Final = (20, 50_000)
HOPS_MAX = 16
#: Stands for all flows of a tenant, where a limit holds for each of them.
EVERY_FLOW: Final = UUID(int=0)
FAILURES_MAX = 32
