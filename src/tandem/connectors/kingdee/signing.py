"""Kingdee signatures: headers of a call, and the sorted hash of a log-in."""

from __future__ import annotations

import base64
from typing import Any, Final
from urllib.parse import quote, urlsplit

from tandem.connectors.kit.algorithms import Inputs, algorithm
from tandem.connectors.kit.ciphers import decoded
from tandem.connectors.kit.digests import hmac_hex, sha256_hex
from tandem.connectors.kit.texts import plain

_MASK: Final = b"0054f397c6234378b09ca7d3e5debce7"
"""Published with the vendor's SDK: it hides nothing."""


def client_secret(app_id: str) -> str:
    """The secret that an app id carries after its `_`."""
    given = decoded(app_id.partition("_")[2])
    return base64.b64encode(bytes(one ^ _MASK[index % len(_MASK)] for index, one in enumerate(given))).decode()


def api_signature(app_id: str, url: str, timestamp: str, nonce: str) -> str:
    """X-Api-Signature: base64 of the hexadecimal text."""
    path = quote(urlsplit(url).path, safe="-._~")
    text = f"POST\n{path}\n\nx-api-nonce:{nonce}\nx-api-timestamp:{timestamp}\n"
    return _base64(hmac_hex(client_secret(app_id), text))


def account_data(acct_id: str, user_name: str, lcid: str, org_num: str) -> str:
    """What X-Kd-Appdata carries, before base64."""
    return f"{acct_id},{user_name},{lcid},{org_num}"


def account_signature(app_id: str, app_secret: str, data: str) -> str:
    """X-Kd-Signature."""
    return _base64(hmac_hex(app_secret, app_id + data))


def login_sign(acct_id: str, user_name: str, app_id: str, app_secret: str, timestamp: str) -> str:
    """LoginBySign: SHA-256 of the sorted values, joined."""
    return sha256_hex("".join(sorted((acct_id, user_name, app_id, app_secret, timestamp))))


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@algorithm("kingdee")
def _headers(inputs: Inputs) -> dict[str, Any]:
    data = account_data(
        inputs["acct_id"], inputs["user_name"], plain(inputs.get("lcid", 2052)), plain(inputs.get("org_num", 0))
    )
    return {
        "decoded_client_secret": client_secret(inputs["app_id"]),
        "X-Api-Signature": api_signature(
            inputs["app_id"], inputs["url"], plain(inputs["timestamp"]), plain(inputs["nonce"])
        ),
        "X-Kd-Appdata": _base64(data),
        "X-Kd-Signature": account_signature(inputs["app_id"], inputs["app_secret"], data),
    }


@algorithm("kingdee_loginbysign")
def _login(inputs: Inputs) -> str:
    return login_sign(
        inputs["acct_id"], inputs["user_name"], inputs["app_id"], inputs["app_secret"], plain(inputs["timestamp"])
    )
