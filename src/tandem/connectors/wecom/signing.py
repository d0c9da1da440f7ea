"""WeCom signatures: of the pay tool. Callbacks and the JS-SDK use the kit's envelopes and the official account's formula."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tandem.connectors.kit.algorithms import Inputs, algorithm
from tandem.connectors.kit.digests import hmac_base64
from tandem.connectors.kit.texts import equations


def paytool_sign(secret: str, params: Mapping[str, Any]) -> str:
    """The `sig` of a pay-tool call: base64 of HMAC-SHA256 over sorted `k=v`."""
    return hmac_base64(secret, equations(params, without=("sig",)))


@algorithm("wecom_paytool")
def _paytool(inputs: Inputs) -> str:
    return paytool_sign(inputs["secret"], inputs["params"])
