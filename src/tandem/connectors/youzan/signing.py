"""Youzan signatures: of pushes, and of the old secret-key mode."""

from __future__ import annotations

from tandem.connectors.kit.algorithms import Inputs, algorithm
from tandem.connectors.kit.digests import md5_hex
from tandem.connectors.kit.texts import plain


def event_sign(client_id: str, client_secret: str, body: str | bytes) -> str:
    """The Event-Sign header (version 2, over the raw body), or the body's `sign` (version 1, over `msg` as received)."""
    raw = body.encode() if isinstance(body, str) else body
    return md5_hex(client_id.encode() + raw + client_secret.encode())


def secret_key_sign(client_id: str, kdt_id: str, timestamp: str, client_secret: str) -> str:
    """The old mode's signature of a token request."""
    return md5_hex(f"{client_secret}clientId{client_id}kdtId{kdt_id}timestamp{timestamp}{client_secret}")


@algorithm("youzan_secretkey")
def _secret_key(inputs: Inputs) -> str:
    return secret_key_sign(
        inputs["client_id"], plain(inputs["kdt_id"]), plain(inputs["timestamp"]), inputs["client_secret"]
    )
