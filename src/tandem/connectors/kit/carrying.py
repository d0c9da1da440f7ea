"""What senders of single messages share: one request out, its answer judged, a lost one told from one that never left."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from tandem.connectors.kit.failures import ConnectorFailure, Passing
from tandem.connectors.kit.wire import Answer, Request, wired
from tandem.domains.messaging.channel import AnswerLost, ChannelDown, Delivery
from tandem.domains.messaging.providers import Addressed

EARLY_SECONDS = 300.0
"""So long before its end a token is no longer used."""
NEVER_LEFT = {"ConnectError", "ConnectTimeout", "PoolTimeout", "UnsupportedProtocol", "LocalProtocolError"}


def post(request: Request) -> Answer:
    """Send. Raises ChannelDown where nothing left, AnswerLost where it may have arrived."""
    try:
        with wired() as send:
            return send(request)
    except Passing as failure:
        raise (ChannelDown("unreachable") if failure.told in NEVER_LEFT else AnswerLost("timed_out")) from None
    except ConnectorFailure:
        raise AnswerLost("answer_not_understood") from None


def judged(message: Addressed, code: str, *, reason: str | None, down: bool, again: bool) -> Delivery:
    """What a provider's refusal means, by what its lists say of the code: this message (`reason`), the account (`down`), not now (`again`).

    A code that no list of ours names ends this one message and is said; the others are not held up. Raises ChannelDown for the account,
    AnswerLost where the answer has no code at all.
    """
    if reason is not None:
        return Delivery(message.key, "failed", reason)
    if down:
        raise ChannelDown(code[:80])
    if again:
        return Delivery(message.key, "later", "throttled")
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


def renewed(ask: Callable[[bool], dict[str, Any]], expired: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """The answer of `ask(fresh)`: asked once more with a fresh token where it says that the known one is over."""
    found = ask(False)
    return ask(True) if expired(found) else found


class Tokens:
    """Tokens of accounts, kept by this process. For platforms that give every process the same token while it lasts."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._known: dict[tuple[str, str], tuple[str, float]] = {}
        self._lock = threading.Lock()

    def of(self, account: tuple[str, str], ask: Callable[[], tuple[str, float]], *, fresh: bool = False) -> str:
        """The account's token: the known one while it lasts, else what `ask` gives: token, seconds. Raises ChannelDown."""
        with self._lock:
            known, until = self._known.get(account, ("", 0.0))
        if known and not fresh and self._clock() < until:
            return known
        try:
            made, lasts = ask()
        except AnswerLost as lost:
            # What was lost is a token: the message itself never left.
            raise ChannelDown(f"token_{lost.reason}") from None
        with self._lock:
            self._known[account] = (made, self._clock() + max(60.0, lasts - EARLY_SECONDS))
        return made

    def clear(self) -> None:
        """Forget them all."""
        with self._lock:
            self._known.clear()
