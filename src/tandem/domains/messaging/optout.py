"""A customer who answers 退订 or TD wants no more marketing by this way: her consent is taken back, and what waits is not sent."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Final

import msgspec

from tandem.catalog.label import Label
from tandem.domains.messaging.events import MESSAGE_OPTED_OUT
from tandem.domains.messaging.withdrawal import MARKETING, REASON
from tandem.kernel.ids import derived_id
from tandem.kernel.turn import Turn
from tandem.stream.door.kinds import DoorKind, Envelope, EventOut, Identifier, Key, Normalised
from tandem.stream.projection import AppliedEvent, Projection
from tandem.stream.rights.consents import WithdrawnHere, note_withdrawals
from tandem.stream.rows import to_json

#: The whole answer, without blanks and punctuation: what marketing texts in China and abroad tell people to write, bare or as a request, or
#: copied as it stands there (回TD退订).
_ASKS: Final = re.compile(
    r"(?:我要|我想|请|请帮我|帮我|给我)?(?:回复?)?(?:(?:TD?|N|R|QX)(?:退订|退定|退訂|拒收)?|(?:退订|退定|退訂|取消订阅|拒收)(?:短信|信息|消息)?(?:TD?)?)(?:了|吧|谢谢)?"
    r"|(?:请)?(?:不要|别)再发(?:短信|信息|消息)?了?|STOP(?:ALL)?|UNSUBSCRIBE|UNSUB"
)
#: A signature that was copied along, at either end.
_SIGNED: Final = re.compile(r"^\s*【[^】]*】|【[^】]*】\s*$")
_NOISE: Final = re.compile(r"[\W_]+")
_SOURCE: Final = "短信回复退订 · answered an SMS"


def is_opt_out(text: str) -> bool:
    """Whether an answer asks for no more texts; a longer sentence that only mentions it is left to people. Pure."""
    plain = _NOISE.sub("", _SIGNED.sub("", unicodedata.normalize("NFKC", text))).upper()
    return _ASKS.fullmatch(plain) is not None


class OptOutIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody answered a message of this channel that she wants no more of them."""

    identifiers: Annotated[list[Identifier], msgspec.Meta(min_length=1, max_length=20)]
    channel: Key
    at: Annotated[datetime, msgspec.Meta(tz=True)]


def _opt_out(envelope: Envelope, said: OptOutIn) -> Normalised:
    payload = {"channel": said.channel, "source": envelope.source}
    return Normalised(
        identifiers=said.identifiers, events=(EventOut(MESSAGE_OPTED_OUT, said.at, payload, once="opted_out"),)
    )


DOOR_KINDS: Final = (
    # In the provider's own name: whoever may send records must not be able to take somebody's consent back for her.
    DoorKind("message_opt_out", Label("退订", "Opt-out"), OptOutIn, _opt_out, verified_only=True),
)
# What a sender has just taken is left to it. Whoever agreed again since keeps what waits.
_CANCEL: Final = """
update outbox_message as o set status = 'cancelled', reason = %(reason)s, finished_at = %(now)s, booked_at = null
from jsonb_to_recordset(%(rows)s::jsonb) as n(bucket smallint, customer_id uuid, channel text, at timestamptz)
where o.bucket = n.bucket and o.bucket = any(%(buckets)s::smallint[]) and o.tenant_id = %(tenant)s and o.customer_id = n.customer_id
  and o.channel = n.channel and o.message_class = 'marketing' and o.status in ('planned', 'held', 'released')
  and not exists (select from consent_log as l where l.bucket = n.bucket and l.bucket = any(%(buckets)s::smallint[]) and l.tenant_id = %(tenant)s
    and l.customer_id = n.customer_id and l.purpose = 'marketing' and l.channel in (n.channel, '*') and l.state = 'granted' and l.at > n.at)
"""


def take_back(turn: Turn, events: Sequence[AppliedEvent]) -> None:
    """Write each withdrawal down and stop the marketing that waits: two statements for the batch."""
    mine = [(event, event.customer_id) for event in events if event.customer_id is not None]
    if not mine:
        return
    rows: list[dict[str, Any]] = [
        {
            "bucket": event.bucket,
            "customer_id": who,
            "channel": event.payload["channel"],
            "at": min(event.occurred_at, turn.now),
        }
        for event, who in mine
    ]
    note_withdrawals(
        turn,
        [
            WithdrawnHere(
                derived_id(event.event_id, "withdrawn"), event, str(event.payload["channel"]), MARKETING, _SOURCE
            )
            for event, _ in mine
        ],
    )
    turn.tx.execute(_CANCEL, turn.params(rows=to_json(rows), reason=REASON))


PROJECTIONS: Final = (Projection((MESSAGE_OPTED_OUT,), take_back, "messaging.opt_out"),)
