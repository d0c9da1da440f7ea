"""TOP signatures: over the sorted pairs of a request, of a websocket handshake, of a message."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tandem.connectors.kit.signatures import hmac_pairs, wrapped_md5


def sign(secret: str, params: Mapping[str, Any], sign_method: str = "md5") -> str:
    """The upper-case `sign` of a request, by its `sign_method` (md5, hmac, hmac-sha256)."""
    if sign_method == "md5":
        return wrapped_md5(secret, params).upper()
    return hmac_pairs(secret, params, digest="sha256" if sign_method == "hmac-sha256" else "md5")
