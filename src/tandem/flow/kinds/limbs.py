"""What blocks that call runs of a run share: filing them, waiting for them, taking over what they kept (`flow.kin`)."""

from __future__ import annotations

from typing import Final

from tandem.catalog.label import Label
from tandem.flow.kin import CALLED
from tandem.flow.node import Port
from tandem.flow.runs import HOPS_MAX, Lane, RunStatus

DEADLINE: Final = "(r.vars ->> 'deadline')::timestamptz"
"""Until when a run waits at most, as its arrival noted it."""
TIMEOUT: Final = Port("timeout", Label("超时", "Time-out"), optional=True)
NOT_OVER: Final = f"coalesce({DEADLINE} > %(now)s::timestamptz, true)"
_INSIDE: Final = f"({RunStatus.ACTIVE:d}, {RunStatus.FAILED:d}, {RunStatus.HELD:d})"
_COLUMNS: Final = (
    "bucket, id, tenant_id, customer_id, origin_id, flow_id, stretch, status, lane, arm, hops, entered_at, wake_at, cause_id, root_id, subject_type,"
    " subject_id, vars, parent_id, parent_visit, limb, kin, heard_at"
)
# A UUIDv7 a millisecond after the caller's: work over a flow's runs goes by id, in slices, and must come to a caller before its children.
_CHILD: Final = "(lpad(to_hex(('x' || left(replace(r.id::text, '-', ''), 12))::bit(48)::bigint + 1), 12, '0') || '7' || left(h.x, 3) || 'a' || substr(h.x, 4, 15))::uuid"


def noted(wake: str) -> str:
    """SQL jsonb for `arrival_vars`: until when a run waits at most."""
    return f"jsonb_build_object('deadline', ({wake})::timestamptz)"


def children(more: str = "") -> str:
    """FROM and WHERE of the runs that the row `r` called where it waits now; `more` joins something to them."""
    return (
        f"from flow_run c {more} where c.bucket = r.bucket and c.tenant_id = %(tenant)s and c.parent_id = r.id"
        " and c.parent_visit = r.visit - 1"
    )


def out() -> str:
    """SQL: how many of them are still at work."""
    return f"(select count(*) {children()} and c.status in {_INSIDE})"


def done() -> str:
    """SQL: how many of them came to their end."""
    return f"(select count(*) {children()} and c.status = {RunStatus.DONE:d})"


def filed(rows: str, *, kin: int, flow: str = "r.flow_id") -> dict[str, str]:
    """Effects that file a run for each row of `rows`: the caller's `r.*` with limb (int), to (its stretch) and child_vars (jsonb).

    They are due at once. The id follows from caller, visit and limb, so that nothing can be called twice. A bulk run's children are bulk,
    so that an audience never runs in front of what happens live. A chain of `HOPS_MAX` flows that call each other goes no deeper: nothing
    is filed. Branches are no hop deeper than their run, and are always filed.
    What moved the caller moves them: their effects are as old as its event (`flow.delays`).
    """
    lane = f"case when r.lane = {Lane.BULK:d} then {Lane.BULK:d} else {Lane.LIVE:d} end"
    deep = f" where r.hops < {HOPS_MAX}" if kin == CALLED else ""
    calling = (
        f"(select r.*, {_CHILD} as child from ({rows}) r"
        f" cross join lateral (select md5(r.id::text || ':' || r.visit || ':' || r.limb) as x) h{deep}) r"
    )
    hops = "r.hops + 1" if kin == CALLED else "r.hops"
    return {
        "called": f"insert into flow_run ({_COLUMNS})"
        f' select r.bucket, r.child, %(tenant)s::uuid, r.customer_id, r.origin_id, {flow}, r."to", {RunStatus.ACTIVE:d}, r.lane, r.arm, {hops},'
        " %(now)s::timestamptz, %(now)s::timestamptz, r.id, coalesce(r.root_id, r.id), nullif(r.subject_type, 'customer'),"
        f" nullif(r.subject_id, r.customer_id), r.child_vars, r.id, r.visit, r.limb, {kin}, r.heard_at from {calling}",
        "called_due": "insert into flow_due (bucket, tenant_id, lane, wake_at, run_id, stretch, customer_id, origin_id)"
        f' select r.bucket, %(tenant)s::uuid, {lane}, %(now)s::timestamptz, r.child, r."to", r.customer_id, r.origin_id from {calling}',
    }


def brought() -> str:
    """SQL jsonb: what the run and, in the order of their limbs, its children remembered, a later word over an earlier."""
    kept = children("cross join lateral jsonb_each(c.vars -> 'memory') m")
    return (
        "jsonb_build_object('memory', coalesce(r.vars -> 'memory', '{}'::jsonb)"
        f" || coalesce((select jsonb_object_agg(m.key, m.value order by c.limb) {kept} and c.status = {RunStatus.DONE:d}), '{{}}'::jsonb))"
    )
