"""Checks before publishing: each finding names its block, the place in its settings, what is wrong and how to mend it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel

from tandem.access.permissions import called, covers
from tandem.access.privacy import seen_with
from tandem.catalog import Catalog, ExpressionError, check
from tandem.catalog.label import Label
from tandem.flow import about, enclosed, given
from tandem.flow.closed import personal_memory
from tandem.flow.graph import Graph, Watch
from tandem.flow.module import KindRegistry
from tandem.flow.node import Finding, NodeKind, Role, Severity
from tandem.flow.plan import config_of, target_of
from tandem.flow.region import never_waiting
from tandem.flow.runs import PORTS_MAX
from tandem.flow.scopes import Scoping, expected, scoping_of
from tandem.flow.wording_checks import wording_findings
from tandem.kernel.db import Tx
from tandem.kernel.errors import InvalidInput
from tandem.stream.things.catalogue import catalog_of


@dataclass(frozen=True, slots=True)
class Placed:
    """A finding with its block; None for the flow as a whole."""

    block: str | None
    finding: Finding

    @property
    def severity(self) -> Severity:
        return self.finding.severity


@dataclass(frozen=True, slots=True)
class _Block:
    """A block whose kind and configuration could be read."""

    kind: NodeKind[Any]
    config: BaseModel
    ports: tuple[str, ...]
    optional: frozenset[str]
    labels: Mapping[str, Label]

    def told(self, port: str) -> Label:
        """A way out as a person knows it; by its name where the kind has no such port."""
        return self.labels.get(port, Label(port, port))


@dataclass(frozen=True, slots=True)
class Asking:
    """The `CheckContext` of one flow: what kinds may ask."""

    catalog: Catalog
    tx: Tx
    permissions: frozenset[str]
    scoping: Scoping = field(default_factory=Scoping)
    block: str = ""
    personal: frozenset[str] = frozenset()
    """What runs remember (`run.x`) that was made from somebody's personal data."""

    @property
    def subject(self) -> str:
        """What the flow is about."""
        return self.scoping.subject

    def expression(
        self, text: str, where: str, *, returns: str = "bool", event_type: str | None = None
    ) -> Iterable[Finding]:
        """Findings of an expression."""
        try:
            check(text, self.scoping.scope(self.catalog, self.block, event_type), expected(returns))
        except ExpressionError as error:
            for problem in error.problems:
                mend = Label("请改正后再发布", "Correct it before publishing")
                if problem.suggestion is not None:
                    mend = Label(f"改为 {problem.suggestion}", f"Write {problem.suggestion} instead")
                yield Finding("expression_wrong", problem.message, mend, where)

    def placeholders(self, text: str, where: str) -> Iterable[Finding]:
        """Findings of the `{{...}}` in a text for colleagues."""
        yield from wording_findings(text, where, self.scoping.scope(self.catalog, self.block), self.personal)

    def knows_event(self, event_type: str) -> bool:
        """Is there such a type of event?"""
        return event_type in self.catalog.event_types

    def exists(self, what: Literal["segment", "tag"], name: str) -> bool:
        """Does the tenant have it?"""
        if what == "segment":
            query = "select exists (select 1 from segment where tenant_id = %(tenant)s and id = %(name)s::uuid and archived_at is null)"
        else:
            query = "select exists (select 1 from tag where tenant_id = %(tenant)s and name = %(name)s)"
        return bool(self.tx.value(query, {"tenant": self.tx.tenant_id, "name": name}))


