"""What the flow engine brings to the assembled house; the assembly puts it into one module."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Protocol

from fastapi import APIRouter, Depends

from tandem.access.clock import JOB_KIND
from tandem.catalog.label import Label
from tandem.flow import clock_steps
from tandem.flow.api import provider
from tandem.flow.api import router as flow_router
from tandem.flow.explain.api import router as explain_router
from tandem.flow.health_api import router as health_router
from tandem.flow.kinds import KINDS
from tandem.flow.life.api import router as life_router
from tandem.flow.module import Job, Permission
from tandem.flow.rehearsal import backtest
from tandem.flow.rehearsal.api import router as rehearsal_router
from tandem.flow.rehearsal.house import Rooms
from tandem.flow.retire import Retiring
from tandem.flow.run_api import router as run_router
from tandem.flow.service import FlowRooms
from tandem.kernel.jobs import runner

__all__ = ["KINDS", "PERMISSIONS", "jobs", "routers"]

PERMISSIONS: Final = (
    Permission("flow.read", Label("查看流程与运行情况", "See flows and how they run")),
    Permission("flow.write", Label("编辑流程、处理失败的客户", "Draw flows, mend failed runs")),
    Permission("flow.publish", Label("发布、暂停、停止流程", "Publish, pause and stop flows")),
    Permission("flow.approve", Label("复核他人发布的流程", "Agree to flows that others publish")),
    Permission("task.read", Label("查看人工任务", "See human tasks")),
    Permission("task.decide", Label("处理人工任务", "Decide human tasks")),
)


class FlowHouse(clock_steps.ClockSystem, Rooms, Protocol):
    """The assembled system as the engine's own jobs need it."""


def jobs(system: Callable[[], FlowHouse]) -> tuple[Job, ...]:
    """Moving a demo's clock, retiring versions that serve nobody, backtests."""
    return (
        Job("flow.clock", runner({JOB_KIND: clock_steps.handler(system)}, idle_seconds=0.5), during_clock=False),
        Job("flow.retire", Retiring(), during_clock=False),
        Job(
            "flow.backtest",
            runner({backtest.JOB_KIND: backtest.handler(system)}, idle_seconds=0.5),
            during_clock=False,
        ),
    )


def routers(system: Callable[[], FlowRooms]) -> tuple[APIRouter, ...]:
    """The routes of flows, runs and tasks; each request carries the assembled system."""
    whole = APIRouter(dependencies=[Depends(provider(system))])
    whole.include_router(flow_router)
    whole.include_router(life_router)
    whole.include_router(run_router)
    whole.include_router(health_router)
    whole.include_router(rehearsal_router)
    whole.include_router(explain_router)
    return (whole,)
