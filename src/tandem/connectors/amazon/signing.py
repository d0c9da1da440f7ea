"""AWS Signature Version 4. The SP-API itself stopped asking for it in October 2023; reading notifications from SQS still does."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl, quote

from tandem.connectors.kit.algorithms import Inputs, algorithm
from tandem.connectors.kit.digests import hmac_bytes, hmac_hex, sha256_hex
from tandem.connectors.kit.texts import percent

SIGV4 = "AWS4-HMAC-SHA256"


def signing_key(secret: str, date: str, region: str, service: str) -> bytes:
    """The day's key for one region and service."""
    day = hmac_bytes(f"AWS4{secret}", date)
    return hmac_bytes(hmac_bytes(hmac_bytes(day, region), service), "aws4_request")


def sigv4(
    key: bytes,
    amz_date: str,
    scope: str,
    *,
    method: str,
    path: str,
    query: str,
    headers: Iterable[tuple[str, str]],
    payload: str | bytes,
) -> str:
    """The signature, hex; `scope` is `date/region/service/aws4_request`."""
    signed = sorted((name.lower().strip(), " ".join(value.split())) for name, value in headers)
    lines = "".join(f"{name}:{value}\n" for name, value in signed)
    asked = sorted((percent(k), percent(v)) for k, v in parse_qsl(query, keep_blank_values=True))
    canonical = "\n".join(
        (
            method.upper(),
            quote(path or "/", safe="/-._~%"),
            "&".join(f"{name}={value}" for name, value in asked),
            lines,
            ";".join(name for name, _ in signed),
            sha256_hex(payload),
        )
    )
    return hmac_hex(key, f"{SIGV4}\n{amz_date}\n{scope}\n{sha256_hex(canonical)}")


@algorithm("sigv4")
def _sigv4(inputs: Inputs) -> dict[str, Any]:
    key = signing_key(inputs["secret"], inputs["date"], inputs["region"], inputs["service"])
    scope = f"{inputs['date']}/{inputs['region']}/{inputs['service']}/aws4_request"
    signature = sigv4(
        key,
        inputs["amz_date"],
        scope,
        method=inputs["method"],
        path=inputs["path"],
        query=inputs["query"],
        headers=inputs["headers"],
        payload=inputs["payload"],
    )
    return {"signing_key_hex": key.hex(), "signature": signature}
