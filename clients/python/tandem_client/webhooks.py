"""What a receiver of webhooks checks before it believes a request."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from typing import Any, Final

TOLERANCE_SECONDS: Final = 300


class BadSignature(Exception):
    """The request is not from Tandem, was altered, or is too old."""


def verify(secret: str, headers: Mapping[str, str], body: bytes, *, now: float | None = None) -> dict[str, Any]:
    """The event in a request's raw body. Raises BadSignature.

    Compare `headers["webhook-id"]` with what you have handled already: a delivery may come more than once, always under the same id.
    """
    given = {name.lower(): value for name, value in headers.items()}
    try:
        message, stamp, signatures = given["webhook-id"], given["webhook-timestamp"], given["webhook-signature"]
        age = abs((time.time() if now is None else now) - int(stamp))
    except (KeyError, ValueError) as error:
        raise BadSignature("headers are missing") from error
    if age > TOLERANCE_SECONDS:
        raise BadSignature("too old")
    key = base64.b64decode(secret.removeprefix("whsec_"))
    wanted = base64.b64encode(hmac.digest(key, f"{message}.{stamp}.".encode() + body, hashlib.sha256)).decode()
    sent = (one.partition(",") for one in signatures.split())
    if not any(version == "v1" and hmac.compare_digest(value, wanted) for version, _, value in sent):
        raise BadSignature("the signature does not fit")
    return json.loads(body)
