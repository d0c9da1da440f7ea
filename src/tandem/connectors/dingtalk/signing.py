"""DingTalk signatures of robots; callbacks use the kit's envelopes."""

from __future__ import annotations

from tandem.connectors.kit.algorithms import Inputs, algorithm
from tandem.connectors.kit.digests import hmac_base64
from tandem.connectors.kit.texts import plain


def robot_sign(secret: str, timestamp_ms: str) -> str:
    """Key: the secret; message: time, line break, secret. Percent-encoded where it goes into a URL."""
    return hmac_base64(secret, f"{timestamp_ms}\n{secret}")


@algorithm("ding_robot")
def _robot(inputs: Inputs) -> str:
    return robot_sign(inputs["secret"], plain(inputs["timestamp_ms"]))
