"""A flow engine as simple as can be: one run at a time, in memory, by the letter of the documentation.

The real one is compared with it. It knows the blocks that `test_flow_reference` draws and nothing of stretches, batches, lanes or SQL. Time
goes in jumps: whatever is due by a moment happens at that moment.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

SECONDS = {"minutes": 60, "hours": 3600, "days": 86_400}


@dataclass(eq=False)
class Run:
    """Where a run stands, what it passed, who called it."""

    block: str
    caller: Run | None = None
    until: datetime | None = None
    called: list[Run] = field(default_factory=list["Run"])
    passed: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    ended: bool = False
    left: bool = False


class Interpreter:
    """One flow and one customer."""

    def __init__(self, graph: dict[str, Any], city: str) -> None:
        self.blocks = {one["id"]: one for one in graph["blocks"]}
        self.arrows = {(one["from"], one["port"]): one["to"] for one in graph["arrows"]}
        self.goal = (graph["settings"].get("goal") or {}).get("event_type")
        self.city = city
        self.runs: list[Run] = []
        self.points = 0
        self.goals = 0

    def event(self, kind: str, now: datetime) -> None:
        """Something happens to the customer: goals first, then waits, then starts."""
        if kind == self.goal:
            for run in [one for one in self.runs if one.caller is None and not one.ended]:
                self.goals += 1
                self._end(run)
        for run in [one for one in self.runs if not one.ended]:
            block = self.blocks[run.block]
            if not run.ended and block["kind"] == "wait.event" and block["config"]["event_type"] == kind:
                self._pass(run, "happened", now)
        if kind == "order.paid" and all(one.ended for one in self.runs if one.caller is None):
            run = Run("start")
            self.runs.append(run)
            self._pass(run, "entered", now)
        self._meet(now)

    def time(self, now: datetime) -> None:
        """It is `now`: waits that are over end."""
        for run in [one for one in self.runs if not one.ended and one.until is not None and one.until <= now]:
            if not run.ended:
                self._pass(run, "done" if self.blocks[run.block]["kind"] == "wait.duration" else "timeout", now)
        self._meet(now)

    def next_due(self) -> datetime | None:
        """When the next wait is over."""
        return min((one.until for one in self.runs if not one.ended and one.until is not None), default=None)

    def _meet(self, now: datetime) -> None:
        """Whoever waits for enough of its branches, and has them, goes on."""
        while True:
            ready = [
                one
                for one in self.runs
                if not one.ended and self.blocks[one.block]["kind"] == "flow.parallel" and self._enough(one)
            ]
            if not ready:
                return
            for run in ready:
                if not run.ended:
                    self._pass(run, "done", now)

    def _enough(self, run: Run) -> bool:
        asked = self.blocks[run.block]["config"].get("enough", 0)
        done = sum(1 for one in run.called if one.ended and not one.left)
        return all(one.ended for one in run.called) or (asked > 0 and done >= asked)

    def _pass(self, run: Run, port: str, now: datetime) -> None:
        """Leave a block by a port, with what it called, and go on until the run waits or ends."""
        run.passed.append((run.block, port))
        self._leave_behind(run)
        self._arrive(run, self.arrows.get((run.block, port)), now)

    def _arrive(self, run: Run, target: str | None, now: datetime) -> None:
        if target is None:
            self._end(run)
            return
        run.block = target
        block = self.blocks[target]
        config = block["config"]
        match block["kind"]:
            case "marketing.add_points":
                self.points += config["points"]
                self._pass(run, "done", now)
            case "decide.condition":
                self._pass(run, "y" if self.city == "上海" else "else", now)
            case "wait.duration":
                run.until = now + _span(config["span"])
            case "wait.event":
                run.until = now + _span(config["timeout"])
            case "flow.parallel":
                run.until = now + _span(config["timeout"]) if config.get("timeout") else None
                run.called = [Run(target, run) for _ in config["branches"]]
                self.runs += run.called
                for child, branch in zip(list(run.called), config["branches"], strict=True):
                    self._arrive(child, self.arrows.get((target, branch["name"])), now)
            case "flow.exit" | "flow.join":
                run.passed.append((target, ""))
                self._end(run)
            case kind:
                raise AssertionError(f"no such block here: {kind}")

    def _leave_behind(self, run: Run) -> None:
        run.until = None
        called, run.called = run.called, []
        for child in called:
            if not child.ended:
                child.left = True
                self._end(child)

    def _end(self, run: Run) -> None:
        run.ended = True
        self._leave_behind(run)


def _span(config: dict[str, Any]) -> timedelta:
    return timedelta(seconds=int(config["amount"]) * SECONDS[config["unit"]])
