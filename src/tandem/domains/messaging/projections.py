"""What follows from a sender's result, in the customer's own turn: the cap is confirmed or given back, the day facts count."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from tandem.domains.messaging.events import MESSAGE_FAILED, MESSAGE_SENT
from tandem.kernel.turn import Turn
from tandem.stream.projection import AppliedEvent, DayFacts, Projection


def give_back(turn: Turn, events: Sequence[AppliedEvent]) -> None:
    """A message that certainly did not arrive no longer counts against the caps."""
    turn.tx.execute(
        """
        update outbox_message as o set booked_at = null
        from unnest(%(message_buckets)s::smallint[], %(messages)s::uuid[]) as n(bucket, id)
        where o.bucket = any(%(buckets)s::smallint[]) and o.tenant_id = %(tenant)s and o.bucket = n.bucket and o.id = n.id
          and o.status = 'failed'
        """,
        turn.params(
            message_buckets=[event.bucket for event in events],
            messages=[UUID(event.payload["message_id"]) for event in events],
        ),
    )


PROJECTIONS: Final = (Projection((MESSAGE_FAILED,), give_back, "messaging.give_back"),)

FACTS: Final = (
    DayFacts(
        facts=("messages",),
        types=(MESSAGE_SENT,),
        sql="""
select t.bucket, t.customer_id, t.day, 'messages' as fact, count(*) as n, 0::numeric as amount
from touched as t
join outbox_message as o on o.bucket = t.bucket and o.bucket = any(%(buckets)s::smallint[]) and o.tenant_id = %(tenant)s
  and o.customer_id = t.customer_id and o.status = 'sent' and o.finished_at >= t.starts_at and o.finished_at < t.ends_at
group by t.bucket, t.customer_id, t.day
""",
    ),
)
