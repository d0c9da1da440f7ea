"""eBay signatures: of notifications, of the address check, and HTTP message signatures for calls that move money."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from functools import lru_cache
from typing import Any, Final, cast

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa

from tandem.connectors.kit.algorithms import Inputs, NotGenuine, algorithm
from tandem.connectors.kit.ciphers import decoded
from tandem.connectors.kit.digests import sha256_hex
from tandem.connectors.kit.texts import compact

_PEM: Final = re.compile(r"-----BEGIN PUBLIC KEY-----\s*(.*?)\s*-----END PUBLIC KEY-----", re.DOTALL)
_DIGESTS: Final[dict[str, hashes.HashAlgorithm]] = {
    "SHA1": hashes.SHA1(),  # noqa: S303  eBay signs with it
    "SHA256": hashes.SHA256(),
}


def signature_parts(header: str) -> dict[str, str]:
    """What X-EBAY-SIGNATURE says: `alg`, `kid`, `signature`, `digest`. Raises NotGenuine."""
    try:
        found: Any = json.loads(decoded(header))
    except (ValueError, UnicodeDecodeError) as error:
        raise NotGenuine("not a signature") from error
    if not isinstance(found, dict):
        raise NotGenuine("not a signature")
    return {str(key): str(value) for key, value in cast("dict[Any, Any]", found).items()}


def is_notification(header: str, public_key: str, body: str | bytes) -> bool:
    """Whether eBay signed this body, as it came or as JavaScript would write it again."""
    raw = body.encode() if isinstance(body, str) else body
    try:
        parts = signature_parts(header)
        key = _key(public_key)
        signature, digest = decoded(parts["signature"]), _DIGESTS[parts.get("digest", "SHA1").upper()]
        if _verifies(key, signature, raw, digest):
            return True
        again = compact(json.loads(raw)).encode()
    except (NotGenuine, KeyError, ValueError):
        return False
    return again != raw and _verifies(key, signature, again, digest)


def _verifies(key: ec.EllipticCurvePublicKey, signature: bytes, body: bytes, digest: hashes.HashAlgorithm) -> bool:
    try:
        key.verify(signature, body, ec.ECDSA(digest))
    except InvalidSignature:
        return False
    return True


@lru_cache(maxsize=256)
def _key(text: str) -> ec.EllipticCurvePublicKey:
    """The platform leaves out the line breaks around a PEM's first and last lines."""
    found = _PEM.search(text)
    key = serialization.load_der_public_key(decoded("".join((found.group(1) if found else text).split())))
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise NotGenuine("not an elliptic key")
    return key


def challenge_response(challenge_code: str, verification_token: str, endpoint: str) -> str:
    """What eBay wants to read when it checks an address."""
    return sha256_hex(f"{challenge_code}{verification_token}{endpoint}")


def content_digest(body: str, label: str = "sha-256") -> str:
    """The Content-Digest header of a body."""
    name = label.replace("-", "")
    return f"{label}=:{base64.b64encode(hashlib.new(name, body.encode()).digest()).decode()}:"


def message_signature(private_key: str, base: str) -> str:
    """The Signature header over a signature base, by an Ed25519 or RSA key. Raises TypeError for another key."""
    key = serialization.load_pem_private_key(private_key.encode(), None)
    if isinstance(key, ed25519.Ed25519PrivateKey):
        made = key.sign(base.encode())
    elif isinstance(key, rsa.RSAPrivateKey):
        made = key.sign(base.encode(), padding.PKCS1v15(), hashes.SHA256())
    else:
        raise TypeError("eBay takes Ed25519 and RSA keys")
    return f"sig1=:{base64.b64encode(made).decode()}:"


@algorithm("ebay_ecdsa")
def _notification(inputs: Inputs) -> bool:
    return is_notification(inputs["x_ebay_signature"], inputs["public_key"], inputs["body"])


@algorithm("ebay_challenge")
def _challenge(inputs: Inputs) -> str:
    return challenge_response(inputs["challenge_code"], inputs["verification_token"], inputs["endpoint"])


@algorithm("ebay_content_digest")
def _digest(inputs: Inputs) -> str:
    return content_digest(inputs["body"], inputs.get("label", "sha-256"))


@algorithm("ebay_ed25519")
def _message(inputs: Inputs) -> str:
    return message_signature(inputs["private_key_pem"], inputs["signature_base"])
