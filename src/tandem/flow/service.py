"""Flows as people handle them: drafts that nobody overwrites unseen, checks, versions, publishing, pausing, stopping."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol
from uuid import UUID

from psycopg.types.json import Jsonb

from tandem.access import audit
from tandem.catalog import Catalog
from tandem.catalog.label import Label
from tandem.flow import fanout, plans
from tandem.flow.checks import Placed, check_graph
from tandem.flow.graph import Graph, parse_graph
from tandem.flow.module import KindRegistry
from tandem.flow.plan import config_of, numbered
from tandem.flow.sealed.plain import blanked
from tandem.flow.versions import (
    NewVersion,
    Running,
    begin_audiences,
    file_stretches,
    file_version,
    next_number,
    settle_runs,
)
from tandem.kernel.db import Tx
from tandem.kernel.errors import Conflict, Detail, InvalidInput, NotFound
from tandem.kernel.ids import new_id
from tandem.kernel.live import announce


class FlowRooms(Protocol):
    """The part of the assembled system that flows are checked against."""

    @property
    def catalog(self) -> Catalog: ...

    @property
    def kinds(self) -> KindRegistry: ...


@dataclass(frozen=True, slots=True)
class FlowRow:
    """A flow as lists show it."""

    id: UUID
    name: str
    note: str
    status: str
    current_version_id: UUID | None
    draft_etag: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class FlowDraft:
    """A flow with its canvas. `version_number` and `published_at` are of the current version, None before the first."""

    id: UUID
    name: str
    note: str
    status: str
    current_version_id: UUID | None
    draft: dict[str, Any]
    draft_etag: int
    numbers: dict[str, Any]
    created_at: datetime
    updated_at: datetime
    version_number: int | None
    published_at: datetime | None
    has_goal: bool
    """Its current version (the canvas, before the first) says what it is for: without that nobody can reach it."""


@dataclass(frozen=True, slots=True)
class VersionRow:
    """A published version."""

    id: UUID
    number: int
    status: str
    graph: dict[str, Any]
    published_by: UUID | None
    published_at: datetime
    current: bool
    note: str
    by_name: str | None
    """Who published it, or asked for it."""
    agreed_name: str | None
    """The second person, where one had to agree."""


_VERSION = (
    "select v.id, v.number, v.status, v.graph, v.published_by, v.published_at, v.id = f.current_version_id as current, v.note,"
    " case when p.id is null then u.name else q.name end as by_name, case when p.id is not null then u.name end as agreed_name"
    " from flow_version v join flow f on f.id = v.flow_id and f.tenant_id = %(tenant)s"
    " left join staff_user u on u.id = v.published_by and u.tenant_id = %(tenant)s"
    " left join flow_approval p on p.tenant_id = %(tenant)s and p.flow_id = v.flow_id and p.version_id = v.id"
    " left join staff_user q on q.id = p.requested_by and q.tenant_id = %(tenant)s"
)
_HAS_GOAL = (
    "(coalesce(v.graph, f.draft) #> '{settings,goal}') is not null and coalesce(v.graph, f.draft) #> '{settings,goal}' <> 'null'"
    " or coalesce(v.graph, f.draft) @? '$.blocks[*] ? (@.kind == \"flow.goal\")' as has_goal"
)
_FLOW = "id, name, note, status, current_version_id, draft_etag, created_at, updated_at"


def create_flow(tx: Tx, name: str, graph: Graph | None = None, note: str = "") -> UUID:
    """Make a flow with a draft; returns its id."""
    flow_id = new_id()
    tx.execute(
        "insert into flow (id, tenant_id, name, note, draft, created_by) values (%(id)s, %(tenant)s, %(name)s, %(note)s, %(draft)s, %(user)s)",
        {
            "id": flow_id,
            "tenant": tx.tenant_id,
            "name": _named(name),
            "note": note,
            "draft": Jsonb(blanked(graph or Graph()).stored()),
            "user": tx.user_id,
        },
    )
    audit.record(tx, "flow.created", "flow", flow_id, after={"name": name})
    return flow_id


def get_flow(tx: Tx, flow_id: UUID, *, lock: bool = False) -> FlowDraft:
    """One flow. Raises NotFound."""
    found = tx.maybe(
        FlowDraft,
        "select f.id, f.name, f.note, f.status, f.current_version_id, f.draft, f.draft_etag, f.numbers, f.created_at, f.updated_at,"
        f" v.number as version_number, v.published_at, {_HAS_GOAL}"
        " from flow f left join flow_version v on v.id = f.current_version_id and v.tenant_id = %(tenant)s"
        " where f.tenant_id = %(tenant)s and f.id = %(id)s and f.status <> 'archived'"
        + (" for no key update of f" if lock else ""),
        {"tenant": tx.tenant_id, "id": flow_id},
    )
    if found is None:
        raise NotFound("flow_missing", "没有这个流程，或已被删除。", "There is no such flow, or it was deleted.")
    return found


def change_flow(tx: Tx, flow_id: UUID, *, name: str | None, note: str | None) -> None:
    """Rename a flow or change its note. Raises NotFound."""
    before = get_flow(tx, flow_id, lock=True)
    after = {"name": before.name if name is None else _named(name), "note": before.note if note is None else note}
    tx.execute(
        "update flow set name = %(name)s, note = %(note)s, updated_at = now() where tenant_id = %(tenant)s and id = %(id)s",
        {**after, "tenant": tx.tenant_id, "id": flow_id},
    )
    audit.record(tx, "flow.changed", "flow", flow_id, {"name": before.name, "note": before.note}, after)


def delete_flow(tx: Tx, flow_id: UUID) -> None:
    """Delete a flow that is not running; its history stays. Raises NotFound, Conflict while it runs."""
    flow = get_flow(tx, flow_id, lock=True)
    if flow.status in {"running", "paused", "draining"}:
        raise Conflict("flow_running", "请先停止流程，再删除。", "Stop the flow before deleting it.")
    _set_status(tx, flow_id, "archived")
    audit.record(tx, "flow.deleted", "flow", flow_id, {"name": flow.name})


def save_draft(tx: Tx, flow_id: UUID, value: object, etag: int) -> int:
    """Save the canvas; returns its new etag.

    Raises InvalidInput for a graph of the wrong form, Conflict when somebody else has saved since `etag` was read: nothing is overwritten
    unseen. Credentials in the clear are not kept: everybody who sees the flow would read them.
    """
    graph = blanked(parse_graph(value))
    flow = get_flow(tx, flow_id, lock=True)
    if flow.draft_etag != etag:
        raise Conflict(
            "flow_draft_changed",
            "别人刚刚保存过这个流程，请先载入最新内容再合并您的修改。",
            "Somebody else has saved this flow meanwhile; load it again and merge your changes.",
            details=(Detail("etag", f"现在是 {flow.draft_etag}", f"it is {flow.draft_etag} now"),),
        )
    tx.execute(
        "update flow set draft = %(draft)s, draft_etag = draft_etag + 1, updated_at = now() where tenant_id = %(tenant)s and id = %(id)s",
        {"draft": Jsonb(graph.stored()), "tenant": tx.tenant_id, "id": flow_id},
    )
    return etag + 1


def check_flow(tx: Tx, rooms: FlowRooms, flow_id: UUID, permissions: frozenset[str]) -> list[Placed]:
    """Everything wrong with a flow's draft."""
    graph = parse_graph(get_flow(tx, flow_id).draft)
    return check_graph(graph, rooms.kinds, rooms.catalog, tx, permissions)


