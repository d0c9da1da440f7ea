"""WeChat Pay signatures: version 2 by key, version 3 by certificate, and what a notification holds."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, cast

from tandem.connectors.kit.algorithms import Inputs, NotGenuine, algorithm
from tandem.connectors.kit.ciphers import decoded, gcm_decrypt, rsa_signature, rsa_verifies, text_of
from tandem.connectors.kit.digests import hmac_hex, md5_hex
from tandem.connectors.kit.texts import equations, plain

PROBE = "WECHATPAY/SIGNTEST/"


def sign_v2(key: str, params: Mapping[str, Any], sign_type: str = "MD5") -> str:
    """The upper-case `sign` of version 2; empty values stay out."""
    base = f"{equations(params, without=('sign',), empty=False)}&key={key}"
    return (hmac_hex(key, base) if sign_type == "HMAC-SHA256" else md5_hex(base)).upper()


def sign_v3(private_key: str, method: str, url: str, timestamp: str, nonce: str, body: str) -> str:
    """The signature of the Authorization header; `url` is path and query."""
    return rsa_signature(private_key, f"{method}\n{url}\n{timestamp}\n{nonce}\n{body}\n".encode())


def is_notification(certificate: str, timestamp: str, nonce: str, body: str, signature: str) -> bool:
    """Whether WeChat Pay signed this call. Its own probes must fail. The caller looks at the timestamp's age."""
    if signature.startswith(PROBE):
        return False
    return rsa_verifies(certificate, f"{timestamp}\n{nonce}\n{body}\n".encode(), signature)


def open_resource(api_key: str, body: str) -> str:
    """What a notification's sealed resource says. Raises NotGenuine."""
    try:
        resource = cast("dict[str, str]", json.loads(body)["resource"])
        sealed, nonce = decoded(resource["ciphertext"]), resource["nonce"].encode()
    except (ValueError, KeyError, TypeError) as error:
        raise NotGenuine("not a notification") from error
    return text_of(gcm_decrypt(api_key.encode(), nonce, sealed, (resource.get("associated_data") or "").encode()))


@algorithm("wxpay_v2")
def _v2(inputs: Inputs) -> str:
    return sign_v2(inputs["key"], inputs["params"], inputs.get("sign_type", "MD5"))


@algorithm("wxpay_v3_notify")
def _notification(inputs: Inputs) -> dict[str, Any]:
    valid = is_notification(
        inputs["platform_cert_pem"],
        plain(inputs["timestamp"]),
        inputs["nonce"],
        inputs["body"],
        inputs["signature_b64"],
    )
    # Nothing that is not verified gets opened.
    return {
        "signature_valid": valid,
        "plaintext": open_resource(inputs["api_v3_key"], inputs["body"]) if valid else None,
    }
