"""Signatures in the form of Standard Webhooks (https://www.standardwebhooks.com): what the receiver checks, and nothing of ours."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import Final
from uuid import UUID

SECRET_PREFIX: Final = "whsec_"  # noqa: S105 - the standard's mark on every secret, itself none
SECRET_BYTES: Final = 32
TOLERANCE_SECONDS: Final = 300
"""How old a receiver should let a timestamp be: older is a replay by somebody else."""


def new_secret() -> str:
    """A fresh secret as shown once to people."""
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def signature(secret: str, message_id: UUID, timestamp: int, body: bytes) -> str:
    """`v1,` and the base64 HMAC-SHA256 of `id.timestamp.body` under the secret's bytes."""
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def headers(secrets_valid: Iterable[str], message_id: UUID, at: datetime, body: bytes) -> dict[str, str]:
    """The headers of one attempt: one signature for each secret that is valid now, the newest first."""
    timestamp = int(at.timestamp())
    return {
        "Content-Type": "application/json",
        "User-Agent": "Tandem-Webhooks/1",
        "webhook-id": str(message_id),
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(signature(one, message_id, timestamp, body) for one in secrets_valid),
    }
