"""JD signatures: one formula for forms and for X-JOS headers; `format` and `sign_method` are neither sent nor signed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tandem.connectors.kit.signatures import wrapped_md5


def sign(secret: str, params: Mapping[str, Any]) -> str:
    """The upper-case `sign` of a routerjson call."""
    return wrapped_md5(secret, params).upper()


def sign_headers(
    secret: str, headers: Mapping[str, str], query: Mapping[str, Any], path: Mapping[str, str], body: str = ""
) -> str:
    """X-JOS-Sign of a REST call: the three signed X-JOS headers, the query, the path's variables and a body that is not `{}`."""
    signed = ("X-JOS-App-Key", "X-JOS-Access-Token", "X-JOS-Timestamp")
    params: dict[str, Any] = {name: headers[name] for name in signed} | dict(query) | dict(path)
    if body not in ("", "{}"):
        params["body"] = body
    return wrapped_md5(secret, params).upper()
