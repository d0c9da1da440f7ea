"""The kinds of block that the engine itself contributes; each file is one group of the palette."""

from __future__ import annotations

from typing import Any

from tandem.flow.kinds.bandit import BanditKind
from tandem.flow.kinds.call import CallKind, FlowStart
from tandem.flow.kinds.choose import (
    CalendarKind,
    EventValueKind,
    FilterKind,
    HoldoutKind,
    RandomKind,
    VisitedKind,
)
from tandem.flow.kinds.customer import AddTag, RemoveTag
from tandem.flow.kinds.decide import ConditionKind, SplitKind
from tandem.flow.kinds.endings import ExitKind, GoalKind
from tandem.flow.kinds.fields import (
    AddToList,
    AssignOwner,
    DoNotContact,
    Increase,
    RemoveFromList,
    Score,
    SetField,
    SetStage,
)
from tandem.flow.kinds.gate import FirstKind, RateKind
from tandem.flow.kinds.http import HttpKind
from tandem.flow.kinds.human import HumanTaskKind
from tandem.flow.kinds.people import ApprovalKind, FormKind, LevelsKind, NoticeKind
from tandem.flow.kinds.places import FenceKind, RegionKind, StoreKind
from tandem.flow.kinds.remember import RememberKind
from tandem.flow.kinds.start import EventStart, ScheduleStart, SegmentStart
from tandem.flow.kinds.start_more import CallStart, DateStart, EachStart, FieldStart, HandStart, MessageStart, TagStart
from tandem.flow.kinds.start_sidebar import SidebarStart
from tandem.flow.kinds.steer import CatchKind, GoToKind
from tandem.flow.kinds.store_settings import StoreSettingsKind
from tandem.flow.kinds.thing import ThingSet
from tandem.flow.kinds.together import ForEachKind, JoinKind, ParallelKind
from tandem.flow.kinds.wait import WaitDuration, WaitEvent
from tandem.flow.kinds.wait_for import WaitFirstOf, WaitSegment, WaitUntil
from tandem.flow.kinds.wait_until import WaitBestTime, WaitDate, WaitMoment, WaitWindow, WaitWorkingDay
from tandem.flow.node import NodeKind

KINDS: tuple[NodeKind[Any], ...] = (
    SegmentStart(),
    EventStart(),
    ScheduleStart(),
    EachStart(),
    DateStart(),
    TagStart(),
    FieldStart(),
    MessageStart(),
    HandStart(),
    SidebarStart(),
    CallStart(),
    FlowStart(),
    ConditionKind(),
    FilterKind(),
    EventValueKind(),
    CalendarKind(),
    RegionKind(),
    FenceKind(),
    StoreKind(),
    VisitedKind(),
    FirstKind(),
    SplitKind(),
    BanditKind(),
    HoldoutKind(),
    RandomKind(),
    WaitDuration(),
    WaitMoment(),
    WaitWindow(),
    WaitWorkingDay(),
    WaitDate(),
    WaitBestTime(),
    WaitEvent(),
    WaitFirstOf(),
    WaitSegment(),
    WaitUntil(),
    RateKind(),
    NoticeKind(),
    HumanTaskKind(),
    ApprovalKind(),
    FormKind(),
    LevelsKind(),
    ThingSet(),
    AddTag(),
    RemoveTag(),
    SetField(),
    SetStage(),
    Increase(),
    Score(),
    AssignOwner(),
    DoNotContact(),
    AddToList(),
    RemoveFromList(),
    RememberKind(),
    StoreSettingsKind(),
    HttpKind(),
    ParallelKind(),
    JoinKind(),
    ForEachKind(),
    CallKind(),
    GoToKind(),
    CatchKind(),
    GoalKind(),
    ExitKind(),
)
