"""Where many drop out, what to add, and the change drawn into the draft with one click (F08).

Rules, not guesses: each names the numbers it stands on. A change inserts one block between two; it is saved to the draft, never published.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, cast
from uuid import UUID

from tandem.catalog.label import Label
from tandem.flow.graph import parse_graph
from tandem.flow.module import KindRegistry
from tandem.flow.node import Group, Role
from tandem.flow.results import BlockCount
from tandem.flow.service import FlowDraft, get_flow, save_draft
from tandem.kernel.db import Tx
from tandem.kernel.errors import Conflict, NotFound

#: Fewer passages than this say nothing.
PASSED_MIN: Final = 30
#: A way out that so many take is a leak.
LEAK: Final = 0.5

#: From one row of a drawing to the next, and a little to the side, in the canvas's pixels.
ROW: Final = 168
SIDE: Final = 40

COUPON: Final = "marketing.issue_coupon"
PERSON: Final = "human.task"
WAIT_EVENT: Final = "wait.event"
PREFERRED: Final = "messaging.preferred"
HTTP: Final = "integrate.http"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Insert `kind` on the way `block`.`port`. `key` names it for the one-click draft; `share` of `passed` took that way."""

    key: str
    block: str
    port: str
    kind: str
    title: Label
    reason: Label
    passed: int
    share: float
    config: Mapping[str, Any] = field(default_factory=dict[str, Any])


def suggestions(
    tx: Tx, kinds: KindRegistry, graph: Mapping[str, Any], counts: Mapping[str, BlockCount]
) -> list[Suggestion]:
    """What the drop-off of a flow suggests, the largest leak first."""
    found = list(_found(kinds, graph, counts, _coupon(tx)))
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
        passed = sum(count.ports.values())
        for port in _leaks(block["kind"], count, passed):
            after = blocks.get(targets.get((name, port), ""), {})
            share = count.ports[port] / passed
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
    """Draw a suggestion into the draft; returns the new etag and the new block's id.

    Raises Conflict when the draft has changed since, NotFound when it has no such block any more.
    """
    flow: FlowDraft = get_flow(tx, flow_id, lock=True)
    graph = dict(flow.draft)
    blocks, arrows = list(graph.get("blocks", ())), list(graph.get("arrows", ()))
    here = next((block for block in blocks if block["id"] == one.block), None)
    kind = kinds.get(one.kind, 1)
    if here is None or kind is None:
        raise NotFound("no_such_block", "草稿里已经没有这个环节。", "The draft has no such block any more.")
    name = _fresh(blocks, one.kind.rpartition(".")[2])
    if any(block["kind"] == one.kind and _leads(arrows, one, block["id"]) for block in blocks):
        raise Conflict("suggestion_done", "草稿里已经有这个环节了。", "The draft has it already.")
    target = next((arrow["to"] for arrow in arrows if (arrow["from"], arrow["port"]) == (one.block, one.port)), None)
    position = here.get("position") or {"x": 0, "y": 0}
    new = {
        "id": name,
        "kind": one.kind,
        "config": dict(one.config),
        "position": {"x": position["x"] + SIDE, "y": position["y"] + ROW},
    }
    blocks = [_lowered(block, below=position["y"]) for block in blocks]
    arrows = [arrow for arrow in arrows if (arrow["from"], arrow["port"]) != (one.block, one.port)]
    arrows.append({"from": one.block, "port": one.port, "to": name})
    if target is not None:
        config = kind.config.model_validate(one.config)
        arrows += [{"from": name, "port": port.name, "to": target} for port in kind.ports(config)]
    drawn = {**graph, "blocks": [*blocks, new], "arrows": arrows}
    parse_graph(drawn)
    return save_draft(tx, flow_id, drawn, etag), name


def _lowered(block: Mapping[str, Any], *, below: float) -> dict[str, Any]:
    """What stands below makes room: the new block lies on nobody."""
    place = block.get("position") or {"x": 0, "y": 0}
    return dict(block) if place["y"] <= below else {**block, "position": {**place, "y": place["y"] + ROW}}


def _leads(arrows: Sequence[Mapping[str, Any]], one: Suggestion, to: str) -> bool:
    return any((arrow["from"], arrow["port"], arrow["to"]) == (one.block, one.port, to) for arrow in arrows)


def _fresh(blocks: Sequence[Mapping[str, Any]], stem: str) -> str:
    taken = {block["id"] for block in blocks}
    return next(name for number in range(1, 1000) if (name := f"{stem[:30]}{number}") not in taken)
