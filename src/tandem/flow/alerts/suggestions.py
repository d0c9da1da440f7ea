"""Where many drop out, what to add, and the change drawn into the draft with one click (F08).

Rules, not guesses: each names the numbers it stands on. A change (`redraw`) is saved to the draft, never published.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final, Literal, cast
from uuid import UUID

from tandem.catalog.label import Label
from tandem.flow.alerts import figures, redraw
from tandem.flow.graph import parse_graph
from tandem.flow.kinds.span import AMOUNT_MAX, Span
from tandem.flow.kinds.wait import WaitEventConfig
from tandem.flow.module import KindRegistry
from tandem.flow.node import Group, Role
from tandem.flow.results import BlockCount, wilson
from tandem.flow.service import FlowDraft, get_flow, save_draft
from tandem.kernel.db import Tx
from tandem.kernel.errors import Conflict, NotFound

#: Fewer passages than this say nothing.
PASSED_MIN: Final = 30
#: A way out that so many take is a leak.
LEAK: Final = 0.5

COUPON: Final = "marketing.issue_coupon"
PERSON: Final = "human.task"
WAIT_EVENT: Final = "wait.event"
PREFERRED: Final = "messaging.preferred"
HTTP: Final = "integrate.http"
FILTER: Final = "decide.filter"
CONDITION: Final = "decide.condition"
WINDOW: Final = "wait.window"
SPLIT: Final = "decide.split"
ARMS: Final = ("now", "new")
#: A gate that turns away so many is worth a look; a wait of which so many answer within half its time could be shorter, and one that so
#: many answer only after it longer.
GATE: Final = 0.8
LATE: Final = 0.15
#: Shorter than this nobody needs to be told that a wait could be shorter.
LONG: Final = timedelta(hours=2)
#: The hours at which a better one is looked for.
DAY: Final = (7, 22)

How = Literal["insert", "before", "change", "remove", "again", "split"]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What to do about the way `block`.`port`, mostly insert `kind` there. `key` names it for the one-click draft; `share` of `passed` took
    that way. `other`: the message that is sent again.
    """

    key: str
    block: str
    port: str
    kind: str
    title: Label
    reason: Label
    passed: int
    share: float
    config: Mapping[str, Any] = field(default_factory=dict[str, Any])
    how: How = "insert"
    other: str = ""


def suggestions(
    tx: Tx, kinds: KindRegistry, flow: FlowDraft, graph: Mapping[str, Any], counts: Mapping[str, BlockCount]
) -> list[Suggestion]:
    """What the drop-off of a flow suggests, the largest leak first."""
    found = list(_found(kinds, graph, counts, _coupon(tx)))
    found += [*_spans(tx, flow, graph, counts), *_hours(tx, kinds, flow, graph)]
    return sorted(found, key=lambda one: one.passed * one.share, reverse=True)


def _found(
    kinds: KindRegistry, graph: Mapping[str, Any], counts: Mapping[str, BlockCount], coupon: UUID | None
) -> Iterator[Suggestion]:
    targets = {(arrow["from"], arrow["port"]): arrow["to"] for arrow in graph.get("arrows", ())}
    blocks = {one["id"]: one for one in graph.get("blocks", ())}
    for name, block in blocks.items():
        count, kind = counts.get(name), kinds.get(block["kind"], block.get("version", 1))
        if count is None or kind is None or count.entered < PASSED_MIN:
            continue
        # Who reached the goal while waiting here left by none of its ways, and was not lost.
        passed = max(sum(count.ports.values()), count.entered - count.inside - count.failed)
        yield from _gate(block, count, passed, targets)
        for port in _leaks(block["kind"], count, passed):
            after = blocks.get(targets.get((name, port), ""), {})
            share = count.ports[port] / passed
            if block["kind"] == WAIT_EVENT:
                yield from _words(graph, kinds, name, passed, share)
            # What was suggested and done stands there already.
            if coupon is not None and after.get("kind") != COUPON and kind.role is Role.WAIT:
                yield _offer(name, port, passed, share, coupon)
            if after.get("kind") != PREFERRED and kind.group is Group.REACH and block["kind"] != PREFERRED:
                yield from _other_way(block, port, passed, share)
            if after.get("kind") != PERSON and kind.group is not Group.SERVICE:
                yield _visit(name, port, passed, share)


def _leaks(kind: str, count: BlockCount, passed: int) -> Sequence[str]:
    """The ways out by which people get lost: they let a wait run out, or could not be reached."""
    names = {"timeout"} if kind == WAIT_EVENT else {"failed", "timeout"} if kind == HTTP else {"skipped", "failed"}
    return [port for port, n in count.ports.items() if port in names and passed and n / passed >= LEAK]


