"""Aliyun signatures: RPC version 1 and ACS3."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tandem.connectors.kit.algorithms import Inputs, algorithm
from tandem.connectors.kit.digests import hmac_base64, hmac_hex, sha256_hex
from tandem.connectors.kit.texts import pairs, percent

ACS3 = "ACS3-HMAC-SHA256"


def rpc_signature(secret: str, method: str, params: Mapping[str, Any]) -> str:
    """The `Signature` of an RPC call, base64."""
    query = _query(params, without=("Signature",))
    return hmac_base64(f"{secret}&", f"{method.upper()}&%2F&{percent(query)}", "sha1")


def acs3_authorization(
    access_key: str,
    secret: str,
    method: str,
    path: str,
    query: Mapping[str, Any],
    headers: Iterable[tuple[str, str]],
    payload_hash: str,
) -> str:
    """The Authorization header; `headers` are those to be signed."""
    signed = sorted((name.lower(), value.strip()) for name, value in headers)
    names = ";".join(name for name, _ in signed)
    lines = "".join(f"{name}:{value}\n" for name, value in signed)
    canonical = "\n".join((method.upper(), path or "/", _query(query), lines, names, payload_hash))
    signature = hmac_hex(secret, f"{ACS3}\n{sha256_hex(canonical)}")
    return f"{ACS3} Credential={access_key},SignedHeaders={names},Signature={signature}"


def _query(params: Mapping[str, Any], without: Iterable[str] = ()) -> str:
    return "&".join(f"{percent(key)}={percent(value)}" for key, value in pairs(params, without=without))


@algorithm("aliyun_rpc")
def _rpc(inputs: Inputs) -> str:
    return rpc_signature(inputs["secret"], inputs["method"], inputs["params"])


@algorithm("acs3")
def _acs3(inputs: Inputs) -> str:
    return acs3_authorization(
        inputs["access_key"],
        inputs["secret"],
        inputs["method"],
        inputs["path"],
        inputs["query"],
        inputs["signed_headers"],
        inputs["payload_hash"],
    )
