"""1688 signatures: of a call (its path in front) and of a push (no path)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tandem.connectors.kit.algorithms import Inputs, algorithm
from tandem.connectors.kit.digests import hmac_hex
from tandem.connectors.kit.texts import pairs


def sign(secret: str, path: str, params: Mapping[str, Any]) -> str:
    """Upper-case hex. What is sorted are the joined pairs, not the keys, as the official SDK does."""
    whole = sorted(key + value for key, value in pairs(params, without=("_aop_signature",)))
    return hmac_hex(secret, path + "".join(whole), "sha1").upper()


@algorithm("aop1688")
def _sign(inputs: Inputs) -> str:
    return sign(inputs["secret"], inputs.get("path", ""), inputs["params"])