def check_graph(
    graph: Graph, registry: KindRegistry, catalog: Catalog, tx: Tx, permissions: frozenset[str]
) -> list[Placed]:
    """Everything wrong with a graph, in the order of its blocks. An empty list or warnings alone may be published."""
    found: list[Placed] = list(_structure(graph))
    catalog, subject = catalog_of(tx, catalog), graph.settings.subject
    if not about.exists(catalog, subject):
        return [*found, Placed(None, about.unknown(subject))]
    blocks: dict[str, _Block] = {}
    for block in graph.blocks:
        read, problems = _read(registry, block.kind, block.version, block.config)
        found += [Placed(block.id, one) for one in problems]
        if read is not None:
            blocks[block.id] = read
    seen = catalog.narrowed(seen_with(lambda name: covers(permissions, name)))
    leads = _leads(graph, blocks)
    personal = personal_memory(catalog, graph.stored()["blocks"])
    asking = Asking(seen, tx, permissions, _scoping(blocks, leads, subject), personal=personal)
    for name, block in blocks.items():
        found += [Placed(name, one) for one in _of_block(block, replace(asking, block=name))]
    found += [
        Placed(name, one)
        for name, one in about.findings(
            catalog, graph, {name: (block.kind, block.config) for name, block in blocks.items()}
        )
    ]
    found += [Placed(name, one) for name, one in enclosed.findings(_enclosing(blocks), leads)]
    found += _arrows(graph, blocks)
    found += _reach(graph, blocks)
    found += _loops(graph, blocks)
    found += _given(graph, blocks, asking)
    found += _settings(graph, blocks, asking)
    return found


def draft_scoping(graph: Graph, registry: KindRegistry) -> Scoping:
    """What expressions in a draft may name, as far as its blocks can be read already."""
    pairs = ((block.id, _read(registry, block.kind, block.version, block.config)[0]) for block in graph.blocks)
    blocks = {name: read for name, read in pairs if read is not None}
    return _scoping(blocks, _leads(graph, blocks), graph.settings.subject)


def _scoping(blocks: Mapping[str, _Block], leads: Mapping[str, tuple[str | None, ...]], subject: str) -> Scoping:
    drawn = ((name, block.kind, block.config) for name, block in blocks.items())
    return scoping_of(drawn, leads, subject)


def _structure(graph: Graph) -> Iterator[Placed]:
    seen: set[str] = set()
    for block in graph.blocks:
        if block.id in seen:
            yield _placed(
                block.id,
                "block_twice",
                "有两个环节使用同一个标识",
                "Two blocks have the same id",
                "请删除其中一个再添加",
                "Delete one and add it again",
            )
        seen.add(block.id)


def _read(
    registry: KindRegistry, kind: str, version: int, config: Mapping[str, Any]
) -> tuple[_Block | None, list[Finding]]:
    handler = registry.get(kind, version)
    if handler is None:
        message = Label(f"环节类型 {kind} 不存在", f"There is no kind of block {kind}")
        return None, [Finding("kind_unknown", message, Label("请删除该环节", "Delete the block"))]
    try:
        value = config_of(handler, config)
    except InvalidInput as error:
        mend = Label("请在右侧表单中补全或改正", "Complete or correct the form")
        return None, [
            Finding("config_wrong", Label(one.what_zh, one.what_en), mend, one.where) for one in error.details
        ]
    ports = handler.ports(value)
    if len(ports) > PORTS_MAX:
        message = Label("出口太多", "Too many ports")
        return None, [Finding("ports_too_many", message, Label(f"最多 {PORTS_MAX} 个", f"At most {PORTS_MAX}"))]
    optional = frozenset(port.name for port in ports if port.optional)
    labels = {port.name: port.label for port in ports}
    return _Block(handler, value, tuple(port.name for port in ports), optional, labels), []


def _leads(graph: Graph, blocks: Mapping[str, _Block]) -> dict[str, tuple[str | None, ...]]:
    """Where every port leads, arrows and what configurations say."""
    targets = graph.targets()
    found: dict[str, tuple[str | None, ...]] = {}
    for name, block in blocks.items():
        jump = block.kind.leads_to(block.config)
        found[name] = (jump,) if jump is not None else tuple(targets.get((name, port)) for port in block.ports)
    return found


def _enclosing(blocks: Mapping[str, _Block]) -> list[enclosed.Block]:
    return [enclosed.Block(name, block.kind, block.ports) for name, block in blocks.items()]


