"""Meituan's signature, of calls and of pushes: with a push, the address is our own callback's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tandem.connectors.kit.algorithms import Inputs, algorithm
from tandem.connectors.kit.digests import md5_hex
from tandem.connectors.kit.texts import equations


def sign(url: str, params: Mapping[str, Any], secret: str) -> str:
    """Lower-case MD5; parameters with an empty value stay as `key=`."""
    return md5_hex(f"{url.partition('?')[0]}?{equations(params, without=('sig',))}{secret}")


@algorithm("meituan")
def _sign(inputs: Inputs) -> str:
    return sign(inputs["url"], inputs["params"], inputs["secret"])
