"""People behind the simulated phones: what they do with a message. Foreseen as it arrives, told when its hour comes, or pressed by hand.

Whether somebody reads, presses or answers follows from the message's id alone, so a rehearsed day comes out the same again. The hours are
full ones: a demo clock that moves stops at each.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

import orjson

from tandem.domains.messaging.channel import Outgoing
from tandem.domains.messaging.events import MESSAGE_CLICKED, MESSAGE_DELIVERED, MESSAGE_READ, MESSAGE_REPLIED, Told
from tandem.flow.module import TurnStep
from tandem.kernel.db import Tx
from tandem.kernel.errors import NotFound
from tandem.kernel.ids import BUCKETS, derived_id
from tandem.kernel.turn import Turn
from tandem.stream.events import NewEvent
from tandem.stream.inbox import emit

Reaction = Literal["delivered", "read", "clicked", "replied"]
TYPES: Final[dict[Reaction, str]] = {
    "delivered": MESSAGE_DELIVERED,
    "read": MESSAGE_READ,
    "clicked": MESSAGE_CLICKED,
    "replied": MESSAGE_REPLIED,
}
_ALL_BUCKETS: Final = list(range(BUCKETS))

# Shares of a hundred, and full hours until then. Each step takes part of those who took the one before.
_FORESEE: Final = """
insert into simulated_reaction (bucket, message_id, what, tenant_id, customer_id, origin_id, at)
select n.bucket, n.id, s.what, %(tenant)s, n.customer_id, n.customer_id,
  case when s.hours = 0 then %(now)s::timestamptz
       else date_bin('1 hour', %(now)s::timestamptz, 'epoch') + make_interval(hours => s.hours + h.late) end
from jsonb_to_recordset(%(rows)s::jsonb) as n(bucket smallint, id uuid, customer_id uuid)
cross join lateral (select ('x' || left(md5(n.id::text), 6))::bit(24)::int %% 100 as luck, ('x' || right(md5(n.id::text), 4))::bit(16)::int %% 3 as late) as h
join (values ('delivered', 98, 0), ('read', 60, 1), ('clicked', 25, 1), ('replied', 8, 2)) as s(what, share, hours) on h.luck < s.share
on conflict do nothing
"""

_DUE: Final = """
with due as (
  delete from simulated_reaction as x using (
    select s.bucket, s.message_id, s.what from simulated_reaction as s
    where s.bucket = any(%(buckets)s::smallint[]) and s.tenant_id = %(tenant)s and s.at <= %(now)s
    order by s.at, s.message_id limit %(limit)s) as d
  where x.bucket = any(%(buckets)s::smallint[]) and x.tenant_id = %(tenant)s and x.bucket = d.bucket and x.message_id = d.message_id
    and x.what = d.what
  returning x.bucket, x.message_id, x.what, x.at)
select m.bucket, m.id, m.customer_id, d.what, d.at, m.channel, m.message_class, m.template_id, t.name as template, m.flow_id, m.run_id, m.block,
  m.cause_id, m.root_id, m.hops
from due as d
join outbox_message as m on m.bucket = d.bucket and m.bucket = any(%(buckets)s::smallint[]) and m.tenant_id = %(tenant)s and m.id = d.message_id
join message_template as t on t.tenant_id = %(tenant)s and t.id = m.template_id
order by d.at, d.message_id, array_position(array['delivered', 'read', 'clicked', 'replied'], d.what)
"""

_ONE: Final = """
select m.bucket, m.id, m.customer_id, %(what)s as what, %(now)s::timestamptz as at, m.channel, m.message_class, m.template_id,
  t.name as template, m.flow_id, m.run_id, m.block, m.cause_id, m.root_id, m.hops
from simulated_inbox as s
join outbox_message as m on m.bucket = s.bucket and m.tenant_id = %(tenant)s and m.id = s.id
join message_template as t on t.tenant_id = %(tenant)s and t.id = m.template_id
where s.bucket = any(%(buckets)s::smallint[]) and s.tenant_id = %(tenant)s and s.id = %(id)s
"""


@dataclass(frozen=True, slots=True)
class _Reacted(Told):
    what: Reaction
    at: datetime


def foresee(tx: Tx, messages: Sequence[Outgoing]) -> None:
    """What the people behind these messages will do with them."""
    rows = [{"bucket": one.bucket, "id": str(one.key), "customer_id": str(one.customer_id)} for one in messages]
    tx.execute(_FORESEE, {"tenant": tx.tenant_id, "now": tx.now, "rows": orjson.dumps(rows).decode()})


def react(turn: Turn, limit: int) -> int:
    """Tell at most `limit` reactions whose hour has come; returns how many."""
    return emit(turn, [_event(one) for one in turn.tx.all(_Reacted, _DUE, turn.params(limit=limit))])


_ARRIVED: Final = """
with gone as (
  update outbox_message set status = 'sent', finished_at = %(now)s
  where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s and status = 'released'
  returning bucket, id, customer_id, channel, message_class, template_id, flow_id, run_id, block, cause_id, root_id, hops)
select m.*, s.what, %(now)s::timestamptz as at, t.name as template
from gone as m join message_template as t on t.tenant_id = %(tenant)s and t.id = m.template_id
cross join unnest(%(whats)s::text[]) with ordinality as s(what, place) order by m.id, s.place
"""


def arrive(turn: Turn, whats: Sequence[Reaction]) -> list[NewEvent]:
    """In a rehearsal: what was released has arrived, and everybody does `whats` with it at once. Returns what is told of that, filed."""
    events = [_event(one) for one in turn.tx.all(_Reacted, _ARRIVED, turn.params(whats=list(whats)))]
    emit(turn, events)
    return events


def react_now(tx: Tx, message_id: UUID, what: Reaction) -> None:
    """Somebody presses it on the simulated phone. Told once, however often it is pressed. Raises NotFound for a message not there."""
    params = {"tenant": tx.tenant_id, "buckets": _ALL_BUCKETS, "id": message_id, "what": what, "now": tx.now}
    found = tx.maybe(_Reacted, _ONE, params)
    if found is None:
        raise NotFound(
            "no_such_message", "模拟手机上没有这条消息。", "There is no such message on the simulated phone."
        )
    known = "select exists (select from event where bucket = %(bucket)s and tenant_id = %(tenant)s and owner_id = %(owner)s and event_id = %(event)s)"
    event = _event(found)
    if not tx.value(
        known,
        {"bucket": found.bucket, "tenant": tx.tenant_id, "owner": found.customer_id, "event": event.event_id},
    ):
        emit(tx, [event])


def _event(one: _Reacted) -> NewEvent:
    return NewEvent(
        type=TYPES[one.what],
        bucket=one.bucket,
        customer_id=one.customer_id,
        occurred_at=one.at,
        payload=one.payload(),
        event_id=derived_id(one.id, TYPES[one.what]),
        lane=1,
        cause_id=one.cause_id,
        root_id=one.root_id,
        hops=one.hops + 1,
    )


REACT: Final = TurnStep(
    name="messaging.react",
    run=react,
    due_sql="""
select min(at) from simulated_reaction where bucket = any(%(buckets)s::smallint[]) and tenant_id = %(tenant)s
""",
    live=False,
)