def _of_block(block: _Block, asking: Asking) -> Iterator[Finding]:
    yield from block.kind.check(block.config, asking)
    for needed in block.kind.needs:
        if not covers(asking.permissions, needed):
            right = called(needed)
            yield Finding(
                "right_missing",
                Label(f"发布人没有“{right.zh}”的权限", f"You lack the right that this block needs: {right.en}"),
                Label(
                    "请由有权限的同事发布，或删除该环节", "Let somebody with that right publish, or delete the block"
                ),
            )


def _arrows(graph: Graph, blocks: Mapping[str, _Block]) -> Iterator[Placed]:
    ids = {block.id for block in graph.blocks}
    targets: dict[tuple[str, str], int] = {}
    for arrow in graph.arrows:
        if arrow.from_ not in ids or arrow.to not in ids:
            yield _placed(
                None,
                "arrow_loose",
                "有连线的一端没有环节",
                "An arrow has no block at one end",
                "请删除该连线",
                "Delete the arrow",
            )
            continue
        targets[arrow.from_, arrow.port] = targets.get((arrow.from_, arrow.port), 0) + 1
        block, target = blocks.get(arrow.from_), blocks.get(arrow.to)
        if block is not None and arrow.port not in block.ports:
            yield _placed(
                arrow.from_,
                "port_unknown",
                f"没有名为 {arrow.port} 的出口",
                f"There is no port {arrow.port}",
                "请删除该连线",
                "Delete the arrow",
            )
        if target is not None and target.kind.role is Role.START:
            yield _placed(
                arrow.to,
                "start_entered",
                "开始环节不能有进入的连线",
                "An arrow leads into a start",
                "请删除该连线",
                "Delete the arrow",
            )
    for name, block in blocks.items():
        jump = block.kind.leads_to(block.config)
        led = blocks.get(jump) if jump is not None else None
        if jump is not None and (led is None or led.kind.role is Role.START):
            yield _placed(
                name,
                "jump_nowhere",
                "要转到的环节不存在，或是开始环节",
                "The block to go to is not there, or is a start",
                "请重新选择要转到的环节",
                "Choose another block to go to",
                where="target",
            )
    yield from _ways(blocks, targets)


def _ways(blocks: Mapping[str, _Block], targets: Mapping[tuple[str, str], int]) -> Iterator[Placed]:
    """Ways out with several arrows, and those with none."""
    for (name, port), count in targets.items():
        if count > 1:
            told = blocks[name].told(port) if name in blocks else Label(port, port)
            yield _placed(
                name,
                "port_twice",
                f"出口“{told.zh}”连了多条线",
                f"The way “{told.en}” has several arrows",
                "一个出口只保留一条连线",
                "Keep one arrow per port",
            )
    for name, block in blocks.items():
        for port in block.ports:
            if (name, port) not in targets and port not in block.optional:
                told = block.told(port)
                yield _placed(
                    name,
                    "port_open",
                    f"出口“{told.zh}”没有连到任何环节",
                    f"The way “{told.en}” leads nowhere",
                    "请连到下一个环节或“离开流程”",
                    "Connect it to a block or an exit",
                    where=f"ports.{port}",
                )


def _reach(graph: Graph, blocks: Mapping[str, _Block]) -> Iterator[Placed]:
    starts = [name for name, block in blocks.items() if block.kind.role is Role.START]
    if not starts:
        yield _placed(
            None,
            "start_missing",
            "流程没有开始环节",
            "The flow has no start",
            "请从左侧拖入一个开始环节",
            "Drag a start onto the canvas",
        )
    reached: set[str] = set()
    pending = list(starts)
    leads: dict[str, list[str]] = {}
    for arrow in graph.arrows:
        leads.setdefault(arrow.from_, []).append(arrow.to)
    for name, block in blocks.items():
        jump = block.kind.leads_to(block.config)
        if jump is not None:
            leads.setdefault(name, []).append(jump)
    while pending:
        name = pending.pop()
        if name not in reached:
            reached.add(name)
            pending += leads.get(name, [])
    for block in graph.blocks:
        if starts and block.id not in reached:
            yield _placed(
                block.id,
                "unreachable",
                "没有任何客户能走到这个环节",
                "Nobody can come to this block",
                "请连上它，或删除它",
                "Connect it or delete it",
            )


