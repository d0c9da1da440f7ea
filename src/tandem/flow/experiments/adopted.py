"""What adopting an arm leaves behind: the graph with all shares on it, the draft led the same way, and the note that it was adopted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

import structlog
from psycopg.types.json import Jsonb
from pydantic import BaseModel

from tandem.access import audit
from tandem.flow.service import get_flow
from tandem.kernel.db import Tx
from tandem.kernel.errors import NotFound

log = structlog.get_logger(__name__)

SPLIT: Final = "decide.split"


class Winner(BaseModel):
    """An arm of a split that everybody new is to be led to."""

    block: str
    port: str


def split_in(graph: Mapping[str, Any], block: str) -> Mapping[str, Any]:
    """The split of a graph. Raises NotFound."""
    found = next((one for one in graph.get("blocks", ()) if one["id"] == block and one["kind"] == SPLIT), None)
    if found is None:
        raise NotFound("no_such_split", "流程里没有这个 A/B 分流。", "The flow has no such split.")
    return found


def led_to(graph: Mapping[str, Any], winner: Winner) -> dict[str, Any]:
    """The graph with all shares of a split on one arm. Raises NotFound."""
    arms = split_in(graph, winner.block)["config"]["arms"]
    if winner.port not in {arm["name"] for arm in arms}:
        raise NotFound("no_such_arm", "这个分流没有这一组。", "The split has no such arm.")
    led = [{**arm, "share": "100" if arm["name"] == winner.port else "0"} for arm in arms]
    blocks = [
        {**one, "config": {**one["config"], "arms": led}} if one["id"] == winner.block else one
        for one in graph["blocks"]
    ]
    return {**graph, "blocks": blocks}


def said_of(graph: Mapping[str, Any], winner: Winner) -> str:
    """Why the version is published, "中文 | English", by the names people gave the split and its arm (which it has). Raises NotFound."""
    split = split_in(graph, winner.block)
    names: dict[str, str] = {arm["name"]: arm.get("label") or arm["name"] for arm in split["config"]["arms"]}
    name, label = names[winner.port], str(split.get("label") or "")
    return (
        f"采用{f'“{label}”的' if label else ''}“{name}”组 | Arm “{name}”{f' of “{label}”' if label else ''} is adopted"
    )


def lead_on(tx: Tx, flow_id: UUID, winner: Winner, asker: UUID | None) -> None:
    """Note the adoption of an arm that has just been published, by `asker` (None: by itself), and lead the draft there too."""
    try:
        _write_draft(tx, flow_id, led_to(get_flow(tx, flow_id, lock=True).draft, winner))
    except NotFound:
        # Who edits has taken the split out already: there is nothing to lead.
        log.info("draft_without_split", flow=str(flow_id), block=winner.block)
    tx.execute(
        "insert into flow_experiment (tenant_id, flow_id, block, adopted_port, adopted_at, adopted_by)"
        " values (%(tenant)s, %(flow)s, %(block)s, %(port)s, %(now)s, %(user)s) on conflict (tenant_id, flow_id, block)"
        " do update set adopted_port = excluded.adopted_port, adopted_at = excluded.adopted_at, adopted_by = excluded.adopted_by,"
        " automatic = false, problem = null",
        {
            "tenant": tx.tenant_id,
            "flow": flow_id,
            "block": winner.block,
            "port": winner.port,
            "now": tx.now,
            "user": asker,
        },
    )
    audit.record(tx, "flow.winner_adopted", "flow", flow_id, None, {"block": winner.block, "arm": winner.port})


def note_problem(tx: Tx, flow_id: UUID, block: str, problem: str) -> None:
    """Say beside a split why its winner is not adopted; nothing is adopted by itself while this stands."""
    tx.execute(
        "insert into flow_experiment (tenant_id, flow_id, block, problem) values (%(tenant)s, %(flow)s, %(block)s, %(problem)s)"
        " on conflict (tenant_id, flow_id, block) do update set problem = excluded.problem",
        {"tenant": tx.tenant_id, "flow": flow_id, "block": block, "problem": problem},
    )


def _write_draft(tx: Tx, flow_id: UUID, graph: Mapping[str, Any]) -> None:
    tx.execute(
        "update flow set draft = %(draft)s, draft_etag = draft_etag + 1, updated_at = now() where tenant_id = %(tenant)s and id = %(id)s",
        {"draft": Jsonb(dict(graph)), "tenant": tx.tenant_id, "id": flow_id},
    )
