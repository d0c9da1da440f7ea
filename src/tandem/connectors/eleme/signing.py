"""Ele.me signatures: of a call (values as JSON) and of a push (values as plain text)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tandem.connectors.kit.algorithms import Inputs, algorithm
from tandem.connectors.kit.digests import md5_hex
from tandem.connectors.kit.texts import compact, pairs


def sign(action: str, token: str, metas: Mapping[str, Any], params: Mapping[str, Any], secret: str) -> str:
    """Upper-case MD5; strings keep their quotes."""
    merged = {**params, **metas}
    return md5_hex(
        f"{action}{token}{''.join(f'{key}={compact(merged[key])}' for key in sorted(merged))}{secret}"
    ).upper()


def push_sign(message: Mapping[str, Any], secret: str) -> str:
    """Upper-case MD5 over the message without its signature."""
    return md5_hex("".join(f"{key}={value}" for key, value in pairs(message, without=("signature",))) + secret).upper()


@algorithm("eleme_req")
def _sign(inputs: Inputs) -> str:
    metas = {"app_key": inputs["app_key"], "timestamp": inputs["timestamp"]}
    return sign(inputs["action"], inputs["token"], metas, inputs["params"], inputs["secret"])


@algorithm("eleme_push")
def _push(inputs: Inputs) -> str:
    return push_sign(inputs["message"], inputs["secret"])
