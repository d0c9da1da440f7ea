"""Hashes of text: the few forms that platforms use. Text is UTF-8 throughout."""

from __future__ import annotations

import base64
import hashlib
import hmac


def _bytes(value: str | bytes) -> bytes:
    return value.encode() if isinstance(value, str) else value


def md5_hex(text: str | bytes) -> str:
    """MD5, lower-case hex. Platforms ask for it; nothing of ours rests on it."""
    return hashlib.md5(_bytes(text), usedforsecurity=False).hexdigest()


def sha1_hex(text: str | bytes) -> str:
    """SHA-1, lower-case hex."""
    return hashlib.sha1(_bytes(text), usedforsecurity=False).hexdigest()


def sha256_hex(text: str | bytes) -> str:
    """SHA-256, lower-case hex."""
    return hashlib.sha256(_bytes(text)).hexdigest()


def hashed(name: str, text: str | bytes) -> str:
    """Lower-case hex of a hash by its name (`md5`, `sha1`, `sha256`...). Raises ValueError for a name that is none."""
    return hashlib.new(name, _bytes(text), usedforsecurity=False).hexdigest()


def hmac_bytes(key: str | bytes, text: str | bytes, digest: str = "sha256") -> bytes:
    """HMAC of a text."""
    return hmac.new(_bytes(key), _bytes(text), digest).digest()


def hmac_hex(key: str | bytes, text: str | bytes, digest: str = "sha256") -> str:
    """HMAC, lower-case hex."""
    return hmac_bytes(key, text, digest).hex()


def hmac_base64(key: str | bytes, text: str | bytes, digest: str = "sha256") -> str:
    """HMAC, base64."""
    return base64.b64encode(hmac_bytes(key, text, digest)).decode()
