"""Keys and seals for personal data (ENGINE_RULES 20).

A master key held outside the database wraps one key per tenant; the tenant key wraps one data key per customer (and one per day for
raw payloads). Destroying a data key erases what it sealed. Equality is by keyed hash, so that a stolen table answers no guess.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tandem.kernel.errors import Misconfigured

KEY_BYTES = 32
NONCE_BYTES = 12
BLIND_BYTES = 16


def _seal(key: bytes, plain: bytes, context: bytes) -> bytes:
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plain, context)


def _open(key: bytes, sealed: bytes, context: bytes) -> bytes:
    try:
        return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], context)
    except InvalidTag as error:
        raise Misconfigured(
            "key_mismatch",
            "数据密钥与主密钥不匹配：请恢复原来的主密钥文件或 TANDEM_MASTER_KEY。",
            "The stored keys do not fit this master key: restore the original key file or TANDEM_MASTER_KEY.",
        ) from error


@dataclass(frozen=True)
class MasterKey:
    """The installation's root secret, 32 bytes (`Settings.master_key_bytes`)."""

    secret: bytes

    def new_tenant_key(self) -> bytes:
        """A fresh tenant key, already wrapped: what is stored in the tenant's row."""
        return _seal(self.secret, secrets.token_bytes(KEY_BYTES), b"tenant")

    def tenant_keys(self, wrapped: bytes) -> TenantKeys:
        """Open a tenant's wrapped key."""
        return TenantKeys(_open(self.secret, wrapped, b"tenant"))


@dataclass(frozen=True)
class TenantKeys:
    """What a tenant's key can do. Held in memory only."""

    secret: bytes

    @cached_property
    def _blinding(self) -> hashlib.blake2b:
        """A hash that has the key and no text yet: copied for each text, since setting one up costs as much as hashing."""
        key = hmac.new(self.secret, b"blind", hashlib.sha256).digest()
        return hashlib.blake2b(key=key, digest_size=BLIND_BYTES)

    def blind(self, kind: str, scope: str, value: str) -> bytes:
        """A 16-byte keyed hash of one identifier: equal values give equal hashes, and nothing else can be learnt."""
        digest = self._blinding.copy()
        digest.update(f"{kind}\x1f{scope}\x1f{value}".encode())
        return digest.digest()

    def new_data_key(self) -> tuple[bytes, bytes]:
        """A fresh data key and its wrapped form (60 bytes) for storing."""
        key = secrets.token_bytes(KEY_BYTES)
        return key, _seal(self.secret, key, b"data")

    def unwrap(self, wrapped: bytes) -> bytes:
        """Open a wrapped data key."""
        return _open(self.secret, wrapped, b"data")

    @staticmethod
    def seal(data_key: bytes, text: str) -> bytes:
        """Encrypt `text` under a data key (AES-256-GCM, fresh nonce)."""
        return _seal(data_key, text.encode(), b"value")

    @staticmethod
    def seal_all(data_key: bytes, plains: Sequence[bytes]) -> list[bytes]:
        """What `seal` does, for many texts (given as UTF-8) under one key: a cipher set up once, chance asked for once."""
        encrypt = AESGCM(data_key).encrypt
        chance = secrets.token_bytes(NONCE_BYTES * len(plains))
        nonces = [chance[start : start + NONCE_BYTES] for start in range(0, len(chance), NONCE_BYTES)]
        return [nonce + encrypt(nonce, plain, b"value") for nonce, plain in zip(nonces, plains, strict=True)]

    @staticmethod
    def open(data_key: bytes, sealed: bytes) -> str:
        """Decrypt what `seal` made. Raises Misconfigured when the key does not fit."""
        return _open(data_key, sealed, b"value").decode()

    @staticmethod
    def seal_bytes(data_key: bytes, plain: bytes) -> bytes:
        """Encrypt bytes (a stretch of a file) under a data key."""
        return _seal(data_key, plain, b"bytes")

    @staticmethod
    def open_bytes(data_key: bytes, sealed: bytes) -> bytes:
        """Decrypt what `seal_bytes` made. Raises Misconfigured when the key does not fit."""
        return _open(data_key, sealed, b"bytes")
