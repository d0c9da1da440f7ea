"""What became of people and groups, written where it counts: the mass message's own rows, the outbox with its caps, events for flows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from tandem.domains.contact.gateway import GatewayFailure
from tandem.domains.contact.sending.holding import Work, write
from tandem.domains.contact.sending.ports import Result, said
from tandem.domains.contact.sending.ruling import CHANNEL
from tandem.domains.messaging.service import MESSAGE_FAILED, MESSAGE_SENT, Told
from tandem.domains.messaging.words import service as words
from tandem.kernel.db import Tx
from tandem.kernel.ids import BUCKETS, derived_id
from tandem.stream.events import NewEvent
from tandem.stream.inbox import emit
from tandem.stream.rows import to_json

_ALL_BUCKETS: Final = list(range(BUCKETS))


def asked(tx: Tx, task: UUID) -> None:
    """The platform has the task: it is now for staff to decide."""
    params = {"tenant": tx.tenant_id, "buckets": _ALL_BUCKETS, "task": task}
    tx.execute(
        """
        update mass_send_person set state = 'asked' where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s
          and task_id = %(task)s and state = 'booked'
        """,
        params,
    )
    tx.execute(
        "update mass_send_group set state = 'asked' where tenant_id = %(tenant)s and task_id = %(task)s and state = 'booked'",
        params,
    )


def settle(tx: Tx, task: UUID, kind: str, results: Sequence[tuple[UUID, Result]]) -> int:
    """Write what is known of some of a task's targets; returns how many are still open."""
    rows = [
        {"id": row, "state": "sent" if one.outcome == "sent" else "refused", "reason": None if one.outcome == "sent" else one.outcome, "at": one.at}
        for row, one in results
        if one.outcome != "pending"
    ]  # fmt: skip
    _write(tx, task, rows)
    table = "mass_send_person" if kind == "customers" else "mass_send_group"
    buckets = "bucket = any(%(buckets)s::smallint[]) and " if kind == "customers" else ""
    return tx.value(
        f"select count(*) from {table} where {buckets}tenant_id = %(tenant)s and task_id = %(task)s and state in ('booked', 'asked')",
        {"tenant": tx.tenant_id, "buckets": _ALL_BUCKETS, "task": task},
    )


def refuse(tx: Tx, task: UUID, ids: Sequence[UUID], reason: str) -> None:
    """These will not be written to: what they had counted is given back."""
    _write(tx, task, [{"id": one, "state": "refused", "reason": reason, "at": None} for one in ids])


def without_address(tx: Tx, task: UUID, ids: Sequence[UUID]) -> None:
    """The platform's ids of these are not known (any more)."""
    refuse(tx, task, ids, "no_address")


def cancel_rest(tx: Tx, task: UUID, reason: str) -> None:
    """Whoever of a task is still open is not written to any more."""
    params = {"tenant": tx.tenant_id, "buckets": _ALL_BUCKETS, "task": task}
    people = tx.values(
        """
        select id from mass_send_person where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s and task_id = %(task)s
          and state in ('booked', 'asked')
        """,
        params,
    )
    groups = tx.values(
        "select group_chat_id from mass_send_group where tenant_id = %(tenant)s and task_id = %(task)s and state in ('booked', 'asked')",
        params,
    )
    state = "refused" if reason in {"platform_refused", "forbidden_words"} else "cancelled"
    _write(tx, task, [{"id": one, "state": state, "reason": reason, "at": None} for one in [*people, *groups]])


def give_up(work: Work) -> None:
    """A task that was never made is not made any more."""
    with work.db.tx("worker", tenant=work.tenant) as tx:
        if write(tx, work, state="cancelled", due=None):
            cancel_rest(tx, work.one.id, "cancelled")


def asks(work: Work) -> bool:
    """Write down that the platform is asked now; not where somebody else does, it was cancelled, or its words are forbidden by now."""
    with work.db.tx("worker", tenant=work.tenant) as tx:
        said_ = said(work.one.body, work.one.attachments)
        held = [one.word for one in words.screen(tx, said_) if one.level == "block"]
        if not held:
            # Before the call: whoever comes after a death here looks for the task first.
            return write(tx, work, state="making", asked=True, keep=True)
        failure = GatewayFailure("refused", ", ".join(held), "forbidden_words")
        if write(tx, work, state="refused", due=None, problem=failure):
            cancel_rest(tx, work.one.id, "forbidden_words")
        return False


@dataclass(frozen=True, slots=True)
class _Settled:
    id: UUID
    bucket: int
    customer_id: UUID
    mass_send_id: UUID
    state: str
    reason: str | None
    name: str


_PEOPLE: Final = """
with said as (select * from jsonb_to_recordset(%(rows)s::jsonb) as n(id uuid, state text, reason text, at timestamptz)),
moved as (
  update mass_send_person as p set state = n.state, reason = n.reason, until = null, settled_at = coalesce(n.at, %(now)s),
    booked_at = case when n.state = 'sent' then p.booked_at end
  from said as n
  where p.bucket = any(%(buckets)s::smallint[]) and p.tenant_id = %(tenant)s and p.id = n.id and p.task_id = %(task)s and p.state in ('booked', 'asked')
  returning p.id, p.bucket, p.customer_id, p.mass_send_id, p.state, p.reason, p.settled_at
), counted as (
  update outbox_message as o set status = case m.state when 'sent' then 'sent' when 'cancelled' then 'cancelled' else 'failed' end, reason = m.reason,
    finished_at = m.settled_at, booked_at = case when m.state = 'sent' then o.booked_at end
  from moved as m where o.bucket = any(%(buckets)s::smallint[]) and o.tenant_id = %(tenant)s and o.bucket = m.bucket and o.id = m.id
    and o.status = 'handed'
)
select m.id, m.bucket, m.customer_id, m.mass_send_id, m.state, m.reason, s.name
from moved as m join mass_send as s on s.tenant_id = %(tenant)s and s.id = m.mass_send_id
"""
_GROUPS: Final = """
update mass_send_group as g set state = n.state, reason = n.reason, settled_at = coalesce(n.at, %(now)s),
  booked_at = case when n.state = 'sent' then g.booked_at end
from jsonb_to_recordset(%(rows)s::jsonb) as n(id uuid, state text, reason text, at timestamptz)
where g.tenant_id = %(tenant)s and g.task_id = %(task)s and g.group_chat_id = n.id and g.state in ('booked', 'asked')
"""


def _write(tx: Tx, task: UUID, rows: Sequence[dict[str, Any]]) -> None:
    if not rows:
        return
    params = {"tenant": tx.tenant_id, "buckets": _ALL_BUCKETS, "task": task, "now": tx.now, "rows": to_json(list(rows))}
    settled = tx.all(_Settled, _PEOPLE, params)
    tx.execute(_GROUPS, params)
    emit(tx, [_event(tx, one) for one in settled if one.state != "cancelled"])


def _event(tx: Tx, one: _Settled) -> NewEvent:
    kind = MESSAGE_SENT if one.state == "sent" else MESSAGE_FAILED
    told = Told(
        one.id, one.bucket, one.customer_id, None, None, None, CHANNEL, "marketing", one.mass_send_id, one.name, None, None, 0
    )  # fmt: skip
    payload = told.payload() | ({} if one.reason is None else {"reason": one.reason})
    return NewEvent(
        type=kind,
        bucket=one.bucket,
        customer_id=one.customer_id,
        occurred_at=tx.now,
        payload=payload,
        event_id=derived_id(one.id, kind),
    )
