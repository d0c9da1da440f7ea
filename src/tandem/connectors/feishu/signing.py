"""Feishu signatures. Of robots: key and message are swapped against DingTalk, and the message is empty."""

from __future__ import annotations

import hashlib

from tandem.connectors.kit.algorithms import Inputs, algorithm
from tandem.connectors.kit.ciphers import cbc_decrypt, decoded, text_of
from tandem.connectors.kit.digests import hmac_base64, sha256_hex
from tandem.connectors.kit.texts import plain


def robot_sign(secret: str, timestamp: str) -> str:
    """The `sign` of a robot's message."""
    return hmac_base64(f"{timestamp}\n{secret}", "")


def event_signature(timestamp: str, nonce: str, encrypt_key: str, body: str) -> str:
    """X-Lark-Signature of an event, over the body as it came."""
    return sha256_hex(f"{timestamp}{nonce}{encrypt_key}{body}")


def open_event(encrypt_key: str, sealed: str) -> str:
    """The JSON text of a sealed event: its first 16 bytes are the vector. Raises NotGenuine."""
    whole = decoded(sealed)
    return text_of(cbc_decrypt(hashlib.sha256(encrypt_key.encode()).digest(), whole[:16], whole[16:]))


@algorithm("feishu_robot")
def _robot(inputs: Inputs) -> str:
    return robot_sign(inputs["secret"], plain(inputs["timestamp"]))
