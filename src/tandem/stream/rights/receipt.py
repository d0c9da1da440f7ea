"""The receipt of an erasure or export: counts by table, hashed and signed, so that it can be shown to be ours and unaltered."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tandem.kernel.crypto import TenantKeys


@dataclass(frozen=True, slots=True)
class Sealed:
    """A receipt's hash (SHA-256 of its canonical JSON) and our signature over it (HMAC under a key of the tenant's), in hex."""

    digest: str
    signature: str


def canonical(receipt: Mapping[str, Any]) -> bytes:
    """The bytes that are hashed: keys sorted, no spaces, UTF-8."""
    return json.dumps(receipt, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def seal(keys: TenantKeys, receipt: Mapping[str, Any]) -> Sealed:
    """Hash and sign a receipt."""
    digest = hashlib.sha256(canonical(receipt)).hexdigest()
    key = hmac.new(keys.secret, b"receipt", hashlib.sha256).digest()
    return Sealed(digest, hmac.new(key, digest.encode(), hashlib.sha256).hexdigest())


def is_genuine(keys: TenantKeys, receipt: Mapping[str, Any], digest: str, signature: str) -> bool:
    """Whether a receipt is the one that was signed."""
    made = seal(keys, receipt)
    return hmac.compare_digest(made.digest, digest) and hmac.compare_digest(made.signature, signature)
