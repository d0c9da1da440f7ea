"""Shopify signatures: of the OAuth callback, of app proxies, of webhooks."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, cast

from tandem.connectors.kit.algorithms import Inputs, algorithm
from tandem.connectors.kit.digests import hmac_base64, hmac_hex
from tandem.connectors.kit.texts import plain


def webhook_hmac(secret: str, body: str | bytes) -> str:
    """X-Shopify-Hmac-Sha256, over the body as it came."""
    return hmac_base64(secret, body)


def callback_hmac(secret: str, params: Mapping[str, Any]) -> str:
    """The `hmac` of the OAuth callback: sorted `k=v` joined by `&`; a list `ids[]` is signed as `ids=["2", "1"]`."""
    return hmac_hex(secret, "&".join(f"{key}={value}" for key, value in _sorted(params)))


def proxy_signature(secret: str, params: Mapping[str, Any]) -> str:
    """The `signature` of an app proxy's call: sorted `k=v` without anything between."""
    return hmac_hex(secret, "".join(f"{key}={value}" for key, value in _sorted(params)))


def _sorted(params: Mapping[str, Any]) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for key, value in params.items():
        if key in {"hmac", "signature"}:
            continue
        if isinstance(value, list | tuple):
            listed = [plain(one) for one in cast("list[Any]", value)]
            found.append((key.removesuffix("[]"), json.dumps(listed, ensure_ascii=False)))
        else:
            found.append((key, plain(value)))
    return sorted(found)


@algorithm("shopify_oauth")
def _callback(inputs: Inputs) -> str:
    return callback_hmac(inputs["secret"], inputs["params"])