def _offer(block: str, port: str, passed: int, share: float, coupon: UUID) -> Suggestion:
    return Suggestion(
        key=f"coupon.{block}.{port}",
        block=block,
        port=port,
        kind=COUPON,
        title=Label("给没有回应的人发一张券", "Give a coupon to those who did not respond"),
        reason=Label(
            f"{passed} 人中有 {share:.0%} 从这里超时离开", f"{share:.0%} of {passed} people let this wait run out"
        ),
        passed=passed,
        share=share,
        config={"coupon_template": str(coupon)},
    )


def _other_way(block: Mapping[str, Any], port: str, passed: int, share: float) -> Iterator[Suggestion]:
    """The same words by whichever channel reaches her; a message written for want of a value would fail there as well."""
    config = cast("Mapping[str, Any]", block.get("config") or {})
    if not config.get("template"):
        return
    yield Suggestion(
        key=f"channel.{block['id']}.{port}",
        block=block["id"],
        port=port,
        kind=PREFERRED,
        title=Label("换一个能联系上的渠道再发", "Send it by another channel that reaches them"),
        reason=Label(f"{passed} 条中有 {share:.0%} 没有发出去", f"{share:.0%} of {passed} messages did not go out"),
        passed=passed,
        share=share,
        config={name: config[name] for name in ("template", "message_class", "when_capped") if name in config},
    )


def _words(graph: Mapping[str, Any], kinds: KindRegistry, wait: str, passed: int, share: float) -> Iterator[Suggestion]:
    """A message that was answered by few: send it once more, or try other words."""
    blocks = {one["id"]: one for one in graph.get("blocks", ())}
    arrows: list[Mapping[str, str]] = list(graph.get("arrows", ()))
    sent = {one["from"] for one in arrows if one["to"] == wait and _reaches(kinds, blocks.get(one["from"]))}
    if len(sent) != 1:
        return
    (message,) = sent
    after = next((one["to"] for one in arrows if (one["from"], one["port"]) == (wait, "timeout")), "")
    before = {blocks.get(one["from"], {}).get("kind") for one in arrows if one["to"] == message}
    said = Label(
        f"发出后 {passed} 人中有 {share:.0%} 没有回应", f"{share:.0%} of {passed} people did not answer what was sent"
    )
    if not _reaches(kinds, blocks.get(after)) and (wait, "timeout") not in {
        (one["from"], one["port"]) for one in arrows if one["to"] == message
    }:
        title = Label("没有回应的人再提醒一次", "Remind those who did not answer once more")
        kind = blocks[message]["kind"]
        yield Suggestion(
            f"again.{wait}.timeout", wait, "timeout", kind, title, said, passed, share, how="again", other=message
        )
    if SPLIT not in before:
        title = Label("换一种说法，各发一半比较", "Try other words on half of them")
        arms = [
            {"name": name, "label": label, "share": "50"}
            for name, label in zip(ARMS, ("现在的说法", "新的说法"), strict=True)
        ]
        yield Suggestion(
            f"split.{message}.in", message, "in", SPLIT, title, said, passed, share, {"arms": arms}, how="split"
        )


def _reaches(kinds: KindRegistry, block: Mapping[str, Any] | None) -> bool:
    kind = None if block is None else kinds.get(block["kind"], block.get("version", 1))
    return kind is not None and kind.group is Group.REACH and kind.role is not Role.WAIT


def _gate(
    block: Mapping[str, Any], count: BlockCount, passed: int, targets: Mapping[tuple[str, str], str]
) -> Iterator[Suggestion]:
    """A condition that turns most away: try without it, those whom it let through on one side, everybody on the other."""
    config = cast("Mapping[str, Any]", block.get("config") or {})
    ways = config.get("ways") or ()
    if block["kind"] == FILTER:
        through, away = "passed", "left"
    elif block["kind"] == CONDITION and len(ways) == 1 and (block["id"], "else") not in targets:
        through, away = str(ways[0]["name"]), "else"
    else:
        return
    share = count.ports.get(away, 0) / passed if passed else 0.0
    if share < GATE or (block["id"], through) not in targets:
        return
    yield Suggestion(
        key=f"gate.{block['id']}.{through}",
        block=block["id"],
        port=through,
        kind=block["kind"],
        title=Label("去掉这道条件，或放宽它", "Take this condition out, or relax it"),
        reason=Label(
            f"来到这里的 {passed} 人中有 {share:.0%} 被它挡下",
            f"It turns away {share:.0%} of the {passed} people who come to it",
        ),
        passed=passed,
        share=share,
        how="remove",
    )


