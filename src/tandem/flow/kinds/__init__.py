"""The kinds of block that the engine itself contributes; each file is one group of the palette."""

from __future__ import annotations

from typing import Any

from tandem.flow.kinds.customer import AddTag, RemoveTag
from tandem.flow.kinds.decide import ConditionKind, SplitKind
from tandem.flow.kinds.endings import ExitKind, GoalKind
from tandem.flow.kinds.human import HumanTaskKind
from tandem.flow.kinds.start import EventStart, ScheduleStart, SegmentStart
from tandem.flow.kinds.wait import WaitDuration, WaitEvent
from tandem.flow.node import NodeKind

KINDS: tuple[NodeKind[Any], ...] = (
    SegmentStart(),
    EventStart(),
    ScheduleStart(),
    ConditionKind(),
    SplitKind(),
    WaitDuration(),
    WaitEvent(),
    HumanTaskKind(),
    AddTag(),
    RemoveTag(),
    GoalKind(),
    ExitKind(),
)
