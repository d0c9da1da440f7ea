"""What the flow engine brings to the assembled house; the assembly puts it into one module."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Protocol

from fastapi import APIRouter, Depends

from tandem.access.clock import JOB_KIND
from tandem.catalog.label import Label
from tandem.catalog.model import Contribution, EventType, Field
from tandem.catalog.value_types import NUMBER, TEXT
from tandem.flow import bandit, clock_steps, gates, http_calls
from tandem.flow.alerts.api import router as alerts_router
from tandem.flow.alerts.watch import Watching
from tandem.flow.api import provider
from tandem.flow.api import router as flow_router
from tandem.flow.choices_api import router as choices_router
from tandem.flow.experiments.adopt import Adopting
from tandem.flow.experiments.api import router as experiments_router
from tandem.flow.explain.api import router as explain_router
from tandem.flow.health_api import router as health_router
from tandem.flow.http_calls import ANSWERED
from tandem.flow.kinds import KINDS
from tandem.flow.kinds.start_more import ENTRY
from tandem.flow.life.api import router as life_router
from tandem.flow.module import Job, Permission
from tandem.flow.rehearsal import backtest
from tandem.flow.rehearsal.api import router as rehearsal_router
from tandem.flow.rehearsal.house import Rooms
from tandem.flow.retire import Retiring
from tandem.flow.run_api import router as run_router
from tandem.flow.sealed.api import router as sealed_router
from tandem.flow.service import FlowRooms
from tandem.flow.stores.api import router as stores_router
from tandem.kernel.jobs import runner

__all__ = ["CONTRIBUTION", "KINDS", "PERMISSIONS", "STEPS", "jobs", "routers"]

PERMISSIONS: Final = (
    Permission("flow.read", Label("查看流程与运行情况", "See flows and how they run")),
    Permission("flow.write", Label("编辑流程、处理失败的客户", "Draw flows, mend failed runs")),
    Permission("flow.publish", Label("发布、暂停、停止流程", "Publish, pause and stop flows")),
    Permission("flow.approve", Label("复核他人发布的流程", "Agree to flows that others publish")),
    Permission("flow.adapt", Label("设置本店在流程里的文案和门槛", "Set a store's own values in flows")),
    Permission("task.read", Label("查看人工任务", "See human tasks")),
    Permission("task.decide", Label("处理人工任务", "Decide human tasks")),
)


CONTRIBUTION: Final = Contribution(
    source="flow",
    event_types=(
        EventType(
            ENTRY,
            Label("请求进入流程", "Asked into a flow"),
            (
                Field("flow_id", TEXT, Label("流程编号", "Flow id")),
                Field("way", TEXT, Label("方式", "Way")),
                Field("by", TEXT, Label("由谁", "By")),
            ),
        ),
        EventType(
            ANSWERED,
            Label("外部接口答复", "Answer of an HTTP call"),
            (
                Field("run_id", TEXT, Label("流程实例", "Run")),
                Field("port", TEXT, Label("结果", "Result")),
                Field("code", NUMBER, Label("状态码", "Status code"), whole=True),
            ),
        ),
    ),
)

STEPS: Final = (gates.KEEP,)


class FlowHouse(clock_steps.ClockSystem, Rooms, Protocol):
    """The assembled system as the engine's own jobs need it."""


def jobs(system: Callable[[], FlowHouse]) -> tuple[Job, ...]:
    """Moving a demo's clock, retiring versions that serve nobody, backtests, bandits' shares, questions to the outside."""
    return (
        Job("flow.bandit", bandit.Allocating(system), during_clock=False),
        Job("flow.http", http_calls.asking()),
        Job("flow.clock", runner({JOB_KIND: clock_steps.handler(system)}, idle_seconds=0.5), during_clock=False),
        Job("flow.retire", Retiring(), during_clock=False),
        Job(
            "flow.backtest",
            runner({backtest.JOB_KIND: backtest.handler(system)}, idle_seconds=0.5),
            during_clock=False,
        ),
        Job("flow.adopt", Adopting(system), during_clock=False),
        Job("flow.watch", Watching(system), during_clock=False),
    )


def routers(system: Callable[[], FlowRooms]) -> tuple[APIRouter, ...]:
    """The routes of flows, runs and tasks; each request carries the assembled system."""
    whole = APIRouter(dependencies=[Depends(provider(system))])
    whole.include_router(flow_router)
    whole.include_router(choices_router)
    whole.include_router(life_router)
    whole.include_router(run_router)
    whole.include_router(health_router)
    whole.include_router(rehearsal_router)
    whole.include_router(explain_router)
    whole.include_router(experiments_router)
    whole.include_router(alerts_router)
    whole.include_router(sealed_router)
    whole.include_router(stores_router)
    return (whole,)
