"""Pinduoduo signatures: of a call, and of the address of the message websocket."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from tandem.connectors.kit.algorithms import Inputs, algorithm
from tandem.connectors.kit.digests import md5_hex
from tandem.connectors.kit.signatures import wrapped_md5
from tandem.connectors.kit.texts import plain


def sign(secret: str, params: Mapping[str, Any]) -> str:
    """The upper-case `sign` of a call; empty values are neither sent nor signed."""
    return wrapped_md5(secret, params).upper()


def websocket_sign(client_id: str, millis: str, client_secret: str) -> str:
    """Base64 of the hexadecimal text of an MD5, not of its bytes."""
    return base64.b64encode(md5_hex(client_id + millis + client_secret).encode()).decode()


@algorithm("pdd_ws")
def _websocket(inputs: Inputs) -> str:
    return websocket_sign(inputs["client_id"], plain(inputs["millis"]), inputs["client_secret"])