def publish(
    tx: Tx,
    rooms: FlowRooms,
    flow_id: UUID,
    permissions: frozenset[str],
    *,
    running: Running = "stay",
    successors: Mapping[str, str] | None = None,
    note: str = "",
    graph: Graph | None = None,
) -> UUID:
    """Publish the draft (or `graph`) as the next version; returns the version's id. A variant that is current ends by it.

    `running` says what becomes of runs inside: stay on their version, move to the same block of the new one (`successors` names the
    heirs of blocks that vanished), or leave. `note` says why. Raises InvalidInput with every error that the check finds.
    """
    flow = get_flow(tx, flow_id, lock=True)
    drawn = graph or parse_graph(flow.draft)
    refuse_errors(check_graph(drawn, rooms.kinds, rooms.catalog, tx, permissions), drawn, rooms.kinds)
    numbers = numbered(drawn, flow.numbers)
    new = NewVersion(next_number(tx, flow_id), note)
    file_version(tx, flow_id, new, drawn, numbers)
    file_stretches(tx, rooms.kinds, flow_id, new.id, drawn)
    tx.execute(
        "update flow set current_version_id = %(version)s, status = case when status = 'paused' then 'paused' else 'running' end,"
        " numbers = %(numbers)s, updated_at = now() where tenant_id = %(tenant)s and id = %(id)s",
        {"version": new.id, "numbers": Jsonb(numbers), "tenant": tx.tenant_id, "id": flow_id},
    )
    tx.execute(
        "update flow_variant set state = 'ended', next_at = null where tenant_id = %(tenant)s and flow_id = %(flow)s and state = 'running'",
        {"tenant": tx.tenant_id, "flow": flow_id},
    )
    begin_audiences(tx, rooms.kinds, flow_id, new.id, drawn)
    if flow.current_version_id is not None:
        settle_runs(tx, flow_id, new.id, running, successors or {})
    changed(tx, flow_id)
    before = {"version": flow.version_number or 0}
    audit.record(
        tx, "flow.published", "flow", flow_id, before, {"version": new.number, "running": running, "note": note}
    )
    return new.id


