"""A tenant's business time, and moving it in a demo. Moving is a job: the worker steps through every due moment (ENGINE_RULES 12)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from tandem.access import audit
from tandem.kernel.db import Database, Tx
from tandem.kernel.errors import Conflict, Detail, Forbidden, InvalidInput
from tandem.kernel.jobs import file_job, open_job
from tandem.kernel.live import announce

JOB_KIND = "clock.move"
TOPIC = "clock"
#: One leap; a longer journey is several.
LEAP_MAX = timedelta(days=400)


class Clock(BaseModel):
    """`from` is where a running move began, `target` where it ends."""

    business_now: datetime
    moving: bool
    target: datetime | None
    began: datetime | None
    movable: bool


def clock_of(tx: Tx) -> Clock:
    """The clock of the transaction's tenant."""
    job = open_job(tx, JOB_KIND)
    demo = bool(tx.value("select demo from tenant where id = %(tenant)s", {"tenant": tx.tenant_id}))
    payload: dict[str, Any] = job.payload if job else {}
    return Clock(
        business_now=tx.now,
        moving=job is not None,
        target=payload.get("to"),
        began=payload.get("from"),
        movable=demo,
    )


def read_clock(db: Database, tenant_id: UUID) -> Clock:
    """The clock of a tenant, in a transaction of its own."""
    with db.tx("web", tenant=tenant_id) as tx:
        return clock_of(tx)


def move_clock(tx: Tx, *, to: datetime | None, seconds: int | None) -> Clock:
    """File a move to a moment or by a number of seconds; returns the clock as it starts moving.

    The job's payload is {"from", "to"} (ISO 8601, UTC); flow's clock stepper runs it and announces the topic `clock`.
    Raises Forbidden outside demo tenants, Conflict while one move is under way, InvalidInput for a target that is not ahead
    or more than 400 days ahead.
    """
    tenant = tx.value("select demo from tenant where id = %(tenant)s", {"tenant": tx.tenant_id})
    if not tenant:
        raise Forbidden("not_a_demo", "只有演示企业可以拨动时钟。", "Only a demo tenant's clock can be moved.")
    # One move at a time per tenant; the lock lasts until commit, when the next caller sees the open job.
    tx.execute("select pg_advisory_xact_lock(hashtext('clock.move'), hashtext(%(t)s))", {"t": str(tx.tenant_id)})
    if open_job(tx, JOB_KIND) is not None:
        raise Conflict(
            "clock_moving", "时钟正在移动，请等它到达。", "The clock is already moving; wait for it to arrive."
        )
    target = _target(tx.now, to, seconds)
    moment = {"from": tx.now.astimezone(UTC).isoformat(), "to": target.isoformat()}
    file_job(tx, JOB_KIND, moment)
    audit.record(tx, "clock.moved", "tenant", tx.tenant_id, {"at": moment["from"]}, {"at": moment["to"]})
    announce(tx, TOPIC)
    return clock_of(tx)


def _target(now: datetime, to: datetime | None, seconds: int | None) -> datetime:
    if (to is None) == (seconds is None):
        raise _refused("to", "请给出 to 或 seconds 之一", "give either to or seconds")
    if seconds is not None and abs(seconds) > LEAP_MAX.total_seconds():
        raise _refused("seconds", "一次最多 400 天", "400 days at most")
    target = to.astimezone(UTC) if to is not None else (now + timedelta(seconds=seconds or 0)).astimezone(UTC)
    if target <= now:
        raise _refused("to" if to else "seconds", "时钟只能向前", "the clock only moves forward")
    if target - now > LEAP_MAX:
        raise _refused("to" if to else "seconds", "一次最多 400 天", "400 days at most")
    return target


def _refused(where: str, zh: str, en: str) -> InvalidInput:
    return InvalidInput(
        "bad_clock_target", "时钟无法移到那里。", "The clock cannot move there.", details=(Detail(where, zh, en),)
    )
