"""What follows from a sender's result, in the customer's own turn: the cap is confirmed or given back, the day facts count."""

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from tandem.catalog.label import Label
from tandem.domains.messaging.events import MESSAGE_FAILED, MESSAGE_SENT
from tandem.domains.messaging.policy import MISSING
from tandem.domains.messaging.words.service import FORBIDDEN
from tandem.flow import mishap
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


def show_failed(turn: Turn, events: Sequence[AppliedEvent]) -> None:
    """A message of a flow that came to nothing counts at the block that wrote it, not as sent."""
    mishap.note(
        turn, [_mishap(event) for event in events if event.payload.get("run_id") and event.payload.get("block")]
    )


def _mishap(event: AppliedEvent) -> mishap.Mishap:
    said = event.payload
    return mishap.Mishap(
        bucket=event.bucket,
        id=UUID(said["message_id"]),
        run_id=UUID(said["run_id"]),
        flow_id=UUID(said["flow_id"]),
        customer_id=event.customer_id,
        origin_id=event.origin_id or event.customer_id,
        block=said["block"],
        port=said.get("port") or "sent",
        reason=_sentence(said.get("reason") or ""),
        at=event.occurred_at,
    )


_WORDS: Final[Mapping[str, Label]] = {
    "refused_by_channel": Label("渠道拒收", "refused by the channel"),
}


def _sentence(reason: str) -> str:
    """A stable word as a person reads it, in both languages; one nobody has words for stays as it is."""
    if reason.startswith(MISSING):
        name = reason.removeprefix(MISSING)
        return (
            f"缺少 {{{{{name}}}}} 的内容，消息写不出来 | no value for {{{{{name}}}}}: the message could not be written"
        )
    if reason.startswith(FORBIDDEN):
        word = reason.removeprefix(FORBIDDEN)
        return f"含违禁词“{word}”，未发送 | held back: it says “{word}”"
    words = _WORDS.get(reason)
    return f"{words.zh} | {words.en}" if words else reason


PROJECTIONS: Final = (
    Projection((MESSAGE_FAILED,), give_back, "messaging.give_back"),
    Projection((MESSAGE_FAILED,), show_failed, "messaging.show_failed"),
)

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