def _spans(tx: Tx, flow: FlowDraft, graph: Mapping[str, Any], counts: Mapping[str, BlockCount]) -> Iterator[Suggestion]:
    """Waits for an event that could be shorter, since who answers does so soon, or longer, since many do so just after."""
    for block in graph.get("blocks", ()):
        count = counts.get(block["id"])
        if block["kind"] != WAIT_EVENT or count is None or block["id"] not in flow.numbers:
            continue
        config = WaitEventConfig.model_validate(block.get("config") or {})
        # What came late is known by its type alone: of a wait that asks more of the event nobody knows it.
        event = None if config.condition.strip() else config.event_type
        wait = figures.Wait(int(flow.numbers[block["id"]]), 0, 1, event, config.timeout.delta)
        found = figures.answers(tx, flow.id, wait)
        if found.missed >= PASSED_MIN and found.late / found.missed >= LATE:
            yield from _longer(block["id"], config.timeout, found)
        elif found.answered >= PASSED_MIN and config.timeout.delta >= LONG and found.within * 2 <= config.timeout.delta:
            yield from _shorter(block["id"], config.timeout, found)


def _longer(block: str, span: Span, found: figures.Answers) -> Iterator[Suggestion]:
    share = found.late / found.missed
    if span.amount * 2 > AMOUNT_MAX or Span(amount=span.amount * 2, unit=span.unit).too_long:
        return
    yield Suggestion(
        key=f"longer.{block}.timeout",
        block=block,
        port="timeout",
        kind=WAIT_EVENT,
        title=Label("把等待延长一倍", "Wait twice as long"),
        reason=Label(
            f"超时的 {found.missed} 人中，有 {share:.0%} 在随后同样长的时间里还是做了",
            f"{share:.0%} of the {found.missed} who let it run out did it within the same time after",
        ),
        passed=found.missed,
        share=share,
        config={"timeout": {"amount": str(span.amount * 2), "unit": span.unit}},
        how="change",
    )


def _shorter(block: str, span: Span, found: figures.Answers) -> Iterator[Suggestion]:
    # Half as long again as nearly all of them took, in whole hours: of a wait of two hours or three that may be what it is already.
    hours = max(1, math.ceil(found.within.total_seconds() * 1.5 / 3600))
    if timedelta(hours=hours) >= span.delta:
        return
    yield Suggestion(
        key=f"shorter.{block}.timeout",
        block=block,
        port="timeout",
        kind=WAIT_EVENT,
        title=Label(f"把等待缩短到 {hours} 小时", f"Wait {hours} {'hour' if hours == 1 else 'hours'} only"),
        reason=Label(
            f"回应的 {found.answered} 人中 95% 在 {_hours_said(found.within)} 小时内就回应了；早些结束，就能早些跟进其他人",
            f"95 % of the {found.answered} who answered did so within {_hours_said(found.within)} hours; the others could be followed up sooner",
        ),
        passed=found.answered,
        share=min(1.0, 1 - found.within / span.delta) / 4,
        config={"timeout": {"amount": str(hours), "unit": "hours"}},
        how="change",
    )


def _hours_said(span: timedelta) -> str:
    return f"{span.total_seconds() / 3600:.1f}".removesuffix(".0")


def _hours(tx: Tx, kinds: KindRegistry, flow: FlowDraft, graph: Mapping[str, Any]) -> Iterator[Suggestion]:
    """Messages that bring more people to the goal at some hours than at all others, so clearly that chance does not explain it."""
    if not (graph.get("settings") or {}).get("goal"):
        return
    blocks = {one["id"]: one for one in graph.get("blocks", ())}
    led = {(arrow["to"], blocks.get(arrow["from"], {}).get("kind")) for arrow in graph.get("arrows", ())}
    reaching = {
        int(flow.numbers[name]): name
        for name, block in blocks.items()
        if name in flow.numbers and _reaches(kinds, block) and (name, WINDOW) not in led
    }
    parts: dict[int, list[figures.Part]] = {}
    for one in figures.hours(tx, flow.id, list(reaching)):
        parts.setdefault(one.number, []).append(one)
    for number, found in parts.items():
        told = [one for one in found if one.runs >= PASSED_MIN]
        if len(told) < 2:
            continue
        # Nobody is told to write at night, however well it went: the quiet hours would hold it back.
        best = max((one for one in told if DAY[0] <= one.start and one.until <= DAY[1]), key=_rate, default=None)
        if best is None:
            continue
        runs = sum(one.runs for one in told) - best.runs
        reached = sum(one.reached for one in told) - best.reached
        low, high = wilson(best.reached, best.runs), wilson(reached, runs)
        if low is not None and high is not None and low[0] > high[1]:
            yield _better_hour(reaching[number], best, runs, reached)


