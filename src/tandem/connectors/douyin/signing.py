"""Douyin shop signatures: of a call, of a push, of calls that Douyin makes to us (SPI)."""

from __future__ import annotations

from typing import Any

from tandem.connectors.kit.algorithms import Inputs, algorithm
from tandem.connectors.kit.digests import hmac_hex, md5_hex
from tandem.connectors.kit.texts import compact, plain


def param_json(value: Any) -> str:
    """The body that is signed and sent: keys sorted at every depth, no blanks, nothing escaped needlessly."""
    return compact(value, sort_keys=True)


def sign(app_key: str, app_secret: str, method: str, timestamp: str, body: str) -> str:
    """HMAC-SHA256 of the fixed string, hex."""
    text = f"app_key{app_key}method{method}param_json{body}timestamp{timestamp}v2"
    return hmac_hex(app_secret, f"{app_secret}{text}{app_secret}")


def event_sign(app_key: str, app_secret: str, body: str | bytes) -> str:
    """The `event-sign` header of a push, over the body as it came."""
    raw = body.encode() if isinstance(body, str) else body
    return md5_hex(app_key.encode() + raw + app_secret.encode())


def spi_sign(app_key: str, app_secret: str, timestamp: str, body: str, sign_method: str) -> str:
    """What Douyin signs its own calls with."""
    text = f"{app_secret}app_key{app_key}param_json{body}timestamp{timestamp}{app_secret}"
    return md5_hex(text) if sign_method == "md5" else hmac_hex(app_secret, text)


@algorithm("canonical_json")
def _canonical(inputs: Inputs) -> str:
    return param_json(inputs["object"])


@algorithm("douyin")
def _sign(inputs: Inputs) -> str:
    return sign(
        inputs["app_key"], inputs["app_secret"], inputs["method"], plain(inputs["timestamp"]), inputs["param_json"]
    )


@algorithm("douyin_push")
def _push(inputs: Inputs) -> str:
    return event_sign(inputs["app_key"], inputs["app_secret"], inputs["body"])


@algorithm("douyin_spi")
def _spi(inputs: Inputs) -> str:
    return spi_sign(
        inputs["app_key"],
        inputs["app_secret"],
        plain(inputs["timestamp"]),
        inputs["param_json"],
        inputs.get("sign_method", "hmac-sha256"),
    )
