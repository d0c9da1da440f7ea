"""Our own RSA keys, one for each `publickey_ver`: a message names the one that opens it, and old ones are never thrown away."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_der_private_key

_ONE: Final = re.compile(r"(\d{1,9})\s*[:：]\s*([^:：]+?)(?=(?:[\s,;]+\d{1,9}\s*[:：])|\Z)", re.DOTALL)
_FRAME: Final = re.compile(r"-----[A-Z ]+-----|[\s,;]+")


class NoKey(Exception):
    """There is no key of this version, or it does not open this."""


@lru_cache(maxsize=64)
def keys_of(text: str) -> Mapping[int, RSAPrivateKey]:
    """Keys as they are pasted: `1: <PEM or its base64>`, one after the other. Raises NoKey for text that is none.

    Line breaks do not matter (a form's field may lose them); PKCS#1 and PKCS#8 both do.
    """
    found: dict[int, RSAPrivateKey] = {}
    for version, pasted in _ONE.findall(text.strip()):
        try:
            key = load_der_private_key(base64.b64decode(_FRAME.sub("", pasted), validate=True), None)
        except (ValueError, binascii.Error) as error:
            raise NoKey(f"the private key of version {version} cannot be read") from error
        if not isinstance(key, RSAPrivateKey):
            raise NoKey(f"the private key of version {version} is no RSA key")
        found[int(version)] = key
    if not found:
        raise NoKey("no private key, written as 1: and its text")
    return found


def random_key(keys: Mapping[int, RSAPrivateKey], version: int, sealed: str) -> str:
    """A message's random key, as the library takes it (PKCS#1 v1.5). Raises NoKey."""
    key = keys.get(version)
    if key is None:
        raise NoKey(f"no private key of version {version}")
    try:
        return key.decrypt(base64.b64decode(sealed, validate=True), PKCS1v15()).decode()
    except (ValueError, binascii.Error) as error:
        raise NoKey(f"the private key of version {version} does not open it") from error