def _rate(one: figures.Part) -> float:
    return one.reached / one.runs


def _better_hour(block: str, best: figures.Part, runs: int, reached: int) -> Suggestion:
    here, elsewhere = best.reached / best.runs, reached / runs
    return Suggestion(
        key=f"hour.{block}.in",
        block=block,
        port="in",
        kind=WINDOW,
        title=Label(f"改在 {best.start}–{best.until} 点发", f"Send it between {best.start}:00 and {best.until}:00"),
        reason=Label(
            f"这个时段发的 {best.runs} 人里 {here:.0%} 达成目标，其他时段 {runs} 人里只有 {elsewhere:.0%}",
            f"{here:.0%} of the {best.runs} who got it then reached the goal, {elsewhere:.0%} of the {runs} who got it at other hours",
        ),
        passed=runs,
        share=here - elsewhere,
        config={"start": f"{best.start:02d}:00", "until": f"{best.until:02d}:00"},
        how="before",
    )


def _visit(block: str, port: str, passed: int, share: float) -> Suggestion:
    return Suggestion(
        key=f"person.{block}.{port}",
        block=block,
        port=port,
        kind=PERSON,
        title=Label("请同事人工跟进", "Let a colleague follow up"),
        reason=Label(
            f"{passed} 人中有 {share:.0%} 从这里流失，自动触达没有留住他们",
            f"{share:.0%} of {passed} people are lost here; what is automatic did not keep them",
        ),
        passed=passed,
        share=share,
        config={
            "title": "跟进流失客户",
            "answers": [{"name": "kept", "label": "已挽回"}, {"name": "lost", "label": "未挽回"}],
        },
    )


def _coupon(tx: Tx) -> UUID | None:
    """A coupon that can be given now; which one, the author decides on the canvas."""
    found: UUID | None = tx.value(
        "select id from coupon_template where tenant_id = %(tenant)s and archived_at is null order by created_at desc limit 1",
        {"tenant": tx.tenant_id},
    )
    return found


def draft(tx: Tx, kinds: KindRegistry, flow_id: UUID, one: Suggestion, etag: int) -> tuple[int, str]:
    """Draw a suggestion into the draft; returns the new etag and the block to look at.

    Raises Conflict when the draft has changed since, or has it already; NotFound when it has no such block any more.
    """
    flow: FlowDraft = get_flow(tx, flow_id, lock=True)
    graph = dict(flow.draft)
    blocks = {block["id"]: block for block in graph.get("blocks", ())}
    if one.block not in blocks or one.other not in {"", *blocks} or kinds.get(one.kind, 1) is None:
        raise NotFound("no_such_block", "草稿里已经没有这个环节。", "The draft has no such block any more.")
    if _is_done(graph, blocks, one):
        raise Conflict("suggestion_done", "草稿里已经有这个环节了。", "The draft has it already.")
    drawn, name = _redrawn(graph, kinds, one)
    parse_graph(drawn)
    return save_draft(tx, flow_id, drawn, etag), name


def _redrawn(graph: Mapping[str, Any], kinds: KindRegistry, one: Suggestion) -> redraw.Drawn:
    match one.how:
        case "insert":
            return redraw.insert(graph, kinds, (one.block, one.port), one.kind, one.config)
        case "before":
            return redraw.before(graph, kinds, one.block, one.kind, one.config)
        case "change":
            return redraw.changed(graph, one.block, one.config)
        case "remove":
            return redraw.removed(graph, kinds, one.block, one.port)
        case "again":
            return redraw.again(graph, one.other, one.block)
        case "split":
            return redraw.split(graph, one.block, one.kind, one.config, ARMS)


def _is_done(graph: Mapping[str, Any], blocks: Mapping[str, Mapping[str, Any]], one: Suggestion) -> bool:
    """Does the draft have it, since somebody drew it before?"""
    if one.how == "change":
        now = cast("Mapping[str, Any]", blocks[one.block].get("config") or {})
        return all(now.get(name) == value for name, value in one.config.items())
    arrows = graph.get("arrows", ())
    if one.how in {"before", "split"}:
        return any(
            blocks.get(arrow["from"], {}).get("kind") == one.kind for arrow in arrows if arrow["to"] == one.block
        )
    if one.how == "remove":
        return False
    leads = {arrow["to"] for arrow in arrows if (arrow["from"], arrow["port"]) == (one.block, one.port)}
    return any(blocks.get(name, {}).get("kind") == one.kind for name in leads)
