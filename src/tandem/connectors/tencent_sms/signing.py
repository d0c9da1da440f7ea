"""Tencent Cloud's TC3 signature."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from tandem.connectors.kit.algorithms import Inputs, algorithm
from tandem.connectors.kit.digests import hmac_bytes, hmac_hex, sha256_hex
from tandem.connectors.kit.texts import plain

TC3 = "TC3-HMAC-SHA256"


def tc3_signature(
    secret_key: str,
    service: str,
    timestamp: int,
    *,
    method: str,
    uri: str,
    query: str,
    headers: Iterable[tuple[str, str]],
    payload: str,
    date: str | None = None,
) -> str:
    """Hex; the date is the UTC day of the timestamp. Header names and values are signed in lower case."""
    day = date or datetime.fromtimestamp(timestamp, UTC).strftime("%Y-%m-%d")
    signed = sorted((name.lower().strip(), value.lower().strip()) for name, value in headers)
    lines = "".join(f"{name}:{value}\n" for name, value in signed)
    names = ";".join(name for name, _ in signed)
    canonical = "\n".join((method.upper(), uri or "/", query, lines, names, sha256_hex(payload)))
    scope = f"{day}/{service}/tc3_request"
    key = hmac_bytes(hmac_bytes(hmac_bytes(f"TC3{secret_key}", day), service), "tc3_request")
    return hmac_hex(key, f"{TC3}\n{timestamp}\n{scope}\n{sha256_hex(canonical)}")


@algorithm("tc3")
def _tc3(inputs: Inputs) -> str:
    return tc3_signature(
        inputs["secret_key"],
        inputs["service"],
        int(plain(inputs["timestamp"])),
        method=inputs["method"],
        uri=inputs["uri"],
        query=inputs["query"],
        headers=inputs["headers"],
        payload=inputs["payload"],
        date=inputs.get("date"),
    )
