"""What senders of single messages share: one request out, its answer judged, a lost one told from one that never left."""

from __future__ import annotations

from tandem.connectors.kit.failures import ConnectorFailure, Passing
from tandem.connectors.kit.wire import Answer, Request, Wire
from tandem.domains.messaging.channel import AnswerLost, ChannelDown, Delivery
from tandem.domains.messaging.providers import Addressed

NEVER_LEFT = {"ConnectError", "ConnectTimeout", "PoolTimeout", "UnsupportedProtocol", "LocalProtocolError"}


def post(request: Request) -> Answer:
    """Send. Raises ChannelDown where nothing left, AnswerLost where it may have arrived."""
    wire = Wire()
    try:
        return wire(request)
    except Passing as failure:
        raise (ChannelDown("unreachable") if failure.told in NEVER_LEFT else AnswerLost("timed_out")) from None
    except ConnectorFailure:
        raise AnswerLost("answer_not_understood") from None
    finally:
        wire.close()


def refused(message: Addressed, code: str) -> Delivery:
    """A refusal that no list of ours names: it ends this one message and says the platform's code, the others are not held up.

    Raises AnswerLost where the answer has no code at all.
    """
    if not code:
        raise AnswerLost("answer_not_understood")
    return Delivery(message.key, "failed", f"rejected:{code[:80]}")


def body_of(answer: Answer) -> object:
    """The answer's JSON. Raises ChannelDown for a gateway's refusal, AnswerLost for what cannot be read."""
    if answer.status in {429, 502, 503}:
        raise ChannelDown(f"http_{answer.status}")
    try:
        return answer.json()
    except ConnectorFailure:
        raise AnswerLost("answer_not_understood") from None
