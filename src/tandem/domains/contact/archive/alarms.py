"""Customers who wait too long: told once for each wait, in their own buckets' turns."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from tandem.domains.contact.archive.events import UNANSWERED
from tandem.flow.module import TurnStep
from tandem.kernel.ids import derived_id
from tandem.kernel.turn import Turn
from tandem.stream.events import NewEvent
from tandem.stream.inbox import follow_up


@dataclass(frozen=True, slots=True)
class _Late:
    id: UUID
    bucket: int
    customer_id: UUID
    origin_id: UUID
    member: str
    through: str
    waiting_since: datetime
    minutes: int


_DUE: Final = """
with due as materialized (
  select bucket, id from archive_talk
  where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s and alarm_at <= %(now)s order by alarm_at limit %(limit)s
)
update archive_talk as t set alarm_at = null, alarmed_at = %(now)s from due as d, archive_account as a
where t.bucket = any(%(buckets)s::smallint[]) and t.tenant_id = %(tenant)s and t.bucket = d.bucket and t.id = d.id and a.tenant_id = %(tenant)s
  and a.account_id = t.account_id
returning t.id, t.bucket, t.customer_id, t.origin_id, t.member, 'adviser' as through, t.waiting_since, a.alarm_minutes as minutes
"""
_DESK_DUE: Final = """
with due as materialized (
  select bucket, id from desk_talk
  where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s and alarm_at <= %(now)s order by alarm_at limit %(limit)s
)
update desk_talk as t set alarm_at = null, alarmed_at = %(now)s from due as d, service_desk as a
where t.bucket = any(%(buckets)s::smallint[]) and t.tenant_id = %(tenant)s and t.bucket = d.bucket and t.id = d.id and a.tenant_id = %(tenant)s
  and a.id = t.desk_id
returning t.id, t.bucket, t.customer_id, t.origin_id, t.member, 'kf' as through, t.waiting_since, a.alarm_minutes as minutes
"""


# Most turns have nobody: they ask two indexes and go on.
_ANY: Final = """
select exists (select from archive_talk where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s and alarm_at <= %(now)s)
  or exists (select from desk_talk where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s and alarm_at <= %(now)s)
"""


def tell(turn: Turn, limit: int) -> int:
    """Tell of some who wait, in chats with advisers and at desks; returns how many."""
    if not turn.tx.value(_ANY, turn.params()):
        return 0
    late = [one for statement in (_DUE, _DESK_DUE) for one in turn.tx.all(_Late, statement, turn.params(limit=limit))]
    follow_up(turn, [_event(turn, one) for one in late])
    return len(late)


def _event(turn: Turn, one: _Late) -> NewEvent:
    return NewEvent(
        type=UNANSWERED,
        bucket=one.bucket,
        customer_id=one.customer_id,
        origin_id=one.origin_id,
        occurred_at=turn.now,
        payload={"through": one.through, "member": one.member, "minutes": one.minutes},
        event_id=derived_id(one.id, UNANSWERED, one.waiting_since.isoformat()),
    )


STEP: Final = TurnStep(
    name="contact.chat_alarms",
    run=tell,
    due_sql="""
select min(at) from (
  select min(alarm_at) as at from archive_talk
  where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s and alarm_at is not null
  union all
  select min(alarm_at) from desk_talk
  where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s and alarm_at is not null
) as t
""",
)
