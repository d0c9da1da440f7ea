"""A receiver that needs no network: the last part of its address says how it answers, so that every outcome can be seen by anybody.

`.invalid` names no host on any network (RFC 2606): nothing is looked up and nothing leaves this process.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from tandem.stream.webhooks.post import TOTAL_SECONDS, Answer
from tandem.stream.webhooks.targets import Target

HOST: Final = "simulated.invalid"


@dataclass(frozen=True, slots=True)
class _Manner:
    code: int | None
    says: str
    retry_after_seconds: int | None = None


_MANNERS: Final = {
    "/ok": _Manner(200, "received"),
    "/busy": _Manner(503, "too busy, come again in a minute", 60),
    "/error": _Manner(500, "something broke here"),
    "/timeout": _Manner(None, ""),
    "/gone": _Manner(410, "nobody listens here any more"),
}
_NOWHERE: Final = _Manner(404, f"this receiver knows {', '.join(_MANNERS)}")


def answer(target: Target, body: bytes, headers: Mapping[str, str]) -> Answer | None:
    """What the simulated receiver answers, telling what it was sent; None where the target is another one."""
    if target.host != HOST:
        return None
    manner = _MANNERS.get(target.path.partition("?")[0], _NOWHERE)
    if manner.code is None:
        return Answer(None, round(TOTAL_SECONDS * 1000), "timed out")
    seen = {name.lower(): value for name, value in headers.items() if name.lower().startswith("webhook-")}
    told = json.dumps({"receiver": manner.says, "bytes": len(body), **seen}, indent=1)
    problem = None if manner.code < 300 else f"answered {manner.code}"
    return Answer(manner.code, 1, problem, told, manner.retry_after_seconds)
