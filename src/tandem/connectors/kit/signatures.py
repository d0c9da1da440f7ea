"""Signatures that several platforms share, and the raw primitives that vectors name."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tandem.connectors.kit import ciphers
from tandem.connectors.kit.algorithms import Inputs, algorithm
from tandem.connectors.kit.digests import hashed, hmac_base64, hmac_hex, md5_hex, sha1_hex
from tandem.connectors.kit.texts import equations, joined, percent, plain


def wrapped_md5(secret: str, params: Mapping[str, Any], *, empty: bool = False) -> str:
    """MD5 over secret + sorted key+value + secret, lower-case hex; `sign` stays out, empty pairs too unless asked for."""
    return md5_hex(secret + joined(params, without=("sign",), empty=empty) + secret)


def hmac_pairs(secret: str, params: Mapping[str, Any], *, path: str = "", digest: str = "sha256") -> str:
    """HMAC over path + sorted key+value, upper-case hex; `sign` and empty pairs stay out (TOP, Lazada, AliExpress)."""
    return hmac_hex(secret, path + joined(params, without=("sign",), empty=False), digest).upper()


def oauth1(
    method: str, url: str, oauth: Mapping[str, Any], *, consumer_secret: str, token_secret: str, digest: str
) -> str:
    """The OAuth 1.0a signature (RFC 5849) of a request without form body, base64."""
    parts = urlsplit(url)
    default = {"http": 80, "https": 443}.get(parts.scheme.lower())
    port = "" if parts.port in (None, default) else f":{parts.port}"
    base_url = f"{parts.scheme.lower()}://{(parts.hostname or '').lower()}{port}{parts.path or '/'}"
    given = [*parse_qsl(parts.query, keep_blank_values=True)]
    given += [(key, plain(value)) for key, value in oauth.items() if key not in {"oauth_signature", "realm"}]
    normal = "&".join(f"{key}={value}" for key, value in sorted((percent(k), percent(v)) for k, v in given))
    base = "&".join((method.upper(), percent(base_url), percent(normal)))
    return hmac_base64(f"{percent(consumer_secret)}&{percent(token_secret)}", base, digest)


def standard_webhook(secret: str, message_id: str, timestamp: str, body: str) -> str:
    """`v1,<base64>` of Standard Webhooks; `secret` in base64, with or without `whsec_`."""
    key = ciphers.decoded(secret.removeprefix("whsec_"))
    return "v1," + hmac_base64(key, f"{message_id}.{timestamp}.{body}")


def pkce(verifier: str) -> str:
    """The S256 challenge of a code verifier (RFC 7636)."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


@algorithm("wrap_md5_upper")
def _wrap_upper(inputs: Inputs) -> str:
    return wrapped_md5(inputs["secret"], inputs["params"]).upper()


@algorithm("wrap_md5_lower")
def _wrap_lower(inputs: Inputs) -> str:
    return wrapped_md5(inputs["secret"], inputs["params"], empty=True)


@algorithm("hmac_kv_upper")
def _hmac_pairs(inputs: Inputs) -> str:
    return hmac_pairs(
        inputs["secret"], inputs["params"], path=inputs.get("path", ""), digest=inputs.get("digest", "sha256")
    )


@algorithm("hmac_hex")
def _hmac_hex(inputs: Inputs) -> str:
    return inputs.get("prefix", "") + hmac_hex(inputs["secret"], inputs["message"])


@algorithm("hmac_b64")
def _hmac_base64(inputs: Inputs) -> str:
    return hmac_base64(inputs["secret"], inputs["message"])


@algorithm("concat_hash")
def _concatenated(inputs: Inputs) -> str:
    text = hashed(inputs["digest"], inputs["string"])
    return text.upper() if inputs.get("upper") else text


@algorithm("sorted_sha1")
def _sorted_sha1(inputs: Inputs) -> str:
    return sha1_hex("".join(sorted(plain(one) for one in inputs["values"])))


@algorithm("oauth1")
def _oauth1(inputs: Inputs) -> str:
    named = str(inputs["oauth"].get("oauth_signature_method", "HMAC-SHA256"))
    return oauth1(
        inputs["method"],
        inputs["url"],
        inputs["oauth"],
        consumer_secret=inputs["consumer_secret"],
        token_secret=inputs.get("token_secret", ""),
        digest=named.removeprefix("HMAC-").lower(),
    )


@algorithm("standard_webhook")
def _standard(inputs: Inputs) -> str:
    return standard_webhook(inputs["secret_b64"], inputs["id"], plain(inputs["timestamp"]), inputs["body"])


@algorithm("pkce")
def _pkce(inputs: Inputs) -> str:
    return pkce(inputs["verifier"])


@algorithm("rsa_sha256_verify")
def _verified(inputs: Inputs) -> bool:
    return ciphers.rsa_verifies(inputs["public_key_or_cert_pem"], inputs["message"].encode(), inputs["signature_b64"])


@algorithm("rsa_sha256_sign")
def _signed(inputs: Inputs) -> str:
    return ciphers.rsa_signature(inputs["private_key_pem"], inputs["message"].encode())


@algorithm("aes_cbc_pkcs7_dec")
def _cbc(inputs: Inputs) -> str:
    key = key_of(inputs["key"], inputs.get("key_encoding", "utf8"))
    sealed = ciphers.decoded(inputs["ciphertext_b64"])
    named = inputs["iv"]
    if named == "first16":
        named, iv, sealed = "", sealed[:16], sealed[16:]
    else:
        ready = {"zero16": bytes(16), "key_first16": key[:16]}
        iv = ready.get(named) or key_of(named, inputs.get("iv_encoding", "utf8"))
    return ciphers.text_of(ciphers.cbc_decrypt(key, iv, sealed))


@algorithm("aes_gcm_dec")
def _gcm(inputs: Inputs) -> str:
    key = key_of(inputs["key"], inputs.get("key_encoding", "utf8"))
    nonce = key_of(inputs["nonce"], inputs.get("nonce_encoding", "utf8"))
    sealed = ciphers.decoded(inputs["ciphertext_b64"]) + ciphers.decoded(inputs.get("tag_b64", ""))
    return ciphers.text_of(ciphers.gcm_decrypt(key, nonce, sealed, inputs.get("associated_data", "").encode()))


def key_of(text: str, encoding: str) -> bytes:
    """A key's bytes: `utf8`, `b64`, `hex`, or `sha256_of_utf8`. Raises ValueError for another encoding."""
    if encoding == "utf8":
        return text.encode()
    if encoding in {"b64", "base64"}:
        return ciphers.decoded(text)
    if encoding == "hex":
        return bytes.fromhex(text)
    if encoding == "sha256_of_utf8":
        return hashlib.sha256(text.encode()).digest()
    raise ValueError(f"no such encoding of a key: {encoding}")


__all__ = ["equations", "hmac_pairs", "key_of", "oauth1", "pkce", "standard_webhook", "wrapped_md5"]
