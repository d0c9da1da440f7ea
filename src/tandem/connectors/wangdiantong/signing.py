"""Wangdiantong signatures: the enterprise edition packs lengths in front (of characters, not bytes)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tandem.connectors.kit.algorithms import Inputs, algorithm
from tandem.connectors.kit.digests import md5_hex
from tandem.connectors.kit.signatures import wrapped_md5
from tandem.connectors.kit.texts import pairs


def enterprise_sign(secret: str, params: Mapping[str, Any]) -> str:
    """Lower-case MD5 of `LL-key:NNNN-value` joined by `;`, then the secret."""
    packed = ";".join(
        f"{len(key):02d}-{key}:{len(value):04d}-{value}" for key, value in pairs(params, without=("sign",))
    )
    return md5_hex(packed + secret)


def ultimate_sign(secret: str, params: Mapping[str, Any]) -> str:
    """Lower-case MD5 between two secrets; the body takes part under the key `body`."""
    return wrapped_md5(secret, params, empty=True)


@algorithm("wdt_pack")
def _enterprise(inputs: Inputs) -> str:
    return enterprise_sign(inputs["secret"], inputs["params"])