def pause(tx: Tx, flow_id: UUID) -> None:
    """Runs that come due stand still until the flow is resumed; events keep waking them. Raises Conflict unless it runs."""
    _switch(tx, flow_id, ("running",), "paused", "flow.paused")


def resume(tx: Tx, flow_id: UUID) -> None:
    """The flow goes on; runs that were held are due at once. Raises Conflict unless it is paused or drained."""
    _switch(tx, flow_id, ("paused", "draining"), "running", "flow.resumed")
    fanout.spread(tx, "resume", flow_id, {})


def drain(tx: Tx, flow_id: UUID) -> None:
    """Nobody enters any more; those inside go on to their end, and the flow stops when it is empty. Raises Conflict unless it runs."""
    _switch(tx, flow_id, ("running", "paused"), "draining", "flow.drained")
    fanout.spread(tx, "resume", flow_id, {})


def stop(tx: Tx, flow_id: UUID) -> None:
    """Nobody enters any more and everybody inside leaves. Raises Conflict unless it runs or is paused."""
    _switch(tx, flow_id, ("running", "paused", "draining"), "stopped", "flow.stopped")
    tx.execute(
        "update flow_schedule set next_at = null where tenant_id = %(tenant)s and flow_id = %(flow)s",
        {"tenant": tx.tenant_id, "flow": flow_id},
    )
    fanout.spread(tx, "leave", flow_id, {"reason": "STOPPED"})


def mend_failed(tx: Tx, flow_id: UUID, how: Literal["retry", "skip"], port: int = 0) -> None:
    """Every failed run of a flow tries its block again, or goes past it by a port; done in slices. Raises NotFound."""
    get_flow(tx, flow_id)
    fanout.spread(tx, how, flow_id, {"port": port} if how == "skip" else {})
    audit.record(tx, f"flow.failed_{'retried' if how == 'retry' else 'skipped'}", "flow", flow_id)


