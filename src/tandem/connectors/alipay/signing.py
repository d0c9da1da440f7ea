"""Alipay RSA2: a request signs its `sign_type`, a notification drops it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tandem.connectors.kit.ciphers import rsa_signature, rsa_verifies
from tandem.connectors.kit.texts import equations


def sign(private_key: str, params: Mapping[str, Any]) -> str:
    """The `sign` of a request."""
    return rsa_signature(private_key, equations(params, without=("sign",), empty=False).encode())


def is_notification(public_key: str, params: Mapping[str, Any], signature: str) -> bool:
    """Whether Alipay sent this; some notices of mini-programs keep `sign_type`, so both forms count."""
    without, kept = (equations(params, without=left, empty=False) for left in (("sign", "sign_type"), ("sign",)))
    return rsa_verifies(public_key, without.encode(), signature) or rsa_verifies(public_key, kept.encode(), signature)
