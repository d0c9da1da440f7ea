"""Kuaishou shop signatures. The sign secret is a credential of its own, different from the app's secret."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tandem.connectors.kit.algorithms import Inputs, algorithm
from tandem.connectors.kit.ciphers import cbc_decrypt, cbc_encrypt, decoded, text_of
from tandem.connectors.kit.digests import hmac_base64, md5_hex
from tandem.connectors.kit.texts import equations


def sign(sign_secret: str, params: Mapping[str, Any]) -> str:
    """The `sign` of a call, by its `signMethod`: hex of MD5, or base64 of HMAC-SHA256; both end with the secret."""
    base = f"{equations(params, without=('sign',))}&signSecret={sign_secret}"
    return hmac_base64(sign_secret, base) if params.get("signMethod") == "HMAC_SHA256" else md5_hex(base)


def open_push(message_secret: str, body: str) -> str:
    """The JSON text of a push. Raises NotGenuine."""
    return text_of(cbc_decrypt(decoded(message_secret), bytes(16), decoded(body.strip())))


def seal_push(message_secret: str, text: str) -> bytes:
    """A push as the platform seals it."""
    return cbc_encrypt(decoded(message_secret), bytes(16), text.encode())


@algorithm("kuaishou")
def _sign(inputs: Inputs) -> str:
    return sign(inputs["sign_secret"], inputs["params"])
