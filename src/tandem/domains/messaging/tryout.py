"""Messaging's part in a rehearsal, and what a run's messages were: a channel that delivers at once, to nobody."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from psycopg.types.json import Jsonb

from tandem.domains.messaging.placeholders import MissingValue, names, render
from tandem.domains.messaging.reactions import Reaction, arrive
from tandem.domains.messaging.release import RELEASE
from tandem.domains.messaging.values import Recipient, Values, fill, written_names
from tandem.flow.rehearsal.parts import ANSWERED, Asked, Effect, Tryout, answering
from tandem.kernel.turn import Turn

#: The longest cap looks back so far.
_COUNTED: Final = "30 days"
_HIDDEN: Final = "***"

_DELIVER: Final = """
update outbox_message set status = 'sent', finished_at = %(now)s
where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s and status = 'released'
"""
# Messages that really went out meanwhile count against the caps as they did.
_REAL: Final = """
insert into outbox_message (bucket, id, tenant_id, customer_id, origin_id, channel, template_id, message_class, status, when_capped, planned_at,
  release_at, booked_at, finished_at)
select o.bucket, o.id, o.tenant_id, o.customer_id, o.origin_id, o.channel, o.template_id, o.message_class, 'sent', o.when_capped, o.planned_at,
  o.release_at, o.booked_at, o.finished_at
from public.outbox_message as o
where o.bucket = any(%(buckets)s::smallint[]) and o.tenant_id = %(tenant)s and o.booked_at > %(since)s and o.booked_at <= %(now)s
on conflict do nothing
"""


def real(turn: Turn, since: datetime) -> None:
    """What was really sent is booked."""
    turn.tx.execute(_REAL, turn.params(since=since), prepare=True)


#: What comes before each answer: who presses has read.
_BEFORE: Final[dict[str, tuple[Reaction, ...]]] = {
    "read": ("delivered", "read"),
    "clicked": ("delivered", "read", "clicked"),
    "replied": ("delivered", "read", "replied"),
}
_TELL: Final = f"""
insert into {ANSWERED} (bucket, owner_id, occurred_at, event_id, tenant_id, type, customer_id, payload)
select tandem_bucket(e.customer_id), e.customer_id, %(now)s, e.event_id, %(tenant)s, e.type, e.customer_id, e.payload
from unnest(%(ids)s::uuid[], %(types)s::text[], %(customers)s::uuid[], %(payloads)s::jsonb[]) as e(event_id, type, customer_id, payload)
"""


def after(turn: Turn) -> int:
    """What was released has arrived; in a rehearsal that assumes an answer, everybody gives it at once."""
    whats = _BEFORE.get(answering(turn.tx))
    if whats is None:
        return turn.tx.execute(_DELIVER, turn.params(), prepare=True)
    told = arrive(turn, whats)
    if told:
        turn.tx.execute(
            _TELL,
            turn.params(
                ids=[one.event_id for one in told],
                types=[one.type for one in told],
                customers=[one.customer_id for one in told],
                payloads=[Jsonb(dict(one.payload)) for one in told],
            ),
        )
    return len(told)


@dataclass(frozen=True, slots=True)
class _Row:
    id: UUID
    bucket: int
    customer_id: UUID
    run_id: UUID
    block: str
    visit: int
    status: str
    reason: str | None
    release_at: datetime
    planned_at: datetime
    at: datetime
    template: str
    body: str


_READ: Final = """
select o.id, o.bucket, o.customer_id, o.run_id, o.block, o.visit, o.status, o.reason, o.release_at, o.planned_at,
  coalesce(o.finished_at, o.released_at, o.planned_at) as at, t.name as template, t.body
from outbox_message as o join message_template as t on t.tenant_id = %(tenant)s and t.id = o.template_id
where o.bucket = any(%(buckets)s::smallint[]) and o.tenant_id = %(tenant)s and o.run_id = any(%(runs)s::uuid[])
order by o.planned_at, o.id
"""
_OUTCOME: Final = {"released": "sent", "sending": "sent", "cancelled": "skipped", "planned": "held"}


def effects(asked: Asked) -> list[Effect]:
    """The messages of these runs with the words that she gets, without the values that are closed to the reader."""
    tx = asked.tx
    rows = tx.all(_Row, _READ, {"tenant": tx.tenant_id, "buckets": list(asked.buckets), "runs": list(asked.runs)})
    recipients = [Recipient(row.id, row.bucket, row.customer_id, row.run_id) for row in rows]
    wanted = list(dict.fromkeys(name for row in rows for name in names(row.body)))
    # What would be made on sending keeps its name: a rehearsal leaves nothing behind.
    named = {name: f"〔{name}〕" for name in written_names(wanted)}
    shown = [name for name in wanted if name not in asked.closed and name not in named]
    values = fill(tx, asked.catalog, recipients, shown) if recipients else {}
    for found in values.values():
        found.update(named)
    return [_effect(row, values, asked.closed) for row in rows]


def _effect(row: _Row, values: Values, hidden: AbstractSet[str]) -> Effect:
    known = values.get(row.id, {})
    try:
        text = render(row.body, lambda name: _HIDDEN if name in hidden else known.get(name))
    except MissingValue:
        text = row.body
    return Effect(
        run_id=row.run_id,
        block=row.block,
        visit=row.visit,
        what="message",
        outcome=_OUTCOME.get(row.status, row.status),
        title=row.template,
        text=text,
        reason=row.reason,
        until=row.release_at if row.status == "held" else None,
        amount=None,
        at=row.at,
    )


# A message that waited and went out after all is "late": the caps or the night were in its way.
_ROWS: Final = """
select o.bucket, o.customer_id, o.run_id, o.block, 'message' as what,
  case when o.status = 'sent' then case when o.release_at > o.planned_at then 'late' else 'sent' end
       when o.status in ('held', 'planned') then 'held' when o.status = 'failed' then 'failed' else 'skipped' end as outcome,
  coalesce(o.finished_at, o.planned_at) as at, 0::numeric as amount
from outbox_message as o
where o.bucket = any(%(buckets)s::smallint[]) and o.tenant_id = %(tenant)s and o.run_id is not null
"""

# A message that the caps held back or dropped, and every other flow whose messages had been counted within the longest cap.
_CONTENTION: Final = f"""
select distinct m.bucket, m.flow_id, o.flow_id as other_id, m.customer_id, m.planned_at as at
from outbox_message as m join outbox_message as o on o.bucket = m.bucket and o.tenant_id = %(tenant)s and o.customer_id = m.customer_id
  and o.booked_at > m.planned_at - interval '{_COUNTED}' and o.booked_at <= m.planned_at and o.flow_id is distinct from m.flow_id
where m.bucket = any(%(buckets)s::smallint[]) and m.tenant_id = %(tenant)s and m.planned_at > %(since)s and m.flow_id is not null
  and o.flow_id is not null and (m.reason = 'capped' or m.status = 'sent' and m.release_at > m.planned_at)
"""

TRYOUT: Final = Tryout(
    name="messaging",
    tables={
        "outbox_message": f"t.booked_at > %(since)s - interval '{_COUNTED}' and t.booked_at <= %(since)s",
    },
    steps=(RELEASE.name,),
    real=real,
    after=after,
    effects=effects,
    rows=_ROWS,
    contention=_CONTENTION,
)