def send_on(tx: Tx, kinds: KindRegistry, flow_id: UUID, block: str, port: str | None = None) -> None:
    """Everybody who waits at a block goes on by a port (default: its time-out, else the first); done in slices.

    Who stands in an older version, where the step was another or a person's, stays. Raises NotFound for a flow or block that is not there,
    InvalidInput for a port the block has not, Conflict where a person has to decide: nobody gets past her, nor answers for her.
    """
    graph = published_graph(tx, get_flow(tx, flow_id))
    drawn = next((one for one in graph.get("blocks", ()) if one["id"] == block), None)
    kind = None if drawn is None else kinds.get(drawn["kind"], drawn.get("version", 1))
    if drawn is None or kind is None:
        raise NotFound("block_missing", "发布的流程里没有这个环节。", "The published flow has no such block.")
    if drawn.get("human"):
        raise Conflict(
            "block_human", "这一步由人决定，不能越过。", "A person decides at this step: nobody can be led past it."
        )
    ports = [one.name for one in kind.ports(config_of(kind, drawn.get("config", {})))]
    chosen = port or ("timeout" if "timeout" in ports else next(iter(ports), ""))
    if chosen not in ports:
        raise InvalidInput("port_unknown", "这个环节没有这条出路。", "The block has no such way out.")
    if kind.kind.startswith("human.") and chosen != "timeout":
        raise Conflict(
            "block_answers",
            "这一步等人答复，只能按超时继续。",
            "A person answers here: people can only go on by the time-out.",
        )
    fanout.spread(tx, "send_on", flow_id, {"block": block, "kind": drawn["kind"], "port": chosen})
    audit.record(tx, "flow.sent_on", "flow", flow_id, after={"block": block, "port": chosen})


def versions(tx: Tx, flow_id: UUID) -> list[VersionRow]:
    """All versions, newest first. Raises NotFound."""
    get_flow(tx, flow_id)
    return tx.all(
        VersionRow,
        _VERSION + " where v.tenant_id = %(tenant)s and v.flow_id = %(flow)s order by v.number desc",
        {"tenant": tx.tenant_id, "flow": flow_id},
    )


def list_flows(tx: Tx, *, after: Sequence[str | None] | None, limit: int) -> list[FlowDraft]:
    """Flows, the last changed first. `after`: `updated_at` and id of the last one shown."""
    return tx.all(
        FlowDraft,
        "select f.id, f.name, f.note, f.status, f.current_version_id, f.draft, f.draft_etag, f.numbers, f.created_at, f.updated_at,"
        f" v.number as version_number, v.published_at, {_HAS_GOAL}"
        " from flow f left join flow_version v on v.id = f.current_version_id and v.tenant_id = %(tenant)s"
        " where f.tenant_id = %(tenant)s and f.status <> 'archived'"
        " and (%(at)s::timestamptz is null or (f.updated_at, f.id) < (%(at)s::timestamptz, %(id)s::uuid))"
        " order by f.updated_at desc, f.id desc limit %(limit)s",
        {"tenant": tx.tenant_id, "at": after[0] if after else None, "id": after[1] if after else None, "limit": limit},
    )


def get_version(tx: Tx, flow_id: UUID, version_id: UUID) -> VersionRow:
    """One version of a flow. Raises NotFound."""
    found = tx.maybe(
        VersionRow,
        _VERSION + " where v.tenant_id = %(tenant)s and v.flow_id = %(flow)s and v.id = %(version)s",
        {"tenant": tx.tenant_id, "flow": flow_id, "version": version_id},
    )
    if found is None:
        raise NotFound("version_missing", "没有这一版流程。", "There is no such version.")
    return found


def published_graph(tx: Tx, flow: FlowDraft) -> dict[str, Any]:
    """The graph of the current version; the draft's before the first is published."""
    if flow.current_version_id is None:
        return flow.draft
    return get_version(tx, flow.id, flow.current_version_id).graph


