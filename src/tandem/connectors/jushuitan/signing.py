"""Jushuitan's signature: the secret stands in front only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tandem.connectors.kit.algorithms import Inputs, algorithm
from tandem.connectors.kit.digests import md5_hex
from tandem.connectors.kit.texts import joined


def sign(app_secret: str, params: Mapping[str, Any]) -> str:
    """Lower-case MD5."""
    return md5_hex(app_secret + joined(params, without=("sign",)))


@algorithm("prefix_md5_lower")
def _sign(inputs: Inputs) -> str:
    return sign(inputs["secret"], inputs["params"])
