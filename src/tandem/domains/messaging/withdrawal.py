"""A consent taken back stops marketing that has not left the house yet, in the transaction of the withdrawal itself."""

from typing import Final
from uuid import UUID

from tandem.kernel.ids import bucket_of
from tandem.kernel.turn import Turn
from tandem.stream.rights import hooks
from tandem.stream.rights.consents import EVERY_CHANNEL

REASON: Final = "consent_withdrawn"
MARKETING: Final = "marketing"

# What a sender has just taken is left to it: it is out of the house. Everything earlier is stopped, and its cap given back.
_CANCEL: Final = """
update outbox_message as o set status = 'cancelled', reason = %(reason)s, finished_at = %(now)s, booked_at = null
where o.bucket = %(bucket)s and o.bucket = any(%(buckets)s::smallint[]) and o.tenant_id = %(tenant)s and o.customer_id = %(customer)s
  and o.message_class = 'marketing' and o.status in ('planned', 'held', 'released') and (%(channel)s = %(every)s or o.channel = %(channel)s)
"""


def stop_marketing(turn: Turn, customer_id: UUID, channel: str, purpose: str) -> int:
    """Cancel a customer's planned, held and released marketing messages of a channel (or every one); returns how many."""
    if purpose != MARKETING:
        return 0
    return turn.tx.execute(
        _CANCEL,
        turn.params(
            bucket=bucket_of(customer_id), customer=customer_id, channel=channel, every=EVERY_CHANNEL, reason=REASON
        ),
    )


hooks.register_withdrawal("messaging", stop_marketing)
