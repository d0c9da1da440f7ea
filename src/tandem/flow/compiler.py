"""Print a stretch of a plan as one statement of common table expressions.

A stretch begins where runs stand between turns (an entry, a wait that is over, a block after one that only `run` can move) and goes on to
the next such places. The whole batch passes all its blocks in one statement: each block adds its port and its effects, the last part moves
the runs, files one log row each and counts the paths taken. See docs/decisions/0008-fused-stretches-and-the-step-log.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from tandem.flow.delays import KINDS, What
from tandem.flow.node import CompileContext, Fragment, Role
from tandem.flow.plan import Mode, Plan, PlannedBlock
from tandem.flow.region import Region, Tables, Way, region
from tandem.flow.runs import RunStatus
from tandem.flow.staying import Staying, staying
from tandem.flow.tail import Exit, Measured, Port, tail_sql

_PARAM = re.compile(r"%\((\w+)\)s")
_WRITES = re.compile(r"\b(?:insert\s+into|update|delete\s+from)\s+\"?(\w+)", re.IGNORECASE)
_PLAIN_INSERT = re.compile(r"\binsert\s+into\s+\"?\w+\"?", re.IGNORECASE)
_NAMED = re.compile(r"\b(?:from|join|update|using)\s+(?:only\s+)?\"?(\w+)", re.IGNORECASE)
#: Whoever writes here has had an effect in this very turn. Coupons are issued by a step of their own and messages go out by a sender:
#: their rows carry the moment with them, and are counted there.
_EFFECTS: Mapping[str, What] = {
    "customer_tag": "tag",
    "customer": "field",
    "customer_field": "field",
    "points_lot": "points",
    "human_task": "task",
}
_BASE = ("bucket", "id", "customer_id", "origin_id", "visit", "arm", "lane", "run_place")
_ON_DEMAND: Mapping[str, str] = {
    "flow_id": "r.flow_id",
    "entered_at": "r.entered_at",
    "vars": "r.vars",
    "cause_id": "r.cause_id",
    "root_id": "r.root_id",
    "hops": "r.hops",
    "signal": "r.signal",
    "goal_at": "r.goal_at",
    "heard_at": "r.heard_at",
    "subject_type": "coalesce(r.subject_type, 'customer')",
    "subject_id": "coalesce(r.subject_id, r.customer_id)",
}


class ContextMaker(Protocol):
    """Makes the context in which a block prints its fragment."""

    def __call__(self, plan: Plan, block: PlannedBlock) -> CompileContext: ...


@dataclass(frozen=True, slots=True)
class Stretch:
    """A compiled stretch. `sql` is None where the first block goes through `run`.

    The statement wants `in_buckets` and `in_ids` (the runs, as array literals), `lane` (of the turn), and `tenant`, `now`, `buckets`. It
    answers one row: runs moved, and how many of them want to go on in this turn.
    """

    number: int
    plan: Plan
    block: PlannedBlock
    mode: Mode
    sql: str | None
    params: Mapping[str, object]
    staying: Staying | None = None
    """Asked first: who of the runs that are due goes on waiting."""
    effects: tuple[What, ...] = ()
    """The kinds of effect whose ages the statement answers, too."""


@dataclass(frozen=True, slots=True)
class _Flow:
    """Runs on their way between blocks: a relation, which of its rows, and what the path so far is.

    `path` are SQL numbers to append to the relation's `path` column (or to nothing, while there is none); `facts` likewise.
    """

    source: str
    where: Port | None
    columns: tuple[str, ...]
    path: tuple[str, ...] = ()
    facts: tuple[tuple[int, str], ...] = ()
    has_path: bool = False

    def path_sql(self) -> str:
        appended = f"array[{', '.join(self.path)}]::smallint[]"
        if not self.has_path:
            return appended if self.path else "'{}'::smallint[]"
        return f"r.path || {appended}" if self.path else "r.path"

    def facts_sql(self) -> str:
        pairs = ", ".join(f"'{number}', {sql}" for number, sql in self.facts)
        built = f"jsonb_build_object({pairs})"
        if not self.has_path:
            return built if self.facts else "null::jsonb"
        return f"coalesce(r.facts, '{{}}'::jsonb) || {built}" if self.facts else "r.facts"

    def where_sql(self) -> str:
        return "" if self.where is None else f" where r.{self.where[0]} = {self.where[1]}"

    def select(self, columns: str) -> str:
        return f"select {columns} from {self.source} r{self.where_sql()}"


def compile_stretch(
    plan: Plan, block: str, mode: Mode, fragments: Mapping[str, Fragment | None], *, alone: bool = False
) -> Stretch:
    """Compile the stretch that begins at a block. `fragments` holds every block's, None where there is only `run`.

    `alone`: only the block itself; whoever passes it stops before the next.
    """
    first = plan.blocks[block]
    number = plan.stretches[block, mode]
    if fragments[block] is None:
        return Stretch(number, plan, first, mode, None, {})
    if mode == "enter" and first.role in {Role.WAIT, Role.END}:
        found = Region(block, [], {block: (Way("park" if first.role is Role.WAIT else "end", block),)})
    else:
        touched = {name: tables_of(one) for name, one in fragments.items() if one is not None}
        found = region(plan, block, lambda one: one.id == block if alone else fragments[one.id] is not None, touched)
    printer = _Printer(plan, number, found, fragments)
    asking = staying(number, fragments[block], plan.steps_max) if mode == "resume" else None
    effects: tuple[What, ...] = tuple([one.what for one in printer.measured])
    return Stretch(number, plan, first, mode, printer.print(), printer.params, asking, effects)


def tables_of(fragment: Fragment) -> Tables:
    """What a fragment writes and looks at, read from its text. A plain insert is no look."""
    effects = [*fragment.effects.values(), *fragment.on_arrival.values()]
    writes = {name.lower() for text in effects for name in _WRITES.findall(text)}
    looked = " ".join(
        [
            fragment.port,
            fragment.joins,
            fragment.result_joins,
            fragment.arrival_joins,
            fragment.facts or "",
            fragment.wake_at or "",
            fragment.arrival_vars or "",
            *fragment.columns.values(),
            *fragment.arrival_columns.values(),
            *(_PLAIN_INSERT.sub(" ", text) for text in effects),
        ]
    )
    return Tables(frozenset(writes), frozenset(name.lower() for name in _NAMED.findall(looked)))


def fragments_of(plan: Plan, context: ContextMaker) -> dict[str, Fragment | None]:
    """Every block's fragment, None for the blocks that only `run` can move."""
    return {name: block.kind.fragment(block.config, context(plan, block)) for name, block in plan.blocks.items()}