def _loops(graph: Graph, blocks: Mapping[str, _Block]) -> Iterator[Placed]:
    leads = _leads(graph, blocks)
    waits = frozenset(name for name, block in blocks.items() if block.kind.role is Role.WAIT)
    for loop in never_waiting(leads, waits):
        shown = " → ".join(loop)
        yield _placed(
            loop[0],
            "loop_without_wait",
            f"这个循环中没有等待：{shown}",
            f"The loop never waits: {shown}",
            "请在循环中加入一个等待环节",
            "Put a wait into the loop",
        )


def _given(graph: Graph, blocks: Mapping[str, _Block], asking: Asking) -> Iterator[Placed]:
    """Does every way into a block bring what the block writes about?"""
    targets = graph.targets()
    passed: dict[str, given.Passed] = {}
    for drawn in graph.blocks:
        block = blocks.get(drawn.id)
        if block is None:
            continue
        gives = block.kind.gives(block.config)
        passed[drawn.id] = given.Passed(
            Label(drawn.label, drawn.label) if drawn.label else block.kind.label,
            block.kind.role is Role.START,
            block.kind.asks(block.config, asking),
            tuple(
                (port.name, target_of(targets, drawn.id, port), gives.get(port.name, frozenset()), port.label)
                for port in block.kind.ports(block.config)
            ),
        )
    yield from (Placed(name, finding) for name, finding in given.lacking(passed))


def _settings(graph: Graph, blocks: Mapping[str, _Block], asking: Asking) -> Iterator[Placed]:
    settings = graph.settings
    for where, watch in (("settings.goal", settings.goal), ("settings.exit_when", settings.exit_when)):
        if watch is not None:
            yield from (Placed(None, one) for one in _watch(watch, where, asking))
    endless = settings.reentry.rule == "always" and settings.reentry.concurrent
    for name, block in blocks.items():
        audience = block.kind.audience(block.config) if block.kind.role is Role.START else None
        if audience is not None and audience.next_after is not None and endless:
            yield _placed(
                name,
                "audience_unbounded",
                "定时群发且允许同一客户同时多次进入：人数没有上限",
                "A schedule with concurrent re-entry lets one person in without bound",
                "请限制再次进入",
                "Limit re-entry",
                severity="warning",
            )


def _watch(watch: Watch, where: str, asking: Asking) -> Iterator[Finding]:
    if watch.event_type is None and not watch.condition.strip():
        message = Label("目标或退出条件是空的", "The goal or exit condition is empty")
        yield Finding("watch_empty", message, Label("请填写事件或条件", "Give an event or a condition"), where)
    elif watch.event_type is not None and not asking.knows_event(watch.event_type):
        message = Label(f"没有名为“{watch.event_type}”的事件", f"There is no event named {watch.event_type!r}")
        yield Finding(
            "event_unknown",
            message,
            Label("请从列表中选择事件", "Choose an event from the list"),
            f"{where}.event_type",
        )
    elif watch.condition.strip():
        yield from asking.expression(watch.condition, f"{where}.condition", event_type=watch.event_type)


def _placed(
    block: str | None,
    code: str,
    zh: str,
    en: str,
    mend_zh: str,
    mend_en: str,
    *,
    where: str = "",
    severity: Severity = "error",
) -> Placed:
    return Placed(block, Finding(code, Label(zh, en), Label(mend_zh, mend_en), where, severity))


def segment_ids(graph: Graph, registry: KindRegistry) -> set[UUID]:
    """The segments that a graph takes people from."""
    found: set[UUID] = set()
    for block in graph.blocks:
        read, _ = _read(registry, block.kind, block.version, block.config)
        audience = read.kind.audience(read.config) if read is not None and read.kind.role is Role.START else None
        if audience is not None and audience.segment_id is not None:
            found.add(audience.segment_id)
    return found
