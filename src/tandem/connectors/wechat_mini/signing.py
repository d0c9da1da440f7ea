"""Mini-program signatures: of what `wx.getUserProfile` hands over."""

from __future__ import annotations

from tandem.connectors.kit.algorithms import Inputs, algorithm
from tandem.connectors.kit.digests import sha1_hex


def data_signature(raw_data: str, session_key: str) -> str:
    """SHA-1 of the raw data and the session key."""
    return sha1_hex(raw_data + session_key)


@algorithm("wx_datasig")
def _data(inputs: Inputs) -> str:
    return data_signature(inputs["raw_data"], inputs["session_key"])
