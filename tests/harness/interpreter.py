"""A flow engine as simple as can be: one run at a time, in memory, by the letter of the documentation.

The real one is compared with it. It knows the blocks that `drawing` draws and nothing of stretches, batches, lanes or SQL. Time goes in
jumps: whatever is due by a moment happens at that moment.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from harness.drawing import BAD

SECONDS = {"minutes": 60, "hours": 3600, "days": 86_400}
LATE = timedelta(hours=48)
#: Waits of which runs of their own are the answer.
CALLING = ("flow.parallel", "flow.for_each", "flow.call")


class Version:
    """A graph, as fast to look up as the tests need it."""

    def __init__(self, graph: dict[str, Any], caught: dict[str, str]) -> None:
        self.blocks = {one["id"]: one for one in graph["blocks"]}
        self.arrows = {(one["from"], one["port"]): one["to"] for one in graph["arrows"]}
        self.caught = caught
        self.start: str | None = self.blocks["start"]["config"]["event_type"] if "start" in self.blocks else None
        self.for_customers = any(one["config"].get("relation") == "coupons" for one in self.blocks.values())
        settings = graph["settings"]
        self.goal: dict[str, Any] = settings.get("goal") or {}
        self.exit_when: str | None = (settings.get("exit_when") or {}).get("event_type")


@dataclass(eq=False)
class Run:
    """Where a run stands, in which version, what it passed, who called it."""

    version: Version
    block: str
    since: datetime
    """When the event happened that started it, or its caller."""
    caller: Run | None = None
    until: datetime | None = None
    called: list[Run] = field(default_factory=list["Run"])
    passed: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    ended: bool = False
    left: bool = False
    failed: bool = False
    held: bool = False
    before: bool = False
    """It stands before its block, not in it: when it may move it comes to it."""
    signal: str | None = None
    reached: bool = False
    place: int = 1
    """Which of the related things it is about, counted from 1."""

    @property
    def kind(self) -> str:
        return self.version.blocks[self.block]["kind"]

    @property
    def waits(self) -> bool:
        """Does it wait for something, and can be woken?"""
        return not self.ended and not self.failed and not self.held


class Interpreter:
    """One flow, the flow it calls, and one customer or thing. `things`: related set -> how many of hers, its, its customer's."""

    def __init__(self, version: Version, sub: Version | None, city: str, things: Mapping[str, int]) -> None:
        self.version = version
        self.sub = sub
        self.city = city
        self.things = Counter(things)
        self.owned = True
        """Has it a customer? What has none does not enter a flow that asks for one."""
        self.runs: list[Run] = []
        self.points = 0
        self.goals = 0
        self.open = True
        """May anybody enter?"""
        self.paused = False

    # ------------------------------------------------------------------------------------------------- what happens

    def event(self, kind: str, now: datetime, at: datetime) -> None:
        """Something happened to the customer `at` a moment: goals and exits first, then waits, then starts."""
        if at < now - LATE:
            return
        for run in self._roots():
            if not run.ended and at >= run.since:
                self._watch(run, kind)
        woken: list[tuple[Run, str]] = []
        for run in [one for one in self.runs if one.waits and one.kind == "wait.event" and one.signal is None]:
            wanted = run.version.blocks[run.block]["config"]["event_type"]
            if wanted == kind and run.since <= at and (run.until is None or at <= run.until):
                woken.append((run, "happened"))
        self._wake(woken, now)
        may = self.owned or not self.version.for_customers
        if (
            kind == self.version.start
            and may
            and self.open
            and not self.paused
            and all(one.ended for one in self._roots())
        ):
            run = Run(self.version, "start", at)
            self.runs.append(run)
            self._pass(run, "entered", now)
        self._meet(now)

    def time(self, now: datetime) -> None:
        """It is `now`: waits that are over end."""
        for run in [one for one in self.runs if one.waits and one.until is not None and one.until <= now]:
            if self.paused:
                run.held = True
            elif not run.ended:
                self._pass(run, "done" if run.kind == "wait.duration" else "timeout", now)
        self._meet(now)

    def answer(self, port: str, now: datetime) -> None:
        """Whoever is asked says this to every question that is open."""
        asked = [one for one in self.runs if not one.ended and one.kind == "human.task" and one.signal is None]
        self._wake([(one, port) for one in asked if not one.failed], now)
        self._meet(now)

    def mend(self, how: str, now: datetime) -> None:
        """Failed runs try again, or go past the block at which they failed."""
        for run in [one for one in self.runs if one.failed and not one.ended]:
            run.failed = False
            target = run.block if how == "retry" or run.before else run.version.arrows[run.block, "done"]
            self._go_to(run, target, now)
        self._meet(now)

    def _go_to(self, run: Run, target: str, now: datetime) -> None:
        """It is due before a block: now, or when the pause is over."""
        if self.paused:
            run.block, run.held, run.before = target, True, True
        else:
            self._arrive(run, target, now)

    def pause(self) -> None:
        """Nobody enters, and whoever comes due stands still."""
        self.paused = True

    def resume(self, now: datetime) -> None:
        """It goes on: those who came due move now."""
        self.paused = False
        for run in [one for one in self.runs if one.held and not one.ended]:
            run.held = False
            if run.before:
                self._arrive(run, run.block, now)
                continue
            own = run.signal or ("done" if run.kind == "wait.duration" else "timeout")
            self._pass(run, own, now)
        self._meet(now)

    def stop(self) -> None:
        """Everybody leaves."""
        self.open, self.paused = False, False
        self._leave(self._roots())

    def publish(self, new: Version, running: str, heirs: dict[str, str], now: datetime) -> None:
        """A new version: runs inside stay in theirs, move to it, or leave."""
        self.version = new
        if running == "leave":
            self._leave(self._roots())
        if running == "move":
            inside = [one for one in self.runs if not one.ended and one.version is not self.sub]
            for run in inside:
                if run.ended:
                    continue
                run.version = new
                if run.block in heirs:
                    self._take_over(run, heirs[run.block], now)
                elif run.block not in new.blocks:
                    # It stood in a version before the last: what vanished in between has no heir here.
                    self._leave([run])
        self._meet(now)

    def _take_over(self, run: Run, heir: str, now: datetime) -> None:
        """The block where it stood is no more: it stands before the heir, due unless it has failed."""
        self._leave_behind(run)
        run.signal = None
        if run.failed:
            run.block, run.before = heir, True
        else:
            self._go_to(run, heir, now)

    def take_in(self, other: Interpreter, *, first: bool) -> None:
        """She and another customer are one: of two runs inside the older stays. `first`: hers is."""
        mine, hers = ([one for one in who._roots() if not one.ended] for who in (self, other))
        if mine and hers:
            self._leave(hers if first else mine)
        self.runs += other.runs
        self.points += other.points
        self.goals += other.goals
        self.things += other.things

    def next_due(self) -> datetime | None:
        """When the next wait is over."""
        return min((one.until for one in self.runs if one.waits and one.until is not None), default=None)

    # ------------------------------------------------------------------------------------------------------- moving

    def _roots(self) -> list[Run]:
        return [one for one in self.runs if one.caller is None]

    def _watch(self, run: Run, kind: str) -> None:
        goal = run.version.goal
        if kind == goal.get("event_type") and not run.reached:
            run.reached = True
            self.goals += 1
            if goal.get("leave", True):
                self._end(run)
        elif kind == run.version.exit_when:
            run.left = True
            self._end(run)

    def _wake(self, woken: Iterable[tuple[Run, str]], now: datetime) -> None:
        for run, port in woken:
            if run.ended:
                continue
            if self.paused:
                run.signal, run.held = port, True
            else:
                self._pass(run, port, now)

    def _meet(self, now: datetime) -> None:
        """Whoever waits for runs of its own, and has enough of them, goes on."""
        while not self.paused:
            ready = [one for one in self.runs if one.waits and one.kind in CALLING and self._enough(one)]
            if not ready:
                return
            for run in ready:
                if not run.ended:
                    self._pass(run, self._outcome(run), now)

    def _enough(self, run: Run) -> bool:
        asked = run.version.blocks[run.block]["config"].get("enough", 0)
        done = sum(1 for one in run.called if one.ended and not one.left)
        return all(one.ended for one in run.called) or (asked > 0 and done >= asked)

    @staticmethod
    def _outcome(run: Run) -> str:
        done = any(one.ended and not one.left for one in run.called)
        if run.kind == "flow.call":
            return "done" if done else "unavailable"
        return "done" if done or run.kind == "flow.parallel" else "none"

    def _pass(self, run: Run, port: str, now: datetime) -> None:
        """Leave a block by a port, with what it called, and go on until the run waits, fails or ends."""
        run.passed.append((run.block, port))
        run.signal = None
        self._leave_behind(run)
        self._arrive(run, run.version.arrows.get((run.block, port)), now)

    def _arrive(self, run: Run, target: str | None, now: datetime) -> None:
        if target is None:
            self._end(run)
            return
        run.block, run.before = target, False
        config = run.version.blocks[target]["config"]
        match run.kind:
            case "marketing.add_points" | "test.mark":
                self.points += config["points"]
                self._pass(run, "done", now)
            case "decide.condition":
                self._pass(run, "y" if self.city == "上海" else "else", now)
            case "test.fragile":
                self._try(run, now)
            case "flow.catch":
                self._pass(run, "on", now)
            case "wait.duration":
                run.until = now + _span(config["span"])
            case "wait.event":
                run.until = now + _span(config["timeout"])
            case "human.task":
                run.until = now + _span(config["due"])
            case "flow.parallel" | "flow.for_each" | "flow.call":
                self._call(run, config, now)
            case "flow.exit" | "flow.join":
                run.passed.append((target, ""))
                self._end(run)
            case kind:
                raise AssertionError(f"no such block here: {kind}")

    def _try(self, run: Run, now: datetime) -> None:
        if self.city != BAD:
            self._pass(run, "done", now)
        elif run.block in run.version.caught:
            self._arrive(run, run.version.caught[run.block], now)
        else:
            run.failed = True

    def _call(self, run: Run, config: dict[str, Any], now: datetime) -> None:
        run.until = now + _span(config["timeout"]) if config.get("timeout") else None
        led: list[tuple[Version, str]] = []
        match run.kind:
            case "flow.parallel":
                ways = [run.version.arrows[run.block, one["name"]] for one in config["branches"]]
                led = [(run.version, way) for way in ways]
            case "flow.for_each":
                # A condition here is always the one that asks for things from the run's own on.
                there = self.things[config["relation"]] - (run.place - 1 if config["where"] else 0)
                led = [(run.version, run.version.arrows[run.block, "each"])] * min(there, config["most"])
            case _:
                assert self.sub is not None
                led = [(self.sub, "called")]
        run.called = [Run(version, run.block, run.since, run, place=run.place) for version, _ in led]
        if run.kind == "flow.for_each":
            first = run.place if config["where"] else 1
            for number, child in enumerate(run.called):
                child.place = first + number
        self.runs += run.called
        for child, (version, to) in zip(list(run.called), led, strict=True):
            if version is self.sub:
                child.block = to
                self._pass(child, "entered", now)
            else:
                self._arrive(child, to, now)

    def _leave_behind(self, run: Run) -> None:
        run.until = None
        called, run.called = run.called, []
        self._leave(called)

    def _leave(self, runs: Iterable[Run]) -> None:
        for run in runs:
            if not run.ended:
                run.left = True
                self._end(run)

    def _end(self, run: Run) -> None:
        run.ended, run.failed, run.held = True, False, False
        self._leave_behind(run)


def _span(config: dict[str, Any]) -> timedelta:
    return timedelta(seconds=int(config["amount"]) * SECONDS[config["unit"]])