def restore_version(tx: Tx, flow_id: UUID, version_id: UUID, etag: int) -> int:
    """A version becomes the draft again; returns the draft's etag. Raises NotFound, Conflict as `save_draft` does."""
    version = get_version(tx, flow_id, version_id)
    saved = save_draft(tx, flow_id, version.graph, etag)
    audit.record(tx, "flow.version_restored", "flow", flow_id, after={"version": version.number})
    return saved


def numbers_of(tx: Tx, flow_id: UUID) -> dict[str, int]:
    """Block id -> its small number, over all versions of a flow; empty for an unknown one."""
    found: dict[str, int] | None = tx.value(
        "select numbers from flow where tenant_id = %(tenant)s and id = %(id)s", {"tenant": tx.tenant_id, "id": flow_id}
    )
    return found or {}


def _named(name: str) -> str:
    shown = name.strip()
    if not shown or len(shown) > 200:
        detail = Detail("name", "1 至 200 个字", "1 to 200 characters")
        raise InvalidInput("flow_name", "请给流程起一个名字。", "Give the flow a name.", details=(detail,))
    return shown


def refuse_errors(found: Sequence[Placed], graph: Graph, kinds: KindRegistry) -> None:
    """Raises InvalidInput naming every error among the findings, by block and field as the canvas shows them."""
    errors = [one for one in found if one.severity == "error"]
    if errors:
        raise InvalidInput(
            "flow_not_publishable",
            f"流程中还有 {len(errors)} 处问题，改正后才能发布。",
            f"The flow has {len(errors)} {'problem' if len(errors) == 1 else 'problems'} to be mended before publishing.",
            details=tuple(_detail(one, graph, kinds) for one in errors[:100]),
        )


def _detail(one: Placed, graph: Graph, kinds: KindRegistry) -> Detail:
    where = ".".join(part for part in (one.block or "", one.finding.where) if part)
    message, mend = one.finding.message, one.finding.mend
    place = _place(one, graph, kinds)
    zh, en = (f"“{place.zh}”：", f"“{place.en}”: ") if place is not None else ("", "")
    return Detail(where, f"{zh}{message.zh}。{mend.zh}", f"{en}{message.en}. {mend.en}")


def _place(one: Placed, graph: Graph, kinds: KindRegistry) -> Label | None:
    """The block, and the field of its form, as a person knows them; None for the flow as a whole."""
    block = next((each for each in graph.blocks if each.id == one.block), None)
    kind = None if block is None else kinds.get(block.kind, block.version)
    if block is None or kind is None:
        return None
    named = Label(block.label, block.label) if block.label else kind.label
    field = kind.config.model_fields.get(re.split(r"[.\[]", one.finding.where)[0])
    if field is None or not field.title:
        return named
    zh, _, en = (part.strip() for part in field.title.partition("|"))
    return Label(f"{named.zh} · {zh}", f"{named.en} · {en or zh}")


def _switch(tx: Tx, flow_id: UUID, allowed: tuple[str, ...], status: str, action: str) -> None:
    flow = get_flow(tx, flow_id, lock=True)
    if flow.status not in allowed:
        raise Conflict(
            "flow_status", "流程当前的状态不允许这样操作。", f"The flow is {flow.status}; this is not possible now."
        )
    _set_status(tx, flow_id, status)
    changed(tx, flow_id)
    audit.record(tx, action, "flow", flow_id, {"status": flow.status}, {"status": status})


def _set_status(tx: Tx, flow_id: UUID, status: str) -> None:
    tx.execute(
        "update flow set status = %(status)s, updated_at = now() where tenant_id = %(tenant)s and id = %(id)s",
        {"status": status, "tenant": tx.tenant_id, "id": flow_id},
    )


def changed(tx: Tx, flow_id: UUID) -> None:
    """Tell workers and browsers that a flow is another now."""
    plans.bump(tx)
    announce(tx, f"flow:{flow_id}")
