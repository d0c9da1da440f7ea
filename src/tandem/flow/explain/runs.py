"""What stands behind a real run: the condition it entered by as of then, and what its blocks did for her."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import Any
from uuid import UUID

from tandem.catalog import ExpressionError
from tandem.flow.explain.why import judge_event, session, then_views
from tandem.flow.node import Role
from tandem.flow.plan import config_of
from tandem.flow.reading import RunRow
from tandem.flow.rehearsal.house import Rooms
from tandem.flow.rehearsal.parts import Asked, Effect
from tandem.flow.rehearsal.things import person
from tandem.kernel.db import Database, Tx
from tandem.kernel.errors import NotFound
from tandem.stream.segment.explain import Part


def drawn(tx: Tx, flow_id: UUID) -> list[dict[str, Any]]:
    """The blocks of every version of a flow, each drawing of one once: a run that has moved keeps what an older version remembered."""
    rows = tx.cursor(
        "select distinct b.block from flow_version v cross join lateral jsonb_array_elements(v.graph -> 'blocks') as b(block)"
        " where v.tenant_id = %(tenant)s and v.flow_id = %(flow)s",
        {"tenant": tx.tenant_id, "flow": flow_id},
    )
    return [row[0] for row in rows.fetchall()]


def effects(
    tx: Tx, rooms: Rooms, buckets: Sequence[int], runs: Sequence[UUID], *, closed: AbstractSet[str]
) -> list[Effect]:
    """What these runs' blocks did, in the order of time; values that are `closed` are not written out."""
    asked = Asked(tx, rooms.catalog, buckets, runs, closed)
    found = [one for tryout in rooms.tryouts if tryout.effects is not None for one in tryout.effects(asked)]
    return sorted(found, key=lambda one: one.at)


def entry(db: Database, rooms: Rooms, tenant: UUID, run: RunRow) -> tuple[str | None, Part | None]:
    """The event that started a run and the start's condition judged as of then; None for what it does not have."""
    if run.customer_id is None or run.subject_id is not None:
        return None, None
    with session(db, tenant) as tx:
        row: tuple[dict[str, Any], dict[str, Any]] | None = tx.cursor(
            "select r.vars, v.graph from flow_run r join flow_version v on v.id = %(version)s and v.tenant_id = %(tenant)s"
            " where r.tenant_id = %(tenant)s and r.bucket = any(%(buckets)s::smallint[]) and r.id = %(run)s and r.vars ? 'event_type'",
            {"tenant": tenant, "buckets": [run.bucket], "run": run.id, "version": run.version_id},
        ).fetchone()
        if row is None:
            return None, None
        event_type = str(row[0]["event_type"])
        for block in row[1].get("blocks", ()):
            kind = rooms.kinds.get(block["kind"], block.get("version", 1))
            if kind is None or kind.role is not Role.START:
                continue
            trigger = kind.trigger(config_of(kind, block.get("config", {})))
            if trigger is not None and event_type in trigger.types:
                then_views(tx, rooms, person(run.customer_id))
                try:
                    payload: dict[str, Any] = row[0].get("event") or {}
                    part = judge_event(tx, rooms, trigger, event_type, payload, person(run.customer_id), run.entered_at)
                except (ExpressionError, NotFound):
                    # What it asks for is gone since, or she was merged: the run stands without its reason.
                    part = None
                return event_type, part
        return event_type, None