class _Printer:
    def __init__(self, plan: Plan, number: int, found: Region, fragments: Mapping[str, Fragment | None]) -> None:
        self.plan = plan
        self.number = number
        self.region = found
        self.fragments = fragments
        self.params: dict[str, object] = {}
        self.ctes: list[str] = []
        self.exits: list[Exit] = []
        self.inflows: dict[str, list[_Flow]] = {name: [] for name in found.order}
        self.arrivals: dict[str, list[_Flow]] = {}
        self.merges = 0
        self.measured = self._measured()
        self.extra = self._wanted_columns()

    def print(self) -> str:
        columns = (*_BASE, *self.extra)
        named = {**_ON_DEMAND, "run_place": "r.ctid"}
        shown = ", ".join(f"{named[name]} as {name}" if name in named else f"r.{name}" for name in columns)
        self.ctes.append(
            f"entered as (select {shown} from unnest(%(in_buckets)s::smallint[], %(in_ids)s::uuid[]) x(bucket, id)"
            " join flow_run r on r.bucket = x.bucket and r.id = x.id and r.tenant_id = %(tenant)s"
            f" where r.stretch = {self.number} and r.status = {RunStatus.ACTIVE:d} and r.visit < {self.plan.steps_max})",
        )
        entered = _Flow("entered", None, columns)
        if self.region.order:
            self.inflows[self.region.start].append(entered)
        else:
            self._lead(self.region.ways[self.region.start][0], entered)
        for name in self.region.order:
            self._pass(self.plan.blocks[name], self._joined(self.inflows[name]))
        for name, flows in self.arrivals.items():
            self._park(self.plan.blocks[name], self._joined(flows))
        # The version is a constant of the stretch; conversions are counted under it.
        self.params["version"] = self.plan.version_id
        return tail_sql(
            self.ctes,
            self.exits,
            number=self.number,
            keeps_vars=self._sets("vars"),
            sets_arm=self._sets("arm"),
            measured=self.measured,
        )

    # -------------------------------------------------------------------------------------------------- blocks

    def _pass(self, block: PlannedBlock, flow: _Flow) -> None:
        fragment = self._own(block)
        port = fragment.port.strip()
        constant = port.isdigit()
        if not self._is_trivial(fragment):
            flow = self._printed(block, fragment, flow, constant=constant)
        taken = port if constant else f"r.p{block.number}"
        flow = replace(flow, path=(*flow.path, str(block.number), taken))
        if fragment.facts is not None:
            flow = replace(flow, facts=(*flow.facts, (block.number, f"r.f{block.number}")))
        for index, way in enumerate(self.region.ways[block.id]):
            if constant and index != int(port):
                continue
            alone = constant or len(self.region.ways[block.id]) == 1
            self._lead(way, flow if alone else replace(flow, where=(f"p{block.number}", index)))

    def _printed(self, block: PlannedBlock, fragment: Fragment, flow: _Flow, *, constant: bool) -> _Flow:
        """Add the block's own parts: its rows, its effects, and what came of them."""
        rows = f"b{block.number}"
        columns = "".join(f", {sql} as {name}" for name, sql in fragment.columns.items())
        self.ctes += self._rows(rows, flow, columns, fragment.joins)
        names = {"rows": rows} | {name: f"{rows}_{name}" for name in fragment.effects}
        for name, effect in fragment.effects.items():
            self.ctes.append(f"{names[name]} as ({_filled(effect, names)})")
        changed = {
            "vars": fragment.vars and f"coalesce(r.vars, '{{}}'::jsonb) || ({fragment.vars})",
            "arm": fragment.arm and f"({fragment.arm})::smallint",
        }
        kept = ", ".join(f"{changed[name]} as {name}" if changed.get(name) else f"r.{name}" for name in flow.columns)
        added: list[str] = []
        if not constant:
            added.append(f"({_filled(fragment.port, names)})::smallint as p{block.number}")
        if fragment.facts is not None:
            added.append(f"({_filled(fragment.facts, names)})::jsonb as f{block.number}")
        selected = ", ".join([kept, *added])
        self.ctes.append(f"{rows}p as (select {selected} from {rows} r {_filled(fragment.result_joins, names)})")
        new = tuple(one.rsplit(" as ", 1)[1] for one in added)
        return replace(flow, source=f"{rows}p", where=None, columns=(*flow.columns, *new))

    @staticmethod
    def _rows(name: str, flow: _Flow, columns: str, joins: str) -> list[str]:
        rows = f"{name} as (select r.*{columns} from {flow.source} r {joins}{flow.where_sql()})"
        if "{input}" not in rows:
            return [rows]
        if flow.where is None:
            return [_filled(rows, {"input": flow.source})]
        asked = f"select r.*{columns} from {name}i r {joins}"
        return [f"{name}i as ({flow.select('r.*')})", f"{name} as ({_filled(asked, {'input': f'{name}i'})})"]

    def _lead(self, way: Way, flow: _Flow) -> None:
        """Send runs on to where a port leads."""
        match way.kind:
            case "pass":
                self.inflows[way.target].append(flow)
            case "park":
                self.arrivals.setdefault(way.target, []).append(flow)
            case "cut":
                self._exit(flow, stretch=self.plan.stretches[way.target, "enter"], wake="%(now)s", lane="%(lane)s")
            case "end":
                self._end(self.plan.blocks[way.target], flow)
            case "leave":
                self._exit(flow, stretch=self.number, status=RunStatus.DONE)

    def _end(self, block: PlannedBlock, flow: _Flow) -> None:
        fragment = self._own(block)
        if not self._is_trivial(fragment):
            flow = self._printed(block, fragment, flow, constant=True)
        flow = replace(flow, path=(*flow.path, str(block.number), "0"))
        if fragment.facts is not None:
            flow = replace(flow, facts=(*flow.facts, (block.number, f"r.f{block.number}")))
        self._exit(flow, stretch=self.number, status=RunStatus.DONE, goal=block.kind.reaches_goal)

    def _park(self, block: PlannedBlock, flow: _Flow) -> None:
        """Runs come to a wait: note until when, and do what the kind does on arrival."""
        fragment = self._own(block)
        rows = f"w{block.number}"
        wake = f", ({fragment.wake_at or 'null'})::timestamptz as wake{block.number}"
        wake += "".join(f", {sql} as {name}" for name, sql in fragment.arrival_columns.items())
        if fragment.arrival_vars is not None:
            wake += f", coalesce(r.vars, '{{}}'::jsonb) || ({fragment.arrival_vars}) as kept{block.number}"
        self.ctes += self._rows(rows, flow, wake, fragment.arrival_joins)
        names = {"rows": rows} | {name: f"{rows}_{name}" for name in fragment.on_arrival}
        for name, effect in fragment.on_arrival.items():
            self.ctes.append(f"{names[name]} as ({_filled(effect, names)})")
        if fragment.arrival_vars is not None:
            kept = ", ".join(f"r.kept{block.number} as vars" if one == "vars" else f"r.{one}" for one in flow.columns)
            self.ctes.append(f"{rows}k as (select {kept}, r.wake{block.number} from {rows} r)")
            rows += "k"
        parked = replace(flow, source=rows, where=None)
        self._exit(parked, stretch=self.plan.stretches[block.id, "resume"], wake=f"r.wake{block.number}", lane="r.lane")

    def _exit(
        self,
        flow: _Flow,
        *,
        stretch: int,
        status: RunStatus = RunStatus.ACTIVE,
        wake: str = "null",
        lane: str = "r.lane",
        goal: bool = False,
    ) -> None:
        self.exits.append(
            Exit(flow.source, flow.where, stretch, status, wake, lane, flow.path_sql(), flow.facts_sql(), goal)
        )

    # ------------------------------------------------------------------------------------------------- together

    def _joined(self, flows: Sequence[_Flow]) -> _Flow:
        """Several arrows into one block become one relation, with the paths so far as a column."""
        if len(flows) == 1:
            return flows[0]
        columns = (*_BASE, *self.extra)
        self.merges += 1
        name = f"merged{self.merges}"
        shown = ", ".join(f"r.{one}" for one in columns)
        parts = [flow.select(f"{shown}, {flow.path_sql()} as path, {flow.facts_sql()} as facts") for flow in flows]
        self.ctes.append(f"{name} as ({' union all '.join(parts)})")
        return _Flow(name, None, (*columns, "path", "facts"), has_path=True)

    def _own(self, block: PlannedBlock) -> Fragment:
        """The block's fragment with its parameters under names that no other block has."""
        fragment = self._touched(block.id)
        own = {name: f"b{block.number}_{name}" for name in fragment.params}
        self.params |= {own[name]: value for name, value in fragment.params.items()}

        def renamed(text: str) -> str:
            return _PARAM.sub(lambda m: f"%({own.get(m[1], m[1])})s", text)

        def each(texts: Mapping[str, str]) -> dict[str, str]:
            return {name: renamed(text) for name, text in texts.items()}

        return replace(
            fragment,
            port=renamed(fragment.port),
            columns=each(fragment.columns),
            joins=renamed(fragment.joins),
            effects=each(fragment.effects),
            result_joins=renamed(fragment.result_joins),
            facts=None if fragment.facts is None else renamed(fragment.facts),
            wake_at=None if fragment.wake_at is None else renamed(fragment.wake_at),
            arrival_joins=renamed(fragment.arrival_joins),
            on_arrival=each(fragment.on_arrival),
            arrival_columns=each(fragment.arrival_columns),
            arrival_vars=None if fragment.arrival_vars is None else renamed(fragment.arrival_vars),
            vars=None if fragment.vars is None else renamed(fragment.vars),
            arm=None if fragment.arm is None else renamed(fragment.arm),
        )

    @staticmethod
    def _is_trivial(fragment: Fragment) -> bool:
        parts = (
            fragment.columns,
            fragment.joins,
            fragment.effects,
            fragment.result_joins,
            fragment.facts,
            fragment.vars,
            fragment.arm,
        )
        return fragment.port.strip().isdigit() and not any(parts)

    # -------------------------------------------------------------------------------------------------- columns

    def _wanted_columns(self) -> tuple[str, ...]:
        """Columns of the run that some block of the region reads: narrow rows are faster rows."""
        text = " ".join(self._texts())
        wanted = [name for name in _ON_DEMAND if re.search(rf"\b{name}\b", text)]
        if self._sets("vars") and "vars" not in wanted:
            wanted.append("vars")
        goals = any(
            way.kind == "end" and self.plan.blocks[way.target].kind.reaches_goal
            for ways in self.region.ways.values()
            for way in ways
        )
        if goals and "goal_at" not in wanted:
            wanted.append("goal_at")
        if self.measured and "heard_at" not in wanted:
            wanted.append("heard_at")
        return tuple(wanted)

    def _measured(self) -> list[Measured]:
        """The effects that this stretch's own statement has, by what its blocks write."""
        passed: dict[What, list[int]] = {}
        arrived: dict[What, list[int]] = {}
        for name in self._touched_names():
            fragment, block = self._touched(name), self.plan.blocks[name]
            for what in _kinds_of(fragment.effects.values()):
                passed.setdefault(what, []).append(block.number)
            if (name, "resume") in self.plan.stretches:
                for what in _kinds_of(fragment.on_arrival.values()):
                    arrived.setdefault(what, []).append(self.plan.stretches[name, "resume"])
        return [
            Measured(what, tuple(passed.get(what, ())), tuple(arrived.get(what, ())))
            for what in KINDS
            if what in passed or what in arrived
        ]

    def _sets(self, what: str) -> bool:
        touched = [self._touched(name) for name in self._touched_names()]
        return any(getattr(one, what) is not None or (what == "vars" and one.arrival_vars) for one in touched)

    def _touched_names(self) -> list[str]:
        ends = {
            way.target
            for ways in self.region.ways.values()
            for way in ways
            if way.kind in {"end", "park"} and way.target
        }
        return [*self.region.order, *sorted(ends - set(self.region.order))]

    def _touched(self, name: str) -> Fragment:
        fragment = self.fragments[name]
        if fragment is None:
            raise AssertionError(f"block {name} has no fragment; a region holds only blocks that have one")
        return fragment

    def _texts(self) -> list[str]:
        texts: list[str] = []
        for name in self._touched_names():
            one = self._touched(name)
            texts += [
                one.port,
                one.joins,
                one.result_joins,
                one.arrival_joins,
                one.facts or "",
                one.wake_at or "",
                one.vars or "",
                one.arm or "",
                one.arrival_vars or "",
                *one.arrival_columns.values(),
            ]
            texts += [*one.columns.values(), *one.effects.values(), *one.on_arrival.values()]
        return texts


def _kinds_of(texts: Iterable[str]) -> set[What]:
    written = {name.lower() for text in texts for name in _WRITES.findall(text)}
    return {_EFFECTS[name] for name in written if name in _EFFECTS}


def _filled(text: str, names: Mapping[str, Any]) -> str:
    """Put the names of the statement's own parts in place of `{rows}` and the like; other braces stay (JSON has them)."""
    for name, value in names.items():
        text = text.replace("{" + name + "}", str(value))
    return text
