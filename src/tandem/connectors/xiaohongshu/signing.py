"""Xiaohongshu signatures. The one of pushes comes from a public receiver; the official page could not be read."""

from __future__ import annotations

from collections.abc import Mapping

from tandem.connectors.kit.algorithms import Inputs, algorithm
from tandem.connectors.kit.digests import md5_hex
from tandem.connectors.kit.texts import equations, plain


def sign(method: str, app_id: str, timestamp: str, version: str, app_secret: str) -> str:
    """The `sign` of a call: business fields and the token are not signed."""
    return md5_hex(f"{method}?appId={app_id}&timestamp={timestamp}&version={version}{app_secret}")


def push_sign(path: str, query: Mapping[str, str], app_key: str, timestamp: str, app_secret: str) -> str:
    """The `sign` header of a push: its query takes its place among the sorted parameters."""
    return md5_hex(f"{path}?{equations({**query, 'app-key': app_key, 'timestamp': timestamp})}{app_secret}")


@algorithm("xhs")
def _sign(inputs: Inputs) -> str:
    return sign(
        inputs["method"],
        inputs["app_id"],
        plain(inputs["timestamp"]),
        inputs.get("version", "2.0"),
        inputs["app_secret"],
    )


@algorithm("xhs_push")
def _push(inputs: Inputs) -> str:
    return push_sign(
        inputs["path"],
        inputs.get("query") or {},
        inputs["app_key"],
        plain(inputs["timestamp"]),
        inputs["app_secret"],
    )
