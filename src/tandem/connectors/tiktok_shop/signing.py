"""TikTok Shop's signature of a call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tandem.connectors.kit.algorithms import Inputs, algorithm
from tandem.connectors.kit.digests import hmac_hex
from tandem.connectors.kit.texts import joined


def sign(app_secret: str, path: str, query: Mapping[str, Any], body: str = "") -> str:
    """HMAC-SHA256 hex; `sign` and `access_token` stay out, the body is signed as it is sent."""
    pairs = joined(query, without=("sign", "access_token"))
    return hmac_hex(app_secret, f"{app_secret}{path}{pairs}{body}{app_secret}")


@algorithm("tiktok")
def _sign(inputs: Inputs) -> str:
    return sign(inputs["app_secret"], inputs["path"], inputs["query"], inputs.get("body") or "")
